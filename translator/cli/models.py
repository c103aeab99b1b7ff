"""``translate models``: a package under a new name, and all of its model builders verified."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from translator.cli.app import Device, RulesOption, SourcePython, TargetPython, app
from translator.cli.reports import command_line
from translator.core import ConfigError

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from translator.models.builders import Found
    from translator.models.result import Builder, Outcome
    from translator.project.result import ProjectResult
    from translator.report.models import Models


@app.command()
def models(
    package: Annotated[
        str, typer.Argument(metavar="PACKAGE", help="A package by its dotted name or path, or one of its modules.")
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", help="Folder of the new package, which goes by its last part.")
    ],
    only: Annotated[
        list[str] | None, typer.Option(metavar="GLOB", help="Builders of such names only; repeatable.")
    ] = None,
    checks: Annotated[
        str, typer.Option(help="Separated by commas, as `verify` has them; none only builds and loads.")
    ] = "",
    entries: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Names the builders: `name: module:builder(arguments)` a line.")
    ] = None,
    inputs: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Table of inputs; inputs.yaml in or beside PACKAGE if missing.")
    ] = None,
    jobs: Annotated[int | None, typer.Option(help="Builders at a time; by the cores if missing.")] = None,
    memory: Annotated[
        str | None, typer.Option(help="What they may take together, e.g. 16G; three quarters of all, 16G at most.")
    ] = None,
    timeout: Annotated[float, typer.Option(metavar="SECONDS", help="What one builder may take.")] = 3600.0,
    device: Device = "cpu",
    seed: Annotated[int, typer.Option(help="Of the random weights and inputs.")] = 0,
    no_resume: Annotated[bool, typer.Option("--no-resume", help="Verify again what is proven already.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Write outputs anew that were changed by hand.")] = False,
    merge: Annotated[bool, typer.Option("--merge", help="Keep what was changed by hand in the output.")] = False,
    rules: RulesOption = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the table as JSON there, too; - for stdout.")
    ] = None,
    source_python: SourcePython = None,
    target_python: TargetPython = None,
) -> None:
    """Translate a package with all that it needs, and verify every model builder of it; a table, and reports."""
    from translator.cli.tree import changes_shown
    from translator.models.memory import parse_memory
    from translator.models.package import translate_models
    from translator.project.write import Hand
    from translator.report.gather import versions_of
    from translator.report.models import models_part, saver
    from translator.ruleset.load import load_rules
    from translator.verify.run import CHECKS

    if jobs is not None and jobs < 1:
        raise ConfigError(f"`--jobs {jobs}` runs nothing", hint="give 1 or more")
    if timeout <= 0:
        raise ConfigError(f"`--timeout {timeout:g}` lets nothing run", hint="give more seconds")
    if force and merge:
        raise ConfigError("--force and --merge exclude each other", hint="give one of them")
    one, _, other = device.partition(",")
    wanted = () if checks == "none" else tuple(checks.split(",")) if checks else CHECKS
    with _watching(is_quiet=str(json_file) == "-") as watch, changes_shown():
        result = translate_models(
            package,
            output,
            rules=load_rules(rules or []),
            only=only or (),
            entries=entries,
            inputs=inputs,
            checks=wanted,
            jobs=jobs,
            memory=parse_memory(memory) if memory else None,
            timeout=timeout,
            seed=seed,
            is_resumed=not no_resume,
            hand=Hand.FORCE if force else Hand.MERGE if merge else Hand.REFUSE,
            source_device=one,
            target_device=other or one,
            source_python=source_python,
            target_python=target_python,
            reports=saver,
            watch=watch,
        )
    found = models_part(
        result.outcomes, package, wanted, versions=versions_of(watch.versions), seed=seed, command=command_line()
    )
    _report(found, output, json_file)
    raise typer.Exit(0 if result.proven else 1)


def _report(found: Models, output: Path, json_file: Path | None) -> None:
    """The table on the standard output, and as files beside the package."""
    from translator.files import write_atomically
    from translator.models.package import proof_of
    from translator.report import models_html, models_text
    from translator.report.models import render_json

    proof = proof_of(output)
    texts = {"models.txt": models_text.render(found), "models.json": render_json(found)}
    for name, text in {**texts, "index.html": models_html.render(found)}.items():
        write_atomically(proof / name, text)
    is_json = str(json_file) == "-"
    typer.echo(texts["models.json" if is_json else "models.txt"], nl=False)
    if json_file is not None and not is_json:
        write_atomically(json_file, texts["models.json"])
    typer.echo(f"reports: {proof / 'index.html'}", err=True)


class _Watch:
    """Says what happens: a line for each builder that is finished, and on a terminal how many are."""

    def __init__(self, bar: Progress | None) -> None:
        self._bar = bar
        self._task: TaskID | None = None
        self.versions: Mapping[str, Mapping[str, str]] = {"source": {}, "target": {}}

    def translated(self, result: ProjectResult) -> None:
        from translator.report import text

        typer.echo(text.project(result), nl=False, err=True)

    def found(self, found: Found) -> None:
        for name, why in found.left.items():
            typer.echo(f"{'missing' if name in found.missing else 'no builder'}: {name}: {why}", err=True)
        families = len({one.family for one in found.builders})
        typer.echo(f"builders: {len(found.builders)} of {families} families", err=True)

    def started(self, versions: Mapping[str, Mapping[str, str]]) -> None:
        self.versions = versions

    def start(self, builders: int) -> None:
        if self._bar is not None:
            self._task = self._bar.add_task("verifying", total=builders)

    def tell(self, builder: Builder, line: str) -> None:
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, description=f"{builder.name}: {line}")

    def finish(self, outcome: Outcome) -> None:
        from translator.report import models_text

        typer.echo(models_text.line(outcome), err=True)
        if self._bar is not None and self._task is not None:
            self._bar.advance(self._task)


@contextmanager
def _watching(*, is_quiet: bool) -> Iterator[_Watch]:
    if is_quiet or not sys.stderr.isatty():
        yield _Watch(None)
        return
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress

    columns = (*Progress.get_default_columns(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield _Watch(bar)
