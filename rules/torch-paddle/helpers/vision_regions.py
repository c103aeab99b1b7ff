"""Pooling of regions, and deformable convolution."""

from __future__ import annotations

import math

import paddle

Boxes = paddle.Tensor | list[paddle.Tensor]


def _regions(boxes: Boxes) -> tuple[paddle.Tensor, paddle.Tensor]:
    """Numbers of images (n,) and boxes (n, 4), of boxes with a number in front (n, 5) or of a list a image."""
    if isinstance(boxes, paddle.Tensor):
        return boxes[:, 0].astype("int64"), boxes[:, 1:]
    numbers = [paddle.full([len(part)], i, "int64") for i, part in enumerate(boxes)]
    return paddle.concat(numbers), paddle.concat(list(boxes))


def _in_image_order(images: int, boxes: Boxes) -> tuple[paddle.Tensor, paddle.Tensor, paddle.Tensor]:
    """Boxes sorted by image, how many each image has, and where each box is found in that order."""
    numbers, corners = _regions(boxes)
    order = paddle.argsort(numbers, stable=True)
    counts = paddle.bincount(numbers, minlength=images).astype("int32")
    return corners[order], counts, paddle.argsort(order)


def _pair(size: int | list[int] | tuple[int, ...]) -> tuple[int, int]:
    return (size, size) if isinstance(size, int) else (int(size[0]), int(size[1]))


def roi_align(
    x: paddle.Tensor,
    boxes: Boxes,
    output_size: int | tuple[int, int],
    spatial_scale: float = 1.0,
    sampling_ratio: int = -1,
    aligned: bool = False,
) -> paddle.Tensor:
    """Means of bilinear samples in each part of each box: (boxes, channels, height, width) of ``output_size``.

    Args:
        boxes: corners with the number of the image in front (n, 5), or a list of corners (n, 4) for each image.
        spatial_scale: from the coordinates of the boxes to pixels of ``x``.
        sampling_ratio: samples along each side of a part; -1 for as many as it has pixels.
        aligned: whether pixels have their centres at halves.
    """
    height, width = _pair(output_size)
    corners, counts, places = _in_image_order(x.shape[0], boxes)
    if not len(corners):
        return paddle.zeros([0, x.shape[1], height, width], x.dtype)
    ratio = sampling_ratio if sampling_ratio > 0 else -1
    if aligned and not x.stop_gradient:
        return _aligned_with_gradient(x, corners, counts, (height, width), spatial_scale, ratio)[places]
    return paddle.vision.ops.roi_align(x, corners, counts, (height, width), spatial_scale, ratio, aligned)[places]


def _aligned_with_gradient(
    x: paddle.Tensor, corners: paddle.Tensor, counts: paddle.Tensor, size: tuple[int, int], scale: float, ratio: int
) -> paddle.Tensor:
    """``roi_align`` with centres at halves; the gradient of paddle 3.3's own takes them for corners.

    Boxes of at least a pixel are moved by half a pixel, which is the same; smaller ones are sampled one by one.
    """
    if bool(((corners[:, 2:] - corners[:, :2]) * scale >= 1).all()):
        return paddle.vision.ops.roi_align(x, corners - 0.5 / scale, counts, size, scale, ratio, False)
    images = paddle.repeat_interleave(paddle.arange(x.shape[0]), counts.astype("int64")).tolist()
    boxes = (corners * scale - 0.5).tolist()
    return paddle.stack([_sampled(x[i], box, size, ratio) for i, box in zip(images, boxes, strict=True)])


def _sampled(image: paddle.Tensor, box: list[float], size: tuple[int, int], ratio: int) -> paddle.Tensor:
    """Means of bilinear samples in each part of one box, whose corners are in pixels."""
    places, counts = [], []
    for first, last, parts, limit in zip(box[1::-1], box[:1:-1], size, image.shape[1:], strict=True):
        count = max(ratio if ratio > 0 else math.ceil((last - first) / parts), 1)
        at = first + (paddle.arange(parts * count, dtype=image.dtype) + 0.5) * ((last - first) / parts / count)
        is_inside = paddle.logical_and(at >= -1, at <= limit).astype(image.dtype)
        places.append((at.clip(0, limit - 1), is_inside))
        counts.append(count)
    (y, rows), (x, columns) = places
    low = [at.floor().astype("int64") for at in (y, x)]
    high = [paddle.minimum(at + 1, paddle.to_tensor(n - 1)) for at, n in zip(low, image.shape[1:], strict=True)]
    dy, dx = (y - low[0].astype(y.dtype)).unsqueeze(1), x - low[1].astype(x.dtype)
    lines = image[:, low[0]] * (1 - dy) + image[:, high[0]] * dy
    values = lines[:, :, low[1]] * (1 - dx) + lines[:, :, high[1]] * dx
    values = values * rows.unsqueeze(1) * columns
    return values.reshape([-1, size[0], counts[0], size[1], counts[1]]).mean([2, 4])


def roi_pool(
    x: paddle.Tensor, boxes: Boxes, output_size: int | tuple[int, int], spatial_scale: float = 1.0
) -> paddle.Tensor:
    """The largest value in each part of each box; see ``roi_align`` for the arguments."""
    height, width = _pair(output_size)
    corners, counts, places = _in_image_order(x.shape[0], boxes)
    if not len(corners):
        return paddle.zeros([0, x.shape[1], height, width], x.dtype)
    return paddle.vision.ops.roi_pool(x, corners, counts, (height, width), spatial_scale)[places]


def ps_roi_align(
    x: paddle.Tensor,
    boxes: Boxes,
    output_size: int | tuple[int, int],
    spatial_scale: float = 1.0,
    sampling_ratio: int = -1,
) -> paddle.Tensor:
    """``roi_align`` with centres at halves, whose every part is of channels of its own; see there for the arguments.

    Returns:
        (boxes, channels / parts, height, width) of ``output_size``.
    """
    return _own_channels(roi_align(x, boxes, output_size, spatial_scale, sampling_ratio, True))


def ps_roi_pool(
    x: paddle.Tensor, boxes: Boxes, output_size: int | tuple[int, int], spatial_scale: float = 1.0
) -> paddle.Tensor:
    """The mean of the pixels in each part of each box, each of channels of its own; see ``roi_align``.

    Corners are rounded to pixels, and the last row and column of ``x`` are never read.
    """
    numbers, corners = _regions(boxes)
    size, shape = _pair(output_size), x.shape
    if not len(corners):
        return paddle.zeros([0, shape[1] // (size[0] * size[1]), *size], x.dtype)
    corners = corners.astype(x.dtype) * spatial_scale
    whole = corners.sign() * (corners.abs() + 0.5).floor()
    rows = _shares(whole[:, 1], whole[:, 3], size[0], shape[2])
    columns = _shares(whole[:, 0], whole[:, 2], size[1], shape[3])
    places, found = [], []
    for number in paddle.unique(numbers).tolist():
        here = paddle.nonzero(numbers == number).flatten()
        lines = rows[here].flatten(0, 1) @ x[number].transpose([1, 0, 2]).flatten(1)
        lines = lines.reshape([len(here), -1, shape[3]]) @ columns[here].transpose([0, 2, 1])
        found.append(lines.reshape([len(here), size[0], shape[1], size[1]]).transpose([0, 2, 1, 3]))
        places.append(here)
    return _own_channels(paddle.concat(found)[paddle.argsort(paddle.concat(places))])


def _shares(first: paddle.Tensor, last: paddle.Tensor, parts: int, pixels: int) -> paddle.Tensor:
    """What each pixel of an axis counts in the mean of each part, (boxes, parts, pixels)."""
    length = (last - first).clip(min=1).unsqueeze(1) / parts
    numbers = paddle.arange(parts, dtype=first.dtype)
    start = ((numbers * length).floor() + first.unsqueeze(1)).clip(0, pixels - 1).unsqueeze(2)
    end = (((numbers + 1) * length).ceil() + first.unsqueeze(1)).clip(0, pixels - 1).unsqueeze(2)
    at = paddle.arange(pixels, dtype=first.dtype)
    return paddle.logical_and(at >= start, at < end).astype(first.dtype) / (end - start).clip(min=1)


def _own_channels(pooled: paddle.Tensor) -> paddle.Tensor:
    """Of regions (boxes, channels, height, width) the channels that belong to each part."""
    count, channels, height, width = pooled.shape
    parts = height * width
    own = pooled.reshape([count, channels // parts, parts, parts]).diagonal(axis1=2, axis2=3)
    return own.reshape([count, channels // parts, height, width])


def deform_conv2d(
    x: paddle.Tensor,
    offset: paddle.Tensor,
    weight: paddle.Tensor,
    bias: paddle.Tensor | None = None,
    stride: int | tuple[int, int] = 1,
    padding: int | tuple[int, int] = 0,
    dilation: int | tuple[int, int] = 1,
    mask: paddle.Tensor | None = None,
) -> paddle.Tensor:
    """A convolution that reads each tap at an offset of its own, times a mask of its own.

    Args:
        offset: (batch, 2 * groups of offsets * taps, height, width) of the result, dy before dx.
        mask: (batch, groups of offsets * taps, height, width); ones by default.
    """
    taps = weight.shape[2] * weight.shape[3]
    offset_groups, groups = offset.shape[1] // (2 * taps), x.shape[1] // weight.shape[1]
    if not (x.stop_gradient and weight.stop_gradient and offset.stop_gradient):
        x, offset, weight, mask = map(_with_gradient, (x, offset, weight, mask))
    return paddle.vision.ops.deform_conv2d(
        x, offset, weight, bias, _pair(stride), _pair(padding), _pair(dilation), offset_groups, groups, mask
    )


def _with_gradient(x: paddle.Tensor | None) -> paddle.Tensor | None:
    """A tensor that takes a gradient: paddle's deformable convolution crashes when some of its inputs do not."""
    if x is None or not x.stop_gradient:
        return x
    same = x.detach()
    same.stop_gradient = False
    return same


class RoIAlign(paddle.nn.Layer):
    """``roi_align`` as a layer; see there for the arguments."""

    def __init__(
        self, output_size: int | tuple[int, int], spatial_scale: float, sampling_ratio: int, aligned: bool = False
    ) -> None:
        super().__init__()
        self.output_size, self.spatial_scale = output_size, spatial_scale
        self.sampling_ratio, self.aligned = sampling_ratio, aligned

    def forward(self, x: paddle.Tensor, rois: paddle.Tensor | list[paddle.Tensor]) -> paddle.Tensor:
        """What ``roi_align`` gives for these boxes."""
        return roi_align(x, rois, self.output_size, self.spatial_scale, self.sampling_ratio, self.aligned)


class RoIPool(paddle.nn.Layer):
    """``roi_pool`` as a layer; see there for the arguments."""

    def __init__(self, output_size: int | tuple[int, int], spatial_scale: float) -> None:
        super().__init__()
        self.output_size, self.spatial_scale = output_size, spatial_scale

    def forward(self, x: paddle.Tensor, rois: paddle.Tensor | list[paddle.Tensor]) -> paddle.Tensor:
        """What ``roi_pool`` gives for these boxes."""
        return roi_pool(x, rois, self.output_size, self.spatial_scale)


class PSRoIAlign(paddle.nn.Layer):
    """``ps_roi_align`` as a layer; see there for the arguments."""

    def __init__(self, output_size: int | tuple[int, int], spatial_scale: float, sampling_ratio: int) -> None:
        super().__init__()
        self.output_size, self.spatial_scale, self.sampling_ratio = output_size, spatial_scale, sampling_ratio

    def forward(self, x: paddle.Tensor, rois: Boxes) -> paddle.Tensor:
        """What ``ps_roi_align`` gives for these boxes."""
        return ps_roi_align(x, rois, self.output_size, self.spatial_scale, self.sampling_ratio)


class PSRoIPool(paddle.nn.Layer):
    """``ps_roi_pool`` as a layer; see there for the arguments."""

    def __init__(self, output_size: int | tuple[int, int], spatial_scale: float) -> None:
        super().__init__()
        self.output_size, self.spatial_scale = output_size, spatial_scale

    def forward(self, x: paddle.Tensor, rois: Boxes) -> paddle.Tensor:
        """What ``ps_roi_pool`` gives for these boxes."""
        return ps_roi_pool(x, rois, self.output_size, self.spatial_scale)


class DeformConv2d(paddle.nn.Layer):
    """``deform_conv2d`` with a weight of its own."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, int],
        stride: int | tuple[int, int] = 1,
        padding: int | tuple[int, int] = 0,
        dilation: int | tuple[int, int] = 1,
        groups: int = 1,
        bias: bool = True,
    ) -> None:
        super().__init__()
        like = paddle.nn.Conv2D(
            in_channels, out_channels, kernel_size, groups=groups, bias_attr=None if bias else False
        )
        self.weight, self.bias = like.weight, like.bias
        self.stride, self.padding, self.dilation = stride, padding, dilation

    def forward(self, x: paddle.Tensor, offset: paddle.Tensor, mask: paddle.Tensor | None = None) -> paddle.Tensor:
        """The convolution of ``x`` whose taps are read at these offsets."""
        return deform_conv2d(x, offset, self.weight, self.bias, self.stride, self.padding, self.dilation, mask)


class MultiScaleRoIAlign(paddle.nn.Layer):
    """``roi_align`` in the map of a feature pyramid whose scale fits the size of a box.

    Args:
        featmap_names: the maps that are used, the largest first.
        canonical_scale: side of a box that belongs to level ``canonical_level``, a map at a scale of
            2 ** -canonical_level.
    """

    def __init__(
        self,
        featmap_names: list[str],
        output_size: int | tuple[int, int] | list[int],
        sampling_ratio: int,
        *,
        canonical_scale: int = 224,
        canonical_level: int = 4,
    ) -> None:
        super().__init__()
        self.featmap_names, self.sampling_ratio = featmap_names, sampling_ratio
        self.output_size = (output_size,) * 2 if isinstance(output_size, int) else tuple(output_size)
        self.canonical_scale, self.canonical_level = canonical_scale, canonical_level

    def forward(
        self, x: dict[str, paddle.Tensor], boxes: list[paddle.Tensor], image_shapes: list[tuple[int, int]]
    ) -> paddle.Tensor:
        """(boxes, channels, height, width) of ``output_size``; ``image_shapes`` are those of the boxes' coordinates."""
        maps = [x[name] for name in x if name in self.featmap_names]
        largest = [max(sizes) for sizes in zip(*image_shapes, strict=True)]
        scales = [self._scale(one, largest) for one in maps]
        numbers = paddle.concat([paddle.full([len(b), 1], i, b.dtype) for i, b in enumerate(boxes)])
        rois = paddle.concat([numbers, paddle.concat(list(boxes))], 1)
        if len(maps) == 1:
            return roi_align(maps[0], rois, self.output_size, scales[0], self.sampling_ratio)
        levels = self._levels(rois[:, 1:], scales)
        found = [paddle.nonzero(levels == level).flatten() for level in range(len(maps))]
        pooled = [
            roi_align(one, rois[places], self.output_size, scale, self.sampling_ratio)
            for one, scale, places in zip(maps, scales, found, strict=True)
            if len(places)
        ]
        if not pooled:
            return paddle.zeros([0, maps[0].shape[1], *self.output_size], maps[0].dtype)
        return paddle.concat(pooled)[paddle.argsort(paddle.concat(found))]

    def _scale(self, feature: paddle.Tensor, size: list[int]) -> float:
        """The power of two that leads from an image of ``size`` to a map."""
        ratio = paddle.to_tensor(feature.shape[-2] / size[0], dtype="float32")
        return float(2 ** ratio.log2().round())

    def _levels(self, corners: paddle.Tensor, scales: list[float]) -> paddle.Tensor:
        """Which map belongs to each box."""
        low, high = (-float(paddle.to_tensor(scale).log2()) for scale in (scales[0], scales[-1]))
        sides = ((corners[:, 2] - corners[:, 0]) * (corners[:, 3] - corners[:, 1])).sqrt()
        wanted = (self.canonical_level + (sides / self.canonical_scale).log2() + 1e-6).floor()
        return (wanted.clip(low, high) - low).astype("int64")
