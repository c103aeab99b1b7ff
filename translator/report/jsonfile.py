"""The report as one JSON object; its shape is published as :func:`translator.report.model.schema`."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from translator.core import ConfigError
from translator.report.model import Report


def render(report: Report) -> str:
    """One JSON object ending with a newline; what JSON has no number for is ``"NaN"``, ``"Infinity"``, ``"-Infinity"``.

    ``Report.model_validate_json`` reads it back.
    """
    return report.model_dump_json(indent=2) + "\n"


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
