"""Gathering and writing the report of a run."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from translator.core import Translation

if TYPE_CHECKING:
    from translator.report.model import Report
    from translator.verify.result import Verification


def command_line() -> str:
    """The command line of this run."""
    return shlex.join(["translate", *sys.argv[1:]])


def report_of(translation: Translation | None = None, verification: Verification | None = None, **parts: Any) -> Report:
    """A report of what ran; parts that did not run are missing from it, and it says so."""
    from translator.report import gather
    from translator.report.model import Report

    found: dict[str, Any] = {"command": command_line(), **parts}
    if translation is not None:
        found["translations"] = (translation,)
    if verification is not None:
        found["verification"] = gather.verification_part(verification)
        found["weights"] = gather.weights_part(verification.weight_map)
        if translation is not None:
            found["translations"] = (gather.translation_part(translation, verification),)
        found["versions"] = gather.versions_of(verification.versions)
    return Report.model_validate(found, from_attributes=True)


def save_reports(report: Report | None, html_file: Path | None, json_file: Path | None) -> None:
    """Write the HTML page and the JSON of a report where they were asked for."""
    from translator.files import write_atomically

    if report is not None and html_file is not None:
        from translator.report import html

        write_atomically(html_file, html.render(report))
    if report is not None and json_file is not None:
        from translator.report import jsonfile

        if str(json_file) == "-":
            typer.echo(jsonfile.render(report))
        else:
            write_atomically(json_file, jsonfile.render(report))
