"""``--suffix``: a module's public classes and builders get another name, so that both versions live side by side."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from translator.analysis.exports import exported
from translator.analysis.infer import Inference
from translator.analysis.names import Import, Scope
from translator.analysis.summarize import summary_of
from translator.analysis.summary import ModuleSummary
from translator.analysis.text import SourceText
from translator.analysis.walk import children
from translator.analysis.world import World

_DEFINITIONS = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
Renames = list[tuple[ast.expr | ast.stmt | ast.alias, str]]


def suffix_splices(tree: ast.Module, inference: Inference, source: SourceText, suffix: str) -> Renames:
    """(node, new name) of every definition, import, reference and ``__all__`` entry that the suffix changes."""
    names = inference.names
    own = _renamed(tree, inference)
    imported = list(_imported(inference, suffix))
    bound = {(names.module, name): name + suffix for name in own}
    bound |= {(e.scope, e.name): new for e, new in imported if not e.alias.asname}
    found: Renames = [(s, s.name + suffix) for s in _defined(tree) if s.name in own]
    found += [(e.alias, new) for e, new in imported if e.statement not in names.starred]
    for node, scope in names.reads:
        holder = scope.holder(node.id)
        if holder is not None and (holder, node.id) in bound:
            found.append((node, bound[holder, node.id]))
    found += _members(tree, inference, suffix)
    for entry, name in exported(tree):
        if (names.module, name) in bound:
            written = source.text[slice(*source.range(entry))]
            found.append((entry, written.replace(name, bound[names.module, name])))
    return found


def _imported(inference: Inference, suffix: str) -> Iterator[tuple[Import, str]]:
    """Imports of names of the tree that the suffix changes, with the new name."""
    for entry in inference.names.imports:
        if entry.is_passed and entry.alias.name != "*":
            new = _new_name(inference.place.world, entry.module, entry.alias.name, suffix)
            if new != entry.alias.name:
                yield entry, new


def _members(tree: ast.Module, inference: Inference, suffix: str) -> Renames:
    """``module.Net`` of a module of the tree."""
    world, scopes = inference.place.world, inference.names.scopes
    found: Renames = []

    def walk(node: ast.AST, scope: Scope) -> None:
        if isinstance(node, ast.Attribute):
            module = inference.names.qualified(node.value, scope)
            if module in world.modules and (new := _new_name(world, module, node.attr, suffix)) != node.attr:
                found.append((node, f"{ast.unparse(node.value)}.{new}"))
        for child in children(node):
            walk(child, scopes.get(child, scope))

    if world.modules:
        walk(tree, inference.names.module)
    return found


def _new_name(world: World, module: str, name: str, suffix: str) -> str:
    """What a module of the tree calls one of its names afterwards."""
    summary = world.modules.get(module)
    if summary is None:
        return name
    if summary.defines(name):
        return name + suffix if name in _renamed_in(summary) else name
    owner, _, inner = summary.imports.get(name, "").partition(":")
    if inner == name and (owner, inner) != (module, name):
        return _new_name(world, owner, name, suffix)
    star = next((star for star in reversed(summary.stars) if name in world.public(star)), None)
    return _new_name(world, star, name, suffix) if star is not None and not summary.binds(name) else name


def _renamed(tree: ast.Module, inference: Inference) -> set[str]:
    """The names of a module's own that the suffix changes."""
    summary = inference.place.world.modules.get(inference.place.module)
    return _renamed_in(summary or summary_of(tree, inference, SourceText("", "")))


def _renamed_in(summary: ModuleSummary) -> set[str]:
    """Names in ``__all__``, else public classes and functions; and every function that gives one of those classes."""
    top = {name for name in (*summary.classes, *summary.functions) if summary.defines(name)}
    public = {name for name in top if (name in summary.exports if summary.exports else not name.startswith("_"))}
    results = {name: function.returns for name, function in summary.functions.items()}
    prefix = f"{summary.name}." if summary.name else ""
    return public | {name for name, fact in results.items() if fact and fact.name.removeprefix(prefix) in public}


def _defined(node: ast.AST) -> Iterator[ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]:
    """What a module defines at its top, below ``if`` and ``try``, too."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, _DEFINITIONS):
            yield child
        elif isinstance(child, ast.stmt | ast.ExceptHandler):
            yield from _defined(child)
