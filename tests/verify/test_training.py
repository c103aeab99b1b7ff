"""Steps of training: those of a correct twin agree, and faults that only training shows are found and blamed."""

from __future__ import annotations

import math
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.verify.test_faults import line_of, planted
from translator.verify import training
from translator.verify.inputs import Input
from translator.verify.tolerance import DEFAULT_LIMITS
from translator.verify.training import compare_losses
from translator.workers.tensors import TensorFolder

TRAINING = ("training",)


def test_the_clean_twin_whose_weights_are_put_back(check_twin, output_text, workers, tmp_path) -> None:
    check = check_twin(output_text, checks=TRAINING).checks[0]
    assert (check.status, {one.verdict for one in check.comparisons}) == ("passed", {"ok"})
    losses = {one.name: one.values for one in check.comparisons if one.values}
    assert list(losses) == [f"{method} step {n} loss" for method in ("sgd", "adamw") for n in range(1, 6)]
    assert losses["sgd step 1 loss"] == losses["adamw step 1 loss"]
    assert losses["sgd step 5 loss"] != losses["adamw step 5 loss"]
    after = {(one.path, one.name) for one in check.comparisons if one.path}
    assert {("fc.weight", "sgd parameter"), ("stem.1.running_var", "sgd buffer"), ("stats.seen", "sgd buffer")} <= after
    for worker, name in zip(workers, ("weights", "mapped"), strict=True):
        worker.call("state", output=tmp_path / f"{name} now")
        now, then = TensorFolder(tmp_path / f"{name} now"), TensorFolder(next((tmp_path / "tensors").glob(f"*-{name}")))
        assert [n for n in then if not now[n].same_bits(then[n])] == []


DROPPED = """\
        x = self.square(x)
        if self.training:
            x = x * 1.001
"""
FAULTS = [
    pytest.param(
        "momentum=0.8",
        "momentum=0.2",
        "self.norm = ",
        "self.norm = ",
        "block.norm.running_mean",
        id="momentum",
    ),
    pytest.param(
        "        x = self.square(x)\n",
        DROPPED,
        "x = F.softmax(x, 1) + x",
        "x * 1.001",
        "",
        id="left on",
    ),
    pytest.param(
        "        self.fc = nn.Linear(16, num_classes)\n",
        "        self.fc = nn.Linear(16, num_classes)\n        self.fc.weight.stop_gradient = True\n",
        "self.fc = ",
        "self.fc = nn",
        "fc",
        id="a parameter that is not trained",
    ),
]


@pytest.mark.parametrize(("old", "new", "source_line", "output_line", "path"), FAULTS)
def test_found_and_blamed(check_twin, source_text, output_text, old, new, source_line, output_line, path) -> None:
    outcome = check_twin(planted(output_text, old, new), checks=TRAINING)
    assert outcome.statuses == {"training": "failed"}
    assert outcome.blame.path == path
    assert outcome.blame.output_position.line == line_of(outcome.output, output_line)
    assert outcome.blame.source_position.line == line_of(source_text, source_line)


def test_a_target_that_raises_in_training(check_twin, output_text) -> None:
    raising = "        if self.training:\n            raise RuntimeError('never trained')\n        x = self.stem(x)\n"
    check = check_twin(planted(output_text, "        x = self.stem(x)\n", raising), checks=TRAINING).checks[0]
    assert check.status == "failed"
    assert "the target raised" in check.reason
    assert "never trained" in check.reason


NETS = '''
import torch
import torch.nn as nn
from torch.nn.functional import dropout as thinned

class Detector(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(6, 6)
    def forward(self, x, targets=None):
        if self.training and targets is None:
            raise ValueError("targets should not be none when in training mode")
        return self.fc(x)

class DropPath(nn.Module):
    def forward(self, x):
        return x * torch.rand(3, 1) if self.training else x

class Auxiliary(nn.Module):
    """Logits, a map, and a second head in training only; what it drops has three names, none of which torch patches."""
    def __init__(self):
        super().__init__()
        self.body, self.head, self.second = nn.LSTM(6, 6, 2, dropout=0.5), nn.Linear(6, 4), nn.Linear(6, 4)
        self.path = DropPath()
    def forward(self, x):
        x = self.path(thinned(self.body(x)[0][0], 0.5, self.training))
        found = {"out": self.head(x), "map": x.reshape(3, 2, 3)}
        if self.training:
            found["aux"] = self.second(x)
        return found
'''
OUTPUT = (
    NETS.replace("import torch.nn", "import paddle.nn")
    .replace("from torch", "from paddle")
    .replace("import torch", "import paddle")
    .replace("torch.rand(3, 1)", "paddle.rand([3, 1])")
    .replace("nn.Module", "nn.Layer")
    .replace("nn.LSTM(6, 6, 2, dropout=0.5)", "nn.LSTM(6, 6, 2, time_major=True, dropout=0.5)")
)


@pytest.mark.parametrize(
    ("name", "status", "reason"),
    [
        pytest.param("Auxiliary", "passed", "largest difference", id="several outputs and nothing dropped"),
        pytest.param("Detector", "not run", "ValueError: targets should not be none", id="targets are wanted"),
    ],
)
def test_nets(check_twin, tmp_path: Path, name: str, status: str, reason: str) -> None:
    source = tmp_path / "nets.py"
    source.write_text(NETS)
    check = check_twin(OUTPUT, source=source, name=name, checks=TRAINING, inputs=[Input((2, 3, 6))]).checks[0]
    assert (check.status, reason in check.reason) == (status, True), check.reason
    assert check.applies == (status == "passed")


@pytest.mark.parametrize(
    ("losses", "found"),
    [
        pytest.param([2.0, 1.0, 19.0], False, id="ups and downs"),
        pytest.param([2.0, 1.0, 21.0], True, id="ten times the first"),
        pytest.param([2.0, math.nan], True, id="not a number"),
        pytest.param([], False, id="it raised"),
    ],
)
def test_diverges(losses: list[float], found: bool) -> None:
    assert training.diverges(losses) == found


@pytest.mark.parametrize(
    ("theirs", "nudged", "found"),
    [
        pytest.param([2.0, 1.000001], [], False, id="the losses agree: nothing is asked"),
        pytest.param([2.0, 1.1], [2.0, 1.0], False, id="the source's own do not change: the target is at fault"),
        pytest.param([2.0, 1.1], [2.0, 1.00005], False, id="they change less than is chaos"),
        pytest.param([2.0, 1.1], [2.0, 1.03], True, id="they change as well"),
        pytest.param([2.0, 1.1], [2.0, math.nan], True, id="they are no numbers"),
        pytest.param([2.0], [], False, id="the target raised"),
    ],
)
def test_is_chaotic(theirs: list[float], nudged: list[float], found: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "write_nudged", lambda place, batch, seed: place)
    source = SimpleNamespace(call=lambda *_, **__: {"error": None, "losses": nudged})
    models = SimpleNamespace(source=source, place=Path, weights=("source", "target"), bytes=0)
    assert training.is_chaotic(models, training.Course("sgd", [Path("batch")], 1.0, 0), [2.0, 1.0], theirs) == found


def test_a_rate_at_which_the_source_learns(monkeypatch: pytest.MonkeyPatch) -> None:
    rates: list[float] = []

    def take(models: object, course: training.Course) -> tuple:
        rates.append(course.rate)
        answer = {"error": None, "losses": [1.0, 100.0 if course.rate > 1e-4 else 0.9]}
        return answer, answer, {}

    monkeypatch.setattr(training, "take", take)
    found = training.Training()
    course = training.Course("adamw", [], 1.0, 0)
    training.run_course(SimpleNamespace(source=1, target=2, bytes=0), None, None, course, DEFAULT_LIMITS, found)
    assert rates == [16.0**-cuts for cuts in range(5)]
    assert [one.verdict for one in found.comparisons] == ["ok", "ok"]


def test_what_is_too_large_for_float64(check_twin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "MOST_EXACT", 0)
    source, output = tmp_path / "nets.py", OUTPUT.replace("x = self.path(", "x = 1.0001 * self.path(")
    source.write_text(NETS)
    check = check_twin(output, source=source, name="Auxiliary", checks=TRAINING, inputs=[Input((2, 3, 6))]).checks[0]
    assert check.status == "failed"
    assert "sgd not taken in float64, for which 0 GB are needed" in check.reason


@pytest.mark.parametrize(
    ("target", "exact", "verdict", "dtype"),
    [
        pytest.param(2.00001, [], "ok", "float32", id="within the bar"),
        pytest.param(2.0003, [], "failed", "float32", id="above it"),
        pytest.param(2.0003, [2.0001, 2.00013], "failed", "float64", id="rounding explains it, float64 does not agree"),
        pytest.param(2.0003, [2.0001, 2.0001], "ok", "float64", id="rounding explains it, and float64 agrees"),
        pytest.param(2.0003, [2.000001, 2.000303], "failed", "float32", id="rounding does not explain it"),
        pytest.param(math.nan, [], "failed", "float32", id="not a number"),
    ],
)
def test_losses(target: float, exact: list[float], verdict: str, dtype: str) -> None:
    found = compare_losses("sgd", [2.0], [target], [{"losses": [one], "error": None} for one in exact])
    assert [(one.verdict, one.dtype) for one in found] == [(verdict, dtype)]
    assert found[0].limit == pytest.approx(2e-5, rel=1e-3)


def test_losses_that_float64_cannot_give() -> None:
    exact = [{"losses": [], "error": {"message": "no"}}, {"losses": [2.0], "error": None}]
    assert compare_losses("sgd", [2.0], [2.1], exact)[0].verdict == "failed"
