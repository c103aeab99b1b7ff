"""Random programs of nested calls over the rule table give equal values in both frameworks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.rules.programs import Programs
from translator.ruleset.load import load_rules

pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("paddle", reason="paddle is not installed")
SLOW_START = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]


@pytest.fixture(scope="module")
def programs() -> Iterator[Programs]:
    with Programs(load_rules()) as both:
        yield both


@settings(max_examples=60, derandomize=True, database=None, deadline=None, suppress_health_check=SLOW_START)
@given(data=st.data())
def test_both_sides_agree(programs: Programs, data: st.DataObject) -> None:
    source, apis = programs.make(lambda below: data.draw(st.integers(0, below - 1)))
    assume(apis)
    said = programs.judged(source)
    assume(not said.startswith("left: "))
    assert said == "", source


def test_the_calls_come_from_the_rules(programs: Programs) -> None:
    assert len(programs.pool) > 1000
    assert len({one.api for one in programs.pool}) > 500
    assert all("{0}" in one.text and one.operands for one in programs.pool)


WRONG = """
- api: torch.relu
  signature: (input)
  to: paddle.abs
  args: {input: x}
  returns: torch.Tensor
"""


def test_a_wrong_rule_is_noticed(programs: Programs, tmp_path: Path) -> None:
    source = "import torch\n\nout = torch.relu(torch.tensor([-1.0, 2.0])).exp()\n"
    assert programs.judged(source) == ""
    assert programs.judged(source.replace("relu", "no_such_function")).startswith("left: T304")
    (tmp_path / "wrong.yaml").write_text(WRONG)
    right, programs.rules = programs.rules, load_rules([tmp_path / "wrong.yaml"])
    try:
        assert "differs by" in programs.judged(source)
    finally:
        programs.rules = right
