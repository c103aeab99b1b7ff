"""Moving the zero frequency."""

import paddle


def shift_to_centre(x, axes=None):
    """Move the zero frequency of a Fourier transform to the centre.

    Args:
        x: tensor of any shape.
        axes: an axis or several; all by default.
    """
    chosen = _axes(x, axes)
    return paddle.roll(x, [x.shape[axis] // 2 for axis in chosen], chosen)


def shift_from_centre(x, axes=None):
    """Undo ``shift_to_centre``.

    Args:
        x: tensor of any shape.
        axes: an axis or several; all by default.
    """
    chosen = _axes(x, axes)
    return paddle.roll(x, [-(x.shape[axis] // 2) for axis in chosen], chosen)


def _axes(x, axes):
    if axes is None:
        return list(range(x.ndim))
    return [axes] if isinstance(axes, int) else list(axes)
