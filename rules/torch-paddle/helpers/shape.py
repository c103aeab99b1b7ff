"""Views of tensors."""

import paddle


def windows(x, dimension, size, step):
    """Windows that slide along one axis: what ``x.unfold`` gives, with the right gradient where windows overlap.

    Args:
        x: tensor of shape (..., n, ...), with n at ``dimension``.
        size: length of a window.
        step: distance between the starts of neighbouring windows.

    Returns:
        Tensor of shape (..., (n - size) // step + 1, ..., size).
    """
    axis = dimension % x.ndim
    starts = range(0, x.shape[axis] - size + 1, step)
    places = paddle.to_tensor([start + offset for start in starts for offset in range(size)])
    picked = paddle.index_select(x, places, axis)
    shape = [*x.shape[:axis], len(starts), size, *x.shape[axis + 1 :]]
    return paddle.moveaxis(picked.reshape(shape), axis + 1, -1)


def broadcast_shapes(*shapes):
    """The shape that tensors of these shapes have together, as a tuple."""
    shape = []
    for other in shapes:
        shape = paddle.broadcast_shape(shape, list(other)) if shape else list(other)
    return tuple(shape)


def where_number(condition, x, other):
    """``paddle.where`` of a tensor and a number, which is taken in the tensor's type."""
    like = x if isinstance(x, paddle.Tensor) else other
    parts = (
        part if isinstance(part, paddle.Tensor) else paddle.full([], part, dtype=like.dtype) for part in (x, other)
    )
    return paddle.where(condition, *parts)
