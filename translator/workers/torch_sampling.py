"""Values of images between their pixels, and the convolution that reads them."""

from __future__ import annotations

from typing import Any

import torch


def pixels(images: Any, rows: Any, columns: Any) -> Any:
    """Pixels of ``images`` (n, channels, height, width) at whole ``rows`` and ``columns`` (n, ...), the same shapes."""
    count, channels, _, width = images.shape
    places = (rows * width + columns).reshape(count, 1, -1).expand(-1, channels, -1)
    found = images.flatten(2).gather(2, places)
    return found.reshape(count, channels, *rows.shape[1:])


def deform_conv2d(  # the operator's own order of arguments
    image: Any, weight: Any, offset: Any, mask: Any, bias: Any, stride_h: int, stride_w: int, pad_h: int, pad_w: int,
    dilation_h: int, dilation_w: int, groups: int, offset_groups: int, use_mask: bool,
) -> Any:  # fmt: skip
    """A convolution that reads each tap at its own offset (dy, dx), times its own mask; all is zero outside."""
    batch, channels, *size = image.shape
    kernel_h, kernel_w = weight.shape[2:]
    height, width = offset.shape[-2:]
    moved = offset.reshape(batch * offset_groups, kernel_h, kernel_w, 2, height, width)
    y = moved[:, :, :, 0] + _grid(image, kernel_h, dilation_h, height, stride_h, pad_h)[:, None, :, None]
    x = moved[:, :, :, 1] + _grid(image, kernel_w, dilation_w, width, stride_w, pad_w)[None, :, None]
    values = zero_outside(image.reshape(batch * offset_groups, channels // offset_groups, *size), y, x)
    if use_mask:
        values = values * mask.reshape(batch * offset_groups, 1, kernel_h, kernel_w, height, width)
    inputs = values.reshape(batch, groups, -1, height * width)
    kernels = weight.reshape(groups, weight.shape[0] // groups, -1)
    result = torch.einsum("gok,bgkp->bgop", kernels, inputs).reshape(batch, -1, height, width)
    return result + bias.reshape(1, -1, 1, 1)


def _grid(like: Any, taps: int, dilation: int, size: int, stride: int, padding: int) -> Any:
    """Where each tap (first axis) of each result (second axis) would read without an offset."""
    first = torch.arange(taps, dtype=like.dtype, device=like.device) * dilation - padding
    return first[:, None] + torch.arange(size, dtype=like.dtype, device=like.device) * stride


def zero_outside(images: Any, y: Any, x: Any) -> Any:
    """Bilinear values of ``images`` (n, channels, height, width) at ``y`` and ``x`` (n, ...); pixels outside are 0."""
    height, width = images.shape[-2:]
    padded = torch.nn.functional.pad(images, (1, 1, 1, 1))
    is_inside = (y > -1) & (y < height) & (x > -1) & (x < width)
    y, x = torch.where(is_inside, y, -1.0) + 1, torch.where(is_inside, x, -1.0) + 1
    top, left = y.detach().floor(), x.detach().floor()
    dy, dx = (y - top)[:, None], (x - left)[:, None]
    rows, columns = top.long(), left.long()
    upper = pixels(padded, rows, columns) * (1 - dx) + pixels(padded, rows, columns + 1) * dx
    lower = pixels(padded, rows + 1, columns) * (1 - dx) + pixels(padded, rows + 1, columns + 1) * dx
    return upper * (1 - dy) + lower * dy
