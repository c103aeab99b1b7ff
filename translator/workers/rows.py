"""Tensors whose rows belong together and are ranked by a score: what a model selected.

Rounding decides which of two rows with nearly equal scores comes first, and what stays at the edge of what is kept.
So the rows of two runs are paired by what they hold, and not by their places.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from translator.workers.tensors import Tensor

Array = NDArray[np.float64]
ROUNDING = 1e-3  # of the scale: a larger difference of two runs of one model is no rounding but another decision
FEW = 8
MOST = 0.9  # of the rows that have to be found again
TELLING = 64  # numbers of a row that tell rows apart; a mask of more is compared, not searched by


@dataclass(frozen=True, slots=True)
class Rows:
    """The tensors of one selection, by name, each with one row for what was selected.

    Args:
        scores: the name of the ranking: one number a row, that never rises.
    """

    scores: str
    tensors: Mapping[str, Tensor]

    def __len__(self) -> int:
        return self.tensors[self.scores].shape[0]

    def values(self, name: str) -> Array:
        """The numbers of a tensor, (rows, numbers)."""
        return self.tensors[name].values().astype(np.float64).reshape(len(self), int(np.prod(self.row(name))))

    def row(self, name: str) -> tuple[int, ...]:
        """The shape of one row of a tensor."""
        return self.tensors[name].shape[1:]

    def is_float(self, name: str) -> bool:
        """Whether a tensor holds fractions, which rounding changes."""
        return self.tensors[name].values().dtype.kind == "f"

    def scale(self, name: str) -> float:
        """The largest magnitude of a tensor."""
        return float(np.max(np.abs(self.values(name)), initial=0.0))

    def like(self, tensors: Mapping[str, Tensor]) -> Rows | None:
        """Tensors of another run as rows of the same kind; None where they are none."""
        found = {name: tensors[name] for name in self.tensors if name in tensors}
        if len(found) < len(self.tensors) or any(not tensor.shape for tensor in found.values()):
            return None
        rows = Rows(self.scores, found)
        is_alike = all(
            len(tensor.shape) == len(self.tensors[name].shape)
            and tensor.shape[0] == len(rows)
            and rows.is_float(name) == self.is_float(name)
            and rows.row(name) == self.row(name)
            for name, tensor in found.items()
        )
        return rows if is_alike else None


@dataclass(slots=True)
class Pairing:
    """Which rows of two selections are the same.

    Args:
        pairs: places in the one and in the other.
        alone: rows of the one, and of the other, without a partner.
    """

    pairs: list[tuple[int, int]] = field(default_factory=list)
    alone: tuple[list[int], list[int]] = field(default_factory=lambda: ([], []))

    def differences(self, one: Rows, other: Rows, name: str) -> Array:
        """How far apart a tensor is in each pair: (pairs, numbers); infinite where something is not a number."""
        places = np.array(self.pairs, int).reshape(-1, 2)
        with np.errstate(invalid="ignore"):
            found = np.abs(one.values(name)[places[:, 0]] - other.values(name)[places[:, 1]])
        return np.where(np.isnan(found), np.inf, found)


def selections(shapes: Mapping[str, Sequence[int]], get: Callable[[str], Tensor]) -> list[Rows]:
    """The ranked selections among named tensors: those of one mapping that have as many rows, and scores.

    Args:
        get: the tensor of a name; asked only where the shapes fit.
    """
    groups: dict[tuple[str, int], list[str]] = {}
    for name, shape in shapes.items():
        prefix, _, last = name.rpartition(".")
        if shape and not last.isdigit():
            groups.setdefault((prefix, shape[0]), []).append(name)
    found = []
    for names in groups.values():
        if len(names) > 1 and any(len(shapes[name]) == 1 for name in names):
            tensors = {name: get(name) for name in names}
            ranking = next((name for name, tensor in tensors.items() if _is_ranking(tensor)), None)
            found += [Rows(ranking, tensors)] if ranking is not None else []
    return found


def _is_ranking(tensor: Tensor) -> bool:
    values = tensor.values()
    return values.ndim == 1 and values.dtype.kind == "f" and bool((np.diff(values) <= 0).all())


def paired(one: Rows, other: Rows) -> Pairing:
    """Pair the rows of two selections: each with the nearest that has the same whole numbers and is alike."""
    return _nearest(_costs(one, other))


def rearranged(one: Array, other: Array) -> Pairing | None:
    """The rows of one tensor where they are found in another; None where too few are, or there are but a few rows.

    What a network computes for boxes that it proposes comes in the order of the proposals: where two of them change
    places, all that is computed of them does.
    """
    if not one.ndim or one.shape[1:] != other.shape[1:] or min(len(one), len(other)) < FEW:
        return None
    a, b = (array.astype(np.float64).reshape(len(array), -1) for array in (one, other))
    most = ROUNDING * max(float(np.max(np.abs(a), initial=0.0)), 1e-30)
    short = _shortened(a), _shortened(b)
    with np.errstate(invalid="ignore"):
        costs = np.max([np.abs(x[:, None] - y[None]) for x, y in zip(*short, strict=True)], axis=0) / most
        found = _nearest(np.where(np.isnan(costs), np.inf, costs))
        wrong = [(i, j) for i, j in found.pairs if not np.abs(a[i] - b[j]).max() <= most]
    for pair in wrong:
        found.pairs.remove(pair)
        for rows, i in zip(found.alone, pair, strict=True):
            rows.append(i)
    return found if len(found.pairs) >= MOST * max(len(one), len(other)) else None


def _shortened(rows: Array) -> Array:
    """The columns of some rows; of long rows a few sums of all of them, which tell rows apart as well."""
    width = rows.shape[1]
    if width <= FEW:
        return rows.T
    directions = np.random.default_rng(0).standard_normal((width, FEW))
    result: Array = (rows @ (directions / np.linalg.norm(directions, axis=0))).T
    return result


def _nearest(costs: Array) -> Pairing:
    """Each row of the one with the least unlike of the other that is free, as far as it is no more than 1."""
    result = Pairing()
    free = np.ones(costs.shape[1], bool)
    for i, row in enumerate(costs):
        near = np.flatnonzero((row <= 1.0) & free)
        if len(near):
            j = int(min(near, key=lambda j: (row[j], abs(i - j))))
            free[j] = False
            result.pairs.append((i, j))
        else:
            result.alone[0].append(i)
    result.alone[1].extend(np.flatnonzero(free).tolist())
    return result


def _costs(one: Rows, other: Rows) -> Array:
    """How unlike each row is to each of the other's: 1 where it is no longer rounding, infinite for other integers."""
    costs = np.zeros((len(one), len(other)))
    for name in one.tensors:
        a, b = one.values(name), other.values(name)
        if not a.shape[1] or a.shape[1] > TELLING:
            continue
        apart = np.abs(a[:, None] - b[None]).max(2)
        apart = np.where(np.isnan(apart), np.inf, apart)
        if one.is_float(name):
            costs = np.maximum(costs, apart / (ROUNDING * max(one.scale(name), 1e-30)))
        else:
            costs[apart > 0] = np.inf
    return costs


def error_of(one: Rows, exact: Rows) -> dict[str, float]:
    """Float32 error of each tensor, in the rows that the float64 run has, too."""
    known = paired(one, exact)
    floats = [name for name in one.tensors if one.is_float(name)]
    return {name: float(np.max(known.differences(one, exact, name), initial=0.0)) for name in floats}
