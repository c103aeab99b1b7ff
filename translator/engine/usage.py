"""How the names that imports bind are used once a plan is applied."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from translator.analysis.infer import Inference
from translator.analysis.names import Import
from translator.analysis.sites import plain_target, root_name
from translator.engine.plan import Plan, stand_in


@dataclass(slots=True)
class Usage:
    """Who needs a name that an import binds: translated sites, sites that are left."""

    entry: Import
    translated: bool = False
    left: list[ast.Name] = field(default_factory=list)


def usages(inference: Inference, plan: Plan) -> dict[int, Usage]:
    """How every import that leads to the source framework is used once the plan is applied, by ``id`` of its alias."""
    entries = (e for e in inference.names.imports if inference.is_source(e.target if e.is_passed else e.module))
    found = {id(e.alias): Usage(e, new_target(inference, e) is not None and e.is_stable) for e in entries}
    for edit in plan.edits.values():
        root = edit.site.root
        if edit.helpers and root is not None and inference.is_replaced(root):
            found[id(root.alias)].translated = True
        for spelled in edit.spelled:
            for entry in _same(spelled.through):
                if id(entry.alias) in found:
                    found[id(entry.alias)].translated = True
    consumed = {name for edit in plan.edits.values() if edit.site.root and (name := root_name(edit.site.written))}
    bound = {usage.entry.name for usage in found.values()}
    for node, scope in inference.names.reads:
        holder = scope.holder(node.id) if node.id in bound and node not in consumed else None
        if holder is None:
            continue
        for entry in holder.imports.get(node.id, []):
            if id(entry.alias) in found:
                found[id(entry.alias)].left.append(node)
    for usage in found.values():  # the package itself cannot be bound for others and be both frameworks here
        is_package = usage.entry.is_kept and not usage.entry.is_from and not usage.entry.alias.asname
        usage.translated = usage.translated and not (is_package and usage.left)
    return found


def _same(entry: Import | None) -> list[Import]:
    """Every import that binds the same name to the same meaning there: the branches of a ``try``."""
    return [e for e in entry.scope.imports[entry.name] if e.meaning == entry.meaning] if entry else []


def conflicts(found: dict[int, Usage], inference: Inference) -> dict[ast.AST, str]:
    """Names that are left although their import now leads to the target: they are written out in full."""
    full: dict[ast.AST, str] = {}
    for usage in found.values():
        if is_conflict(usage, inference):
            package, dot, rest = usage.entry.target.partition(".")
            full.update(dict.fromkeys(usage.left, f"{source_name(package, inference)}{dot}{rest}"))
    return full


def source_name(package: str, inference: Inference) -> str:
    """What the output calls the package itself: by another name where the file gives its name another meaning."""
    names = inference.names
    is_its_own = all(entry is not None and entry.target == package for entry in names.bindings(package))
    reads = (scope for node, scope in names.reads if node.id == package)
    is_free = is_its_own and all(scope.holder(package) is not None for scope in reads)
    return package if is_free else f"{package}_source"


def source_import(package: str, inference: Inference) -> str:
    """The import that names written out in full need."""
    name = source_name(package, inference)
    return f"import {package}" if name == package else f"import {package} as {name}"


def is_conflict(usage: Usage, inference: Inference) -> bool:
    """Whether what is left by an import's name would find the target behind it."""
    return usage.translated and new_name(inference, usage.entry) == usage.entry.name


def new_target(inference: Inference, entry: Import) -> str | None:
    """The target's module or name that an import leads to after the translation; None when it cannot."""
    if entry.is_kept and entry.scope.imported(entry.name) is None:
        return None
    module = inference.pack.modules.get(entry.target)
    return module or (plain_target(inference, entry) if entry.is_from else None)


def new_name(inference: Inference, entry: Import) -> str | None:
    """The name that the translated import binds."""
    if entry.alias.asname or entry.is_stable:
        return entry.name
    module = inference.pack.modules.get(entry.target)
    if module is not None:
        return entry.name if entry.is_from else module.partition(".")[0]
    if inference.is_replaced(entry):
        return entry.name
    target = plain_target(inference, entry) if entry.is_from else None
    return target.rpartition(".")[2] if target else None


def is_stuck(usage: Usage, inference: Inference) -> bool:
    """Whether other modules take a name from here that cannot lead to the target."""
    is_replaced = inference.is_replaced(usage.entry) or stand_in(usage.entry, inference) is not None
    return usage.entry.is_kept and not usage.translated and not is_replaced


def is_unclear(inference: Inference) -> bool:
    """Whether a star import of the source framework may bring more than what was found."""
    names = inference.names
    is_passed_on = names.place.is_package and "__all__" not in names.module.others
    return bool(names.unexplained) or is_passed_on
