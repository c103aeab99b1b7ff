"""Top-k with ties, NaN and few classes; the gate at its edge."""

from __future__ import annotations

import numpy as np
import pytest

from translator.evaluate.metrics import correct, predictions, ranks, within_gate

NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("logits", "label", "rank", "prediction"),
    [
        pytest.param([0.0, 3.0, 1.0], 1, 0, 1, id="right"),
        pytest.param([0.0, 3.0, 1.0], 0, 2, 1, id="last"),
        pytest.param([2.0, 2.0, 2.0], 0, 0, 0, id="all equal, the first class wins"),
        pytest.param([2.0, 2.0, 2.0], 2, 2, 0, id="all equal, the last class loses"),
        pytest.param([NAN, 1.0, 0.0], 1, 3, -1, id="NaN elsewhere"),
        pytest.param([1.0, NAN, 0.0], 1, 3, -1, id="NaN at the label"),
        pytest.param([-INF, INF, 0.0], 2, 1, 1, id="infinities are ordered"),
        pytest.param([5.0], 0, 0, 0, id="one class"),
    ],
)
def test_rank_and_prediction(logits: list[float], label: int, rank: int, prediction: int) -> None:
    row = np.array([logits], np.float32)
    assert ranks(row, np.array([label])).tolist() == [rank]
    assert predictions(row).tolist() == [prediction]


def test_correct_counts_the_first_k() -> None:
    logits = np.tile(np.arange(8.0), (8, 1))
    labels = np.arange(8)
    assert [correct(logits, labels, k) for k in (1, 5, 8, 20)] == [1, 5, 8, 8]


def test_nan_is_wrong_even_with_fewer_classes_than_k() -> None:
    assert correct(np.array([[NAN, 1.0], [0.0, 1.0]]), np.array([1, 1]), 5) == 1


@pytest.mark.parametrize(
    ("source", "target", "images", "gate", "within"),
    [
        pytest.param(800, 798, 1000, 0.002, True, id="exactly at the gate"),
        pytest.param(798, 800, 1000, 0.002, True, id="the target may be the better one, too"),
        pytest.param(800, 797, 1000, 0.002, False, id="one image above"),
        pytest.param(797, 800, 1000, 0.002, False, id="too much better is a difference, too"),
        pytest.param(359, 358, 360, 0.002, False, id="one of 360 images is 0.28 %"),
        pytest.param(5, 5, 10, 0.0, True, id="no difference with a gate of zero"),
        pytest.param(5, 4, 10, 0.0, False, id="a difference with a gate of zero"),
    ],
)
def test_gate(source: int, target: int, images: int, gate: float, within: bool) -> None:
    assert within_gate(source, target, images, gate) is within
