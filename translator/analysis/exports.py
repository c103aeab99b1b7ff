"""``__all__``: the names that a module says it is there for."""

from __future__ import annotations

import ast
from collections.abc import Iterator


def exported(tree: ast.Module) -> list[tuple[ast.Constant, str]]:
    """(string, name) of every entry of ``__all__`` that is written out, in source order."""
    return [(node, node.value) for value in _values(tree) for node in _strings(value) if isinstance(node.value, str)]


def _values(tree: ast.Module) -> Iterator[ast.expr]:
    """Everything that is put into ``__all__``: assigned, added, or given to one of its methods."""
    for statement in tree.body:
        match statement:
            case ast.Assign(targets=[target], value=value) | ast.AugAssign(target=target, value=value):
                yield from (value,) if _is_all(target) else ()
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                yield from (value,) if _is_all(target) else ()
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=owner), args=given)):
                yield from given if _is_all(owner) else ()


def _is_all(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "__all__"


def _strings(node: ast.expr) -> Iterator[ast.Constant]:
    if isinstance(node, ast.Constant):
        yield node
    elif isinstance(node, ast.List | ast.Tuple | ast.Set):
        for part in node.elts:
            yield from _strings(part)
    elif isinstance(node, ast.BinOp):
        yield from _strings(node.left)
        yield from _strings(node.right)
