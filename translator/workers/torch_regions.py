"""Pooling of regions (image number, x1, y1, x2, y2) into ``height`` x ``width`` parts: torchvision's operators."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch

MOST_ELEMENTS = 2**24  # that one step reads at a time


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis of some regions: where it begins, how long it is, (n,), in pixels, and of how many pixels and parts."""

    start: Any
    length: Any
    pixels: int
    parts: int


def roi_align(image: Any, rois: Any, scale: float, height: int, width: int, sampling_ratio: int, aligned: bool) -> Any:
    """Means of bilinear samples in each part of each box.

    As in the library, no gradient goes to the boxes (torchvision, ``csrc/ops/autograd/roi_align_autograd.cpp``).
    """
    rois = rois.detach()
    corners = rois[:, 1:] * scale - (0.5 if aligned else 0.0)
    lengths = corners[:, 2:] - corners[:, :2]
    lengths = lengths if aligned else lengths.clamp(min=1.0)
    rows = Axis(corners[:, 1], lengths[:, 1], image.shape[2], height)
    columns = Axis(corners[:, 0], lengths[:, 0], image.shape[3], width)
    return _weighed(image, rois, _bilinear_weights(rows, sampling_ratio), _bilinear_weights(columns, sampling_ratio))


def ps_roi_align(image: Any, rois: Any, scale: float, height: int, width: int, sampling_ratio: int) -> tuple[Any, Any]:
    """``roi_align`` with centres at halves, where each part reads channels of its own; and which ones."""
    pooled = roi_align(image, rois, scale, height, width, sampling_ratio, True)
    return _own_channels(pooled)


def roi_pool(image: Any, rois: Any, scale: float, height: int, width: int) -> tuple[Any, Any]:
    """Largest values in each part of each box, zero for an empty part; and their places in the image, -1 for none."""
    columns, rows = (_rounded(rois[:, i : i + 4 : 2] * scale, 1) for i in (1, 2))
    result = image.new_zeros((len(rois), image.shape[1], height, width))
    where = torch.full_like(result, -1, dtype=torch.int32)
    axes = Axis(*rows, image.shape[2], height), Axis(*columns, image.shape[3], width)
    found = []
    for places in _steps(image, axes, len(rois)):
        values, at = _largest(image, rois, axes, places)
        found.append((places, values))
        where[places] = at
    return _assembled(result, found), where


def ps_roi_pool(image: Any, rois: Any, scale: float, height: int, width: int) -> tuple[Any, Any]:
    """Means of the pixels in each part of each box, where each part reads channels of its own; and which ones.

    As in the library, the last row and column of the image are never read.
    """
    columns, rows = (_rounded(rois[:, i : i + 4 : 2] * scale, 0) for i in (1, 2))
    sides = Axis(*rows, image.shape[2], height), Axis(*columns, image.shape[3], width)
    return _own_channels(_weighed(image, rois, *(_mean_weights(axis) for axis in sides)))


def _weighed(image: Any, rois: Any, by_row: Any, by_column: Any) -> Any:
    """Sums of pixels, weighed by row (regions, height, rows) and by column (regions, width, columns).

    Both means are such sums, since what weighs a pixel is a product; one that is not finite spoils all its regions.
    """
    (count, height, _), width = by_row.shape, by_column.shape[1]
    channels, columns = image.shape[1], image.shape[3]
    numbers = rois[:, 0].long()
    found = []
    for number in numbers.unique().tolist():
        pixels = image[number].transpose(0, 1).flatten(1)
        here = (numbers == number).nonzero()[:, 0]
        for places in here.split(max(1, MOST_ELEMENTS // max(1, height * channels * columns))):
            lines = (by_row[places].flatten(0, 1) @ pixels).reshape(len(places), height * channels, columns)
            values = (lines @ by_column[places].mT).reshape(-1, height, channels, width)
            found.append((places, values.transpose(1, 2)))
    return _assembled(image.new_zeros((count, channels, height, width)), found)


def _bilinear_weights(axis: Axis, sampling_ratio: int) -> Any:
    """What each pixel counts in the mean of each part's samples, (n, parts, pixels).

    Without a ratio as many samples as a part has pixels. A sample less than a pixel outside has the value of the edge.
    """
    size = axis.length[:, None, None] / axis.parts
    counts = torch.full_like(size, sampling_ratio) if sampling_ratio > 0 else size.ceil()
    part = torch.arange(axis.parts, dtype=size.dtype, device=size.device)[:, None]
    most = int(counts.max()) if counts.numel() else 0
    number = torch.arange(most, dtype=size.dtype, device=size.device)
    at = axis.start[:, None, None] + part * size + (number + 0.5) * size / counts
    weight = ((number < counts) & (at >= -1) & (at <= axis.pixels)) / counts.clamp(min=1)
    at = torch.where(weight > 0, at, 0.0).clamp(0, axis.pixels - 1)
    low = at.floor()
    high = (low + 1).clamp(max=axis.pixels - 1)
    weights = size.new_zeros((len(size), axis.parts, axis.pixels))
    weights = weights.scatter_add(2, low.long(), weight * (1 - (at - low)))
    return weights.scatter_add(2, high.long(), weight * (at - low))


def _mean_weights(axis: Axis) -> Any:
    """What each pixel counts in the mean of each part's pixels, (n, parts, pixels); the last pixel never does."""
    first, last = (end.clamp(0, axis.pixels - 1)[..., None] for end in _ends(axis))
    at = torch.arange(axis.pixels, device=first.device)
    return ((at >= first) & (at < last)).to(axis.length.dtype) / (last - first).clamp(min=1)


def _rounded(ends: Any, extra: int) -> tuple[Any, Any]:
    """Start and length of sides whose ends (n, 2) are rounded, halves away from zero; at least a pixel."""
    whole = torch.where(ends >= 0, (ends + 0.5).floor(), (ends - 0.5).ceil())
    return whole[:, 0], (whole[:, 1] - whole[:, 0] + extra).clamp(min=1)


def _ends(axis: Axis) -> tuple[Any, Any]:
    """First pixel of each part (n, parts), and the one behind its last, wherever the image ends."""
    part = torch.arange(axis.parts, dtype=axis.length.dtype, device=axis.length.device)
    size = axis.length[:, None] / axis.parts
    start = axis.start[:, None]
    return (start + (part * size).floor()).long(), (start + ((part + 1) * size).ceil()).long()


def _windows(axis: Axis, places: Any) -> tuple[Any, Any]:
    """The pixels (n, parts, longest) of each part inside the image, and which of them belong to it."""
    first, last = (end[places].clamp(0, axis.pixels) for end in _ends(axis))
    longest = max(int((last - first).max()), 1)
    at = first[..., None] + torch.arange(longest, device=first.device)
    return at.clamp(max=axis.pixels - 1), at < last[..., None]


def _steps(image: Any, axes: tuple[Axis, Axis], count: int) -> Iterator[Any]:
    """Regions by size, as many at a time as fit."""
    order = (axes[0].length * axes[1].length).argsort()
    area = image[0].numel()
    yield from (part for part in order.split(max(1, MOST_ELEMENTS // max(area, 1))) if count)


def _largest(image: Any, rois: Any, axes: tuple[Axis, Axis], places: Any) -> tuple[Any, Any]:
    """The first largest pixel of each part, and where it is; the gradient goes to that one alone."""
    (rows, row_in), (columns, column_in) = (_windows(axis, places) for axis in axes)
    grid = rows[:, :, None, :, None] * axes[1].pixels + columns[:, None, :, None]
    is_in = (row_in[:, :, None, :, None] & column_in[:, None, :, None]).flatten(3)
    grid, images = grid.flatten(3), image[rois[places, 0].long()].flatten(2)
    spread = grid.flatten(1)[:, None].expand(-1, images.shape[1], -1)
    with torch.no_grad():
        seen = images.gather(2, spread).unflatten(2, grid.shape[1:])
        best = seen.masked_fill(~is_in[:, None], -torch.inf).argmax(-1, keepdim=True)
        at = grid[:, None].expand(*seen.shape).gather(-1, best)[..., 0]
    found = images.gather(2, at.flatten(2)).reshape(at.shape)
    has_any = is_in.any(-1)[:, None]
    return found * has_any, torch.where(has_any, at, -1).int()


def _own_channels(pooled: Any) -> tuple[Any, Any]:
    """Of regions (n, channels, height, width) the channels that belong to each part, and their numbers."""
    count, channels, height, width = pooled.shape
    numbers = torch.arange(channels, device=pooled.device).reshape(-1, height, width)
    numbers = numbers.expand(count, -1, -1, -1)
    return pooled.gather(1, numbers), numbers.int()


def _assembled(result: Any, found: list[tuple[Any, Any]]) -> Any:
    """``result`` with what was found at places of its first axis."""
    if not found:
        return result
    places, values = (torch.cat(one) for one in zip(*found, strict=True))
    return result.index_copy(0, places, values)
