"""Apply a plan: only the expressions that change go through libcst, all other bytes are the author's."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import libcst as cst

from translator.analysis.text import SourceText, split_lines
from translator.analysis.walk import children, walk
from translator.engine.pairing import PairingError, Pairs
from translator.engine.plan import Plan
from translator.rewrites import Edit
from translator.rewrites.registry import unchanged
from translator.ruleset.target import parenthesized

_INDENT = re.compile(r"^[ \t\f]*")


_FREE = frozenset(
    {  # what stands directly below these needs no parentheses, whatever it is
        ast.Assign,
        ast.Return,
        ast.Expr,
        ast.Call,
        ast.keyword,
        ast.List,
        ast.Tuple,
        ast.AnnAssign,
    }
)


@dataclass(frozen=True, slots=True)
class Splice:
    """``source[start:end]`` becomes ``text``; ``edits`` say why."""

    start: int
    end: int
    text: str
    edits: tuple[Edit, ...] = ()


@dataclass(frozen=True, slots=True)
class Unit:
    """The outermost expression that holds an edit, with its statement.

    Args:
        is_bare: it stands where any expression may, so that a result that is no atom needs no parentheses.
    """

    node: ast.expr
    statement: ast.stmt
    is_bare: bool


def splices(tree: ast.Module, source: SourceText, plan: Plan, extra: Mapping[ast.AST, str]) -> list[Splice]:
    """The changed expressions of a file.

    Args:
        extra: names to write out in full, by node; see ``imports.conflicts``.
    """
    active: dict[ast.AST, Edit | str] = {n: e for n, e in plan.edits.items() if e.apply is not unchanged}
    active.update({node: text for node, text in extra.items() if node not in plan.edits})
    units = list(_units(tree, active))
    if not units:
        return []
    pieces = [source.text[slice(*source.range(unit.node))] for unit in units]
    parsed = cst.parse_module("".join(f"({piece}{source.newline}){source.newline}" for piece in pieces))
    found: list[Splice] = []
    for unit, piece, statement in zip(units, pieces, parsed.body, strict=True):
        splice = _changed(unit, piece, statement, source, plan, active)
        if splice is not None:
            found.append(splice)
            found.extend(lost_comments(piece, splice.text, unit.statement, source))
    return found


def _units(tree: ast.Module, active: Mapping[ast.AST, Edit | str]) -> Iterator[Unit]:
    """The outermost expressions that hold an edit, in source order."""
    stack: list[tuple[ast.AST, ast.stmt | None, bool]] = [(tree, None, False)]
    while stack:
        node, statement, bare = stack.pop()
        if isinstance(node, ast.stmt):
            statement = node
        inside_string = isinstance(node, ast.JoinedStr) and any(part in active for part in walk(node))
        if node in active or inside_string:
            assert isinstance(node, ast.expr)
            assert statement is not None
            yield Unit(node, statement, bare)
            continue
        func = node.func if isinstance(node, ast.Call) else None
        index = node.slice if isinstance(node, ast.Subscript) else None
        free = type(node) in _FREE
        below = [(child, statement, child is index or (free and child is not func)) for child in children(node)]
        below.reverse()
        stack += below


def _changed(
    unit: Unit, piece: str, statement: cst.CSTNode, source: SourceText, plan: Plan, active: Mapping[ast.AST, Edit | str]
) -> Splice | None:
    expression = _expression(statement)
    pairs = Pairs(unit.node)
    editor = _Editor(pairs, active)
    try:
        result = expression.visit(editor)
        pairs.finish()
    except PairingError as error:
        for node in ast.walk(unit.node):
            if node in plan.edits:
                plan.fail(plan.edits[node], f"the expression's trees disagree: {error}")
        return None
    for edit, reason in editor.failed:
        plan.fail(edit, reason)
    assert isinstance(result, cst.BaseExpression)
    needs = not unit.is_bare or isinstance(result, cst.Tuple)
    bare = result.with_changes(lpar=result.lpar[1:], rpar=result.rpar[:-1])
    text = cst.Module([], default_newline=source.newline).code_for_node(
        parenthesized(bare) if needs and _was_atom(unit.node) else bare
    )
    start, end = source.range(unit.node)
    return None if text == piece else Splice(start, end, text, tuple(editor.done))


def _was_atom(node: ast.expr) -> bool:
    return isinstance(node, ast.Call | ast.Attribute | ast.Name | ast.Subscript)


def _is_atom(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.Call | cst.Attribute | cst.Name | cst.Subscript)


def _expression(statement: cst.CSTNode) -> cst.BaseExpression:
    assert isinstance(statement, cst.SimpleStatementLine)
    inner = statement.body[0]
    assert isinstance(inner, cst.Expr)
    return inner.value


class _Editor(cst.CSTTransformer):
    """Applies each edit when its node is left, so that what is inside it is translated already."""

    def __init__(self, pairs: Pairs, active: Mapping[ast.AST, Edit | str]) -> None:
        super().__init__()
        self._pairs, self._active = pairs, active
        self._found: dict[cst.CSTNode, Edit | str] = {}
        self._bare: set[cst.CSTNode] = set()
        self.done: list[Edit] = []
        self.failed: list[tuple[Edit, str]] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        partner = self._pairs.partner(node)
        if partner is not None and partner in self._active:
            self._found[node] = self._active[partner]
        if not self._bare:
            self._bare.add(node)
        if type(node) is cst.Arg or type(node) is cst.Index or type(node) is cst.Element:
            self._bare.add(node.value)
        return True

    def on_visit_attribute(self, node: cst.CSTNode, attribute: str) -> None:
        """Nothing: looking for methods to call at each attribute would take a tenth of the visit."""

    def on_leave_attribute(self, original_node: cst.CSTNode, attribute: str) -> None:
        """Nothing, as above."""

    def on_leave(self, original_node: cst.CSTNode, updated_node: cst.CSTNode) -> cst.CSTNode:  # type: ignore[override]
        edit = self._found.get(original_node)
        if edit is None:
            return updated_node
        assert isinstance(updated_node, cst.BaseExpression)
        if isinstance(edit, str):
            return cst.parse_expression(edit)
        try:
            result = edit.apply(updated_node)
        except Exception as error:  # noqa: BLE001 - whatever a rewrite does wrong stays with its own site
            self.failed.append((edit, f"{type(error).__name__}: {error}"))
            return updated_node
        self.done.append(edit)
        return result if original_node in self._bare or not _is_atom(original_node) else parenthesized(result)


def _comments(text: str) -> list[str]:
    """The comments in an expression or an import statement, without the white space that ends a line."""
    if "#" not in text:
        return []
    tokens = tokenize.generate_tokens(io.StringIO(f"({text}\n)").readline)
    return [token.string.rstrip() for token in tokens if token.type == tokenize.COMMENT]


def lost_comments(old: str, new: str, statement: ast.stmt, source: SourceText) -> Iterator[Splice]:
    """Comments that the changed text has no place for move to lines of their own above the statement."""
    before = _comments(old)
    lost = list((Counter(before) - Counter(_comments(new))).elements()) if before else []
    if lost:
        start = source.line_start(source.logical_line(statement.lineno))
        indent = _INDENT.findall(source.lines[statement.lineno - 1])[0]
        yield Splice(start, start, "".join(f"{indent}{comment}{source.newline}" for comment in lost))


def spliced(source: SourceText, changes: list[Splice]) -> tuple[str, tuple[int, ...], list[tuple[Edit, int, int]]]:
    """Put the changes into the source.

    Returns:
        The output text; for each of its lines the source line, 0 for a new one; (edit, first, last output line).
    """
    parts: list[str] = []
    lines: list[int] = []
    placed: list[tuple[Edit, int, int]] = []
    at, is_line_start = 0, True

    def emit(piece: str, line_of: Callable[[int], int]) -> None:
        nonlocal is_line_start
        for i, part in enumerate(split_lines(piece)):
            if is_line_start:
                lines.append(line_of(i))
            is_line_start = part.endswith(("\n", "\r"))
        parts.append(piece)

    for change in sorted(changes, key=lambda c: (c.start, c.end)):
        copied = source.line_of(at)
        emit(source.text[at : change.start], lambda i, first=copied: first + i)  # type: ignore[misc]
        begin = source.line_of(change.start)
        end = source.line_of(change.end) if change.end > change.start else -1
        first_line = len(lines) + is_line_start
        emit(change.text, lambda i, a=begin, b=end: min(a + i, b) if b > 0 else 0)  # type: ignore[misc]
        placed += [(edit, first_line, max(first_line, len(lines))) for edit in change.edits]
        at = change.end
    last = source.line_of(at)
    emit(source.text[at:], lambda i: last + i)
    return "".join(parts), tuple(lines), placed


__all__ = ["Splice", "lost_comments", "spliced", "splices"]
