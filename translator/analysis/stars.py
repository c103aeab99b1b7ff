"""Star imports: which of a module's names they bring."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable

from translator.analysis.exports import needed
from translator.analysis.names import Import, Names

Brings = Callable[[str, str], bool]  # whether a star import of an outer module is known to bring a name

_BUILTINS = frozenset(dir(builtins)) | {"__file__", "__path__"}


def bind_stars(tree: ast.Module, names: Names, brings: Brings) -> None:
    """Bind the names that nothing but a star import can bring, as if the statement listed them."""
    for entry in names.imports:
        if entry.is_passed and not names.place.world.has(entry.target):
            entry.target = _brought(entry.module, entry.alias.name, names, brings) or entry.target
            entry.meaning = names.canonical(entry.target)
    stars = [entry for entry in names.imports if entry.name == "*"]
    for name in sorted(unbound(tree, names)) if stars else ():
        for star in reversed(stars):
            target = _brought(star.module, name, names, brings)
            if target is not None:
                _bind(star, name, target, names)
                break
    names.unexplained = _unexplained(names) if stars else set()


def unbound(tree: ast.Module, names: Names) -> set[str]:
    """Names that the module reads, lists or has to give to others, and no statement binds."""
    missing = {name for name in needed(tree, names) if name.isidentifier() and not names.module.is_local(name)}
    return missing | {node.id for node, scope in names.reads if not scope.is_local(node.id)}


def _unexplained(names: Names) -> set[str]:
    """Names that the module reads, and of which nothing says where they come from."""
    return {node.id for node, scope in names.reads if not scope.is_local(node.id)} - _BUILTINS


def _brought(module: str, name: str, names: Names, brings: Brings) -> str | None:
    """What ``from module import *`` binds a name to, if it brings it."""
    world = names.place.world
    summary = world.modules.get(module)
    if summary is None:
        return f"{module}.{name}" if not name.startswith("_") and brings(module, name) else None
    if name in world.public(module):
        return world.member(module, name)
    stars = reversed(summary.stars if summary.exports is None else ())
    return next((found for star in stars if (found := _brought(star, name, names, brings))), None)


def _bind(star: Import, name: str, target: str, names: Names) -> None:
    alias = ast.copy_location(ast.alias(name), star.alias)
    found = Import(name, target, star.module, True, names.canonical(target), alias, star.statement, star.scope)
    found.is_passed = star.is_passed
    names.imports.append(found)
    names.starred.setdefault(star.statement, []).append(found)
    star.scope.imports.setdefault(name, []).append(found)
