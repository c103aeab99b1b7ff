"""Losses that one expression of paddle cannot say."""

from __future__ import annotations

import math

import paddle


def cross_entropy(
    x: paddle.Tensor,
    label: paddle.Tensor,
    weight: paddle.Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> paddle.Tensor:
    """Cross entropy of logits (batch, classes, ...), whose classes are the second axis.

    Args:
        label: class indices (batch, ...), or probabilities of the logits' shape.
        weight: of each class.
        ignore_index: a class index that does not count.
        reduction: ``mean``, ``sum`` or ``none``.
        label_smoothing: how much of each label goes to all classes alike.
    """
    classes = 1 if x.ndim > 1 else 0
    if label.is_floating_point():
        return _soft_cross_entropy(x, label, weight, reduction, label_smoothing, classes)
    logarithms = paddle.nn.functional.log_softmax(x, classes)
    loss = nll_loss(logarithms, label, weight, ignore_index, reduction)
    if not label_smoothing:
        return loss
    shares = paddle.ones([x.shape[classes]], x.dtype) if weight is None else weight
    others = -(logarithms * shares.reshape([-1, *[1] * (x.ndim - 1 - classes)])).sum(classes)
    others = paddle.where(label == ignore_index, paddle.zeros_like(others), others)
    if reduction != "none":
        others = others.sum()
    if reduction == "mean":
        others = others / _counted(label, weight, ignore_index, x.dtype).sum()
    return (1 - label_smoothing) * loss + label_smoothing / x.shape[classes] * others


def nll_loss(
    x: paddle.Tensor,
    label: paddle.Tensor,
    weight: paddle.Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> paddle.Tensor:
    """Negative log likelihood of logarithms (batch, classes, ...).

    paddle's own counts ignored labels in some means, and reads beyond its memory where a label is no class.

    Args:
        label: class indices (batch, ...).
        weight: of each class.
        ignore_index: a class index that does not count.
        reduction: ``mean``, ``sum`` or ``none``.
    """
    classes = 1 if x.ndim > 1 else 0
    known = paddle.where(label == ignore_index, paddle.zeros_like(label), label)
    counted = _counted(label, weight, ignore_index, x.dtype)
    loss = -paddle.take_along_axis(x, known.unsqueeze(classes), classes).squeeze(classes) * counted
    if reduction == "none":
        return loss
    return loss.sum() / counted.sum() if reduction == "mean" else loss.sum()


def _counted(
    label: paddle.Tensor, weight: paddle.Tensor | None, ignore_index: int, dtype: paddle.dtype
) -> paddle.Tensor:
    """How much each label counts: its class's weight, or nothing."""
    counted = (label != ignore_index).astype(dtype)
    if weight is None:
        return counted
    return counted * weight[paddle.where(label == ignore_index, paddle.zeros_like(label), label)]


def _soft_cross_entropy(
    logits: paddle.Tensor,
    label: paddle.Tensor,
    weight: paddle.Tensor | None,
    reduction: str,
    label_smoothing: float,
    classes: int,
) -> paddle.Tensor:
    label = label * (1 - label_smoothing) + label_smoothing / logits.shape[classes]
    terms = label * paddle.nn.functional.log_softmax(logits, classes)
    if weight is not None:
        terms = terms * weight.reshape([-1, *[1] * (logits.ndim - 1 - classes)])
    loss = -terms.sum(classes)
    if reduction == "none":
        return loss
    return loss.sum() / (loss.size if reduction == "mean" else 1)


class CrossEntropyLoss(paddle.nn.Layer):
    """``cross_entropy`` as a layer; see there for the arguments."""

    def __init__(
        self,
        weight: paddle.Tensor | None = None,
        ignore_index: int = -100,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__()
        self.weight, self.ignore_index, self.reduction, self.label_smoothing = (
            weight, ignore_index, reduction, label_smoothing,
        )  # fmt: skip

    def forward(self, x: paddle.Tensor, label: paddle.Tensor) -> paddle.Tensor:
        """The loss of logits (batch, classes, ...) against ``label``."""
        return cross_entropy(x, label, self.weight, self.ignore_index, self.reduction, self.label_smoothing)


class NLLLoss(paddle.nn.Layer):
    """``nll_loss`` as a layer; see there for the arguments."""

    def __init__(self, weight: paddle.Tensor | None = None, ignore_index: int = -100, reduction: str = "mean") -> None:
        super().__init__()
        self.weight, self.ignore_index, self.reduction = weight, ignore_index, reduction

    def forward(self, x: paddle.Tensor, label: paddle.Tensor) -> paddle.Tensor:
        """The loss of logarithms (batch, classes, ...) against ``label``."""
        return nll_loss(x, label, self.weight, self.ignore_index, self.reduction)


def kl_div(x: paddle.Tensor, label: paddle.Tensor, reduction: str = "mean", log_target: bool = False) -> paddle.Tensor:
    """Divergence of ``x``, which holds logarithms, from ``label``; paddle's own gives ``label`` no gradient.

    Args:
        reduction: ``mean``, ``batchmean``, ``sum`` or ``none``.
        log_target: whether ``label`` holds logarithms, too.
    """
    if log_target:
        loss = label.exp() * (label - x)
    else:
        is_zero = label == 0
        logarithm = paddle.where(is_zero, paddle.ones_like(label), label).log()
        loss = paddle.where(is_zero, paddle.zeros_like(label), label * logarithm) - label * x
    if reduction == "batchmean":
        return loss.sum() / loss.shape[0]
    return loss if reduction == "none" else loss.sum() if reduction == "sum" else loss.mean()


class KLDivLoss(paddle.nn.Layer):
    """``kl_div`` as a layer; see there for the arguments."""

    def __init__(self, reduction: str = "mean", log_target: bool = False) -> None:
        super().__init__()
        self.reduction, self.log_target = reduction, log_target

    def forward(self, x: paddle.Tensor, label: paddle.Tensor) -> paddle.Tensor:
        """The divergence of ``x`` from ``label``, of the same shape."""
        return kl_div(x, label, self.reduction, self.log_target)


def gaussian_nll_loss(
    x: paddle.Tensor,
    label: paddle.Tensor,
    variance: paddle.Tensor | float,
    full: bool = False,
    eps: float = 1e-6,
    reduction: str = "mean",
) -> paddle.Tensor:
    """Negative log likelihood of ``label`` under normal distributions; paddle's own gives ``variance`` no gradient.

    Args:
        x: the means.
        variance: of the same shape, or with a last axis of one or none; below ``eps`` it counts as ``eps``.
        full: whether the constant term is added.
        reduction: ``mean``, ``sum`` or ``none``.
    """
    if not isinstance(variance, paddle.Tensor):
        variance = paddle.full(x.shape, variance, dtype=x.dtype)
    if variance.ndim == x.ndim - 1 and variance.shape == x.shape[:-1]:
        variance = variance.unsqueeze(-1)
    floor = paddle.full_like(variance, eps)
    variance = variance + (paddle.where(variance < eps, floor, variance) - variance).detach()
    loss = 0.5 * (variance.log() + (x - label) ** 2 / variance)
    if full:
        loss = loss + 0.5 * math.log(2 * math.pi)
    return loss if reduction == "none" else loss.sum() if reduction == "sum" else loss.mean()


class GaussianNLLLoss(paddle.nn.Layer):
    """``gaussian_nll_loss`` as a layer; see there for the arguments."""

    def __init__(self, *, full: bool = False, eps: float = 1e-6, reduction: str = "mean") -> None:
        super().__init__()
        self.full, self.eps, self.reduction = full, eps, reduction

    def forward(self, x: paddle.Tensor, label: paddle.Tensor, variance: paddle.Tensor | float) -> paddle.Tensor:
        """The loss of means ``x`` and variances against ``label``."""
        return gaussian_nll_loss(x, label, variance, self.full, self.eps, self.reduction)
