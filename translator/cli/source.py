"""``translate SRC``: the default command."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from translator.cli.app import Device, HtmlReport, Inputs, JsonReport, RulesOption, SourcePython, TargetPython, app
from translator.cli.proof import builder_of, observed_in, proof_of
from translator.cli.reports import report_of, save_reports
from translator.core import ConfigError, Severity, Translation

if TYPE_CHECKING:
    from translator.analysis.observed import Observations
    from translator.project.write import Hand
    from translator.report.model import Report
    from translator.ruleset.model import RuleSet


@app.command()
def source(
    src: Annotated[
        str,
        typer.Argument(
            metavar="SRC",
            help="A Python file, a folder, a notebook, an installed module by its dotted name, or - for stdin.",
        ),
    ],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Where the translation goes; stdout if missing.")
    ] = None,
    rules: RulesOption = None,
    diff: Annotated[bool, typer.Option("--diff", help="Show the changes, write nothing.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Only report; write nothing.")] = False,
    form: Annotated[str, typer.Option("--format", help="Of the diagnostics: text, concise or json.")] = "text",
    suffix: Annotated[str, typer.Option(help="Appended to the names of public classes and builders.")] = "",
    closure: Annotated[
        bool, typer.Option("--closure", help="Bring along the modules that SRC imports from its own project.")
    ] = False,
    rename: Annotated[
        bool, typer.Option("--rename", help="With --closure: OUT is the package itself, which goes by OUT's name.")
    ] = False,
    jobs: Annotated[int | None, typer.Option(help="Processes; all cores by default, where that pays.")] = None,
    backend: Annotated[str, typer.Option(help="Of the processes: loky, or dask or ray for a cluster.")] = "loky",
    force: Annotated[bool, typer.Option("--force", help="Write outputs anew that were changed by hand.")] = False,
    merge: Annotated[bool, typer.Option("--merge", help="Keep what was changed by hand in the output.")] = False,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Translate every file anew.")] = False,
    observe: Annotated[
        list[str] | None,
        typer.Option(metavar="ENTRY", help="Run this source model once, and use the types that are seen; repeatable."),
    ] = None,
    verify: Annotated[
        str | None, typer.Option(metavar="ENTRY", help="Then convert and verify: a builder of the file.")
    ] = None,
    weights: Annotated[
        Path | None, typer.Option(metavar="CKPT", help="Checkpoint for --verify; random if missing.")
    ] = None,
    inputs: Inputs = None,
    device: Device = "cpu",
    report: HtmlReport = None,
    json_file: JsonReport = None,
    source_python: SourcePython = None,
    target_python: TargetPython = None,
) -> None:
    """Translate a file, a folder, a package or a notebook (the default command)."""
    from translator.cli.tree import is_tree, located, show_diff, translate_tree
    from translator.project.write import Hand
    from translator.ruleset.load import load_rules

    if form not in ("text", "concise", "json"):
        raise ConfigError(f"`{form}` is no format", hint="text, concise or json")
    if verify and (output is None or diff or check or src == "-"):
        raise ConfigError("--verify needs SRC and OUT as files", hint="give `-o OUT`, without --diff and --check")
    if weights and not verify:
        raise ConfigError("--weights is for --verify", hint="name the builder: `--verify ENTRY`")
    builder = builder_of(verify, src) if verify else None
    if suffix and not f"a{suffix}".isidentifier():
        raise ConfigError(f"`{suffix}` cannot be part of a name", hint="use letters, digits and _")
    if force and merge:
        raise ConfigError("--force and --merge exclude each other", hint="give one of them")
    if closure and src == "-":
        raise ConfigError("--closure needs SRC as a file, folder or module", hint="name what is to be translated")
    if rename and (output is None or not closure):
        raise ConfigError("--rename is for --closure with an output", hint="give `--closure -o build/newname`")
    hand = Hand.FORCE if force else Hand.MERGE if merge else Hand.REFUSE
    ruleset = load_rules(rules or [])
    observed = observed_in(observe, src, inputs, device, source_python, closure=closure) if observe else None
    if closure or is_tree(src):
        if verify or report:
            raise ConfigError("--verify and --report are for single files", hint="translate the file alone for that")
        how: dict[str, Any] = {
            "suffix": suffix,
            "closure": closure,
            "name": output.name if output is not None and rename else "",
            "jobs": jobs,
            "backend": backend,
            "use_cache": not no_cache,
            "hand": hand,
            "observed": observed,
        }
        found = translate_tree(src, output, ruleset, how, diff=diff, check=check, form=form, json_file=json_file)
        raise typer.Exit(1 if found.has_left else 0)
    src = located(src)
    translation = _translated(src, output, ruleset, suffix, observed)
    if diff:
        show_diff(translation.source, translation.text, translation.path, str(output or translation.path))
    elif not check:
        translation = _write(translation, output, ruleset, form, hand)
    proof = proof_of(
        translation, output, ruleset, builder, suffix, weights, inputs, device, source_python, target_python
    )
    _show_translation(translation, form, is_on_stdout=diff or (output is None and not check), proof=proof)
    save_reports(proof or (report_of(translation) if report or json_file else None), report, json_file)
    left = any(d.severity is not Severity.NOTE for d in translation.diagnostics)
    raise typer.Exit(1 if left or (proof is not None and not proof.proven) else 0)


def _translated(
    src: str, output: Path | None, ruleset: RuleSet, suffix: str, observed: Observations | None
) -> Translation:
    from translator.engine.translate import decoded, read_source, translate_source
    from translator.project.output import check_output

    path = None if src == "-" else Path(src)
    if output is not None:
        check_output(path, output, ruleset.pack)
    text = decoded(sys.stdin.buffer.read(), "<stdin>") if path is None else read_source(path)
    return translate_source(
        text, path="<stdin>" if path is None else src, rules=ruleset, suffix=suffix, observed=observed
    )


def _write(translation: Translation, output: Path | None, ruleset: RuleSet, form: str, hand: Hand) -> Translation:
    """Write the output; gives the translation with what writing it had to say."""
    from translator.cli.tree import changes_shown
    from translator.project.write import write_translation

    if output is not None:
        with changes_shown():
            written = write_translation(translation, output, ruleset, hand)
        return replace(translation, diagnostics=(*translation.diagnostics, *written.diagnostics(output)))
    if form != "json":
        sys.stdout.buffer.write(translation.text.encode())
        sys.stdout.flush()
    return translation


def _show_translation(translation: Translation, form: str, *, is_on_stdout: bool, proof: Report | None) -> None:
    if form == "json":
        from translator.report import jsonfile

        typer.echo(jsonfile.render(proof or report_of(translation)))
        return
    from translator.report import concise, text

    typer.echo((concise if form == "concise" else text).render(translation), nl=False, err=True)
    if translation.helpers and is_on_stdout:
        typer.echo(f"note: the output imports {', '.join(translation.helpers)}; `-o` writes them beside it", err=True)
    if proof is not None:
        typer.echo(text.certificate(proof), nl=False)
