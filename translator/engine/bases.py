"""Classes that extend a layer of the framework: of which class of the target, and who translates its arguments."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Protocol

from translator.analysis.sites import Context, Site
from translator.analysis.walk import walk
from translator.core import Diagnostic
from translator.rewrites.adapt import as_value
from translator.rewrites.reference import takes_the_same
from translator.rewrites.registry import Edit, unchanged
from translator.ruleset.branches import is_class
from translator.ruleset.model import Rule


class Decisions(Protocol):
    """What a plan has decided on so far."""

    edits: dict[ast.AST, Edit]
    left: dict[ast.AST, tuple[Site, Diagnostic]]


def settle_bases(tree: ast.Module, plan: Decisions) -> None:
    """Extend the target's class where every argument that it gets is in view, else the adapter of its rule.

    ``super().__init__(size, eps=eps)`` can be translated where it stands. A class without such a call is constructed
    with the source's arguments, by whoever uses it, and one with ``super().__init__(**options)`` hands on unknown ones.
    """
    bases = {node: edit.site for node, edit in plan.edits.items() if edit.site.context is Context.BASE}
    bases = {node: site for node, site in bases.items() if site.rule is not None and _differs(site.rule)}
    classes = [node for node in walk(tree) if isinstance(node, ast.ClassDef)] if bases else []
    for statement in classes:
        site = next((bases[base] for base in statement.bases if base in bases), None)
        calls = list(_constructions(statement, plan)) if site is not None else []
        if site is None or (calls and all(node in plan.edits for node in calls) and not _resets(statement, site.rule)):
            continue
        adapted = None if statement.keywords else as_value(site)
        if adapted is None:
            message = f"a class extends `{site.api}`, and its constructor takes other arguments in the target"
            plan.left[site.node] = (
                site,
                site.refuse("T306", message, hint="call `super().__init__` with plain arguments"),
            )
            del plan.edits[site.node]
            continue
        plan.edits[site.node] = adapted
        for node in calls:
            inner = plan.edits[node].site if node in plan.edits else plan.left.pop(node)[0]
            plan.edits[node] = Edit(inner, unchanged)


def _differs(rule: Rule) -> bool:
    return is_class(rule) and not all(takes_the_same(action) for action in rule.actions)


def _constructions(statement: ast.ClassDef, plan: Decisions) -> Iterator[ast.AST]:
    """The calls of the base's constructor in a class."""
    for node in walk(statement):
        site = plan.edits[node].site if node in plan.edits else plan.left[node][0] if node in plan.left else None
        if site is not None and site.use.inherited:
            yield node


def _resets(statement: ast.ClassDef, rule: Rule | None) -> bool:
    """Whether the class initialises its parameters in a method that the source's constructor calls."""
    names = {part.name for part in statement.body if isinstance(part, ast.FunctionDef)}
    return rule is not None and bool(rule.init) and "reset_parameters" in names
