"""Tensors of a class of the user's: on the same memory, and refused where gradients would be cut off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

paddle = pytest.importorskip("paddle", reason="paddle is not installed")


@pytest.fixture(scope="module")
def helpers(helper_file: Callable[[str], Any]) -> Any:
    return helper_file("tensor")


class Marked(paddle.Tensor):  # type: ignore[misc]
    """A tensor with something beside it."""

    format = "none"


def test_of_another_class(helpers: Any) -> None:
    x = paddle.ones([2])
    marked = helpers.as_subclass(x, Marked)
    marked.format = "xyxy"
    x[0] = 5.0
    assert (type(marked), marked.format, marked.tolist()) == (Marked, "xyxy", [5.0, 1.0])
    assert type(marked + 1) is paddle.Tensor
    plain = helpers.as_subclass(marked, paddle.Tensor)
    assert (type(plain), plain.tolist()) == (paddle.Tensor, [5.0, 1.0])
    assert helpers.as_subclass(marked, Marked) is marked


def test_a_tensor_that_takes_gradients_is_refused(helpers: Any) -> None:
    x = paddle.ones([2])
    x.stop_gradient = False
    with pytest.raises(NotImplementedError, match="Marked: detach it before"):
        helpers.as_subclass(x, Marked)
