"""The size of a model, found without its memory; and what a worker process holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from translator.core import WorkerError
from translator.verify.inputs import Input, write_inputs
from translator.workers.launch import Worker

NETS = """
import torch
from torch import nn

MADE_AT_IMPORT = torch.empty(4).fill_(2.0)


class Net(nn.Module):
    def __init__(self, width=8):
        super().__init__()
        self.first = nn.Linear(4, width)
        self.norm = nn.BatchNorm1d(width)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x):
        return self.relu(self.norm(self.first(x)))


def huge():
    return nn.Linear(2**20, 2**20)


def reads_a_value():
    return Net(width=int(torch.linspace(0, 8, 3)[2].item()))


def reads_a_weight():
    net = Net()
    net.scale = float(net.first.weight[0, 0])
    return net


class Branches(Net):
    def forward(self, x):
        return self.first(x) if x.sum() > 0 else x


class Shifted(Net):
    def forward(self, x):
        return self.first(x * MADE_AT_IMPORT)


def broken():
    raise ValueError("no net today")
"""
SMALL = {"parameters": 4 * 8 + 8 + 16, "weights": 4 * (4 * 8 + 8 + 16 + 16) + 8, "activations": 2 * 3 * 8 * 4}


@pytest.fixture
def size_of(torch_worker: Worker, tmp_path: Path):
    file = tmp_path / "nets.py"
    file.write_text(NETS)
    inputs = write_inputs(tmp_path / "inputs", [Input((3, 4))], "ones", 0)
    return lambda name: torch_worker.call("size", entry=f"{file}:{name}", inputs=inputs)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        pytest.param("Net", SMALL, id="what an in-place layer gives is no more memory"),
        pytest.param("reads_a_value", SMALL, id="a builder that reads a value"),
        pytest.param("reads_a_weight", SMALL, id="a builder that reads a weight is run as it is"),
        pytest.param("Branches", {**SMALL, "activations": None}, id="a forward that depends on values"),
    ],
)
def test_counted(size_of, name: str, found: dict[str, object]) -> None:
    assert size_of(name) == found


def test_more_than_any_memory_holds(size_of) -> None:
    assert size_of("huge")["weights"] > 2**40


def test_a_builder_that_raises(size_of) -> None:
    with pytest.raises(WorkerError, match="ValueError: no net today"):
        size_of("broken")


def test_what_was_made_at_import_keeps_its_values(size_of, torch_worker: Worker, tmp_path: Path) -> None:
    size_of("Shifted")
    torch_worker.call("open", entry=f"{tmp_path}/nets.py:Shifted")
    inputs = write_inputs(tmp_path / "again", [Input((3, 4))], "ones", 0)
    assert torch_worker.call("forward", inputs=inputs, output=tmp_path / "out")["error"] is None


def test_memory(torch_worker: Worker, tmp_path: Path) -> None:
    (tmp_path / "wide.py").write_text("import torch\nclass Wide(torch.nn.Linear):\n    pass\n")
    before = torch_worker.call("memory", reset=True)["now"]
    torch_worker.call("open", entry=f"{tmp_path}/wide.py:Wide(4096, 8192)")
    during = torch_worker.call("memory")
    assert during["most"] >= during["now"] > before + 4096 * 8192 * 4 * 0.9
