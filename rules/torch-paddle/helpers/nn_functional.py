"""Functions of layers that one expression of paddle cannot say."""

from __future__ import annotations

import math

import paddle


def interpolate(
    x: paddle.Tensor,
    size: int | list[int] | tuple[int, ...] | None = None,
    scale_factor: float | list[float] | tuple[float, ...] | None = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> paddle.Tensor:
    """Resize the axes behind (batch, channels), of which there may be one, two or three.

    Args:
        size: of each axis in the result, one number for all.
        scale_factor: instead of ``size``; the result is rounded down.
        recompute_scale_factor: sample at the ratio of the two sizes, not at ``scale_factor``.
        antialias: weigh all that a pixel of a smaller result covers; for the modes bilinear and bicubic.
    """
    axes = x.ndim - 2
    if size is None:
        assert scale_factor is not None
        factors = list(scale_factor) if isinstance(scale_factor, list | tuple) else [scale_factor] * axes
        wanted = [int(n * f) for n, f in zip(x.shape[2:], factors, strict=True)]
        is_by_factor = not recompute_scale_factor and mode != "area"
    else:
        wanted = [int(n) for n in size] if isinstance(size, list | tuple) else [int(size)] * axes
        factors, is_by_factor = [], False
    if mode == "nearest-exact":
        ratios = [1 / f for f in factors] if is_by_factor else [n / m for n, m in zip(x.shape[2:], wanted, strict=True)]
        return _nearest_exact(x, wanted, ratios)
    more = {"antialias": True} if antialias else {}
    is_between = mode not in ("nearest", "area") and not align_corners and not antialias
    single = [i for i, n in enumerate(wanted) if n == 1] if is_between else []
    for i in single:  # paddle takes the first element for the only one of a result
        if is_by_factor:
            x = _extended(x, i + 2, math.ceil(2 / factors[i]))  # where it would be the first of two
        else:
            wanted[i] = 3  # where it is the middle of three
    size, scale_factor = (None, factors) if is_by_factor else (wanted, None)
    out = paddle.nn.functional.interpolate(
        x,
        size,
        scale_factor,
        mode,
        align_corners=bool(align_corners),
        data_format=["NCW", "NCHW", "NCDHW"][axes - 1],
        **more,
    )
    for i in single:
        first = 0 if is_by_factor else 1
        out = out.slice([i + 2], [first], [first + 1])
    return out


def _extended(x, axis, length):
    """An axis made longer with its last element."""
    index = paddle.arange(max(length, x.shape[axis])).clip(max=x.shape[axis] - 1)
    return paddle.index_select(x, index, axis)


def _nearest_exact(x, wanted, ratios):
    """The element whose middle is nearest to the middle of each element of the result, axis by axis."""
    for i, (length, ratio) in enumerate(zip(wanted, ratios, strict=True)):
        index = ((paddle.arange(length, dtype="float32") + 0.5) * ratio).floor().clip(0, x.shape[i + 2] - 1)
        x = paddle.index_select(x, index.astype("int64"), i + 2)
    return x


def pad(
    input: paddle.Tensor,  # noqa: A002 - the source's name for it
    pad: list[int] | tuple[int, ...],
    mode: str = "constant",
    value: float | None = None,
) -> paddle.Tensor:
    """Make the last axes longer, the last one first; paddle's own knows no truth values and no small whole numbers.

    Args:
        pad: elements before and behind, for each axis from the last one on.
        mode: ``constant``, ``reflect``, ``replicate`` or ``circular``.
        value: that a constant border has, 0 by default.
    """
    kind = input.dtype
    if kind in (paddle.bool, paddle.uint8, paddle.int8, paddle.int16):
        input = input.astype(paddle.int32)  # noqa: A001
    return paddle.compat.nn.functional.pad(input, pad, mode=mode, value=value or 0.0).astype(kind)


def scaled_dot_product_attention(
    query: paddle.Tensor,
    key: paddle.Tensor,
    value: paddle.Tensor,
    attn_mask: paddle.Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
) -> paddle.Tensor:
    """Attention on (..., length, features); paddle's own wants (batch, length, heads, features).

    Args:
        attn_mask: is added to the scores; where it holds truth values, those that take part.
        dropout_p: of the attention weights.
        scale: of the scores, 1 / sqrt(features) by default.
    """
    factor = query.shape[-1] ** -0.5 if scale is None else scale
    scores = paddle.matmul(query * factor, key, transpose_y=True)
    if is_causal:
        attn_mask = paddle.ones(scores.shape[-2:], dtype="bool").tril()
    if attn_mask is not None and attn_mask.dtype == paddle.bool:
        scores = paddle.where(attn_mask, scores, paddle.full([], float("-inf"), scores.dtype))
    elif attn_mask is not None:
        scores = scores + attn_mask
    weights = paddle.nn.functional.softmax(scores, -1)
    return paddle.matmul(paddle.nn.functional.dropout(weights, dropout_p), value)


def softmax_by_rank(x: paddle.Tensor) -> paddle.Tensor:
    """Softmax over the axis that torch takes when none is given: the first of one or three, else the second."""
    return paddle.nn.functional.softmax(x, 0 if x.ndim in (0, 1, 3) else 1)


def log_softmax_by_rank(x: paddle.Tensor) -> paddle.Tensor:
    """The logarithm of ``softmax_by_rank``."""
    return paddle.nn.functional.log_softmax(x, 0 if x.ndim in (0, 1, 3) else 1)
