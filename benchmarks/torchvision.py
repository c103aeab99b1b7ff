"""All of torchvision's models, translated and proven: ``python -m benchmarks.torchvision``; exit 1 when one is not.

Runs ``translate models``, which goes on where an earlier run was ended, and writes what came out into torchvision.md.
Options that are not its own go to the command: ``--only 'resnet*' --page FILE`` for a part, on a page of its own.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.corpora import ROOT
from benchmarks.sections import machine, table, write_section
from translator.report.certificate import number
from translator.report.models import Model, Models, Total

PACKAGE = "torchvision.models"
OUTPUT = ROOT / "build" / "paddlevision"
TABLE = OUTPUT.with_name(f"{OUTPUT.name}.proof") / "models.json"
INPUTS = ROOT / "samples" / "torchvision" / "inputs.yaml"
PAGE = Path(__file__).with_name("torchvision.md")
NAMES = {"models": "classification"}  # what torchvision keeps in no sub-package of its own
WORDS = {"passed": "ok", "does not apply": "–"}
GIB = 2**30


def run(options: Sequence[str]) -> int:
    """Translate and verify; the exit status, 1 when something is not proven."""
    output, inputs = OUTPUT.relative_to(ROOT), INPUTS.relative_to(ROOT)
    command = [sys.executable, "-m", "translator", "models", PACKAGE, "-o", str(output), "--inputs", str(inputs)]
    return subprocess.run([*command, *options], cwd=ROOT, check=False).returncode


def families_table(found: Models) -> str:
    """What passed against what applies, by family and over all."""
    rows = [
        _sums(NAMES.get(name, name.replace("_", " ")), found.families[name], members)
        for name, members in found.by_family().items()
    ]
    every = _sums("**all**", found.totals, found.models)
    return table(["family", "builders", *found.columns, "worst error", "seconds"], [*rows, every])


def _sums(name: str, sums: dict[str, Total], models: Sequence[Model]) -> list[str]:
    worst = max((float(one.worst) for one in models if one.worst is not None), default=None)
    return [name, str(len(models)), *map(str, sums.values()), number(worst), f"{sum(m.seconds for m in models):.0f}"]


def builders_table(found: Models) -> str:
    """Every builder, with what it was given and what it took."""
    head = ["builder", "inputs; arguments", "parameters", *found.columns, "worst error", "seconds", "memory, GB"]
    return table(head, [_row(one, found.columns) for one in found.models])


def _row(one: Model, columns: Sequence[str]) -> list[str]:
    states = [one.stages[column].status if column in one.stages else "not run" for column in columns]
    figures = [number(one.worst), f"{one.seconds:.1f}", f"{one.memory_peak / GIB:.1f}"]
    arguments = one.source.partition("(")[2].rstrip(")")
    given = " ".join(one.inputs) + (f"; `{arguments}`" if arguments else "")
    return [one.name, given, f"{one.parameters:,}", *(WORDS.get(s, s) for s in states), *figures]


def left_text(found: Models) -> str:
    """A line for every builder that is not proven: what is not, the first line that differs, and why."""
    left = [one for one in found.models if not one.proven]
    return "\n".join(map(_line, left)) or f"None: all {len(found.models)} are proven."


def _line(one: Model) -> str:
    states = ", ".join(f"{name} {stage.status}" for name, stage in one.stages.items() if stage.status not in WORDS)
    places = " → ".join(f"`{place}`" for place in (one.source_line, one.output_line) if place)
    return f"- `{one.name}`: {'; '.join(filter(None, [states, places, one.reason]))}"


def exempt_text(found: Models) -> str:
    """Which columns do not apply to whom, and why."""
    whom: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one in found.models:
        for name, stage in one.stages.items():
            if stage.status == "does not apply":
                whom[name, stage.why].append(one.name)
    lines = [f"- {name}: {why}: {', '.join(names)}" for (name, why), names in whom.items()]
    return "\n".join(lines) or "None: every column applies to every builder."


def run_text(found: Models) -> str:
    """Versions, seed, time and memory."""
    versions = ", ".join(f"{name} {version}" for name, version in found.versions.items())
    seconds = sum(one.seconds for one in found.models)
    return "\n".join([f"Machine: {machine()}; {versions}.", "", *_memory(found.models),
        f"- Time: {seconds / 60:.0f} minutes of verification, all builders one after the other.",
        f"- Seed {found.seed}; `{found.command}`",
    ])  # fmt: skip


def _memory(models: Sequence[Model]) -> Iterator[str]:
    largest = max(models, key=lambda one: one.memory_peak, default=None)
    if largest is not None and largest.memory_peak:
        peak = f"{largest.memory_peak / GIB:.1f} GB in both processes together, for `{largest.name}`"
        more = sum(one.is_underestimated for one in models)
        yield f"- Memory: at most {peak}; {more} of {len(models)} took more than was set aside for them."


def write_page(found: Models, page: Path) -> None:
    """Put all figures into the page, or into a copy of it elsewhere."""
    if page != PAGE:
        shutil.copyfile(PAGE, page)
    sections = {
        "families": families_table,
        "left": left_text,
        "exempt": exempt_text,
        "builders": builders_table,
        "run": run_text,
    }
    for name, text in sections.items():
        write_section(name, text(found), page)


def main() -> None:
    """Run, and write the page."""
    parser = argparse.ArgumentParser(prog="benchmarks.torchvision", description=__doc__, epilog="exit 1: not proven")
    parser.add_argument(
        "--page", type=Path, default=PAGE, help="where the figures go (default benchmarks/torchvision.md)"
    )
    options, others = parser.parse_known_args()
    status = run(others)
    if status in (0, 1):
        write_page(Models.model_validate_json(TABLE.read_text(encoding="utf-8")), options.page)
    raise SystemExit(status)


if __name__ == "__main__":
    main()
