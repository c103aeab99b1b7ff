"""Calls of the source's own packages that prepare what the target has anyway."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from translator.analysis.sites import Context, Site
from translator.analysis.walk import walk
from translator.core import Diagnostic
from translator.rewrites.call import call
from translator.rewrites.registry import Edit, rewrite, unchanged
from translator.ruleset.model import Action


@rewrite
def superfluous(site: Site, action: Action) -> Edit | Diagnostic:
    """``load(path)`` goes, and ``path = find("operators")`` that only it reads; the rules know what would be loaded.

    Only in a module of one of the source's packages: what others load is theirs, and their call is like any other.
    """
    package = site.inference.place.module.partition(".")[0]
    if package not in site.inference.pack.source_packages or site.context is not Context.STATEMENT:
        return call(site, action)
    return Edit(site, unchanged, removes=True, prepared_by=tuple(_preparations(site)))


def _preparations(site: Site) -> Iterator[ast.Assign]:
    """The assignments of variables that nothing but the call's arguments reads."""
    for name in (node.id for node in site.call.args if isinstance(node, ast.Name)):
        uses = [node for node in walk(site.scope.node) if isinstance(node, ast.Name) and node.id == name]
        statement = site.inference.parents.get(uses[0])
        if len(uses) == 2 and isinstance(statement, ast.Assign) and statement.targets == uses[:1]:
            yield statement
