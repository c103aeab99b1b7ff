"""What the documents show is what happens: their commands run, their code translates, their rules load."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from PIL import Image

from translator import translate_source
from translator.report import text
from translator.ruleset.load import load_rules

ROOT = Path(__file__).resolve().parents[1]
READMES = ("README.md", "README_zh.md")
DOCUMENTS = (*READMES, "CONTRIBUTING.md", "docs/rules.md")
EXAMPLES = ROOT / "docs" / "examples"


def blocks(document: str, language: str) -> list[str]:
    """The fenced blocks of that language, in order. ``sh`` is run here, ``bash`` is for the reader."""
    written = (ROOT / document).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", written, re.MULTILINE | re.DOTALL)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What a reader of the README has: the samples, the documents, and photos of their own."""
    for folder in ("samples", "docs"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    for index in range(10):
        folder = tmp_path / "build" / "start" / "photos" / f"class{index}"
        folder.mkdir(parents=True)
        Image.new("RGB", (80, 72), (25 * index, 120, 255 - 25 * index)).save(folder / "photo.png")
    return tmp_path


@pytest.mark.slow
@pytest.mark.skipif(
    not Path(sys.executable).with_name("translate").exists(),
    reason="the command `translate` is not installed: make setup",
)
def test_commands_run(checkout: Path) -> None:
    commands = "".join(blocks("README.md", "sh"))
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-xeuo", "pipefail", "-c", commands],
        cwd=checkout, capture_output=True, text=True, timeout=600, check=False,
        env={**os.environ, "PATH": path, "TRANSLATE_HOME": str(checkout / "home")},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    written = {file.name for file in (checkout / "build" / "start").iterdir()}
    assert {"squeezenet_paddle.py", "net.pdparams", "net.map.yaml", "net.html", "two_views.py"} <= written
    assert done.stdout.count("certificate: proven") == 2
    assert "2 of 2 examples passed" in done.stdout


@pytest.mark.parametrize("readme", READMES)
def test_the_first_example_translates_as_shown(readme: str) -> None:
    before, after = blocks(readme, "python")
    translation = translate_source(before)
    assert (translation.text, translation.codes) == (after, [])


@pytest.mark.parametrize("readme", READMES)
def test_the_rules_shown_are_the_rules_run(readme: str) -> None:
    (shown,) = blocks(readme, "yaml")
    assert yaml.safe_load(shown) == yaml.safe_load((EXAMPLES / "my_rules.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("readme", READMES)
def test_the_diagnostic_shown_is_the_one_printed(readme: str) -> None:
    (shown,) = blocks(readme, "text")
    known, mine = load_rules(), {"torch.clamp_min", "torch.nn.CosineSimilarity"}
    without = replace(known, by_api={api: rule for api, rule in known.by_api.items() if api not in mine})
    path = EXAMPLES / "uses_my_rules.py"
    translation = translate_source(path.read_text(encoding="utf-8"), path=str(path.relative_to(ROOT)), rules=without)
    assert shown in text.render(translation)


def test_user_rules_translate_what_the_table_does_not_know() -> None:
    rules = load_rules([EXAMPLES / "my_rules.yaml"])
    translation = translate_source((EXAMPLES / "uses_my_rules.py").read_text(encoding="utf-8"), rules=rules)
    assert translation.codes == []
    assert "nn.CosineSimilarity(axis=1)  # over the channels" in translation.text
    assert "paddle.clip(self.left(x), min=0.1)" in translation.text
    by_mine = [edit.api for edit in translation.edits if "my_rules.yaml" in edit.rule_origin]
    assert sorted(by_mine) == ["torch.clamp_min", "torch.clamp_min", "torch.nn.CosineSimilarity"]


def test_both_languages_give_the_same_commands() -> None:
    for language in ("sh", "bash", "python", "text"):
        assert blocks("README_zh.md", language) == blocks("README.md", language)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_rules_in_documents_load(document: str, tmp_path: Path) -> None:
    rules = [block for block in blocks(document, "yaml") if "api:" in block]
    for index, block in enumerate(rules):
        file = tmp_path / f"{index}.yaml"
        file.write_text(block, encoding="utf-8")
        assert load_rules([file]).get(yaml.safe_load(block)[0]["api"]) is not None
    assert rules


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_somewhere(document: str) -> None:
    written = (ROOT / document).read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", written)
    local = [link for link in links if not link.startswith("http")]
    assert [link for link in local if not ((ROOT / document).parent / link).exists()] == []
