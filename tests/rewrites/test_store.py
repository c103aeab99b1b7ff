"""Methods that write into a part of a tensor, as assignments to it."""

from __future__ import annotations

import pytest

from translator.core import Translation
from translator.engine.translate import translate_source
from translator.ruleset.load import load_rules

RULES = load_rules()


def translate(statement: str) -> Translation:
    head = "import torch\n\n\ndef f(x: torch.Tensor, y: torch.Tensor, n: int, k, xs: list[torch.Tensor]):\n"
    return translate_source(f"{head}    {statement}\n", rules=RULES)


@pytest.mark.parametrize(("before", "after"), [
    pytest.param("x[1:3].zero_()", "x[1:3] = 0", id="a slice"),
    pytest.param("x[n, : y.size(0)].copy_(y.t())", "x[n, : y.shape[0]] = y.t()", id="what is inside is translated"),
    pytest.param("x[..., 0].fill_(value=n + 1)", "x[..., 0] = n + 1", id="all axes; a keyword"),
    pytest.param("x[n][None, :2].zero_()  # why", "x[n, None, :2] = 0  # why", id="a part of a part; a comment"),
    pytest.param("x[0].zero_(); y[-1].zero_()", "x[0] = 0; y[-1] = 0", id="two in a line"),
])  # fmt: skip
def test_translated(before: str, after: str) -> None:
    translation = translate(before)
    assert (translation.text.splitlines()[-1].strip(), translation.codes) == (after, [])


@pytest.mark.parametrize(("before", "after"), [
    pytest.param("x[y > 0].zero_()", "x[y > 0].zero_()", id="a mask gives a copy"),
    pytest.param("x[k, 1:].zero_()", "x[k, 1:].zero_()", id="an index that may be a tensor"),
    pytest.param("xs[0].zero_()", "xs[0].zero_()", id="an element of a list"),
    pytest.param("z = x[1:].zero_()", "z = x[1:].zero_()", id="a value that is used"),
    pytest.param("x.zero_()", "x.zero_()", id="a whole tensor"),
])  # fmt: skip
def test_calls_that_stay(before: str, after: str) -> None:
    assert translate(before).text.splitlines()[-1].strip() == after


def test_what_is_only_taken_for_a_tensor_may_be_a_list() -> None:
    head = "import torch\n\n\nclass Net(torch.nn.Module):\n    def forward(self, x):\n"
    text = translate_source(f"{head}        x[0].zero_()\n        x[0, 1:].zero_()\n", rules=RULES).text
    assert text.splitlines()[-2:] == ["        x[0].zero_()", "        x[0, 1:] = 0"]
