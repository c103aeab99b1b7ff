"""Tensors of two kinds that meet: the source brings them to one type, the target raises, so that it is written out.

Where both kinds are known, or one is known to hold truth values or whole numbers and arithmetic brings them together
with what may hold fractions. Compared or combined bit by bit, such values mostly meet their like, and nothing is said:
in the target a meeting of two kinds is an error that names the place.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import libcst as cst

from translator.analysis.binding import arguments_in_order
from translator.analysis.dtypes import KINDS, rank, rank_of_fractions
from translator.analysis.infer import Inference
from translator.analysis.results import operands
from translator.analysis.text import SourceText
from translator.codes import CODES
from translator.core import Diagnostic
from translator.engine.implied import called, implied, method
from translator.engine.pairing import KINDS as PAIRED
from translator.engine.plan import Plan, decide
from translator.rewrites import Edit
from translator.rewrites.arguments import is_simple

Node = cst.BaseExpression
_UNMIXED = (ast.MatMult,)  # operators that want one type in the source, too
_METHODS: dict[type[object], str] = {
    ast.Add: "__add__",
    ast.Sub: "__sub__",
    ast.Mult: "__mul__",
    ast.Div: "__truediv__",
    ast.FloorDiv: "__floordiv__",
    ast.Mod: "__mod__",
    ast.Pow: "__pow__",
    ast.BitAnd: "__and__",
    ast.BitOr: "__or__",
    ast.BitXor: "__xor__",
    ast.LShift: "__lshift__",
    ast.RShift: "__rshift__",
    ast.Eq: "__eq__",
    ast.NotEq: "__ne__",
    ast.Lt: "__lt__",
    ast.LtE: "__le__",
    ast.Gt: "__gt__",
    ast.GtE: "__ge__",
    ast.In: "__contains__",
}
_BITWISE = {
    ast.BitAnd: True,
    ast.BitOr: True,
    ast.BitXor: True,
    ast.LShift: False,
    ast.RShift: False,
}  # whether the operands may change places
_ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow)
_MEETINGS = frozenset({ast.BinOp, ast.Compare, ast.AugAssign, ast.Call})


@dataclass(frozen=True, slots=True)
class Operand:
    """One operand: its node, and where it stands in the libcst node of the operation.

    Args:
        get: the operand in the operation; ``put`` the operation with another one in its place.
    """

    node: ast.expr
    get: Callable[[Node], Node]
    put: Callable[[Node, Node], Node]


@dataclass(frozen=True, slots=True)
class Meeting:
    """Operands of one operation that become one type.

    Args:
        node: where the edit stands; ``shown`` the whole operation.
        written: the operand that is written into and keeps its type; else the highest kind is taken.
    """

    node: ast.expr
    shown: ast.AST
    operands: tuple[Operand, ...]
    written: ast.expr | None = None


def settle_promotions(plan: Plan, inference: Inference, source: SourceText) -> None:
    """Write out what the source converts."""
    for node in inference.nodes:
        meeting = _meeting(node, inference) if type(node) in _MEETINGS else None
        if meeting is not None and meeting.node not in plan.left:
            meets_number = _tensor_first(meeting, inference)
            edit = _operation(meets_number, inference, source) if meets_number is not None else None
            if edit is not None:
                plan.edits[meeting.node] = edit
            else:
                _settle(meeting, plan, inference, source)


def _tensor_first(meeting: Meeting, inference: Inference) -> Meeting | None:
    """``mask | True``, for which the target wants two tensors, and ``2 in x``, which it takes for something else."""
    node = meeting.node
    facts = [inference.types.get(operand.node) for operand in meeting.operands]
    names = [fact.name if fact is not None and not fact.assumed else "" for fact in facts]
    if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In) and names[1] == inference.tensor.name:
        return replace(meeting, operands=meeting.operands[::-1])
    if not isinstance(node, ast.BinOp) or type(node.op) not in _BITWISE:
        return None
    if names[0] == inference.tensor.name and names[1] in ("int", "bool"):
        return meeting
    if names[1] == inference.tensor.name and names[0] in ("int", "bool") and _BITWISE[type(node.op)]:
        return replace(meeting, operands=meeting.operands[::-1])
    return None


def _meeting(node: ast.AST, inference: Inference) -> Meeting | None:
    if isinstance(node, ast.BinOp) and not isinstance(node.op, _UNMIXED):
        return Meeting(node, node, (_field(node.left, "left"), _field(node.right, "right")))
    if isinstance(node, ast.Compare) and len(node.comparators) == 1:
        return Meeting(node, node, (_field(node.left, "left"), _comparator(node.comparators[0])))
    if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name) and not isinstance(node.op, _UNMIXED):
        return Meeting(node.value, node, (_outside(node.target), _whole(node.value)), node.target)
    use = inference.uses.get(node) if isinstance(node, ast.Call) else None
    rule = inference.rules.get(use.api) if use is not None else None
    if use is None or rule is None or not rule.promotes or not isinstance(node, ast.Call):
        return None
    values = operands(rule, node, use.receiver, inference.types)
    written = use.receiver if use.api.endswith("_") else None
    return Meeting(node, node, tuple(_of_call(node, value) for value in values), written)


def _settle(meeting: Meeting, plan: Plan, inference: Inference, source: SourceText) -> None:
    dtypes = {operand: _dtype(operand.node, inference) for operand in meeting.operands}
    known = [operand for operand, dtype in dtypes.items() if dtype]
    highest = max((rank(dtypes[o]) or 0 for o in known), default=0)
    if meeting.written is None:
        chosen = [o for o in known if rank(dtypes[o]) == highest]
    else:
        chosen = [o for o in known if o.node is meeting.written]
    like = next((o for o in chosen if is_simple(o.node)), next(iter(chosen), None))
    if like is None:
        return
    if _is_open(meeting, highest, inference) and (edit := _operation(meeting, inference, source)) is not None:
        plan.edits[meeting.node] = edit
        return
    others = [o for o in known if _needs(dtypes[o], dtypes[like], meeting.written is not None)]
    if not others:
        return
    edits = {o: _conversion(meeting, o, like, inference, source) for o in others}
    inner = plan.edits.get(meeting.node)
    if not is_simple(like.node) and (edit := _operation(meeting, inference, source)) is not None:
        plan.edits[meeting.node] = edit
        return
    if not is_simple(like.node) or None in edits.values() or type(meeting.node) not in PAIRED:
        plan.notes.append(_mixed(meeting, source))
        return

    def apply(node: Node) -> Node:
        for operand, edit in edits.items():
            assert edit is not None
            node = operand.put(node, edit.apply(method(operand.get(node), pack.convert, like.get(node))))
        return inner.apply(node) if inner is not None else node

    pack = inference.pack
    first = next(edit for edit in edits.values() if edit is not None)
    here = Edit(replace(first.site, node=meeting.node), apply)
    plan.edits[meeting.node] = replace(inner, apply=apply) if inner is not None else here


def _is_open(meeting: Meeting, highest: int, inference: Inference) -> bool:
    """Whether whole numbers or truth values are added to or multiplied by a tensor that may hold fractions."""
    is_arithmetic = isinstance(meeting.node, ast.BinOp) and type(meeting.node.op) in _ARITHMETIC
    facts = [inference.types.get(operand.node) for operand in meeting.operands]
    is_tensor = all(fact is not None and fact.name == inference.tensor.name for fact in facts)
    is_unknown = any(fact is not None and rank(fact.dtype) is None for fact in facts)
    return is_arithmetic and is_tensor and is_unknown and highest < rank_of_fractions()


def _dtype(node: ast.expr, inference: Inference) -> str:
    """The dtype of a tensor; nothing for numbers, which are no operands that have one."""
    fact = inference.types.get(node)
    return fact.dtype if fact is not None and fact.name == inference.tensor.name else ""


def _needs(dtype: str, like: str, is_written: bool) -> bool:
    """Whether an operand is of a lower kind; what is written into keeps its type against another of its kind, too."""
    ranks = rank(dtype) or 0, rank(like) or 0
    is_other = dtype != like and dtype not in KINDS and like not in KINDS
    return ranks[0] < ranks[1] or (is_written and ranks[0] == ranks[1] and is_other)


def _conversion(
    meeting: Meeting, operand: Operand, like: Operand, inference: Inference, source: SourceText
) -> Edit | None:
    """``operand`` in the dtype of ``like``."""
    module = inference.names.module.node
    site = implied(meeting.node, inference.pack.convert, operand.node, module, inference, source)
    result = decide(called(site, [like.node]))
    return None if isinstance(result, Diagnostic) else result


def _operation(meeting: Meeting, inference: Inference, source: SourceText) -> Edit | None:
    """``f(x) * mask`` as the call that the rule of the operator makes of it, which evaluates both sides once."""
    node = meeting.node
    operator = node.op if isinstance(node, ast.BinOp) else node.ops[0] if isinstance(node, ast.Compare) else None
    kind = type(operator)
    left, right = meeting.operands[0], meeting.operands[-1]
    if kind not in _METHODS:
        return None
    module = inference.names.module.node
    site = implied(node, f"{inference.tensor.name}.{_METHODS[kind]}", left.node, module, inference, source)
    result = decide(called(site, [right.node])) if site.rule is not None else None
    if not isinstance(result, Edit):
        return None

    def apply(whole: Node) -> Node:
        made = result.apply(method(left.get(whole), site.use.api, right.get(whole)))
        return made.with_changes(lpar=whole.lpar, rpar=whole.rpar)

    return replace(result, site=site, apply=apply)


def _field(node: ast.expr, name: str) -> Operand:
    return Operand(node, lambda whole: getattr(whole, name), lambda whole, new: whole.with_changes(**{name: new}))


def _comparator(node: ast.expr) -> Operand:
    def put(whole: Node, new: Node) -> Node:
        assert isinstance(whole, cst.Comparison)
        return whole.with_changes(comparisons=[whole.comparisons[0].with_changes(comparator=new)])

    def get(whole: Node) -> Node:
        assert isinstance(whole, cst.Comparison)
        return whole.comparisons[0].comparator

    return Operand(node, get, put)


def _outside(node: ast.expr) -> Operand:
    """The target of an augmented assignment, which is not part of its value."""
    return Operand(node, lambda _: cst.parse_expression(ast.unparse(node)), lambda whole, _: whole)


def _whole(node: ast.expr) -> Operand:
    """The value of an augmented assignment; the parentheses in which it was read stay around what it becomes."""

    def put(whole: Node, new: Node) -> Node:
        return new.with_changes(lpar=[*whole.lpar[:1], *new.lpar], rpar=[*new.rpar, *whole.rpar[-1:]])

    return Operand(node, lambda whole: whole.with_changes(lpar=whole.lpar[1:], rpar=whole.rpar[:-1]), put)


def _of_call(call: ast.Call, node: ast.expr) -> Operand:
    """The receiver, an argument, or an element of an argument that is a list."""
    if isinstance(call.func, ast.Attribute) and call.func.value is node:
        inner = _field(node, "value")
        return Operand(
            node,
            lambda whole: inner.get(whole.func),  # type: ignore[attr-defined]
            lambda whole, new: whole.with_changes(func=inner.put(whole.func, new)),  # type: ignore[attr-defined]
        )
    for i, (_, argument) in enumerate(arguments_in_order(call)):
        if argument is node:
            return _argument(node, i)
        if isinstance(argument, ast.List | ast.Tuple) and node in argument.elts:
            return _element(node, i, argument.elts.index(node))
    raise AssertionError("an operand is part of its call")


def _argument(node: ast.expr, i: int) -> Operand:
    return Operand(node, lambda whole: _item(whole, "args", i).value, lambda whole, new: _with(whole, "args", i, new))


def _element(node: ast.expr, i: int, k: int) -> Operand:
    def put(whole: Node, new: Node) -> Node:
        listed = _item(whole, "args", i).value
        return _with(whole, "args", i, _with(listed, "elements", k, new))

    return Operand(node, lambda whole: _item(_item(whole, "args", i).value, "elements", k).value, put)


def _item(node: Any, name: str, i: int) -> Any:
    return getattr(node, name)[i]


def _with(node: Node, name: str, i: int, value: Node) -> Node:
    """The node with another value in the i-th place of a list of it."""
    items = list(getattr(node, name))
    items[i] = items[i].with_changes(value=value)
    return node.with_changes(**{name: items})


def _mixed(meeting: Meeting, source: SourceText) -> Diagnostic:
    shown = meeting.shown
    assert isinstance(shown, ast.expr | ast.stmt)
    return Diagnostic(
        "T404",
        CODES["T404"].severity,
        source.position(shown),
        f"`{ast.unparse(shown)}` mixes tensors of different kinds, and the target raises",
        label="the source converts to the higher kind",
        hint="assign the operands to variables first, or convert one of them",
    )
