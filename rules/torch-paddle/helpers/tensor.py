"""Writing into tensors, and tensors of one type of elements."""

import numpy as np
import paddle


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
