"""Top-1, top-5, the differences between two models, and the images that they classify differently."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

NO_PREDICTION = -1


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Shares of the images, 0 to 1, whose label is the first prediction, or among the first five.

    ``top5`` is None for models of five classes or fewer: every label is among the first five there, which says nothing.
    """

    top1: float
    top5: float | None


@dataclass(frozen=True, slots=True)
class Flip:
    """An image that the two models classify differently; a prediction of -1 means that the logits held a NaN."""

    path: str
    label: int
    source_prediction: int
    target_prediction: int


def ranks(logits: NDArray[Any], labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many classes stand before the label, for each image: 0 is a correct top-1.

    Equal logits rank by class number, so that two models with equal logits always agree. A row that holds a NaN has no
    order: its label ranks last, and counts as wrong.

    Args:
        logits: shape (images, classes).
        labels: shape (images,), each below ``classes``.
    """
    own = np.take_along_axis(logits, labels[:, None], axis=1)
    earlier = np.arange(logits.shape[1])[None, :] < labels[:, None]
    before = (logits > own) | ((logits == own) & earlier)
    places: NDArray[np.int64] = before.sum(axis=1, dtype=np.int64)
    places[np.isnan(logits).any(axis=1)] = logits.shape[1]
    return places


def predictions(logits: NDArray[Any]) -> NDArray[np.int64]:
    """The class of each image, the lowest number among equal logits; -1 for a row that holds a NaN."""
    classes: NDArray[np.int64] = logits.argmax(axis=1).astype(np.int64)
    classes[np.isnan(logits).any(axis=1)] = NO_PREDICTION
    return classes


def correct(logits: NDArray[Any], labels: NDArray[np.int64], k: int) -> int:
    """How many images have their label among the first ``k`` predictions."""
    classes = logits.shape[1]
    return int((ranks(logits, labels) < min(k, classes)).sum())


def within_gate(source: int, target: int, images: int, gate: float) -> bool:
    """Whether two counts of correct images differ by at most ``gate`` of all images, in exact arithmetic.

    0.2 % of 1000 images is 2 images, which floating point would put above the gate.
    """
    return Fraction(abs(source - target), images) <= Fraction(str(gate))
