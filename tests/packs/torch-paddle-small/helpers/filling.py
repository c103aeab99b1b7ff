"""Filling parameters."""

from __future__ import annotations

import math

import paddle


def zeros_(x: paddle.Tensor) -> paddle.Tensor:
    """``x`` filled with zeros."""
    x.set_value(paddle.full(x.shape, math.floor(0.5)))
    return x
