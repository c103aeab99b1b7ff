"""The samples, each with its source, its expected output, and the entries that its sample.yaml names."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from translator.engine.translate import translate_source
from translator.ruleset.helper_module import helper_module
from translator.ruleset.load import load_rules
from translator.ruleset.model import RuleSet

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def ruleset() -> RuleSet:
    return load_rules()


@pytest.fixture
def expected(tmp_path: Path, ruleset: RuleSet) -> Path:
    """A folder with the expected output of SqueezeNet and the helper module that it imports."""
    folder = tmp_path / "expected"
    folder.mkdir()
    shutil.copy(PROJECT / "samples/squeezenet/expected/squeezenet.py", folder)
    source = (PROJECT / "samples/squeezenet/source/squeezenet.py").read_text()
    helpers = translate_source(source, rules=ruleset).helpers
    (folder / f"{ruleset.pack.helper_module}.py").write_text(helper_module(helpers, ruleset))
    return folder
