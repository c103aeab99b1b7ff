"""What is left of torchvision, line by line: ``python -m benchmarks.left`` writes it into ``docs/torchvision.md``."""

from __future__ import annotations

from pathlib import Path

from benchmarks.sections import write_section
from translator.project.coverage import cover
from translator.report.coverage import markdown
from translator.ruleset.load import load_rules

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "torchvision.md"
PACKAGE, RELEASE = "torchvision", "0.28.0"  # whose lines the document names


def left() -> str:
    """Tables of every place that stays as it is, with the reason and what to do instead; without the counts."""
    return markdown(cover(PACKAGE, load_rules())).partition("\n")[2]


if __name__ == "__main__":
    write_section("left", left(), DOCUMENT)
