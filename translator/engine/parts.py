"""Parts of a tensor that are written into: an assignment of what is computed from a copy, which gradients follow.

A part shares the memory of its tensor in both frameworks. In the target, an operator overwrites there what its own
gradient needs, and the gradient takes no notice of most methods. What is computed from a copy of the part and assigned
to it has the values and the gradients of the source.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import libcst as cst

from translator.analysis.infer import Inference
from translator.analysis.sites import Context, Site
from translator.analysis.text import SourceText
from translator.analysis.types import NUMBERS
from translator.analysis.walk import walk
from translator.core import Diagnostic
from translator.engine.implied import called, implied, method
from translator.engine.splice import Splice
from translator.rewrites.arguments import is_simple
from translator.rewrites.registry import Edit
from translator.rewrites.store import (
    AT_ONCE,
    assigned,
    at_once,
    elements,
    is_flat,
    is_nested,
    is_one,
    joined,
    may_share,
    selects,
    unfollowed,
    writes_part,
)
from translator.ruleset.model import Rule

Decide = Callable[[Site], "Edit | Diagnostic"]
_OPERATOR = re.compile(r"(?:[\s\\)]|#[^\r\n]*)*([^\s=]+)=")
_UNREPEATABLE = (ast.NamedExpr, ast.Await, ast.Yield, ast.YieldFrom)


# --- operators ----------------------------------------------------------------------------------------------------


def doubled(node: ast.AugAssign, inference: Inference, source: SourceText, decide: Decide) -> Edit | Diagnostic | None:
    """``x[a:b] *= y`` is to become ``x[a:b] = x[a:b].clone() * y``.

    Returns:
        The edit that makes the copy; the warning where that cannot be written; None where the operator may stay.
    """
    target = node.target
    if not isinstance(target, ast.Subscript) or not _overwrites(node, inference, source):
        return None
    if not _is_part(target, inference):
        return None
    if is_nested(target, inference.types, inference.tensor.name):
        return unfollowed(target, node, source, AT_ONCE)
    if target.lineno != target.end_lineno or not _may_repeat(target, [node.value], inference):
        return unfollowed(target, node, source, "assign what stands in the brackets to variables first")
    module = inference.names.module.node
    site = implied(target, inference.pack.duplicate, target, module, inference, source)
    copy = decide(called(site, []))
    return replace(copy, site=site, doubles=node) if isinstance(copy, Edit) else copy


def _is_part(node: ast.Subscript, inference: Inference) -> bool:
    """Whether an index surely is of a tensor, and may give a part that shares its memory."""
    return _is_tensor(node.value, inference) and may_share(node, inference.types)


def _is_tensor(node: ast.expr, inference: Inference) -> bool:
    fact = inference.types.get(node)
    is_known = fact is not None and fact.name == inference.tensor.name and not fact.assumed
    return is_known and not inference.is_observed(node)


def _overwrites(node: ast.AugAssign, inference: Inference, source: SourceText) -> bool:
    """Whether the target needs what an operator overwrites to compute the gradient."""
    by = inference.pack.saves.get(_operator(node, source)[1])
    fact = inference.types.get(node.value)
    is_number = fact is not None and fact.name in NUMBERS and not fact.assumed
    return by == "any" or (by == "tensor" and not is_number)


def _operator(node: ast.AugAssign, source: SourceText) -> tuple[int, str, int]:
    """Where the operator of an augmented assignment begins, the operator, and where its ``=`` ends."""
    _, end = source.range(node.target)
    found = _OPERATOR.match(source.text, end)
    assert found is not None
    return found.start(1), found[1], found.end()


def _may_repeat(part: ast.Subscript, values: Sequence[ast.AST], inference: Inference) -> bool:
    """Whether a part may be evaluated before and behind the values."""
    is_bound = any(isinstance(one, _UNREPEATABLE) for value in values for one in walk(value))
    return not is_bound and _is_repeatable(part, inference)


def _is_repeatable(node: ast.AST, inference: Inference) -> bool:
    """Whether an expression may be evaluated twice: names, numbers, indices; methods of tensors that give a number."""
    if isinstance(node, ast.Call):
        use, fact = inference.uses.get(node), inference.types.get(node)
        is_asked = use is not None and use.receiver is not None and not use.guessed and is_simple(use.receiver)
        return is_asked and fact is not None and fact.name == "int" and all(map(is_simple, node.args))
    if isinstance(node, ast.Attribute | ast.Name | ast.Constant):
        return is_simple(node)
    inner = (ast.Subscript, ast.Slice, ast.Tuple, ast.BinOp, ast.UnaryOp)
    return isinstance(node, inner) and all(
        _is_repeatable(part, inference)
        for part in ast.iter_child_nodes(node)
        if not isinstance(part, ast.operator | ast.unaryop | ast.expr_context)
    )


def doubled_splices(edits: list[Edit], source: SourceText, found: list[Splice]) -> Iterator[Splice]:
    """The changes of the operators themselves, beside those ``found`` inside of their targets and values."""
    code = cst.Module([], default_newline=source.newline).code_for_node
    for edit in edits:
        node = edit.doubles
        if node is None:
            continue
        begin, operator, end = _operator(node, source)
        part = cst.parse_expression(_changed(*source.range(node.target), source, found))
        copy = edit.apply(method(part, edit.site.use.api))
        yield Splice(begin, end, f"= {code(copy)} {operator}", (edit,))
        first, last = source.range(node.value)
        is_atom = isinstance(node.value, ast.Call | ast.Attribute | ast.Name | ast.Subscript | ast.Constant)
        if not is_atom and "(" not in source.text[end:first]:
            yield Splice(first, first, "(")
            yield Splice(last, last, ")")


def _changed(start: int, end: int, source: SourceText, found: list[Splice]) -> str:
    """A range of the source with the changes inside of it."""
    text, at = "", start
    for change in sorted((c for c in found if start <= c.start < c.end <= end), key=lambda c: c.start):
        text += source.text[at : change.start] + change.text
        at = change.end
    return text + source.text[at:end]


# --- assignments --------------------------------------------------------------------------------------------------


def flattened(node: ast.Subscript, inference: Inference, source: SourceText) -> Edit | Diagnostic | None:
    """The target ``x[0][1:]`` of an assignment becomes ``x[0, 1:]``: gradients stop at a part of a part.

    Returns:
        The edit; the warning where that cannot be written; None where the target may stay.
    """
    outer, types, tensor = node.value, inference.types, inference.tensor.name
    if not isinstance(outer, ast.Subscript) or not is_nested(node, types, tensor):
        return None
    if not _is_tensor(outer, inference) or not may_share(outer, types):
        return None
    site = implied(node, f"{tensor}.__setitem__", node, inference.names.module.node, inference, source)
    is_clear = all(selects(one) or is_one(site, one, "int", "list", tensor) for one in elements(node))
    if not is_clear or not is_flat(site, node):
        return unfollowed(node, node, source, AT_ONCE)

    def apply(target: cst.BaseExpression) -> cst.BaseExpression:
        return joined(node, cst.ensure_type(target, cst.Subscript), types, tensor)

    return Edit(site, apply)


# --- methods ------------------------------------------------------------------------------------------------------


def kept(site: Site, decide: Decide) -> Edit | Diagnostic | None:
    """``x[a:b].exp_()`` becomes ``x[a:b] = x[a:b].clone().exp()``, by the rule of the method that does not write.

    Returns:
        The edit; the warning where that rule does not take the call; None where the call may stay as it is.
    """
    rule = _not_writing(site)
    part = site.use.receiver
    if rule is None or not isinstance(part, ast.Subscript):
        return None
    hint = "assign to the part what the method without `_` gives"
    warning = unfollowed(site.node, site.node, site.source, hint)
    if not writes_part(site):
        return warning if not site.is_guess and _is_part(part, site.inference) else None
    values = [*site.call.args, *site.call.keywords]
    if not is_flat(site, part) or not _may_repeat(part, values, site.inference):
        return warning
    pack = site.inference.pack
    func = ast.copy_location(ast.Attribute(part, rule.api.rpartition(".")[2], ast.Load()), site.call.func)
    call = ast.copy_location(ast.Call(func, site.call.args, site.call.keywords), site.node)
    use = replace(site.use, api=rule.api, guessed=False)
    made = decide(replace(site, node=call, use=use, rule=rule, context=Context.VALUE))
    module = site.inference.names.module.node
    copied = decide(called(implied(part, pack.duplicate, part, module, site.inference, site.source), []))
    if isinstance(made, Diagnostic) or isinstance(copied, Diagnostic):
        return warning

    def stores(node: cst.Call) -> cst.Assign:
        assert isinstance(node.func, cst.Attribute)
        target = at_once(site, node.func.value)
        copy = copied.apply(method(target, pack.duplicate))
        name = node.func.attr.with_changes(value=rule.api.rpartition(".")[2])
        value = made.apply(node.with_changes(func=node.func.with_changes(value=copy, attr=name)))
        return assigned(target, value)

    return replace(made, site=site, stores=stores, helpers=(*made.helpers, *copied.helpers))


def _not_writing(site: Site) -> Rule | None:
    """The rule of the method of the same name and parameters without ``_``, which computes what a method writes."""
    rule, name = site.rule, site.api.removesuffix("_")
    if rule is None or not site.is_call or rule.stores or rule.layout == "kept" or name == site.api:
        return None
    other = site.inference.rules.get(name)
    if other is None or other.shares or not other.actions or not _parameters(rule) <= _parameters(other):
        return None
    return other


def _parameters(rule: Rule) -> set[str]:
    return {p.name for action in rule.actions if action.signature for p in action.signature.parameters}
