"""Measured figures in ``README.md``: the scripts write them between marks, so that nobody copies them by hand."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from translator.core import ConfigError
from translator.files import write_atomically

README = Path(__file__).with_name("README.md")


def write_section(name: str, text: str, readme: Path = README) -> None:
    """Put ``text`` between ``<!-- measured: name -->`` and ``<!-- end: name -->``; what stood there goes.

    Raises:
        ConfigError: the file has no such marks.
    """
    old = readme.read_text(encoding="utf-8")
    marks = re.compile(rf"(<!-- measured: {name} -->\n).*?(<!-- end: {name} -->)", re.DOTALL)
    new, found = marks.subn(lambda match: f"{match[1]}\n{text.strip()}\n\n{match[2]}", old)
    if found != 1:
        raise ConfigError(
            f"{found} places for `{name}`", path=str(readme), hint=f"one `<!-- measured: {name} -->` is needed"
        )
    write_atomically(readme, new)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; the first column is text, the others are figures."""
    rule = ["---", *("---:" for _ in head[1:])]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *rows))


def machine() -> str:
    """Where the figures come from, in general terms."""
    return (
        f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}, "
        f"libcst {version('libcst')}"
    )
