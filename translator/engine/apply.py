"""Apply a plan: only the expressions that change go through libcst, all other bytes are the author's."""

from __future__ import annotations

import ast
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, replace

import libcst as cst

from translator.analysis.sites import Context
from translator.analysis.text import SourceText
from translator.analysis.walk import children, walk
from translator.engine.pairing import PairingError, Pairs
from translator.engine.parts import doubled_splices
from translator.engine.plan import Plan
from translator.engine.removal import decorator_removal
from translator.engine.splice import Splice, lost_comments
from translator.rewrites import Edit
from translator.rewrites.registry import unchanged
from translator.ruleset.target import parenthesized

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
class Unit:
    """The outermost expression that holds an edit, with its statement.

    Args:
        is_bare: it stands where any expression may, so that a result that is no atom needs no parentheses.
        around: the augmented assignment of this value, which becomes a call.
        assignment: the node is the value of an assignment, and this edit makes the whole statement an expression.
    """

    node: ast.expr
    statement: ast.stmt
    is_bare: bool
    around: ast.AugAssign | None = None
    assignment: Edit | None = None


def splices(
    tree: ast.Module,
    source: SourceText,
    plan: Plan,
    extra: Mapping[ast.AST, str],
    gone: Container[ast.AST] = (),
) -> list[Splice]:
    """The changed expressions of a file.

    Args:
        gone: statements that are taken out.
        extra: names to write out in full, by node; see ``imports.conflicts``.
    """
    active: dict[ast.AST, Edit | str] = {n: e for n, e in plan.edits.items() if _changes(e)}
    active.update({node: text for node, text in extra.items() if node not in plan.edits})
    found = list(_decorators(plan, source))
    units = list(_units(tree, active, gone))
    pieces = [source.text[slice(*source.range(unit.node))] for unit in units]
    parsed = cst.parse_module("".join(f"({piece}{source.newline}){source.newline}" for piece in pieces))
    for unit, piece, statement in zip(units, pieces, parsed.body, strict=True):
        splice = _changed(unit, piece, statement, source, plan, active)
        if splice is not None:
            found.append(splice)
            old = source.text[splice.start : splice.end]
            found.extend(lost_comments(old, splice.text, unit.statement, source))
    found += list(doubled_splices([*plan.edits.values()], source, found))
    return found


def _changes(edit: Edit) -> bool:
    is_other = edit.apply is not unchanged or edit.removes or edit.assigns is not None or edit.stores is not None
    return edit.doubles is None and is_other


def _decorators(plan: Plan, source: SourceText) -> Iterator[Splice]:
    """The decorators that are taken out."""
    for node, edit in plan.edits.items():
        if edit.removes and edit.site.context is Context.DECORATOR:
            assert isinstance(node, ast.expr)
            yield replace(decorator_removal(node, source), edits=(edit,))


def _units(tree: ast.Module, active: Mapping[ast.AST, Edit | str], gone: Container[ast.AST]) -> Iterator[Unit]:
    """The outermost expressions that hold an edit, in source order; nothing inside what is taken out."""
    stack: list[tuple[ast.AST, ast.stmt | None, bool]] = [(tree, None, False)]
    while stack:
        node, statement, bare = stack.pop()
        if node in gone:
            continue
        if isinstance(node, ast.stmt):
            statement = node
        edit = active.get(node.targets[0] if isinstance(node, ast.Assign) else node)
        if isinstance(edit, Edit) and edit.removes:
            continue
        is_part = isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Subscript)
        if isinstance(node, ast.AugAssign) and node.target in active and not is_part:  # a part stays a target
            yield Unit(node.value, node, True, node)
            continue
        if isinstance(node, ast.Assign):
            if isinstance(edit, Edit) and edit.assigns is not None:
                yield Unit(node.value, node, True, assignment=edit)
                continue
            edit = None
        inside_string = isinstance(node, ast.JoinedStr) and any(part in active for part in walk(node))
        if edit is not None or inside_string:
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
    code = cst.Module([], default_newline=source.newline).code_for_node
    if isinstance(result, cst.Assign):
        return Splice(*source.range(unit.node), code(result), tuple(editor.done))
    assert isinstance(result, cst.BaseExpression)
    needs = not unit.is_bare or isinstance(result, cst.Tuple)
    bare = result.with_changes(lpar=result.lpar[1:], rpar=result.rpar[:-1])
    if unit.around is not None:
        return _written(unit.around, bare, source, plan, editor.done)
    made = parenthesized(bare) if needs and _was_atom(unit.node) else bare
    place: ast.expr | ast.stmt = unit.node
    if unit.assignment is not None and unit.assignment.assigns is not None:
        made, place = unit.assignment.assigns(made), unit.statement
        editor.done.append(unit.assignment)
    text = code(made)
    return None if text == piece else Splice(*source.range(place), text, tuple(editor.done))


def _written(
    node: ast.AugAssign, value: cst.BaseExpression, source: SourceText, plan: Plan, done: list[Edit]
) -> Splice | None:
    """``x += value`` as the call that the edit at ``x`` makes of it."""
    edit = plan.edits[node.target]
    target = cst.parse_expression(ast.unparse(node.target))
    try:
        result = edit.apply(cst.Call(cst.Attribute(target, cst.Name("_")), [cst.Arg(value)]))
    except Exception as error:  # noqa: BLE001 - whatever a rewrite does wrong stays with its own site
        plan.fail(edit, f"{type(error).__name__}: {error}")
        return None
    text = cst.Module([], default_newline=source.newline).code_for_node(result)
    return Splice(*source.range(node), text, (*done, edit))


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
            if edit.stores is not None:
                assert isinstance(updated_node, cst.Call)
                result: cst.CSTNode = edit.stores(updated_node.with_changes(lpar=[], rpar=[]))
            else:
                result = edit.apply(updated_node)
        except Exception as error:  # noqa: BLE001 - whatever a rewrite does wrong stays with its own site
            self.failed.append((edit, f"{type(error).__name__}: {error}"))
            return updated_node
        self.done.append(edit)
        if not isinstance(result, cst.BaseExpression):
            return result
        return result if original_node in self._bare or not _is_atom(original_node) else parenthesized(result)
