"""Mutated real files: ``python -m benchmarks.fuzz`` translates thousands and checks every promise on each.

A case is its seed: the file, the piece of it and the mutations follow from that number. So a run goes on where
another one stopped (``--first``), and a finding can be made again (``--first SEED --count 1``).
"""

from __future__ import annotations

import argparse
import ast
import random
import re
import signal
import sys
import time
import tokenize
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from benchmarks.corpora import ROOT, package
from benchmarks.mutations import is_python, mutated
from benchmarks.sections import table
from tests.soundness import comments, problems
from translator.core import SourceError
from translator.engine.translate import read_source, translate_source
from translator.ruleset.load import load_rules
from translator.ruleset.model import RuleSet

FAILURES = ROOT / "build" / "fuzz"
WHOLE = 0.12  # the share of whole files; the others are one function or class with the file's imports
LONGEST = 1200  # lines of a whole file
SECONDS = 60  # for one text; longer is a finding
CHUNK = 100


@dataclass(slots=True)
class Tally:
    """Sums over a run.

    Args:
        refused: texts that are not Python, each refused with a line.
        edited: texts in which something was translated.
        unread: texts that compile, but that `tokenize` refuses: comments and lines are not compared.
        findings: broken promises by seed.
    """

    texts: int = 0
    whole: int = 0
    lines: int = 0
    refused: int = 0
    edited: int = 0
    unread: int = 0
    sites: int = 0
    mutations: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    findings: dict[int, list[str]] = field(default_factory=dict)

    def add(self, other: Tally) -> None:
        """Add the sums of another run."""
        for name in ("texts", "whole", "lines", "refused", "edited", "unread", "sites"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.mutations += other.mutations
        self.codes += other.codes
        self.findings |= other.findings


@dataclass(frozen=True, slots=True)
class Case:
    """One mutated text."""

    seed: int
    origin: str
    is_whole: bool
    text: str
    mutations: Sequence[str]


def case(seed: int, files: Sequence[Path]) -> Case:
    """The text of a seed."""
    generator = random.Random(seed)
    path, other = generator.choice(files), generator.choice(files)
    text = _text(path)
    is_whole = generator.random() < WHOLE and text.count("\n") < LONGEST
    if not is_whole:
        found = pieces(path)
        text = generator.choice(found) if found else text
    elsewhere = pieces(other)
    others = [generator.choice(elsewhere)] if elsewhere else []
    text, applied = mutated(text, generator, others)
    return Case(seed, path.name, is_whole, text, applied)


@cache
def _text(path: Path) -> str:
    return read_source(path)


@cache
def pieces(path: Path) -> list[str]:
    """Each function and class of a file's top level, behind the file's imports and a few of its own lines."""
    text = _text(path)
    lines, tree = text.splitlines(keepends=True), ast.parse(text)
    heads = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    head = "".join("".join(lines[node.lineno - 1 : node.end_lineno]) for node in heads)
    found = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and (node.end_lineno or 0) - node.lineno < 200:
            first = min(node.lineno, *(one.lineno for one in node.decorator_list), node.lineno)
            found.append(f"{head}\n\n{''.join(lines[first - 1 : node.end_lineno])}")
    return found


def check(text: str, rules: RuleSet) -> tuple[list[str], Tally]:
    """Every broken promise of one text, and its figures."""
    tally = Tally(texts=1, lines=text.count("\n"))
    try:
        found = translate_source(text, path="in.py", rules=rules)
    except SourceError as error:
        tally.refused = 1
        return ([f"refused, and it is Python: {error}"] if is_python(text) else []), tally
    except Exception:  # noqa: BLE001 - the crash is what this looks for
        return [f"crash: {traceback.format_exc(limit=-3)}"], tally
    tally.edited, tally.sites = int(bool(found.edits)), found.counts.sites
    tally.codes.update(found.codes)
    broken = [f"{d.position}: T001: {d.message}" for d in found.diagnostics if d.code == "T001"]
    if not is_python(text):
        return [*broken, "accepted, and it is not Python"], tally
    if not is_python(found.text):
        return [*broken, "the output does not compile"], tally
    if not _has_tokens(text):
        tally.unread = 1
        return broken, tally
    try:
        broken += problems(found, rules)
    except Exception:  # noqa: BLE001 - the check itself must not stop the run
        broken.append(f"the check raised: {traceback.format_exc(limit=-2)}")
    return broken, tally


def _has_tokens(text: str) -> bool:
    """Whether Python's own `tokenize` reads the text; it refuses some that the compiler takes."""
    try:
        comments(text)
    except (SyntaxError, tokenize.TokenError):
        return False
    return True


def run(seeds: Sequence[int], files: Sequence[Path], rules: RuleSet | None = None) -> Tally:
    """Translate the texts of these seeds and add up what was found."""
    rules = rules or load_rules()
    total = Tally()
    for seed in seeds:
        one = case(seed, files)
        with Limited(SECONDS):
            broken, tally = check(one.text, rules)
        tally.whole = int(one.is_whole)
        tally.mutations.update(one.mutations)
        if broken:
            tally.findings[seed] = broken
        total.add(tally)
    return total


class Limited:
    """Raise in the block after so many seconds; without effect where there are no signals."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds

    def __enter__(self) -> None:
        def late(*_: object) -> None:
            raise TimeoutError(f"more than {self.seconds} s")

        signal.signal(signal.SIGALRM, late)
        signal.alarm(self.seconds)

    def __exit__(self, *_: object) -> None:
        signal.alarm(0)


def corpus() -> list[Path]:
    """Every file of both packages that names the framework."""
    files = [path for name in ("torchvision", "timm") for path in sorted(package(name).rglob("*.py"))]
    return [path for path in files if "torch" in path.read_text(encoding="utf-8")]


def chunks(first: int, count: int) -> Iterator[range]:
    """The seeds in pieces."""
    for start in range(first, first + count, CHUNK):
        yield range(start, min(start + CHUNK, first + count))


def save(findings: dict[int, list[str]], files: Sequence[Path]) -> None:
    """Write each failing text and what is wrong with it."""
    FAILURES.mkdir(parents=True, exist_ok=True)
    for seed, broken in findings.items():
        one = case(seed, files)
        (FAILURES / f"{seed}.py").write_text(one.text, encoding="utf-8", newline="")
        said = [f"{one.origin}: {', '.join(one.mutations)}", *broken]
        (FAILURES / f"{seed}.txt").write_text("\n".join(said) + "\n", encoding="utf-8")


def kinds(findings: dict[int, list[str]]) -> Counter[str]:
    """The findings with names and numbers taken out."""
    return Counter(re.sub(r"`[^`]*`|\d+|'[^']*'", "_", one)[:150] for broken in findings.values() for one in broken)


def shown(total: Tally, seconds: float) -> str:
    """The figures as a table."""
    rows = [
        ["texts", f"{total.texts:,}"],
        ["of those whole files", f"{total.whole:,}"],
        ["lines", f"{total.lines:,}"],
        ["mutations", f"{total.mutations.total():,}"],
        ["not Python, refused with a line", f"{total.refused:,}"],
        ["with something translated", f"{total.edited:,}"],
        ["Python that `tokenize` refuses, checked for crashes and valid output", f"{total.unread:,}"],
        ["sites", f"{total.sites:,}"],
        ["T001", f"{total.codes['T001']:,}"],
        ["texts with a broken promise", f"{len(total.findings):,}"],
        ["seconds", f"{seconds:,.0f}"],
    ]
    return table(["fuzz", "figure"], rows)


def main() -> None:
    """Run the seeds that the options name; exit 1 when a promise was broken."""
    parser = argparse.ArgumentParser(prog="benchmarks.fuzz", description="Translate mutated files of real packages.")
    parser.add_argument("--first", type=int, default=0, metavar="SEED", help="the first seed")
    parser.add_argument("--count", type=int, default=20_000, help="how many seeds")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    options = parser.parse_args()
    files, total, begun = corpus(), Tally(), time.monotonic()
    with ProcessPoolExecutor(options.jobs) as pool:
        ranges = list(chunks(options.first, options.count))
        for seeds, tally in zip(ranges, pool.map(run, ranges, [files] * len(ranges)), strict=True):
            total.add(tally)
            save(tally.findings, files)
            for seed, broken in tally.findings.items():
                print(f"{seed}: {broken[0]}", flush=True)
            print(f"up to {seeds.stop}: {len(total.findings)} findings", file=sys.stderr, flush=True)
    print(shown(total, time.monotonic() - begun))
    for kind, count in kinds(total.findings).most_common():
        print(f"{count:>6}  {kind}")
    raise SystemExit(bool(total.findings))


if __name__ == "__main__":
    main()
