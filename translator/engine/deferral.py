"""Imports of the source framework that only functions still need: they move into those functions.

What could not be translated then fails where it is called, with its name, and not where the module is imported.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from translator.analysis.infer import Inference
from translator.analysis.sites import root_name
from translator.analysis.text import SourceText
from translator.engine.plan import Plan
from translator.engine.splice import Splice
from translator.engine.usage import Usage, is_conflict, source_import

Function = ast.FunctionDef | ast.AsyncFunctionDef
_BLOCKS = ("body", "orelse", "finalbody")


@dataclass(slots=True)
class Deferral:
    """Imports that stand in functions.

    Args:
        aliases: ``id`` of each alias that the module itself needs no longer.
        lines: the statements that each import line stands in front of.
    """

    aliases: set[int] = field(default_factory=set)
    lines: dict[str, list[ast.stmt]] = field(default_factory=dict)

    def splices(self, source: SourceText) -> Iterator[Splice]:
        """The lines, each in front of the first statement that needs it."""
        for line in sorted(self.lines):
            for statement in self.lines[line]:
                start = source.line_start(statement.lineno)
                indent = source.text[start : source.range(statement)[0]]
                yield Splice(start, start, f"{indent}{line}{source.newline}")


def deferral(found: Mapping[int, Usage], inference: Inference, plan: Plan, source: SourceText) -> Deferral:
    """Decide which imports can move: those whose every use that is left stands in the body of a function."""
    told = {root_name(site.node) for site, _ in plan.left.values()}
    module, result, staying = inference.names.module.node, Deferral(), set[str]()
    needed: dict[str, list[ast.stmt]] = {}
    for key, usage in found.items():
        entry = usage.entry
        is_own = entry.scope is inference.names.module and inference.parents.get(entry.statement) is module
        is_free = not entry.is_kept or is_conflict(usage, inference)  # what others take leads to the target then
        can_move = is_own and is_free and entry.name != "*" and told.issuperset(usage.left)
        places = [_place(node, inference, source) for node in usage.left] if can_move else []
        if places and None not in places:
            result.aliases.add(key)
            needed.setdefault(_line(usage, inference), []).extend(place for place in places if place is not None)
        elif usage.left:
            staying.add(_line(usage, inference))
    result.lines = {line: _first_of(places, inference) for line, places in needed.items() if line not in staying}
    return result


def _line(usage: Usage, inference: Inference) -> str:
    """The import, as it was; the package where what is left is written out in full."""
    entry = usage.entry
    if is_conflict(usage, inference):
        return source_import(entry.target.partition(".")[0], inference)
    if not (entry.is_from or entry.alias.asname):
        return f"import {entry.target.partition('.')[0]}"
    written = f"{entry.alias.name} as {entry.alias.asname}" if entry.alias.asname else entry.alias.name
    return f"from {entry.module} import {written}" if entry.is_from else f"import {written}"


def _place(node: ast.AST, inference: Inference, source: SourceText) -> ast.stmt | None:
    """The innermost statement of a function around a node that a line can stand in front of; None where there is none.

    What is evaluated with the module (decorators, defaults, annotations, classes) is in no function's body.
    """
    found: ast.stmt | None = None
    settled: ast.stmt | None = None
    child: ast.AST = node
    while (parent := inference.parents.get(child)) is not None:
        if isinstance(child, ast.stmt) and found is None and _has_room(child, parent, source):
            found = child
        if isinstance(parent, Function):
            settled = (settled or found) if child in parent.body else None
            found = settled
        elif isinstance(parent, ast.ClassDef) and settled is None:
            found = None  # functions do not see what a class binds
        child = parent
    return settled


def _has_room(statement: ast.stmt, parent: ast.AST, source: SourceText) -> bool:
    """Whether a statement begins a line of its own, in a block: an ``elif`` continues the ``if`` above."""
    is_in_block = any(statement in getattr(parent, name, ()) for name in _BLOCKS)
    if not is_in_block or getattr(statement, "decorator_list", None):
        return False
    start = source.line_start(statement.lineno)
    begin = source.range(statement)[0]
    is_elif = source.text.startswith("elif", begin)
    is_whole = not source.text[start:begin].strip() and source.logical_line(statement.lineno) == statement.lineno
    return is_whole and not is_elif


def _first_of(places: list[ast.stmt], inference: Inference) -> list[ast.stmt]:
    """The places without those that an earlier one serves: it stands before them in a block around them."""
    kept: list[ast.stmt] = []
    for place in sorted(set(places), key=lambda statement: statement.lineno):
        if not any(_serves(earlier, place, inference) for earlier in kept):
            kept.append(place)
    return kept


def _serves(earlier: ast.stmt, place: ast.AST, inference: Inference) -> bool:
    block = _block(earlier, inference)
    node: ast.AST | None = place
    while node is not None:
        if node in block:
            return block.index(earlier) <= block.index(node)
        node = inference.parents.get(node)
    return False


def _block(statement: ast.stmt, inference: Inference) -> list[ast.AST]:
    parent = inference.parents[statement]
    return next(block for name in _BLOCKS if statement in (block := getattr(parent, name, [])))
