"""Drawn weights: every layer's numbers are of a size at which faults show and rounding does not."""

from __future__ import annotations

import numpy as np
import pytest

from translator.verify.inputs import Input, write_inputs
from translator.workers.draws import LEAST_SPREAD, generator, running_statistics
from translator.workers.tensors import TensorFolder

# a loop that adds up what one layer makes, and returns it through another that ran last; positions asked for in float32
LOOP = """
import torch

class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.step = torch.nn.Conv2d(3, 3, 3, padding=1)
        self.mask = torch.nn.Conv2d(3, 3, 1)

    def forward(self, x):
        flow = torch.arange(x.shape[-1]).float() * 0
        for _ in range(12):
            flow = flow + self.step(x)
        return 8 * flow * self.mask(x).softmax(1)
"""


@pytest.fixture
def loop(workers, tmp_path):
    """The worker with the network open, and its input."""
    (tmp_path / "loop.py").write_text(LOOP)
    workers[0].call("open", entry=f"{tmp_path}/loop.py:Net")
    return workers[0], write_inputs(tmp_path / "inputs", [Input((1, 3, 8, 8))], "normal", 0)


def test_a_sum_that_another_layer_makes_is_brought_down(loop, tmp_path) -> None:
    worker, inputs = loop
    worker.call("randomise", seed=0, inputs=inputs, output=tmp_path / "weights")
    found = worker.call("forward", inputs=inputs, output=tmp_path / "out")
    output = TensorFolder(tmp_path / "out")[found["calls"][0]["outputs"][0]["key"]].array
    assert 1 < np.abs(output).max() < 5


def test_a_model_that_asks_for_float32_has_noise(loop, tmp_path) -> None:
    worker, inputs = loop
    worker.call("forward", inputs=inputs, output=tmp_path / "out")
    found = worker.call("noise", inputs=inputs, capture=tmp_path / "out", exact=tmp_path / "exact")
    assert found["error"] is None
    assert all(0 < noise < 1e-3 for name, noise in found["noise"].items() if ".out" in name)


def test_channels_that_hardly_vary_are_not_blown_up() -> None:
    mean, variance = np.array([4.0, 4.0, 0.01]), np.array([1e-8, 1.0, 1e-8])
    _, by_mean = running_statistics(generator(0, "norm"), mean, variance)
    _, by_size = running_statistics(generator(0, "norm"), mean, variance, np.array([8.0, 1.0, 2.0]))
    assert by_mean[0] > 0.5 * (LEAST_SPREAD * 4) ** 2 > by_mean[2]
    assert np.all(by_size[[0, 2]] > 0.5 * (LEAST_SPREAD * np.array([8.0, 2.0])) ** 2)
    assert 0.7 <= by_mean[1] <= 1.4
