"""What became of every use of the source framework: per file, by diagnostic code, by API."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from translator.analysis.observed import Observations
from translator.core import Counts, Diagnostic, Position, Severity, Translation, total
from translator.project.result import FileResult, Status
from translator.project.translate import translate_project
from translator.ruleset.model import RuleSet

MODULES = (".py", ".ipynb")


@dataclass(frozen=True, slots=True)
class CoveredSite:
    """A place that was translated on an assumption (T201), or that stays as it is for the reason of its code.

    Args:
        api: as it is used there.
        reason: why it stays; ``hint``: what to do instead.
    """

    position: Position
    code: str
    api: str
    reason: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class FileCoverage:
    """One module.

    Args:
        assumed: its sites that were translated on an assumption, in source order.
        left: its sites that were left, and imports that were, in source order.
        notes: how many notes of each code it has; they change nothing.
        failed: why it could not be read; empty where it could.
    """

    path: str
    counts: Counts = field(default_factory=Counts)
    assumed: tuple[CoveredSite, ...] = ()
    left: tuple[CoveredSite, ...] = ()
    notes: dict[str, int] = field(default_factory=dict)
    failed: str = ""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Every module of SRC by its place."""

    source: str
    files: tuple[FileCoverage, ...]

    @property
    def counts(self) -> Counts:
        """The sum over all files."""
        return total(file.counts for file in self.files)

    @property
    def codes(self) -> Counter[str]:
        """Diagnostics by code, the notes among them."""
        found = Counter(site.code for file in self.files for site in file.left)
        for file in self.files:
            found.update(file.notes)
        return found

    @property
    def apis(self) -> dict[str, Counter[str]]:
        """For each code the APIs that were left, and how often."""
        found: dict[str, Counter[str]] = {}
        for site in (site for file in self.files for site in file.left):
            found.setdefault(site.code, Counter())[site.api] += 1
        return dict(sorted(found.items()))


def cover(
    src: str,
    rules: RuleSet,
    *,
    jobs: int | None = None,
    observed: Observations | None = None,
    on_translation: Callable[[Translation], None] | None = None,
) -> Coverage:
    """Translate SRC without writing anything, and count.

    Args:
        src: a file, a folder, or a module's dotted name.
        on_translation: called with each module's translation, whose text is not kept.

    Raises:
        ConfigError: there is no such file, folder or module.
    """
    files: list[FileCoverage] = []

    def add(result: FileResult) -> None:
        if result.place.endswith(MODULES):
            files.append(coverage_of(result))
            if on_translation is not None:
                on_translation(result.translation)

    translate_project(src, None, rules=rules, jobs=jobs, observed=observed, on_file=add)
    return Coverage(src, tuple(files))


def coverage_of(result: FileResult) -> FileCoverage:
    """A module's sites, those left one by one."""
    found = result.translation
    if result.status is Status.FAILED:
        reason = found.diagnostics[-1]
        return FileCoverage(found.path, failed=f"{reason.position}: {reason.message}")
    notes = [d for d in found.diagnostics if d.severity is Severity.NOTE]
    assumed = tuple(_site(d) for d in notes if d.code == "T201")
    left = tuple(_site(d) for d in found.diagnostics if d not in notes)
    return FileCoverage(found.path, found.counts, assumed, left, dict(sorted(Counter(d.code for d in notes).items())))


def _site(found: Diagnostic) -> CoveredSite:
    is_said = found.code == "T305" and found.label  # the API, which the message names, stands beside it
    reason = found.label if is_said else found.message + (f": {found.label}" if found.label else "")
    return CoveredSite(found.position, found.code, found.api, reason, found.hint)
