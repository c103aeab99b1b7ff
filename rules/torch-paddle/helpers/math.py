"""Arithmetic that rounds towards zero."""

import paddle


def divide_truncated(x, other):
    """``x / other`` rounded towards zero, element by element.

    Args:
        x: tensor of any shape.
        other: number, or tensor that broadcasts with ``x``.

    Returns:
        Tensor of the broadcast shape; integers stay integers.
    """
    quotient = paddle.floor_divide(x, other)
    is_inexact = quotient * other != x
    return quotient + paddle.logical_and(quotient < 0, is_inexact).astype(quotient.dtype)


def divide_rounded(x, other, rounding_mode=None):
    """``x / other``, rounded down (``floor``), towards zero (``trunc``) or not (None)."""
    if rounding_mode is None:
        return x / other
    return paddle.floor_divide(x, other) if rounding_mode == "floor" else divide_truncated(x, other)


def remainder_truncated(x, other):
    """What is left of ``x`` after division by ``other`` rounded towards zero; it has the sign of ``x``.

    Args:
        x: tensor of any shape.
        other: number, or tensor that broadcasts with ``x``.

    Returns:
        Tensor of the broadcast shape and the type of ``x``.
    """
    return x - divide_truncated(x, other) * other


def of_one_type(operation, x, y):
    """``operation`` of two tensors that are brought to one type first: truth values and whole numbers give way.

    Args:
        operation: a function of two tensors.
        x: tensor; ``y`` another one that broadcasts with it, or a number.
    """
    if not isinstance(y, paddle.Tensor):
        return operation(x, paddle.to_tensor(y, dtype=x.dtype if isinstance(y, int) else None))
    kinds = [
        0 if one.dtype == paddle.bool else 1 if one.is_integer() else 2 if one.is_floating_point() else 3
        for one in (x, y)
    ]
    if kinds[0] < kinds[1]:
        x = x.astype(y.dtype)
    elif kinds[0] > kinds[1]:
        y = y.astype(x.dtype)
    return operation(x, y)
