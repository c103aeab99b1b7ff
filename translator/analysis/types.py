"""The algebra of type facts: joining branches, elements of containers, known values."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import lru_cache

from translator.analysis.dtypes import joined
from translator.core import Type

NONE = Type("None")
INT, FLOAT, STR, BOOL = Type("int"), Type("float"), Type("str"), Type("bool")
NEVER = Type("never")  # the element of a container into which nothing was put yet
PLAIN = Type("plain")  # a value that cannot be a tensor or a layer; so is all that is made of it
NUMBERS = frozenset({"int", "float", "bool", "complex"})
SEQUENCES = frozenset({"list", "tuple", "set", "frozenset", "iterator", "dict"})
VALUES = 16  # a set of constants larger than this is no longer kept
Common = Callable[[Type, Type], Type | None]


def assumed(fact: Type | None) -> Type | None:
    """The same fact, marked weak."""
    return replace(fact, assumed=True) if fact and not fact.assumed else fact


def join(a: Type | None, b: Type | None, common: Common | None = None) -> Type | None:
    """What holds on both of two branches; None (a guard decides later) gives way, a contradiction is unknown.

    Args:
        common: what two different classes have in common, if anything.
    """
    if a is None or b is None:
        return None
    if a == b:
        return a
    if a.name in ("None", "never"):
        return b
    if b.name in ("None", "never"):
        return a
    if a.name != b.name:
        return _joined_names(a, b, common)
    return Type(
        a.name,
        _joined_items(a, b, common),
        a.assumed or b.assumed,
        a.stored or b.stored,
        _joined_values(a, b),
        joined(a.dtype, b.dtype),
    )


def _joined_names(a: Type, b: Type, common: Common | None) -> Type | None:
    names = {a.name, b.name}
    if names == {"int", "float"}:
        return Type("float", (), a.assumed or b.assumed)
    if names == {"type", "callable"} and a.items and b.items:
        result = join(a.items[0], b.items[0], common)
        return Type("callable", (result,), a.assumed or b.assumed) if result else None
    found = common(a, b) if common is not None else None
    return assumed(found) if a.assumed or b.assumed else found


def _joined_items(a: Type, b: Type, common: Common | None) -> tuple[Type | None, ...]:
    """Items of the same places; of the elements where two containers are of different lengths."""
    if len(a.items) == len(b.items) or a.name == "dict":
        return tuple(join(x, y, common) for x, y in zip(a.items, b.items, strict=False))
    if not a.items or not b.items:
        return ()
    return (join_all([*a.items, *b.items], common),)


def _joined_values(a: Type, b: Type) -> tuple[str | int, ...]:
    """The constants that either may be; none when one of them may be anything, or when they are many."""
    if not a.values or not b.values:
        return ()
    values = tuple(dict.fromkeys(a.values + b.values))
    return values if len(values) <= VALUES else ()


def join_all(facts: Iterable[Type | None], common: Common | None = None) -> Type | None:
    """The join of all; unknown when there are none."""
    joined: Type | None = NEVER
    for fact in facts:
        joined = join(joined, fact, common)
    return None if joined is NEVER else joined


@lru_cache(maxsize=4096, typed=True)
def constant(value: object) -> Type:
    """The type of a constant, with its value where names can be made of it."""
    if value is None:
        return NONE
    if isinstance(value, str):
        return Type("str", values=(value,)) if f"_{value}".isidentifier() else STR
    return Type("int", values=(value,)) if type(value) is int else Type(type(value).__name__)


def element(container: Type | None, common: Common | None = None) -> Type | None:
    """What iterating gives: elements of a sequence, keys of a dict."""
    if container is None:
        return None
    if container.name == "range":
        return container.items[0] if container.items else INT
    if container.name in ("str", "plain"):
        return Type(container.name)
    if container.name == "dict":
        return container.items[1] if len(container.items) > 1 else None
    if container.name not in SEQUENCES:
        return None
    fact = join_all(container.items, common)
    return assumed(fact) if container.assumed else fact


def value_of(container: Type | None) -> Type | None:
    """What a dict holds by its keys."""
    fact = container.items[0] if container is not None and container.items else None
    if container is None or fact is NEVER:
        return None
    return assumed(fact) if container.assumed else fact


def held(kind: str, fact: Type | None) -> Type:
    """A container of elements of one type, which may be unknown."""
    return Type(kind, (fact,)) if fact is not None else Type(kind)


def part(container: Type, index: int, common: Common | None = None) -> Type | None:
    """The element at a constant index; a single item stands for every element."""
    items = container.items
    if len(items) > 1 and -len(items) <= index < len(items):
        return items[index]
    return join_all(items, common)


def with_elements_of(fact: Type, other: Type | None) -> Type:
    """A stated type of tensors, or of containers of such, with the dtype of another value where that says more."""
    if other is None or other.name != fact.name:
        return fact
    whole = join_all(other.items) if len(other.items) != len(fact.items) else None
    others = other.items if whole is None else (whole,) * len(fact.items)
    items = tuple(
        with_elements_of(item, more) if item is not None else None
        for item, more in zip(fact.items, others, strict=False)
    )
    return replace(fact, dtype=fact.dtype or other.dtype, items=items if len(items) == len(fact.items) else fact.items)
