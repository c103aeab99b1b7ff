"""Functions of layers that one expression of paddle cannot say."""

from __future__ import annotations

import paddle


def interpolate(
    x: paddle.Tensor,
    size: int | list[int] | tuple[int, ...] | None = None,
    scale_factor: float | list[float] | tuple[float, ...] | None = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
) -> paddle.Tensor:
    """Resize the axes behind (batch, channels), of which there may be one, two or three.

    Args:
        size: of each axis in the result, one number for all.
        scale_factor: instead of ``size``; the result is rounded down.
        recompute_scale_factor: sample at the ratio of the two sizes, not at ``scale_factor``.
    """
    axes = x.ndim - 2
    if size is None and recompute_scale_factor:
        assert scale_factor is not None
        factors = scale_factor if isinstance(scale_factor, list | tuple) else [scale_factor] * axes
        size, scale_factor = [int(n * f) for n, f in zip(x.shape[2:], factors, strict=True)], None
    if size is not None:
        size = [int(n) for n in size] if isinstance(size, list | tuple) else [int(size)] * axes
    layout = ["NCW", "NCHW", "NCDHW"][axes - 1]
    return paddle.nn.functional.interpolate(
        x, size, scale_factor, mode, align_corners=bool(align_corners), data_format=layout
    )


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
