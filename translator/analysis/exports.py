"""What a module is there for: the names in ``__all__``, and those that others take from it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from translator.analysis.names import Names
from translator.analysis.walk import walk


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


def needed(tree: ast.Module, names: Names) -> set[str]:
    """The names that a module has to bind for others."""
    return {name for _, name in exported(tree)} | names.place.world.taken(names.place.module)


def keep_exports(tree: ast.Module, names: Names) -> None:
    """Mark the imports that others take from a module: they stay, by their name, though the file may not use them."""
    wanted = needed(tree, names)
    read = {node.id for node in walk(tree) if isinstance(node, ast.Name)} if names.place.is_package else set()
    for name, entries in names.module.imports.items():
        for entry in entries:
            is_plain = names.place.is_package and entry.is_from and name not in read and not name.startswith("_")
            is_doubled = entry.alias.asname == entry.alias.name
            entry.is_kept = name in wanted or is_plain or is_doubled
