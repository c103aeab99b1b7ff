"""What SRC is, and which files belong to it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.project.conftest import Write
from translator.core import ConfigError
from translator.project.discover import Kind, locate, read_tree
from translator.project.layout import helper_place


def places(src: Path | str, **options: object) -> dict[str, Kind]:
    return {file.place: file.kind for file in read_tree(str(src), **options).files}  # type: ignore[arg-type]


def test_files_by_kind(write: Write) -> None:
    src = write({
        "net.py": "", "a/b.ipynb": "{}", "requirements-dev.txt": "", "pyproject.toml": "", "setup.cfg": "",
        "setup.py": "", "data/x.csv": "1", "README.md": "",
    })  # fmt: skip
    assert places(src) == {
        "net.py": Kind.MODULE, "a/b.ipynb": Kind.NOTEBOOK, "requirements-dev.txt": Kind.DEPENDENCIES,
        "pyproject.toml": Kind.DEPENDENCIES, "setup.cfg": Kind.DEPENDENCIES, "setup.py": Kind.MODULE,
        "data/x.csv": Kind.DATA, "README.md": Kind.DATA,
    }  # fmt: skip


@pytest.mark.parametrize("name", [
    "__pycache__/net.py", ".git/hook.py", ".venv/x.py", "env/lib/x.py", "build/lib/net.py", "dist/net.py",
    "a.egg-info/x.py", "node_modules/x.py", ".mypy_cache/x.py", "_C.so", "net.pyc", ".translate.json",
    ".ipynb_checkpoints/a.ipynb",
])  # fmt: skip
def test_what_is_no_source_is_skipped(name: str, write: Write) -> None:
    assert list(places(write({"net.py": "", name: "", "env/pyvenv.cfg": ""}))) == ["net.py"]


@pytest.mark.parametrize("name", ["build/__init__.py", ".github/ci.yml", "environment/x.py", "cache/x.py"])
def test_what_only_looks_like_it_is_not(name: str, write: Write) -> None:
    assert set(places(write({"net.py": "", name: ""}))) == {"net.py", name}


def test_the_output_inside_the_input_is_skipped(write: Write) -> None:
    src = write({"net.py": "", "out/net.py": ""})
    assert list(places(src, output=src / "out")) == ["net.py"]


def test_names_of_modules(write: Write) -> None:
    src = write({"train.py": "", "tools/run.py": "", "pkg/__init__.py": "", "pkg/ops/__init__.py": "",
                 "pkg/ops/misc.py": "", "lib/deep/__init__.py": "", "lib/deep/net.py": ""})  # fmt: skip
    assert {file.place: file.module for file in read_tree(str(src)).files} == {
        "train.py": "train", "tools/run.py": "tools.run", "pkg/__init__.py": "pkg", "pkg/ops/__init__.py": "pkg.ops",
        "pkg/ops/misc.py": "pkg.ops.misc", "lib/deep/__init__.py": "deep", "lib/deep/net.py": "deep.net",
    }  # fmt: skip


def test_a_folder_inside_a_package(write: Write) -> None:
    src = write({"pkg/__init__.py": "", "pkg/ops/__init__.py": "", "pkg/ops/misc.py": ""})
    tree = read_tree(str(src / "pkg" / "ops"))
    assert [(file.place, file.module) for file in tree.files] == [
        ("__init__.py", "pkg.ops"), ("misc.py", "pkg.ops.misc"),
    ]  # fmt: skip
    assert tree.packages == {"."}


def test_a_package_by_its_name_is_found_and_not_imported(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    src = write({"pkg/__init__.py": "raise SystemExit", "pkg/ops/__init__.py": "", "pkg/ops/misc.py": "", "o.py": ""})
    monkeypatch.syspath_prepend(src)
    assert locate("pkg.ops.misc") == (src / "pkg" / "ops" / "misc.py", "pkg.ops.misc")
    tree = read_tree("pkg.ops")
    assert [(file.place, file.module) for file in tree.files] == [
        ("pkg/ops/__init__.py", "pkg.ops"), ("pkg/ops/misc.py", "pkg.ops.misc"),
    ]  # fmt: skip
    assert tree.packages == {"pkg", "pkg/ops"}
    assert "pkg" not in sys.modules


@pytest.mark.parametrize(("src", "says"), [
    ("no.such.module", "no such file, folder or module"), ("pytest.no_such", "no such file, folder or module"),
    ("no/such/folder", "there is no such file or folder"), ("empty", "no Python file and no notebook"),
])  # fmt: skip
def test_inputs_that_are_refused(src: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "data.csv").touch()
    with pytest.raises(ConfigError, match=says):
        read_tree(src)


def test_links(write: Write) -> None:
    src = write({"a.py": "", "d/b.py": ""})
    (src / "same.py").symlink_to("a.py")
    (src / "folder").symlink_to("d")
    (src / "loop").symlink_to(".")
    (src / "outside.py").symlink_to("../../elsewhere.py")
    (src / "absolute.py").symlink_to(src / "a.py")
    (src / "broken").symlink_to("nowhere")
    assert places(src) == {
        "a.py": Kind.MODULE, "d/b.py": Kind.MODULE, "same.py": Kind.LINK, "folder": Kind.LINK, "loop": Kind.LINK,
        "outside.py": Kind.MODULE, "absolute.py": Kind.MODULE, "broken": Kind.DATA,
    }  # fmt: skip


@pytest.mark.parametrize(("place", "packages", "module", "folder"), [
    pytest.param("train.py", {"pkg"}, "h", ".", id="a script"),
    pytest.param("tools/run.py", {"pkg"}, "h", "tools", id="a script in a folder"),
    pytest.param("pkg/net.py", {"pkg"}, ".h", "pkg", id="in a package"),
    pytest.param("pkg/__init__.py", {"pkg"}, ".h", "pkg", id="the package itself"),
    pytest.param("pkg/a/b/net.py", {"pkg", "pkg/a", "pkg/a/b"}, "...h", "pkg", id="deep in a package"),
    pytest.param("lib/pkg/net.py", {"lib/pkg"}, ".h", "lib/pkg", id="a package in a folder"),
    pytest.param("ops/net.py", {".", "ops"}, "..h", ".", id="OUT is the package"),
])  # fmt: skip
def test_where_helpers_lie(place: str, packages: set[str], module: str, folder: str) -> None:
    found = helper_place(place, packages, "h")
    assert (found.module, found.folder) == (module, folder)
