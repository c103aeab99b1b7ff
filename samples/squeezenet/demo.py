"""The main job through the command line: translate, train, convert, prove, evaluate. Run by ``make demo``.

Every command is printed before it runs; pasted into a shell in the project's folder it does the same again.
"""

from __future__ import annotations

import argparse
import shlex
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
SAMPLE = Path("samples/squeezenet")
BUILDER = "squeezenet1_0(num_classes=10)"
SIDE = 48


@dataclass(frozen=True, slots=True)
class Files:
    """Where the demo's files are, below one folder."""

    folder: Path

    @property
    def source(self) -> str:
        """ENTRY of the PyTorch model."""
        return f"{SAMPLE / 'source/squeezenet.py'}:{BUILDER}"

    @property
    def target(self) -> str:
        """ENTRY of the translated model."""
        return f"{self.folder / 'squeezenet.py'}:{BUILDER}"

    @property
    def checkpoint(self) -> Path:
        """The trained checkpoint."""
        return self.folder / "squeezenet_digits.pth"

    @property
    def data(self) -> Path:
        """List of the held-out images."""
        return self.folder / "digits/val_list.txt"


def translate(*arguments: str | Path) -> list[str]:
    """The command ``translate`` of this Python's environment."""
    script = Path(sys.executable).parent / "translate"
    start = [str(script)] if script.exists() else [sys.executable, "-m", "translator"]
    return [*start, *map(str, arguments)]


def run(command: list[str]) -> int:
    """Print a command as a user would type it, run it, and say how long it took; its exit code."""
    name = Path(command[0]).name
    typed = [name, *command[1:]] if name == "translate" else ["python", *command[1:]]
    print(f"\n$ {shlex.join(typed)}", flush=True)
    began = time.perf_counter()
    code = subprocess.run(command, cwd=PROJECT, check=False).returncode
    print(f"[exit {code}, {time.perf_counter() - began:.1f} s]", flush=True)
    return code


def prepare(files: Files, *, retrain: bool) -> int:
    """Translate the source and train it; the exit code of the first command that fails, or 0."""
    failed = run(translate(SAMPLE / "source/squeezenet.py", "--force", "-o", files.folder / "squeezenet.py"))
    if failed or ((PROJECT / files.checkpoint).is_file() and not retrain):
        return failed
    script, images = str(SAMPLE / "train.py"), str(files.folder / "digits")
    return run([sys.executable, script, "--data", images, "--output", str(files.checkpoint)])


def convert(files: Files) -> int:
    """Convert the checkpoint, and write the mapping; the exit code."""
    out = files.folder
    entries = ("--source", files.source, "--target", files.target)
    converted = out / "squeezenet_digits.pdparams"
    return run(translate("weights", files.checkpoint, "-o", converted, *entries, "--map", out / "weights.yaml"))


def verification(files: Files, *options: str | Path) -> list[str]:
    """The command that proves both models equal with the trained weights."""
    shape = f"1x3x{SIDE}x{SIDE}"
    return translate("verify", files.source, files.target, "--weights", files.checkpoint, "--input", shape, *options)


def evaluation(files: Files, *options: str | Path) -> list[str]:
    """The command that evaluates both models on the held-out images."""
    sizes = ("--resize", str(SIDE), "--crop", str(SIDE))
    return translate(
        "eval", files.source, files.target, "--data", files.data, "--weights", files.checkpoint, *sizes, *options
    )


def arguments_of(text: str | None, output: str) -> argparse.ArgumentParser:
    """A parser with the option that demo and gpu share."""
    parser = argparse.ArgumentParser(description=(text or "").partition("\n")[0])
    parser.add_argument("--output", type=Path, default=Path(output), help=f"folder for everything written, {output}")
    return parser


def main() -> int:
    """Run the chain; 0 when every command found nothing wrong."""
    files = Files(arguments_of(__doc__, "build/demo").parse_args().output)
    (PROJECT / files.folder).mkdir(parents=True, exist_ok=True)
    failed = prepare(files, retrain=True) or convert(files)
    if failed:
        return failed
    out = files.folder
    proof = run(verification(files, "--json", out / "verification.json"))
    if proof > 1:
        return proof
    reports = ("--json", out / "report.json", "--report", out / "report.html")
    shares = run(evaluation(files, "--join", out / "verification.json", *reports))
    if shares <= 1:
        print(f"\nEverything is in {out}/: open {out / 'report.html'} in a browser.")
    return max(proof, shares)


if __name__ == "__main__":
    raise SystemExit(main())
