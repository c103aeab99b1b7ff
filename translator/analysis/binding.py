"""Which argument of a call is which parameter, and which overload of a rule accepts the call."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from translator.analysis.dtypes import kind_of
from translator.analysis.stated import from_text
from translator.core import Type
from translator.ruleset.model import RESULT, Action, Kind, Rule, Signature

Taker = Callable[[ast.AST], str | None]


@dataclass(frozen=True, slots=True)
class Bound:
    """A call's arguments by parameter.

    Args:
        order: for each argument in source order the name of its parameter; a variadic parameter may repeat.
        nodes: parameter to its arguments.
    """

    order: tuple[str, ...]
    nodes: dict[str, list[ast.expr]]


def arguments_in_order(call: ast.Call) -> list[tuple[str | None, ast.expr]]:
    """(keyword, value) of every argument as the source has them; ``**kwargs`` has the keyword ``**``."""
    positional: list[tuple[str | None, ast.expr]] = [(None, a) for a in call.args]
    named: list[tuple[str | None, ast.expr]] = [(k.arg or "**", k.value) for k in call.keywords]
    if not named or not any(isinstance(a, ast.Starred) for a in call.args):
        return positional + named
    return sorted(positional + named, key=lambda pair: (pair[1].lineno, pair[1].col_offset))


def bind(signature: Signature, call: ast.Call) -> Bound | None:
    """Bind a call to a signature; None when it does not fit or starred arguments hide the order."""
    positional = [p for p in signature.parameters if p.kind is Kind.POSITIONAL]
    variadic = next((p for p in signature.parameters if p.kind is Kind.VARIADIC), None)
    anything = next((p for p in signature.parameters if p.kind is Kind.KEYWORDS), None)
    order: list[str] = []
    nodes: dict[str, list[ast.expr]] = {}
    for keyword, value in arguments_in_order(call):
        if keyword is None:
            index = sum(1 for name in order if name in {p.name for p in positional})
            if isinstance(value, ast.Starred) and not (variadic and index == len(positional)):
                return None
            if index < len(positional):
                name = positional[index].name
            elif variadic is not None:
                name = variadic.name
            else:
                return None
        else:
            found = signature.get(keyword)
            if keyword != "**" and found is not None and found.kind in (Kind.POSITIONAL, Kind.KEYWORD):
                name = keyword
            elif anything is not None:
                name = anything.name
            else:
                return None
            if name in nodes and name == keyword:
                return None
        order.append(name)
        nodes.setdefault(name, []).append(value)
    missing = [
        p.name
        for p in signature.parameters
        if p.default is None and p.kind in (Kind.POSITIONAL, Kind.KEYWORD) and p.name not in nodes
    ]
    return None if missing else Bound(tuple(order), nodes)


def choose(
    rule: Rule, call: ast.Call, types: Mapping[ast.AST, Type | None], taker: Taker | None = None
) -> Action | None:
    """The first overload that accepts the call and whose ``when`` holds; None when none does."""
    return next((a for a in rule.actions if fits(a, call, types, taker)), None)


def fits(action: Action, call: ast.Call, types: Mapping[ast.AST, Type | None], taker: Taker | None = None) -> bool:
    """Whether an overload accepts the call, with the argument types that its ``when`` asks for.

    Args:
        taker: says what a node is an argument of, by name; without it no ``when: {result: ...}`` holds.
    """
    if action.signature is None:
        return not action.when
    bound = bind(action.signature, call)
    return bound is not None and all(
        _is_taken(taker, call, wanted) if name == RESULT else _holds(_values(bound, name, call), wanted, types)
        for name, wanted in action.when.items()
    )


def may_fit(rule: Rule, call: ast.Call, types: Mapping[ast.AST, Type | None]) -> bool:
    """Whether some overload accepts the call, whatever the arguments are of which nothing is known."""
    if not rule.actions or any(isinstance(a, ast.Starred) for a in call.args) or any(not k.arg for k in call.keywords):
        return True
    return any(_may_be_meant(action, call, types) for action in rule.actions)


def _may_be_meant(action: Action, call: ast.Call, types: Mapping[ast.AST, Type | None]) -> bool:
    bound = bind(action.signature, call) if action.signature is not None else None
    if bound is None:
        return action.signature is None
    for name, wanted in action.when.items():
        nodes = _values(bound, name, call)
        is_open = name == RESULT or (nodes is not None and wanted not in _FORMS and types.get(nodes[0]) is None)
        if not is_open and not _holds(nodes, wanted, types):
            return False
    return True


def _values(bound: Bound, name: str, call: ast.Call) -> list[ast.expr] | None:
    """The arguments of a parameter; of ``self`` the receiver."""
    is_receiver = name == "self" and isinstance(call.func, ast.Attribute)
    return [call.func.value] if is_receiver else bound.nodes.get(name)  # type: ignore[attr-defined]


def _is_taken(taker: Taker | None, call: ast.Call, wanted: str) -> bool:
    """``when: {result: next}`` asks for ``next(call)``; ``package.optim.`` for any name that begins so."""
    name = taker(call) if taker is not None else None
    return name is not None and any(
        name.startswith(part) if part.endswith(".") else name == part for part in wanted.split(" | ")
    )


def _holds(nodes: list[ast.expr] | None, wanted: str, types: Mapping[ast.AST, Type | None]) -> bool:
    """``when: {dim: int}`` asks for a type, ``{dim: given}`` and ``absent`` for presence, ``'=True'`` for a literal.

    ``{self: dtype bool}`` asks for the kind of a tensor's elements.
    ``{weight: stored}`` asks for a layer's parameter that the target keeps in another layout, ``'!str'`` for anything
    that is not known to be a text.
    """
    if wanted.startswith("!"):
        return nodes is None or not _holds(nodes, wanted[1:], types)
    if wanted in ("given", "absent"):
        return (nodes is not None) == (wanted == "given")
    if nodes is None:
        return False
    if wanted.startswith("="):
        return ast.unparse(nodes[0]) == wanted[1:].strip()
    if wanted == "one":
        return len(nodes) == 1 and not isinstance(nodes[0], ast.Starred)
    fact = types.get(nodes[0])
    if wanted.startswith("dtype "):
        return fact is not None and kind_of(fact.dtype) == wanted.removeprefix("dtype ")
    if wanted == "stored":
        return fact is not None and fact.stored and isinstance(nodes[0], ast.Attribute)
    return fact is not None and any(_is_of(fact, from_text(part.strip())) for part in wanted.split("|"))


_FORMS = ("given", "absent", "one")


def _is_of(fact: Type, wanted: Type | None) -> bool:
    """Whether a fact is of the wanted type; ``list`` takes every list, ``list[int]`` those of known ints only."""
    if wanted is None or fact.name != wanted.name:
        return False
    pairs = zip(fact.items, wanted.items, strict=False)
    fits_all = all(f is not None and w is not None and _is_of(f, w) for f, w in pairs)
    return not wanted.items or (bool(fact.items) and fits_all)
