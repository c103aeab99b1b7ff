"""Methods that write into a part of a tensor: an assignment to the part, which gradients follow."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

import libcst as cst

from translator.analysis.sites import Context, Site
from translator.analysis.text import SourceText
from translator.codes import CODES
from translator.core import Diagnostic, Type
from translator.rewrites.arguments import filled, node_of, plan_arguments
from translator.rewrites.registry import Edit, rewrite, unchanged
from translator.ruleset.model import Action
from translator.ruleset.target import parenthesized, parse_template

Types = Mapping[ast.AST, Type | None]

AT_ONCE = "index once, with all indices in one pair of brackets"
_CLOSED = (cst.Call, cst.Name, cst.Attribute, cst.Subscript, cst.List, cst.Dict)  # a line may end inside of them


def writes_part(site: Site) -> bool:
    """Whether a call stands alone, and its receiver is a part of a tensor that shares its memory.

    An index with a tensor among its elements gives a copy in both frameworks, and one of a list is no part of a tensor:
    ``x[0]`` of what is only taken for a tensor may be one.
    """
    part = site.use.receiver
    if site.context is not Context.STATEMENT or not isinstance(part, ast.Subscript):
        return False
    start, _ = site.source.range(site.node)
    if part.lineno != part.end_lineno or site.source.text[:start].rstrip().endswith("("):
        return False
    whole = site.type_of(part.value)
    is_known = whole is not None and whole.name == site.inference.tensor.name and not whole.assumed
    index = elements(part)
    return (is_known or any(map(selects, index))) and all(selects(one) or is_one(site, one, "int") for one in index)


def may_share(part: ast.Subscript, types: Types) -> bool:
    """Whether a part of a tensor may share its memory: no element of its index is known to be a list or a tensor."""
    facts = [types.get(one) for one in elements(part) if not selects(one)]
    return all(fact is None or fact.assumed or fact.name in ("int", "None") for fact in facts)


def elements(part: ast.Subscript) -> list[ast.expr]:
    """What stands in the brackets, one by one."""
    return part.slice.elts if isinstance(part.slice, ast.Tuple) else [part.slice]


def selects(node: ast.expr) -> bool:
    """Whether an element is ``a:b`` or ``...``: only tensors take them and give something to write into."""
    return isinstance(node, ast.Slice) or (isinstance(node, ast.Constant) and node.value is ...)


def is_one(site: Site, node: ast.expr, *names: str) -> bool:
    """Whether an element is None or surely of a type of one of these names: a tuple would be several elements."""
    fact = site.type_of(node)
    is_none = isinstance(node, ast.Constant) and node.value is None
    return is_none or (fact is not None and fact.name in names and not fact.assumed)


def assigned(part: cst.BaseExpression, value: cst.BaseExpression) -> cst.Assign:
    """``part = value``, with parentheses around a value that goes on in the next line."""
    text = cst.Module([]).code_for_node(value)
    is_open = "\n" in text.replace("\r", "\n") and not isinstance(value, _CLOSED) and not value.lpar
    target = cst.AssignTarget(cst.ensure_type(part, cst.Subscript))
    return cst.Assign([target], parenthesized(value) if is_open else value)


def is_nested(part: ast.Subscript, types: Types, tensor: str) -> bool:
    """Whether a part of a tensor is taken from another part of it: ``x[0]`` in ``x[0][1:]``."""
    whole = types.get(part.value.value) if isinstance(part.value, ast.Subscript) else None
    return whole is not None and whole.name == tensor


def is_flat(site: Site, part: ast.Subscript) -> bool:
    """Whether a part is taken at once, or ``joined`` makes it so: gradients do not follow what is written otherwise."""
    outer = part.value
    if not isinstance(outer, ast.Subscript) or not is_nested(part, site.inference.types, site.inference.tensor.name):
        return True
    facts = [site.type_of(one) for one in elements(outer)]
    is_joinable = all(fact is not None and fact.name == "int" and not fact.assumed for fact in facts)
    return is_joinable and is_flat(site, outer)


def joined(part: ast.Subscript, node: cst.Subscript, types: Types, tensor: str) -> cst.Subscript:
    """``x[0][1:]`` as ``x[0, 1:]``."""
    while isinstance(part.value, ast.Subscript) and is_nested(part, types, tensor):
        outer = cst.ensure_type(node.value, cst.Subscript)
        comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
        first = [one.with_changes(comma=comma) for one in _listed(outer)]
        node, part = outer.with_changes(slice=[*first, *_listed(node)]), part.value
    return node


def _listed(node: cst.Subscript) -> Sequence[cst.SubscriptElement]:
    """The elements of an index; ``x[(0, 1)]`` has one that is a tuple."""
    only = node.slice[0].slice
    if len(node.slice) > 1 or not isinstance(only, cst.Index) or not isinstance(only.value, cst.Tuple):
        return node.slice
    return [cst.SubscriptElement(cst.Index(one.value)) for one in only.value.elements]


def at_once(site: Site, node: cst.BaseExpression) -> cst.Subscript:
    """The part that a call writes into, with one pair of brackets where that can be."""
    part, inference = site.use.receiver, site.inference
    assert isinstance(part, ast.Subscript)
    subscript = cst.ensure_type(node, cst.Subscript)
    return joined(part, subscript, inference.types, inference.tensor.name) if is_flat(site, part) else subscript


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
        return assigned(at_once(site, node.func.value), value)

    part = site.use.receiver
    assert isinstance(part, ast.Subscript)
    notes = () if is_flat(site, part) else (unfollowed(part, site.node, site.source, AT_ONCE),)
    return Edit(site, unchanged, notes=notes, stores=stored)


def unfollowed(node: ast.expr, shown: ast.AST, source: SourceText, hint: str) -> Diagnostic:
    """The warning where the target's gradient does not follow a write."""
    written = ast.unparse(shown).partition("\n")[0]
    return Diagnostic(
        "T401",
        CODES["T401"].severity,
        source.position(node),
        f"`{written}` writes into a part of a tensor, and in the output the gradient does not follow",
        label="the values are the same, gradients are wrong or an error",
        hint=hint,
    )
