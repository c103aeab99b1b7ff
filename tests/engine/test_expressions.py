"""Rules whose target is an expression, nested in the author's expressions and in each other."""

from __future__ import annotations

import pytest

from translator.engine.translate import translate_source
from translator.ruleset.load import load_rules

RULES = load_rules()


def translated(body: str) -> str:
    """The translation of one statement of a function of tensors ``x`` and ``y``."""
    text = f"import torch\n\n\ndef f(x: torch.Tensor, y: torch.Tensor, n, sizes):\n    {body}\n"
    translation = translate_source(text, rules=RULES)
    assert not [d.code for d in translation.diagnostics if d.severity.value != "note"]
    return translation.text.splitlines()[-1].strip()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("x.add(y).view(2, 3)", "(x + y).reshape([2, 3])", id="as a receiver"),
        pytest.param("torch.add(x, y) * 2", "(x + y) * 2", id="as an operand"),
        pytest.param("-torch.sub(x, y)", "-(x - y)", id="below a sign"),
        pytest.param("x.mul(y).numel() // 2", "(x * y).size // 2", id="twice nested"),
        pytest.param("torch.add(x, torch.mul(y, 2))", "x + (y * 2)", id="in each other"),
        pytest.param("torch.relu(torch.add(x, y))", "paddle.nn.functional.relu(x + y)", id="as an argument"),
        pytest.param("(x + 1).relu()", "paddle.nn.functional.relu(x + 1)", id="the author's parentheses, needless now"),
        pytest.param("(x.add(y), x)", "(x + y, x)", id="in a tuple"),
    ],
)
def test_parentheses_stand_where_they_are_needed(before: str, after: str) -> None:
    assert translated(f"return {before}") == f"return {after}"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("x.view(n)", "x.reshape(n)", id="one size or a sequence: both are taken"),
        pytest.param("x.permute(*sizes)", "x.transpose([*sizes])", id="unpacked sizes are not one size"),
        pytest.param("x.view(n, -1)", "x.reshape([n, -1])", id="several sizes"),
        pytest.param(
            "torch.zeros(2, n, dtype=torch.int64)", "paddle.zeros([2, n], dtype=paddle.int64)", id="a keyword behind"
        ),
        pytest.param("x.to(memory_format=torch.channels_last)", "x", id="nothing is said of what is left out"),
        pytest.param("torch.jit.is_scripting()", "False", id="a constant"),
    ],
)
def test_arguments(before: str, after: str) -> None:
    assert translated(f"return {before}") == f"return {after}"


def test_pairs_are_taken_apart() -> None:
    before = "return torch.optim.Adam([torch.nn.Parameter(x)], lr=0.1, betas=(0.8, n))"
    assert translated(before).endswith("learning_rate=0.1, beta1=0.8, beta2=n)")
