"""The command line. One short function a command; the only place that prints or exits.

Heavy imports stand inside the commands: a plain translation loads neither a framework nor pydantic, jinja2, matplotlib.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from translator.core import ConfigError, Severity, Translation, TranslatorError

if TYPE_CHECKING:
    from translator.report.model import Report
    from translator.ruleset.model import RuleSet
    from translator.verify.result import Verification


class _SourceByDefault(TyperGroup):
    """``translate FILE`` means ``translate source FILE``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ("--help", "--version"):
            args = ["source", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_SourceByDefault,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Translate PyTorch model source to PaddlePaddle, convert the weights, and prove that both agree.\n\n"
    "`translate FILE -o OUT` translates one file; `translate source --help` lists its options.",
)
rules_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="The rule table: what each API becomes.")
app.add_typer(rules_app, name="rules")

RulesOption = Annotated[list[Path] | None, typer.Option("--rules", help="Rules of your own; they win over the built-in ones.")]
SourcePython = Annotated[str | None, typer.Option(help="Interpreter that has torch.")]
TargetPython = Annotated[str | None, typer.Option(help="Interpreter that has paddle.")]
Device = Annotated[str, typer.Option(help="cpu, or gpu:N; SOURCE,TARGET where the two differ.")]
InputShape = Annotated[str, typer.Option("--input", help="Shape of the input.")]
HtmlReport = Annotated[Path | None, typer.Option("--report", help="Write the HTML report there.")]
JsonReport = Annotated[Path | None, typer.Option("--json", help="Write the report as JSON there; - for stdout.")]


def main() -> NoReturn:
    """Run the command line; 0 done, 1 something left or failed, 2 wrong usage or input, 3 internal."""
    try:
        status = app(standalone_mode=False)
    except TranslatorError as error:
        _complain(str(error), error.hint)
        status = 2
    except KeyboardInterrupt:
        status = 130
    except BrokenPipeError:  # the reader of a pipe has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 0
    except Exception as error:  # noqa: BLE001 - the last place that can say it
        status = _usage_error(error)
    sys.exit(status if isinstance(status, int) else 0)


def _usage_error(error: Exception) -> int:
    """A wrong option is the caller's mistake (2); anything else is ours (3)."""
    show = getattr(error, "show", None)
    if show is not None:
        show()
        return 2
    import traceback

    traceback.print_exc()
    _complain(f"internal error: {type(error).__name__}: {error}", "please report this with the lines above")
    return 3


def _complain(message: str, hint: str = "") -> None:
    typer.echo(f"error: {message}" + (f"\n  = help: {hint}" if hint else ""), err=True)


@app.callback(invoke_without_command=True)
def _options(version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False) -> None:
    if version:
        from importlib.metadata import version as installed

        typer.echo(f"translate {installed('paddle-translator')}")
        raise typer.Exit


@app.command()
def source(
    src: Annotated[str, typer.Argument(metavar="SRC", help="A Python file, or - for stdin.")],
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Where the translation goes; stdout if missing.")] = None,
    rules: RulesOption = None,
    diff: Annotated[bool, typer.Option("--diff", help="Show the changes, write nothing.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Only report; write nothing.")] = False,
    form: Annotated[str, typer.Option("--format", help="Of the diagnostics: text, concise or json.")] = "text",
    suffix: Annotated[str, typer.Option(help="Appended to the names of public classes and builders.")] = "",
    verify: Annotated[str | None, typer.Option(metavar="ENTRY", help="Then convert and verify: a builder of the file.")] = None,
    weights: Annotated[Path | None, typer.Option(metavar="CKPT", help="Checkpoint for --verify; random if missing.")] = None,
    shape: InputShape = "1x3x224x224",
    device: Device = "cpu",
    report: HtmlReport = None,
    json_file: JsonReport = None,
    source_python: SourcePython = None,
    target_python: TargetPython = None,
) -> None:
    """Translate one file (the default command)."""
    from translator.ruleset.load import load_rules

    if form not in ("text", "concise", "json"):
        raise ConfigError(f"`{form}` is no format", hint="text, concise or json")
    if verify and output is None:
        raise ConfigError("--verify needs a written file", hint="give `-o OUT`")
    ruleset = load_rules(rules or [])
    translation = _translated(src, output, ruleset, suffix)
    if diff:
        _show_diff(translation, output)
    elif not check:
        _write(translation, output, ruleset, form)
    proof = _prove(translation, output, ruleset, verify, suffix, weights, shape, device, source_python, target_python)
    _show_translation(translation, form, is_on_stdout=diff or (output is None and not check), proof=proof)
    _save_reports(proof or (_report(translation) if report or json_file else None), report, json_file)
    left = any(d.severity is not Severity.NOTE for d in translation.diagnostics)
    raise typer.Exit(1 if left or (proof is not None and not proof.proven) else 0)


def _translated(src: str, output: Path | None, ruleset: RuleSet, suffix: str) -> Translation:
    from translator.engine.translate import decoded, read_source, translate_source
    from translator.project.output import check_output

    if suffix and not f"a{suffix}".isidentifier():
        raise ConfigError(f"`{suffix}` cannot be part of a name", hint="use letters, digits and _")
    path = None if src == "-" else Path(src)
    if path is not None and path.is_dir():
        raise ConfigError("is a folder; one file at a time is translated", path=src, hint="name a file")
    if output is not None:
        check_output(path, output, ruleset.pack)
    text = decoded(sys.stdin.buffer.read(), "<stdin>") if path is None else read_source(path)
    return translate_source(text, path="<stdin>" if path is None else src, rules=ruleset, suffix=suffix)


def _write(translation: Translation, output: Path | None, ruleset: RuleSet, form: str) -> None:
    from translator.project.output import write_translation

    if output is not None:
        write_translation(translation, output, ruleset.pack)
    elif form != "json":
        sys.stdout.buffer.write(translation.text.encode())
        sys.stdout.flush()


def _show_diff(translation: Translation, output: Path | None) -> None:
    import difflib

    old, new = translation.source.splitlines(keepends=True), translation.text.splitlines(keepends=True)
    for line in difflib.unified_diff(old, new, translation.path, str(output or translation.path)):
        typer.echo(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n", nl=False)


def _show_translation(translation: Translation, form: str, *, is_on_stdout: bool, proof: Report | None) -> None:
    if form == "json":
        from translator.report import jsonfile

        typer.echo(jsonfile.render(proof or _report(translation)))
        return
    from translator.report import concise, text

    typer.echo((concise if form == "concise" else text).render(translation), nl=False, err=True)
    if translation.helpers and is_on_stdout:
        typer.echo(f"note: the output imports {', '.join(translation.helpers)}; `-o` writes them beside it", err=True)
    if proof is not None:
        typer.echo(text.certificate(proof), nl=False)


def _report(translation: Translation | None = None, verification: Verification | None = None, **parts: Any) -> Report:
    """A report of what ran; parts that did not run are missing from it, and it says so."""
    from translator.report import gather
    from translator.report.model import Report

    found: dict[str, Any] = {"command": shlex.join(["translate", *sys.argv[1:]]), **parts}
    if translation is not None:
        found["translations"] = (translation,)
    if verification is not None:
        found["verification"] = gather.verification_part(verification)
        found["weights"] = gather.weights_part(verification.weight_map)
        if translation is not None:
            found["translations"] = (gather.translation_part(translation, verification),)
        found["versions"] = gather.versions_of(verification)
    return Report.model_validate(found, from_attributes=True)


def _save_reports(report: Report | None, html_file: Path | None, json_file: Path | None) -> None:
    from translator.files import write_atomically

    if report is not None and html_file is not None:
        from translator.report import html

        write_atomically(html_file, html.render(report))
    if report is not None and json_file is not None:
        from translator.report import jsonfile

        if str(json_file) == "-":
            typer.echo(jsonfile.render(report))
        else:
            write_atomically(json_file, jsonfile.render(report))


def _prove(
    translation: Translation, output: Path | None, ruleset: RuleSet, entry: str | None, suffix: str, weights: Path | None,
    shape: str, device: str, source_python: str | None, target_python: str | None,
) -> Report | None:  # fmt: skip
    """The rest of the chain behind a translation: convert the checkpoint, run both models, compare."""
    if entry is None or output is None:
        return None
    name, _, arguments = entry.rpartition(":")[2].partition("(")
    renamed = name + suffix if f"def {name}{suffix}" in translation.text or f"class {name}{suffix}" in translation.text else name
    call = f"({arguments}" if arguments else ""
    ours, theirs = f"{translation.path}:{name}{call}", f"{output}:{renamed}{call}"
    if weights is not None:
        _convert(weights, output.with_suffix(".pdparams"), ours, theirs, ruleset, output.with_suffix(".map.yaml"), False, source_python, target_python)
    verification = _verified(
        ours, theirs, ruleset, weights, shape, device, "forward,layers", 0, source_python, target_python, translation
    )
    return _report(translation, verification)


def _verified(
    ours: str, theirs: str, ruleset: RuleSet, weights: Path | None, shape: str, device: str, checks: str, seed: int,
    source_python: str | None, target_python: str | None, translation: Translation | None,
) -> Verification:  # fmt: skip
    from translator.verify.run import verify

    one, _, other = device.partition(",")
    return verify(
        ours, theirs, ruleset=ruleset, weights=weights, input_shape=_shape(shape), source_device=one,
        target_device=other or one, checks=tuple(checks.split(",")), seed=seed, source_python=source_python,
        target_python=target_python, translation=translation, progress=_progress,
    )  # fmt: skip


def _progress(line: str) -> None:
    if sys.stderr.isatty():
        typer.echo(f"  {line}", err=True)


def _shape(text: str) -> tuple[int, ...]:
    try:
        sizes = tuple(int(part) for part in text.split("x"))
    except ValueError:
        sizes = ()
    if not sizes or min(sizes) < 1:
        raise ConfigError(f"`{text}` is no shape", hint="write it as 1x3x224x224")
    return sizes


def _convert(
    checkpoint: Path, output: Path, ours: str, theirs: str, ruleset: RuleSet, map_path: Path | None, reverse: bool,
    source_python: str | None, target_python: str | None,
) -> None:  # fmt: skip
    from translator.weights.convert import convert_checkpoint

    done = convert_checkpoint(
        checkpoint, output, source_entry=ours, target_entry=theirs, ruleset=ruleset, map_path=map_path, reverse=reverse,
        source_python=source_python, target_python=target_python,
    )  # fmt: skip
    for note in done.notes:
        typer.echo(f"note: {note}", err=True)
    where = f" and {done.cached}" if done.cached else ""
    typer.echo(f"{done.tensors} tensors, {done.values} values -> {done.output}{where}; the way back gives every bit again")


@app.command()
def weights(
    checkpoint: Annotated[Path, typer.Argument(metavar="CKPT", help=".pth, .pt or .safetensors; .pdparams with --reverse.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The converted checkpoint.")],
    source_entry: Annotated[str, typer.Option("--source", metavar="ENTRY", help="file.py:builder of the source model.")],
    target_entry: Annotated[str, typer.Option("--target", metavar="ENTRY", help="file.py:builder of the target model.")],
    map_path: Annotated[Path | None, typer.Option("--map", help="Write the mapping there; read it with --reverse.")] = None,
    reverse: Annotated[bool, typer.Option("--reverse", help="From the target's checkpoint back to the source's.")] = False,
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
    weights: Annotated[Path | None, typer.Option(help="Checkpoint of the source model; random weights if missing.")] = None,
    shape: InputShape = "1x3x224x224",
    device: Device = "cpu",
    checks: Annotated[str, typer.Option(help="forward, layers; separated by commas.")] = "forward,layers",
    seed: Annotated[int, typer.Option(help="Of the random weights and inputs.")] = 0,
    rules: RulesOption = None,
    json_file: JsonReport = None,
    report: HtmlReport = None,
    source_python: SourcePython = None,
    target_python: TargetPython = None,
) -> None:
    """Run both models on the same weights and inputs, and compare outputs and every layer."""
    from translator.report import text
    from translator.ruleset.load import load_rules

    ruleset = load_rules(rules or [])
    translation = _retranslated(source_entry, ruleset)
    verification = _verified(
        source_entry, target_entry, ruleset, weights, shape, device, checks, seed, source_python, target_python, translation
    )
    found = _report(translation, verification)
    typer.echo(text.certificate(found), nl=False, err=str(json_file) == "-")
    _save_reports(found, report, json_file)
    raise typer.Exit(0 if verification.proven else 1)


def _retranslated(entry: str, ruleset: RuleSet) -> Translation | None:
    """The translation of an ENTRY's file, for its line map and rules; None for modules and unreadable files."""
    from translator.engine.translate import read_source, translate_source

    path = Path(entry.rpartition(":")[0])
    if path.suffix != ".py" or not path.exists():
        return None
    return translate_source(read_source(path), path=str(path), rules=ruleset)


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
    )  # fmt: skip
    with _bar("evaluating") as progress:
        found = run(
            source_entry, target_entry, data=data, weights=weights, ruleset=load_rules(rules or []), root=root,
            preprocess=preprocess, batch_size=batch_size, source_device=one, target_device=other or one, gate=gate,
            source_python=source_python, target_python=target_python, state=state, progress=progress,
        )  # fmt: skip
    whole = _report(evaluation=found)
    if earlier is not None:
        whole = earlier.model_copy(update={"command": whole.command, "evaluation": whole.evaluation})
    for flip in found.flips[:10]:
        predictions = f"source {flip.source_prediction}, target {flip.target_prediction}"
        typer.echo(f"{flip.path}: label {flip.label}, {predictions}", err=True)
    typer.echo(text.certificate(whole), nl=False, err=str(json_file) == "-")
    _save_reports(whole, report, json_file)
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


@app.command()
def explain(code: Annotated[str, typer.Argument(help="e.g. T301")]) -> None:
    """Say what a diagnostic code means and what to do about it."""
    from translator.codes import CODES

    found = CODES.get(code.upper())
    if found is None:
        raise ConfigError(f"there is no code `{code}`", hint="the codes are " + ", ".join(CODES))
    typer.echo(f"{code.upper()} ({found.severity.value}): {found.title}\n\n{found.explanation}")


@rules_app.command("list")
def rules_list(
    pattern: Annotated[str, typer.Argument(help="Part of an API's name.")] = "", rules: RulesOption = None
) -> None:  # fmt: skip
    """List the APIs that have a rule, with what they become."""
    from translator.ruleset.load import load_rules

    for rule in load_rules(rules or []).rules():
        if pattern in rule.api:
            becomes = rule.actions[0].to or rule.actions[0].helper or "" if rule.actions else f"unsupported: {rule.note}"
            typer.echo(f"{rule.api:<45} {becomes}")


@rules_app.command("show")
def rules_show(api: str, rules: RulesOption = None) -> None:
    """Print the rule of one API as its file has it."""
    import difflib

    from translator.ruleset.load import load_rules, rule_text

    known = load_rules(rules or [])
    rule = known.get(api)
    if rule is None:
        close = difflib.get_close_matches(api, known.by_api, n=3)
        raise ConfigError(f"no rule for `{api}`", hint=f"close: {', '.join(close)}" if close else "see `translate rules list`")
    typer.echo(f"# {rule.origin}\n{rule_text(rule)}", nl=False)


@rules_app.command("check")
def rules_check(files: Annotated[list[Path] | None, typer.Argument(help="Rule files of your own.")] = None) -> None:
    """Check the table: schema, names and keywords of the target, order, holes, examples."""
    from translator.ruleset.check import check_rules
    from translator.ruleset.load import load_rules

    table = load_rules(files or [])
    problems = check_rules(table)
    for problem in problems:
        typer.echo(f"{problem.origin}: {problem.message}")
    typer.echo(f"{len(table.rules())} rules, {len(problems)} problems", err=True)
    raise typer.Exit(1 if problems else 0)


@rules_app.command("test")
def rules_test(
    apis: Annotated[list[str] | None, typer.Argument(help="Only these APIs.")] = None, rules: RulesOption = None
) -> None:  # fmt: skip
    """Run the rules' examples in both frameworks and compare every value."""
    from translator.engine.translate import translate_source
    from translator.ruleset.load import load_rules
    from translator.verify.examples import run_examples

    results = run_examples(load_rules(rules or []), apis, translate=translate_source)
    for result in results:
        if result.status != "passed":
            typer.echo(f"{result.status}: {result.api} ({result.rule_origin}): {result.reason}")
    passed = sum(result.status == "passed" for result in results)
    typer.echo(f"{passed} of {len(results)} examples passed")
    raise typer.Exit(0 if passed == len(results) else 1)
