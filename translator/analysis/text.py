"""Source text by the positions of ``ast``: lines from 1, columns in UTF-8 bytes."""

from __future__ import annotations

import ast
import re
from bisect import bisect_right

from translator.core import Position

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


def split_lines(text: str) -> list[str]:
    """The lines that Python counts, with their ends; ``str.splitlines`` also cuts at form feeds and the like."""
    return _LINE.findall(text)


class SourceText:
    """A file's text with the offset of every line, and how its lines end."""

    def __init__(self, path: str, text: str) -> None:
        self.path, self.text = path, text
        self.lines = split_lines(text)
        self.newline = next((end for end in ("\r\n", "\n", "\r") if self.lines and self.lines[0].endswith(end)), "\n")
        self._starts = [0]
        for line in self.lines:
            self._starts.append(self._starts[-1] + len(line))

    def column(self, line: int, byte_column: int) -> int:
        """The column in characters of a column in bytes."""
        text = self.lines[line - 1] if line <= len(self.lines) else ""
        return byte_column if text.isascii() else len(text.encode()[:byte_column].decode(errors="ignore"))

    def offset(self, line: int, byte_column: int) -> int:
        """The index into ``text`` of a position."""
        return self._starts[line - 1] + self.column(line, byte_column)

    def line_of(self, offset: int) -> int:
        """The line that an index into ``text`` is on."""
        return max(1, min(bisect_right(self._starts, offset), len(self.lines)))

    def line_start(self, line: int) -> int:
        """The index into ``text`` where a line begins."""
        return self._starts[min(line - 1, len(self._starts) - 1)]

    def logical_line(self, line: int) -> int:
        """The line where the lines begin that a backslash at their end joins with this one."""
        while line > 1 and self.lines[line - 2].rstrip("\r\n").endswith("\\"):
            line -= 1
        return line

    def range(self, node: ast.expr | ast.stmt | ast.alias) -> tuple[int, int]:
        """The indices into ``text`` of a node."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self.offset(node.lineno, node.col_offset), self.offset(node.end_lineno, node.end_col_offset)

    def name_range(self, node: ast.expr | ast.stmt | ast.alias) -> tuple[int, int]:
        """The indices into ``text`` of the name that a statement defines or imports; else of the whole node."""
        if isinstance(node, ast.alias):
            start, _ = self.range(node)
            return start, start + len(node.name)
        if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            return self.range(node)
        start = self.offset(node.lineno, node.col_offset)
        found = re.compile(rf"(?:class|def)\s+({node.name})\b").search(self.text, start)
        assert found is not None
        return found.span(1)

    def position(self, node: ast.expr | ast.stmt | ast.alias) -> Position:
        """The Position of a node."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return Position(
            self.path,
            node.lineno,
            self.column(node.lineno, node.col_offset),
            node.end_lineno,
            self.column(node.end_lineno, node.end_col_offset),
        )
