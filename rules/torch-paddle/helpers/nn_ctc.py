"""Connectionist temporal classification on log probabilities."""

from __future__ import annotations

import paddle

Lengths = paddle.Tensor | list[int] | tuple[int, ...]


def ctc_loss(
    log_probs: paddle.Tensor,
    targets: paddle.Tensor,
    input_lengths: Lengths,
    target_lengths: Lengths,
    blank: int = 0,
    reduction: str = "mean",
    zero_infinity: bool = False,
) -> paddle.Tensor:
    """The loss of log probabilities (time, batch, classes), or (time, classes) of one sequence.

    Args:
        targets: labels (batch, longest), or those of all sequences one after the other.
        input_lengths: steps of each sequence.
        target_lengths: labels of each sequence.
        blank: the class that stands for no label.
        reduction: ``mean`` of the losses over their number of labels, ``sum`` or ``none``.
        zero_infinity: losses without a way to align the labels are zero.
    """
    is_single = log_probs.ndim == 2
    if is_single:
        log_probs, targets = log_probs.unsqueeze(1), targets.unsqueeze(0)
    steps, lengths = (_lengths(one, log_probs.shape[1]) for one in (input_lengths, target_lengths))
    labels = targets if targets.ndim == 2 else _padded(targets, lengths)
    losses = paddle.nn.functional.ctc_loss(
        log_probs, labels.astype("int32"), steps, lengths, blank, reduction="none"
    ).reshape([-1])
    if zero_infinity:
        losses = paddle.where(paddle.isinf(losses), paddle.zeros_like(losses), losses)
    if reduction == "mean":
        return (losses / lengths.clip(min=1).astype(losses.dtype)).mean()
    if reduction == "sum":
        return losses.sum()
    return losses[0] if is_single else losses


def _lengths(values: Lengths, number: int) -> paddle.Tensor:
    tensor = values if isinstance(values, paddle.Tensor) else paddle.to_tensor(values)
    return tensor.astype("int64").reshape([-1]).expand([number])


def _padded(targets: paddle.Tensor, lengths: paddle.Tensor) -> paddle.Tensor:
    """Labels one after the other as rows of equal length."""
    places = paddle.arange(int(lengths.max().item()), dtype="int64").unsqueeze(0)
    starts = (paddle.cumsum(lengths) - lengths).unsqueeze(1)
    return targets[(starts + places).clip(max=targets.shape[0] - 1)]


class CTCLoss(paddle.nn.Layer):
    """``ctc_loss`` as a layer; see there for the arguments."""

    def __init__(self, blank: int = 0, reduction: str = "mean", zero_infinity: bool = False) -> None:
        super().__init__()
        self.blank, self.reduction, self.zero_infinity = blank, reduction, zero_infinity

    def forward(
        self, log_probs: paddle.Tensor, targets: paddle.Tensor, input_lengths: Lengths, target_lengths: Lengths
    ) -> paddle.Tensor:
        """The loss of log probabilities (time, batch, classes) against labels."""
        settings = self.blank, self.reduction, self.zero_infinity
        return ctc_loss(log_probs, targets, input_lengths, target_lengths, *settings)
