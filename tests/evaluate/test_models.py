"""Evaluation of real models, each in its own process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from translator.core import CheckpointError, ConfigError
from translator.evaluate.preprocess import Preprocess
from translator.evaluate.run import Evaluation, evaluate
from translator.ruleset.model import Pack, Rule, RuleSet


def ruleset(linear: dict[str, str]) -> RuleSet:
    """Just the one rule that the two networks need: the weight of a linear layer is transposed."""
    pack = Pack(
        name="t",
        folder="",
        source="torch",
        source_packages=("torch",),
        target="paddle",
        tensor="torch.Tensor",
        module="torch.nn.Module",
        releases=(),
        modules={},
        aliases={},
        shared_methods=frozenset(),
        helper_module="",
    )
    rule = Rule(api="torch.nn.Linear", origin="test.yaml:1", weights=linear)
    return RuleSet(pack, {rule.api: rule})


def run(models: Path, data: Path, target: str = "target.py:Net", **more: Any) -> Evaluation:
    return evaluate(
        f"{models}/source.py:Net",
        f"{models}/{target}",
        data=data,
        weights=more.pop("weights", models / "weights.pth"),
        ruleset=ruleset(more.pop("linear", {"weight": "transpose"})),
        preprocess=Preprocess(resize=16, crop=16),
        batch_size=7,
        **more,
    )


def test_equal_models_pass_and_a_changed_model_starts_anew(models: Path, data: Path, tmp_path: Path) -> None:
    state = tmp_path / "state.jsonl"
    evaluation = run(models, data, state=state)
    assert (evaluation.images, evaluation.passed, evaluation.flips) == (24, True, ())
    assert evaluation.source == evaluation.target
    assert evaluation.source.top5 is not None
    assert evaluation.source.top5 >= evaluation.source.top1
    assert run(models, data, state=state) == evaluation
    wrong = run(models, data, "broken.py:Net", state=state)
    assert not wrong.passed
    assert wrong.flips
    assert wrong.source == evaluation.source


def test_square_linear_that_is_not_transposed_fails_the_gate(models: Path, data: Path) -> None:
    evaluation = run(models, data, linear={})
    assert evaluation.flips
    assert not evaluation.passed


@pytest.mark.parametrize(
    ("more", "error", "message"),
    [
        pytest.param({"target": "target.py:Net(classes=9)"}, CheckpointError, "fc", id="checkpoint does not fit"),
        pytest.param({"target": "nowhere.py:Net"}, ConfigError, "no such file", id="no such entry"),
        pytest.param({"weights": Path("nowhere.pth")}, CheckpointError, "nowhere.pth", id="no such checkpoint"),
        pytest.param({"target_device": "gpu:99"}, ConfigError, "gpu:99", id="no such device"),
        pytest.param({"root": Path()}, ConfigError, "root folder", id="a root with a folder of classes"),
        pytest.param({"gate": 1.5}, ConfigError, "gate is a share", id="gate in percent"),
    ],
)
def test_refused(models: Path, data: Path, more: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        run(models, data, **more)
