"""Writing into tensors."""

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
