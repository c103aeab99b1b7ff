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


@dataclass(slots=True)
class Deferral:
    """Imports that stand in functions.

    Args:
        aliases: ``id`` of each alias that the module itself needs no longer.
        lines: the import lines of each function.
    """

    aliases: set[int] = field(default_factory=set)
    lines: dict[Function, set[str]] = field(default_factory=dict)

    def splices(self, source: SourceText) -> Iterator[Splice]:
        """The lines, in front of the first statement of each function."""
        for function, lines in self.lines.items():
            first = _first(function)
            start = source.line_start(first.lineno)
            indent = source.text[start : source.range(first)[0]]
            yield Splice(start, start, "".join(f"{indent}{line}{source.newline}" for line in sorted(lines)))


def deferral(found: Mapping[int, Usage], inference: Inference, plan: Plan, source: SourceText) -> Deferral:
    """Decide which imports can move: those whose every use that is left stands in the body of a function."""
    told = {root_name(site.node) for site, _ in plan.left.values()}
    module, result, staying = inference.names.module.node, Deferral(), set[str]()
    for key, usage in found.items():
        entry = usage.entry
        is_own = entry.scope is inference.names.module and inference.parents.get(entry.statement) is module
        can_move = is_own and not entry.is_kept and entry.name != "*" and told.issuperset(usage.left)
        functions = [_function_of(node, inference) for node in usage.left]
        if (
            usage.left
            and can_move
            and all(function is not None and _has_room(function, source) for function in functions)
        ):
            result.aliases.add(key)
            for function in functions:
                assert function is not None
                result.lines.setdefault(function, set()).add(_line(usage, inference))
        elif usage.left:
            staying.add(_line(usage, inference))
    for function in result.lines:
        result.lines[function] -= staying
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


def _function_of(node: ast.AST, inference: Inference) -> Function | None:
    """The outermost function whose body holds a node; None when it is evaluated with the module, too."""
    found: Function | None = None
    child: ast.AST = node
    while (parent := inference.parents.get(child)) is not None:
        if isinstance(parent, Function):
            found = parent if child in parent.body else None
        child = parent
    return found


def _first(function: Function) -> ast.stmt:
    """The first statement behind the docstring."""
    body = function.body
    is_text = isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant) and len(body) > 1
    return body[1] if is_text else body[0]


def _has_room(function: Function, source: SourceText) -> bool:
    """Whether the first statement stands on a line of its own, so that one can stand in front of it."""
    first = _first(function)
    if getattr(first, "decorator_list", ()):
        return False
    start = source.line_start(first.lineno)
    is_whole = not source.text[start : source.range(first)[0]].strip()
    return is_whole and source.logical_line(first.lineno) == first.lineno and first.lineno > function.lineno
