"""Methods taken from their class."""

from __future__ import annotations

import pytest

from tests.conftest import Translate


@pytest.mark.parametrize(("before", "after"), [
    pytest.param("class A(nn.Module):\n    def __init__(self):\n        nn.Module.__init__(self)\n",
                 "class A(nn.Layer):\n    def __init__(self):\n        nn.Layer.__init__(self)\n"
                 "", id="a constructor by its class"),
    pytest.param("nn.Module.modules(m)\n", "nn.Layer.sublayers(m)\n", id="a call that only changes its name"),
    pytest.param("f(nn.Module.modules)\n", "f(nn.Layer.sublayers)\n", id="a method as a value"),
])  # fmt: skip
def test_translated(before: str, after: str, translate: Translate) -> None:
    translation = translate(f"import torch.nn as nn\n{before}")
    assert (translation.text, translation.codes) == (f"import paddle.nn as nn\n{after}", [])


@pytest.mark.parametrize("source", [
    pytest.param("torch.Tensor.view(x, 3)", id="sizes would become a list"), pytest.param("torch.Tensor.size(x, 0)",
                 id="an expression"),
    pytest.param("torch.Tensor.permute",
                 id="a value whose arguments change"), pytest.param("torch.Tensor.mean(x, dim=1)",
                 id="a renamed keyword"),
    pytest.param("torch.nn.Linear.__init__(self, 3, 4)",
                 id="a method of a base by another class"), pytest.param("torch.Tensor.mean(*x)", id="starred"),
    pytest.param("torch.Tensor.split(x, 2)", id="a helper"), pytest.param("torch.Tensor.data", id="an attribute"),
])  # fmt: skip
def test_left_alone(source: str, translate: Translate) -> None:
    translation = translate(f"import torch\ny = {source}\n")
    assert (translation.text, translation.codes) == (f"import torch\ny = {source}\n", ["T306"])
