"""Every promise on every file of two packages: ``python -m benchmarks.promises``; exit 1 when one is broken.

Valid output, no rewrite that failed, no comment lost, no name of the source framework without a diagnostic: of each
file alone, and of each package as a whole, whose files know of each other.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.corpora import PACKAGES, package
from benchmarks.sections import table
from tests.soundness import problems
from translator.analysis.summary import ModuleSummary
from translator.analysis.world import World
from translator.core import Translation
from translator.engine.translate import read_source, summarize_source, translate_source
from translator.ruleset.load import load_rules
from translator.ruleset.model import RuleSet


@dataclass(frozen=True, slots=True)
class File:
    """A module of a package."""

    path: Path
    module: str
    is_package: bool
    text: str


def files_of(folder: Path) -> list[File]:
    """Every module below a package's folder, by its dotted name."""
    found = []
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(folder.parent).with_suffix("").parts
        is_package = parts[-1] == "__init__"
        name = ".".join(parts[:-1] if is_package else parts)
        found.append(File(path, name, is_package, read_source(path)))
    return found


def broken(files: list[File], rules: RuleSet, *, as_package: bool) -> Iterator[tuple[Translation, list[str]]]:
    """Each file's translation with the promises that it breaks."""
    world = World(_summaries(files, rules)) if as_package else World()
    for file in files:
        place = {"module": file.module, "is_package": file.is_package, "world": world} if as_package else {}
        found = translate_source(file.text, path=str(file.path), rules=rules, **place)  # type: ignore[arg-type]
        failed = [f"{d.position}: {d.message}" for d in found.diagnostics if d.code == "T001"]
        yield found, [*failed, *(f"{file.path}: {one}" for one in problems(found, rules, world=world))]


def _summaries(files: list[File], rules: RuleSet) -> dict[str, ModuleSummary]:
    """What the modules need to know of each other."""
    return {
        file.module: summarize_source(
            file.text, path=str(file.path), module=file.module, is_package=file.is_package, rules=rules
        )
        for file in files
    }


def main() -> None:
    """Check both packages in both ways, print the figures, and every broken promise."""
    parser = argparse.ArgumentParser(prog="benchmarks.promises", description="Every promise on torchvision and timm.")
    parser.add_argument("packages", nargs="*", default=list(PACKAGES), help="by default all")
    rules, rows, said = load_rules(), [], []
    for name in parser.parse_args().packages:
        files = files_of(package(name))
        for as_package in (False, True):
            count, codes = 0, Counter[str]()
            for translation, found in broken(files, rules, as_package=as_package):
                codes.update(translation.codes)
                count += bool(found)
                said += found
            how = "as a package" if as_package else "file by file"
            rows.append([f"{name}-{PACKAGES[name]}, {how}", f"{len(files)}", f"{count}", f"{codes['T001']}"])
    print(table(["package", "files", "with a broken promise", "T001"], rows))
    print("\n".join(said))
    raise SystemExit(bool(said))


if __name__ == "__main__":
    main()
