"""One operation on each tensor of a list."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import paddle

Operand = paddle.Tensor | float
Operands = Sequence[Operand] | Operand


def foreach(
    function: Callable[..., paddle.Tensor], tensors: Sequence[paddle.Tensor], *others: Operands
) -> tuple[paddle.Tensor, ...]:
    """``function`` of each tensor, and of what stands at its place in each of ``others``.

    Args:
        others: lists or tensors of one axis as long as ``tensors``; a number or a tensor without axes goes with all.
    """
    return tuple(function(*parts) for parts in zip(tensors, *(_spread(o, len(tensors)) for o in others), strict=True))


def foreach_into(function: Callable[..., paddle.Tensor], tensors: Sequence[paddle.Tensor], *others: Operands) -> None:
    """Overwrite each tensor with what ``foreach`` gives for it."""
    for x, value in zip(tensors, foreach(function, tensors, *others), strict=True):
        paddle.assign(value.astype(x.dtype), x)


def _spread(other: Operands, count: int) -> Sequence[Operand]:
    if isinstance(other, paddle.Tensor):
        return [other[i] for i in range(count)] if other.ndim else [other] * count
    return other if isinstance(other, list | tuple) else [other] * count
