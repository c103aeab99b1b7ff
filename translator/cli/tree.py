"""``translate SRC -o OUT`` for folders, packages and notebooks."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from translator.cli.reports import command_line
from translator.core import ConfigError

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from translator.project.result import FileResult, ProjectResult
    from translator.report.jsonfile import ProjectStream
    from translator.ruleset.model import RuleSet


def is_tree(src: str) -> bool:
    """Whether SRC is more than the text of one module: a folder, a notebook, or a package by its name."""
    path = Path(located(src))
    return path.is_dir() or path.suffix == ".ipynb"


def located(src: str) -> str:
    """The path of SRC, which may be a module's dotted name."""
    from translator.project.discover import locate

    return src if src == "-" else str(locate(src)[0])


def translate_tree(
    src: str,
    output: Path | None,
    rules: RuleSet,
    how: dict[str, Any],
    *,
    diff: bool,
    check: bool,
    form: str,
    json_file: Path | None,
) -> ProjectResult:
    """Translate a project and say what was found, file by file, as it is found."""
    from translator.project.translate import translate_project
    from translator.report import text

    if output is None and not (diff or check):
        raise ConfigError("is no single module", path=src, hint="say where it goes: `-o OUT`; or --diff, --check")
    if diff and form == "json":
        raise ConfigError("--diff and --format json exclude each other", hint="give one of them")
    written = None if diff or check else output
    with ExitStack() as stack:
        streams = [stack.enter_context(_stream(place)) for place in _places(form, json_file)]
        progress = stack.enter_context(_progress())

        def show(result: FileResult) -> None:
            if diff:
                show_diff(result.translation.source, result.translation.text, result.translation.path, result.place)
            if form != "json":
                typer.echo(_said(result, form), nl=False, err=True)
            for stream in streams:
                stream.add(result)
            progress.advance()

        with changes_shown():
            result = translate_project(src, written, rules=rules, on_start=progress.start, on_file=show, **how)
        for stream in streams:
            stream.close(result, command_line())
    if form != "json":
        typer.echo(text.project(result), nl=False, err=True)
    return result


def _places(form: str, json_file: Path | None) -> list[Path | None]:
    """Where the JSON goes: files, and None for the standard output."""
    to_stdout = form == "json" or str(json_file) == "-"
    return ([None] if to_stdout else []) + ([json_file] if json_file is not None and str(json_file) != "-" else [])


@contextmanager
def _stream(place: Path | None) -> Iterator[ProjectStream]:
    """A report that is written file by file: to the standard output, or to a file that is there once it is whole."""
    from translator.files import write_atomically
    from translator.report.jsonfile import ProjectStream

    if place is None:
        yield ProjectStream(sys.stdout)
        return
    with tempfile.TemporaryFile("w+", encoding="utf-8") as spool:
        yield ProjectStream(spool)
        spool.seek(0)
        write_atomically(place, spool.read())


class _Progress:
    """How many of the files are done; shown on a terminal only."""

    def __init__(self, bar: Progress | None) -> None:
        self._bar = bar
        self._task: TaskID | None = None

    def start(self, files: int) -> None:
        if self._bar is not None:
            self._task = self._bar.add_task("translating", total=files)

    def advance(self) -> None:
        if self._bar is not None and self._task is not None:
            self._bar.advance(self._task)


@contextmanager
def _progress() -> Iterator[_Progress]:
    if not sys.stderr.isatty():
        yield _Progress(None)
        return
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress

    columns = (*Progress.get_default_columns(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False) as bar:
        yield _Progress(bar)


@contextmanager
def changes_shown() -> Iterator[None]:
    """Within it, a refusal to replace what a person changed shows those changes."""
    from translator.project.write import ChangedError

    try:
        yield
    except ChangedError as error:
        typer.echo(error.diff, nl=False)
        raise


def _said(result: FileResult, form: str) -> str:
    from translator.project.notebook import cells_of
    from translator.report import concise, text

    found = result.translation
    if form == "concise" or not found.diagnostics:
        return concise.render(found)
    is_notebook = found.path.endswith(".ipynb") and found.source != ""
    sources = cells_of(found.source.encode(), found.path) if is_notebook else {found.path: found.source}
    lines = {path: text.lines_of(source) for path, source in sources.items()}
    return "".join(text.diagnostic(d, lines.get(d.position.path, [])) + "\n" for d in found.diagnostics)


def show_diff(old: str, new: str, source: str, output: str) -> None:
    """Print what changes as a unified diff."""
    import difflib

    for line in difflib.unified_diff(old.splitlines(keepends=True), new.splitlines(keepends=True), source, output):
        typer.echo(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n", nl=False)
