"""The coverage of a file or project: as text, one line a left site, one JSON object, or tables of what is left."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from translator.project.coverage import Coverage, CoveredSite, FileCoverage
from translator.report import model
from translator.report.text import counts_line


def render(found: Coverage, apis: int = 0) -> str:
    """Each file that has something to say with its left sites, the most frequent APIs, then the sum.

    Args:
        apis: how many APIs of each code to name.

    Returns:
        Counts, never a lone percentage; ends with a newline.
    """
    out = [line for file in found.files if file.counts.sites or file.left or file.failed for line in _file(file)]
    out += [f"{code}: {most(names, apis)}" for code, names in found.apis.items() if apis]
    touched, failed = sum(f.counts.sites > 0 for f in found.files), sum(bool(f.failed) for f in found.files)
    files = f"{len(found.files)} files, {touched} with sites" + (f", {failed} that cannot be read" if failed else "")
    out.append(f"{found.source}: {files}")
    out.append(f"{found.source}: {counts_line(found.counts)}")
    others = {code: number for code, number in sorted(found.codes.items()) if code not in found.counts.left}
    if others:
        out.append(
            "notes, and imports that are left: " + ", ".join(f"{code} {number}" for code, number in others.items())
        )
    return "\n".join(out) + "\n"


def _file(file: FileCoverage) -> list[str]:
    if file.failed:
        return [f"{file.path}: cannot be read: {file.failed}"]
    return [f"{file.path}: {counts_line(file.counts)}", *(f"  {_site(site)}" for site in file.left)]


def _site(site: CoveredSite) -> str:
    return f"{site.position}: {site.code}" + (f" {site.api}" if site.api else "")


def most(names: Counter[str], number: int) -> str:
    """The most frequent names with their counts, equally frequent ones by name, and how many more there are."""
    listed = sorted(names.items(), key=lambda pair: (-pair[1], pair[0]))
    more = f", and {len(listed) - number} more" if len(listed) > number else ""
    return ", ".join(f"{name or '(no API)'} {count}" for name, count in listed[:number]) + more


def concise(found: Coverage) -> str:
    """``path:line:column: CODE api`` of each left site, as editors and grep read it."""
    failed = (f"{file.failed}\n" for file in found.files if file.failed)
    return "".join([*(f"{_site(site)}\n" for file in found.files for site in file.left), *failed])


def markdown(found: Coverage) -> str:
    """A table for each module with something left: the lines, the API, why it stays, and what to do instead."""
    out = [f"`{found.source}`: {counts_line(found.counts)}."]
    folder = os.path.commonpath([file.path for file in found.files]) if len(found.files) > 1 else ""
    for file in found.files:
        if file.left:
            name = os.path.relpath(file.path, folder) if folder else Path(file.path).name
            out += [
                "",
                f"### `{name}`",
                "",
                "| lines | API | why it stays | instead |",
                "|---|---|---|---|",
                *_rows(file),
            ]
    return "\n".join(out) + "\n"


def _rows(file: FileCoverage) -> Iterator[str]:
    lines: dict[tuple[str, str, str, str], dict[int, None]] = {}
    for site in file.left:
        lines.setdefault((site.api, site.code, site.reason, site.hint), {})[site.position.line] = None
    for (api, code, reason, hint), numbers in lines.items():
        name = f"`{api}` ({code})" if api else code
        texts = (", ".join(map(str, numbers)), name, reason, hint)
        yield f"| {' | '.join(text.replace('|', '&#124;') for text in texts)} |"


def json(found: Coverage) -> str:
    """One JSON object, ``model.Coverage``, that ends with a newline."""
    return model.Coverage.model_validate(found, from_attributes=True).model_dump_json(indent=2) + "\n"
