"""``--suffix``: a module's public classes and builders get another name, so that both versions live side by side."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from translator.analysis.exports import exported
from translator.analysis.infer import Inference
from translator.analysis.names import Scope
from translator.analysis.text import SourceText

_DEFINITIONS = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
Renames = list[tuple[ast.expr | ast.stmt, str]]


def suffix_splices(tree: ast.Module, inference: Inference, source: SourceText, suffix: str) -> Renames:
    """(node, new name) of every definition, reference and ``__all__`` entry that the suffix changes."""
    names = _renamed(tree, inference)
    found: Renames = []

    def walk(node: ast.AST, scope: Scope) -> None:
        if isinstance(node, _DEFINITIONS) and node.name in names and scope is inference.names.module:
            found.append((node, node.name + suffix))
        if isinstance(node, ast.Name) and node.id in names and scope.holder(node.id) is inference.names.module:
            found.append((node, node.id + suffix))
        inner = inference.names.scopes.get(node, scope)
        for name, value in ast.iter_fields(node):
            is_outer = name in ("decorator_list", "bases", "keywords", "returns")
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    walk(child, scope if is_outer else inner)

    walk(tree, inference.names.module)
    for node, name in exported(tree):
        if name in names:
            written = source.text[slice(*source.range(node))]
            found.append((node, written.replace(name, name + suffix)))
    return found


def _renamed(tree: ast.Module, inference: Inference) -> set[str]:
    """Names in ``__all__``, else public layers and functions; and every function that gives one of those classes."""
    listed = {name for _, name in exported(tree)}
    top = list(_defined(tree))
    public = {s.name for s in top if (s.name in listed if listed else not s.name.startswith("_"))}
    results = {f.node.name: f.returns for f in inference.index.functions.values() if f.owner is None}
    builders = {s.name for s in top if (fact := results.get(s.name)) is not None and fact.name in public}
    return public | builders


def _defined(node: ast.AST) -> Iterator[ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]:
    """What a module defines at its top, below ``if`` and ``try``, too."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, _DEFINITIONS):
            yield child
        elif isinstance(child, ast.stmt | ast.ExceptHandler):
            yield from _defined(child)
