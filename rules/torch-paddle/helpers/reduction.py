"""Reductions that give several tensors."""

import paddle


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
