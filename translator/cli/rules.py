"""``translate rules`` and ``translate explain``: what is known, and what the messages mean."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from translator.cli.app import RulesOption, app
from translator.core import ConfigError

rules_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="The rule table: what each API becomes.")
app.add_typer(rules_app, name="rules")


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
) -> None:
    """List the APIs that have a rule, with what they become."""
    from translator.ruleset.load import load_rules

    for rule in load_rules(rules or []).rules():
        if pattern in rule.api:
            becomes = (
                rule.actions[0].to or rule.actions[0].helper or "" if rule.actions else f"unsupported: {rule.note}"
            )
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
        raise ConfigError(
            f"no rule for `{api}`", hint=f"close: {', '.join(close)}" if close else "see `translate rules list`"
        )
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
) -> None:
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


@rules_app.command("coverage")
def rules_coverage(
    src: Annotated[str, typer.Argument(metavar="SRC", help="A file, a folder, or an installed module by its name.")],
    form: Annotated[str, typer.Option("--format", help="text, concise, json or markdown.")] = "text",
    apis: Annotated[int, typer.Option(metavar="N", help="Also name the N most frequent APIs left, by code.")] = 0,
    jobs: Annotated[int | None, typer.Option(help="Processes; all cores by default, where that pays.")] = None,
    rules: RulesOption = None,
) -> None:
    """Tell which sites of SRC are certain, assumed and left, and why; write nothing."""
    from translator.project.coverage import cover
    from translator.report import coverage
    from translator.ruleset.load import load_rules

    shown = {"concise": coverage.concise, "json": coverage.json, "markdown": coverage.markdown}
    if form != "text" and form not in shown:
        raise ConfigError(f"`{form}` is no format", hint="text, concise, json or markdown")
    found = cover(src, load_rules(rules or []), jobs=jobs)
    typer.echo(shown[form](found) if form in shown else coverage.render(found, apis), nl=False)
    raise typer.Exit(1 if any(file.left or file.failed for file in found.files) else 0)


@rules_app.command("inventory")
def rules_inventory(
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Folder; the pack's own by default.")] = None,
    target_python: Annotated[str | None, typer.Option(help="The interpreter that has the target framework.")] = None,
) -> None:
    """Write the names and signatures of the installed target release, which `rules check` reads."""
    import json

    from translator.files import write_atomically
    from translator.ruleset.check import target_names
    from translator.ruleset.load import load_rules
    from translator.workers.launch import Worker

    table = load_rules()
    modules, names = target_names(table)
    with Worker("paddle", python=target_python) as worker:
        found = worker.call("inventory", modules=modules, names=names)
    path = (output or Path(table.pack.folder) / "inventory") / f"{found.pop('release')}.json"
    write_atomically(path, json.dumps(found, indent=0, separators=(",", ":")) + "\n")
    typer.echo(f"{path}: {len(found['names'])} names")
