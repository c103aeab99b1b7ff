"""The work of one process: some files of a project, translated one by one, whatever is in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from translator.analysis.observed import Observations
from translator.analysis.summary import ModuleSummary
from translator.analysis.world import World
from translator.codes import CODES
from translator.core import Diagnostic, Position, SourceError, Translation
from translator.engine.translate import decoded, summarize_source, translate_source
from translator.project.notebook import Notebook, open_notebook
from translator.project.package import Reduced
from translator.ruleset.model import RuleSet

SIZE = 150_000  # characters in a batch: about a second of work


@dataclass(frozen=True, slots=True)
class Task:
    """One module to translate; ``shown`` is the path that diagnostics name, ``unreadable`` why there is no data."""

    shown: str
    data: bytes
    module: str
    is_package: bool
    helper_module: str
    suffix: str = ""
    unreadable: str = ""
    observed: Observations | None = None
    cut: Reduced | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """What travels to a process: tasks with everything that they need."""

    rules: RuleSet
    world: World
    tasks: tuple[Task, ...]


def batches(rules: RuleSet, world: World, tasks: Iterable[Task], size: int = SIZE) -> Iterator[Batch]:
    """The tasks in their order, in batches of about ``size`` characters."""
    held: list[Task] = []
    length = 0
    for task in tasks:
        held.append(task)
        length += len(task.data)
        if length >= size:
            yield Batch(rules, world, tuple(held))
            held, length = [], 0
    if held:
        yield Batch(rules, world, tuple(held))


def translate_batch(batch: Batch) -> list[Translation]:
    """Every task's translation; a file that cannot be translated is one with an error, and its text as it was."""
    return [_translated(task, batch.rules, batch.world) for task in batch.tasks]


def summarize_batch(batch: Batch) -> list[ModuleSummary | None]:
    """What other modules need to know of each task's; None for a file that cannot be read, which is said later."""
    return [_summarized(task, batch.rules) for task in batch.tasks]


def _summarized(task: Task, rules: RuleSet) -> ModuleSummary | None:
    try:
        _, text = _opened(task)
        return summarize_source(text, path=task.shown, module=task.module, is_package=task.is_package, rules=rules)
    except Exception:  # noqa: BLE001 - translating the file says what is wrong with it
        return None


def _opened(task: Task) -> tuple[Notebook | None, str]:
    """The Python of a task: the file's text, what is left of it, or the code of a notebook."""
    if task.shown.endswith(".ipynb"):
        notebook = open_notebook(task.data, task.shown)
        return notebook, notebook.text if notebook is not None else ""
    return None, decoded(task.data, task.shown) if task.cut is None else task.cut.text


def _translated(task: Task, rules: RuleSet, world: World) -> Translation:
    if task.unreadable:
        return failed(task.shown, task.unreadable, 1, "check the file and its permissions")
    try:
        notebook, text = _opened(task)
        translation = translate_source(
            text,
            path=task.shown,
            rules=rules,
            suffix=task.suffix,
            module=task.module,
            is_package=task.is_package,
            world=world,
            helper_module=task.helper_module,
            observed=task.observed,
        )
        if task.shown.endswith(".ipynb"):
            source = _text(task.data)
            return notebook.closed(translation, source) if notebook else Translation(task.shown, source, source)
        return translation if task.cut is None else uncut(translation, task.cut, _text(task.data))
    except SourceError as error:
        return failed(task.shown, error.message, error.line, error.hint, text=_text(task.data))
    except Exception as error:  # noqa: BLE001 - one file's bad luck, or our mistake, must not stop the others
        reason = f"internal error: {type(error).__name__}: {error}"
        return failed(task.shown, reason, 1, "please report this with the file", code="T001", text=_text(task.data))


def uncut(translation: Translation, cut: Reduced, source: str) -> Translation:
    """The translation of a file that was cut down, with the places of the whole file, and a note that says so."""

    def place(found: Position) -> Position:
        ends = max(found.end_line, found.line)
        return replace(found, line=cut.lines[found.line - 1], end_line=cut.lines[ends - 1])

    names = ", ".join(f"`{name}`" for name in cut.left_out[:6]) + (", ..." if len(cut.left_out) > 6 else "")
    said = Diagnostic(
        "T203",
        CODES["T203"].severity,
        Position(translation.path, max(cut.first, 1)),
        f"left out of this package, because nothing that was asked for needs it: {names or 'statements'}",
        hint="to keep it, name the package itself",
    )
    diagnostics = [replace(d, position=place(d.position)) for d in translation.diagnostics]
    return replace(
        translation,
        source=source,
        diagnostics=tuple(sorted([said, *diagnostics] if cut.first else diagnostics, key=lambda d: d.position)),
        edits=tuple(replace(edit, position=place(edit.position)) for edit in translation.edits),
        line_map=tuple(cut.lines[line - 1] if line else 0 for line in translation.line_map),
    )


def failed(path: str, reason: str, line: int, hint: str, *, code: str = "T002", text: str = "") -> Translation:
    """A file that stays as it is, with the reason as its one diagnostic."""
    place = Position(path, max(line, 1))
    return Translation(path, text, text, (Diagnostic(code, CODES[code].severity, place, reason, hint=hint),))


def _text(data: bytes) -> str:
    return data.decode("utf-8", errors="replace")
