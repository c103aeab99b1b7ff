"""Notebooks: names carry over from cell to cell, everything that is not Python stays as it was."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.project.conftest import Write
from translator import translate_project
from translator.core import SourceError
from translator.project.closure import closed
from translator.project.discover import read_tree
from translator.project.notebook import cells_of, open_notebook
from translator.project.result import FileResult, Status
from translator.ruleset.model import RuleSet


def notebook(*cells: str, language: str = "python", **more: object) -> str:
    """A notebook of code cells; a cell that begins with `#md` is markdown."""
    made = [
        {"cell_type": "markdown", "id": f"c{i}", "metadata": {}, "source": [text]}
        if text.startswith("#md")
        else {
            "cell_type": "code", "execution_count": i, "id": f"c{i}", "metadata": {"tags": ["a"]},
            "outputs": [{"name": "stdout", "output_type": "stream", "text": ["torch.Size([3])\n"]}],
            "source": text.splitlines(keepends=True),
        }
        for i, text in enumerate(cells)
    ]  # fmt: skip
    metadata = {"language_info": {"name": language}, "kernelspec": {"display_name": "P", "name": "python3"}}
    content = {"cells": made, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5, **more}
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def sources(text: str) -> list[str]:
    return ["".join(cell["source"]) for cell in json.loads(text)["cells"]]


def translated(write: Write, rules: RuleSet, tmp_path: Path, *cells: str) -> tuple[list[str], list[tuple[str, str]]]:
    src = write({"nb.ipynb": notebook(*cells)})
    seen: list[FileResult] = []
    translate_project(src, tmp_path / "out", rules=rules, on_file=seen.append)
    diagnostics = [(d.code, str(d.position).rpartition("/")[2]) for d in seen[0].translation.diagnostics]
    return sources((tmp_path / "out" / "nb.ipynb").read_text(encoding="utf-8")), diagnostics


def test_names_carry_over_and_the_rest_stays(write: Write, rules: RuleSet, tmp_path: Path) -> None:
    text = notebook("#md torch", "import torch", "x: torch.Tensor = f()\nprint('é')", "y = x.view(3)\ntorch.cat([y])")
    src = write({"nb.ipynb": text})
    found = translate_project(src / "nb.ipynb", tmp_path / "out.ipynb", rules=rules)
    after = (tmp_path / "out.ipynb").read_text(encoding="utf-8")
    assert sources(after) == [
        "#md torch", "import paddle", "x: paddle.Tensor = f()\nprint('é')", "y = x.reshape([3])\npaddle.concat([y])",
    ]  # fmt: skip
    assert after == (
        text.replace("import torch", "import paddle").replace(": torch.Tensor", ": paddle.Tensor")
        .replace("view(3)", "reshape([3])").replace("torch.cat", "paddle.concat")
    )  # fmt: skip
    assert (found.counts.sites, found.has_left) == (3, False)


def test_indentation_and_order_of_keys_stay(write: Write, rules: RuleSet, tmp_path: Path) -> None:
    content = json.loads(notebook("import torch", "torch.cat(['é'])"))
    content["cells"][1]["source"] = "torch.cat(['é'])"
    text = json.dumps(dict(sorted(content.items(), reverse=True)), indent=2)
    src = write({"nb.ipynb": text})
    translate_project(src, tmp_path / "out", rules=rules)
    after = text.replace("import torch", "import paddle").replace("torch.cat", "paddle.concat")
    assert (tmp_path / "out" / "nb.ipynb").read_text(encoding="utf-8") == after


def test_one_without_the_framework_is_copied_byte_for_byte(write: Write, rules: RuleSet, tmp_path: Path) -> None:
    text = json.dumps(json.loads(notebook("x = 1")))
    src = write({"nb.ipynb": text})
    translate_project(src, tmp_path / "out", rules=rules)
    assert (tmp_path / "out" / "nb.ipynb").read_text() == text


@pytest.mark.parametrize("cell", [
    "!pip install torch", "%matplotlib inline\nimport os", "%%bash\npip install torch\nif [ x ]; then\nfi",
    "%%time\nx = 1", "%%capture\n!ls\ny = 2", "files = !ls\nprint(files)", "?torch.cat", "torch.cat?", "torch.cat??",
    "if True:\n    !echo \\\n      hello\nelse:\n    %cd ..", "a, b = !ls", "x = (1\n  % 2)", "", "\n\n", "# only text",
    "'''\n%not magic\n'''", "x = 1;",
])  # fmt: skip
def test_what_is_no_python_stays(cell: str, write: Write, rules: RuleSet, tmp_path: Path) -> None:
    cells, said = translated(write, rules, tmp_path, "import torch", cell, "torch.cat([x], dim=1)")
    assert cells == ["import paddle", cell, "paddle.concat([x], axis=1)"]
    assert said == []


@pytest.mark.parametrize(
    "first", ["torch.cat([x])", "# a\ntorch.cat([x])", "'''text'''", "", "!ls", "x.view(2).split(2)"]
)
def test_new_imports_stand_in_a_cell(first: str, write: Write, rules: RuleSet, tmp_path: Path) -> None:
    cells, _ = translated(
        write, rules, tmp_path, first, "from torch import Tensor\ndef f(x: Tensor): return x.split(2)", "y = 1"
    )
    assert len(cells) == 3
    assert "\u2039" not in "".join(cells)
    assert "from paddle_helpers import split" in cells[1]
    assert cells[2] == "y = 1"


def test_places_name_the_cell(write: Write, rules: RuleSet, tmp_path: Path) -> None:
    _, said = translated(
        write, rules, tmp_path, "#md", "import torch", "\n\ntorch.no_such(1)", "def f(:", "cfg.x.size()"
    )
    assert ("T304", "nb.ipynb:cell 3:3:1") in said
    assert ("T002", "nb.ipynb:cell 4:1:1") in said
    text = notebook("#md", "import torch", "x = 1")
    assert cells_of(text.encode(), "nb") == {"nb:cell 2": "import torch", "nb:cell 3": "x = 1"}


def test_a_cell_that_is_no_python_stops_no_other(write: Write, rules: RuleSet, tmp_path: Path) -> None:
    cells, _ = translated(write, rules, tmp_path, "import torch", "def f(:", "torch.cat([x])")
    assert cells == ["import paddle", "def f(:", "paddle.concat([x])"]


def test_another_language_is_copied(write: Write, rules: RuleSet, tmp_path: Path) -> None:
    text = notebook("library(torch)", "import torch", language="R")
    src = write({"nb.ipynb": text})
    translate_project(src, tmp_path / "out", rules=rules)
    assert (tmp_path / "out" / "nb.ipynb").read_text(encoding="utf-8") == text


@pytest.mark.parametrize(("content", "says"), [
    (b"", "no notebook"), (b"{", "no notebook"), (b"[]", "no notebook"), (b"\xff", "not UTF-8"),
    (b'{"nbformat": 3, "nbformat_minor": 0, "worksheets": [], "metadata": {}}', "a notebook of format 3"),
])  # fmt: skip
def test_what_is_no_notebook(content: bytes, says: str, write: Write, rules: RuleSet, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=says) as refused:
        open_notebook(content, "nb.ipynb")
    assert refused.value.hint
    src = write({"nb.ipynb": content, "a.py": "x = 1\n"})
    found = translate_project(src, tmp_path / "out", rules=rules)
    assert [file.status for file in found.files] == [Status.COPIED, Status.FAILED]
    assert (tmp_path / "out" / "nb.ipynb").read_bytes() == content


def test_a_closure_begins_at_a_notebook(write: Write) -> None:
    src = write(
        {"nb.ipynb": notebook("!ls", "from pkg import net"), "pkg/__init__.py": "", "pkg/net.py": "", "o.py": ""}
    )
    assert [f.place for f in closed(read_tree(str(src / "nb.ipynb"), is_whole=True)).files] == [
        "nb.ipynb", "pkg/__init__.py", "pkg/net.py",
    ]  # fmt: skip
