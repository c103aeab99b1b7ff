"""Flags of the source framework that programs set, and arguments that decide how a call is made."""

from __future__ import annotations

import pytest

from translator.engine.translate import translate_source

B = "torch.backends.cudnn"


def translated(source: str) -> tuple[str, list[str]]:
    translation = translate_source(source)
    return translation.text, translation.codes


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(f"{B}.benchmark = flag\n", "search_fastest(flag)\n", id="becomes a call"),
        pytest.param(
            f"b = 1\n{B}.benchmark = (\n    a or b  # why\n)\n",
            "b = 1\n# why\nsearch_fastest(a or b)\n",
            id="parentheses",
        ),
        pytest.param(f"{B}.enabled = flag  # why\n", "# why\n", id="is taken out, its comment stays"),
        pytest.param(f"if a:\n    {B}.enabled = True\n", "if a:\n    pass\n", id="no block is left empty"),
        pytest.param(f"a = {B}.benchmark\n", "a = is_searching_fastest()\n", id="read"),
        pytest.param(f"{B}.allow_tf32 = True\n", "", id="by the value"),
    ],
)
def test_flags(before: str, after: str) -> None:
    text, codes = translated(f"import torch\n{before}")
    imports = "".join(
        f"from paddle_helpers import {n}\n" for n in ("search_fastest", "is_searching_fastest") if n in text
    )
    assert text == f"{imports}{after}"
    assert codes == []


@pytest.mark.parametrize(
    ("source", "code"),
    [
        pytest.param(f"{B}.allow_tf32 = False\n", "T305", id="another value has no counterpart"),
        pytest.param(f"{B}.allow_tf32 = flag\n", "T305", id="nor has an unknown one"),
        pytest.param(f"{B}.enabled = make()\n", "T311", id="what the value does is not lost"),
        pytest.param(f"a = {B}.benchmark = True\n", "T311", id="together with something else"),
        pytest.param(f"{B}.benchmark, a = True, 1\n", "T311", id="in a tuple"),
        pytest.param(f"a = {B}.allow_tf32\n", "T306", id="read without a counterpart"),
    ],
)
def test_left(source: str, code: str) -> None:
    text, codes = translated(f"import torch\n{source}")
    assert codes == [code]
    assert source in text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("torch.randn(2, generator=g)", "drawn_from(g, lambda: paddle.randn([2]))", id="given"),
        pytest.param("torch.randn(2, generator=None)", "paddle.randn([2])", id="none given"),
        pytest.param("x.normal_(generator=g)", "drawn_from(g, lambda: x.normal_())", id="a method"),
    ],
)
def test_a_helper_makes_the_call(before: str, after: str) -> None:
    text, _ = translated(f"import torch\ng = make()\nx = torch.ones(2)\ny = {before}\n")
    assert text.endswith(f"y = {after}\n")
