"""Arithmetic that overwrites a tensor, where the tensor is an expression that must be evaluated once."""

from __future__ import annotations

from collections.abc import Callable

import paddle

Operand = paddle.Tensor | float


def apply_into(function: Callable[[paddle.Tensor], paddle.Tensor], x: paddle.Tensor) -> paddle.Tensor:
    """Overwrite ``x`` with ``function(x)``, and give ``x`` back."""
    return paddle.assign(function(x), x)


def add_into(x: paddle.Tensor, other: Operand, alpha: float = 1) -> paddle.Tensor:
    """Overwrite ``x`` with ``x + alpha * other``, and give ``x`` back."""
    return paddle.assign(x + (other if alpha == 1 else alpha * other), x)


def subtract_into(x: paddle.Tensor, other: Operand, alpha: float = 1) -> paddle.Tensor:
    """Overwrite ``x`` with ``x - alpha * other``, and give ``x`` back."""
    return paddle.assign(x - (other if alpha == 1 else alpha * other), x)


def multiply_into(x: paddle.Tensor, other: Operand) -> paddle.Tensor:
    """Overwrite ``x`` with ``x * other``, and give ``x`` back."""
    return paddle.assign(x * other, x)


def divide_into(x: paddle.Tensor, other: Operand, rounding_mode: str | None = None) -> paddle.Tensor:
    """Overwrite ``x`` with ``x / other``, and give ``x`` back.

    Args:
        rounding_mode: ``floor`` rounds down, ``trunc`` towards zero, None does not.
    """
    quotient = paddle.floor_divide(x, other) if rounding_mode == "floor" else x / other
    return paddle.assign(quotient.trunc() if rounding_mode == "trunc" else quotient, x)


def floor_divide_into(x: paddle.Tensor, other: Operand) -> paddle.Tensor:
    """Overwrite ``x`` with ``x // other``, and give ``x`` back."""
    return paddle.assign(paddle.floor_divide(x, other), x)


def remainder_into(x: paddle.Tensor, other: Operand) -> paddle.Tensor:
    """Overwrite ``x`` with ``x % other``, whose sign is that of ``other``, and give ``x`` back."""
    return paddle.assign(x % other, x)


def addcmul_into(x: paddle.Tensor, tensor1: paddle.Tensor, tensor2: paddle.Tensor, value: float = 1) -> paddle.Tensor:
    """Overwrite ``x`` with ``x + value * tensor1 * tensor2``, and give ``x`` back."""
    return paddle.assign(x + value * tensor1 * tensor2, x)


def addcdiv_into(x: paddle.Tensor, tensor1: paddle.Tensor, tensor2: paddle.Tensor, value: float = 1) -> paddle.Tensor:
    """Overwrite ``x`` with ``x + value * tensor1 / tensor2``, and give ``x`` back."""
    return paddle.assign(x + value * tensor1 / tensor2, x)


def fmod_into(x: paddle.Tensor, other: Operand) -> paddle.Tensor:
    """Overwrite ``x`` with what is left after dividing by ``other``, whose sign is that of ``x``; give ``x`` back."""
    quotient = paddle.trunc(x.astype("float64") / other)
    return paddle.assign((x - quotient * other).astype(x.dtype), x)


def bitwise_and_into(x: paddle.Tensor, other: Operand) -> paddle.Tensor:
    """Overwrite ``x`` with ``x & other``, and give ``x`` back."""
    return paddle.assign(x & (other if isinstance(other, paddle.Tensor) else paddle.full([], other, x.dtype)), x)


def shift_left_into(x: paddle.Tensor, other: Operand) -> paddle.Tensor:
    """Overwrite ``x`` with ``x << other``, and give ``x`` back."""
    return paddle.assign(x << other, x)


def compare_into(
    compare: Callable[[paddle.Tensor, Operand], paddle.Tensor], x: paddle.Tensor, other: Operand
) -> paddle.Tensor:
    """Overwrite ``x`` with 1 where ``compare(x, other)`` holds and 0 elsewhere, and give ``x`` back."""
    return paddle.assign(compare(x, other).astype(x.dtype), x)
