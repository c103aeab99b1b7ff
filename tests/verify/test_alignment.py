from __future__ import annotations

import pytest

from translator.verify.alignment import align_text


@pytest.mark.parametrize(
    ("source", "output", "pairs"),
    [
        pytest.param(["import torch", "x = 1"], ["import paddle", "x = 1"], {1: 1, 2: 2}, id="the framework's name"),
        pytest.param(["a = 1", "b = f(a)", "c = 2"], ["a = 1", "c = 2"], {1: 1, 2: 3}, id="a line removed"),
        pytest.param(["a = 1", "c = 2"], ["# new", "a = 1", "c = 2"], {2: 1, 3: 2}, id="a line added"),
        pytest.param(
            ["x = torch.cat([a, b], 1)", "y = x.view(2, -1)"],
            ["x = paddle.concat([a, b], 1)", "y = x.reshape([2, -1])"],
            {1: 1, 2: 2},
            id="lines that read alike",
        ),
        pytest.param(["alpha()"], ["1 + 1"], {}, id="nothing in common"),
    ],
)
def test_aligned(source: list[str], output: list[str], pairs: dict[int, int]) -> None:
    assert align_text(source, output) == pairs
