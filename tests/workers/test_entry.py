from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from translator.core import ConfigError, WorkerError
from translator.workers.entry import Entry, load_entry, parse_entry


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        pytest.param("a/b.py:Net", Entry("a/b.py", "Net"), id="file"),
        pytest.param("package.module:net", Entry("package.module", "net"), id="module"),
        pytest.param("b.py:net(10, k=(1, 'x'))", Entry("b.py", "net", (10,), {"k": (1, "x")}), id="literal arguments"),
        pytest.param(
            "b.py:net(url='a:b.py:c')", Entry("b.py", "net", (), {"url": "a:b.py:c"}), id="colons in arguments"
        ),
    ],
)
def test_parsed(text: str, entry: Entry) -> None:
    assert parse_entry(text) == entry


@pytest.mark.parametrize(
    "text",
    ["b.py:net(**{'k': 1})", "", "net", "b.py", "b.py:", ":net", "b.py:net(", "b.py:net(x)", "b.py:a.b()", "b.py:1"],
)
def test_not_an_entry(text: str) -> None:
    with pytest.raises(ConfigError):
        parse_entry(text)


MODULE = """
from beside import Base
class Net(Base):
    def __init__(self, size=3):
        self.size = size
def build(size): return Net(size)
def number(): return 5
def broken():
    raise ValueError("no such\\nsize")
instance = Net(7)
constant = 3
"""


class Module:
    """Stands for a framework's module class."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "beside.py").write_text("class Base: pass\n")
    path = tmp_path / "entry_under_test.py"
    path.write_text(MODULE)
    return path


def is_module(value: object) -> bool:
    return hasattr(value, "size") and not isinstance(value, type)


@pytest.mark.parametrize(("entry", "size"), [("Net", 3), ("Net(size=4)", 4), ("build(5)", 5), ("instance", 7)])
def test_built(file: Path, entry: str, size: int) -> None:
    assert load_entry(f"{file}:{entry}", is_module).size == size


@pytest.mark.parametrize(
    ("entry", "error", "text"),
    [
        pytest.param("Nett", ConfigError, "no `Nett` there; it has Net, broken, build, number", id="wrong name"),
        pytest.param("number", ConfigError, "gave int, not a model", id="not a model"),
        pytest.param("constant", ConfigError, "neither a class nor a function", id="not callable"),
        pytest.param("build", WorkerError, "`build` raised TypeError", id="an argument is missing"),
        pytest.param(
            "broken", WorkerError, r"entry_under_test\.py:9: `broken` raised ValueError: no such size", id="raises"
        ),
    ],
)
def test_refused(file: Path, entry: str, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        load_entry(f"{file}:{entry}", is_module)


@pytest.mark.parametrize(
    ("entry", "error", "text"),
    [
        pytest.param("{0}/missing.py:Net", ConfigError, "missing.py: no such file", id="file"),
        pytest.param(
            "no_such_package.models:Net", ConfigError, "no module named `no_such_package.models`", id="module"
        ),
        pytest.param("{0}/syntax.py:Net", WorkerError, r"syntax.py:2: .*SyntaxError", id="syntax error"),
        pytest.param(
            "{0}/imports.py:Net", WorkerError, r"imports.py:1: .*No module named 'nowhere'", id="missing import"
        ),
    ],
)
def test_cannot_be_imported(tmp_path: Path, entry: str, error: type[Exception], text: str) -> None:
    (tmp_path / "syntax.py").write_text("x = 1\ny = = 2\n")
    (tmp_path / "imports.py").write_text("import nowhere\n")
    with pytest.raises(error, match=text):
        load_entry(entry.format(tmp_path), is_module)


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package of the current folder, which has the name of one that is installed."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    folder = tmp_path / "wheel" / "models"
    folder.mkdir(parents=True)
    (tmp_path / "wheel" / "__init__.py").touch()
    (folder / "__init__.py").write_text("from .net import Net\n")
    (folder / "net.py").write_text("from wheel.sizes import SIZE\nclass Net:\n    size = SIZE\n")
    (tmp_path / "wheel" / "sizes.py").write_text("SIZE = 13\n")
    held = {name: sys.modules.pop(name) for name in list(sys.modules) if name.partition(".")[0] == "wheel"}
    yield tmp_path
    for name in [name for name in sys.modules if name.partition(".")[0] in ("wheel", "net")]:
        del sys.modules[name]
    sys.modules.update(held)


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param("wheel.models.net:Net", id="a module by its dotted name"),
        pytest.param("wheel.models:Net", id="a package by its dotted name"),
        pytest.param("{0}/wheel/models/net.py:Net", id="a file with full names of its package"),
        pytest.param("{0}/wheel/models/__init__.py:Net", id="the file of a package itself"),
        pytest.param("{0}/wheel/models:Net", id="the folder of a package"),
        pytest.param("./wheel/models:Net", id="the folder of a package from here"),
    ],
)
def test_packages_of_the_current_folder(package: Path, entry: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(package)
    assert load_entry(entry.format(package), is_module).size == 13


def test_an_installed_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match="`TestCase` gave TestCase, not a model"):
        load_entry("unittest.case:TestCase", lambda value: False)


def test_a_file_of_a_package_with_relative_imports(tmp_path: Path) -> None:
    package = tmp_path / "relative_package"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "sizes.py").write_text("SIZE = 11\n")
    (package / "net.py").write_text("from .sizes import SIZE\nclass Net:\n    size = SIZE\n")
    assert load_entry(f"{package}/net.py:Net", is_module).size == 11


def test_a_file_that_imports_its_package_by_name_is_there_once(tmp_path: Path) -> None:
    package = tmp_path / "registering_package"
    package.mkdir()
    (package / "__init__.py").write_text("from registering_package.net import Net\n")
    (package / "known.py").write_text("NAMES = []\n")
    (package / "net.py").write_text(
        "from registering_package.known import NAMES\n\nassert not NAMES, 'twice'\nNAMES.append('Net')\n\n\n"
        "class Net:\n    size = 5\n"
    )
    assert load_entry(f"{package}/net.py:Net", is_module).size == 5
    assert "net" not in sys.modules
