from __future__ import annotations

import numpy as np
import pytest

from translator.verify.layers import Capture, compare_layers
from translator.verify.tolerance import Limits
from translator.workers.protocol import CallInfo, TensorInfo
from translator.workers.tensors import Tensor


def capture(*calls: tuple[str, int, float, float], kind: str = "Net") -> Capture:
    """Calls as (path, parent, value of the input, value of the output), in the order in which they began."""
    tensors, infos = {}, []
    for number, (path, parent, given, made) in enumerate(calls):
        parts = []
        for side, value in (("in", given), ("out", made)):
            key = f"{number}.{side}."
            tensors[key] = Tensor("float32", np.full(2, value, np.float32))
            parts.append([TensorInfo(name="", key=key, shape=[2], dtype="float32")])
        infos.append(CallInfo(path=path, index=0, class_name=kind, parent=parent, inputs=parts[0], outputs=parts[1]))
    return Capture(infos, tensors)


@pytest.mark.parametrize(
    ("source", "target", "verdicts"),
    [
        pytest.param(
            [("", -1, 1, 3), ("a", 0, 1, 2), ("b", 0, 2, 3)],
            [("", -1, 1, 9), ("a", 0, 1, 8), ("b", 0, 8, 9)],
            {"": "inherited", "a": "own", "b": "inherited"},
            id="the first layer is at fault",
        ),
        pytest.param(
            [("", -1, 1, 3), ("a", 0, 1, 2), ("b", 0, 2, 3)],
            [("", -1, 1, 9), ("a", 0, 1, 2), ("b", 0, 5, 9)],
            {"": "own", "a": "ok", "b": "inherited"},
            id="a statement between the layers is at fault",
        ),
        pytest.param(
            [("", -1, 1, 3), ("a", 0, 1, 2)],
            [("", -1, 1, 3)],
            {"": "ok", "a": "suspect"},
            id="a layer is never called, to no effect here",
        ),
        pytest.param(
            [("", -1, 1, 3)],
            [("", -1, 1, 3), ("a", 0, 1, 2)],
            {"": "ok", "a": "suspect"},
            id="a layer is called on the target side only",
        ),
        pytest.param(
            [("", -1, 1, 1), ("a", 0, 1, 1)],
            [("", -1, 1, 1 + 3e-5), ("a", 0, 1, 1 + 3e-5)],
            {"": "inherited", "a": "suspect"},
            id="a small difference that rounding does not explain",
        ),
    ],
)
def test_whose_fault(source, target, verdicts) -> None:
    found, _ = compare_layers("normal", capture(*source), capture(*target), Limits())
    assert {comparison.path: comparison.verdict for comparison in found} == verdicts


def test_the_inside_of_a_framework_layer_may_differ() -> None:
    source = capture(("", -1, 1, 3), ("q", 0, 1, 2), kind="torch.nn.MultiheadAttention")
    target = capture(("", -1, 1, 3), kind="paddle.nn.MultiHeadAttention")
    found, _ = compare_layers("normal", source, target, Limits())
    assert [(comparison.path, comparison.verdict) for comparison in found] == [("", "ok")]
