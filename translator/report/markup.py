"""Code as HTML: Python's own tokens coloured, ranges marked. Every character of the code is escaped here."""

from __future__ import annotations

import difflib
import io
import keyword
import re
import token
import tokenize
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup, escape

WORD = re.compile(r"\w+|\s+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Mark:
    """A range of one line, columns from 0 and the end exclusive, and the CSS class that it gets."""

    start: int
    end: int
    css: str


def syntax(lines: list[str]) -> dict[int, list[Mark]]:
    """Marks for keywords, strings, comments, numbers and names after ``def`` and ``class``, by line number.

    What cannot be tokenized (not Python, or a newer grammar) has marks up to that place.
    """
    marks: dict[int, list[Mark]] = defaultdict(list)
    before = ""
    try:
        for found in tokenize.generate_tokens(io.StringIO("\n".join(lines) + "\n").readline):
            css = "d" if before in ("def", "class") else _css(found)
            if css:
                for line, start, end in spread(*found.start, *found.end, lines):
                    marks[line].append(Mark(start, end, css))
            before = found.string
    except (tokenize.TokenError, SyntaxError):
        pass
    return marks


def _css(found: tokenize.TokenInfo) -> str:
    name = token.tok_name[found.type]
    if name == "NAME":
        return "k" if keyword.iskeyword(found.string) else "b" if found.string == "self" else ""
    if name.startswith("FSTRING"):
        return "s"
    return {"STRING": "s", "COMMENT": "c", "NUMBER": "n"}.get(name, "")


def spread(line: int, column: int, end_line: int, end_column: int, lines: list[str]) -> Iterable[tuple[int, int, int]]:
    """A range as (line, start, end), one for each of its lines that exists; indentation is left out of later lines."""
    for number in range(max(line, 1), min(end_line or line, len(lines)) + 1):
        text = lines[number - 1]
        start = column if number == line else len(text) - len(text.lstrip())
        end = min(end_column, len(text)) if number == (end_line or line) else len(text)
        if start < end:
            yield number, start, end


def words_changed(before: str, after: str) -> tuple[list[Mark], list[Mark]]:
    """What differs between two corresponding lines, word by word: marks for the first and for the second."""
    a, b = WORD.findall(before), WORD.findall(after)
    left: list[Mark] = []
    right: list[Mark] = []
    for kind, a0, a1, b0, b1 in difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if kind != "equal":
            left.append(_words(a, a0, a1, "x"))
            right.append(_words(b, b0, b1, "x"))
    return [m for m in left if m.start < m.end], [m for m in right if m.start < m.end]


def _words(words: list[str], first: int, last: int, css: str) -> Mark:
    start = sum(map(len, words[:first]))
    return Mark(start, start + sum(map(len, words[first:last])), css)


def html(line: str, marks: Iterable[Mark]) -> Markup:
    """One line of code as escaped HTML; marks may overlap in any way."""
    listed = [mark for mark in marks if mark.start < mark.end]
    cuts = sorted({0, len(line), *(min(c, len(line)) for m in listed for c in (m.start, m.end))})
    out = Markup()
    for start, end in pairwise(cuts):
        classes = sorted({css for m in listed if m.start <= start and end <= m.end for css in m.css.split()})
        text = escape(line[start:end])
        out += Markup('<span class="{}">{}</span>').format(" ".join(classes), text) if classes else text
    return out
