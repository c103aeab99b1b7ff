"""The report as one JSON object; its shape is published as :func:`translator.report.model.schema`."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from pydantic import ValidationError

from translator.core import ConfigError
from translator.report.model import Counts, Diagnostic, Project, ProjectFile, Report

if TYPE_CHECKING:
    from translator.project.result import FileResult, ProjectResult


def render(report: Report, *, is_short: bool = False) -> str:
    """One JSON object ending with a newline; what JSON has no number for is ``"NaN"``, ``"Infinity"``, ``"-Infinity"``.

    ``Report.model_validate_json`` reads it back.

    Args:
        is_short: all in one line, which takes half of the room.
    """
    return report.model_dump_json(indent=None if is_short else 2) + "\n"


class ProjectStream:
    """The report of a project as one JSON object, written file by file, so that none has to be kept."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._has_files = False

    def add(self, result: FileResult) -> None:
        """Write one file's part."""
        found = result.translation
        part = ProjectFile(
            path=found.path,
            place=result.place,
            status=result.status.value,
            is_written=result.is_written,
            counts=Counts.model_validate(found.counts),
            helpers=found.helpers,
            diagnostics=tuple(map(Diagnostic.model_validate, found.diagnostics)),
        )
        self._out.write((",\n" if self._has_files else '{"files": [\n') + part.model_dump_json())
        self._has_files = True

    def close(self, result: ProjectResult, command: str) -> None:
        """Write the sums, and end the object."""
        statuses = Counter(file.status.value for file in result.files)
        severities: Counter[str] = Counter()
        for file in result.files:
            severities.update(file.diagnostics)
        found = Project(
            command=command,
            source=result.source,
            output=result.output,
            counts=Counts.model_validate(result.counts),
            statuses=dict(statuses),
            severities=dict(severities),
        )
        rest = found.model_dump_json(exclude={"files"})
        self._out.write(("\n],\n" if self._has_files else '{"files": [],\n') + rest.removeprefix("{") + "\n")


def read(path: Path) -> Report:
    """Read back what :func:`render` wrote.

    Raises:
        ConfigError: the file cannot be read, or is no report.
    """
    try:
        return Report.model_validate_json(path.read_bytes())
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", path=str(path)) from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ConfigError(f"is not a report: {place}: {first['msg']}".replace(": :", ":"), path=str(path)) from error
