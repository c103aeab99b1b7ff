"""Whole files side by side, byte for byte; see tests/fixtures/README.md for new ones and for changes."""

from __future__ import annotations

import pytest

from tests.fixtures.regenerate import FOLDER, cases, current, known
from tests.soundness import problems
from translator.engine.translate import read_source, translate_source
from translator.ruleset.model import RuleSet


@pytest.mark.parametrize("case", cases())
def test_fixture(case: str, rules: RuleSet) -> None:
    assert current(case, rules) == {name: known(case, name) for name in ("out.py", "report.txt")}


@pytest.mark.parametrize("case", cases())
def test_every_promise_holds(case: str, rules: RuleSet) -> None:
    assert problems(translate_source(read_source(FOLDER / case / "in.py"), path="in.py", rules=rules), rules) == []


def test_there_are_cases() -> None:
    assert len(cases()) >= 12
