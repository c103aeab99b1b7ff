"""``translate_source``: one file's text to a Translation; ``summarize_source``: what it is for others."""

from __future__ import annotations

import ast
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from translator.analysis.annotations import unquote
from translator.analysis.comments import TypeComments
from translator.analysis.flow import analyse
from translator.analysis.observed import FileFacts, Observations
from translator.analysis.summarize import summary_of
from translator.analysis.summary import ModuleSummary
from translator.analysis.text import SourceText
from translator.analysis.world import Place, World
from translator.codes import CODES
from translator.core import AppliedEdit, Diagnostic, Position, SourceError, Translation
from translator.engine.apply import splices
from translator.engine.attributes import kept_tensors
from translator.engine.identity import settle_identities
from translator.engine.imports import import_splices, unread_types
from translator.engine.plan import Plan, make_plan
from translator.engine.promotion import settle_promotions
from translator.engine.removal import removed_statements
from translator.engine.splice import Splice, spliced
from translator.engine.suffix import suffix_splices
from translator.engine.usage import conflicts, usages
from translator.engine.writes import settle_writes
from translator.rewrites import Edit
from translator.ruleset.load import load_rules
from translator.ruleset.model import RuleSet

BYTE_ORDER_MARK = "\ufeff"
DEPTH = 20_000  # frames: libcst takes about seven for each level of nesting


def translate_source(
    text: str,
    *,
    path: str = "<string>",
    rules: RuleSet | None = None,
    suffix: str = "",
    module: str = "",
    is_package: bool = False,
    world: World | None = None,
    helper_module: str | None = None,
    observed: Observations | None = None,
) -> Translation:
    """Translate the text of one module.

    Args:
        text: Python source; it is parsed, never run.
        path: the name that diagnostics show.
        rules: the rule table; the built-in one by default.
        suffix: is appended to the names of the module's public classes and builders.
        module: the dotted name of the file in the tree that is translated; ``is_package``: it is an ``__init__``.
        world: the summaries of the tree's modules, see ``summarize_source``; without it the file is translated alone.
        helper_module: where the output imports helpers from, e.g. ``..helpers``; by default the pack's, beside it.
        observed: what a run of the source model showed of values, for where the source itself says nothing.

    Raises:
        SourceError: not valid Python; names the line.
    """
    place = Place(module, is_package or Path(path).name == "__init__.py", world or World())
    with _deep(path):
        seen = observed.of(text) if observed is not None else None
        return _translated(text, path, rules or load_rules(), suffix, place, helper_module, seen)


def summarize_source(
    text: str,
    *,
    path: str = "<string>",
    module: str,
    is_package: bool = False,
    rules: RuleSet | None = None,
    world: World | None = None,
) -> ModuleSummary:
    """What the other files of a tree need to know of one module.

    One round without ``world``, in any order, is enough: what only other modules can tell is written down by name,
    and the World of all summaries looks it up. The result depends on the text, the names, the rules and ``world``.

    Raises:
        SourceError: not valid Python; names the line.
    """
    with _deep(path):
        source = SourceText(path, text.removeprefix(BYTE_ORDER_MARK))
        tree = parse(source.text, path)
        TypeComments(tree, source)
        unquote(tree, source)
        place = Place(module, is_package, world or World())
        return summary_of(tree, analyse(tree, rules or load_rules(), place, is_summary=True), source)


@contextmanager
def _deep(path: str) -> Iterator[None]:
    """Room for deeply nested code.

    Raises:
        SourceError: it is nested even deeper.
    """
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, DEPTH))
    try:
        yield
    except RecursionError as error:
        hint = "split its longest expression"
        raise SourceError("nested too deeply to be read", path=path, line=1, hint=hint) from error
    finally:
        sys.setrecursionlimit(limit)


def _translated(
    text: str,
    path: str,
    rules: RuleSet,
    suffix: str,
    place: Place,
    helper_module: str | None,
    seen: FileFacts | None,
) -> Translation:
    if text.startswith(BYTE_ORDER_MARK):
        rest = _translated(text[1:], path, rules, suffix, place, helper_module, seen)
        return replace(rest, source=text, text=BYTE_ORDER_MARK + rest.text)
    tree = parse(text, path)
    source = SourceText(path, text)
    is_plain = not any(name in text for name in rules.pack.source_packages)
    if is_plain and not suffix and not place.world.uses(place.module):
        return Translation(path, text, text, line_map=tuple(range(1, len(source.lines) + 1)))
    comments, strings = TypeComments(tree, source), unquote(tree, source)
    inference = analyse(tree, rules, place, seen=seen)
    inference.is_guessing = not is_plain
    plan = make_plan(tree, inference, source)
    settle_identities(plan, inference)
    settle_promotions(plan, inference, source)
    settle_writes(plan, inference, source)
    plan.notes += kept_tensors(inference, source)
    suffixes = suffix_splices(tree, inference, source, suffix) if suffix else []
    names = {node: name for node, name in suffixes if isinstance(node, ast.Name | ast.Attribute)}
    renames = [Splice(*source.name_range(node), name) for node, name in suffixes if node not in names]
    while True:  # an edit that fails is taken back, and what depends on it is decided anew
        left = len(plan.left)
        found = usages(inference, plan)
        gone = removed_statements(tree, plan)
        changes = splices(tree, source, plan, conflicts(found, inference) | names, gone)
        if len(plan.left) > left:
            continue
        lines, said = import_splices(tree, inference, source, plan, found, gone, helper_module)
        changes += [*lines, *renames]
        said += unread_types(strings, comments, inference, source)
        failed = _culprits(changes, source)
        if failed is None:
            return _untouched(source, plan)
        if not failed:
            return _translation(source, plan, changes, said)
        for edit in failed:
            plan.fail(edit, "its result is not valid Python here")


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


def _culprits(changes: list[Splice], source: SourceText) -> tuple[Edit, ...] | None:
    """The edits to take back when the changes together are not valid Python: of one change, or of all.

    Returns:
        None when there is no edit to take back: imports or new names alone broke the file.
    """
    if _compiles(spliced(source, changes)[0]):
        return ()
    _compiled(source.text, source.path)
    alone = (c.edits for c in changes if c.edits and not _compiles(spliced(source, [c])[0]))
    return next(alone, tuple(edit for c in changes for edit in c.edits)) or None


def _untouched(source: SourceText, plan: Plan) -> Translation:
    """The file as it was: its imports could not be rewritten, which is a bug here."""
    reason = "the imports of this file could not be rewritten"
    for edit in list(plan.edits.values()):
        plan.fail(edit, reason)
    place = Position(source.path, 1, 0, 1, 0)
    found = Diagnostic("T001", CODES["T001"].severity, place, reason, hint="please report this")
    return _translation(source, plan, [], [found])


def _compiles(text: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(text, "<string>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return False
    return True


def _translation(source: SourceText, plan: Plan, changes: list[Splice], said: list[Diagnostic]) -> Translation:
    text, line_map, placed = spliced(source, changes)
    edits = tuple(
        AppliedEdit(e.site.position, e.site.api, e.site.rule.origin if e.site.rule else "", e.certainty, first, last)
        for e, first, last in placed
    )
    helpers = tuple(sorted(plan.helpers()))
    diagnostics = sorted([*plan.diagnostics, *said], key=lambda d: (d.position, d.code))
    return Translation(source.path, source.text, text, tuple(diagnostics), edits, plan.counts(), line_map, helpers)
