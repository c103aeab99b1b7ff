"""Arguments that the output needs twice, and that must be evaluated once."""

from __future__ import annotations

import pytest

from translator.core import Translation
from translator.engine.translate import translate_source
from translator.ruleset.load import load_rules

RULES = load_rules()


def translate(statement: str) -> Translation:
    text = f"import torch\n\n\ndef f(x: torch.Tensor, y: torch.Tensor, n: float):\n    {statement}\n"
    return translate_source(text, rules=RULES)


@pytest.mark.parametrize(("before", "after"), [
    pytest.param("x.mul_(n)", "paddle.assign(x * n, x)", id="a name stands twice"),
    pytest.param("x.data.mul_(2)", "paddle.assign(x.data * 2, x.data)", id="and so does an attribute of one"),
    pytest.param("x[y > 0].mul_(n)", "multiply_into(x[y > 0], n)", id="an element is looked up once"),
    pytest.param("x.relu().add_(n, alpha=2)", "add_into(paddle.nn.functional.relu(x), n, 2)", id="a call runs once"),
    pytest.param("x[y > 0].sub_(1).neg_()", "subtract_into(x[y > 0], 1).neg_()", id="in a chain"),
    pytest.param("x.exp().sign_()", "apply_into(paddle.sign, x.exp())", id="a function of one tensor"),
    pytest.param("x[y > 0].mul_(y)", "x[y > 0].multiply_(y)", id="what takes the receiver once needs no helper"),
])  # fmt: skip
def test_translated(before: str, after: str) -> None:
    translation = translate(before)
    assert (translation.text.splitlines()[-1].strip(), translation.codes) == (after, [])


def test_the_helper_is_imported() -> None:
    translation = translate("x.exp().mul_(n)")
    assert translation.helpers == ("multiply_into",)
    assert "from paddle_helpers import multiply_into\n" in translation.text
    assert translate("x.mul_(n)").helpers == ()


@pytest.mark.parametrize("statement", [
    pytest.param("o = torch.optim.Adam([x], betas=pair())", id="keywords that are computed from one argument"),
    pytest.param("o = torch.diag_embed(make(x))", id="a rule without a helper for it"),
])  # fmt: skip
def test_left_alone(statement: str) -> None:
    translation = translate(statement)
    assert translation.text.splitlines()[-1].strip() == statement
    assert "T308" in translation.codes


@pytest.mark.parametrize("statement", [
    pytest.param("f = x.numel", id="a method that becomes an expression"),
    pytest.param("f = x.permute", id="a method that takes its arguments otherwise"),
])  # fmt: skip
def test_methods_as_values_are_left(statement: str) -> None:
    translation = translate(statement)
    assert (translation.text.splitlines()[-1].strip(), translation.codes) == (statement, ["T306"])
