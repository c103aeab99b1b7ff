"""When a builder counts as proven."""

from __future__ import annotations

from dataclasses import replace

import pytest

from translator.models.result import Builder, Outcome

PASSED = Outcome(
    Builder("tiny", "models", "toy.models:tiny", "out/models.py:tiny"),
    built="passed",
    loaded="passed",
    checks={"forward": "passed", "training": "does not apply: only classifiers are trained"},
)


@pytest.mark.parametrize(
    ("changes", "proven"),
    [
        pytest.param({}, True, id="what does not apply is no fault"),
        pytest.param({"checks": {}}, True, id="no checks were asked for"),
        pytest.param({"loaded": "not run"}, False, id="not loaded"),
        pytest.param({"built": "failed", "checks": {}}, False, id="not built"),
        pytest.param({"checks": {"forward": "passed", "layers": "not run"}}, False, id="a check that did not run"),
        pytest.param({"checks": {"forward": "suspect"}}, False, id="suspect"),
    ],
)
def test_proven(changes: dict[str, object], proven: bool) -> None:
    assert replace(PASSED, **changes).proven is proven
