"""Functions that are called for what they do to their argument, and give nothing back in the target."""

from __future__ import annotations

import libcst as cst

from translator.analysis.sites import Context, Site
from translator.core import Diagnostic
from translator.rewrites.arguments import plan_arguments, with_arguments
from translator.rewrites.call import renamed
from translator.rewrites.registry import Edit, rewrite
from translator.ruleset.model import Action
from translator.ruleset.target import name_node


@rewrite
def effect(site: Site, action: Action) -> Edit | Diagnostic:
    """``init.zeros_(w)`` alone is renamed; where its value is used, the rule's helper calls it and gives ``w`` back."""
    plan = plan_arguments(site, action)
    if isinstance(plan, Diagnostic):
        return plan
    assert action.to is not None
    name, is_alone = site.spell(action.to), site.context is Context.STATEMENT

    def apply(node: cst.BaseExpression) -> cst.BaseExpression:
        assert isinstance(node, cst.Call)
        changed = with_arguments(node, plan)
        if is_alone or action.helper is None:
            return changed.with_changes(func=renamed(node.func, name))
        first = cst.Arg(name_node(name), comma=cst.Comma(whitespace_after=cst.SimpleWhitespace(" ")))
        return changed.with_changes(func=cst.Name(site.spell(action.helper)), args=[first, *changed.args])

    return Edit(site, apply, () if is_alone or action.helper is None else (action.helper,))
