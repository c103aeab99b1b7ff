"""Cutting tensors."""

from __future__ import annotations

import paddle


def split(x: paddle.Tensor, size: int, axis: int) -> list[paddle.Tensor]:
    """Pieces of ``size`` along ``axis``; the last one may be smaller."""
    return [x[i : i + size] for i in range(0, _length(x, axis), size)]


def _length(x: paddle.Tensor, axis: int) -> int:
    return int(x.shape[axis])
