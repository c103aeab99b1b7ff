"""Parts of a tensor that are written into, as assignments of what is computed from a copy."""

from __future__ import annotations

import pytest

from translator.core import Translation
from translator.engine.translate import translate_source
from translator.ruleset.load import load_rules

RULES = load_rules()


def translate(statement: str) -> Translation:
    head = "import torch\n\n\ndef f(x: torch.Tensor, y: torch.Tensor, n: int, k, xs: list[torch.Tensor], m=0, **o):\n"
    return translate_source(f"{head}    {statement}\n", rules=RULES)


def result(translation: Translation) -> str:
    return translation.text.partition("**o):\n    ")[2].rstrip("\r\n")


@pytest.mark.parametrize(("before", "after"), [
    pytest.param("x[..., 0] *= y", "x[..., 0] = x[..., 0].clone() * y", id="a tensor"),
    pytest.param("x[1:, None] /= y.t()", "x[1:, None] = x[1:, None].clone() / y.t()", id="a call"),
    pytest.param("x[0] *= y + 1  # why", "x[0] = x[0].clone() * (y + 1)  # why", id="a sum; a comment"),
    pytest.param("x[0] *= (y + 1)", "x[0] = x[0].clone() * (y + 1)", id="parentheses of the author's"),
    pytest.param("x[0] %= 2", "x[0] = x[0].clone() % 2", id="a number whose gradient needs the part, too"),
    pytest.param("x[0] **= -n", "x[0] = x[0].clone() ** (-n)", id="a sign"),
    pytest.param(
        "x[n, : y.size(0)] *= y.view(-1)",
        "x[n, : y.shape[0]] = x[n, : y.shape[0]].clone() * y.reshape([-1])",
        id="what is inside is translated, on both sides",
    ),
    pytest.param("x[k] *= y", "x[k] = x[k].clone() * y", id="an index of any kind"),
    pytest.param("xs[0][1:] *= y", "xs[0][1:] = xs[0][1:].clone() * y", id="of an element of a list"),
    pytest.param("x[0] *= y; x[1] /= y", "x[0] = x[0].clone() * y; x[1] = x[1].clone() / y", id="two in a line"),
    pytest.param(
        "x[0] *= (  # one\n        y.view(-1)  # two\n        + 1\n    )",
        "x[0] = x[0].clone() * (  # one\n        y.reshape([-1])  # two\n        + 1\n    )",
        id="lines and comments",
    ),
    pytest.param("x[0] \\\n        *= y", "x[0] \\\n        = x[0].clone() * y", id="a line that goes on"),
    pytest.param("(x[0]  # why\n    ) *= y", "(x[0]  # why\n    ) = x[0].clone() * y", id="a target in parentheses"),
    pytest.param("x.grad[0] *= y", "x.grad.detach()[0] = x.grad.detach()[0].clone() * y", id="of a gradient"),
])  # fmt: skip
def test_operators(before: str, after: str) -> None:
    translation = translate(before)
    assert (result(translation), translation.codes) == (after, [])


@pytest.mark.parametrize("line", [
    pytest.param("x[0] += y", id="a sum needs nothing"),
    pytest.param("x[0] *= 2", id="by a number"),
    pytest.param("x[0] /= n", id="by what is known to be a number"),
    pytest.param("x[y > 0] *= y", id="a mask gives a copy"),
    pytest.param("x[[0, 1]] *= y", id="a list gives a copy"),
    pytest.param("xs[0] *= y", id="an element of a list"),
    pytest.param("k[1:] *= y", id="what may be an array"),
])  # fmt: skip
def test_operators_that_stay(line: str) -> None:
    translation = translate(line)
    assert (result(translation), translation.codes) == (line, [])


@pytest.mark.parametrize("line", [
    pytest.param("x[f(n)] *= y", id="a call would be made twice"),
    pytest.param("x[0] *= (n := 2.0) * y", id="a name that is bound between the two"),
    pytest.param("x[1:][0] *= y", id="a part of a part"),
])  # fmt: skip
def test_operators_that_cannot_be_written(line: str) -> None:
    translation = translate(line)
    assert (result(translation), translation.codes) == (line, ["T401"])


@pytest.mark.parametrize(("before", "after"), [
    pytest.param("x[0][1:] = y", "x[0, 1:] = y", id="a slice"),
    pytest.param("x[0][1][n] = 2  # why", "x[0, 1, n] = 2  # why", id="a part of a part of a part; a comment"),
    pytest.param("x[0][1:] += y", "x[0, 1:] += y", id="an operator that overwrites nothing"),
    pytest.param("x[n][..., 0], k = y, 3", "x[n, ..., 0], k = y, 3", id="one of two targets"),
    pytest.param("x[0][y.size(0)] = 2", "x[0, y.shape[0]] = 2", id="what is inside is translated"),
    pytest.param("x[0][y > 0] = 2", "x[0, y > 0] = 2", id="a mask"),
    pytest.param("x[0][[0, 2]] = 2", "x[0, [0, 2]] = 2", id="a list"),
    pytest.param("x[0][(1, 2)] = 2", "x[0, 1, 2] = 2", id="a tuple"),
    pytest.param("(x[0])[-1] = 2", "x[0, -1] = 2", id="parentheses"),
    pytest.param("for i in range(2): x[i][1] = 2", "for i in range(2): x[i, 1] = 2", id="a number that counts"),
])  # fmt: skip
def test_targets(before: str, after: str) -> None:
    translation = translate(before)
    assert (result(translation), translation.codes) == (after, [])


@pytest.mark.parametrize(("line", "codes"), [
    pytest.param("x[1:][0] = y", ["T401"], id="a number in a slice"),
    pytest.param("x[k][0] = y", ["T401"], id="an index of any kind"),
    pytest.param("x[0][k] = y", ["T401"], id="what may be a tuple"),
    pytest.param("x[m][0] = y", ["T401"], id="what is a number by its default only"),
    pytest.param("x[y > 0][0] = y", [], id="a mask gives a copy"),
    pytest.param("xs[0][1:] = y", [], id="of an element of a list"),
    pytest.param("k[0][1:] = y", [], id="what may be a list"),
    pytest.param("x[0] = y", [], id="a part of a tensor"),
])  # fmt: skip
def test_targets_that_stay(line: str, codes: list[str]) -> None:
    translation = translate(line)
    assert (result(translation), translation.codes) == (line, codes)


@pytest.mark.parametrize(("before", "after", "codes"), [
    pytest.param("x[0][1:].zero_()", "x[0, 1:] = 0", [], id="at once"),
    pytest.param("x[1:][0].zero_()", "x[1:][0] = 0", ["T401"], id="a number in a slice"),
    pytest.param("x[m][0].zero_()", "x[m][0] = 0", ["T401"], id="what is a number by its default only"),
])  # fmt: skip
def test_methods_that_are_assignments(before: str, after: str, codes: list[str]) -> None:
    translation = translate(before)
    assert (result(translation), translation.codes) == (after, codes)


def test_line_ends_are_kept() -> None:
    head = "import torch\r\ndef f(x: torch.Tensor, y: torch.Tensor):\r\n"
    text = f"{head}    x[0] *= (\r\n        y\r\n        + 1\r\n    )\r\n"
    made = translate_source(text, rules=RULES).text
    assert made.replace("\r\n", "").count("\n") == 0
    assert "    x[0] = x[0].clone() * (\r\n        y\r\n" in made


@pytest.mark.parametrize(("before", "after"), [
    pytest.param("x[0].exp_()", "x[0] = x[0].clone().exp()", id="no argument"),
    pytest.param("x[0].mul_(y + 1)  # why", "x[0] = x[0].clone() * (y + 1)  # why", id="an expression; a comment"),
    pytest.param("x[0, n].clamp_(1)", "x[0, n] = x[0, n].clone().clip(1)", id="another name"),
    pytest.param("x[0].add_(y, alpha=2)", "x[0] = x[0].clone() + 2 * y", id="an overload"),
    pytest.param("x[0].relu_()", "x[0] = paddle.nn.functional.relu(x[0].clone())", id="a function"),
    pytest.param("x[0][1:].mul_(y)", "x[0, 1:] = x[0, 1:].clone() * y", id="a part of a part, at once"),
    pytest.param("x[: y.size(0)].abs_()", "x[: y.shape[0]] = x[: y.shape[0]].clone().abs()", id="on both sides"),
    pytest.param(
        "x[0].mul_(\n        y  # one\n        + 1,\n    )",
        "x[0] = (x[0].clone() * (y  # one\n        + 1))",
        id="lines and comments",
    ),
    pytest.param("x[0].copy_(\n        y +\n        1\n    )", "x[0] = (y +\n        1)", id="a copy of more lines"),
    pytest.param("x.grad[0].neg_()", "x.grad.detach()[0] = x.grad.detach()[0].clone().neg()", id="of a gradient"),
])  # fmt: skip
def test_methods(before: str, after: str) -> None:
    translation = translate(before)
    assert (result(translation), translation.codes) == (after, [])


@pytest.mark.parametrize(("before", "after", "codes"), [
    pytest.param("x[0].normal_()", "x[0].normal_()", [], id="nothing of that name that does not write"),
    pytest.param("x[0].bernoulli_()", "x[0].bernoulli_()", [], id="other parameters than the one that does not write"),
    pytest.param("x[0].unsqueeze_(0)", "x[0].unsqueeze_(0)", [], id="a view is not written"),
    pytest.param("x[0].requires_grad_()", "x[0].requires_grad_()", [], id="nothing is written"),
    pytest.param("x[y > 0].exp_()", "x[y > 0].exp_()", [], id="a mask gives a copy"),
    pytest.param("xs[0].exp_()", "xs[0].exp_()", [], id="an element of a list"),
    pytest.param("x[k].exp_()", "x[k].exp_()", ["T401"], id="an index of any kind: its copy is not written back"),
    pytest.param("z = x[0].exp_()", "z = x[0].exp_()", ["T401"], id="a value that is used"),
    pytest.param("x[1:][0].exp_()", "x[1:][0].exp_()", ["T401"], id="a part of a part"),
    pytest.param("(x[0].exp_())", "(x[0].exp_())", ["T401"], id="in parentheses"),
    pytest.param("x[0].exp_().neg_()", "x[0].exp_().neg_()", ["T401"], id="a chain"),
])  # fmt: skip
def test_methods_that_stay(before: str, after: str, codes: list[str]) -> None:
    translation = translate(before)
    assert (result(translation), translation.codes) == (after, codes)
