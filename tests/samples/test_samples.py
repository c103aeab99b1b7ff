"""Every sample translates to its expected output byte for byte, and the two compute the same."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from translator.core import Severity
from translator.engine.translate import translate_source
from translator.ruleset.helper_module import helper_module
from translator.ruleset.model import RuleSet
from translator.verify.inputs import Input
from translator.verify.run import verify
from translator.weights.convert import convert_checkpoint

PROJECT = Path(__file__).resolve().parents[2]
SAMPLES = sorted((PROJECT / "samples").glob("*/sample.yaml"))
ENTRIES = [
    pytest.param(path.parent, entry, id=f"{path.parent.name} {entry['call']}")
    for path in SAMPLES
    for entry in yaml.safe_load(path.read_text())["entries"]
]


def test_there_are_samples() -> None:
    assert [path.parent.name for path in SAMPLES] == ["squeezenet"]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.parent.name)
def test_translation_is_the_expected_output(sample: Path, ruleset: RuleSet) -> None:
    name = yaml.safe_load(sample.read_text())["file"]
    source = (sample.parent / "source" / name).read_text()
    translation = translate_source(source, path=name, rules=ruleset)
    assert translation.text == (sample.parent / "expected" / name).read_text()
    assert [d for d in translation.diagnostics if d.severity is not Severity.NOTE] == []
    assert translation.counts.left == {}


@pytest.mark.parametrize(("sample", "entry"), ENTRIES)
def test_expected_output_computes_the_same(
    sample: Path, entry: dict[str, Any], tmp_path: Path, ruleset: RuleSet
) -> None:
    name = yaml.safe_load((sample / "sample.yaml").read_text())["file"]
    (tmp_path / name).write_text((sample / "expected" / name).read_text())
    helpers = translate_source((sample / "source" / name).read_text(), rules=ruleset).helpers
    (tmp_path / f"{ruleset.pack.helper_module}.py").write_text(helper_module(helpers, ruleset))
    found = verify(
        f"{sample / 'source' / name}:{entry['call']}",
        f"{tmp_path / name}:{entry['call']}",
        ruleset=ruleset,
        inputs=[Input(tuple(entry["input"]))],
        checks=("forward",),
    )
    assert found.proven, [(check.status, check.reason) for check in found.checks]
    assert max(one.max_abs for check in found.checks for one in check.comparisons) <= 1e-4


SAVE = """
import sys
sys.path.insert(0, sys.argv[1])
import torch, squeezenet
torch.manual_seed(0)
torch.save(squeezenet.squeezenet1_0().state_dict(), sys.argv[2])
"""
LOAD = """
import sys
sys.path.insert(0, sys.argv[1])
import numpy, paddle, squeezenet
state = squeezenet.squeezenet1_0(pretrained=True).state_dict()
converted = paddle.load(sys.argv[2])
assert list(state) == list(converted) and len(state) == 52
assert all(numpy.array_equal(state[name].numpy(), converted[name].numpy()) for name in state)
"""


def test_pretrained_weights_of_the_output(
    expected: Path, tmp_path: Path, ruleset: RuleSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``pretrained=True`` finds what ``translate weights`` converted, and says what to do before that."""
    monkeypatch.setenv("TRANSLATE_HOME", str(tmp_path / "home"))
    source = PROJECT / "samples/squeezenet/source"
    checkpoint = tmp_path / "squeezenet1_0-b66bff10.pth"
    converted = tmp_path / "anywhere/converted.pdparams"
    load = [sys.executable, "-c", LOAD, str(expected), str(converted)]
    before = subprocess.run(load, capture_output=True, text=True, timeout=120, check=False)
    assert "FileNotFoundError: no converted checkpoint squeezenet1_0-b66bff10.pdparams" in before.stderr
    assert "translate weights squeezenet1_0-b66bff10.pth" in before.stderr
    subprocess.run([sys.executable, "-c", SAVE, str(source), str(checkpoint)], check=True, timeout=120)
    convert_checkpoint(
        checkpoint,
        converted,
        source_entry=f"{source / 'squeezenet.py'}:squeezenet1_0",
        target_entry=f"{expected / 'squeezenet.py'}:squeezenet1_0",
        ruleset=ruleset,
    )
    subprocess.run(load, check=True, timeout=120)
