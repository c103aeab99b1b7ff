"""Initialisers as expressions."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import paddle


def initialized(
    initialize: Callable[..., None], tensor: paddle.Tensor, *arguments: Any, **keywords: Any
) -> paddle.Tensor:
    """Run one of ``paddle.nn.init``'s functions, which give nothing back, and give the tensor back."""
    initialize(tensor, *arguments, **keywords)
    return tensor


def fan_in_and_fan_out(tensor: paddle.Tensor) -> tuple[int, int]:
    """Inputs and outputs of a weight of shape (outputs, inputs, kernel...), each times the kernel's size.

    Raises:
        ValueError: fewer than two axes.
    """
    if tensor.ndim < 2:
        raise ValueError("Fan in and fan out can not be computed for tensor with fewer than 2 dimensions")
    kernel = math.prod(tensor.shape[2:])
    return tensor.shape[1] * kernel, tensor.shape[0] * kernel
