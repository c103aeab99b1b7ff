"""Classes that are asked for by identity: ``type(x) is nn.ReLU`` where the output may use several classes for one."""

from __future__ import annotations

import ast
from dataclasses import replace

import libcst as cst

from translator.analysis.infer import Inference
from translator.analysis.sites import Context
from translator.engine.plan import Plan
from translator.rewrites.reference import takes_the_same
from translator.rewrites.registry import Edit

_EQUAL: dict[type[cst.BaseCompOp], type[cst.Equal | cst.NotEqual]] = {cst.Is: cst.Equal, cst.IsNot: cst.NotEqual}


def settle_identities(plan: Plan, inference: Inference) -> None:
    """Ask with ``==`` beside an adapter: it equals the classes that it adapts, and is none of them."""
    for node in inference.nodes:
        if isinstance(node, ast.Compare) and any(isinstance(op, ast.Is | ast.IsNot) for op in node.ops):
            _ask_for_equality(node, plan)


def _ask_for_equality(node: ast.Compare, plan: Plan) -> None:
    sides = [plan.edits.get(side) for side in (node.left, *node.comparators)]
    adapted = [edit is not None and _is_adapted(edit) for edit in sides]
    beside = {number for number in range(len(node.ops)) if adapted[number] or adapted[number + 1]}

    def apply(whole: cst.BaseExpression) -> cst.BaseExpression:
        assert isinstance(whole, cst.Comparison)
        parts = [_equal(part) if number in beside else part for number, part in enumerate(whole.comparisons)]
        return whole.with_changes(comparisons=parts)

    first = next((edit for edit, is_adapted in zip(sides, adapted, strict=True) if is_adapted), None)
    if first is not None:
        plan.edits[node] = Edit(replace(first.site, node=node, spelled=[]), apply)


def _is_adapted(edit: Edit) -> bool:
    rule = edit.site.rule
    return edit.site.context is Context.IDENTITY and rule is not None and not all(map(takes_the_same, rule.actions))


def _equal(part: cst.ComparisonTarget) -> cst.ComparisonTarget:
    """``is`` as ``==``, ``is not`` as ``!=``, with the author's spaces."""
    operator = _EQUAL.get(type(part.operator))
    if operator is None:
        return part
    before, after = part.operator.whitespace_before, part.operator.whitespace_after  # type: ignore[attr-defined]
    return part.with_changes(operator=operator(whitespace_before=before, whitespace_after=after))
