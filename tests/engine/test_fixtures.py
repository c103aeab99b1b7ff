"""Whole files side by side, byte for byte; see tests/fixtures/README.md for new ones and for changes."""

from __future__ import annotations

import pytest

from tests.fixtures.regenerate import cases, current, known, translated
from tests.soundness import problems
from translator.ruleset.model import RuleSet

PLAIN = [case for case in cases() if "/" not in case]


@pytest.mark.parametrize("case", PLAIN)
def test_fixture(case: str) -> None:
    assert current(case) == {name: known(case, name) for name in ("out.py", "report.txt")}


@pytest.mark.parametrize("case", PLAIN)
def test_every_promise_holds(case: str, rules: RuleSet) -> None:
    assert problems(translated(case), rules) == []


def test_there_are_cases() -> None:
    assert len(PLAIN) >= 12
