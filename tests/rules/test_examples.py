"""Every rule's example, executed in both frameworks by one pair of workers."""

from __future__ import annotations

import pytest

from translator.ruleset.load import load_rules
from translator.ruleset.model import Rule
from translator.verify.examples import ExampleRunner

pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("paddle", reason="paddle is not installed")


@pytest.mark.parametrize("rule", [pytest.param(r, id=r.api) for r in load_rules().rules() if r.example])
def test_example(runner: ExampleRunner, rule: Rule) -> None:
    result = runner.run(rule)
    assert (result.status, result.reason) == ("passed", ""), f"{result.rule_origin}: {result.reason}"
