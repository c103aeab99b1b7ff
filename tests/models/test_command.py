"""``translate models``: the whole way, on a package of three builders."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command import Command
from tests.models.conftest import ZOO

TABLE = 'inputs: {default: [1, 3, 8, 8], boxes: ["[3x8x8,3x9x7]"]}\n'
USE = """
import sys
sys.path.insert(0, "build")
import new.models
import paddle
model = new.models.small.tiny(pretrained=False)
print(new.models.list_models(), list(model(paddle.ones([2, 3, 8, 8])).shape))
print([name for name in sys.modules if name.partition(".")[0] in ("zoo", "torch")])
"""


@pytest.fixture
def zoo(command: Command) -> Command:
    for name, text in ZOO.items():
        (command.folder / name).parent.mkdir(parents=True, exist_ok=True)
        command.write(name, text)
    command.write("inputs.yaml", TABLE)
    return command


def made(folder: Path) -> dict[str, float]:
    return {str(path.relative_to(folder)): path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


def test_a_package(zoo: Command) -> None:
    done = zoo("models", "zoo.models", "-o", "build/new", "--checks", "forward", "--json", "table.json")
    assert done.status == 1, "two names of the registry have no builder"
    assert "missing: needs: it needs arguments: (width)\n" in done.err
    assert "builders: 3 of 2 families\n" in done.err
    assert "zoo.models: 3 of 3 proven; " in done.out
    proof = zoo.folder / "build" / "new.proof"
    table = json.loads((zoo.folder / "table.json").read_text(encoding="utf-8"))
    assert table == json.loads((proof / "models.json").read_text(encoding="utf-8"))
    found = {model["name"]: (model["family"], model["inputs"], model["report"]) for model in table["models"]}
    assert found == {
        "boxes": ("detection", ["[3x8x8,3x9x7]"], "boxes.html"),
        "tiny": ("models", ["1x3x8x8"], "tiny.html"),
        "wide_one": ("models", ["1x3x8x8"], "wide_one.html"),
    }
    assert {"torch", "paddle", "python"} <= set(table["versions"])
    report = json.loads((proof / "tiny.json").read_text(encoding="utf-8"))
    assert "from new.ops import double" in report["translations"][0]["text"], "the output as it is"
    used = subprocess.run([sys.executable, "-c", USE], cwd=zoo.folder, capture_output=True, text=True, check=False)
    assert used.stdout == "['boxes', 'nameless', 'needs', 'tiny', 'wide_one'] [2, 8]\n[]\n", used.stderr
    before = made(zoo.folder / "build" / "new")
    again = zoo("models", "zoo.models", "-o", "build/new", "--only", "[tw]*", "--checks", "forward", "--json", "-")
    assert (again.status, made(zoo.folder / "build" / "new")) == (0, before)
    assert [model["is_reused"] for model in json.loads(again.out)["models"]] == [True, True]


HUNGRY = """

def needs(name):
    import importlib
    importlib.import_module(name)
    return Net()
"""


def test_the_source_is_not_there_while_the_target_runs(zoo: Command) -> None:
    zoo.write("zoo/models/small.py", ZOO["zoo/models/small.py"] + HUNGRY)
    names = ("torch", "zoo", "json")
    zoo.write("entries.txt", "".join(f"on_{name}: zoo.models.small:needs({name!r})\n" for name in names))
    done = zoo("models", "zoo.models", "-o", "build/new", "--entries", "entries.txt", "--checks", "none")
    assert done.status == 1
    assert "zoo.models: 1 of 3 proven; " in done.out
    assert "ModuleNotFoundError: No module named 'torch'" in done.out
    assert "ModuleNotFoundError: No module named 'zoo'" in done.out


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        pytest.param(["no_such_zoo", "-o", "x"], "no_such_zoo: there is no such file, folder or module", id="nowhere"),
        pytest.param(["zoo.models", "-o", "build/torch"], "torch: `torch` is the name of another", id="a framework"),
        pytest.param(["zoo.models", "-o", "build/zoo"], "zoo: `zoo` is the name of the source", id="the same name"),
        pytest.param(["zoo.models", "-o", "x", "--checks", "all"], "no such check: all", id="check"),
        pytest.param(["zoo.models", "-o", "x", "--memory", "much"], "`much` is no amount of memory", id="memory"),
        pytest.param(["zoo.models", "-o", "x", "--jobs", "0"], "`--jobs 0` runs nothing", id="jobs"),
        pytest.param(["zoo.models", "-o", "x", "--timeout", "0"], "`--timeout 0` lets nothing run", id="timeout"),
        pytest.param(["zoo.models", "-o", "x", "--inputs", "bad.yaml"], "bad.yaml:1: is no table", id="inputs"),
        pytest.param(["zoo.models", "-o", "x", "--inputs", "none.yaml"], "none.yaml: cannot read", id="no inputs"),
        pytest.param(["zoo.models", "-o", "x", "--entries", "none"], "none: cannot read", id="no entries"),
        pytest.param(["zoo.models", "-o", "x", "--force", "--merge"], "exclude each other", id="both"),
    ],
)
def test_wrong(zoo: Command, options: list[str], reason: str) -> None:
    zoo.write("bad.yaml", "- 1\n")
    done = zoo("models", *options)
    assert (done.status, done.out) == (2, "")
    assert reason in done.err
    assert not os.path.exists("x"), "nothing is written before all is read"
