"""Import statements: kept as the author wrote them, led to the target, removed when unused, added only if needed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from itertools import takewhile

from translator.analysis.annotations import dotted_names
from translator.analysis.comments import TypeComments
from translator.analysis.infer import Inference
from translator.analysis.names import Import
from translator.analysis.sites import plain_target, root_name
from translator.analysis.text import SourceText
from translator.codes import CODES
from translator.core import Diagnostic, Position
from translator.engine.deferral import Deferral, deferral
from translator.engine.plan import Plan, import_diagnostic
from translator.engine.removal import bodies_of, on_line, removal
from translator.engine.splice import Splice, lost_comments
from translator.engine.usage import (
    Usage,
    is_conflict,
    is_stuck,
    is_unclear,
    new_name,
    source_import,
    source_name,
)
from translator.rewrites import Edit

_FROM = re.compile(r"from\s+([.\w]+)\s+import\b")
_COMMA_BELOW = re.compile(r"[ \t]*(?:#[^\r\n]*)?[\r\n][^,)]*,")
_ALONE = re.compile(r"[ \t]*,?[ \t]*(?:#[^\r\n]*)?(?:\r\n|\n)")

Name = tuple[str | None, str, str | None]  # the module of a `from` import or None, the name, what it is bound as


def import_splices(
    tree: ast.Module,
    inference: Inference,
    source: SourceText,
    plan: Plan,
    found: dict[int, Usage],
    gone: Mapping[ast.stmt, tuple[Edit, ...]],
    helper_module: str | None = None,
) -> tuple[list[Splice], list[Diagnostic]]:
    """The changes of import statements, and what there is to say about imports.

    Args:
        gone: statements that are taken out, and why; an import beside them must not leave an empty block.
        helper_module: where the helpers are imported from; the pack's name for it, beside the file, by default.
    """
    moved = deferral(found, inference, plan, source)
    results: dict[ast.stmt, list[list[Name]]] = {
        statement: _results(statement, found, inference, moved)
        for statement in {id(e.statement): e.statement for e in inference.names.imports}.values()
        if any(id(a) in found and _may_change(found[id(a)], inference) for a in _aliases(statement, inference))
    }
    removed = {statement for statement, names in results.items() if not any(names)} | set(gone)
    bodies = bodies_of(tree) if removed else {}
    splices: list[Splice] = []
    for statement, edits in gone.items():
        splices.append(replace(removal(statement, source, bodies[statement], removed), edits=edits))
        splices.extend(lost_comments(source.text[slice(*source.range(statement))], "", statement, source))
    for statement, names in results.items():
        assert isinstance(statement, ast.Import | ast.ImportFrom)
        start, end = source.range(statement)
        if statement in removed:
            splice = removal(statement, source, bodies[statement], removed)
        else:
            splice = Splice(start, end, _in_place(statement, names, source) or _rebuilt(statement, names, source))
        if splice.text != source.text[start:end]:
            splices.append(splice)
            splices.extend(lost_comments(source.text[start:end], splice.text, statement, source))
    splices.extend(_additions(tree, source, set(results), _needed(inference, plan, found, moved, helper_module)))
    splices.extend(moved.splices(source))
    return splices, list(_diagnostics(inference, source, plan, found))


def _needed(
    inference: Inference, plan: Plan, found: dict[int, Usage], moved: Deferral, helper_module: str | None
) -> list[str]:
    """New import lines: the target package when a name is written in full, helpers, the source for conflicts."""
    pack = inference.pack
    lines = []
    target = pack.target
    bound = any(u.translated and not u.entry.is_from and new_name(inference, u.entry) == target for u in found.values())
    writes = any(s.through is None and _is_of(s.text, target) for e in plan.edits.values() for s in e.spelled)
    if writes and not bound:
        lines.append(f"import {target}")
    if plan.helpers():
        used = sorted({name for edit in plan.edits.values() for name in edit.helpers})
        names = {(name, inference.helper_name(name)): None for name in used}
        names |= {(helper, name): None for name, helper in sorted(plan.passed_on.items())}
        imported = ", ".join(name if new == name else f"{name} as {new}" for name, new in names)
        lines.append(f"from {helper_module or pack.helper_module} import {imported}")
    plain = [
        u
        for u in found.values()
        if not u.entry.is_from and not u.entry.alias.asname and u.entry.scope is inference.names.module
    ]
    needed = {key: usage for key, usage in found.items() if key not in moved.aliases}
    kept = {u.entry.name for u in plain if u.left and not is_conflict(u, inference) and id(u.entry.alias) in needed}
    packages = {u.entry.target.partition(".")[0] for u in needed.values() if u.left and is_conflict(u, inference)}
    return [*lines, *(source_import(p, inference) for p in sorted(packages) if source_name(p, inference) not in kept)]


def _is_of(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def _results(
    statement: ast.Import | ast.ImportFrom, found: dict[int, Usage], inference: Inference, moved: Deferral
) -> list[list[Name]]:
    """What each name of the statement becomes: nothing, one import, or two where some uses are left."""
    results: list[list[Name]] = []
    module = "." * statement.level + (statement.module or "") if isinstance(statement, ast.ImportFrom) else None
    for alias in _aliases(statement, inference):
        usage = found.get(id(alias))
        is_own = usage is not None and not usage.entry.is_passed
        names = list(_translated(usage.entry, inference)) if usage is not None and is_own and usage.translated else []
        if (
            usage is None
            or not (is_own or _may_change(usage, inference))
            or (_stays(usage, inference) and id(alias) not in moved.aliases)
            or (alias.name == "*" and is_unclear(inference))
        ):
            names.append((module, alias.name, alias.asname))
        results.append(list(dict.fromkeys(names)))
    return results


def _may_change(usage: Usage, inference: Inference) -> bool:
    """Whether the import may become another; one that comes through the tree stays, or goes when nothing needs it."""
    if usage.entry.is_passed and usage.entry.statement in inference.names.starred:
        return False
    return not usage.entry.is_passed or not (usage.translated or usage.left or usage.entry.is_kept)


def _aliases(statement: ast.Import | ast.ImportFrom, inference: Inference) -> list[ast.alias]:
    """What a statement imports; a star is followed by the names that it was found to bring."""
    return [*statement.names, *(entry.alias for entry in inference.names.starred.get(statement, ()))]


def _stays(usage: Usage, inference: Inference) -> bool:
    """Whether the source's own name is still needed, by what is left or by other modules."""
    is_needed = usage.left and not is_conflict(usage, inference)
    return bool(is_needed or is_stuck(usage, inference))


def _translated(entry: Import, inference: Inference) -> Iterator[Name]:
    """What an import of the source framework becomes."""
    modules, asname = inference.pack.modules, entry.alias.asname
    if not entry.is_from:
        bound = entry.name if entry.is_kept else asname
        module = modules.get(entry.target if bound else entry.alias.name) or modules.get(entry.target)
        if module is not None:
            yield None, module, bound
        return
    target = modules.get(entry.target) or plain_target(inference, entry)
    if target is None:
        return
    owner, _, name = target.rpartition(".")
    is_renamed_module = entry.target in modules and name != entry.alias.name
    if entry.is_kept:
        yield owner, name, None if name == entry.name and not asname else entry.name
        return
    bound = asname or (entry.name if is_renamed_module else None)
    yield owner, name, None if bound == name != entry.alias.name else bound


def _written(name: Name) -> str:
    return f"{name[1]} as {name[2]}" if name[2] else name[1]


def _in_place(statement: ast.Import | ast.ImportFrom, results: list[list[Name]], source: SourceText) -> str | None:
    """The statement with its names exchanged or taken out, all else as the author wrote it; None if that cannot be."""
    if len(results) != len(statement.names):
        return None
    modules = {name[0] for names in results for name in names}
    if any(len(names) > 1 for names in results) or len(modules) != 1:
        return None
    begin, end = source.range(statement)
    old, (module,) = source.text[begin:end], modules
    ranges = [tuple(at - begin for at in source.range(alias)) for alias in statement.names]
    changes: list[tuple[int, int, str]] = []
    if module is not None:
        head = _FROM.match(old)
        if head is None:
            return None
        changes.append((*head.span(1), module))
    kept = [i for i, names in enumerate(results) if names]
    for i, (alias, names, (start, stop)) in enumerate(zip(statement.names, results, ranges, strict=True)):
        if names:
            is_plain = names[0][2] == alias.asname and old.startswith(alias.name, start)
            whole = (start, stop, _written(names[0]))
            changes.append((start, start + len(alias.name), names[0][1]) if is_plain else whole)
        elif _COMMA_BELOW.match(old, stop):
            return None
        elif "(" in old and (line := _own_line(old, start, stop)):
            changes.append((*line, ""))
        elif i < kept[-1]:
            changes.append((start, ranges[i + 1][0], ""))
        else:
            changes.append((ranges[i - 1][1], stop, ""))
    text = old
    for start, stop, new in reversed(changes):
        text = text[:start] + new + text[stop:]
    return text


def _own_line(text: str, start: int, stop: int) -> tuple[int, int] | None:
    """The line of a name that stands on it alone, with comma and comment."""
    first = text.rfind("\n", 0, start) + 1
    behind = _ALONE.match(text, stop)
    return (first, behind.end()) if behind and first and not text[first:start].strip() else None


def _rebuilt(statement: ast.Import | ast.ImportFrom, results: list[list[Name]], source: SourceText) -> str:
    """The imports in the statement's place, one a line; behind a semicolon or colon, on the same line."""
    grouped: dict[str | None, list[str]] = {}
    for name in (name for names in results for name in names):
        grouped.setdefault(name[0], []).append(_written(name))
    parts = [
        f"from {module} import {', '.join(names)}" if module else "\0".join(f"import {name}" for name in names)
        for module, names in grouped.items()
    ]
    before, behind = on_line(statement, source)
    between = "; " if before.strip() or behind.lstrip().startswith(";") else source.newline + before
    return "\0".join(parts).replace("\0", between)


def _additions(
    tree: ast.Module, source: SourceText, imports: AbstractSet[ast.stmt], lines: list[str]
) -> Iterator[Splice]:
    """New import lines go behind the first imports of the source framework, else below docstring and ``__future__``."""
    if not lines:
        return
    first = next((i for i, s in enumerate(tree.body) if s in imports), None)
    if first is not None:
        run = takewhile(lambda s: isinstance(s, ast.Import | ast.ImportFrom), tree.body[first:])
        anchor = [s for s in run if s in imports][-1]
        is_shared = ";" in on_line(anchor, source)[1].partition("#")[0]
        behind = (anchor.end_lineno or anchor.lineno) + 1
        offset = source.line_start(source.logical_line(anchor.lineno) if is_shared else behind)
    else:
        body = list(takewhile(_is_preamble, tree.body))
        offset = source.line_start((body[-1].end_lineno or 0) + 1) if body else _after_comments(source)
    before = "" if offset == 0 or source.text[offset - 1 : offset] in "\r\n" else source.newline
    yield Splice(offset, offset, before + "".join(f"{line}{source.newline}" for line in lines))


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


def unread_types(
    strings: list[ast.Constant], comments: TypeComments, inference: Inference, source: SourceText
) -> Iterator[Diagnostic]:
    """Names of the source framework in annotations of a string or a comment that cannot be read in its place."""
    quoted = [(source.position(string), name) for string in strings for name in dotted_names(string)]
    noted = [(Position(source.path, n, at, n, at + len(name)), name) for n, at, name in comments.names()]
    for kind, hint, places in (
        ("string", "write the annotation in one plain string, or without quotes", quoted),
        ("type comment", "write an annotation instead of the comment", noted),
    ):
        for place, name in places:
            entry = inference.names.module.imported(name.partition(".")[0])
            if entry is not None and inference.is_source(entry.target):
                what = f"`{name}` in this {kind} stays as it is"
                yield Diagnostic("T311", CODES["T311"].severity, place, what, hint=hint)


def _diagnostics(inference: Inference, source: SourceText, plan: Plan, found: dict[int, Usage]) -> Iterator[Diagnostic]:
    seen: set[ast.stmt] = set()
    told = {root_name(site.written) for site, _ in plan.left.values()}
    uses_source = any(inference.is_source(entry.module) for entry in inference.names.imports)
    for entry in inference.names.imports:
        statement = entry.statement
        if statement in seen:
            continue
        usage = found.get(id(entry.alias))
        if usage is not None and (unclear := [name for name in usage.left if name not in told]):
            seen.add(statement)
            yield import_diagnostic(
                "T102",
                source,
                statement,
                f"`{entry.name}` of line {unclear[0].lineno} is not this import for sure, so both are left",
                f"give `{entry.name}` one meaning: import it once, and assign nothing else to it",
            )
        if usage is not None and statement not in seen and is_stuck(usage, inference):
            seen.add(statement)
            yield import_diagnostic(
                "T102",
                source,
                statement,
                f"`{entry.name}` is here for other modules, and leads to `{entry.target}` still",
                f"translate what is left of it, or write a rule for `{entry.target}`",
            )
        if inference.is_source(entry.module) and entry.name == "*" and is_unclear(inference):
            seen.add(statement)
            missing = ", ".join(f"`{name}`" for name in sorted(inference.names.unexplained)[:3])
            what = f"may bring {missing}" if missing else "passes on what it does not name"
            hint = f"write the names out: `from {entry.module} import ...`"
            yield import_diagnostic("T103", source, statement, f"`from {entry.module} import *` {what}", hint)
        elif _is_missing(statement, entry, inference) and uses_source:
            seen.add(statement)
            yield import_diagnostic(
                "T101",
                source,
                statement,
                f"`{entry.module}` belongs to the same package, and this file was translated alone",
                "translate the package as a whole, or put a translated "
                f"`{entry.module.lstrip('.') or entry.alias.name}` beside the output",
            )


def _is_missing(statement: ast.stmt, entry: Import, inference: Inference) -> bool:
    """Whether an import of the file's own package leads to a module that is not translated with it."""
    world, is_relative = inference.place.world, isinstance(statement, ast.ImportFrom) and statement.level > 0
    is_plain = entry.target == f"{entry.module}.{entry.alias.name}"
    return is_relative and (entry.module not in world.modules or (is_plain and not world.has(entry.target)))
