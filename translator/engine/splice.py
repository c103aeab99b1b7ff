"""Changes of a source text: ranges that get another text, put in all at once; no comment is lost."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from translator.analysis.text import SourceText, split_lines
from translator.rewrites import Edit

_INDENT = re.compile(r"^[ \t\f]*")


@dataclass(frozen=True, slots=True)
class Splice:
    """``source[start:end]`` becomes ``text``; ``edits`` say why."""

    start: int
    end: int
    text: str
    edits: tuple[Edit, ...] = ()


def comments_in(text: str) -> list[str]:
    """The comments in an expression or an import statement, without the white space that ends a line."""
    if "#" not in text:
        return []
    tokens = tokenize.generate_tokens(io.StringIO(f"({text}\n)").readline)
    return [token.string.rstrip() for token in tokens if token.type == tokenize.COMMENT]


def lost_comments(old: str, new: str, statement: ast.stmt | ast.expr, source: SourceText) -> Iterator[Splice]:
    """Comments that the changed text has no place for move to lines of their own above the statement."""
    before = comments_in(old)
    lost = list((Counter(before) - Counter(comments_in(new))).elements()) if before else []
    if lost:
        start = source.line_start(source.logical_line(statement.lineno))
        indent = _INDENT.findall(source.lines[statement.lineno - 1])[0]
        yield Splice(start, start, "".join(f"{indent}{comment}{source.newline}" for comment in lost))


def spliced(source: SourceText, changes: list[Splice]) -> tuple[str, tuple[int, ...], list[tuple[Edit, int, int]]]:
    """Put the changes into the source.

    Returns:
        The output text; for each of its lines the source line, 0 for a new one; (edit, first, last output line).
    """
    parts: list[str] = []
    lines: list[int] = []
    placed: list[tuple[Edit, int, int]] = []
    at, is_line_start = 0, True

    def emit(piece: str, line_of: Callable[[int], int]) -> None:
        nonlocal is_line_start
        if piece.startswith("\n") and parts and parts[-1].endswith("\r"):
            piece = f" {piece}"  # two line ends that together would be one
        for i, part in enumerate(split_lines(piece)):
            if is_line_start:
                lines.append(line_of(i))
            is_line_start = part.endswith(("\n", "\r"))
        if piece:
            parts.append(piece)

    for change in sorted(changes, key=lambda c: (c.start, c.end)):
        copied = source.line_of(at)
        emit(source.text[at : change.start], lambda i, first=copied: first + i)  # type: ignore[misc]
        begin = source.line_of(change.start)
        end = source.line_of(change.end) if change.end > change.start else -1
        first_line = len(lines) + is_line_start
        emit(change.text, lambda i, a=begin, b=end: min(a + i, b) if b > 0 else 0)  # type: ignore[misc]
        placed += [(edit, first_line, max(first_line, len(lines))) for edit in change.edits]
        at = change.end
    last = source.line_of(at)
    emit(source.text[at:], lambda i: last + i)
    count = max(1, len(lines))  # what is taken out at the end has no line behind it
    return "".join(parts), tuple(lines), [(edit, min(first, count), min(end, count)) for edit, first, end in placed]
