"""``translate weights`` and ``translate verify``: the rest of the chain behind a translation."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from translator.cli.app import Device, HtmlReport, Inputs, JsonReport, RulesOption, SourcePython, TargetPython, app
from translator.cli.reports import report_of, save_reports
from translator.core import ConfigError, Translation

if TYPE_CHECKING:
    from translator.analysis.observed import Observations
    from translator.project.result import FileResult
    from translator.report.model import Report
    from translator.ruleset.model import RuleSet
    from translator.verify.inputs import Input
    from translator.verify.result import Verification


def builder_of(entry: str, src: str) -> str:
    """``name(arguments)`` of an ENTRY, which has to be in the file that is translated.

    Raises:
        ConfigError: it is no ENTRY, or names another file.
    """
    from translator.workers.entry import parse_entry

    whole = entry if ".py:" in entry else f"{src}:{entry}"
    place = parse_entry(whole).place
    if Path(place).resolve() != Path(src).resolve():
        raise ConfigError(f"`{entry}` is not in SRC", path=src, hint="name a builder of the file itself")
    return whole[len(place) + 1 :]


def proof_of(
    translation: Translation,
    output: Path | None,
    ruleset: RuleSet,
    builder: str | None,
    suffix: str,
    weights: Path | None,
    inputs: list[str] | None,
    device: str,
    source_python: str | None,
    target_python: str | None,
) -> Report | None:
    """The rest of the chain behind a translation: convert the checkpoint, run both models, compare.

    Args:
        builder: ``name(arguments)`` of the model in the translated file; see ``builder_of``.
    """
    if builder is None or output is None:
        return None
    ours, name = f"{translation.path}:{builder}", builder.partition("(")[0].strip()
    renamed = re.search(rf"\b(?:def|class)\s+{name}{suffix}\b", translation.text) is not None
    theirs = f"{output}:{builder.replace(name, name + suffix, 1) if renamed else builder}"
    if weights is not None:
        _convert(
            weights,
            output.with_suffix(".pdparams"),
            ours,
            theirs,
            ruleset,
            output.with_suffix(".map.yaml"),
            False,
            source_python,
            target_python,
        )
    verification = _verified(
        ours, theirs, ruleset, weights, inputs, device, "forward,layers", 0, source_python, target_python, translation
    )
    return report_of(translation, verification)


def observed_in(
    entries: list[str],
    src: str,
    inputs: list[str] | None,
    device: str,
    source_python: str | None,
    *,
    closure: bool = False,
) -> Observations:
    """What a run of the model of each ENTRY shows of the values in SRC.

    Args:
        entries: builders of SRC, or ENTRYs elsewhere that import it.
        closure: look at the whole package around SRC, too, of which modules are brought along.

    Raises:
        ConfigError: one is no ENTRY, SRC is nowhere, or nothing of SRC ran.
    """
    from translator.cli.tree import located
    from translator.verify.observe import observe

    root = Path(located(src))
    while closure and (root.parent / "__init__.py").exists():
        root = root.resolve().parent
    if not root.exists():
        raise ConfigError("--observe needs SRC as a file or folder", path=src, hint="name one that exists")
    found = observe(
        [entry if ":" in entry.partition("(")[0] else f"{src}:{entry}" for entry in entries],
        [root],
        inputs=_inputs(inputs),
        device=device.partition(",")[0],
        python=source_python,
    )
    seen = sum(len(file.types) for file in found.files.values())
    if not seen:
        raise ConfigError(
            f"`{entries[0]}` ran without what is there", path=src, hint="name a model that imports it from here"
        )
    typer.echo(f"observed: {seen} expressions of {len(found.files)} files", err=True)
    return found


def _verified(
    ours: str,
    theirs: str,
    ruleset: RuleSet,
    weights: Path | None,
    inputs: list[str] | None,
    device: str,
    checks: str,
    seed: int,
    source_python: str | None,
    target_python: str | None,
    translation: Translation | None,
) -> Verification:
    from translator.verify.run import checks_of, verify

    one, _, other = device.partition(",")
    return verify(
        ours,
        theirs,
        ruleset=ruleset,
        weights=weights,
        inputs=_inputs(inputs),
        source_device=one,
        target_device=other or one,
        checks=checks_of(checks),
        seed=seed,
        source_python=source_python,
        target_python=target_python,
        translation=translation,
        progress=_progress,
    )


def _progress(line: str) -> None:
    if sys.stderr.isatty():
        typer.echo(f"  {line}", err=True)


def _inputs(texts: list[str] | None) -> tuple[Input, ...]:
    from translator.verify.inputs import IMAGE, parse_input

    return tuple(map(parse_input, texts)) if texts else (IMAGE,)


def _convert(
    checkpoint: Path,
    output: Path,
    ours: str,
    theirs: str,
    ruleset: RuleSet,
    map_path: Path | None,
    reverse: bool,
    source_python: str | None,
    target_python: str | None,
) -> None:
    from translator.weights.convert import convert_checkpoint

    done = convert_checkpoint(
        checkpoint,
        output,
        source_entry=ours,
        target_entry=theirs,
        ruleset=ruleset,
        map_path=map_path,
        reverse=reverse,
        source_python=source_python,
        target_python=target_python,
    )
    for note in done.notes:
        typer.echo(f"note: {note}", err=True)
    where = f" and {done.cached}" if done.cached else ""
    typer.echo(
        f"{done.tensors} tensors, {done.values} values -> {done.output}{where}; the way back gives every bit again"
    )


@app.command()
def weights(
    checkpoint: Annotated[
        Path, typer.Argument(metavar="CKPT", help=".pth, .pt or .safetensors; .pdparams with --reverse.")
    ],
    output: Annotated[Path, typer.Option("-o", "--output", help="The converted checkpoint.")],
    source_entry: Annotated[
        str, typer.Option("--source", metavar="ENTRY", help="file.py:builder of the source model.")
    ],
    target_entry: Annotated[
        str, typer.Option("--target", metavar="ENTRY", help="file.py:builder of the target model.")
    ],
    map_path: Annotated[
        Path | None, typer.Option("--map", help="Write the mapping there; read it with --reverse.")
    ] = None,
    reverse: Annotated[
        bool, typer.Option("--reverse", help="From the target's checkpoint back to the source's.")
    ] = False,
    rules: RulesOption = None,
    source_python: SourcePython = None,
    target_python: TargetPython = None,
) -> None:
    """Convert a checkpoint with the mapping that the rules give, and check the way back bit for bit."""
    from translator.ruleset.load import load_rules

    ruleset = load_rules(rules or [])
    _convert(checkpoint, output, source_entry, target_entry, ruleset, map_path, reverse, source_python, target_python)


@app.command()
def verify(
    source_entry: Annotated[str, typer.Argument(metavar="SOURCE:ENTRY")],
    target_entry: Annotated[str, typer.Argument(metavar="TARGET:ENTRY")],
    weights: Annotated[
        Path | None, typer.Option(help="Checkpoint of the source model; random weights if missing.")
    ] = None,
    inputs: Inputs = None,
    device: Device = "cpu",
    checks: Annotated[
        str, typer.Option(help="forward, layers, backward, training, separated by commas, or all.")
    ] = "forward,layers",
    seed: Annotated[int, typer.Option(help="Of the random weights and inputs.")] = 0,
    rules: RulesOption = None,
    json_file: JsonReport = None,
    report: HtmlReport = None,
    source_python: SourcePython = None,
    target_python: TargetPython = None,
) -> None:
    """Run both models on the same weights and inputs; compare outputs and every layer, and what --checks adds."""
    from translator.report import text
    from translator.ruleset.load import load_rules

    ruleset = load_rules(rules or [])
    translation = _retranslated(source_entry, target_entry, ruleset)
    verification = _verified(
        source_entry,
        target_entry,
        ruleset,
        weights,
        inputs,
        device,
        checks,
        seed,
        source_python,
        target_python,
        translation,
    )
    found = report_of(translation, verification)
    typer.echo(text.certificate(found), nl=False, err=str(json_file) == "-")
    save_reports(found, report, json_file)
    raise typer.Exit(0 if verification.proven else 1)


def _retranslated(source_entry: str, target_entry: str, ruleset: RuleSet) -> Translation | None:
    """The translation of the source's file, for its line map and rules; None where it is not in view here.

    A module of a package is translated with what it imports of that, if the target is a module of a package, too, and
    goes by the name of that one where it was written under another.
    """
    from translator.engine.translate import read_source, translate_source
    from translator.project.discover import file_of, outermost
    from translator.project.record import RECORD
    from translator.project.translate import translate_project
    from translator.workers.entry import parse_entry

    ours, theirs = (file_of(parse_entry(entry).place) for entry in (source_entry, target_entry))
    if ours is None:
        return None
    if theirs is None or not all((path.parent / "__init__.py").is_file() for path in (ours, theirs)):
        return translate_source(read_source(ours), path=str(ours), rules=ruleset)
    found: dict[Path, Translation] = {}

    def keep(result: FileResult) -> None:
        found[Path(result.translation.path).resolve()] = result.translation

    top = outermost(theirs)
    is_renamed = (top / RECORD).is_file() and top.name != outermost(ours).name
    translate_project(ours, rules=ruleset, closure=True, name=top.name if is_renamed else "", on_file=keep)
    return found.get(ours.resolve())
