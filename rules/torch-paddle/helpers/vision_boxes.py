"""Boxes of detection: areas, overlaps, suppression, losses."""

from __future__ import annotations

import math

import paddle


def nms(boxes: paddle.Tensor, scores: paddle.Tensor, iou_threshold: float) -> paddle.Tensor:
    """Indices of the boxes (x1, y1, x2, y2) that no better box overlaps by more than ``iou_threshold``, best first."""
    order = paddle.argsort(scores, descending=True, stable=True)
    return order[paddle.vision.ops.nms(boxes[order], iou_threshold)] if len(order) else order


def batched_nms(
    boxes: paddle.Tensor, scores: paddle.Tensor, idxs: paddle.Tensor, iou_threshold: float
) -> paddle.Tensor:
    """``nms`` among the boxes of each class; ``idxs`` says the class of each box."""
    if not len(boxes):
        return paddle.empty([0], "int64")
    apart = idxs.astype(boxes.dtype) * (boxes.max() + 1)
    return nms(boxes + apart.unsqueeze(1), scores, iou_threshold)


def box_area(boxes: paddle.Tensor, fmt: str = "xyxy") -> paddle.Tensor:
    """Areas of boxes (..., 4) in one of the formats of ``box_convert``."""
    boxes = box_convert(boxes, fmt, "xyxy")
    return (boxes[..., 2] - boxes[..., 0]) * (boxes[..., 3] - boxes[..., 1])


def _overlap(boxes1: paddle.Tensor, boxes2: paddle.Tensor) -> tuple[paddle.Tensor, paddle.Tensor]:
    """Intersection and union of every box of one set (n, 4) with every one of the other (m, 4)."""
    a, b = boxes1.unsqueeze(1), boxes2.unsqueeze(0)
    sides = (paddle.minimum(a[..., 2:], b[..., 2:]) - paddle.maximum(a[..., :2], b[..., :2])).clip(min=0)
    inner = sides[..., 0] * sides[..., 1]
    return inner, box_area(a) + box_area(b) - inner


def box_iou(boxes1: paddle.Tensor, boxes2: paddle.Tensor, fmt: str = "xyxy") -> paddle.Tensor:
    """Intersection over union of every box of one set (n, 4) with every one of the other (m, 4).

    Args:
        fmt: of both; see ``box_convert``.
    """
    inner, union = _overlap(box_convert(boxes1, fmt, "xyxy"), box_convert(boxes2, fmt, "xyxy"))
    return inner / union


def _hull(boxes1: paddle.Tensor, boxes2: paddle.Tensor) -> paddle.Tensor:
    """Sides (..., 2) of the smallest box around both."""
    low = paddle.minimum(boxes1[..., :2], boxes2[..., :2])
    return (paddle.maximum(boxes1[..., 2:], boxes2[..., 2:]) - low).clip(min=0)


def generalized_box_iou(boxes1: paddle.Tensor, boxes2: paddle.Tensor) -> paddle.Tensor:
    """``box_iou``, less the part of the box around both that neither covers."""
    inner, union = _overlap(boxes1, boxes2)
    hull = _hull(boxes1.unsqueeze(1), boxes2.unsqueeze(0)).prod(-1)
    return inner / union - (hull - union) / hull


def _centre_distance(boxes1: paddle.Tensor, boxes2: paddle.Tensor, eps: float) -> paddle.Tensor:
    """Squared distance of the centres, in squared diagonals of the box around both."""
    apart = (boxes1[..., :2] + boxes1[..., 2:] - boxes2[..., :2] - boxes2[..., 2:]) / 2
    return apart.square().sum(-1) / (_hull(boxes1, boxes2).square().sum(-1) + eps)


def _shape_penalty(boxes1: paddle.Tensor, boxes2: paddle.Tensor, iou: paddle.Tensor, eps: float) -> paddle.Tensor:
    """How much the ratios of the sides differ, weighed by how well the boxes fit."""
    angles = [paddle.atan((b[..., 2] - b[..., 0]) / (b[..., 3] - b[..., 1])) for b in (boxes1, boxes2)]
    difference = 4 / math.pi**2 * (angles[0] - angles[1]).square()
    with paddle.no_grad():
        weight = difference / (1 - iou + difference + eps)
    return weight * difference


def distance_box_iou(boxes1: paddle.Tensor, boxes2: paddle.Tensor, eps: float = 1e-7) -> paddle.Tensor:
    """``box_iou``, less the squared distance of the centres in diagonals of the box around both."""
    return box_iou(boxes1, boxes2) - _centre_distance(boxes1.unsqueeze(1), boxes2.unsqueeze(0), eps)


def complete_box_iou(boxes1: paddle.Tensor, boxes2: paddle.Tensor, eps: float = 1e-7) -> paddle.Tensor:
    """``distance_box_iou``, less a penalty for other ratios of the sides."""
    a, b = boxes1.unsqueeze(1), boxes2.unsqueeze(0)
    return distance_box_iou(boxes1, boxes2, eps) - _shape_penalty(a, b, box_iou(boxes1, boxes2), eps)


def box_convert(boxes: paddle.Tensor, in_fmt: str, out_fmt: str) -> paddle.Tensor:
    """Boxes (..., 4) from one of ``xyxy``, ``xywh`` (corner and sides) and ``cxcywh`` (centre and sides) to another.

    Raises:
        ValueError: another format.
    """
    if not {in_fmt, out_fmt} <= {"xyxy", "xywh", "cxcywh"}:
        raise ValueError(f"cannot convert boxes from {in_fmt} to {out_fmt}")
    if in_fmt == out_fmt:
        return boxes.clone()
    first, second = boxes[..., :2], boxes[..., 2:]
    if in_fmt == "xywh":
        second = first + second
    elif in_fmt == "cxcywh":
        first, second = first - second / 2, first + second / 2
    if out_fmt == "xywh":
        second = second - first
    elif out_fmt == "cxcywh":
        first, second = (first + second) / 2, second - first
    return paddle.concat([first, second], -1)


def clip_boxes_to_image(boxes: paddle.Tensor, size: tuple[int, int]) -> paddle.Tensor:
    """Boxes (..., 4) inside an image of ``size`` (height, width)."""
    height, width = size
    x, y = boxes[..., 0::2].clip(0, width), boxes[..., 1::2].clip(0, height)
    return paddle.stack([x, y], -1).reshape(boxes.shape)


def remove_small_boxes(boxes: paddle.Tensor, min_size: float) -> paddle.Tensor:
    """Indices of the boxes (n, 4) whose sides are both at least ``min_size``."""
    sides = boxes[:, 2:] - boxes[:, :2]
    return paddle.nonzero((sides >= min_size).all(1)).flatten()


def masks_to_boxes(masks: paddle.Tensor) -> paddle.Tensor:
    """The smallest box (n, 4) around what is not zero in each mask (n, height, width); zeros around nothing."""
    found = []
    for mask in masks:
        y, x = paddle.nonzero(mask, as_tuple=True)
        if not y.size:
            found.append(paddle.zeros([4]))
            continue
        found.append(paddle.stack([x.min(), y.min(), x.max(), y.max()]).astype("float32"))
    return paddle.stack(found) if found else paddle.zeros([0, 4])


def _reduced(loss: paddle.Tensor, reduction: str) -> paddle.Tensor:
    if reduction == "none":
        return loss
    if reduction == "sum":
        return loss.sum()
    return loss.mean() if loss.size else 0.0 * loss.sum()


def sigmoid_focal_loss(
    inputs: paddle.Tensor, targets: paddle.Tensor, alpha: float = 0.25, gamma: float = 2, reduction: str = "none"
) -> paddle.Tensor:
    """Binary cross entropy of logits that counts well classified elements less.

    Args:
        targets: zeros and ones of the shape of ``inputs``.
        alpha: weight of ones, 1 - alpha that of zeros; below zero for none.
        gamma: how much less an element counts whose probability is right already.
        reduction: ``none``, ``mean`` or ``sum``.
    """
    p = paddle.nn.functional.sigmoid(inputs)
    entropy = paddle.nn.functional.binary_cross_entropy_with_logits(inputs, targets, reduction="none")
    right = p * targets + (1 - p) * (1 - targets)
    loss = entropy * (1 - right) ** gamma
    if alpha >= 0:
        loss = (alpha * targets + (1 - alpha) * (1 - targets)) * loss
    return _reduced(loss, reduction)


def _pairwise(boxes1: paddle.Tensor, boxes2: paddle.Tensor, eps: float) -> tuple[paddle.Tensor, paddle.Tensor]:
    """Intersection over union of each box with its partner, and the union."""
    sides = paddle.minimum(boxes1[..., 2:], boxes2[..., 2:]) - paddle.maximum(boxes1[..., :2], boxes2[..., :2])
    inner = sides.clip(min=0).prod(-1)
    areas = [(b[..., 2:] - b[..., :2]).prod(-1) for b in (boxes1, boxes2)]
    union = areas[0] + areas[1] - inner
    return inner / (union + eps), union


def generalized_box_iou_loss(
    boxes1: paddle.Tensor, boxes2: paddle.Tensor, reduction: str = "none", eps: float = 1e-7
) -> paddle.Tensor:
    """One less the generalised intersection over union of each box (..., 4) with its partner."""
    iou, union = _pairwise(boxes1, boxes2, eps)
    low = paddle.minimum(boxes1[..., :2], boxes2[..., :2])
    hull = (paddle.maximum(boxes1[..., 2:], boxes2[..., 2:]) - low).prod(-1)
    return _reduced(1 - iou + (hull - union) / (hull + eps), reduction)


def distance_box_iou_loss(
    boxes1: paddle.Tensor, boxes2: paddle.Tensor, reduction: str = "none", eps: float = 1e-7
) -> paddle.Tensor:
    """One less the intersection over union of each box with its partner, plus the distance of the centres."""
    iou, _ = _pairwise(boxes1, boxes2, eps)
    return _reduced(1 - iou + _centre_distance(boxes1, boxes2, eps), reduction)


def complete_box_iou_loss(
    boxes1: paddle.Tensor, boxes2: paddle.Tensor, reduction: str = "none", eps: float = 1e-7
) -> paddle.Tensor:
    """``distance_box_iou_loss`` plus a penalty for other ratios of the sides."""
    iou, _ = _pairwise(boxes1, boxes2, eps)
    penalty = _shape_penalty(boxes1, boxes2, iou, eps)
    return _reduced(1 - iou + _centre_distance(boxes1, boxes2, eps) + penalty, reduction)
