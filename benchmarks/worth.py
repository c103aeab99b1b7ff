"""What a result is worth: is it Python, are the comments there, are the untouched lines untouched."""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

_MARK = re.compile(r"^>>>>>>", re.MULTILINE)  # how PaConvert marks a line that it could not convert


@dataclass(frozen=True, slots=True)
class Worth:
    """Sums over the files of a corpus.

    Args:
        valid: files that parse.
        marks: lines that begin with ``>>>>>>``.
        kept: comments of the source that the result has, of ``comments``.
        same: lines of the source, blank ones apart, that the result has byte for byte, of ``lines``.
    """

    files: int = 0
    valid: int = 0
    marks: int = 0
    comments: int = 0
    kept: int = 0
    lines: int = 0
    same: int = 0


def worth(source: Path, result: Path) -> Worth:
    """Compare two folders, file by file; a missing file of the result is worth nothing."""
    total = Counter[str]()
    for path in sorted(source.rglob("*.py")):
        twin = result / path.relative_to(source)
        after = twin.read_text(encoding="utf-8") if twin.exists() else None
        total.update(asdict(worth_of_text(path.read_text(encoding="utf-8"), after)))
    return Worth(**total)


def worth_of_text(before: str, after: str | None) -> Worth:
    """Compare one file's source with its result."""
    comments, lines = _comments(before), _lines(before)
    if after is None:
        return Worth(files=1, comments=comments.total(), lines=lines.total())
    bare = _MARK.sub("", after)
    return Worth(
        files=1,
        valid=int(_is_python(after)),
        marks=len(_MARK.findall(after)),
        comments=comments.total(),
        kept=(comments & _comments(bare)).total(),
        lines=lines.total(),
        same=(lines & _lines(bare)).total(),
    )


def _is_python(text: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return True


def _comments(text: str) -> Counter[str]:
    found = Counter[str]()
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                found[token.string] += 1
    except (tokenize.TokenError, SyntaxError):
        pass  # not Python: the comments up to there count
    return found


def _lines(text: str) -> Counter[str]:
    return Counter(line for line in text.splitlines() if line.strip())
