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


def solve_triangular(x, y, upper, left=True, unitriangular=False):
    """The solution of ``x @ result = y`` (``result @ x = y`` unless ``left``) for a triangular ``x``.

    Args:
        upper: whether the upper triangle of ``x`` counts, else the lower one.
        unitriangular: whether the diagonal is taken for ones.
    """
    if left:
        return paddle.linalg.triangular_solve(x, y, upper, unitriangular=unitriangular)
    solved = paddle.linalg.triangular_solve(x.mT, y.mT, not upper, unitriangular=unitriangular)
    return solved.mT
