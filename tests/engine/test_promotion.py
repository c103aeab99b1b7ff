"""Tensors of two kinds that meet: brought to one type where both kinds are known, and nowhere else."""

from __future__ import annotations

import pytest

from translator.engine.translate import translate_source
from translator.ruleset.load import load_rules

RULES = load_rules()
HEADER = "import torch\nimport torch.nn.functional as F\n"
NAMES = "whole, part = torch.tensor([1, 2]), torch.tensor([0.5, 1.5])\nmask = part > 1\n"


def translated(code: str) -> tuple[str, list[str]]:
    result = translate_source(HEADER + NAMES + code + "\n", rules=RULES)
    return result.text, [code for code in result.codes if code != "T201"]


@pytest.mark.parametrize(("code", "after"), [
    pytest.param("whole + part", "whole.astype(part.dtype) + part", id="whole numbers and fractions"),
    pytest.param("part - whole", "part - whole.astype(part.dtype)", id="on the right"),
    pytest.param("mask * part", "mask.astype(part.dtype) * part", id="a mask"),
    pytest.param("mask * whole", "mask.astype(whole.dtype) * whole", id="a mask and whole numbers"),
    pytest.param("(part > 1) * part", "(part > 1).astype(part.dtype) * part", id="a comparison"),
    pytest.param("~mask * part", "(~mask).astype(part.dtype) * part", id="an inverted mask"),
    pytest.param("whole == part", "whole.astype(part.dtype) == part", id="compared"),
    pytest.param("whole.add(part)", "whole.astype(part.dtype) + part", id="the receiver of a method"),
    pytest.param("part.mul(mask)", "part * mask.astype(part.dtype)", id="an argument of a method"),
    pytest.param("torch.where(mask, whole, part)", "paddle.where(mask, whole.astype(part.dtype), part)",
                 id="arguments of a function"),
    pytest.param("torch.cat([whole, part, mask])",
                 "paddle.concat([whole.astype(part.dtype), part, mask.astype(part.dtype)])", id="elements of a list"),
    pytest.param("part += whole", "part += whole.astype(part.dtype)", id="an augmented assignment"),
    pytest.param("(part * 2) * mask", "of_one_type(paddle.multiply, part * 2, mask)", id="neither side is twice"),
    pytest.param("whole & 1", "of_one_type(paddle.bitwise_and, whole, 1)", id="bits and a number"),
    pytest.param("2 | whole", "of_one_type(paddle.bitwise_or, whole, 2)", id="a number and bits"),
    pytest.param("part * 2 > whole", "of_one_type(paddle.greater_than, part * 2, whole)", id="compared, once"),
    pytest.param("def f(x: torch.Tensor): return mask * x",
                 "def f(x: paddle.Tensor): return of_one_type(paddle.multiply, mask, x)",
                 id="a mask and an unknown kind"),
    pytest.param("def f(x: torch.Tensor): return x - whole",
                 "def f(x: paddle.Tensor): return of_one_type(paddle.subtract, x, whole)",
                 id="whole numbers and an unknown kind"),
    pytest.param("def _f(x: list[torch.Tensor]): return x[0] * part\n_f([whole, whole])",
                 "def _f(x: list[paddle.Tensor]): return x[0].astype(part.dtype) * part\n_f([whole, whole])",
                 id="a parameter that is given whole numbers"),
])  # fmt: skip
def test_converted(code: str, after: str) -> None:
    text, codes = translated(code)
    assert text.splitlines()[-len(after.splitlines()) :] == after.splitlines()
    assert codes == []


@pytest.mark.parametrize(("code", "after"), [
    pytest.param("whole * 2", "whole * 2", id="a number"),
    pytest.param("whole * 0.5", "whole * 0.5", id="a fraction"),
    pytest.param("part * part.sum()", "part * part.sum()", id="one kind"),
    pytest.param("part * part.double()", "part * part.astype(paddle.float64)", id="two widths of one kind"),
    pytest.param("def f(x: torch.Tensor): return part * x", "def f(x: paddle.Tensor): return part * x",
                 id="fractions and an unknown kind"),
    pytest.param("def f(x: torch.Tensor): return mask & x", "def f(x: paddle.Tensor): return mask & x",
                 id="bits of an unknown kind"),
    pytest.param("def f(x: torch.Tensor): return whole == x", "def f(x: paddle.Tensor): return whole == x",
                 id="compared with an unknown kind"),
    pytest.param("mask & (whole > 1)", "mask & (whole > 1)", id="two masks"),
    pytest.param("whole / whole", "whole / whole", id="divided"),
])  # fmt: skip
def test_left_alone(code: str, after: str) -> None:
    text, codes = translated(code)
    assert text.splitlines()[-1] == after
    assert codes == []


def test_flagged_where_it_would_be_evaluated_twice() -> None:
    assert translated("torch.where(mask, whole, part * 2)")[1] == ["T404"]


@pytest.mark.parametrize(("code", "dtype"), [
    pytest.param("torch.zeros(2)", "floating", id="the default type"),
    pytest.param("torch.zeros(2, dtype=torch.long)", "int64", id="a type that is given"),
    pytest.param("torch.zeros(2, dtype=unknown)", "", id="an unknown type that is given"),
    pytest.param("torch.full((2,), True)", "bool", id="the type of a value"),
    pytest.param("torch.arange(0, 1, 0.1)", "floating", id="the type of one of three values"),
    pytest.param("torch.tensor([[1, 2], [3, 4]])", "int64", id="the type of a list"),
    pytest.param("whole.sum()", "int64", id="a sum"),
    pytest.param("mask.sum()", "int64", id="a count"),
    pytest.param("whole / 2", "floating", id="a quotient"),
    pytest.param("whole.to('cpu')", "int64", id="moved"),
    pytest.param("whole.to(torch.float16)", "float16", id="converted"),
    pytest.param("whole.to(unknown)", "", id="moved or converted"),
    pytest.param("part.max(0)[1]", "int64", id="one of two results"),
    pytest.param("torch.nn.Linear(2, 2)(unknown)", "floating", id="a layer's result"),
    pytest.param("torch.cat([mask, whole])", "int64", id="of a list together"),
    pytest.param("whole[0]", "int64", id="an element"),
    pytest.param("whole if unknown else part", "", id="one or the other"),
])  # fmt: skip
def test_known_types(code: str, dtype: str) -> None:
    """An operand of another kind shows that one is known, and masks compared with it that none is."""
    kinds = {"floating": "torch.tensor([1, 2])", "int64": "torch.tensor([0.5])", "float16": "torch.tensor([1, 2])",
             "bool": "torch.tensor([1, 2])", "": "torch.tensor([True])"}  # fmt: skip
    operator = "*" if dtype else "=="
    text, _ = translated(f"value = {code}\nother = {kinds[dtype]}\nvalue {operator} other")
    assert (text.splitlines()[-1] != f"value {operator} other") == bool(dtype)
