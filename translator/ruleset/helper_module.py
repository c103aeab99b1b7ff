"""The helper module of an output: the pack's helpers that it imports, and the adapters."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path

from translator.core import ConfigError
from translator.ruleset.adapter import Adapter, adapter_of, adapters_by_name, support_text
from translator.ruleset.model import RuleSet

MARK = "# Written by `translate`: the functions that translated files beside this one import.\n"


def helper_module(names: Iterable[str], rules: RuleSet) -> str:
    """The text of a module that defines ``names``.

    A helper comes with its whole topic file, an adapter is generated from its rule.

    Raises:
        ConfigError: a helper is defined nowhere.
    """
    folder = Path(rules.pack.folder) / "helpers"
    topics = {path: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.py"))}
    defined = {name: path for path, text in topics.items() for name in definitions(text)}
    wanted = {name for name in names if not name.startswith("_")} - definitions(support_text())
    adapters = _adapters(wanted - set(defined), rules)
    wanted |= {helper for adapter in adapters for helper in adapter.helpers}
    chosen = [topics[path] for path in sorted({defined[name] for name in wanted & set(defined)})]
    if adapters:
        chosen += [support_text(), f"import {rules.pack.target}\n\n" + "\n\n".join(a.text for a in adapters)]
    return MARK + _joined(chosen)


def _adapters(names: Iterable[str], rules: RuleSet) -> list[Adapter]:
    by_name = adapters_by_name(rules)
    found = []
    for name in sorted(names):
        rule = by_name.get(name)
        adapter = adapter_of(rule, rules) if rule is not None else None
        if adapter is None:
            raise ConfigError(f"no helper is called `{name}`", path=rules.pack.folder, hint="add it below helpers/")
        found.append(adapter)
    return found


def definitions(text: str) -> set[str]:
    """The functions and classes that a module defines."""
    return {s.name for s in ast.parse(text).body if isinstance(s, ast.FunctionDef | ast.ClassDef)}


def _joined(texts: list[str]) -> str:
    """Several modules as one: imports first and once, then every body."""
    imports: dict[str, None] = {}
    bodies = []
    for text in texts:
        lines = text.splitlines(keepends=True)
        last = 0
        for i, statement in enumerate(ast.parse(text).body):
            is_docstring = i == 0 and isinstance(statement, ast.Expr)
            if not is_docstring and not isinstance(statement, ast.Import | ast.ImportFrom):
                break
            if not is_docstring:
                imports["".join(lines[statement.lineno - 1 : statement.end_lineno])] = None
            last = statement.end_lineno or last
        bodies.append("".join(lines[last:]).strip("\n"))
    future = [line for line in imports if "__future__" in line]
    rest = sorted(line for line in imports if "__future__" not in line)
    return "\n".join(["".join(future), "".join(rest)]) + "\n\n" + "\n\n\n".join(bodies) + "\n"
