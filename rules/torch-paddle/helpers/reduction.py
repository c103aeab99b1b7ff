"""Reductions that give several tensors."""

from typing import NamedTuple

import paddle


class ValuesAndIndices(NamedTuple):
    """Values of a tensor with the places where they stand; the target gives a plain tuple."""

    values: paddle.Tensor
    indices: paddle.Tensor


def unique_values(x, return_inverse=False, return_counts=False, dim=None):
    """The different values of a tensor in ascending order; with ``dim``, its different slices.

    Args:
        x: tensor of any shape.
        return_inverse: also give, for each element of ``x``, the place of its value: a tensor of the shape of ``x``
            (with ``dim``: of length ``x.shape[dim]``).
        return_counts: also give how often each value occurs.

    Returns:
        The values alone, or a tuple of the values, then the places, then the counts, as far as they are asked for.
    """
    found = paddle.unique(x, return_inverse=return_inverse, return_counts=return_counts, axis=dim)
    if not (return_inverse or return_counts):
        return found
    values, *rest = found
    if return_inverse and dim is None:
        rest[0] = rest[0].reshape(x.shape)
    return (values, *rest)


def histogram(x, bins, low, high):
    """How many elements of ``x`` lie in each of ``bins`` equal parts of ``low`` to ``high``, in the type of ``x``."""
    return paddle.histogram(x, bins, low, high).astype(x.dtype)


def low_and_high(x, axis=None, keepdim=False):
    """The smallest and the largest elements along ``axis``."""
    return paddle.amin(x, axis, keepdim), paddle.amax(x, axis, keepdim)


def std_and_mean(x, axis=None, unbiased=True, keepdim=False):
    """Standard deviation and mean along ``axis``."""
    return paddle.std(x, axis, unbiased, keepdim), paddle.mean(x, axis, keepdim)


def var_and_mean(x, axis=None, correction=1, keepdim=False):
    """Variance and mean along ``axis``; ``correction`` is taken from the number of elements that it divides by."""
    return paddle.var(x, axis, correction=int(correction), keepdim=keepdim), paddle.mean(x, axis, keepdim)
