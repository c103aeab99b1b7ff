"""``translate eval``: both models on one data set."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from translator.cli.app import Device, HtmlReport, JsonReport, RulesOption, SourcePython, TargetPython, app
from translator.cli.reports import report_of, save_reports


@app.command("eval")
def evaluate(
    source_entry: Annotated[str, typer.Argument(metavar="SOURCE:ENTRY")],
    target_entry: Annotated[str, typer.Argument(metavar="TARGET:ENTRY")],
    data: Annotated[Path, typer.Option(help="Folder DIR/<class>/<image>, or a list of `path label` lines.")],
    weights: Annotated[Path, typer.Option(metavar="CKPT", help="Checkpoint of the source model.")],
    root: Annotated[Path | None, typer.Option(help="Folder of a list's paths; the list's own if missing.")] = None,
    device: Device = "cpu",
    batch_size: Annotated[int, typer.Option(help="Images a batch.")] = 32,
    resize: Annotated[int, typer.Option(help="Short side in pixels; 0 leaves the size.")] = 256,
    crop: Annotated[str, typer.Option(help="Centre crop in pixels: 224 or 224x192; 0 for none.")] = "224",
    interpolation: Annotated[str, typer.Option(help="Pillow's filter for resizing.")] = "bilinear",
    scale: Annotated[float, typer.Option(help="Factor of the 8-bit values.", show_default="1/255")] = 1 / 255,
    mean: Annotated[str, typer.Option(help="Subtracted after scaling, by channel.")] = "0.485,0.456,0.406",
    std: Annotated[str, typer.Option(help="Divided by, by channel.")] = "0.229,0.224,0.225",
    channels: Annotated[str, typer.Option(help="RGB or BGR.")] = "RGB",
    gate: Annotated[float, typer.Option(help="Largest difference of top-1 and top-5, as a share.")] = 0.002,
    state: Annotated[Path | None, typer.Option(help="Keep finished batches there, and go on from them.")] = None,
    join: Annotated[Path | None, typer.Option(help="A JSON report of `verify` to put the evaluation into.")] = None,
    rules: RulesOption = None,
    json_file: JsonReport = None,
    report: HtmlReport = None,
    source_python: SourcePython = None,
    target_python: TargetPython = None,
) -> None:
    """Evaluate both models on the same images: top-1, top-5, and every prediction that differs."""
    from translator.evaluate.preprocess import parse_preprocess
    from translator.evaluate.run import evaluate as run
    from translator.report import jsonfile, text
    from translator.ruleset.load import load_rules

    one, _, other = device.partition(",")
    earlier = jsonfile.read(join) if join else None
    preprocess = parse_preprocess(
        resize=resize, crop=crop, interpolation=interpolation, scale=scale, mean=mean, std=std, channels=channels
    )
    with _bar("evaluating") as progress:
        found = run(
            source_entry,
            target_entry,
            data=data,
            weights=weights,
            ruleset=load_rules(rules or []),
            root=root,
            preprocess=preprocess,
            batch_size=batch_size,
            source_device=one,
            target_device=other or one,
            gate=gate,
            source_python=source_python,
            target_python=target_python,
            state=state,
            progress=progress,
        )
    whole = report_of(evaluation=found)
    if earlier is not None:
        whole = earlier.model_copy(update={"command": whole.command, "evaluation": whole.evaluation})
    for flip in found.flips[:10]:
        predictions = f"source {flip.source_prediction}, target {flip.target_prediction}"
        typer.echo(f"{flip.path}: label {flip.label}, {predictions}", err=True)
    typer.echo(text.certificate(whole), nl=False, err=str(json_file) == "-")
    save_reports(whole, report, json_file)
    raise typer.Exit(0 if found.passed else 1)


@contextmanager
def _bar(label: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on standard error, where that is a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(label, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
