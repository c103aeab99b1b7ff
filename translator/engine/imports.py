"""Import statements: kept as the author wrote them, led to the target, removed when unused, added only if needed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from translator.analysis.infer import Inference
from translator.analysis.names import Import, Scope
from translator.analysis.sites import plain_target, root_name
from translator.analysis.text import SourceText
from translator.analysis.walk import children, walk
from translator.core import Diagnostic
from translator.engine.apply import Splice
from translator.engine.plan import Plan, import_diagnostic

_FROM = re.compile(r"from\s+([.\w]+)\s+import")


@dataclass(slots=True)
class Usage:
    """Who needs a name that an import binds: translated sites, sites that are left."""

    entry: Import
    translated: bool = False
    left: list[ast.Name] = field(default_factory=list)


def usages(tree: ast.Module, inference: Inference, plan: Plan) -> dict[int, Usage]:
    """How every import of the source framework is used once the plan is applied, by ``id`` of its alias."""
    found = {id(e.alias): Usage(e) for e in inference.names.imports if inference.is_source(e.module)}
    for edit in plan.edits.values():
        for spelled in edit.spelled:
            for entry in _same(inference, spelled.through):
                if id(entry.alias) in found:
                    found[id(entry.alias)].translated = True
    consumed = {name for edit in plan.edits.values() if edit.site.root and (name := root_name(edit.site.node))}
    for node, scope in _names(tree, inference):
        holder = scope.holder(node.id)
        if node in consumed or holder is None:
            continue
        for entry in holder.imports.get(node.id, []):
            if id(entry.alias) in found:
                found[id(entry.alias)].left.append(node)
    return found


def _same(inference: Inference, entry: Import | None) -> list[Import]:
    """Every import that binds the same name to the same meaning: the branches of a ``try``."""
    if entry is None:
        return []
    return [e for e in inference.names.imports if e.name == entry.name and e.meaning == entry.meaning]


def _names(tree: ast.Module, inference: Inference) -> Iterator[tuple[ast.Name, Scope]]:
    """Every name of a module with the scope it is read from."""
    scopes = inference.names.scopes
    stack: list[tuple[ast.AST, Scope]] = [(tree, inference.names.module)]
    while stack:
        node, scope = stack.pop()
        if isinstance(node, ast.Name):
            yield node, scope
            continue
        inner = scopes.get(node, scope)
        if inner is scope:
            stack += [(child, scope) for child in children(node)]
        else:
            outside = _outside(node)
            stack += [(child, scope if child in outside else inner) for child in children(node)]


def _outside(node: ast.AST) -> set[ast.AST]:
    """Children of a class or function that are evaluated in the scope around it."""
    found: set[ast.AST] = set()
    for name in ("decorator_list", "bases", "keywords"):
        found.update(getattr(node, name, ()))
    if (returns := getattr(node, "returns", None)) is not None:
        found.add(returns)
    return found


def conflicts(found: dict[int, Usage], inference: Inference) -> dict[ast.AST, str]:
    """Names that are left although their import now leads to the target: they are written out in full."""
    full: dict[ast.AST, str] = {}
    for usage in found.values():
        if usage.translated and _new_name(inference, usage.entry) == usage.entry.name:
            full.update({node: usage.entry.target for node in usage.left})
    return full


def _new_name(inference: Inference, entry: Import) -> str | None:
    """The name that the translated import binds."""
    if entry.alias.asname:
        return entry.alias.asname
    module = inference.pack.modules.get(entry.target)
    if module is not None:
        return entry.name if entry.is_from else module.partition(".")[0]
    target = plain_target(inference, entry) if entry.is_from else None
    return target.rpartition(".")[2] if target else None


def import_splices(
    tree: ast.Module, inference: Inference, source: SourceText, plan: Plan, found: dict[int, Usage]
) -> tuple[list[Splice], list[Diagnostic]]:
    """The changes of import statements, and what there is to say about imports."""
    splices: list[Splice] = []
    bodies = _bodies(tree)
    anchor: ast.stmt | None = None
    added = _needed(inference, plan, found)
    statements = {id(e.statement): e.statement for e in inference.names.imports}.values()
    for statement in statements:
        entries = [found[id(a)] for a in statement.names if id(a) in found]
        if not entries or any(a.name == "*" for a in statement.names):
            continue
        if statement in tree.body:
            anchor = statement
        lines = _lines(statement, entries, found, inference)
        splices.extend(_rewritten(statement, lines, source, bodies))
    splices.extend(_additions(tree, source, anchor, added, splices))
    return splices, list(_diagnostics(inference, source))


def _needed(inference: Inference, plan: Plan, found: dict[int, Usage]) -> list[str]:
    """New import lines: the target package when a name is written in full, helpers, the source for conflicts."""
    pack = inference.pack
    lines = []
    target = pack.target
    bound = any(u.translated and not u.entry.is_from and not u.entry.alias.asname and u.entry.name == pack.source for u in found.values())
    writes = any(s.through is None and _is_of(s.text, target) for e in plan.edits.values() for s in e.spelled)
    if writes and not bound:
        lines.append(f"import {target}")
    helpers = sorted({name for edit in plan.edits.values() for name in edit.helpers})
    if helpers:
        lines.append(f"from {pack.helper_module} import {', '.join(helpers)}")
    kept = {u.entry.target.partition(".")[0] for u in found.values() if u.left and not u.translated and not u.entry.is_from and not u.entry.alias.asname}
    for name in sorted({text.partition(".")[0] for text in conflicts(found, inference).values()} - kept):
        lines.append(f"import {name}")
    return lines


def _is_of(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def _lines(
    statement: ast.Import | ast.ImportFrom, entries: list[Usage], found: dict[int, Usage], inference: Inference
) -> list[str]:  # fmt: skip
    """What the statement becomes, one import a line; other packages' names in the same statement stay."""
    grouped: dict[str, list[str]] = {}
    lines: list[str] = []
    for alias in statement.names:
        usage = found.get(id(alias))
        suffix = f" as {alias.asname}" if alias.asname else ""
        if usage is None:
            lines.append(f"import {alias.name}{suffix}")
            continue
        entry = usage.entry
        is_conflict = usage.translated and _new_name(inference, entry) == entry.name
        if usage.translated:
            for text in _translated(entry, inference):
                _add(grouped, lines, text, suffix)
        if usage.left and not is_conflict:
            original = (entry.module, alias.name) if entry.is_from else (None, alias.name)
            _add(grouped, lines, original, suffix)
    lines += [f"from {module} import {', '.join(names)}" for module, names in grouped.items()]
    return list(dict.fromkeys(lines))


def _add(grouped: dict[str, list[str]], lines: list[str], text: tuple[str | None, str], suffix: str) -> None:
    module, name = text
    if module is None:
        lines.append(f"import {name}{suffix}")
    else:
        grouped.setdefault(module, []).append(f"{name}{suffix}")


def _translated(entry: Import, inference: Inference) -> Iterator[tuple[str | None, str]]:
    """(module of a ``from`` or None, name) that the import becomes."""
    modules = inference.pack.modules
    if not entry.is_from:
        module = modules.get(entry.alias.name) or modules.get(entry.target)
        if module is not None:
            yield None, module
        return
    target = modules.get(entry.target) or plain_target(inference, entry)
    if target is None:
        return
    owner, _, name = target.rpartition(".")
    if entry.target in modules and name != entry.alias.name and not entry.alias.asname:
        yield owner, f"{name} as {entry.name}"
    else:
        yield owner, name


def _rewritten(
    statement: ast.Import | ast.ImportFrom, lines: list[str], source: SourceText, bodies: dict[ast.stmt, list[ast.stmt]]
) -> Iterator[Splice]:
    start, end = source.range(statement)
    old = source.text[start:end]
    if old in lines and len(lines) == 1:
        return
    indent = source.text[source.line_start(statement.lineno) : start]
    if lines:
        yield Splice(start, end, _in_layout(old, lines, statement) or f"\n{indent}".join(lines))
    elif indent.strip() or any(c in source.text[end:].partition("\n")[0] for c in ";"):
        yield Splice(start, end, "pass")
    elif len(bodies[statement]) == 1 or _all_removed(bodies[statement], statement):
        yield Splice(start, end, "pass")
    else:
        yield Splice(*_whole_lines(source, start, end))


def _all_removed(body: list[ast.stmt], statement: ast.stmt) -> bool:
    """Whether a block below ``if`` or ``try`` holds nothing but imports: its first one keeps the block alive."""
    return all(isinstance(s, ast.Import | ast.ImportFrom) for s in body) and body[0] is statement and body[0].col_offset > 0


def _in_layout(old: str, lines: list[str], statement: ast.Import | ast.ImportFrom) -> str | None:
    """The statement with module and names exchanged in place, when that is all that changes."""
    if len(lines) != 1 or not isinstance(statement, ast.ImportFrom) or "\n" not in old:
        return None
    head = re.match(r"from (\S+) import (.*)", lines[0])
    names = head[2].split(", ") if head else []
    if head is None or len(names) != len(statement.names):
        return None
    text = _FROM.sub(f"from {head[1]} import", old, count=1)
    at = text.index(" import") + len(" import")
    for alias, name in zip(statement.names, names, strict=True):
        found = re.compile(rf"\b{re.escape(alias.name)}\b").search(text, at)
        if found is None:
            return None
        new = name.partition(" ")[0]
        text = text[: found.start()] + new + text[found.end() :]
        at = found.start() + len(new)
    return text


def _whole_lines(source: SourceText, start: int, end: int) -> tuple[int, int, str]:
    """The range of the lines that a removed statement leaves empty; a comment behind it stays."""
    line_start = source.text.rfind("\n", 0, start) + 1
    line_end = source.text.find("\n", end)
    line_end = len(source.text) if line_end < 0 else line_end + 1
    rest = source.text[end:line_end]
    if "#" in rest:
        return start, end + len(rest) - len(rest.lstrip(" \t")), ""
    return line_start, line_end, ""


def _additions(
    tree: ast.Module, source: SourceText, anchor: ast.stmt | None, lines: list[str], splices: list[Splice]
) -> Iterator[Splice]:
    """New import lines go behind the last import of the source framework, else below docstring and ``__future__``."""
    if not lines:
        return
    if anchor is not None:
        offset = source.line_start((anchor.end_lineno or anchor.lineno) + 1)
    else:
        body = [s for s in tree.body if _is_preamble(s)]
        offset = source.line_start((body[-1].end_lineno or 0) + 1) if body else _after_comments(source)
    before = "" if offset == 0 or source.text[offset - 1 : offset] in "\r\n" else "\n"
    yield Splice(offset, offset, before + "".join(f"{line}\n" for line in lines))


def _after_comments(source: SourceText) -> int:
    """Behind the interpreter line and the encoding declaration."""
    kept = 0
    for line in source.lines[:2]:
        if not line.startswith("#"):
            break
        kept += len(line)
    return kept


def _is_preamble(statement: ast.stmt) -> bool:
    is_text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return is_text or (isinstance(statement, ast.ImportFrom) and statement.module == "__future__")


def _bodies(tree: ast.Module) -> dict[ast.stmt, list[ast.stmt]]:
    found: dict[ast.stmt, list[ast.stmt]] = {}
    for node in walk(tree):
        for name in ("body", "orelse", "finalbody"):
            body = getattr(node, name, None)
            if isinstance(body, list):
                found.update({s: body for s in body if isinstance(s, ast.stmt)})
    return found


def _diagnostics(inference: Inference, source: SourceText) -> Iterator[Diagnostic]:
    seen: set[ast.stmt] = set()
    uses_source = any(inference.is_source(entry.module) for entry in inference.names.imports)
    for entry in inference.names.imports:
        statement = entry.statement
        if statement in seen:
            continue
        if inference.is_source(entry.module) and entry.name == "*":
            seen.add(statement)
            hint = f"write the names out: `from {entry.module} import ...`"
            yield import_diagnostic("T103", source, statement, f"`from {entry.module} import *` does not name what it brings", hint)
        elif isinstance(statement, ast.ImportFrom) and statement.level and uses_source:
            seen.add(statement)
            yield import_diagnostic(
                "T101", source, statement, f"`{entry.module}` belongs to the same package, and this file was translated alone",
                "translate the package as a whole, or put a translated "
                f"`{entry.module.lstrip('.') or entry.alias.name}` beside the output",
            )  # fmt: skip
