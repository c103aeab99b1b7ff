"""Speed against libcst and PaConvert, what each result is worth, and start-up: ``python -m benchmarks.speed``.

Every measurement is a fresh process with an empty cache; the contestants take turns, so that a slow minute of the
machine meets all of them, and each round gives one ratio. Medians of the rounds and their range go into README.md.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.corpora import BUILD, ROOT, Corpus, MissingError, model_code, paconvert_python
from benchmarks.measure import CONTESTANTS
from benchmarks.sections import README, machine, table, write_section
from benchmarks.startup import GOAL, Startup, measure_startup
from benchmarks.worth import worth

NAMES = {
    "translate": "**translate**",
    "libcst": "libcst: parse, visit, print",
    "paconvert_no_format": "PaConvert 3.3.0 `--no_format`",
    "paconvert": "PaConvert 3.3.0",
}
LIBCST_GOAL, PACONVERT_GOAL = 1.5, 1.0


@dataclass(slots=True)
class Series:
    """The rounds of one contestant on one corpus; ``missing`` says why there are none.

    Args:
        seconds: processor time of each round; ``load`` the same for imports and rule tables.
    """

    contestant: str
    output: Path
    seconds: list[float] = field(default_factory=list)
    load: list[float] = field(default_factory=list)
    missing: str = ""


def measure_all(corpus: Corpus, contestants: Sequence[str], repeat: int, output: Path) -> dict[str, Series]:
    """Run every contestant ``repeat`` times on a corpus, taking turns."""
    series = {name: Series(name, output / name) for name in contestants}
    for _ in range(repeat):
        for found in series.values():
            if not found.missing:
                _round(corpus, found)
    return series


def _round(corpus: Corpus, series: Series) -> None:
    shutil.rmtree(series.output, ignore_errors=True)
    try:
        python = paconvert_python() if series.contestant.startswith("paconvert") else sys.executable
    except MissingError as error:
        series.missing = str(error)
        return
    command = [
        python,
        "-P",
        str(Path(__file__).with_name("measure.py")),
        series.contestant,
        str(corpus.folder),
        str(series.output),
    ]
    with tempfile.TemporaryDirectory() as home:
        environment = os.environ | {"TRANSLATE_HOME": home, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        series.missing = (done.stderr.strip().splitlines() or [f"exit {done.returncode}"])[-1]
        return
    result = json.loads(done.stdout.splitlines()[-1])
    series.seconds.append(result["seconds"])
    series.load.append(result["load"])


def ratios(series: Series, reference: Series) -> list[float]:
    """How many times as fast as the reference, round by round."""
    pairs = zip(series.seconds, reference.seconds, strict=False)
    return [other / own for own, other in pairs]


def speed_table(corpus: Corpus, series: dict[str, Series]) -> str:
    """Lines a second and ratios of one corpus."""
    rows = []
    for name, found in series.items():
        if found.missing:
            rows.append([NAMES[name], f"not run: {found.missing}", "", ""])
            continue
        rates = [corpus.lines / seconds for seconds in found.seconds]
        times = _spread(ratios(found, series["libcst"]), "{:.2f}") if "libcst" in series else ""
        rows.append([NAMES[name], _spread(rates, "{:,.0f}"), times, f"{statistics.median(found.load):.2f}"])
    head = [f"{corpus.name}: {len(corpus.files)} files, {corpus.lines:,} lines", "lines/s", "times libcst", "load, s"]
    return table(head, rows)


def verdicts(corpus: Corpus, series: dict[str, Series]) -> list[str]:
    """The goals, and whether this run reached them."""
    found = []
    for reference, goal in (("libcst", LIBCST_GOAL), ("paconvert_no_format", PACONVERT_GOAL)):
        other = series.get(reference)
        if other is None or other.missing or series["translate"].missing:
            found.append(f"- {corpus.name}, against {NAMES[reference]}: not run")
            continue
        values = ratios(series["translate"], other)
        said = f"goal {goal}: {'reached' if statistics.median(values) >= goal else 'missed'}"
        found.append(f"- {corpus.name}, against {NAMES[reference]}: {_spread(values, '{:.2f}')} times as fast; {said}")
    return found


def _spread(values: Sequence[float], form: str) -> str:
    low, middle, high = (form.format(v) for v in (min(values), statistics.median(values), max(values)))
    return f"{middle} ({low} to {high})"


def worth_table(corpus: Corpus, series: dict[str, Series]) -> str:
    """What is left of the author's file after each contestant."""
    rows = []
    for name, found in series.items():
        if name == "libcst" or found.missing:
            continue
        w = worth(corpus.folder, found.output)
        rows.append([
            NAMES[name], f"{w.valid} of {w.files}", f"{w.marks:,}",
            f"{w.kept:,} of {w.comments:,}", f"{w.same:,} of {w.lines:,}",
        ])  # fmt: skip
    return table([corpus.name, "files that are Python", "`>>>>>>` marks", "comments kept", "lines byte for byte"], rows)


def startup_text(startup: Startup) -> str:
    """Start-up as a table and the modules that must not be there."""
    rows = [
        ["wall time, s", _spread(startup.wall, "{:.3f}")],
        ["processor time, s", _spread(startup.cpu, "{:.3f}")],
        ["first run ever, which checks and caches the rules, s", f"{startup.first:.2f}"],
        ["modules loaded", str(startup.modules)],
        [
            "of those: frameworks, numpy, pydantic, YAML, jinja2, matplotlib, Pillow",
            ", ".join(startup.loaded) or "none",
        ],
    ]
    said = "reached" if startup.median < GOAL and not startup.loaded else "missed"
    return table(["`translate samples/squeezenet/source/squeezenet.py --check`", f"{len(startup.wall)} runs"], rows) + (
        f"\n\nGoal: under {GOAL} s of wall time, and none of those modules: {said}."
    )


def main() -> None:
    """Measure, print, and write the figures into README.md."""
    options = _options()
    speeds, goals, worths = [], [], []
    for corpus in model_code():
        series = measure_all(corpus, options.contestants, options.repeat, BUILD / "output" / corpus.folder.name)
        speeds.append(speed_table(corpus, series))
        goals += verdicts(corpus, series)
        worths.append(worth_table(corpus, series))
        print(f"{speeds[-1]}\n\n{worths[-1]}\n", flush=True)
    load = f"{os.getloadavg()[2]:.1f}"
    where = f"Machine: {machine()}; load average of the last quarter of an hour {load}."
    started = startup_text(measure_startup(options.starts))
    print("\n".join([*goals, "", where, "", started]))
    speed = [f"{where} Rounds: {options.repeat}.", *speeds, "\n".join(goals)]
    write_section("speed", "\n\n".join(speed), options.readme)
    write_section("worth", "\n\n".join(worths), options.readme)
    write_section("startup", f"{where}\n\n{started}", options.readme)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.speed", description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--repeat", type=int, default=5, help="rounds of every contestant (default 5)")
    parser.add_argument("--starts", type=int, default=10, help="starts of the command (default 10)")
    parser.add_argument("--contestants", nargs="+", default=list(NAMES), choices=list(CONTESTANTS), help="default: all")
    parser.add_argument("--readme", type=Path, default=README, help="where the figures go")
    return parser.parse_args()


if __name__ == "__main__":
    main()
