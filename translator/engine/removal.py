"""Take statements and decorators out with their lines: ``pass`` keeps a block that would be empty."""

from __future__ import annotations

import ast
import re
from collections.abc import Set as AbstractSet

from translator.analysis.text import SourceText
from translator.analysis.walk import walk
from translator.engine.plan import Plan
from translator.engine.splice import Splice, comments_in
from translator.rewrites import Edit

_CLOSED = re.compile(r"(?:\s|\\|#[^\r\n]*)*\)")


def removed_statements(tree: ast.Module, plan: Plan) -> dict[ast.stmt, tuple[Edit, ...]]:
    """The calls and assignments that edits take out, with these edits.

    An ``if`` that would have no body goes, too, where its condition asks only what the target always answers alike.
    """
    gone = {node: edit for node, edit in plan.edits.items() if edit.removes}
    statements = [node for node in walk(tree) if isinstance(node, ast.Expr | ast.Assign | ast.If)] if gone else []
    found: dict[ast.stmt, tuple[Edit, ...]] = {}
    for node in reversed(statements):
        if isinstance(node, ast.If):
            test = _answers(node.test, plan)
            if test and not node.orelse and all(statement in found for statement in node.body):
                found[node] = (*test, *(edit for statement in node.body for edit in found.pop(statement)))
        elif (part := node.value if isinstance(node, ast.Expr) else node.targets[0]) in gone:
            found[node] = (gone[part],)
    for statement in (statement for edit in gone.values() for statement in edit.prepared_by):
        inside = set(walk(statement))
        plan.left = {node: left for node, left in plan.left.items() if node not in inside}
        found[statement] = tuple(edit for node, edit in plan.edits.items() if node in inside)
    return found


def _answers(test: ast.expr, plan: Plan) -> tuple[Edit, ...]:
    """The edits of a condition of calls that the target always answers alike; none where something else is asked."""
    if isinstance(test, ast.BoolOp):
        parts = [_answers(part, plan) for part in test.values]
        return tuple(edit for part in parts for edit in part) if all(parts) else ()
    if isinstance(test, ast.UnaryOp):
        return _answers(test.operand, plan)
    edit = plan.edits.get(test)
    actions = edit.site.rule.actions if edit is not None and edit.site.rule is not None else ()
    return (edit,) if edit is not None and actions and {a.to for a in actions} <= {"True", "False"} else ()


def removal(statement: ast.stmt, source: SourceText, body: list[ast.stmt], removed: AbstractSet[ast.stmt]) -> Splice:
    """Take a statement out with its line; ``pass`` where the block would be empty, or the line has other statements."""
    start, end = source.range(statement)
    before, behind = on_line(statement, source)
    is_last_hope = statement is body[0] and statement.col_offset > 0 and all(s in removed for s in body)
    if before.strip() or behind.lstrip().startswith(";") or is_last_hope:
        return Splice(start, end, "pass")
    if "#" in behind:
        return Splice(start, end + len(behind) - len(behind.lstrip(" \t")), "")
    return Splice(start - len(before), end + len(behind), "")


def decorator_removal(node: ast.expr, source: SourceText) -> Splice:
    """Take a decorator out with its line, and the parentheses around it; its comments stay on lines of their own."""
    inner, end = source.range(node)
    start = source.text.rindex("@", 0, inner)
    for _ in range(source.text.count("(", start, inner)):
        end = next(found.end() for found in [_CLOSED.match(source.text, end)] if found)
    first = source.line_start(source.line_of(start))
    indent, rest = source.text[first:start], source.text[end : source.line_start(source.line_of(end) + 1)]
    kept = "".join(f"{indent}{comment}{source.newline}" for comment in comments_in(source.text[start:end]))
    if "#" in rest:
        return Splice(first, end + len(rest) - len(rest.lstrip(" \t")), kept + indent)
    return Splice(first, end + len(rest), kept)


def on_line(statement: ast.stmt, source: SourceText) -> tuple[str, str]:
    """What stands before and behind a statement on its lines."""
    start, end = source.range(statement)
    last = statement.end_lineno or statement.lineno
    first = source.logical_line(statement.lineno)
    return source.text[source.line_start(first) : start], source.text[end : source.line_start(last + 1)]


def bodies_of(tree: ast.Module) -> dict[ast.stmt, list[ast.stmt]]:
    """The block that each statement belongs to."""
    found: dict[ast.stmt, list[ast.stmt]] = {}
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        for name in ("body", "orelse", "finalbody"):
            body = getattr(node, name, ())
            found.update(dict.fromkeys(body, body))
            pending += body
        pending += getattr(node, "handlers", ()) or getattr(node, "cases", ())
    return found
