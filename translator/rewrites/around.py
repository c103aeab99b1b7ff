"""Calls that a helper makes, because an argument decides how: ``drawn_from(generator, lambda: call)``."""

from __future__ import annotations

from dataclasses import replace

import libcst as cst

from translator.analysis.sites import Site
from translator.core import Diagnostic
from translator.rewrites.arguments import says_default
from translator.rewrites.registry import Edit
from translator.ruleset.model import Action
from translator.ruleset.target import name_node


def made_by_helpers(result: Edit | Diagnostic, site: Site, action: Action) -> Edit | Diagnostic:
    """The same edit, its call handed to the helper of each parameter in ``around`` that is given."""
    for name, helper in action.around.items() if isinstance(result, Edit) and site.is_call else ():
        bound = site.bound(action)
        given = bound.nodes.get(name) if bound is not None else None
        if isinstance(result, Edit) and bound is not None and given and not says_default(given[0], "None"):
            result = _made_by(result, site, helper, bound.order.index(name))
    return result


def _made_by(edit: Edit, site: Site, helper: str, index: int) -> Edit:
    function = site.spell(helper)

    def apply(node: cst.BaseExpression) -> cst.BaseExpression:
        assert isinstance(node, cst.Call)
        call = cst.Lambda(cst.Parameters(), edit.apply(node.with_changes(lpar=(), rpar=())))
        first = cst.Arg(node.args[index].value, comma=cst.Comma(whitespace_after=cst.SimpleWhitespace(" ")))
        return cst.Call(name_node(function), [first, cst.Arg(call)], lpar=node.lpar, rpar=node.rpar)

    return replace(edit, apply=apply, helpers=(*edit.helpers, helper))
