"""torchvision's operators in plain torch, against their definitions written out pixel by pixel."""

from __future__ import annotations

import importlib.util
import math
import subprocess
import sys
import textwrap
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from translator.workers import torch_regions as regions  # noqa: E402
from translator.workers.torch_operators import nms  # noqa: E402
from translator.workers.torch_sampling import deform_conv2d  # noqa: E402

RANDOM = np.random.default_rng(0)
IMAGE = torch.from_numpy(RANDOM.standard_normal((2, 12, 9, 7)))
CORNERS = RANDOM.uniform(-4, 14, (24, 2))
ROIS = torch.from_numpy(
    np.concatenate([RANDOM.integers(0, 2, (24, 1)), CORNERS, CORNERS + RANDOM.uniform(0.05, 14, (24, 2))], 1)
)
SCALE, HEIGHT, WIDTH = 0.5, 3, 2


def between(plane: Any, y: float, x: float) -> float:
    """The value of a plane at a place; that of its edge up to a pixel outside, then 0."""
    height, width = plane.shape
    if not (-1 <= y <= height and -1 <= x <= width):
        return 0.0
    y, x = min(max(y, 0), height - 1), min(max(x, 0), width - 1)
    top, left = int(y), int(x)
    bottom, right = min(top + 1, height - 1), min(left + 1, width - 1)
    dy, dx = y - top, x - left
    upper = plane[top, left] * (1 - dx) + plane[top, right] * dx
    return float(upper * (1 - dy) + (plane[bottom, left] * (1 - dx) + plane[bottom, right] * dx) * dy)


def slow_roi_align(ratio: int, aligned: bool, own_channels: bool = False) -> Any:
    image, shift = IMAGE.numpy(), 0.5 if aligned else 0.0
    channels = image.shape[1] // (HEIGHT * WIDTH if own_channels else 1)
    found = np.zeros((len(ROIS), channels, HEIGHT, WIDTH))
    for n, c, i, j in np.ndindex(found.shape):
        number, x1, y1, x2, y2 = ROIS[n].tolist()
        sides = [(b - a) * SCALE if aligned else max((b - a) * SCALE, 1.0) for a, b in ((y1, y2), (x1, x2))]
        steps = [s / k for s, k in zip(sides, (HEIGHT, WIDTH), strict=True)]
        rows, columns = (ratio if ratio > 0 else math.ceil(step) for step in steps)
        channel = (c * HEIGHT + i) * WIDTH + j if own_channels else c
        values = [
            between(
                image[int(number), channel],
                y1 * SCALE - shift + (i + (a + 0.5) / rows) * steps[0],
                x1 * SCALE - shift + (j + (b + 0.5) / columns) * steps[1],
            )
            for a in range(rows)
            for b in range(columns)
        ]
        found[n, c, i, j] = sum(values) / max(rows * columns, 1)
    return found


def part(first: int, last: int, number: int, parts: int, limit: int) -> slice:
    """The pixels of one part of a side from ``first`` up to ``last``, inside the image."""
    size = max(last - first, 1) / parts
    ends = math.floor(number * size) + first, math.ceil((number + 1) * size) + first
    return slice(*(min(max(end, 0), limit) for end in ends))


def slow_roi_pool() -> Any:
    found = np.zeros((len(ROIS), IMAGE.shape[1], HEIGHT, WIDTH))
    for n, i, j in np.ndindex(len(ROIS), HEIGHT, WIDTH):
        x1, y1, x2, y2 = (math.floor(c + 0.5) if c >= 0 else math.ceil(c - 0.5) for c in (ROIS[n, 1:] * SCALE).tolist())
        window = IMAGE[int(ROIS[n, 0]), :, part(y1, y2 + 1, i, HEIGHT, 9), part(x1, x2 + 1, j, WIDTH, 7)].numpy()
        found[n, :, i, j] = window.max((1, 2)) if window.size else 0
    return found


def slow_ps_roi_pool() -> Any:
    found = np.zeros((len(ROIS), 2, HEIGHT, WIDTH))
    for n, c, i, j in np.ndindex(found.shape):
        x1, y1, x2, y2 = (math.floor(c + 0.5) if c >= 0 else math.ceil(c - 0.5) for c in (ROIS[n, 1:] * SCALE).tolist())
        plane = IMAGE[int(ROIS[n, 0]), (c * HEIGHT + i) * WIDTH + j].numpy()
        window = plane[part(y1, y2, i, HEIGHT, 8), part(x1, x2, j, WIDTH, 6)]
        found[n, c, i, j] = window.mean() if window.size else 0
    return found


def slow_deform(x: Any, weight: Any, offset: Any, mask: Any, stride: int, padding: int, groups: int, apart: int) -> Any:
    out, per_group, kernel_h, kernel_w = weight.shape
    found = np.zeros((len(x), out, *offset.shape[2:]))
    for n, o, i, j in np.ndindex(found.shape):
        for c, a, b in np.ndindex(per_group, kernel_h, kernel_w):
            channel = o // (out // groups) * per_group + c
            tap = channel // (x.shape[1] // apart) * kernel_h * kernel_w + a * kernel_w + b
            y = i * stride - padding + a * 2 + offset[n, 2 * tap, i, j]
            z = j * stride - padding + b * 2 + offset[n, 2 * tap + 1, i, j]
            padded = np.pad(x[n, channel], 2)
            value = between(padded, y + 2, z + 2) if y > -1 and z > -1 else 0.0
            found[n, o, i, j] += value * mask[n, tap, i, j] * weight[o, c, a, b]
    return found


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        pytest.param(
            lambda x: regions.roi_align(x, ROIS, SCALE, HEIGHT, WIDTH, 2, False),
            lambda: slow_roi_align(2, False),
            id="aligned regions, two samples",
        ),
        pytest.param(
            lambda x: regions.roi_align(x, ROIS, SCALE, HEIGHT, WIDTH, -1, True),
            lambda: slow_roi_align(-1, True),
            id="aligned regions, centres at halves, as many samples as pixels",
        ),
        pytest.param(
            lambda x: regions.ps_roi_align(x, ROIS, SCALE, HEIGHT, WIDTH, 0)[0],
            lambda: slow_roi_align(0, True, own_channels=True),
            id="aligned regions, channels of each part",
        ),
        pytest.param(
            lambda x: regions.roi_pool(x, ROIS, SCALE, HEIGHT, WIDTH)[0], slow_roi_pool, id="largest of each part"
        ),
        pytest.param(
            lambda x: regions.ps_roi_pool(x, ROIS, SCALE, HEIGHT, WIDTH)[0],
            slow_ps_roi_pool,
            id="means of each part, channels of its own",
        ),
    ],
)  # fmt: skip
def test_regions(found: Any, expected: Any) -> None:
    np.testing.assert_allclose(found(IMAGE).numpy(), expected(), rtol=0, atol=1e-12)
    assert torch.autograd.gradcheck(found, IMAGE[:, :6, :4, :4].clone().requires_grad_())


def test_regions_one_by_one_or_in_steps_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    at_once = [regions.roi_align(IMAGE, ROIS, 1.0, 2, 2, -1, False), *regions.roi_pool(IMAGE, ROIS, 1.0, 2, 2)]
    monkeypatch.setattr(regions, "MOST_ELEMENTS", 1)
    in_steps = [regions.roi_align(IMAGE, ROIS, 1.0, 2, 2, -1, False), *regions.roi_pool(IMAGE, ROIS, 1.0, 2, 2)]
    assert all(torch.allclose(one, other, atol=1e-12) for one, other in zip(at_once, in_steps, strict=True))


def test_no_regions() -> None:
    none = ROIS[:0]
    assert regions.roi_align(IMAGE, none, 1.0, 2, 2, -1, True).shape == (0, 12, 2, 2)
    assert regions.roi_pool(IMAGE, none, 1.0, 2, 2)[0].shape == (0, 12, 2, 2)
    assert regions.ps_roi_pool(IMAGE, none, 1.0, 3, 2)[0].shape == (0, 2, 3, 2)
    assert nms(none[:, 1:], none[:, 0], 0.5).tolist() == []


def test_boxes_get_no_gradient() -> None:
    image, rois = IMAGE.clone().requires_grad_(), ROIS.clone().requires_grad_()
    found = [regions.roi_align(image, rois, 1.0, 2, 2, -1, True), regions.ps_roi_align(image, rois, 1.0, 2, 2, -1)[0]]
    sum(one.sum() for one in found).backward()
    assert image.grad is not None
    assert rois.grad is None


def test_the_gradient_of_a_largest_value_goes_to_the_first_of_equals() -> None:
    image = torch.zeros(1, 1, 4, 4, requires_grad=True)
    found, places = regions.roi_pool(image, torch.tensor([[0.0, 0.0, 0.0, 3.0, 3.0]]), 1.0, 2, 2)
    found.sum().backward()
    assert places.flatten().tolist() == image.grad.flatten().nonzero().flatten().tolist() == [0, 2, 8, 10]


def test_without_offsets_it_is_a_convolution() -> None:
    x, weight = torch.randn(2, 4, 5, 6, dtype=torch.float64), torch.randn(6, 2, 3, 3, dtype=torch.float64)
    bias, mask = torch.randn(6, dtype=torch.float64), torch.ones(2, 9, 3, 3, dtype=torch.float64)
    offset = torch.zeros(2, 18, 3, 3, dtype=torch.float64)
    found = deform_conv2d(x, weight, offset, mask, bias, 2, 2, 1, 1, 1, 1, 2, 1, True)
    assert torch.allclose(found, torch.nn.functional.conv2d(x, weight, bias, 2, 1, groups=2))


def test_deformed_convolution() -> None:
    x, weight = RANDOM.standard_normal((2, 4, 6, 5)), RANDOM.standard_normal((4, 2, 2, 3))
    offset, mask = RANDOM.standard_normal((2, 24, 4, 3)) * 3, RANDOM.random((2, 12, 4, 3))
    given = [torch.from_numpy(one).requires_grad_() for one in (x, weight, offset, mask)]

    def found(*tensors: Any) -> Any:
        return deform_conv2d(*tensors, torch.zeros(4, dtype=torch.float64), 2, 2, 2, 2, 2, 2, 2, 2, True)

    np.testing.assert_allclose(found(*given).detach(), slow_deform(x, weight, offset, mask, 2, 2, 2, 2), atol=1e-12)
    assert torch.autograd.gradcheck(found, given)


def slow_nms(boxes: Any, scores: Any, threshold: float) -> list[int]:
    kept: list[int] = []
    for i in np.argsort(-scores, kind="stable").tolist():
        for j in kept:
            (x1, y1, x2, y2), (u1, v1, u2, v2) = boxes[i], boxes[j]
            inner = max(min(x2, u2) - max(x1, u1), 0) * max(min(y2, v2) - max(y1, v1), 0)
            if inner / ((x2 - x1) * (y2 - y1) + (u2 - u1) * (v2 - v1) - inner) > threshold:
                break
        else:
            kept.append(i)
    return kept


@pytest.mark.parametrize("threshold", [0.1, 0.5, 1.0])
def test_suppression(threshold: float) -> None:
    corners = RANDOM.random((200, 2)) * 8
    boxes = np.concatenate([corners, corners + 0.5 + RANDOM.random((200, 2)) * 4], 1)
    scores = np.round(RANDOM.random(200), 1)  # with ties
    assert nms(torch.from_numpy(boxes), torch.from_numpy(scores), threshold).tolist() == slow_nms(
        boxes, scores, threshold
    )


def test_boxes_without_an_area_stay() -> None:
    assert nms(torch.zeros(2, 4), torch.tensor([0.5, 0.5]), 0.5).tolist() == [0, 1]


@pytest.mark.skipif(importlib.util.find_spec("torchvision") is None, reason="torchvision is not installed")
def test_the_operators_are_there_when_a_part_of_the_package_is_imported_first() -> None:
    program = """
        from translator.workers.torch_operators import define_operators
        kept = define_operators()
        from torchvision.ops.roi_align import roi_align
        import torch, torchvision
        from torchvision.extension import _has_ops
        assert _has_ops() and roi_align.__globals__["_has_ops"]()
        print(torchvision.ops.nms(torch.tensor([[0.0, 0, 1, 1]]), torch.ones(1), 0.5).tolist())
    """
    ran = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=False)
    assert (ran.stdout.strip(), ran.returncode) == ("[0]", 0), ran.stderr
