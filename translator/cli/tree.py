"""``translate SRC -o OUT`` for folders, packages and notebooks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from translator.core import ConfigError

if TYPE_CHECKING:
    from translator.project.result import FileResult, ProjectResult
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
    src: str, output: Path | None, rules: RuleSet, how: dict[str, Any], *, diff: bool, check: bool, form: str
) -> ProjectResult:
    """Translate a project and say what was found, file by file, as it is found."""
    from translator.project.translate import translate_project
    from translator.report import text

    if output is None and not (diff or check):
        raise ConfigError("is no single module", path=src, hint="say where it goes: `-o OUT`; or --diff, --check")

    def show(result: FileResult) -> None:
        if diff:
            show_diff(result.translation.source, result.translation.text, result.translation.path, result.place)
        if form != "json":
            typer.echo(_said(result, form), nl=False, err=True)

    written = None if diff or check else output
    with changes_shown():
        result = translate_project(src, written, rules=rules, on_file=show, **how)
    if form != "json":
        typer.echo(text.project(result), nl=False, err=True)
    return result


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
