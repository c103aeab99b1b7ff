"""The app: its options, and how it ends."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from translator.core import TranslatorError, release


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

RulesOption = Annotated[
    list[Path] | None, typer.Option("--rules", help="Rules of your own; they win over the built-in ones.")
]
SourcePython = Annotated[str | None, typer.Option(help="Interpreter that has torch.")]
TargetPython = Annotated[str | None, typer.Option(help="Interpreter that has paddle.")]
Device = Annotated[str, typer.Option(help="cpu, or gpu:N; SOURCE,TARGET where the two differ.")]
Inputs = Annotated[
    list[str] | None,
    typer.Option(
        "--input",
        metavar="SHAPE[:DTYPE[<BOUND]]",
        show_default="1x3x224x224",
        help="An argument of the model, again for each further one: 1x3x224x224, or 1x16:int64<1000; "
        "[3x320x320,3x256x300] is a list of tensors.",
    ),
]
HtmlReport = Annotated[Path | None, typer.Option("--report", help="Write the HTML report there.")]
JsonReport = Annotated[Path | None, typer.Option("--json", help="Write the report as JSON there; - for stdout.")]


def main() -> NoReturn:
    """Run the command line; 0 done, 1 something left or failed, 2 wrong usage or input, 3 internal."""
    signal.signal(signal.SIGTERM, _stop)
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


def _stop(number: int, _: object) -> NoReturn:
    """End as a signal asks, and tidy up on the way."""
    raise SystemExit(128 + number)


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
        typer.echo(f"translate {release()}")
        raise typer.Exit
