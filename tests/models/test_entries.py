"""The file of ``--entries``."""

from __future__ import annotations

from pathlib import Path

import pytest

from translator.core import ConfigError
from translator.models.entries import NamedEntry, read_entries

FILE = """\
---
# the small ones
a: zoo.nets:net(width=8)   # eight

b-1: zoo/nets.py:net
"c": 'zoo.nets:net("#1", url="a: b")'
"""


def test_read(tmp_path: Path) -> None:
    (tmp_path / "entries").write_text(FILE)
    assert read_entries(tmp_path / "entries") == [
        NamedEntry("a", "zoo.nets:net(width=8)", 3),
        NamedEntry("b-1", "zoo/nets.py:net", 5),
        NamedEntry("c", 'zoo.nets:net("#1", url="a: b")', 6),
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("", "names no builder", id="empty"),
        pytest.param("a: b:c\n\na: b:d\n", "entries:3: `a` stands in line 1, too", id="twice"),
        pytest.param("a: b:c\nb\n", "entries:2: `b` names no builder", id="no entry"),
        pytest.param("a/b: c:d\n", "entries:1: `a/b: c:d` names no builder", id="a name that is a path"),
        pytest.param("a: b\n", "entries:1: `b` names no model", id="no function"),
        pytest.param("a: b:c(x)\n", "entries:1: `c\\(x\\)` is not a name with literal arguments", id="no literal"),
    ],
)
def test_wrong(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "entries").write_text(text)
    with pytest.raises(ConfigError, match=reason):
        read_entries(tmp_path / "entries")


def test_missing(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot read"):
        read_entries(tmp_path / "entries")
