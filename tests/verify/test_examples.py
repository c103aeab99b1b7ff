"""The example runner itself: what it compares, and that it notices what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from translator.engine.translate import translate_source
from translator.ruleset.load import load_rules
from translator.verify.examples import ExampleRunner, assigned, check_signatures, with_imports

pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("paddle", reason="paddle is not installed")

ONE = "out = torch.abs(torch.tensor([-1.0]))"
TWO = "out = torch.abs(torch.tensor([-1.0, 2.0]))"
WRONG = """
- api: torch.abs
  signature: (input, *, out=None)
  to: {to}
  returns: torch.Tensor
  example: |
    {example}
"""
LINEAR = """
- api: torch.nn.Linear
  signature: (in_features, out_features, bias=True, device=None, dtype=None)
  to: paddle.nn.Linear
  positional: 2
  args: {bias: bias_attr}
  returns: torch.nn.Linear
  example: |
    out = torch.nn.Linear(%s)(torch.randn(2, 3))
"""


@pytest.fixture(scope="module")
def base() -> Iterator[ExampleRunner]:
    with ExampleRunner(load_rules(), translate_source) as runner:
        yield runner


def reason(base: ExampleRunner, folder: Path, text: str, api: str) -> str:
    """Why the example of a rule in ``text`` fails; empty when it passes."""
    file = folder / "rules.yaml"
    file.write_text(text)
    base.ruleset = load_rules([file])
    rule = base.ruleset.get(api)
    assert rule is not None
    return base.run(rule).reason


@pytest.mark.parametrize(
    ("to", "example", "said"),
    [
        pytest.param("paddle.abs", TWO, "", id="right"),
        pytest.param("paddle.sign", TWO, "differs by 2", id="wrong values"),
        pytest.param("'{input}.abs().unsqueeze(0)'", ONE, "shape [1] became [1, 1]", id="wrong shape"),
        pytest.param("\"{input}.abs().astype('float64')\"", ONE, "float64 in the target", id="wrong dtype"),
        pytest.param("paddle.no_such", ONE, "raised in paddle", id="no such function"),
        pytest.param("paddle.abs", f"{ONE}.foo()", "T304", id="a diagnostic fails"),
        pytest.param("paddle.abs", "out = torch.no_such()", "T304", id="left in the translation"),
        pytest.param("paddle.abs", "torch.abs(torch.ones(1))", "nothing that can be", id="nothing to compare"),
        pytest.param(
            "'{input}.detach().abs()'",
            "x = torch.ones(2, requires_grad=True); torch.abs(x).sum().backward()",
            "raised in paddle|no gradient",
            id="gradient lost",
        ),
    ],
)
def test_faults_are_noticed(base: ExampleRunner, tmp_path: Path, to: str, example: str, said: str) -> None:
    found = reason(base, tmp_path, WRONG.format(to=to, example=example), "torch.abs")
    assert any(part in found for part in said.split("|")) if said else found == "", found


@pytest.mark.parametrize(
    ("sizes", "said"),
    [
        pytest.param("3, 4", "weights do not map", id="untransposed"),
        pytest.param("3, 3", "differs", id="square and untransposed"),
    ],
)
def test_weight_mapping_is_proven(base: ExampleRunner, tmp_path: Path, sizes: str, said: str) -> None:
    assert said in reason(base, tmp_path, LINEAR % sizes, "torch.nn.Linear")


def test_random_numbers_agree(base: ExampleRunner, tmp_path: Path) -> None:
    lines = [
        "a = torch.randn(2, 3)",
        "layer = torch.nn.Linear(3, 3)",
        "b = torch.rand(4) + torch.abs(torch.randn(4))",
        "c = torch.randint(0, 9, (5,))",
        "d = layer(a)",
    ]
    text = WRONG.format(to="paddle.abs", example="\n    ".join(lines))
    assert reason(base, tmp_path, text, "torch.abs") == ""


def test_a_dead_worker_fails_one_example_only(base: ExampleRunner, tmp_path: Path) -> None:
    dying = WRONG.format(to="paddle.abs", example="import os; os._exit(3)")
    assert "exit code 3" in reason(base, tmp_path, dying, "torch.abs")
    alive = WRONG.format(to="paddle.abs", example="out = torch.abs(torch.ones(2))")
    assert reason(base, tmp_path, alive, "torch.abs") == ""


def test_assigned_names() -> None:
    source = "a, (b, *c) = f()\nfor i in x:\n    d = i\n_e = 1\ndef g():\n    h = 1\nk = [m for m in x]\n"
    assert assigned(source) == ["a", "b", "c", "i", "d", "k"]


def test_imports_follow_the_names_in_use() -> None:
    assert with_imports("out = nn.ReLU()(torch.ones(2))").splitlines()[:2] == ["import torch", "import torch.nn as nn"]


def test_signatures(tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(
        "- {api: torch.nn.ReLU, signature: (inplace=False), to: paddle.nn.ReLU}\n"
        "- {api: torch.nn.Dropout, signature: (rate=0.5), to: paddle.nn.Dropout}\n"
        "- {api: torch.flatten, signature: '(input, start_dim=0, end_dim=-1)', to: paddle.flatten}\n"
    )
    found = check_signatures(load_rules([file]), ["torch.nn.ReLU", "torch.nn.Dropout", "torch.flatten"])
    assert [(r.api, r.status) for r in found] == [
        ("torch.nn.ReLU", "equal"),
        ("torch.nn.Dropout", "differs"),
        ("torch.flatten", "equal"),
    ]
