"""Diagnostics by code on whole packages: ``python -m benchmarks.coverage`` counts, and writes README.md."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.corpora import Corpus, packages
from benchmarks.sections import README, table, write_section
from benchmarks.worth import worth_of_text
from translator.codes import CODES
from translator.core import Translation
from translator.project.coverage import Coverage, cover
from translator.report.coverage import most
from translator.ruleset.load import load_rules
from translator.ruleset.model import RuleSet


@dataclass(slots=True)
class Found:
    """The coverage of a corpus, and what its output is worth: is all of it Python, is every comment there."""

    coverage: Coverage
    invalid: int = 0
    lost_comments: int = 0


def count(corpus: Corpus, rules: RuleSet) -> Found:
    """Translate a corpus as one project, and add up what is said about it."""
    found = Found(Coverage(corpus.name, ()))

    def judge(translation: Translation) -> None:
        kept = worth_of_text(translation.source, translation.text)
        found.invalid += not kept.valid
        found.lost_comments += kept.comments - kept.kept

    found.coverage = cover(str(corpus.folder), rules, on_translation=judge)
    return found


def sites_table(found: dict[str, Found]) -> str:
    """What became of every use of the source framework."""
    rows = [[name, *_cells(one)] for name, one in found.items()]
    head = [
        "package",
        "files",
        "with sites",
        "sites",
        "certain",
        "assumed",
        "left",
        "not Python",
        "comments lost",
        "refused",
    ]
    return table(head, rows)


def _cells(found: Found) -> list[str]:
    files, counts = found.coverage.files, found.coverage.counts
    touched, refused = sum(file.counts.sites > 0 for file in files), sum(bool(file.failed) for file in files)
    numbers = [len(files), touched, counts.sites, counts.certain, counts.assumed, sum(counts.left.values())]
    return [f"{number:,}" for number in (*numbers, found.invalid, found.lost_comments, refused)]


def codes_table(found: dict[str, Found]) -> str:
    """Diagnostics by code, with the titles of the code table; notes change nothing."""
    said = [one.coverage.codes for one in found.values()]
    rows = [
        [f"{code} ({CODES[code].severity.value}): {CODES[code].title}", *(f"{codes[code]:,}" for codes in said)]
        for code in sorted({code for codes in said for code in codes} | {"T001"})
    ]
    return table(["code", *found], rows)


def main() -> None:
    """Count, print, and write the figures into README.md."""
    parser = argparse.ArgumentParser(
        prog="benchmarks.coverage", description="Diagnostics by code on torchvision and timm."
    )
    parser.add_argument("--readme", type=Path, default=README, help="where the figures go")
    parser.add_argument(
        "--apis", type=int, default=0, metavar="N", help="also print the N most frequent APIs of each code"
    )
    options = parser.parse_args()
    rules = load_rules()
    found = {corpus.name: count(corpus, rules) for corpus in packages()}
    text = f"{sites_table(found)}\n\n{codes_table(found)}"
    print(text)
    for name, one in found.items():
        for code, apis in one.coverage.apis.items() if options.apis else ():
            print(f"\n{name} {code}: {most(apis, options.apis)}")
        for file in one.coverage.files:
            if file.failed:
                print(f"{name}: {file.failed}", file=sys.stderr)
    write_section("coverage", text, options.readme)


if __name__ == "__main__":
    main()
