"""What a run over a project gives: one result a file, and their sum."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import Enum

from translator.core import Counts, Severity, Translation, total


class Status(str, Enum):
    """What became of a file."""

    TRANSLATED = "translated"
    COPIED = "copied"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class FileResult:
    """One file of a project, while its text is at hand.

    Args:
        place: where it goes below OUT.
        is_written: the output was not there before, or was another one.
    """

    place: str
    status: Status
    translation: Translation
    is_written: bool = False


@dataclass(frozen=True, slots=True)
class FileCounts:
    """What is kept of a file when its text is gone."""

    path: str
    place: str
    status: Status
    is_written: bool
    counts: Counts
    diagnostics: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProjectResult:
    """Every file's counts by place, and the helper modules that were written."""

    source: str
    output: str
    files: tuple[FileCounts, ...]

    @property
    def has_left(self) -> bool:
        """Whether a file failed, or code was left as it was."""
        return any(f.status is Status.FAILED or set(f.diagnostics) - {Severity.NOTE.value} for f in self.files)

    @property
    def counts(self) -> Counts:
        """The sum over all files."""
        return total(file.counts for file in self.files)


def counts_of(result: FileResult) -> FileCounts:
    """A file's result without its text; diagnostics counted by severity."""
    found = result.translation
    severities = Counter(d.severity.value for d in found.diagnostics)
    return FileCounts(found.path, result.place, result.status, result.is_written, found.counts, dict(severities))
