"""Parameters of methods that a base class of the framework calls, and what calling such a class's member gives."""

from __future__ import annotations

from textwrap import dedent

import pytest

from translator.engine.translate import translate_source

FUNCTION = """\
import torch
class Twice(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return {forward}
    @staticmethod
    def backward(ctx, grad):
        return {backward}
"""


def translated(source: str) -> tuple[str, list[str]]:
    translation = translate_source(source)
    return translation.text, [code for code in translation.codes if code != "T201"]


def test_the_methods_parameters_are_tensors() -> None:
    text, codes = translated(FUNCTION.format(forward="x.sum(1)", backward="grad.expand(2, 3)"))
    assert "grad.expand([2, 3])" in text
    assert codes == []


@pytest.mark.parametrize(
    "call",
    [
        pytest.param("Twice.apply(y).size(0)", id="called on the class"),
        pytest.param("(Twice.apply)(y).size(0)", id="in parentheses"),
        pytest.param("apply(y).size(0)", id="under a name of its own"),
    ],
)
def test_applying_gives_what_forward_gives(call: str) -> None:
    text, codes = translated(
        FUNCTION.format(forward="x * 2", backward="grad * 2") + f"apply = Twice.apply\nn = {call}\n"
    )
    assert text.endswith(f"n = {call.replace('size(0)', 'shape[0]')}\n")
    assert codes == []


def test_a_parameter_with_a_default_is_no_tensor() -> None:
    source = FUNCTION.format(forward="k.max(0)", backward="grad").replace("(ctx, x)", "(ctx, x, k=None)")
    assert translated(source)[1] == ["T301"]


def test_a_method_that_nothing_calls_is_told() -> None:
    source = dedent("""\
        import torch.nn as nn
        class Net(nn.Module):
            def get_extra_state(self):
                return {}
        class Plain:
            def get_extra_state(self):
                return {}
        """)
    translation = translate_source(source)
    assert [(d.code, d.position.line) for d in translation.diagnostics] == [("T305", 3)]
    assert "def get_extra_state" in translation.text
