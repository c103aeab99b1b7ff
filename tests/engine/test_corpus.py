"""Real code: no crash, no output that does not compile, no comment lost, no name left without a word."""

from __future__ import annotations

import importlib.util
from collections import Counter
from pathlib import Path

import pytest

from tests.soundness import problems
from translator.engine.translate import read_source, translate_source
from translator.ruleset.load import load_rules
from translator.ruleset.model import RuleSet

ROOT = Path(__file__).resolve().parents[2]
NETWORKS = ROOT / "build" / "third_party" / "pretrainedmodels"
FOUND = importlib.util.find_spec("torchvision")
TORCHVISION = Path(FOUND.origin).parent if FOUND and FOUND.origin else None


def broken(files: list[Path], rules: RuleSet) -> list[str]:
    """Every promise that is broken in these files, with the file's name."""
    found: list[str] = []
    codes: Counter[str] = Counter()
    for path in files:
        translation = translate_source(read_source(path), path=str(path), rules=rules)
        codes.update(translation.codes)
        found += [f"{path}: {problem}" for problem in problems(translation, rules)]
        found += [f"{d.position}: {d.message}" for d in translation.diagnostics if d.code == "T001"]
    assert codes
    return found


@pytest.mark.skipif(TORCHVISION is None, reason="torchvision is not installed")
def test_a_sample_of_torchvision_with_a_small_table(rules: RuleSet) -> None:
    assert TORCHVISION is not None
    files = sorted(TORCHVISION.rglob("*.py"))
    assert len(files) > 150
    assert broken(files[::3], rules) == []


@pytest.mark.slow
@pytest.mark.skipif(TORCHVISION is None, reason="torchvision is not installed")
def test_all_of_torchvision() -> None:
    assert TORCHVISION is not None
    assert broken(sorted(TORCHVISION.rglob("*.py")), load_rules()) == []


@pytest.mark.skipif(not NETWORKS.exists(), reason="the source of pretrainedmodels is not there: make networks")
def test_pretrainedmodels() -> None:
    assert broken(sorted(NETWORKS.rglob("*.py")), load_rules()) == []
