"""The output file and the helpers beside it: all of it or nothing."""

from __future__ import annotations

import ast
import os
from pathlib import Path

import pytest

from translator.core import ConfigError, Translation
from translator.engine.translate import translate_source
from translator.files import write_atomically
from translator.project.output import check_output
from translator.project.write import write_translation
from translator.ruleset.helper_module import MARK, helper_module
from translator.ruleset.model import RuleSet

SPLIT = "import torch\ndef f(x: torch.Tensor): return x.split(2)\n"
ZEROS = "import torch.nn as nn\nnn.init.zeros_(x)\n"


def translated(source: str, rules: RuleSet) -> Translation:
    return translate_source(source, rules=rules)


def definitions(path: Path) -> set[str]:
    return {s.name for s in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(s, ast.FunctionDef)}


def test_helpers_are_written_beside_the_output(rules: RuleSet, tmp_path: Path) -> None:
    translation = translated(SPLIT, rules)
    assert translation.helpers == ("split",)
    assert "from paddle_helpers import split\n" in translation.text
    assert write_translation(translation, tmp_path / "new" / "out.py", rules).is_changed
    helpers = tmp_path / "new" / "paddle_helpers.py"
    assert definitions(helpers) == {"split", "_length"}
    assert helpers.read_text(encoding="utf-8").startswith(MARK)
    assert (tmp_path / "new" / "out.py").read_text(encoding="utf-8") == translation.text


def test_without_helpers_there_is_no_helper_file(rules: RuleSet, tmp_path: Path) -> None:
    write_translation(translated("import torch\ntorch.relu(x)\n", rules), tmp_path / "out.py", rules)
    assert {path.name for path in tmp_path.iterdir()} == {"out.py", ".translate.json"}


def test_helpers_that_are_there_stay(rules: RuleSet, tmp_path: Path) -> None:
    write_translation(translated(SPLIT, rules), tmp_path / "a.py", rules)
    write_translation(translated(ZEROS, rules), tmp_path / "b.py", rules)
    once = (tmp_path / "paddle_helpers.py").read_bytes()
    assert definitions(tmp_path / "paddle_helpers.py") == {"split", "_length", "zeros_"}
    write_translation(translated(SPLIT, rules), tmp_path / "a.py", rules)
    assert (tmp_path / "paddle_helpers.py").read_bytes() == once


def test_modules_are_joined_with_their_imports_first(rules: RuleSet) -> None:
    text = helper_module(["split", "zeros_"], rules)
    kinds = [type(s).__name__ for s in ast.parse(text).body]
    assert kinds == ["ImportFrom", "Import", "Import", "FunctionDef", "FunctionDef", "FunctionDef"]
    assert text.count("import paddle\n") == 1
    assert "math.floor(0.5)" in text


@pytest.mark.parametrize("content", [b"def split(): ...\n", b"", b"\xff\xfe", MARK.encode() + b"def f(:\n"])
def test_a_foreign_file_is_refused_and_nothing_written(content: bytes, rules: RuleSet, tmp_path: Path) -> None:
    (tmp_path / "paddle_helpers.py").write_bytes(content)
    with pytest.raises(ConfigError, match="is not theirs"):
        write_translation(translated(SPLIT, rules), tmp_path / "out.py", rules)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"paddle_helpers.py": content}


def test_a_helper_that_is_defined_nowhere_is_named(rules: RuleSet) -> None:
    with pytest.raises(ConfigError, match="no helper is called `juggle`"):
        helper_module(["juggle"], rules)


@pytest.mark.parametrize(("source", "output", "says"), [
    pytest.param("a.py", "a.py", "replace the input", id="the same"), pytest.param("a.py", "./b/../a.py",
                 "replace the input", id="another spelling"),
    pytest.param("a.py", "link.py", "replace the input", id="a link to it"), pytest.param("a.py", "folder",
                 "is a folder", id="a folder"),
    pytest.param(None, "paddle_helpers.py", "the helper module", id="the helper module"),
])  # fmt: skip
def test_outputs_that_are_refused(
    source: str | None, output: str, says: str, rules: RuleSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.py").write_text("x = 1\n", encoding="utf-8")
    Path("link.py").symlink_to("a.py")
    Path("folder").mkdir()
    with pytest.raises(ConfigError, match=says):
        check_output(Path(source) if source else None, Path(output), rules.pack)


def test_outputs_that_are_fine(rules: RuleSet, tmp_path: Path) -> None:
    (tmp_path / "old.py").write_text("x = 1\n", encoding="utf-8")
    check_output(tmp_path / "a.py", tmp_path / "old.py", rules.pack)
    check_output(None, tmp_path / "new" / "b.py", rules.pack)


# --- writing ---------------------------------------------------------------------------------------------------


def test_a_file_is_replaced_in_one_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "out.py"
    path.write_text("old\n", encoding="utf-8")
    path.chmod(0o640)
    seen: list[str] = []
    replace = os.replace

    def watched(old: str, new: Path) -> None:
        seen.append(path.read_text(encoding="utf-8"))
        replace(old, new)

    monkeypatch.setattr(os, "replace", watched)
    write_atomically(path, "new\n")
    assert (seen, path.read_text(encoding="utf-8"), path.stat().st_mode & 0o777) == (["old\n"], "new\n", 0o640)


def test_a_write_that_fails_leaves_no_trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "out.py"
    path.write_text("old\n", encoding="utf-8")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(ConfigError, match=r"out.py: cannot write: No space left"):
        write_atomically(path, "new\n")
    assert {p.name: p.read_text(encoding="utf-8") for p in tmp_path.iterdir()} == {"out.py": "old\n"}


def test_line_ends_are_not_changed(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a" / "b.py", "x\r\ny\n")
    assert (tmp_path / "a" / "b.py").read_bytes() == b"x\r\ny\n"
