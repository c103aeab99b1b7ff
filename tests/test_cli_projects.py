"""The command line of a project: folders and notebooks, reports, and outputs that were changed by hand."""

from __future__ import annotations

import json

import jsonschema
import pytest

from tests.command import Command
from translator.report.model import Project, project_schema

CLEAN = "import torch\n\n\ndef f(x: torch.Tensor):\n    return torch.cat([x], dim=1)\n"
CLEAN_AFTER = "import paddle\n\n\ndef f(x: paddle.Tensor):\n    return paddle.concat([x], axis=1)\n"
LEFT = "import torch\n\nn = cfg.root.view(0)\ny = torch.no_such_name(n)\n"


def test_a_folder(command: Command) -> None:
    (command.folder / "src" / "pkg").mkdir(parents=True)
    command.write("src/net.py", CLEAN)
    command.write("src/pkg/bad.py", "def f(:\n")
    command.write("src/data.csv", "1\n")
    done = command("src", "-o", "out")
    assert (done.status, done.out) == (1, "")
    assert (command.folder / "out" / "net.py").read_text(encoding="utf-8") == CLEAN_AFTER
    assert "error[T002]: not valid Python: invalid syntax\n --> src/pkg/bad.py:1:1\n" in done.err
    assert "src/net.py: 2 sites: 2 translated (2 certain, 0 assumed), 0 left\n" in done.err
    assert "src: 3 files: 1 translated, 1 copied, 1 failed; 3 written to out\n" in done.err


@pytest.mark.parametrize("options", [["--format", "json"], ["--json", "-"], ["--json", "report.json"]])
def test_the_report_of_a_folder_as_json(options: list[str], command: Command) -> None:
    (command.folder / "src").mkdir()
    command.write("src/net.py", LEFT)
    command.write("src/bad.py", "def f(:\n")
    command.write("src/data.csv", "1\n")
    done = command("src", "-o", "out", *options)
    text = (command.folder / "report.json").read_text(encoding="utf-8") if "report.json" in options else done.out
    found = json.loads(text)
    jsonschema.validate(found, project_schema())
    assert done.status == 1
    assert Project.model_validate_json(text).counts.sites == 2
    assert [(f["place"], f["status"], f["is_written"]) for f in found["files"]] == [
        ("bad.py", "failed", True), ("data.csv", "copied", True), ("net.py", "copied", True),
    ]  # fmt: skip
    assert found["counts"] == {"sites": 2, "certain": 0, "assumed": 0, "left": {"T301": 1, "T304": 1}}
    assert (found["statuses"], found["severities"]) == ({"failed": 1, "copied": 2}, {"error": 1, "warning": 2})
    assert [d["code"] for d in found["files"][0]["diagnostics"]] == ["T002"]


def test_a_notebook(command: Command) -> None:
    cells = [{"cell_type": "code", "source": text, "outputs": [], "metadata": {}, "execution_count": None} for text in
             ("import torch", "\nx = torch.no_such(1)")]  # fmt: skip
    command.write("a.ipynb", json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}))
    done = command("a.ipynb", "-o", "b.ipynb")
    assert (done.status, command.names()) == (1, {"a.ipynb", "b.ipynb", ".translate.json"})
    assert (
        "warning[T304]: no rule for `torch.no_such`\n --> a.ipynb:cell 2:2:5\n  |\n2 | x = torch.no_such(1)\n"
        in done.err
    )


@pytest.mark.parametrize("option", ["--check", "--diff"])
def test_a_folder_is_only_looked_at(option: str, command: Command) -> None:
    (command.folder / "src").mkdir()
    command.write("src/net.py", CLEAN)
    done = command("src", option)
    assert (done.status, command.names()) == (0, {"src"})
    assert ("+    return paddle.concat([x], axis=1)" in done.out) == (option == "--diff")


def test_changes_by_hand(command: Command) -> None:
    command.write("net.py", CLEAN)
    assert command("net.py", "-o", "out.py").status == 0
    command.write("out.py", CLEAN_AFTER + "mine = 1\n")
    refused = command("net.py", "-o", "out.py")
    assert (refused.status, (command.folder / "out.py").read_text(encoding="utf-8")) == (2, CLEAN_AFTER + "mine = 1\n")
    assert "+mine = 1\n" in refused.out
    assert refused.err.startswith("error: out.py: was changed by hand since it was written\n  = help: `--merge` keeps")
    command.write("net.py", CLEAN.replace("def f", "def g"))
    assert command("net.py", "-o", "out.py", "--merge").status == 0
    after = CLEAN_AFTER.replace("def f", "def g")
    assert (command.folder / "out.py").read_text(encoding="utf-8") == after + "mine = 1\n"
    assert command("net.py", "-o", "out.py", "--force").status == 0
    assert (command.folder / "out.py").read_text(encoding="utf-8") == after
    assert command("net.py", "-o", "out.py", "--force", "--merge").status == 2


def test_a_conflict_is_exit_1(command: Command) -> None:
    command.write("net.py", CLEAN)
    assert command("net.py", "-o", "out.py").status == 0
    command.write("out.py", CLEAN_AFTER.replace("def f", "def mine"))
    command.write("net.py", CLEAN.replace("def f", "def g"))
    done = command("net.py", "-o", "out.py", "--merge", "--format", "concise")
    assert (done.status, done.err) == (1, "out.py:4:1: T003 changed by hand here, and by the new translation\n")


def test_a_package_that_is_renamed(command: Command) -> None:
    (command.folder / "pkg").mkdir()
    command.write("pkg/__init__.py", "import pkg.net\n")
    command.write("pkg/net.py", CLEAN)
    done = command("pkg", "--closure", "--rename", "-o", "build/other")
    assert done.status == 0, done.err
    assert (command.folder / "build" / "other" / "__init__.py").read_text(encoding="utf-8") == "import other.net\n"
    assert "0 written" in command("pkg", "--closure", "--rename", "-o", "build/other").err
    for options in (["--rename"], ["--rename", "-o", "build/x"], ["--rename", "--closure"]):
        assert "error: --rename is for --closure with an output" in command("pkg", *options).err
