"""Which names of a function are read after a place, before they are bound anew."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from translator.analysis.walk import children

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_LOOPS = (ast.For, ast.AsyncFor, ast.While)
Place = tuple[int, int]


@dataclass(slots=True)
class Loop:
    """The numbers of a loop's first and last step."""

    first: int
    last: int = 0


@dataclass(slots=True)
class Step:
    """One statement, or the header of one that holds others.

    Args:
        blocks: identities of the lists of statements that it stands in, outermost first.
        loops: the loops around, outermost first.
        reads: where names are read, by name.
        binds: the names that it binds.
    """

    blocks: tuple[int, ...]
    loops: tuple[Loop, ...]
    reads: dict[str, list[Place]] = field(default_factory=dict)
    binds: set[str] = field(default_factory=set)


class Liveness:
    """The steps of one function's body, or of a module's, whose names live on, in source order."""

    def __init__(self, body: list[ast.stmt], is_module: bool) -> None:
        self.is_module = is_module
        self.steps: list[Step] = []
        self._number: dict[ast.stmt, int] = {}
        self._list(body, (), ())

    def is_read_after(self, name: str, statement: ast.stmt, node: ast.AST | None = None) -> bool:
        """Whether ``name`` is read behind ``statement`` before it is bound anew.

        Args:
            node: a part of the statement: then what the statement reads outside it counts as well, for
                ``x + f(x)`` adds when both are there.
        """
        at = self._number[statement]
        here = self.steps[at]
        if node is not None and any(not _start(node) <= place < _end(node) for place in here.reads.get(name, ())):
            return True
        if node is not None and name in here.binds:
            return False
        begin = at + 1
        for loop in reversed(here.loops):
            found = self._first(name, range(begin, loop.last + 1), here.blocks)
            if found is None:
                found = self._first(name, range(loop.first, at + 1), here.blocks) or None
            if found is not None:
                return found
            begin = loop.last + 1
        found = self._first(name, range(begin, len(self.steps)), here.blocks)
        return self.is_module if found is None else found

    def _first(self, name: str, numbers: Iterable[int], blocks: tuple[int, ...]) -> bool | None:
        """True when the next thing that happens to a name is a read, False when it is bound; None for neither."""
        for number in numbers:
            step = self.steps[number]
            if name in step.reads:
                return True
            if name in step.binds and step.blocks == blocks[: len(step.blocks)]:
                return False
        return None

    def _list(self, body: list[ast.stmt], blocks: tuple[int, ...], loops: tuple[Loop, ...]) -> None:
        blocks = (*blocks, id(body))
        for statement in body:
            number = self._number[statement] = len(self.steps)
            around = (*loops, Loop(number)) if isinstance(statement, _LOOPS) else loops
            step = Step(blocks, around)
            self.steps.append(step)
            _note(statement, step, isinstance(statement, DEFINITIONS))
            if isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
                step.reads.setdefault(statement.target.id, []).append((statement.lineno, statement.col_offset))
            for block in _blocks(statement):
                self._list(block, blocks, around)
            if around is not loops:
                around[-1].last = len(self.steps) - 1


def _blocks(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    """The lists of statements directly below a statement; those of a definition run at another time."""
    if isinstance(statement, DEFINITIONS):
        return
    for name in ("body", "handlers", "cases", "orelse", "finalbody"):
        found = getattr(statement, name, None) or []
        if found and isinstance(found[0], ast.stmt):
            yield found
        else:
            yield from (inner.body for inner in found)


def _note(node: ast.AST, step: Step, is_whole: bool) -> None:
    """Read and bound names below a node; of a definition, which ``is_whole``, all that it reads."""
    for child in children(node):
        if isinstance(child, ast.Name):
            if isinstance(child.ctx, ast.Load):
                step.reads.setdefault(child.id, []).append((child.lineno, child.col_offset))
            elif not is_whole:
                step.binds.add(child.id)
        elif is_whole or not isinstance(child, ast.stmt):
            _note(child, step, is_whole)


def _start(node: ast.AST) -> Place:
    assert isinstance(node, ast.expr)
    return node.lineno, node.col_offset


def _end(node: ast.AST) -> Place:
    assert isinstance(node, ast.expr)
    return node.end_lineno or 0, node.end_col_offset or 0
