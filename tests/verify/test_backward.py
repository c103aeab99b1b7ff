"""Gradients: those of a correct twin agree, and faults that no forward shows are found and blamed."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from tests.verify.test_faults import line_of, planted
from translator.verify.backward import Gradients, check_backward, doubted
from translator.verify.compare import Comparison
from translator.verify.inputs import parse_input
from translator.verify.tolerance import DEFAULT_LIMITS

BACKWARD = ("backward",)


def test_the_clean_twin(check_twin, output_text) -> None:
    check = check_twin(output_text, checks=BACKWARD).checks[0]
    assert (check.status, {one.verdict for one in check.comparisons}) == ("passed", {"ok"})
    named = {(one.path, one.name) for one in check.comparisons}
    assert {("", "loss"), ("", "input 0"), ("stem.1.weight", "gradient"), ("fc.bias", "gradient")} <= named
    assert len(named) == 14, "every trained parameter, the input and the loss"
    assert all(one.scale > 0 for one in check.comparisons)


FAULTS = [
    pytest.param("y = self.pool(x)", "y = self.pool(x.detach())", "", "the gradient of its input", id="detached"),
    pytest.param(
        "        x = self.norm(x)\n",
        "        x = self.norm(x)\n        x = x * 0.5 + (x * 0.5).detach()\n",
        "block",
        "the gradient of its input",
        id="half a gradient",
    ),
    pytest.param(
        "        self.fc = nn.Linear(16, num_classes)\n",
        "        self.fc = nn.Linear(16, num_classes)\n        self.fc.weight.stop_gradient = True\n",
        "fc",
        "the gradient of weight differs (no gradient in the target)",
        id="a frozen parameter",
    ),
    pytest.param(
        "x = F.softmax(x, 1) + x",
        "s = F.softmax(x, 1); x = s.add_(x)",
        "",
        "inplace",
        id="a change in place that the target's backward refuses",
    ),
    pytest.param(
        "return self.fc(x)", "return self.fc(x).detach()", "", "in the source only", id="no gradient flows at all"
    ),
    pytest.param(
        "return self.fc(x)", "return self.fc(x)[:, :9]", "", "shape [2, 10] became [2, 9]", id="another shape"
    ),
]


@pytest.mark.parametrize(("old", "new", "path", "reason"), FAULTS)
def test_found_and_blamed(check_twin, output_text, old, new, path, reason) -> None:
    outcome = check_twin(planted(output_text, old, new), checks=BACKWARD)
    assert outcome.statuses == {"backward": "failed"}
    assert outcome.blame is not None
    assert outcome.blame.path == path
    assert reason in outcome.blame.reason


def test_a_frozen_parameter_is_blamed_on_where_its_module_was_made(check_twin, source_text, output_text) -> None:
    made = "        self.fc = nn.Linear(16, num_classes)\n"
    frozen = made + "        self.fc.weight.stop_gradient = True\n"
    outcome = check_twin(planted(output_text, made, frozen), checks=BACKWARD)
    blame = outcome.blame
    assert blame.class_name == "torch.nn.Linear"
    assert blame.source_position.line == line_of(source_text, "self.fc = ")
    assert blame.output_position.line == line_of(outcome.output, "self.fc = ")


TOY = '''
import torch
import torch.nn as nn

class Attention(nn.Module):
    """The bias of the key takes no part: what it adds is the same for all that softmax compares."""
    def __init__(self):
        super().__init__()
        self.query, self.key, self.value = nn.Linear(6, 6), nn.Linear(6, 6), nn.Linear(6, 6)
        self.unused = nn.Linear(6, 6)
    def forward(self, x):
        scores = self.query(x) @ self.key(x).transpose(1, 2)
        return scores.softmax(-1) @ self.value(x)

class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(12, 6)
        self.first = nn.Linear(6, 6)
        self.again = self.first
    def forward(self, x):
        return {"logits": self.again(torch.tanh(self.first(self.embed(x)))), "places": [x]}

class Whole(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(6, 6)
    def forward(self, x):
        return self.fc(x).argmax(-1)

class Detached(Whole):
    def forward(self, x):
        return self.fc(x).detach()

class Ranked(Whole):
    """Equal scores: either order is right."""
    def forward(self, x):
        return {"rows": self.fc(x[0])[[0, 1, 2, 3, 4]], "scores": x[0, :, 0] * 0}

class Mixed(Whole):
    """A constant of one type: the forward raises in float64."""
    def forward(self, x):
        return torch.nn.functional.linear(x, self.fc.weight.float(), self.fc.bias.float()) @ self.fc.weight
'''
OUTPUT = (
    TOY.replace("torch.nn.functional.linear(x, self.fc.weight.float(), self.fc.bias.float())", "self.fc(x)")
    .replace("import torch.nn", "import paddle.nn")
    .replace("import torch", "import paddle")
    .replace("torch.tanh", "paddle.tanh")
    .replace("nn.Module", "nn.Layer")
    .replace(".transpose(1, 2)", ".transpose([0, 2, 1])")
    .replace("scores.softmax(-1)", "nn.functional.softmax(scores, -1)")
)


@pytest.fixture
def check_toy(check_twin, tmp_path):
    """Check one of the toys against an output text."""

    def check(name: str, output: str = OUTPUT, inputs: str = "2x5x6"):
        source = tmp_path / "toys.py"
        source.write_text(TOY)
        return check_twin(output, source=source, name=name, checks=BACKWARD, inputs=[parse_input(inputs)])

    return check


def test_a_gradient_that_is_zero_but_for_rounding(check_toy) -> None:
    check = check_toy("Attention").checks[0]
    assert check.status == "passed"
    found = {one.path: one for one in check.comparisons}
    assert found["key.bias"].noise >= found["key.bias"].max_abs / 20
    assert found["unused.weight"].scale == 0, "no gradient on either side"


def test_a_tied_tensor_counts_once_and_whole_numbers_have_no_gradient(check_toy) -> None:
    check = check_toy("Tied", inputs="2x5:int64<12").checks[0]
    assert check.status == "passed"
    assert {one.path for one in check.comparisons} == {"", "embed.weight", "first.weight", "first.bias"}


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        pytest.param("Whole", "the model gives whole numbers only", id="nothing to differentiate"),
        pytest.param("Detached", "no gradient flows to what the model gives", id="detached"),
    ],
)
def test_not_run(check_toy, name: str, reason: str) -> None:
    check = check_toy(name).checks[0]
    assert (check.status, check.applies) == ("not run", False)
    assert reason in check.reason


@pytest.mark.parametrize(
    ("order", "status", "reason"),
    [
        pytest.param("[1, 0, 2, 3, 4]", "passed", "tensors compared", id="another order of ranked rows"),
        pytest.param("[1, 1, 2, 3, 4]", "failed", "differs by", id="another row"),
    ],
)
def test_ranked_rows(check_toy, order: str, status: str, reason: str) -> None:
    check = check_toy("Ranked", OUTPUT.replace("[0, 1, 2, 3, 4]", order), "1x5x6").checks[0]
    assert (check.status, reason in check.reason) == (status, True), check.reason


def test_gradients_on_one_side_only(check_toy) -> None:
    check = check_toy("Detached", OUTPUT.replace(".detach()", "")).checks[0]
    assert (check.status, check.comparisons[0].note) == (
        "failed",
        "gradients flow to what the model gives in the target only",
    )


@pytest.mark.parametrize(
    ("noise", "verdict"),
    [pytest.param(0.009, "ok", id="rounding"), pytest.param(0.5, "suspect", id="other numbers in float64")],
)
def test_what_is_no_rounding_excuses_nothing(noise: float, verdict: str) -> None:
    one = Comparison("gradient", "fc.weight", "Linear", (), (), "float32", 1e-3, 0.0, 0.0, 0.1, noise, 1.0, "ok")
    assert doubted(one, 1.0, DEFAULT_LIMITS).verdict == verdict


OK = Comparison("gradient", "fc.weight", "Linear", (), (), "float32", 0.0, 0.0, 0.0, 0.1, None, 1.0, "ok")
UNDECIDED = replace(OK, verdict="suspect", note="no rounding: the float64 run is 1.0e+00 away")
WRONG = replace(OK, verdict="own")


@pytest.mark.parametrize(
    ("outcomes", "taken", "said"),
    [
        pytest.param([[OK]], 1, "", id="the first"),
        pytest.param([[UNDECIDED, OK], [OK]], 2, "float64 selects otherwise on 1 inputs before", id="the second"),
        pytest.param(
            [[UNDECIDED], [WRONG], [OK]], 2, "float64 selects otherwise on 1 inputs before", id="a fault ends it"
        ),
        pytest.param([[UNDECIDED, WRONG], [OK]], 1, "", id="a fault beside it, too"),
        pytest.param([[UNDECIDED]] * 5, 4, "", id="none is stable"),
    ],
)
def test_another_input_where_float64_selects_otherwise(monkeypatch, outcomes, taken: int, said: str) -> None:
    asked: list[object] = []

    def check_on(models, pairing, given, seed, limits) -> Gradients:
        asked.append(given)
        return Gradients(comparisons=outcomes[len(asked) - 1])

    monkeypatch.setattr("translator.verify.backward.check_on", check_on)
    models = SimpleNamespace(write=lambda inputs, name, seed: (name, seed))
    found = check_backward(models, None, [], 7, DEFAULT_LIMITS)
    assert asked == [("normal", 7 + number) for number in range(taken)]
    assert (found.comparisons, found.said) == (outcomes[taken - 1], said)


def test_where_the_source_cannot_run_in_float64_a_difference_is_not_explained(check_toy) -> None:
    check = check_toy("Mixed", OUTPUT.replace("@ self.fc.weight\n", "@ self.fc.weight.T * 1.00002\n")).checks[0]
    assert check.status == "suspect"
