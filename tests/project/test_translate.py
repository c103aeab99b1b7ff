"""A folder or package as a whole: what is written, and that one bad file stops nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.project.conftest import Write, contents
from translator import translate_project
from translator.core import ConfigError
from translator.project.result import FileResult, Status
from translator.ruleset.model import RuleSet

SPLIT = "import torch\ndef f(x: torch.Tensor): return x.split(2)\n"
SPLIT_AFTER = "import paddle\nfrom {} import split\ndef f(x: paddle.Tensor): return split(x, 2, 0)\n"
CAT = "import torch\nx = torch.cat([a], dim=1)\n"
CAT_AFTER = "import paddle\nx = paddle.concat([a], axis=1)\n"


def test_a_folder_is_mirrored(write: Write, rules: RuleSet, tmp_path: Path) -> None:
    src = write({"net.py": CAT, "plain.py": "x  =  1 \n", "data/a.bin": b"\x00\xff", "sub/b.py": "\ufeff" + CAT})
    found = translate_project(src, tmp_path / "out", rules=rules)
    assert contents(tmp_path / "out") == contents(src) | {"net.py": CAT_AFTER, "sub/b.py": "\ufeff" + CAT_AFTER}
    assert {f.place: f.status.value for f in found.files} == {
        "net.py": "translated", "plain.py": "copied", "data/a.bin": "copied", "sub/b.py": "translated",
    }  # fmt: skip
    assert (found.counts.sites, found.has_left) == (2, False)


def test_helpers_lie_once_in_the_outermost_package(write: Write, rules: RuleSet, tmp_path: Path) -> None:
    src = write({
        "train.py": SPLIT, "pkg/__init__.py": "", "pkg/a.py": SPLIT, "pkg/sub/__init__.py": SPLIT,
        "pkg/sub/b.py": "import torch.nn as nn\nnn.init.zeros_(x)\n",
    })  # fmt: skip
    translate_project(src, tmp_path / "out", rules=rules)
    found = contents(tmp_path / "out")
    assert {name for name in found if "helpers" in name} == {"paddle_helpers.py", "pkg/paddle_helpers.py"}
    assert found["train.py"] == SPLIT_AFTER.format("paddle_helpers")
    assert found["pkg/a.py"] == SPLIT_AFTER.format(".paddle_helpers")
    assert found["pkg/sub/__init__.py"] == SPLIT_AFTER.format("..paddle_helpers")
    assert "from ..paddle_helpers import zeros_" in found["pkg/sub/b.py"]
    assert "def zeros_" in found["pkg/paddle_helpers.py"]
    assert "def split" in found["pkg/paddle_helpers.py"]
    assert "def zeros_" not in found["paddle_helpers.py"]


def test_one_bad_file_stops_nothing(write: Write, rules: RuleSet, tmp_path: Path) -> None:
    bad = {"syntax.py": "x = 1\ndef f(:\n", "latin.py": b"# a\nname = '\xe9'\n", "null.py": b"x = '\0'\n"}
    src = write({"net.py": CAT, **bad})
    (src / "gone.py").symlink_to("/no/such/file.py")
    seen: list[FileResult] = []
    found = translate_project(src, tmp_path / "out", rules=rules, on_file=seen.append)
    failed = {r.place: r.translation.diagnostics[-1] for r in seen if r.status is Status.FAILED}
    assert {name: (d.code, d.position.line) for name, d in failed.items()} == {
        "syntax.py": ("T002", 2), "latin.py": ("T002", 2), "null.py": ("T002", 1), "gone.py": ("T002", 1),
    }  # fmt: skip
    assert all(d.message and d.hint for d in failed.values())
    assert found.has_left
    for name in bad:
        assert (tmp_path / "out" / name).read_bytes() == (src / name).read_bytes()
    assert (tmp_path / "out" / "net.py").read_text() == CAT_AFTER


def test_links_inside_stay_links(write: Write, rules: RuleSet, tmp_path: Path) -> None:
    src = write({"a.py": CAT, "d/b.py": CAT})
    (src / "same.py").symlink_to("a.py")
    (src / "loop").symlink_to(".")
    (src / "absolute.py").symlink_to(src / "a.py")
    translate_project(src, tmp_path / "out", rules=rules)
    out = tmp_path / "out"
    assert (os.readlink(out / "same.py"), os.readlink(out / "loop")) == ("a.py", ".")
    assert not (out / "absolute.py").is_symlink()
    assert (out / "absolute.py").read_text() == CAT_AFTER


def test_the_executable_bit_travels(write: Write, rules: RuleSet, tmp_path: Path) -> None:
    src = write({"run.py": CAT, "run.sh": "echo\n", "net.py": CAT})
    for name in ("run.py", "run.sh"):
        (src / name).chmod(0o755)
    translate_project(src, tmp_path / "out", rules=rules)
    assert {n: os.access(tmp_path / "out" / n, os.X_OK) for n in ("run.py", "run.sh", "net.py")} == {
        "run.py": True, "run.sh": True, "net.py": False,
    }  # fmt: skip


@pytest.mark.parametrize(("files", "output", "says"), [
    pytest.param({"a.py": CAT}, "src", "replace the input", id="in place"),
    pytest.param({"a.py": CAT}, "src/a.py", "a folder", id="into a file"),
    pytest.param({"a.py": CAT, "paddle_helpers.py": ""}, "out", "name of the helper module", id="the helpers' name"),
])  # fmt: skip
def test_outputs_that_are_refused(
    files: dict[str, str | bytes], output: str, says: str, write: Write, rules: RuleSet, tmp_path: Path
) -> None:
    src = write(files)
    before = contents(src)
    with pytest.raises(ConfigError, match=says):
        translate_project(src, tmp_path / output, rules=rules)
    assert contents(src) == before


def test_without_output_nothing_is_written(write: Write, rules: RuleSet, tmp_path: Path) -> None:
    found = translate_project(write({"a.py": CAT}), rules=rules)
    assert [path.name for path in tmp_path.iterdir()] == ["src"]
    assert found.counts.sites == 1


@pytest.mark.parametrize("jobs", [1, 2])
def test_any_number_of_processes_gives_the_same(jobs: int, write: Write, rules: RuleSet, tmp_path: Path) -> None:
    src = write({f"n{i}.py": CAT + f"y = {i}\n" for i in range(5)})
    seen: list[str] = []
    translate_project(src, tmp_path / "out", rules=rules, jobs=jobs, on_file=lambda r: seen.append(r.place))
    assert seen == [f"n{i}.py" for i in range(5)]
    assert contents(tmp_path / "out") == {f"n{i}.py": CAT_AFTER + f"y = {i}\n" for i in range(5)}


@pytest.mark.parametrize(("options", "says"), [({"jobs": 0}, "no number"), ({"backend": "mpi"}, "no backend")])
def test_wrong_ways_to_run(options: dict[str, object], says: str, write: Write, rules: RuleSet) -> None:
    with pytest.raises(ConfigError, match=says):
        translate_project(write({"a.py": CAT}), rules=rules, **options)  # type: ignore[arg-type]


def test_files_know_of_each_other(write: Write, rules: RuleSet, tmp_path: Path) -> None:
    src = write({
        "pkg/__init__.py": "from .ops import double\n",
        "pkg/ops.py": "import torch\ndef double(x: torch.Tensor) -> torch.Tensor:\n    return torch.cat([x, x])\n",
        "use.py": "import torch\nfrom pkg import double\ndef f(y: torch.Tensor):\n    return double(y).view(3)\n",
    })  # fmt: skip
    found = translate_project(src, tmp_path / "out", rules=rules)
    assert "return double(y).reshape([3])" in contents(tmp_path / "out")["use.py"]
    assert not found.has_left
