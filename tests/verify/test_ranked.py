"""Selections that are compared row by row: what rounding may do to them, and what is a fault."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from translator.verify.forward import compare_outputs
from translator.verify.inputs import Input
from translator.verify.layers import Capture
from translator.verify.ranked import distance_of_rows
from translator.verify.tolerance import Limits
from translator.workers.protocol import CallInfo, TensorInfo
from translator.workers.rows import error_of, rearranged, selections
from translator.workers.tensors import Tensor

Arrays = dict[str, Any]
SCORES = np.array([0.9, 0.8, 0.7, 0.7 - 1e-7, 0.5, 0.4, 0.3, 0.2])


def found(keep: Any = slice(None), **changes: Any) -> Arrays:
    """Eight boxes with their classes and scores, some rows of them, with changes."""
    random = np.random.default_rng(0)
    arrays: Arrays = {"boxes": random.uniform(0, 100, (8, 4)), "labels": np.arange(8) % 3, "scores": SCORES}
    arrays = {name: array[keep].copy() for name, array in arrays.items()}
    arrays |= changes
    return {name: a.astype(np.float32) if a.dtype.kind == "f" else a for name, a in arrays.items()}


def swapped(i: int, j: int) -> list[int]:
    order = list(range(8))
    order[i], order[j] = j, i
    return order


def moved_boxes(by: float) -> Arrays:
    arrays = found()
    arrays["boxes"][2] += by
    return arrays


def capture(arrays: Mapping[str, Any], exact: Mapping[str, Any] | None = None) -> Capture:
    outputs = [
        TensorInfo(name=f"0.{name}", key=name, shape=list(a.shape), dtype=str(a.dtype)) for name, a in arrays.items()
    ]
    call = CallInfo(path="", index=0, class_name="Detector", parent=-1, inputs=[], outputs=outputs)
    wide = () if exact is None else ({name: Tensor(str(a.dtype), a) for name, a in exact.items()},)
    tensors = {name: Tensor(str(a.dtype), a) for name, a in arrays.items()}
    return Capture([call], tensors, {"boxes": 4e-4, "scores": 1e-7}, exact=wide)


def compared(
    one: Arrays, other: Arrays, exact: Arrays | None = None, wide: Arrays | None = None
) -> dict[str, tuple[str, str]]:
    results = compare_outputs("normal", capture(one, exact), capture(other, wide), Limits())
    return {c.name.rpartition(".")[2]: (c.verdict, c.note) for c in results}


@pytest.mark.parametrize(("other", "exact", "note"), [
    pytest.param(found, None, "", id="the same"),
    pytest.param(lambda: found(swapped(2, 3)), None, "2 rows of equal scores in another order",
                 id="a tie the other way"),
    pytest.param(lambda: moved_boxes(6e-4), None, "", id="coordinates as exact as float32 gives them"),
    pytest.param(lambda: found(slice(7), scores=SCORES[:7]), None, "1 rows without a partner that rounding explains",
                 id="the last one did not reach the threshold"),
    pytest.param(lambda: found([0, 1, 3, 4, 5, 6, 7]), lambda: found([0, 1, 3, 4, 5, 6, 7]),
                 "1 rows without a partner that rounding explains", id="the source in float64 lacks it, too"),
    pytest.param(lambda: found([*range(4), *range(5, 8)]), lambda: found([*range(4), *range(5, 8)]),
                 "1 rows without a partner that rounding explains", id="one of the middle that is in doubt"),
])  # fmt: skip
def test_rounding_explains(other: Callable[[], Arrays], exact: Callable[[], Arrays] | None, note: str) -> None:
    results = compared(found(), other(), exact() if exact else None)
    assert {verdict for verdict, _ in results.values()} == {"ok"}
    assert results["scores"][1] == note


@pytest.mark.parametrize(("other", "name", "reason"), [
    pytest.param(lambda: found(swapped(0, 1)), "scores", "row 0 became row 1, and their scores", id="other order"),
    pytest.param(lambda: found([0, 1, 3, 4, 5, 6, 7]), "scores", "row 2 is on the source side only", id="one lost"),
    pytest.param(lambda: found([0, 1]), "scores", "only 2 of 8 rows", id="most are lost"),
    pytest.param(lambda: found(slice(0)), "scores", "only 0 of 8 rows", id="all are lost"),
    pytest.param(lambda: found(labels=np.array([1, *range(1, 8)]) % 3), "scores", "row 0 is on the source side only",
                 id="another class"),
    pytest.param(lambda: moved_boxes(0.001), "boxes", "", id="a box is a little off, but more than float32"),
    pytest.param(lambda: moved_boxes(5.0), "scores", "row 2 is on the source side only", id="a box is elsewhere"),
    pytest.param(lambda: found(scores=SCORES * 1.0005), "scores", "", id="other scores"),
    pytest.param(lambda: found(boxes=np.full((8, 4), np.nan)), "scores", "only 0 of 8 rows", id="not a number"),
])  # fmt: skip
def test_a_fault(other: Callable[[], Arrays], name: str, reason: str) -> None:
    verdict, note = compared(found(), other())[name]
    assert (verdict, note[: len(reason)]) == ("failed", reason)


def test_a_doubt_of_the_source_is_not_any_doubt() -> None:
    results = compared(found(), found([0, 1, 3, 4, 5, 6, 7]), found([*range(6), 7]))
    assert results["scores"][0] == "failed"


@pytest.mark.parametrize(("sides", "wide", "verdict"), [
    pytest.param((None, 2), None, "ok", id="it lacks a row that it has in float64"),
    pytest.param((None, 2), 2, "failed", id="it lacks it in float64, too"),
    pytest.param((2, None), 2, "ok", id="it has a row that it lacks in float64"),
    pytest.param((2, None), None, "failed", id="it has it in float64, too"),
])  # fmt: skip
def test_a_doubt_of_the_target(sides: tuple[int | None, int | None], wide: int | None, verdict: str) -> None:
    source, target = (found([i for i in range(8) if i != lost]) for lost in sides)
    exact = found([i for i in range(8) if i != wide])
    assert compared(source, target, source, exact)["scores"][0] == verdict


def test_nothing_selected_is_said() -> None:
    assert compared(found(slice(0)), found(slice(0)))["scores"] == ("ok", "nothing was selected")


@pytest.mark.parametrize(("arrays", "count"), [
    pytest.param(found(), 1, id="a selection"),
    pytest.param({"0": SCORES, "1": np.zeros((8, 4))}, 0, id="a list: its tensors are no columns"),
    pytest.param({"logits": np.zeros((8, 4)), "features": np.zeros((8, 3))}, 0, id="no scores"),
    pytest.param(found(scores=SCORES[::-1]), 0, id="scores that rise"),
    pytest.param({"scores": SCORES, "all": np.zeros((9, 4))}, 0, id="other numbers of rows"),
])  # fmt: skip
def test_what_is_a_selection(arrays: Arrays, count: int) -> None:
    tensors = {f"0.{name}": Tensor(str(a.dtype), a) for name, a in arrays.items()}
    assert len(selections({name: tensor.shape for name, tensor in tensors.items()}, tensors.__getitem__)) == count


def test_noise_is_that_of_the_same_rows() -> None:
    def rows(arrays: Arrays) -> Any:
        tensors = {name: Tensor(str(a.dtype), a) for name, a in arrays.items()}
        return selections({name: tensor.shape for name, tensor in tensors.items()}, tensors.__getitem__)[0]

    exact = found(swapped(2, 3))
    exact["scores"] = np.sort(exact["scores"])[::-1]
    assert error_of(rows(found()), rows(exact))["boxes"] == 0
    exact["boxes"] += 0.003
    assert error_of(rows(found()), rows(exact))["boxes"] == pytest.approx(0.003, rel=0.01)


RANDOM = np.random.default_rng(1)
FEATURES = RANDOM.standard_normal((20, 30)).astype(np.float32)
ORDER = [1, 0, *range(2, 20)]


@pytest.mark.parametrize(("other", "doubtful", "note"), [
    pytest.param(FEATURES[ORDER], 0, "rows in another order, as in float64", id="two changed places"),
    pytest.param(FEATURES[ORDER] + 1e-5, 0, "rows in another order, as in float64", id="and rounded"),
    pytest.param(FEATURES[ORDER[:-1]], 0, "rows in another order, as in float64, 1 without a partner", id="one lost"),
    pytest.param(np.concatenate([FEATURES[3:], FEATURES[:3] + 1]), 0, None, id="more are others than in float64"),
    pytest.param(FEATURES + np.eye(20, 30, dtype=np.float32), 9, None, id="every row is another"),
    pytest.param(FEATURES[:, :29], 9, None, id="shorter rows"),
])  # fmt: skip
def test_rows_in_another_order(other: Any, doubtful: int, note: str | None) -> None:
    found = distance_of_rows(Tensor("float32", FEATURES), Tensor("float32", other), doubtful)
    assert (found.note if found else None) == note
    assert found is None or found.max_abs <= 2e-5


def test_a_few_rows_are_a_batch_and_keep_their_order() -> None:
    assert rearranged(FEATURES[:4], FEATURES[[1, 0, 2, 3]]) is None


TIES = """
import torch
import torch.nn as nn

class Net(nn.Module):
    \"\"\"The best 18 of 24 places, and six of another class; on ones, all scores of a class are equal.\"\"\"
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(6, 1)
    def forward(self, x):
        scores = torch.sigmoid(self.fc(x[0]))[:, 0]
        kept = order(scores)[:18]
        boxes = torch.arange(24.0).reshape([24, 1]) * torch.ones([4])
        return {
            "boxes": torch.cat([boxes[kept], boxes[:6]]),
            "labels": torch.arange(24) // 18,
            "scores": torch.cat([scores[kept], scores.min() / 2 - torch.arange(6.0) / 100]),
        }

def order(scores):
    return torch.sort(scores, descending=True, stable=True)[1]
"""
TWIN = (
    TIES.replace("torch.sort(scores, descending=True, stable=True)[1]", "RETURNED")
    .replace("nn.Module", "nn.Layer")
    .replace("torch.cat", "torch.concat")
    .replace("torch", "paddle")
)


@pytest.mark.parametrize(
    ("order", "verdict"),
    [
        pytest.param("23 - paddle.argsort(scores[::-1], descending=True, stable=True)", "passed", id="the last first"),
        pytest.param("paddle.argsort(scores, descending=True, stable=True)[1:]", "failed", id="the best is left out"),
    ],
)
def test_equal_scores_are_in_doubt(check_twin, tmp_path: Path, order: str, verdict: str) -> None:
    source = tmp_path / "ties.py"
    source.write_text(TIES)
    found = check_twin(TWIN.replace("RETURNED", order), source=source, checks=("forward",), inputs=[Input((1, 24, 6))])
    assert found.checks[0].status == verdict
    faults = [one.name for one in found.checks[0].comparisons if one.verdict == "failed"]
    assert faults == ([] if verdict == "passed" else ["normal scores"])
    ties = next(one for one in found.checks[0].comparisons if one.name == "ones scores")
    assert "rows without a partner that rounding explains" in ties.note
