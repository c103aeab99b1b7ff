"""Compare what two models selected: rows that are ranked by a score; see ``workers.rows``.

A selection jumps where rounding decides, and what is allowed is exactly that:

- paired rows have the same whole numbers, and floats that are judged like any others;
- they change places only where their scores are equal within the noise;
- a row without a partner has a score within the noise of the lowest that was kept, or one of the sides is in doubt
  itself: run in float64, on the same input or on one that is a few roundings away, it has a row that only the other
  side has, or lacks one that it has, or one of the same class whose score is equal within the noise;
- at least half of the rows have partners.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from translator.verify.compare import Distance
from translator.verify.tolerance import Limits
from translator.workers.rows import Array, Pairing, Rows, paired, rearranged
from translator.workers.tensors import Tensor

REORDERED = "rows in another order"


@dataclass(frozen=True, slots=True)
class Ranked:
    """What comparing two selections gave.

    Args:
        moved: pairs that changed places; ``explained``: rows without a partner that rounding explains.
        fault: what rounding does not explain; empty for nothing.
    """

    one: Rows
    other: Rows
    pairing: Pairing
    moved: int
    explained: int
    fault: str

    @property
    def note(self) -> str:
        """What is to be said of the selection besides its numbers."""
        if not max(len(self.one), len(self.other)):
            return "nothing was selected"
        said = []
        if self.moved:
            said.append(f"{self.moved} rows of equal scores in another order")
        if self.explained:
            said.append(f"{self.explained} rows without a partner that rounding explains")
        return ", ".join(said)

    def distance(self, name: str) -> Distance:
        """How far apart a tensor is in the rows that both sides have; the selection is told with its scores."""
        if self.fault and name == self.one.scores:
            infinite = float("inf")
            return Distance(infinite, infinite, infinite, self.one.scale(name), self.fault)
        apart = self.pairing.differences(self.one, self.other, name)
        size = np.abs(self.one.values(name)[[i for i, _ in self.pairing.pairs]])
        scale = self.one.scale(name)
        relative = np.divide(apart, size, out=np.zeros_like(apart), where=size > 1e-6 * scale)
        most = (float(np.max(values, initial=0.0)) for values in (apart, relative))
        mean = float(apart.mean()) if apart.size else 0.0
        return Distance(next(most), mean, next(most), scale, self.note if name == self.one.scores else "")


def compare_ranked(
    one: Rows, other: Rows, exact: Sequence[Sequence[Rows]], noise: float | None, limits: Limits
) -> Ranked:
    """Compare the selections of both sides.

    Args:
        exact: what the source and the target select in each of their float64 runs.
        noise: float32 error of the scores, as far as it was measured.
    """
    pairing = paired(one, other)
    near = limits.noise_limit(one.scale(one.scores), noise)
    moved, jumped = _moved(pairing, one.values(one.scores)[:, 0], near)
    odd = _unexplained(pairing, one, other, exact, near)
    fault = ""
    if 2 * len(pairing.pairs) < max(len(one), len(other)):
        fault = f"only {len(pairing.pairs)} of {max(len(one), len(other))} rows are on both sides"
    elif jumped:
        fault = f"row {jumped[0][0]} became row {jumped[0][1]}, and their scores are not equal within the noise"
    elif odd:
        fault = f"{odd[0]}, and its score is not at the edge of what is kept ({len(odd)} such rows)"
    return Ranked(one, other, pairing, moved, sum(map(len, pairing.alone)) - len(odd), fault)


def distance_of_rows(source: Tensor, target: Tensor, doubtful: int) -> Distance | None:
    """How far apart the rows of two tensors are whatever their order, which the source's float64 run changes, too.

    Args:
        doubtful: rows that the float64 run lacks; about as many may be without a partner here.

    Returns:
        None where they are not the same rows.
    """
    one, other = source.values(), target.values()
    pairing = rearranged(one, other)
    alone = max(map(len, pairing.alone)) if pairing is not None else 0
    if pairing is None or alone > 2 * doubtful + 2:
        return None
    a, b = (side[[pair[k] for pair in pairing.pairs]].astype(np.float64) for k, side in enumerate((one, other)))
    apart, scale = np.abs(a - b), float(np.max(np.abs(one), initial=0.0))
    relative = np.divide(apart, np.abs(a), out=np.zeros_like(apart), where=np.abs(a) > 1e-6 * scale)
    note = f"{REORDERED}, as in float64" + (f", {alone} without a partner" if alone else "")
    return Distance(float(apart.max()), float(apart.mean()), float(relative.max()), scale, note)


def _moved(pairing: Pairing, scores: Array, near: float) -> tuple[int, list[tuple[int, int]]]:
    """How many pairs changed places among the pairs, and those of them that passed rows of another score."""
    ranks = {j: rank for rank, j in enumerate(sorted(j for _, j in pairing.pairs))}
    own = scores[[i for i, _ in pairing.pairs]]
    moved = [(rank, pair) for rank, pair in enumerate(pairing.pairs) if rank != ranks[pair[1]]]
    return len(moved), [pair for rank, pair in moved if abs(own[rank] - own[ranks[pair[1]]]) > near]


def _unexplained(pairing: Pairing, one: Rows, other: Rows, exact: Sequence[Sequence[Rows]], near: float) -> list[str]:
    """Rows without a partner that are neither at the edge of what is kept nor in doubt on a side by itself."""
    sides = {"source": one, "target": other}
    scores = [side.values(one.scores)[:, 0] for side in sides.values()]
    lowest = min((float(side.min()) for side in scores if side.size), default=0.0)
    inside = [[i for i in rows if own[i] - lowest > near] for own, rows in zip(scores, pairing.alone, strict=True)]
    if not any(inside):
        return []
    doubted = [
        (_whole(side, i), own[i])
        for side, own, runs in zip(sides.values(), scores, exact, strict=True)
        for run in runs
        for i in paired(side, run).alone[0]
    ]
    found = []
    for (name, side), own, rows, runs in zip(sides.items(), scores, inside, reversed(exact), strict=True):
        had = {i for run in runs for i, _ in paired(side, run).pairs}
        for i in rows:
            is_tied = any(whole == _whole(side, i) and abs(score - own[i]) <= near for whole, score in doubted)
            if i not in had and not is_tied:
                found.append(f"row {i} is on the {name} side only")
    return found


def _whole(rows: Rows, i: int) -> tuple[float, ...]:
    """The whole numbers of a row, such as its class."""
    return tuple(value for name in rows.tensors if not rows.is_float(name) for value in rows.values(name)[i])
