# Written by `translate`: the functions that translated files beside this one import.
from __future__ import annotations

from collections.abc import Callable
import numpy as np
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


def copy_into(x, source):
    """Overwrite ``x`` with the values of ``source``, which is broadcast and converted; gives ``x``."""
    return paddle.assign(source.expand_as(x).astype(x.dtype), x)


def typed_tensor(arguments, dtype):
    """What a constructor such as ``FloatTensor`` makes of its arguments: sizes give a tensor that is not filled.

    Args:
        arguments: sizes; or one array, list, tuple or tensor of values, or one shape.
    """
    first = arguments[0]
    if len(arguments) == 1 and isinstance(first, paddle.Size):
        return paddle.empty(first, dtype)
    if len(arguments) == 1 and not isinstance(first, int):
        return paddle.to_tensor(first, dtype=dtype)
    return paddle.empty(arguments, dtype)


class _OfElements(type):
    """The type of classes that are asked for tensors whose elements are of one type."""

    def __instancecheck__(cls, value):
        return isinstance(value, paddle.Tensor) and value.dtype == cls.elements


class BoolTensor(metaclass=_OfElements):
    """For ``isinstance``: a tensor of bool."""

    elements = paddle.bool


class ByteTensor(metaclass=_OfElements):
    """For ``isinstance``: a tensor of uint8."""

    elements = paddle.uint8


class DoubleTensor(metaclass=_OfElements):
    """For ``isinstance``: a tensor of float64."""

    elements = paddle.float64


class FloatTensor(metaclass=_OfElements):
    """For ``isinstance``: a tensor of float32."""

    elements = paddle.float32


class HalfTensor(metaclass=_OfElements):
    """For ``isinstance``: a tensor of float16."""

    elements = paddle.float16


class IntTensor(metaclass=_OfElements):
    """For ``isinstance``: a tensor of int32."""

    elements = paddle.int32


class LongTensor(metaclass=_OfElements):
    """For ``isinstance``: a tensor of int64."""

    elements = paddle.int64


def as_subclass(x, cls):
    """The tensor as a value of ``cls``, on the same memory; what is computed with it is a plain tensor.

    Raises:
        NotImplementedError: it takes gradients, which would not reach it any more.
    """
    if type(x) is cls:
        return x
    if not x.stop_gradient:
        raise NotImplementedError(f"a tensor that takes gradients cannot become a {cls.__name__}: detach it before")
    made = paddle.Tensor.__new__(cls)
    paddle.Tensor.__init__(made, x)
    return made


def frombuffer(buffer, *, dtype, count=-1, offset=0, requires_grad=False):
    """A tensor of one axis of what a buffer holds, from byte ``offset`` on: ``count`` elements, or all."""
    name = str(dtype).rpartition(".")[2]
    is_brain = name == "bfloat16"  # which arrays do not know
    values = np.frombuffer(buffer, "uint16" if is_brain else name, count, offset)
    made = paddle.to_tensor(values)
    made = made.view(paddle.bfloat16) if is_brain else made
    made.stop_gradient = not requires_grad
    return made
