"""Where a view of a parameter that the target lays out otherwise will do, in this function and in those it calls."""

from __future__ import annotations

import pytest

from translator.analysis.world import World
from translator.core import Translation
from translator.engine.translate import summarize_source, translate_source
from translator.ruleset.load import load_rules

RULES = load_rules()
HEAD = """\
import torch
import torch.nn as nn
import torch.nn.functional as F


def fill_(tensor: torch.Tensor, std):
    with torch.no_grad():
        tensor.normal_(std=std)
        return tensor.mul_(std)


def deep_(tensor: torch.Tensor):
    fan_in, fan_out = nn.init._calculate_fan_in_and_fan_out(tensor)
    return fill_(tensor, std=fan_in)


def attend(x: torch.Tensor, weight: torch.Tensor):
    return F.linear(x, weight)


def draw_(tensor: torch.Tensor):
    nn.init.xavier_uniform_(tensor)


def slope(tensor: torch.Tensor):
    return tensor.grad[0]


def kept(tensor: torch.Tensor):
    KEPT.append(tensor)


def f(fc: nn.Linear, x: torch.Tensor, w):
    """


def translate(statement: str, head: str = HEAD, world: World | None = None) -> Translation:
    return translate_source(f"{head}{statement}\n", rules=RULES, module="net.user", world=world)


@pytest.mark.parametrize(("before", "after"), [
    pytest.param("y = fc.weight[0]", "y = fc.weight.T[0]", id="an element"),
    pytest.param("y = x @ fc.weight.T", "y = x @ fc.weight.T.T", id="an operand"),
    pytest.param("n = fc.weight.shape[0]", "n = fc.weight.T.shape[0]", id="sizes"),
    pytest.param("fc.weight.data[:, 0] = 1", "fc.weight.data.T[:, 0] = 1", id="written by index"),
    pytest.param("fill_(fc.weight, std=2)", "fill_(fc.weight.T, std=2)", id="written by a function"),
    pytest.param("deep_(tensor=fc.weight)", "deep_(tensor=fc.weight.T)", id="by a function that it calls"),
    pytest.param("y = attend(x, fc.weight)", "y = attend(x, fc.weight.T)", id="read by a function"),
    pytest.param("y = torch.norm(fc.weight, dim=1)",
                 "y = paddle.norm(fc.weight.T, axis=1, p='fro')", id="an argument of the framework's"),
    pytest.param("y = F.linear(x, fc.weight)", "y = F.linear(x, fc.weight)", id="hidden by an overload"),
    pytest.param("nn.init.normal_(fc.weight)", "nn.init.normal_(fc.weight)", id="hidden by a rule"),
    pytest.param("fc.weight.grad.zero_()", "fc.weight.grad.detach().zero_()", id="the parameter's own gradient"),
])  # fmt: skip
def test_translated(before: str, after: str) -> None:
    translation = translate(before)
    assert "T309" not in translation.codes
    assert translation.text.splitlines()[-1].strip() == after


@pytest.mark.parametrize("statement", [
    pytest.param("fc.weight = w", id="another parameter"),
    pytest.param("y = fc.weight", id="a name for it"),
    pytest.param("y = [fc.weight]", id="a list of parameters"),
    pytest.param("return fc.weight", id="given to who knows whom"),
    pytest.param("kept(fc.weight)", id="a function that keeps it"),
    pytest.param("slope(fc.weight)", id="a function that asks for the gradient, which a view does not have"),
    pytest.param("nn.init.xavier_uniform_(fc.weight[1:])", id="an initialiser of a part"),
    pytest.param("unknown(fc.weight)", id="a function that is not in view"),
    pytest.param("draw_(fc.weight)", id="an initialiser replaces the memory"),
    pytest.param("y = isinstance(fc.weight, nn.Parameter)", id="its class"),
    pytest.param("fc.register_parameter('w', fc.weight)", id="a second name"),
    pytest.param("y = fill_(fc.weight, 2)", id="what a function gives back is it"),
])  # fmt: skip
def test_left_alone(statement: str) -> None:
    translation = translate(statement)
    assert "T309" in translation.codes
    assert statement.partition("fc.weight")[2] in translation.text.splitlines()[-1]
    assert "fc.weight.T" not in translation.text


def test_functions_of_other_modules_say_what_they_do_to_their_parameters() -> None:
    summary = summarize_source(f"{HEAD}pass\n", module="net.fills", rules=RULES)
    assert {name: f.views for name, f in summary.functions.items() if name != "f"} == {
        "fill_": (("tensor", True), ("std", False)), "deep_": (("tensor", True),), "draw_": (), "kept": (), "slope": (),
        "attend": (("x", False), ("weight", False)),
    }  # fmt: skip
    head = "import torch.nn as nn\nfrom net.fills import fill_, kept\ndef g(fc: nn.Linear):\n    "
    world = World({"net.fills": summary})
    assert translate("fill_(fc.weight, 2)", head, world).text.endswith("fill_(fc.weight.T, 2)\n")
    assert translate("kept(fc.weight)", head, world).codes == ["T309"]
