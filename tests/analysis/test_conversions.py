"""``float(x)``, ``int(x)``, ``bool(x)``: of what is a tensor for sure; of everything else they are Python's."""

from __future__ import annotations

import pytest

from translator.engine.translate import translate_source


@pytest.mark.parametrize(("before", "after"), [
    pytest.param("float(x)", "float(x.item())", id="a tensor"),
    pytest.param("int(x.sum())", "int(x.sum().item())", id="a result"),
    pytest.param("bool(x > 2)", "bool((x > 2).item())", id="a comparison"),
    pytest.param("float(x.item())", "float(x.item())", id="a number"),
    pytest.param("float(y)", "float(y)", id="what is not known"),
    pytest.param("float(x.shape[0])", "float(x.shape[0])", id="a size"),
    pytest.param("float()", "float()", id="nothing"),
    pytest.param("str(x)", "str(x)", id="a conversion without a rule"),
])  # fmt: skip
def test_conversions(before: str, after: str) -> None:
    text = translate_source(f"import torch\ndef f(x: torch.Tensor, y):\n    return {before}\n").text
    assert text.splitlines()[-1].strip() == f"return {after}"


def test_an_assumed_tensor_may_be_a_number() -> None:
    source = "import torch.nn as nn\nclass N(nn.Module):\n    def forward(self, x, k):\n        return x * float(k)\n"
    assert "float(k)" in translate_source(source).text


@pytest.mark.parametrize(("before", "after"), [
    pytest.param("x | 1", "of_one_type(paddle.bitwise_or, x, 1)", id="a tensor and a number"),
    pytest.param("1 & x", "of_one_type(paddle.bitwise_and, x, 1)", id="the number first"),
    pytest.param("x << 2", "of_one_type(paddle.bitwise_left_shift, x, 2)", id="a shift"),
    pytest.param("x & (x > 1)", "x & (x > 1)", id="two tensors"),
    pytest.param("y | 1", "y | 1", id="what is not known"),
    pytest.param("2 in x", "bool((x == 2).any())", id="an element"),
    pytest.param("2 in y", "2 in y", id="of what is not known"),
    pytest.param("pow(y, 2)", "pow(y, 2)", id="a function that is no conversion"),
])  # fmt: skip
def test_operators_that_want_tensors(before: str, after: str) -> None:
    text = translate_source(f"import torch\ndef f(x: torch.Tensor, y):\n    return {before}\n").text
    assert text.splitlines()[-1].strip() == f"return {after}"
