"""Annotations in quotes and in comments: read as if they were written plainly."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from translator.analysis.text import SourceText

_QUOTE = re.compile(r"'''|\"\"\"|'|\"")
_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")
_COMMENT = re.compile(r"#[ \t]*type:(?![ \t]*ignore\b)([^\r\n]+)")
_DOTTED = re.compile(r"(?<![\w.])[^\W\d]\w*(?:\.\w+)*")


def unquote(tree: ast.Module, source: SourceText) -> None:
    """Put the expression of ``x: "a.B"`` into the tree in the string's place, at its position in the file."""
    stack: list[ast.AST] = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.AnnAssign | ast.arg) and node.annotation is not None:
            node.annotation = _plain(node.annotation, source)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            a = node.args
            stack += (*a.posonlyargs, *a.args, *a.kwonlyargs, *filter(None, (a.vararg, a.kwarg)))
            node.returns = _plain(node.returns, source) if node.returns else None
        for name in _BLOCKS:
            stack += getattr(node, name, ())


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
    for comment in _COMMENT.finditer(source.text):
        line = source.line_of(comment.start())
        for name in _DOTTED.finditer(source.text, *comment.span(1)):
            yield line, name.start() - source.line_start(line), name[0]
