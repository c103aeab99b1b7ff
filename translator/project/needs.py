"""What a piece of code takes from other modules, as dotted paths: ``package.ops.nms``, ``package.ops.*`` for all."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from translator.analysis.walk import walk
from translator.analysis.world import Place

Bindings = Mapping[str, frozenset[str]]  # a name to the paths that imports bind it to


@dataclass(frozen=True, slots=True)
class Bound:
    """One name that an import statement brings: ``name`` is ``*`` for all, ``path`` is what it is bound to."""

    name: str
    path: str
    alias: ast.alias


def bound(statement: ast.Import | ast.ImportFrom, place: Place) -> Iterator[Bound]:
    """The names that an import binds; of ``import a.b`` that is ``a``, while the module that it loads is ``a.b``."""
    for alias in statement.names:
        if isinstance(statement, ast.ImportFrom):
            module = place.absolute(statement.level, statement.module or "")
            yield Bound(alias.asname or alias.name, f"{module}.{alias.name}", alias)
        else:
            yield Bound(alias.asname or alias.name.partition(".")[0], alias.name, alias)


def bindings(tree: ast.AST, place: Place) -> Bindings:
    """Every name that an import anywhere in a module binds."""
    found: dict[str, set[str]] = {}
    for node in walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for one in bound(node, place):
                is_first = isinstance(node, ast.Import) and not one.alias.asname
                found.setdefault(one.name, set()).add(one.name if is_first else one.path)
    return {name: frozenset(paths) for name, paths in found.items()}


def needs(code: ast.AST, place: Place, known: Bindings) -> Iterator[str]:
    """The paths that code asks for: by its own imports, by ``import_module("...")``, and through bound names.

    Args:
        known: the imports of the whole module that the code is part of.
    """
    inner: set[ast.AST] = set()
    for node in walk(code):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from (one.path for one in bound(node, place))
        elif isinstance(node, ast.Attribute | ast.Name) and node not in inner:
            yield from _through(node, known, inner)
        elif isinstance(node, ast.Call) and (module := _named(node, place)):
            yield module


def _through(node: ast.Attribute | ast.Name, known: Bindings, inner: set[ast.AST]) -> Iterator[str]:
    """``ops.boxes.nms`` through the import of ``ops``; a name that stands alone may be anything: all of it."""
    attributes: list[str] = []
    root: ast.expr = node
    while isinstance(root, ast.Attribute):
        attributes.append(root.attr)
        root = root.value
        inner.add(root)
    if isinstance(root, ast.Name):
        for path in known.get(root.id, ()):
            yield ".".join([path, *reversed(attributes)]) if attributes else f"{path}.*"


def _named(call: ast.Call, place: Place) -> str:
    """The module that ``import_module("package.ops")`` names, if it can be read off."""
    function = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    first = call.args[0] if call.args else None
    if function not in ("import_module", "__import__") or not isinstance(first, ast.Constant):
        return ""
    name = str(first.value)
    level = len(name) - len(name.lstrip("."))
    return place.absolute(level, name.lstrip("."))
