"""``translate_source``: one file's text to a Translation."""

from __future__ import annotations

import ast
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

from translator.analysis.annotations import unquote
from translator.analysis.flow import analyse
from translator.analysis.text import SourceText
from translator.core import AppliedEdit, Diagnostic, SourceError, Translation
from translator.engine.apply import Splice, spliced, splices
from translator.engine.imports import conflicts, import_splices, usages
from translator.engine.plan import Plan, make_plan
from translator.engine.suffix import suffix_splices
from translator.ruleset.load import load_rules
from translator.ruleset.model import RuleSet

BYTE_ORDER_MARK = "\ufeff"


def translate_source(
    text: str, *, path: str = "<string>", rules: RuleSet | None = None, suffix: str = ""
) -> Translation:
    """Translate the text of one module.

    Args:
        text: Python source; it is parsed, never run.
        path: the name that diagnostics show.
        rules: the rule table; the built-in one by default.
        suffix: is appended to the names of the module's public classes and builders.

    Raises:
        SourceError: not valid Python; names the line.
    """
    if text.startswith(BYTE_ORDER_MARK):
        rest = translate_source(text[1:], path=path, rules=rules, suffix=suffix)
        return replace(rest, source=text, text=BYTE_ORDER_MARK + rest.text)
    known = rules or load_rules()
    tree = parse(text, path)
    source = SourceText(path, text)
    if not suffix and not any(name in text for name in known.pack.source_packages):
        return Translation(path, text, text, line_map=tuple(range(1, len(source.lines) + 1)))
    unquote(tree, source)
    inference = analyse(tree, known)
    plan = make_plan(tree, inference, source)
    suffixes = suffix_splices(tree, inference, source, suffix) if suffix else []
    found = usages(tree, inference, plan)
    names = {node: name for node, name in suffixes if isinstance(node, ast.Name)}
    changes = splices(tree, source, plan, conflicts(found, inference) | names)
    if any(d.code == "T001" for d in plan.diagnostics):
        found = usages(tree, inference, plan)
    lines, said = import_splices(tree, inference, source, plan, found)
    renames = [Splice(*source.name_range(node), name) for node, name in suffixes if not isinstance(node, ast.Name)]
    changes = _checked([*changes, *lines, *renames], source, plan)
    return _translation(source, plan, changes, said)


def parse(text: str, path: str) -> ast.Module:
    """Parse a module.

    Raises:
        SourceError: a syntax error, with its line.
    """
    return _compiled(text, path, ast.PyCF_ONLY_AST)  # type: ignore[no-any-return]


def _compiled(text: str, path: str, flags: int = 0) -> Any:
    """What ``compile`` makes of a text that has to be Python.

    Raises:
        SourceError: it is not; names the line.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return compile(text, path, "exec", flags, dont_inherit=True)
    except SyntaxError as error:
        raise SourceError(
            f"not valid Python: {error.msg}", path=path, line=error.lineno or 1, hint="mend the source first"
        ) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise SourceError(f"cannot be parsed: {error}", path=path, line=1, hint="mend the source first") from error


def read_source(path: Path) -> str:
    """The text of a source file, line ends as they are.

    Raises:
        SourceError: missing, unreadable, or not UTF-8.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SourceError(f"cannot read: {error.strerror}", path=str(path), hint="check the path") from error
    return decoded(data, str(path))


def decoded(data: bytes, path: str) -> str:
    """The text of a source file's bytes.

    Raises:
        SourceError: not UTF-8; names the line.
    """
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SourceError("not UTF-8", path=path, line=line, hint="save the file as UTF-8") from error


def _checked(changes: list[Splice], source: SourceText, plan: Plan) -> list[Splice]:
    """The changes that together give valid Python; one that does not is taken back and becomes T001."""
    while True:
        text = spliced(source, changes)[0]
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                compile(text, source.path, "exec", dont_inherit=True)
            return changes
        except (SyntaxError, ValueError):
            _compiled(source.text, source.path)
            bad = next((c for c in changes if c.edits and not _compiles(spliced(source, [c])[0])), None)
            bad = bad or next((c for c in changes if c.edits), None)
            if bad is None:
                return []
            for edit in bad.edits:
                if edit.site.node in plan.edits:
                    plan.fail(edit, "its result is not valid Python here")
            changes = [c for c in changes if c is not bad]


def _compiles(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return True


def _translation(source: SourceText, plan: Plan, changes: list[Splice], said: list[Diagnostic]) -> Translation:
    text, line_map, placed = spliced(source, changes)
    edits = tuple(
        AppliedEdit(e.site.position, e.site.api, e.site.rule.origin if e.site.rule else "", e.site.certainty, first, last)
        for e, first, last in placed
    )
    helpers = tuple(sorted({name for e in plan.edits.values() for name in e.helpers}))
    diagnostics = sorted([*plan.diagnostics, *said], key=lambda d: (d.position, d.code))
    return Translation(source.path, source.text, text, tuple(diagnostics), edits, plan.counts(), line_map, helpers)
