"""Losses that one expression of paddle cannot say."""

from __future__ import annotations

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
    loss = paddle.nn.functional.cross_entropy(
        x, label, weight, ignore_index, reduction, axis=classes, label_smoothing=label_smoothing
    )
    return loss.squeeze(classes) if reduction == "none" and loss.ndim == x.ndim else loss


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
