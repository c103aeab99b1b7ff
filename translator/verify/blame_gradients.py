"""From a gradient that differs to the module that makes it, against the order of the forward."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from translator.core import Position
from translator.verify.backward import Gradients, run
from translator.verify.blame import Suspicion, constructed, finished, position
from translator.verify.compare import Comparison, distance, largest
from translator.verify.layers import Pair, matched, pair_calls
from translator.verify.result import Blame
from translator.verify.statements import Fault
from translator.workers.protocol import TensorInfo
from translator.workers.tensors import TensorFolder

LARGEST_TOLERANCE = 1e-3


@dataclass(slots=True)
class Flow:
    """The gradients that went through the calls of both models.

    Args:
        at_fault: comparisons of parameters that do not agree, by their owner.
        tolerance: relative to the largest magnitude.
    """

    pairs: Sequence[Pair]
    source: TensorFolder
    target: TensorFolder
    at_fault: dict[str, list[Comparison]]
    tolerance: float
    guilty: set[int] = field(default_factory=set)

    def agrees(self, one: Sequence[TensorInfo], other: Sequence[TensorInfo]) -> bool:
        """Whether two calls were given, or sent back, the same gradients; one that is not there is zero."""
        return all(self._same(a, b) for _, a, b in matched(one, other))

    def _same(self, one: TensorInfo | None, other: TensorInfo | None) -> bool:
        if one is None or other is None:
            known = self.source[one["key"]] if one else self.target[other["key"]] if other else None
            return known is None or largest(known.values()) == 0
        apart = distance(self.source[one["key"]], self.target[other["key"]])
        return apart.max_abs <= self.tolerance * max(apart.scale, 1e-30)

    def judge(self) -> int | None:
        """The call nearest to the loss that gets the right gradient and gives a wrong one, the innermost such."""
        last: int | None = None
        for number in range(len(self.pairs) - 1, -1, -1):  # what a call made stands behind it
            pair = self.pairs[number]
            if pair.source and pair.target and self._is_own(pair):
                self.guilty.add(number)
        for number in sorted(self.guilty):
            last = number  # the last to begin is the nearest to the loss
        return last

    def _is_own(self, pair: Pair) -> bool:
        assert pair.source is not None
        assert pair.target is not None
        if any(child in self.guilty or self._contains(child) for child in pair.children):
            return False
        if not self.agrees(pair.source["outputs"], pair.target["outputs"]):
            return False
        wrong = pair.call["path"] in self.at_fault
        return wrong or not self.agrees(pair.source["inputs"], pair.target["inputs"])

    def _contains(self, number: int) -> bool:
        return any(child in self.guilty or self._contains(child) for child in self.pairs[number].children)


def blame_gradient(suspicion: Suspicion, found: Gradients) -> Blame | None:
    """Blame the call nearest to the loss whose own backward is at fault."""
    faults = [one for one in found.comparisons if one.verdict != "ok"]
    if not faults:
        return None
    gradients = [one for one in faults if one.name.startswith("gradient")]
    source, target, places = run(suspicion.models, found, flow=True)
    if not gradients or source["error"] or target["error"]:
        first = faults[0]
        return finished(suspicion, first.path, first.class_name, raised(target, first))
    at_fault: dict[str, list[Comparison]] = {}
    for one in gradients:
        at_fault.setdefault(one.path.rpartition(".")[0], []).append(one)
    worst = max(one.max_abs / one.scale if one.scale else 1.0 for one in gradients)
    tolerance = float(min((1e-7 * worst) ** 0.5, LARGEST_TOLERANCE))
    pairs = pair_calls(source["calls"], target["calls"])
    flow = Flow(pairs, TensorFolder(places[0]), TensorFolder(places[1]), at_fault, tolerance)
    number = flow.judge()
    if number is None:
        owner = next(iter(at_fault))
        return finished(
            suspicion, owner, at_fault[owner][0].class_name, constructed(suspicion, owner, told(at_fault[owner]))
        )
    return blame_call(suspicion, pairs[number], at_fault)


def blame_call(suspicion: Suspicion, pair: Pair, at_fault: dict[str, list[Comparison]]) -> Blame:
    """Blame a call: its forward when the user wrote that, else where the module was constructed."""
    path = pair.call["path"]
    reason = told(at_fault[path]) if path in at_fault else "the gradient of its input differs"
    reason += ", that of what it gives agrees"
    ours, theirs = suspicion.module(path)
    fault = constructed(suspicion, path, reason)
    if ours and theirs and ours["forward"]["line"] and theirs["forward"]["line"]:
        fault = Fault(position(ours["forward"]), position(theirs["forward"]), reason)
    return finished(suspicion, path, pair.call["class_name"], fault)


def raised(target: dict[str, Any], first: Comparison) -> Fault:
    """What is not about one module: where the target raised, when it did."""
    error = target["error"]
    place = Position(error["path"], error["line"], 0, error["line"], 0) if error and error["line"] else None
    return Fault(None, place, first.note or f"the {first.name} differs")


def told(comparisons: Sequence[Comparison]) -> str:
    """Which gradients of a module differ."""
    names = ", ".join(one.path.rpartition(".")[2] for one in comparisons)
    notes = dict.fromkeys(one.note for one in comparisons if one.note)
    return f"the gradient of {names} differs" + (f" ({'; '.join(notes)})" if notes else "")
