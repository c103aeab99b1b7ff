"""The table of rewrites by name, and what one returns."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field

import libcst as cst

from translator.analysis.sites import Site, Spelled
from translator.core import Certainty, Diagnostic
from translator.ruleset.model import Action

Apply = Callable[[cst.BaseExpression], cst.BaseExpression]


def unchanged(node: cst.BaseExpression) -> cst.BaseExpression:
    """The change of a site that already reads as the target's code does."""
    return node


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of one node.

    Args:
        apply: gets the libcst node with its children already translated; gives what stands there instead.
        helpers: names of the pack's helpers that the result calls.
        notes: diagnostics that come with the change.
        assigns: for the target of an assignment: gets the value, gives the expression that the statement becomes.
        stores: for a call that is a statement: gets it, gives the assignment that the statement becomes.
        doubles: the augmented assignment to this part of a tensor, which is copied first; see ``engine.parts``.
        removes: the node is a statement or a decorator that says nothing in the target: it goes, line and all.
        prepared_by: statements that go with it, because they only make its arguments.
    """

    site: Site
    apply: Apply
    helpers: tuple[str, ...] = ()
    notes: tuple[Diagnostic, ...] = field(default=())
    removes: bool = False
    prepared_by: tuple[ast.stmt, ...] = ()
    assigns: Apply | None = None
    stores: Callable[[cst.Call], cst.Assign] | None = None
    doubles: ast.AugAssign | None = None

    @property
    def certainty(self) -> Certainty:
        """Certain where nothing changes, whatever the receiver is."""
        is_same = self.apply is unchanged and self.stores is None and self.doubles is None
        return Certainty.CERTAIN if is_same else self.site.certainty

    @property
    def spelled(self) -> list[Spelled]:
        """The target names that the result is written with."""
        return self.site.spelled


Rewrite = Callable[[Site, Action], "Edit | Diagnostic"]
REWRITES: dict[str, Rewrite] = {}


def rewrite(function: Rewrite) -> Rewrite:
    """Register a rewrite under its function's name, for `rewrite: name` in rules."""
    REWRITES[function.__name__] = function
    return function
