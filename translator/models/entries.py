"""``--entries FILE``: the builders of a package by hand, ``name: module:builder(arguments)`` a line.

``#`` begins a comment, empty lines are skipped. The module is named by its dotted name, or by the path of its file; the
arguments are literals, as in every ENTRY. Simple files of that form are YAML, too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from translator.core import ConfigError
from translator.workers.entry import parse_entry

USAGE = "write `name: module:builder(arguments)`, e.g. `small: zoo.nets:net(width=8)`"
_LINE = re.compile(r"""(?P<quote>["']?)(?P<name>[\w.+-]+)(?P=quote)\s*:\s+(?P<entry>.*\S)""")
_COMMENT = re.compile(r"""(?:[^#"']|"[^"]*"|'[^']*')*?(?=\s#|$)""")


@dataclass(frozen=True, slots=True)
class NamedEntry:
    """One line of the file."""

    name: str
    entry: str
    line: int


def read_entries(path: Path) -> list[NamedEntry]:
    """The lines of an entries file, in their order.

    Raises:
        ConfigError: it cannot be read, a line is none, or a name stands there twice; names file and line.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read: {error}", path=str(path), hint=USAGE) from error
    found: dict[str, NamedEntry] = {}
    for number, line in enumerate(lines, 1):
        text = "" if line.lstrip().startswith("#") else _uncommented(line).strip()
        if not text or text == "---":
            continue
        one = _entry(text, number, path)
        if one.name in found:
            first = found[one.name].line
            raise ConfigError(f"`{one.name}` stands in line {first}, too", path=str(path), line=number)
        found[one.name] = one
    if not found:
        raise ConfigError("names no builder", path=str(path), hint=USAGE)
    return list(found.values())


def _uncommented(line: str) -> str:
    found = _COMMENT.match(line)
    return found[0] if found else line


def _entry(text: str, number: int, path: Path) -> NamedEntry:
    found = _LINE.fullmatch(text)
    if found is None:
        raise ConfigError(f"`{text}` names no builder", path=str(path), line=number, hint=USAGE)
    entry = found["entry"]
    if entry[0] in "\"'" and entry[-1] == entry[0] and len(entry) > 1:
        entry = entry[1:-1]
    try:
        parse_entry(entry)
    except ConfigError as error:
        raise ConfigError(error.message, path=str(path), line=number, hint=USAGE) from error
    return NamedEntry(found["name"], entry, number)
