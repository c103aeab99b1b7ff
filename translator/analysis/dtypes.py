"""Types of a tensor's elements: their kinds, and what two of them make together.

A dtype is a name that both frameworks have (``int64``), or a kind where only that is known (``integral``); empty where
nothing is.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from translator.core import Type

KINDS = ("bool", "integral", "floating", "complex")
_PREFIXES = {"bool": 0, "int": 1, "uint": 1, "float": 2, "bfloat": 2, "complex": 3}
_NUMBERS = {"bool": "bool", "int": "int64", "float": "floating", "complex": "complex"}


@cache
def rank(dtype: str) -> int | None:
    """The place of a dtype's kind in the order of promotion; None for an unknown one."""
    if dtype in KINDS:
        return KINDS.index(dtype)
    return _PREFIXES.get(dtype.rstrip("0123456789"))


def kind_of(dtype: str) -> str:
    """The kind of a dtype, empty where it is unknown."""
    place = rank(dtype)
    return KINDS[place] if place is not None else ""


def promoted(a: str, b: str) -> str:
    """The dtype of ``x + y``: of the higher kind; of two of one kind, that kind."""
    ranks = rank(a), rank(b)
    if ranks[0] is None or ranks[1] is None:
        return ""
    if a == b:
        return a
    return KINDS[ranks[0]] if ranks[0] == ranks[1] else max(a, b, key=lambda one: rank(one) or 0)


def joined(a: str, b: str) -> str:
    """What is known of a value that has one dtype or the other."""
    if a == b or rank(a) is None or rank(a) != rank(b):
        return a if a == b else ""
    return KINDS[rank(a) or 0]


def divided(a: str, b: str) -> str:
    """The dtype of ``x / y``: whole numbers give the default type of fractions."""
    dtype = promoted(a, b)
    return "floating" if dtype and (rank(dtype) or 0) < rank_of_fractions() else dtype


def rank_of_fractions() -> int:
    """The first kind that holds fractions."""
    return KINDS.index("floating")


def of_number(fact: Type | None) -> str:
    """The dtype that a Python number, a list of such, a tensor or a dtype stands for."""
    if fact is None:
        return ""
    if fact.name in ("list", "tuple"):
        return all_promoted([of_number(item) for item in fact.items]) if fact.items else ""
    return _NUMBERS.get(fact.name, fact.dtype)


def all_promoted(dtypes: Iterable[str]) -> str:
    """The dtype of several together."""
    first, *rest = dtypes
    for dtype in rest:
        first = promoted(first, dtype)
    return first


def of_operation(left: Type | None, right: Type | None, is_division: bool) -> str:
    """The dtype of an arithmetic expression; a number only counts where its kind is the higher one."""
    a, b = of_number(left), of_number(right)
    for number, fact, other in ((a, left, b), (b, right, a)):
        is_weak = fact is not None and fact.name in _NUMBERS and rank(other) is not None
        if is_weak and (rank(number) or 0) <= (rank(other) or 0):
            a = b = other
    return divided(a, b) if is_division else promoted(a, b)
