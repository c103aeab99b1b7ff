"""Methods taken from their class: ``Layer.__init__(self)``, ``Tensor.detach`` in a table."""

from __future__ import annotations

import ast
from dataclasses import replace

import libcst as cst

from translator.analysis.sites import Site
from translator.core import Diagnostic
from translator.rewrites.arguments import ArgumentPlan, plan_arguments
from translator.rewrites.call import dotted_like
from translator.rewrites.reference import takes_the_same
from translator.rewrites.registry import Edit, rewrite
from translator.ruleset.model import Action
from translator.ruleset.target import is_template


def is_unbound(site: Site) -> bool:
    """Whether a site names a method by its class, not by a value; a class method's rule knows no receiver."""
    if site.use.receiver is not None or site.rule is None:
        return False
    owner = site.inference.rules.get(site.api.rpartition(".")[0])
    of_class = owner is not None and owner.returns == owner.api != site.api
    return of_class and any((a.to or ".").startswith(".") or "{self}" in (a.to or "") for a in site.rule.actions)


@rewrite
def unbound(site: Site, action: Action) -> Edit | Diagnostic:
    """``Module.__init__(self)`` becomes ``Layer.__init__(self)`` where the arguments stay; else it is left."""
    assert site.rule is not None
    func = site.call.func if site.is_call else site.node
    owner = site.inference.rules.get(site.api.rpartition(".")[0])
    written = site.inference.names.qualified(func, site.scope)
    to = action.to if action.to is not None else f".{site.api.rpartition('.')[2]}"
    target = owner.actions[0].to if owner is not None and owner.actions else None
    is_plain = to.startswith(".") and not is_template(to) and target is not None and not is_template(target)
    is_same_rule = written is not None and site.inference.rules.get(written) is site.rule
    if not is_plain or not is_same_rule or not _keeps_arguments(site, action):
        return site.refuse(
            "T306",
            f"`{site.api}` is taken from its class, and its arguments change",
            label="only calls on a value are translated",
            hint=f"call it on the value: `x.{site.api.rpartition('.')[2]}(...)`",
        )
    name = site.spell(f"{target}{to}")

    def apply(node: cst.BaseExpression) -> cst.BaseExpression:
        if isinstance(node, cst.Call):
            return node.with_changes(func=dotted_like(node.func, name.split(".")))
        return dotted_like(node, name.split("."))

    return Edit(site, apply)


def _keeps_arguments(site: Site, action: Action) -> bool:
    """Whether a call on the value, which stands first, would leave every argument as it is."""
    if not site.is_call:
        return site.rule is not None and all(takes_the_same(a) for a in site.rule.actions)
    call = site.call
    if not call.args or isinstance(call.args[0], ast.Starred):
        return False
    bound = replace(site, node=ast.copy_location(ast.Call(call.func, call.args[1:], call.keywords), call))
    if not bound.fits(action) or action.rewrite != "call" or action.helper:
        return False
    plan = plan_arguments(bound, action)
    return isinstance(plan, ArgumentPlan) and plan.is_trivial
