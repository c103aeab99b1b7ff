"""Methods that write into a part of a tensor: an assignment to the part, which gradients follow."""

from __future__ import annotations

import ast

import libcst as cst

from translator.analysis.sites import Context, Site
from translator.core import Diagnostic
from translator.rewrites.arguments import filled, node_of, plan_arguments
from translator.rewrites.registry import Edit, rewrite, unchanged
from translator.ruleset.model import Action
from translator.ruleset.target import parse_template


def writes_part(site: Site) -> bool:
    """Whether a call stands alone, on one line, and its receiver is a part of a tensor that shares its memory.

    An index with a tensor among its elements gives a copy in both frameworks, and one of a list is no part of a tensor:
    ``x[0]`` of what is only taken for a tensor may be one.
    """
    part = site.use.receiver
    if site.context is not Context.STATEMENT or not isinstance(part, ast.Subscript):
        return False
    if site.node.lineno != site.node.end_lineno:
        return False
    elements = part.slice.elts if isinstance(part.slice, ast.Tuple) else [part.slice]
    whole = site.type_of(part.value)
    is_known = whole is not None and whole.name == site.inference.tensor.name and not whole.assumed
    return (is_known or any(map(_selects, elements))) and all(_selects(one) or _is_place(site, one) for one in elements)


def _selects(node: ast.expr) -> bool:
    """``a:b`` or ``...``: only tensors take them and give something to write into."""
    return isinstance(node, ast.Slice) or (isinstance(node, ast.Constant) and node.value is ...)


def _is_place(site: Site, node: ast.expr) -> bool:
    fact = site.type_of(node)
    is_none = isinstance(node, ast.Constant) and node.value is None
    return is_none or (fact is not None and fact.name == "int" and not fact.assumed)


@rewrite
def store(site: Site, action: Action) -> Edit | Diagnostic:
    """``x[a:b].zero_()`` becomes ``x[a:b] = 0``, by what the rule ``stores``."""
    assert site.rule is not None
    stores = site.rule.stores
    plan = plan_arguments(site, action)
    if isinstance(plan, Diagnostic):
        return plan
    holes = parse_template(stores).holes

    def stored(node: cst.Call) -> cst.Assign:
        assert isinstance(node.func, cst.Attribute)
        values = {hole: node_of(plan, hole, node.args) for hole in holes}
        is_given = [f"{{{hole}}}" for hole in holes] == [stores]
        value = next(iter(values.values())) if is_given else filled(stores, values, {})
        part = cst.ensure_type(node.func.value, cst.Subscript)
        return cst.Assign([cst.AssignTarget(part)], value)

    return Edit(site, unchanged, stores=stored)
