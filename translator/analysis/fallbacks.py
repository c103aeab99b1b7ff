"""Imports for other releases: ``try: from a import b`` with ``except ImportError: from c import b``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from translator.analysis.names import Import, Names
from translator.analysis.stars import Brings
from translator.analysis.walk import walk

_ERRORS = frozenset({"ImportError", "ModuleNotFoundError", "Exception"})


def settle_fallbacks(tree: ast.Module, names: Names, brings: Brings) -> None:
    """A name that a ``try`` imports and that is known to exist means that, whatever is imported where it is missing."""
    if not any(_differ(entries) for scope in names.scopes.values() for entries in scope.imports.values()):
        return
    by_statement: dict[ast.stmt, list[Import]] = {}
    for entry in names.imports:
        by_statement.setdefault(entry.statement, []).append(entry)
    for node in walk(tree):
        if isinstance(node, ast.Try):
            wanted = {e.name: e for s in node.body for e in by_statement.get(s, ()) if _exists(e, brings)}
            for statement in _instead(node):
                for entry in by_statement.get(statement, ()):
                    first = wanted.get(entry.name)
                    if first is not None and first.scope is entry.scope:
                        entry.target, entry.meaning = first.target, first.meaning


def _differ(entries: list[Import]) -> bool:
    return any(entry.meaning != entries[0].meaning for entry in entries)


def _exists(entry: Import, brings: Brings) -> bool:
    owner, _, name = entry.target.rpartition(".")
    return brings(owner, name)


def _instead(node: ast.Try) -> Iterator[ast.stmt]:
    """The statements that run where an import fails."""
    for handler in node.handlers:
        kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
        if any(kind is None or (isinstance(kind, ast.Name) and kind.id in _ERRORS) for kind in kinds):
            yield from handler.body
