"""Annotations in quotes and in comments: read as if they were written plainly."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from translator.analysis.text import SourceText
from translator.analysis.walk import walk

_QUOTE = re.compile(r"'''|\"\"\"|'|\"")
_HINT = re.compile(r"(?::|->|[\[,|(])\s*['\"]")  # a string where an annotation or a part of one may stand
_COMMENT = re.compile(r"#\s*type:\s*(?!ignore\b)(.+)")
_DOTTED = re.compile(r"(?<![\w.])[^\W\d]\w*(?:\.\w+)*")


def unquote(tree: ast.Module, source: SourceText) -> None:
    """Put the expression of ``x: "a.B"`` into the tree in the string's place, at its position in the file."""
    if not _HINT.search(source.text):
        return
    for node in walk(tree):
        if isinstance(node, ast.arg | ast.AnnAssign) and node.annotation is not None:
            node.annotation = _plain(node.annotation, source)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.returns is not None:
            node.returns = _plain(node.returns, source)


def _plain(node: ast.expr, source: SourceText) -> ast.expr:
    if isinstance(node, ast.Constant):
        return _parsed(node, source) if isinstance(node.value, str) else node
    if isinstance(node, ast.Subscript):
        is_literal = getattr(node.value, "attr", getattr(node.value, "id", "")) == "Literal"
        node.slice = node.slice if is_literal else _plain(node.slice, source)
    elif isinstance(node, ast.BinOp):
        node.left, node.right = _plain(node.left, source), _plain(node.right, source)
    elif isinstance(node, ast.Tuple | ast.List):
        node.elts = [_plain(part, source) for part in node.elts]
    return node


def _parsed(node: ast.Constant, source: SourceText) -> ast.expr:
    """The expression in a string of one line without escapes; any other string as it is."""
    start, end = source.range(node)
    text = source.text[start:end]
    quote = _QUOTE.match(text)
    if quote is None or node.lineno != node.end_lineno or text[quote.end() : -quote.end()] != node.value:
        return node
    value: str = node.value
    try:
        inner = ast.parse(value.strip(), mode="eval").body
    except (SyntaxError, ValueError):
        return node
    shift = node.col_offset + quote.end() + len(value) - len(value.lstrip())
    for part in ast.walk(inner):
        if isinstance(part, ast.expr):
            part.lineno = part.end_lineno = node.lineno
            part.col_offset, part.end_col_offset = part.col_offset + shift, (part.end_col_offset or 0) + shift
    return _plain(inner, source) if not isinstance(inner, ast.Constant) else node


def type_comments(source: SourceText) -> Iterator[tuple[int, int, str]]:
    """(line, column, dotted name) of every name in a ``# type:`` comment."""
    for number, line in enumerate(source.lines, 1) if "type:" in source.text else ():
        comment = _COMMENT.search(line)
        for name in _DOTTED.finditer(line, *comment.span(1)) if comment else ():
            yield number, name.start(), name[0]
