"""Diagnostics by code on whole packages: ``python -m benchmarks.coverage`` counts, and writes README.md."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.corpora import Corpus, packages
from benchmarks.sections import README, table, write_section
from benchmarks.worth import worth_of_text
from translator.codes import CODES
from translator.core import TranslatorError
from translator.engine.translate import read_source, translate_source
from translator.ruleset.load import load_rules
from translator.ruleset.model import RuleSet


@dataclass(slots=True)
class Coverage:
    """Sums over the files of a corpus.

    Args:
        refused: files that cannot be read, with the reason.
        codes: diagnostics by code, the notes among them.
        worth: is every output Python, is every comment there.
    """

    files: int = 0
    touched: int = 0
    sites: int = 0
    certain: int = 0
    assumed: int = 0
    left: int = 0
    invalid: int = 0
    lost_comments: int = 0
    refused: dict[str, str] = field(default_factory=dict)
    codes: Counter[str] = field(default_factory=Counter)
    apis: dict[str, Counter[str]] = field(default_factory=dict)


def count(corpus: Corpus, rules: RuleSet) -> Coverage:
    """Translate every file of a corpus and add up what is said about it."""
    total = Coverage()
    for path in corpus.files:
        total.files += 1
        try:
            found = translate_source(read_source(path), path=str(path.relative_to(corpus.folder)), rules=rules)
        except TranslatorError as error:
            total.refused[str(path.relative_to(corpus.folder))] = str(error)
            continue
        counts = found.counts
        total.touched += counts.sites > 0
        total.sites += counts.sites
        total.certain += counts.certain
        total.assumed += counts.assumed
        total.left += sum(counts.left.values())
        kept = worth_of_text(found.source, found.text)
        total.invalid += not kept.valid
        total.lost_comments += kept.comments - kept.kept
        for diagnostic in found.diagnostics:
            total.codes[diagnostic.code] += 1
            total.apis.setdefault(diagnostic.code, Counter())[diagnostic.api] += 1
    return total


def sites_table(found: dict[str, Coverage]) -> str:
    """What became of every use of the source framework."""
    rows = [
        [
            name, f"{c.files}", f"{c.touched}", f"{c.sites:,}", f"{c.certain:,}", f"{c.assumed:,}", f"{c.left:,}",
            f"{c.invalid}", f"{c.lost_comments}", f"{len(c.refused)}",
        ]
        for name, c in found.items()
    ]  # fmt: skip
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


def codes_table(found: dict[str, Coverage]) -> str:
    """Diagnostics by code, with the titles of the code table; notes change nothing."""
    codes = sorted({code for c in found.values() for code in c.codes} | {"T001"})
    rows = [
        [f"{code} ({CODES[code].severity.value}): {CODES[code].title}", *(f"{c.codes[code]:,}" for c in found.values())]
        for code in codes
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
    for name, coverage in found.items():
        for code, apis in sorted(coverage.apis.items()) if options.apis else ():
            print(
                f"\n{name} {code}: " + ", ".join(f"{api or '(none)'} {n}" for api, n in apis.most_common(options.apis))
            )
        for path, reason in coverage.refused.items():
            print(f"{name}: {path}: {reason}", file=sys.stderr)
    write_section("coverage", text, options.readme)


if __name__ == "__main__":
    main()
