"""Find the first statement whose inputs agree and whose results do not, in two traces of one call."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from translator.core import Position
from translator.verify.compare import distance
from translator.workers.protocol import FrameInfo, LineInfo
from translator.workers.tensors import Tensor

Align = Callable[[str, str], dict[int, int]]


@dataclass(frozen=True, slots=True)
class Trace:
    """One side's frames and the tensors that their keys name."""

    frames: Sequence[FrameInfo]
    tensors: Mapping[str, Tensor]


@dataclass(frozen=True, slots=True)
class Fault:
    """A faulty statement; a side is None when it has no such statement."""

    source: Position | None
    output: Position | None
    reason: str


@dataclass(frozen=True, slots=True)
class Run:
    """One function call: its statements, and the state of its tensors before each and at the end, by name."""

    frame: FrameInfo
    number: int
    states: list[dict[str, str]]
    changes: list[dict[str, str]]

    @property
    def lines(self) -> list[LineInfo]:
        """The executed statements."""
        return self.frame["lines"]

    def position(self, event: int) -> Position | None:
        """Where a statement stands; the last one for an event past the end."""
        if not self.lines:
            return None
        line = self.lines[min(event, len(self.lines) - 1)]
        return Position(self.frame["path"], line["line"], 0, line["end_line"], 0)


def run_of(frame: FrameInfo, number: int) -> Run:
    """Add up the changes of a frame; ``changes[i]`` is what statement ``i`` did."""
    states: list[dict[str, str]] = []
    state: dict[str, str] = {}
    for line in frame["lines"]:
        state = {**state, **line["changed"]}
        states.append(state)
    states.append({**state, **frame["returned"]})
    changes = [line["changed"] for line in frame["lines"][1:]] + [frame["returned"]]
    return Run(frame, number, states, changes if frame["lines"] else [])


class Comparer:
    """Compares the tensors of two traces by key; ``tolerance`` is relative to the source's largest magnitude."""

    def __init__(self, source: Trace, target: Trace, tolerance: float, align: Align) -> None:
        self.source, self.target, self.tolerance, self.align = source, target, tolerance, align
        self._known: dict[tuple[str, str], bool] = {}

    def same(self, one: str, other: str) -> bool:
        """Whether two stored tensors agree."""
        if (one, other) not in self._known:
            apart = distance(self.source.tensors[one], self.target.tensors[other])
            self._known[one, other] = apart.max_abs <= self.tolerance * max(apart.scale, 1e-30)
        return self._known[one, other]

    def differing(self, one: Mapping[str, str], other: Mapping[str, str]) -> list[str]:
        """Names on both sides whose tensors disagree."""
        return [name for name in one if name in other and not self.same(one[name], other[name])]

    def fault(self, number: int = 0, other: int = 0) -> Fault | None:
        """The first faulty statement of two frames, or of a function of the user that it calls.

        First by what both sides changed; when that tells nothing, also by what one side left as it was.
        """
        return self._search(number, other, False) or self._search(number, other, True)

    def _search(self, number: int, other: int, one_sided: bool) -> Fault | None:
        ours, theirs = run_of(self.source.frames[number], number), run_of(self.target.frames[other], other)
        mapped = self.align(ours.frame["path"], theirs.frame["path"])
        matches = match_events(
            [line["line"] for line in ours.lines], [mapped.get(line["line"], -1) for line in theirs.lines]
        )
        before = (-1, -1)
        for i, j in [*matches, (len(ours.lines), len(theirs.lines))]:
            between = self._between(ours, theirs, before, (i, j))
            if between is not None:
                return between
            if i < len(ours.lines) and self._makes_fault(ours, theirs, i, j, one_sided):
                return self._inside(ours, theirs, i, j)
            before = (i, j)
        return None

    def _makes_fault(self, ours: Run, theirs: Run, i: int, j: int, one_sided: bool) -> bool:
        """Whether statement ``i`` left something else than ``j`` did, by the names that both, or either, changed."""
        return bool(self.differing(*results(ours, theirs, i, j, one_sided)))

    def _between(self, ours: Run, theirs: Run, before: tuple[int, int], here: tuple[int, int]) -> Fault | None:
        """A statement on one side only, since the last pair, that explains why the states now disagree."""
        extra = [i for i in range(before[0] + 1, here[0]) if ours.changes[i]]
        others = [j for j in range(before[1] + 1, here[1]) if theirs.changes[j]]
        if not extra and not others:
            return None
        names = self.differing(ours.states[here[0]], theirs.states[here[1]])
        touched = {name for i in extra for name in ours.changes[i]} | {n for j in others for n in theirs.changes[j]}
        if not touched & set(names):
            return None
        if extra and others:
            reason = f"{', '.join(names)} differs after this line"
            return Fault(ours.position(extra[0]), theirs.position(others[0]), reason)
        if extra:
            reason = f"this line of the source has no counterpart before this line of the output: {', '.join(names)}"
            return Fault(ours.position(extra[0]), theirs.position(here[1]), reason)
        reason = f"this line of the output has no counterpart in the source: {', '.join(names)}"
        return Fault(ours.position(here[0]), theirs.position(others[0]), reason)

    def _inside(self, ours: Run, theirs: Run, i: int, j: int) -> Fault:
        """The statement itself, or the first faulty one of a function that it calls with arguments that agree."""
        called = [n for n, f in enumerate(self.source.frames) if (f["parent"], f["event"]) == (ours.number, i)]
        others = [n for n, f in enumerate(self.target.frames) if (f["parent"], f["event"]) == (theirs.number, j)]
        for one, other in zip(called, others, strict=False):
            if self.source.frames[one]["function"] == self.target.frames[other]["function"]:
                deeper = self.fault(one, other)
                if deeper is not None:
                    return deeper
        names = self.differing(*results(ours, theirs, i, j, False)) or self.differing(
            *results(ours, theirs, i, j, True)
        )
        what = ", ".join("what it returns" if name.startswith("return.") else f"`{name}`" for name in names)
        return Fault(ours.position(i), theirs.position(j), f"{what} differs after this line, its inputs agree")


def results(ours: Run, theirs: Run, i: int, j: int, one_sided: bool) -> tuple[dict[str, str], dict[str, str]]:
    """What two statements changed; with ``one_sided`` a name that only one of them changed counts on both sides."""
    if not one_sided:
        return ours.changes[i], theirs.changes[j]
    changed = set(ours.changes[i]) | set(theirs.changes[j])
    after = ours.states[i + 1], theirs.states[j + 1]
    return {n: k for n, k in after[0].items() if n in changed}, {n: k for n, k in after[1].items() if n in changed}


def match_events(source: list[int], target: list[int]) -> list[tuple[int, int]]:
    """Pairs of executed statements that stand for each other, in order."""
    blocks = difflib.SequenceMatcher(None, source, target, False).get_matching_blocks()
    return [(block.a + k, block.b + k) for block in blocks for k in range(block.size)]


def find_fault(source: Trace, target: Trace, tolerance: float, align: Align) -> Fault | None:
    """The first faulty statement of the traced call; None when no name that both sides use tells."""
    if not source.frames or not target.frames:
        return None
    return Comparer(source, target, tolerance, align).fault()
