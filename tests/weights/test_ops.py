from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from translator.core import CheckpointError, RuleError
from translator.weights.ops import parse_operation


@pytest.mark.parametrize(
    ("text", "names", "shapes"),
    [
        pytest.param("identity", ("weight",), [(6, 4)], id="identity"),
        pytest.param("transpose", ("weight",), [(4, 6)], id="transpose"),
        pytest.param("rename _mean", ("_mean",), [(6, 4)], id="rename"),
        pytest.param("drop", (), [], id="drop"),
        pytest.param("split a b c", ("a", "b", "c"), [(2, 4)] * 3, id="split"),
        pytest.param("flatten", ("weight",), [(24,)], id="flatten"),
        pytest.param("transpose, rename head.weight", ("head.weight",), [(4, 6)], id="two words"),
        pytest.param("split a b, transpose", ("a", "b"), [(4, 3)] * 2, id="every part is transposed"),
    ],
)
def test_what_it_makes(text: str, names: tuple[str, ...], shapes: list[tuple[int, ...]]) -> None:
    operation = parse_operation(text)
    assert operation.names("weight") == names
    assert operation.shapes((6, 4)) == shapes


@given(
    st.sampled_from(
        ["identity", "transpose", "rename x", "flatten", "split a b", "split a b, transpose", "transpose, flatten"]
    ),
    st.integers(1, 4),
    st.integers(1, 5),
)
def test_undo_gives_the_bits_back(text: str, half: int, columns: int) -> None:
    operation = parse_operation(text)
    array = np.random.default_rng(half * columns).integers(0, 2**16, (2 * half, columns)).astype(np.uint16)
    assert np.array_equal(operation.undo(operation.apply(array), array.shape), array)


@pytest.mark.parametrize(
    "text",
    ["", "transposed", "rename", "rename a b", "split a", "transpose x", "drop, rename a", "split a b, rename c"],
)
def test_refused_with_the_place_of_the_rule(text: str) -> None:
    with pytest.raises(RuleError, match=r"^my\.yaml:3: "):
        parse_operation(text, "my.yaml:3")


@pytest.mark.parametrize(("text", "shape"), [("transpose", (3,)), ("split a b", (3, 2))])
def test_a_tensor_that_does_not_suit(text: str, shape: tuple[int, ...]) -> None:
    with pytest.raises(CheckpointError):
        parse_operation(text).apply(np.zeros(shape))
