"""torchvision's compiled operators in plain torch, where its library does not load beside this torch."""

from __future__ import annotations

import importlib.util
import math
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch


def define_operators() -> Any:
    """Define the operators; the definitions live as long as what is returned."""
    library = torch.library.Library("torchvision", "FRAGMENT")
    found = importlib.util.find_spec("torchvision")
    if found is None or compiled_operators_load(Path(found.origin or "").parent):
        return library
    for schema, function in OPERATORS.items():
        library.define(schema)
        for key in ("CPU", "CUDA") if function is nms else ("CompositeImplicitAutograd",):
            library.impl(schema.partition("(")[0], function, key)
    return library


def announce_operators() -> None:
    """Tell torchvision, where there is one, that its operators are there: it asks before it uses them."""
    if importlib.util.find_spec("torchvision") is None:
        return
    importlib.import_module("torchvision.ops")
    for name in ("torchvision.extension", "torchvision.ops.roi_align"):
        module = sys.modules.get(name)
        if module is not None and not module._has_ops():
            module.__dict__["_has_ops"] = lambda: True


def compiled_operators_load(folder: Path) -> bool:
    """Load torchvision's own library as its import would; False when there is none, or for another torch."""
    for path in folder.glob("_C*.so"):
        try:
            torch.ops.load_library(str(path))
        except OSError:
            continue
        return True
    return False


def nms(boxes: Any, scores: Any, threshold: float) -> Any:
    """Indices of the boxes that survive greedy non-maximum suppression, best first; boxes are (x1, y1, x2, y2)."""
    order = scores.argsort(descending=True, stable=True)
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    kept = []
    while order.numel():
        best, rest = order[0], order[1:]
        kept.append(best)
        corners = torch.maximum(boxes[best, :2], boxes[rest, :2]), torch.minimum(boxes[best, 2:], boxes[rest, 2:])
        overlap = (corners[1] - corners[0]).clamp(min=0).prod(1)
        order = rest[overlap / (areas[best] + areas[rest] - overlap) <= threshold]
    return torch.stack(kept) if kept else order


def roi_align(image: Any, rois: Any, scale: float, height: int, width: int, sampling_ratio: int, aligned: bool) -> Any:
    """Means of bilinear samples in each of ``height`` x ``width`` parts of each box (image number, x1, y1, x2, y2)."""
    pooled = [_aligned(image, roi, scale, (height, width), sampling_ratio, aligned) for roi in rois]
    return torch.stack(pooled) if pooled else image.new_zeros((0, image.shape[1], height, width))


def _aligned(image: Any, roi: Any, scale: float, size: tuple[int, int], sampling_ratio: int, aligned: bool) -> Any:
    shift = 0.5 if aligned else 0.0
    samples = []
    for start, end, parts in ((roi[2], roi[4], size[0]), (roi[1], roi[3], size[1])):
        first, last = float(start) * scale - shift, float(end) * scale - shift
        length = last - first if aligned else max(last - first, 1.0)
        count = sampling_ratio if sampling_ratio > 0 else math.ceil(length / parts)
        offsets = torch.arange(parts * count, dtype=torch.float64) + 0.5
        samples.append((first + offsets * (length / parts / max(count, 1)), max(count, 1)))
    (ys, per_row), (xs, per_column) = samples
    if not len(ys) or not len(xs):
        return image.new_zeros((image.shape[1], *size))
    values = bilinear(image[int(roi[0])], ys.to(image.dtype)[:, None], xs.to(image.dtype)[None])
    return values.reshape(-1, size[0], per_row, size[1], per_column).mean((2, 4))


def bilinear(image: Any, y: Any, x: Any) -> Any:
    """Values of ``image`` (channels, height, width) between its pixels; zero beyond one pixel around it.

    Coordinates broadcast; what lies less than a pixel outside has the value of the edge.
    """
    height, width = image.shape[-2:]
    inside = (y >= -1) & (y <= height) & (x >= -1) & (x <= width)
    y, x = y.clamp(0, height - 1), x.clamp(0, width - 1)
    top, left = y.floor().long(), x.floor().long()
    bottom, right = (top + 1).clamp(max=height - 1), (left + 1).clamp(max=width - 1)
    dy, dx = y - top, x - left
    rows = [image[:, row, column] for row in (top, bottom) for column in (left, right)]
    upper, lower = rows[0] * (1 - dx) + rows[1] * dx, rows[2] * (1 - dx) + rows[3] * dx
    return (upper * (1 - dy) + lower * dy) * inside


def roi_pool(image: Any, rois: Any, scale: float, height: int, width: int) -> tuple[Any, Any]:
    """Largest values in each of ``height`` x ``width`` parts of each box, zero for an empty part; and no places."""
    pooled = [_pooled(image[int(roi[0])], roi[1:].tolist(), scale, height, width) for roi in rois]
    values = torch.stack(pooled) if pooled else image.new_zeros((0, image.shape[1], height, width))
    return values, torch.zeros_like(values, dtype=torch.int32)


def _pooled(image: Any, box: list[float], scale: float, height: int, width: int) -> Any:
    x1, y1, x2, y2 = (math.floor(c * scale + 0.5) if c >= 0 else math.ceil(c * scale - 0.5) for c in box)
    rows = _parts(y1, y2, height, image.shape[1])
    columns = _parts(x1, x2, width, image.shape[2])
    empty = image.new_zeros(image.shape[0])
    cells = [[image[:, r, c] for c in columns] for r in rows]
    return torch.stack([torch.stack([c.amax((1, 2)) if c.numel() else empty for c in row], 1) for row in cells], 1)


def _parts(first: int, last: int, count: int, limit: int) -> list[slice]:
    length = max(last - first + 1, 1) / count
    ends = [(math.floor(i * length) + first, math.ceil((i + 1) * length) + first) for i in range(count)]
    return [slice(min(max(a, 0), limit), min(max(b, 0), limit)) for a, b in ends]


def deform_conv2d(  # the operator's own order of arguments
    image: Any, weight: Any, offset: Any, mask: Any, bias: Any, stride_h: int, stride_w: int, pad_h: int, pad_w: int,
    dilation_h: int, dilation_w: int, groups: int, offset_groups: int, use_mask: bool,
) -> Any:  # fmt: skip
    """A convolution that reads each tap at its own offset (dy, dx), times its own mask."""
    batch, channels = image.shape[:2]
    _, _, kernel_h, kernel_w = weight.shape
    height, width = offset.shape[-2:]
    taps = offset.reshape(batch, offset_groups, kernel_h, kernel_w, 2, height, width)
    y = torch.arange(height)[:, None] * stride_h - pad_h
    x = torch.arange(width)[None] * stride_w - pad_w
    per_group = channels // offset_groups
    columns = []
    for number in range(batch):
        found = []
        for group in range(offset_groups):
            part = image[number, group * per_group : (group + 1) * per_group]
            found.append(torch.stack([
                _outside_is_zero(part, y + i * dilation_h + taps[number, group, i, j, 0],
                                 x + j * dilation_w + taps[number, group, i, j, 1])
                for i in range(kernel_h) for j in range(kernel_w)
            ], 1))  # fmt: skip
        columns.append(torch.cat(found))
    values = torch.stack(columns)
    if use_mask:
        masks = mask.reshape(batch, offset_groups, 1, kernel_h * kernel_w, height, width)
        masks = masks.expand(-1, -1, per_group, -1, -1, -1)
        values = values * masks.reshape(batch, channels, kernel_h * kernel_w, height, width)
    inputs = values.reshape(batch, groups, -1, height * width)
    kernels = weight.reshape(groups, weight.shape[0] // groups, -1)
    result = torch.einsum("gok,bgkp->bgop", kernels, inputs).reshape(batch, -1, height, width)
    return result + bias.reshape(1, -1, 1, 1)


def _outside_is_zero(image: Any, y: Any, x: Any) -> Any:
    """Bilinear values of an image that is zero outside."""
    padded = torch.nn.functional.pad(image, (1, 1, 1, 1))
    inside = (y > -1) & (y < image.shape[1]) & (x > -1) & (x < image.shape[2])
    return bilinear(padded, y + 1, x + 1) * inside


def no_cuda_version() -> int:
    """What torchvision takes for a library without CUDA."""
    return -1


OPERATORS: dict[str, Callable[..., Any]] = {
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor": nms,
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor": nms,
    "roi_align(Tensor input, Tensor rois, float spatial_scale, int pooled_height, int pooled_width, "
    "int sampling_ratio, bool aligned) -> Tensor": roi_align,
    "roi_pool(Tensor input, Tensor rois, float spatial_scale, int pooled_height, int pooled_width) "
    "-> (Tensor, Tensor)": roi_pool,
    "deform_conv2d(Tensor input, Tensor weight, Tensor offset, Tensor mask, Tensor bias, int stride_h, int stride_w, "
    "int pad_h, int pad_w, int dilation_h, int dilation_w, int groups, int offset_groups, bool use_mask) "
    "-> Tensor": deform_conv2d,
    "_cuda_version() -> int": no_cuda_version,
}
