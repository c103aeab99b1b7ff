"""torchvision's operators in plain torch, against what they have to be in simple cases."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from translator.workers.torch_operators import deform_conv2d, nms, roi_align, roi_pool  # noqa: E402


def test_regions_of_a_plane_are_its_values_at_their_centres() -> None:
    image = (torch.arange(8.0)[:, None] * 10 + torch.arange(6.0)).reshape(1, 1, 8, 6)
    found = roi_align(image, torch.tensor([[0.0, 1.0, 2.0, 3.0, 6.0]]), 1.0, 2, 1, 2, False)
    assert found.flatten().tolist() == pytest.approx([32.0, 52.0])
    moved = roi_align(image, torch.tensor([[0.0, 1.0, 2.0, 3.0, 6.0]]), 1.0, 2, 1, 2, True)
    assert moved.flatten().tolist() == pytest.approx([26.5, 46.5])


def test_pooling_takes_the_largest_of_each_part() -> None:
    image = torch.arange(16.0).reshape(1, 1, 4, 4)
    found, _ = roi_pool(image, torch.tensor([[0.0, 0.0, 0.0, 3.0, 3.0]]), 1.0, 2, 2)
    assert found.flatten().tolist() == [5.0, 7.0, 13.0, 15.0]


def test_without_offsets_it_is_a_convolution() -> None:
    x, weight = torch.randn(2, 4, 5, 6, dtype=torch.float64), torch.randn(6, 2, 3, 3, dtype=torch.float64)
    bias, mask = torch.randn(6, dtype=torch.float64), torch.ones(2, 9, 3, 3, dtype=torch.float64)
    offset = torch.zeros(2, 18, 3, 3, dtype=torch.float64)
    found = deform_conv2d(x, weight, offset, mask, bias, 2, 2, 1, 1, 1, 1, 2, 1, True)
    assert torch.allclose(found, torch.nn.functional.conv2d(x, weight, bias, 2, 1, groups=2))


def test_boxes_below_a_better_one_go() -> None:
    boxes = torch.tensor([[0.0, 0.0, 2.0, 2.0], [0.0, 0.0, 2.0, 2.1], [5.0, 5.0, 6.0, 6.0]])
    assert nms(boxes, torch.tensor([0.5, 0.6, 0.4]), 0.5).tolist() == [1, 2]
