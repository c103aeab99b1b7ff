from __future__ import annotations

from pathlib import Path

import pytest

from translator.core import CheckpointError, ConfigError, WorkerError
from translator.verify.inputs import Input
from translator.verify.models import Models
from translator.verify.run import verify, verify_models
from translator.verify.tolerance import DEFAULT_LIMITS

HERE = Path(__file__).parent
ENTRIES = (f"{HERE}/small_torch.py:Net", f"{HERE}/small_paddle.py:Net")


def test_the_public_function(ruleset) -> None:
    lines: list[str] = []
    result = verify(*ENTRIES, ruleset=ruleset, inputs=[Input((1, 3, 34, 34))], seed=3, progress=lines.append)
    assert result.proven
    assert (result.inputs, result.seed, result.weights) == ((Input((1, 3, 34, 34)),), 3, "random")
    assert {"torch", "python"} <= set(result.versions["source"])
    assert lines[0] == "starting the frameworks"
    assert all(0 < c.scale < 10 for c in result.checks[0].comparisons), "random weights keep the output near 1"


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        pytest.param({"checks": ("forwards",)}, ConfigError, "no such check: forwards", id="check"),
        pytest.param({"source_device": "gpu:99"}, ConfigError, "torch does not see `gpu:99`; it sees cpu", id="device"),
        pytest.param(
            {"target_device": "gpu:99"}, ConfigError, "paddle does not see `gpu:99`; it sees cpu", id="other device"
        ),
        pytest.param({"source_python": "no-such-python"}, ConfigError, "no such Python interpreter", id="interpreter"),
    ],
)
def test_wrong_arguments(ruleset, arguments, error, text) -> None:
    with pytest.raises(error, match=text):
        verify(*ENTRIES, ruleset=ruleset, inputs=[Input((1, 3, 34, 34))], **arguments)


def test_an_input_that_the_source_cannot_take(check_twin, source_text, output_text, tmp_path) -> None:
    source = tmp_path / "picky.py"
    source.write_text(source_text.replace("        x = self.stem(x)\n", "        assert x.shape[1] == 4, 'four'\n"))
    with pytest.raises(WorkerError, match="AssertionError: four"):
        check_twin(output_text, source=source)


def test_a_checkpoint_of_another_model(check_twin, output_text, workers, tmp_path) -> None:
    (tmp_path / "other.py").write_text("import torch\ndef Net():\n    return torch.nn.Linear(2, 2)\n")
    workers[0].call("open", entry=f"{tmp_path}/other.py:Net")
    workers[0].call("state", output=tmp_path / "state")
    workers[0].call("save", tensors=tmp_path / "state", output=tmp_path / "other.pth")
    with pytest.raises(CheckpointError, match=r"stem.0.weight is missing"):
        check_twin(output_text, weights=tmp_path / "other.pth")


RAISING = "if self.training:\n            raise RuntimeError('never trained')\n        "
WHOLE, PART = "x = self.stem(x)\n", "if self.training:\n            self.seen"


@pytest.mark.parametrize(("place", "edit", "status", "reason"), [
    pytest.param(WHOLE, ("", ""), "passed", "in training mode only layers with buffers", id="a whole that raises"),
    pytest.param(WHOLE, ("momentum=0.8", "momentum=0.9"), "failed", "block.norm", id="whose parts are compared"),
    pytest.param(PART, ("", ""), "not run", "the training forward did not run", id="a part that cannot"),
])  # fmt: skip
def test_a_training_forward_that_raises(
    check_twin, source_text, output_text, tmp_path, place, edit, status, reason
) -> None:
    source = tmp_path / "untrainable.py"
    source.write_text(source_text.replace(place, RAISING + place))
    outcome = check_twin(output_text.replace(*edit), source=source)
    assert outcome.statuses == {"forward": "passed", "layers": status}
    assert reason in outcome.checks[1].reason
    assert outcome.proven == (status == "passed")


@pytest.mark.parametrize(("chance", "status"), [
    pytest.param("0.5", "passed", id="the same draws"),
    pytest.param("0.6", "failed", id="another probability"),
])  # fmt: skip
def test_branches_that_are_dropped_at_random(check_twin, source_text, output_text, tmp_path, chance, status) -> None:
    """Stochastic depth in training: both frameworks drop the same samples, and noise in float64 is of those."""
    before, after = "        x = self.stats(x)\n", "        x = self.stats(x * {}(x[:, :1]).bernoulli_({}) / 0.5)\n"
    source = tmp_path / "dropping.py"
    source.write_text(source_text.replace(before, after.format("torch.empty_like", 0.5)))
    outcome = check_twin(output_text.replace(before, after.format("paddle.empty_like", chance)), source=source)
    assert outcome.statuses["layers"] == status, outcome.checks[1].reason


PACKAGE = {
    "torch_side/net.py": "from .parts import torch\nfrom torch_side.parts import stem\n\n\n"
    "class Net(torch.nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.stem = stem()\n\n"
    "    def forward(self, x):\n        return self.stem(x)\n",
    "torch_side/parts.py": "import torch\n\n\ndef stem():\n    return torch.nn.Conv2d(3, 4, 3)\n",
}


@pytest.mark.parametrize("target", ["paddle_side.net:Net", "paddle_side/net.py:Net"])
def test_modules_of_packages(ruleset, tmp_path, monkeypatch, target) -> None:
    for name, text in PACKAGE.items():
        for side, output in ("torch", text), ("paddle", as_paddle(text)):
            path = tmp_path / name.replace("torch", side)
            path.parent.mkdir(exist_ok=True)
            (path.parent / "__init__.py").touch()
            path.write_text(output)
    monkeypatch.chdir(tmp_path)
    result = verify("torch_side.net:Net", target, ruleset=ruleset, inputs=[Input((2, 3, 8, 8))], checks=("forward",))
    assert result.proven


def as_paddle(text: str) -> str:
    return text.replace("torch", "paddle").replace("nn.Module", "nn.Layer").replace("Conv2d", "Conv2D")


def test_workers_are_used_again(ruleset, workers) -> None:
    found = [
        verify(
            *ENTRIES, ruleset=ruleset, inputs=[Input((1, 3, 34, 34))], seed=seed, checks=("forward",), workers=workers
        )
        for seed in (1, 2)
    ]
    assert [one.proven for one in found] == [True, True]
    assert all(worker.is_alive for worker in workers)
    with pytest.raises(ConfigError, match="no model is open"):
        workers[0].call("modules")


def test_without_checks_the_models_are_built_and_loaded(workers, ruleset, tmp_path) -> None:
    lines: list[str] = []
    models = Models(*workers, tmp_path, *ENTRIES)
    inputs = [Input((1, 3, 34, 34))]
    results, _, blame = verify_models(models, ruleset, None, inputs, (), 0, None, DEFAULT_LIMITS, lines.append)
    assert (results, blame, models.is_loaded, lines) == ((), None, True, ["building the models", "loading the weights"])
