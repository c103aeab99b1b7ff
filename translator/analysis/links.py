"""Where a value comes from: the places that made it, or words for what came from outside; a view has its base's."""

from __future__ import annotations

import ast
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outer:
    """What has a tensor besides the names of a function, in words; ``parameter`` where a caller passed it."""

    words: str
    parameter: str = ""

    def __str__(self) -> str:
        return self.words


Former = tuple[ast.AST, int]  # a part of what a place made; -1 for what it made before
Origin = ast.AST | Outer | Former
Link = tuple[Origin, str]  # what is shared, and the copy that the target makes of it; "" where it shares, too
Value = frozenset[Link]
NOTHING: Value = frozenset()


def shared(value: Value, kind: str, node: ast.AST) -> Value:
    """The links of what shares with a value: in both frameworks, or in the source only."""
    if kind == "both":
        return value
    copy = f"{getattr(node, 'lineno', 0)}:{getattr(node, 'col_offset', 0)}"
    return frozenset((origin, f"{known}/{copy}" if known else copy) for origin, known in value)


def part_of(value: Value, node: ast.expr | None, i: int) -> Value:
    """One of the values that a call gives together, or a piece of what it divides."""
    if node is not None and value == {(node, "")}:
        return frozenset({((node, i), "")})
    return frozenset((origin, f"{copy}.{i}" if copy else copy) for origin, copy in value)


def overlap(a: Value, b: Value) -> bool | None:
    """Whether two values share memory in the target, too; None where they share none in the source either."""
    found: bool | None = None
    for origin, copy in a:
        for other, another in b:
            if origin is not other and origin != other:
                continue
            if copy == another:
                found = True if found is None else found
            elif not copy or not another or not _are_pieces(copy, another):
                found = False
    return found


def _are_pieces(a: str, b: str) -> bool:
    """Whether two copies are different pieces of one division: ``p, q = x.chunk(2)``."""
    return a.rpartition(".")[0] == b.rpartition(".")[0] != ""
