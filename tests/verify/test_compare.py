from __future__ import annotations

import numpy as np
import pytest

from translator.verify.compare import distance
from translator.verify.forward import judge
from translator.verify.tolerance import Limits
from translator.workers.tensors import Tensor

NAN, INFINITE = float("nan"), float("inf")


def floats(*values: float) -> Tensor:
    return Tensor("float32", np.array(values, np.float32))


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        pytest.param(floats(1, 2), floats(1, 2.5), 0.5, id="largest difference"),
        pytest.param(floats(NAN, 2), floats(NAN, 2), 0.0, id="nan at the same place"),
        pytest.param(floats(NAN, 2), floats(2, NAN), INFINITE, id="nan elsewhere"),
        pytest.param(floats(1, 2), floats(1, NAN), INFINITE, id="nan on one side"),
        pytest.param(floats(INFINITE), floats(INFINITE), 0.0, id="the same infinity"),
        pytest.param(floats(INFINITE), floats(-INFINITE), INFINITE, id="opposite infinities"),
        pytest.param(floats(1, 2), floats(1), INFINITE, id="shapes differ"),
        pytest.param(floats(1), Tensor("float64", np.ones(1)), INFINITE, id="float types differ"),
        pytest.param(
            Tensor("int64", np.array([3])), Tensor("int32", np.array([3], np.int32)), 0.0, id="widths of integers"
        ),
        pytest.param(Tensor("int64", np.array([3])), floats(3), INFINITE, id="integers became floats"),
        pytest.param(
            Tensor("bfloat16", np.array([0x3F80], np.uint16)),
            Tensor("bfloat16", np.array([0x4000], np.uint16)),
            1.0,
            id="bfloat16 by value",
        ),
        pytest.param(floats(), floats(), 0.0, id="nothing to compare"),
    ],
)
def test_distance(source: Tensor, target: Tensor, expected: float) -> None:
    assert distance(source, target).max_abs == expected


@pytest.mark.parametrize(
    ("max_abs", "scale", "noise", "verdict"),
    [
        pytest.param(9e-6, 5.0, 1e-6, "ok", id="below the bar and explained by rounding"),
        pytest.param(9e-5, 5.0, 1e-6, "suspect", id="below the bar, but 90 times the noise"),
        pytest.param(2e-4, 5.0, 1e-4, "failed", id="above the bar whatever the noise"),
        pytest.param(2e-5, 0.1, 1e-5, "failed", id="the bar is relative for small outputs"),
        pytest.param(0.0, 0.0, None, "ok", id="all zero"),
        pytest.param(1e-30, 0.0, None, "suspect", id="zeros became something"),
        pytest.param(NAN, 1.0, 1e-6, "failed", id="nan never passes"),
        pytest.param(INFINITE, 1.0, 1e-6, "failed", id="infinite never passes"),
    ],
)
def test_judged(max_abs: float, scale: float, noise: float | None, verdict: str) -> None:
    assert judge(max_abs, scale, noise, Limits()) == verdict
