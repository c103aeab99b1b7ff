"""Writes into tensors: translated where another name sees them, left where none does, flagged where they get lost."""

from __future__ import annotations

import pytest

from translator.engine.translate import translate_source
from translator.ruleset.load import load_rules

RULES = load_rules()
HEADER = "import numpy as np\nimport torch\nfrom torch import nn\nimport torch.nn.functional as F\n"
LAYER = """
class Block(nn.Module):
    def __init__(self, act_layer=nn.ReLU):
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 3)
        self.act = nn.ReLU(inplace=True)
        self.positional = nn.ReLU(True)
        self.plain = nn.ReLU()
        self.chain = nn.Sequential(nn.ReLU(inplace=True), nn.Conv2d(3, 3, 3))
        self.behind = nn.Sequential(nn.Conv2d(3, 3, 3), nn.ReLU(inplace=True))

    def forward(self, x: torch.Tensor):
        {body}
"""


def translated(code: str) -> tuple[str, list[str]]:
    result = translate_source(HEADER + code, rules=RULES)
    return result.text, [code for code in result.codes if code != "T201"]


def function(body: str) -> str:
    lines = "".join(f"    {line}\n" for line in body.split("; "))
    return f"def f(x: torch.Tensor, other: torch.Tensor):\n{lines}"


@pytest.mark.parametrize(("body", "after"), [
    pytest.param("x += 1", "paddle.assign(x + 1, x)", id="a parameter, by a number"),
    pytest.param("x += other", "x.add_(other)", id="a parameter, by a tensor"),
    pytest.param("x -= other", "x.subtract_(other)", id="subtraction"),
    pytest.param("x *= other + 1", "x.multiply_(other + 1)", id="a sum as the factor"),
    pytest.param("x *= (other\n          + 1)", "x.multiply_(other\n          + 1)", id="a value over two lines"),
    pytest.param("x //= 2", "paddle.assign(paddle.floor_divide(x, 2), x)", id="whole division"),
    pytest.param("y = x * 2; z = y; z += 1; return y", "paddle.assign(z + 1, z)", id="a second name"),
    pytest.param("y = x * 2; v = y[0]; v += 1; return y", "paddle.assign(v + 1, v)", id="an element"),
    pytest.param("y = x * 2; v = y[:, 1:]; v += 1; return y", "paddle.assign(v + 1, v)", id="a slice"),
    pytest.param("y = x * 2; v = y.view(-1); v += 1; return y", "paddle.assign(v + 1, v)", id="a view"),
    pytest.param("y = x * 2; v = y.detach(); v += 1; return y", "paddle.assign(v + 1, v)", id="detached"),
    pytest.param("y = x * 2; v = torch.transpose(y, 0, 1); v += 1; return y", "paddle.assign(v + 1, v)",
                 id="a function that gives a view"),
    pytest.param("y = x * 2; a, b = y.unbind(0); a += 1; return y", "paddle.assign(a + 1, a)", id="one of the views"),
    pytest.param("y = x * 2; seen = [y]; y += 1; return seen", "paddle.assign(y + 1, y)", id="an element of a list"),
    pytest.param("y = x * 2; seen = []; seen.append(y); y += 1; return seen", "paddle.assign(y + 1, y)", id="appended"),
    pytest.param("z = x if x.ndim else other; z += 1", "paddle.assign(z + 1, z)", id="one of two"),
    pytest.param("for row in x:;     row += 1", "paddle.assign(row + 1, row)", id="rows of a tensor"),
    pytest.param("F.relu(x, inplace=True); return x", "copy_into(x, F.relu(x.clone()))", id="a function in place"),
    pytest.param("y = F.relu(x, inplace=True); return y + x", "y = copy_into(x, F.relu(x.clone()))",
                 id="a function in place whose input is read"),
])  # fmt: skip
def test_written_in_place(body: str, after: str) -> None:
    text, codes = translated(function(body))
    assert after in text
    assert codes == []


@pytest.mark.parametrize("body", [
    pytest.param("y = x * 2; y += 1; return y", id="made here"),
    pytest.param("identity = x; y = x * 2; y += identity; return y", id="a shortcut"),
    pytest.param("y = x * 2; v = y[0]; v += 1; return v", id="the base is not read again"),
    pytest.param("y = x * 2; z = y; z += 1; y = other; return y + z", id="the other name is bound anew"),
    pytest.param("y = x * 2; v = y[[0]]; v += 1; return y", id="a copy by a list"),
    pytest.param("y = x * 2; v = y[y > 0]; v += 1; return y", id="a copy by a mask"),
    pytest.param("y = x * 2; v = y.clone(); v += 1; return y", id="a clone"),
    pytest.param("x = x + 1; x += 1; return x", id="a parameter bound anew"),
    pytest.param("n = x.shape[0]; n += 1; return n", id="a number"),
    pytest.param("for i in range(3):;     old = x;     x = x * 2;     x += old", id="a new value in each turn"),
    pytest.param("a, b = torch.max(x * 2, dim=1); a += 1; return a, b", id="two results of one call"),
    pytest.param("a, b = (x * 2).chunk(2); a += 1; return a, b", id="two pieces"),
    pytest.param("x[0] += 1; x[1] = other[1]; return x", id="an assignment by index writes in both"),
    pytest.param("y = F.relu(x * 2, inplace=True); return y + x", id="in place on a new value"),
    pytest.param("x = F.relu(x, inplace=True); return x", id="in place, and the name gets the result"),
])  # fmt: skip
def test_nothing_sees_it(body: str) -> None:
    text, codes = translated(function(body))
    assert "_(" not in text
    assert "assign(" not in text
    assert "copy_into" not in text
    assert codes == []


@pytest.mark.parametrize(("body", "code"), [
    pytest.param("a, b = x.chunk(2); a += 1; return x", "T401", id="a piece, and the whole is read"),
    pytest.param("y = x.expand(2, 3); x += 1; return y", "T401", id="an expanded view is read"),
    pytest.param("a = x.numpy(); a[0] = 1; return x", "T401", id="through an array"),
    pytest.param("a = x.numpy(); a += 1; return x", "T401", id="an array as a whole"),
    pytest.param("a = x.numpy(); x.add_(1); return a", "T401", id="an array is read"),
    pytest.param("a = np.ones(2); t = torch.from_numpy(a); a[0] = 7; return t", "T401", id="a tensor of an array"),
    pytest.param("a = np.ones(2); t = torch.as_tensor(a); t[0] = 7; return a", "T401", id="an array behind a tensor"),
    pytest.param("y = F.relu(x[0], inplace=True); return y + x", "T402", id="in place on a view"),
])  # fmt: skip
def test_flagged(body: str, code: str) -> None:
    assert translated(function(body))[1] == [code]


@pytest.mark.parametrize(("body", "after"), [
    pytest.param("y = self.act(x); return y + x", "copy_into(x, self.act(x.clone()))", id="the input is read"),
    pytest.param("y = self.positional(x); return y + x", "copy_into(x, self.positional(x.clone()))", id="by position"),
    pytest.param("y = self.chain(x); return y + x", "copy_into(x, self.chain(x.clone()))", id="first of a chain"),
    pytest.param("x = self.conv(x); keep = x; y = self.act(x); return y + keep", "copy_into(x, self.act(x.clone()))",
                 id="another name is read"),
    pytest.param("x = self.conv(x); return x + self.act(x)", "x + copy_into(x, self.act(x.clone()))",
                 id="the input is read before, and added after"),
    pytest.param("x = self.conv(x); seen = [x]; x = self.act(x); return seen", "copy_into(x, self.act(x.clone()))",
                 id="a list has the input"),
    pytest.param("y = self.plain(x); return y + x", "y = self.plain(x)", id="not in place"),
    pytest.param("y = self.behind(x); return y + x", "y = self.behind(x)", id="in place behind another layer"),
    pytest.param("x = self.act(x); return x", "x = self.act(x)", id="the name gets the result"),
    pytest.param("y = self.conv(x); y = self.act(y); y += x; return y", "y = self.act(y)", id="a residual block"),
])  # fmt: skip
def test_layers_in_place(body: str, after: str) -> None:
    text, codes = translated(LAYER.format(body="\n        ".join(body.split("; "))))
    assert after in text
    assert ("copy_into" in text) == ("copy_into" in after)
    assert codes == []


def test_a_parameter_that_may_be_a_number_is_left_alone() -> None:
    source = "class Net(nn.Module):\n    def forward(self, x, depth):\n        depth += 1\n        return x\n"
    assert "        depth += 1\n" in translated(source)[0]


CALLER = (
    LAYER
    + """
class Outer(nn.Module):
    def __init__(self):
        super().__init__()
        self.block = Block()

    def forward(self, x: torch.Tensor):
        y = x * 2
        z = self.block(y)
        return {result}
"""
)


@pytest.mark.parametrize(("result", "after"), [
    pytest.param("z + y", "return copy_into(x, self.act(x.clone()))", id="the caller reads its argument later"),
    pytest.param("z", "return self.act(x)", id="the caller does not"),
])  # fmt: skip
def test_layers_in_place_on_an_argument(result: str, after: str) -> None:
    text, codes = translated(CALLER.format(body="return self.act(x)", result=result))
    assert after in text
    assert codes == []
