"""A parameter that the target stores transposed: turned over where it is read and written, else left."""

from __future__ import annotations

import pytest

from translator.engine.translate import translate_source

HEADER = "import torch\nimport torch.nn as nn\nfc, new = nn.Linear(3, 5), nn.Linear(3, 5)\nconv = nn.Conv2d(1, 1, 1)\n"


def translated(line: str) -> tuple[str, list[str]]:
    translation = translate_source(f"{HEADER}{line}\n")
    return translation.text.splitlines()[-1], [code for code in translation.codes if code != "T201"]


@pytest.mark.parametrize(("before", "after"), [
    pytest.param("a = fc.weight[0]", "a = fc.weight.T[0]", id="an element is read"),
    pytest.param("a = fc.weight.size(0)", "a = fc.weight.T.shape[0]", id="a size"),
    pytest.param("a = x @ fc.weight.t()", "a = x @ fc.weight.T.t()", id="a product"),
    pytest.param("a = fc.weight * 2", "a = fc.weight.T * 2", id="arithmetic"),
    pytest.param("a = fc.weight.grad[0]", "a = fc.weight.grad.T[0]", id="behind what keeps the layout"),
    pytest.param("a = torch.cat([fc.weight, x], 0)", "a = paddle.concat([fc.weight.T, x], 0)", id="in a list"),
    pytest.param("new.weight.data = fc.weight.data[1:]", "new.weight.data = fc.weight.data.T[1:].T",
                 id="read and written"),
    pytest.param("new.weight.data = x + 1", "new.weight.data = (x + 1).T", id="a value that is no atom"),
    pytest.param("new.weight = nn.Parameter(x)", "new.weight = nn.Parameter(x.T)", id="a new parameter"),
    pytest.param("new.weight = fc.weight", "new.weight = fc.weight", id="both are stored alike"),
    pytest.param("new.weight.data = fc.weight.data", "new.weight.data = fc.weight.data", id="and so are their data"),
    pytest.param("fc.weight.data.mul_(2)", "paddle.assign(fc.weight.data * 2, fc.weight.data)", id="a number"),
    pytest.param("fc.weight[0] = 1.0", "fc.weight.T[0] = 1.0", id="an element is written"),
    pytest.param("fc.weight[0].fill_(1.0)", "fc.weight.T[0] = 1.0", id="a part is written"),
    pytest.param("fc.weight.data.mul_(y)", "paddle.assign(fc.weight.data.T * y, fc.weight.data.T)",
                 id="a factor along axes"),
    pytest.param("o = torch.optim.SGD([{'params': fc.weight}], lr=1.0)",
                 "o = paddle.optimizer.SGD(parameters=parameter_groups([{'params': fc.weight}], 1.0), "
                 "learning_rate=1.0)",
                 id="where the layout does not matter"),
    pytest.param("conv.weight.data = x[0]", "conv.weight.data = x[0]", id="a layer that is stored as in the source"),
])  # fmt: skip
def test_turned(before: str, after: str) -> None:
    assert translated(before) == (after, [])


@pytest.mark.parametrize("line", [
    pytest.param("fc.weight *= 2", id="an augmented assignment"),
    pytest.param("w = fc.weight", id="under another name"),
    pytest.param("use(fc.weight)", id="a function of the user's"),
    pytest.param("nn.init.zeros_(fc.weight[1:])", id="a function that writes"),
    pytest.param("fc.weight = conv.weight", id="shared with what is stored otherwise"),
    pytest.param("print(fc.weight)", id="shown"),
])  # fmt: skip
def test_left(line: str) -> None:
    text, codes = translated(line)
    assert codes == ["T309"]
    assert "weight" in text
    assert ".T" not in text
