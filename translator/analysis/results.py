"""What a rule's ``dtype`` says of the elements of a result.

``int64``, ``floating``: always. ``same``: as the receiver or first argument. ``of dtype or same``: as an argument says
that is given. ``summed``: whole numbers become int64. ``fractional``: they become fractions.
``promoted``: of all operands.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import replace

from translator.analysis.binding import bind, choose
from translator.analysis.dtypes import all_promoted, divided, of_number, rank, rank_of_fractions
from translator.core import Type
from translator.ruleset.model import Rule

Types = Mapping[ast.AST, Type | None]


def with_dtypes(fact: Type | None, rule: Rule, node: ast.expr, receiver: Type | None, types: Types) -> Type | None:
    """A result with what the rule says of its elements: ``same, int64`` for two of a tuple."""
    if fact is None or not rule.dtype:
        return fact
    texts = rule.dtype.split(", ")
    if len(texts) > 1 and fact.name != "tuple":  # an overload that gives one tensor
        texts = ["promoted"]
    found = [_dtype(text, rule, node, receiver, types) for text in texts]
    if fact.name in ("list", "tuple"):
        dtypes = found if len(found) == len(fact.items) else found[:1] * len(fact.items)
        items = (replace(i, dtype=d) if i is not None else None for i, d in zip(fact.items, dtypes, strict=True))
        return replace(fact, items=tuple(items))
    return replace(fact, dtype=found[0])


def operands(rule: Rule, node: ast.expr, receiver: ast.expr | None, types: Types) -> list[ast.expr]:
    """The values that a call brings to one dtype; the elements of a list that is written out."""
    found = [receiver] if receiver is not None and (not rule.promotes or "self" in rule.promotes) else []
    if rule.promotes:
        given = _given([name for name in rule.promotes if name != "self"], rule, node, types)
    else:
        given = node.args if isinstance(node, ast.Call) else []
    for argument in given:
        found += argument.elts if isinstance(argument, ast.List | ast.Tuple) else [argument]
    return found


def _dtype(text: str, rule: Rule, node: ast.expr, receiver: Type | None, types: Types) -> str:
    """The first part that says something; an argument that is given says it, even if it is unknown."""
    for part in text.split(" or "):
        if part.startswith("of "):
            given = _given(part.split()[1:], rule, node, types)
            facts = [types.get(value) for value in given]
            facts = [fact for fact in facts if fact is None or not fact.name.endswith(_PLACES)]
            if facts:
                return all_promoted([of_number(fact) for fact in facts])
        elif part in _FROM_OPERANDS:
            func = node.func if isinstance(node, ast.Call) else node
            base = func.value if receiver is not None and isinstance(func, ast.Attribute) else None
            values = operands(rule, node, base, types) if part == "promoted" or base is None else [base]
            return _FROM_OPERANDS[part]([types.get(value) for value in values])
        else:
            return part
    return ""


def _given(names: list[str], rule: Rule, node: ast.expr, types: Types) -> list[ast.expr]:
    """The arguments that a call gives for these parameters, None left out."""
    action = choose(rule, node, types) if isinstance(node, ast.Call) else None
    bound = bind(action.signature, node) if action and action.signature and isinstance(node, ast.Call) else None
    found = [value for name in names for value in (bound.nodes.get(name, ()) if bound else ())]
    return [value for value in found if not (isinstance(value, ast.Constant) and value.value is None)]


def _same(facts: list[Type | None]) -> str:
    return facts[0].dtype if facts and facts[0] is not None else ""


def _sum(facts: list[Type | None]) -> str:
    dtype = _same(facts)
    return "int64" if dtype and (rank(dtype) or 0) < rank_of_fractions() else dtype


def _promotion(facts: list[Type | None]) -> str:
    """Of all operands; a number counts by its kind only."""
    dtypes = [of_number(fact) for fact in facts]
    return all_promoted(dtypes) if dtypes and all(dtypes) else ""


_PLACES = ("str", "device")  # types of arguments that say where, not of which type
_FROM_OPERANDS: dict[str, Callable[[list[Type | None]], str]] = {
    "same": _same,
    "summed": _sum,
    "fractional": lambda facts: divided(_same(facts), _same(facts)),
    "promoted": _promotion,
}
