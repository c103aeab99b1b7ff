"""What the inventory of an installed framework states, on a small package made for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from translator.workers.inventory import inventory

SOURCE = """\
import functools
import math


def either(function):
    @functools.wraps(function)
    def wrapped(*args, **kwargs):
        if "turn" in kwargs:
            kwargs["angle"] = kwargs.pop("turn")
        return function(*args, **kwargs)
    return wrapped


@either
def spin(x, angle=90, *, copy: bool = False, scale=math.pi, of=math) -> int:
    return x


class Base:
    def __init__(self, size):
        self.size = size

    def run(self, x, speed=1.5):
        return x

    def __len__(self):
        return 1


class Wide(Base):
    def stop(self, /, when="now"):
        return when

    @staticmethod
    def make(size):
        return Wide(size)

    @property
    def area(self):
        return 1


_hidden = 1
LIMIT = 3
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "plumlike.py").write_text(SOURCE, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    return "plumlike"


def test_names_signatures_members_and_bases(package: str) -> None:
    found = inventory([package, f"{package}.missing"], [f"{package}.Wide", f"{package}.nothing"])
    assert found["names"] == {
        "plumlike.Base": "(size)",
        "plumlike.Base.__len__": "()",
        "plumlike.Base.run": "(x, speed=1.5)",
        "plumlike.LIMIT": None,
        "plumlike.Wide": "(size)",
        "plumlike.Wide.area": None,
        "plumlike.Wide.make": "(size)",
        "plumlike.Wide.stop": "(when='now')",
        "plumlike.either": "(function)",
        "plumlike.spin": "(x, angle=90, *, copy=False, scale=3.141592653589793, of=...)",
    }
    assert found["bases"] == {"plumlike.Wide": ["plumlike.Base"]}
    assert found["aliases"] == {"plumlike.spin": ["turn"]}
