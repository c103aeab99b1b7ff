"""Diagnostics, counts and the certificate as plain text. Standard library only: a plain ``translate FILE`` loads it."""

from __future__ import annotations

import io
import unicodedata
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from translator.core import Diagnostic, Position, Severity, Tally, Translation, total

if TYPE_CHECKING:
    from translator.project.result import FileCounts, ProjectResult
    from translator.report.model import Report

TAB = "    "
MAX_CODE_WIDTH = 160


def render(translation: Translation) -> str:
    """Every diagnostic of a translation with its source line, then the summary; ends with a newline."""
    lines = lines_of(translation.source)
    blocks = [diagnostic(found, lines) for found in translation.diagnostics]
    return "\n".join([*blocks, summary([translation])])


def diagnostic(found: Diagnostic, lines: list[str]) -> str:
    """One diagnostic: severity, code, message, place, the source line with carets, rule and help.

    Args:
        found: what to show.
        lines: the lines of its source file; a position outside them is shown without source.

    Returns:
        Several lines, the last one ending with a newline.
    """
    place = found.position
    width = len(str(place.line))
    gutter = " " * width
    out = [f"{found.severity.value}[{found.code}]: {found.message}", f"{gutter}--> {place}"]
    if 1 <= place.line <= len(lines):
        code, start, end = _visible(lines[place.line - 1], place)
        label = f" {found.label}" if found.label else ""
        out += [
            f"{gutter} |",
            f"{place.line} | {code}".rstrip(),
            f"{gutter} | {' ' * start}{'^' * max(1, end - start)}{label}",
        ]
    if found.rule_origin:
        rule = f"{found.api} ({found.rule_origin})" if found.api else found.rule_origin
        out.append(f"{gutter} = rule: {rule}")
    if found.hint:
        out.append(f"{gutter} = help: " + f"\n{gutter}         ".join(found.hint.splitlines()))
    return "\n".join(out) + "\n"


def _visible(line: str, place: Position) -> tuple[str, int, int]:
    """The line as a terminal shows it, and the columns where the range starts and ends in that."""
    last = place.end_column if place.end_line in (0, place.line) else len(line)
    text = line.rstrip()
    start, end = _width(line[: place.column]), _width(line[: max(last, place.column)])
    text = text.replace("\t", TAB)
    if _width(text) <= MAX_CODE_WIDTH or not text.isascii():
        return text, start, min(end, max(_width(text), start + 1))
    skipped = max(0, min(start - MAX_CODE_WIDTH // 4, len(text) - MAX_CODE_WIDTH))
    head, tail = ("... " if skipped else ""), (" ..." if skipped + MAX_CODE_WIDTH < len(text) else "")
    shift, cut = len(head) - skipped, skipped + MAX_CODE_WIDTH
    return head + text[skipped:cut] + tail, start + shift, min(end, cut) + shift


def _width(text: str) -> int:
    """Columns that a text takes: tabs become four, wide characters two, combining ones none."""
    return sum(len(TAB) if char == "\t" else _columns(char) for char in text)


def _columns(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def lines_of(text: str) -> list[str]:
    """The lines of Python source as Python counts them: a form feed or a Unicode separator ends none."""
    return [line.removesuffix("\n") for line in io.StringIO(text, newline=None)]


def summary(translations: Iterable[Translation]) -> str:
    """Counts of one run: files, sites, what was translated how surely, what was left by code, and how bad it is.

    Returns:
        ``model.py: 42 sites: 40 translated (38 certain, 2 assumed), 2 left (T301 1, T302 1)`` and a second line that
        counts the diagnostics; never a lone percentage. Ends with a newline.
    """
    listed = list(translations)
    name = listed[0].path if len(listed) == 1 else _count(len(listed), "file")
    out = f"{name}: {counts_line(total([t.counts for t in listed]))}\n"
    found = Counter(d.severity for t in listed for d in t.diagnostics)
    if found:
        out += ", ".join(_count(found[s], s.value) for s in reversed(Severity) if found[s]) + "\n"
    return out


def project(found: ProjectResult) -> str:
    """A line for each file that has sites or failed, then the files by what became of them, and the sum.

    Returns:
        Counts, never a lone percentage; ends with a newline.
    """
    out = [f"{f.path}: {_outcome(f)}" for f in found.files if f.counts.sites or f.status.value == "failed"]
    states = Counter(f.status.value for f in found.files)
    files = ", ".join(f"{states[name]} {name}" for name in ("translated", "copied", "failed") if states[name])
    written = sum(f.is_written for f in found.files)
    place = f"; {written} written to {found.output}" if found.output else ""
    out.append(f"{found.source}: {_count(len(found.files), 'file')}: {files}{place}")
    out.append(f"{found.source}: {counts_line(found.counts)}")
    severities: Counter[str] = Counter()
    for one in found.files:
        severities.update(one.diagnostics)
    if severities:
        said = [_count(severities[s.value], s.value) for s in reversed(Severity) if severities[s.value]]
        out.append(", ".join(said))
    return "\n".join(out) + "\n"


def _outcome(file: FileCounts) -> str:
    return "failed" if file.status.value == "failed" else counts_line(file.counts)


def counts_line(counts: Tally) -> str:
    """``42 sites: 40 translated (38 certain, 2 assumed), 2 left (T301 1, T302 1)``."""
    if not counts.sites:
        return "nothing to translate"
    done, left = counts.certain + counts.assumed, sum(counts.left.values())
    codes = ", ".join(f"{code} {number}" for code, number in sorted(counts.left.items()) if number)
    translated = f"{done} translated ({counts.certain} certain, {counts.assumed} assumed)"
    return f"{_count(counts.sites, 'site')}: {translated}, {left} left" + (f" ({codes})" if codes else "")


def certificate(report: Report) -> str:
    """What is proven and what is not: a verdict, one line a stage, the first fault, versions.

    Returns:
        Each stage's line says passed, failed, suspect or not run, and the figures that it rests on.
    """
    lines = report.certificate
    stage = max((len(line.name) for line in lines), default=0)
    status = max((len(line.status) for line in lines), default=0)
    out = [f"certificate: {_verdict(report)}"]
    out += [f"  {line.name:<{stage}}  {line.status:<{status}}  {line.detail}".rstrip() for line in lines]
    blame = report.verification.blame if report.verification else None
    if blame:
        out.append(f"  first fault: {blame.path} ({blame.class_name}): {blame.reason}")
        out += [f"    {name}: {place}" for name, place in blame.places]
    if report.versions:
        out.append("  versions: " + ", ".join(f"{name} {version}" for name, version in report.versions.items()))
    return "\n".join(out) + "\n"


def _verdict(report: Report) -> str:
    if report.proven:
        return "proven"
    if any(line.status in ("failed", "suspect") for line in report.certificate):
        return "not proven"
    return "incomplete: no verification ran" if report.verification is None else "incomplete"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
