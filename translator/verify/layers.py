"""Compare every call of every module on both sides, and tell whose own fault a difference is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from translator.verify.compare import Comparison, Distance, Verdict, distance
from translator.verify.ranked import compare_ranked, distance_of_rows
from translator.verify.tolerance import Limits
from translator.workers.protocol import CallInfo, TensorInfo
from translator.workers.rows import ROUNDING, Rows, selections
from translator.workers.tensors import Tensor, TensorFolder

OPEN_CONTAINERS = ("Sequential", "ModuleList", "LayerList", "ModuleDict", "LayerDict")


@dataclass(frozen=True, slots=True)
class Capture:
    """One side's forward: its calls in the order in which they began, and their tensors.

    Args:
        exact: of what calls selected, the tensors of each float64 run.
        unsteady: tensors whose rows the float64 run has in another order, and how many of the rows it lacks.
    """

    calls: Sequence[CallInfo]
    tensors: Mapping[str, Tensor]
    noise: Mapping[str, float] = field(default_factory=dict)
    error: Mapping[str, object] | None = None
    folder: Path | None = None
    exact: tuple[Mapping[str, Tensor], ...] = ()
    unsteady: Mapping[str, int] = field(default_factory=dict)

    def content(self, key: str) -> str:
        """Equal for keys of tensors that are known to have the same bits."""
        return self.tensors.content(key) if isinstance(self.tensors, TensorFolder) else key


class Distances:
    """Distances between tensors of two captures; what went out of one call and into the next is compared once."""

    def __init__(self, source: Capture, target: Capture) -> None:
        self.source, self.target = source, target
        self._known: dict[tuple[str, str], Distance] = {}

    def between(self, one: str, other: str) -> Distance:
        """The distance of a source's tensor and a target's, by their keys."""
        contents = self.source.content(one), self.target.content(other)
        if contents not in self._known:
            tensors = self.source.tensors[one], self.target.tensors[other]
            apart = distance(*tensors)
            if one in self.source.unsteady and not apart.max_abs <= ROUNDING * apart.scale:
                apart = distance_of_rows(*tensors, self.source.unsteady[one]) or apart
            self._known[contents] = apart
        return self._known[contents]


@dataclass(slots=True)
class Pair:
    """One call as it ran on both sides, or on one; ``parent`` and ``children`` are places in the list of pairs."""

    source: CallInfo | None
    target: CallInfo | None
    parent: int
    children: list[int] = field(default_factory=list)
    inputs_agree: bool = True
    inputs: list[Distance] = field(default_factory=list)
    outputs: list[tuple[str, TensorInfo | None, TensorInfo | None, Distance, float | None]] = field(
        default_factory=list
    )
    diverges: bool = False
    verdict: Verdict = "ok"
    note: str = ""

    @property
    def call(self) -> CallInfo:
        """The call on the side where it ran, the source's when on both."""
        found = self.source or self.target
        assert found is not None
        return found


def compare_layers(name: str, source: Capture, target: Capture, limits: Limits) -> tuple[list[Comparison], list[Pair]]:
    """Compare two captures of the same input.

    Args:
        name: of the input, e.g. ``ones``.

    Returns:
        One comparison for each output tensor of each call, in the source's order, and the judged calls.
    """
    pairs = pair_calls(source.calls, target.calls)
    distances = Distances(source, target)
    for pair in pairs:
        if pair.source and pair.target:
            measure(pair, distances, limits)
    for number in range(len(pairs) - 1, -1, -1):
        judge(pairs, number)
    return [comparison for pair in pairs for comparison in comparisons(name, pair, limits)], pairs


def pair_calls(source: Sequence[CallInfo], target: Sequence[CallInfo]) -> list[Pair]:
    """Calls with the same path and count belong together; those of the target alone come last."""
    by_key = {(call["path"], call["index"]): call for call in target}
    keys = [(call["path"], call["index"]) for call in source]
    places = {key: number for number, key in enumerate(keys)}
    pairs = [Pair(call, by_key.get(key), call["parent"]) for key, call in zip(keys, source, strict=True)]
    for call in target:
        key = (call["path"], call["index"])
        if key not in places:
            places[key] = len(pairs)
            outer = target[call["parent"]] if call["parent"] >= 0 else None
            pairs.append(Pair(None, call, places[outer["path"], outer["index"]] if outer else -1))
    for number, pair in enumerate(pairs):
        if pair.parent >= 0:
            pairs[pair.parent].children.append(number)
    return pairs


def measure(pair: Pair, distances: Distances, limits: Limits) -> None:
    """Distances of the inputs and outputs of a call that ran on both sides."""
    assert pair.source is not None
    assert pair.target is not None
    for _, one, other in matched(pair.source["inputs"], pair.target["inputs"]):
        if one is None or other is None:
            continue  # positional here, keyword there: the outputs decide
        noise = noise_of(distances.source, one, distances.target, other)
        apart = distances.between(one["key"], other["key"])
        pair.inputs.append(apart)
        pair.inputs_agree &= agrees(apart, noise, limits)
    infinite = float("inf")
    selected = selected_by(pair.source, distances.source, pair.target, distances.target, limits)
    for name, one, other in matched(pair.source["outputs"], pair.target["outputs"]):
        if one is None or other is None:
            apart = Distance(infinite, infinite, infinite, 0.0, note="on one side only")
            noise = None
        else:
            apart = selected.get(name) or distances.between(one["key"], other["key"])
            noise = noise_of(distances.source, one, distances.target, other)
        pair.outputs.append((name, one, other, apart, noise))
        pair.diverges |= not agrees(apart, noise, limits)


def selected_by(
    call: CallInfo, source: Capture, other: CallInfo, target: Capture, limits: Limits
) -> dict[str, Distance]:
    """Of each tensor of a ranked selection that a call gave the distance in the rows that both sides have.

    A selection that rounding does not explain is told once: its scores are infinitely far apart.
    """
    keys = {info["name"]: info["key"] for info in call["outputs"]}
    others = {info["name"]: info["key"] for info in other["outputs"]}
    shapes = {info["name"]: info["shape"] for info in call["outputs"] if info["name"] in others}
    found: dict[str, Distance] = {}
    for rows in selections(shapes, lambda name: source.tensors[keys[name]]):
        there = rows.like({name: target.tensors[others[name]] for name in rows.tensors})
        if there is None:
            continue
        exact = exact_rows(rows, source, keys), exact_rows(rows, target, others)
        known = [
            n for n in (source.noise.get(keys[rows.scores]), target.noise.get(others[rows.scores])) if n is not None
        ]
        ranked = compare_ranked(rows, there, exact, max(known, default=None), limits)
        found.update({name: ranked.distance(name) for name in rows.tensors})
    return found


def exact_rows(rows: Rows, side: Capture, keys: Mapping[str, str]) -> list[Rows]:
    """What a side selected in each of its float64 runs, in the place of ``rows``."""
    runs = [{name: run[keys[name]] for name in rows.tensors if keys[name] in run} for run in side.exact]
    return [found for run in runs if (found := rows.like(run)) is not None]


def noise_of(source: Capture, one: TensorInfo, target: Capture, other: TensorInfo) -> float | None:
    """The float32 error of a tensor: the larger one of the two sides, as far as they were measured."""
    known = [n for n in (source.noise.get(one["key"]), target.noise.get(other["key"])) if n is not None]
    return max(known, default=None)


def matched(
    source: Sequence[TensorInfo], target: Sequence[TensorInfo]
) -> list[tuple[str, TensorInfo | None, TensorInfo | None]]:
    """Tensors by name; when each side has just one, it is the same whatever it is called."""
    if len(source) == len(target) == 1:
        return [(source[0]["name"], source[0], target[0])]
    others = {info["name"]: info for info in target}
    pairs: list[tuple[str, TensorInfo | None, TensorInfo | None]] = [
        (info["name"], info, others.pop(info["name"], None)) for info in source
    ]
    return pairs + [(name, None, info) for name, info in others.items()]


def agrees(apart: Distance, noise: float | None, limits: Limits) -> bool:
    """Whether rounding explains the difference."""
    return apart.max_abs <= limits.noise_limit(apart.scale, noise)


def judge(pairs: list[Pair], number: int) -> None:
    """Set the verdict of one call, after those that it made."""
    pair = pairs[number]
    if not pair.source or not pair.target:
        side = "source" if pair.source else "target"
        pair.note = f"ran on the {side} side only"
        pair.verdict = "suspect" if is_visible(pairs, pair) else "ok"
        return
    if not pair.diverges:
        return
    below = [pairs[child] for child in pair.children]
    guilty = any(contains_own(pairs, child) for child in below if child.source and child.target)
    pair.verdict = "own" if pair.inputs_agree and not guilty else "inherited"


def contains_own(pairs: list[Pair], pair: Pair) -> bool:
    """Whether this call or one that it made is at fault itself."""
    return pair.verdict == "own" or any(contains_own(pairs, pairs[child]) for child in pair.children)


def is_visible(pairs: list[Pair], pair: Pair) -> bool:
    """Whether the user wrote the call around this one, so that both sides should make it.

    A framework's layer may be built of others inside, differently on the two sides.
    """
    if pair.parent < 0:
        return True
    outer = pairs[pair.parent]
    if not outer.source or not outer.target:
        return False
    names = (outer.source["class_name"], outer.target["class_name"])
    framework_made = all(name.split(".")[0] in ("torch", "paddle") for name in names)
    return not framework_made or names[0].rsplit(".", 1)[-1] in OPEN_CONTAINERS


def comparisons(name: str, pair: Pair, limits: Limits) -> list[Comparison]:
    """What to report of one call."""
    call = pair.call
    label = f"{name} call {call['index']}" if call["index"] else name
    if not pair.source or not pair.target:
        return [] if pair.verdict == "ok" else [one_sided(label, pair)]
    found = []
    for part, one, other, apart, noise in pair.outputs:
        limit = limits.noise_limit(apart.scale, noise)
        verdict: Verdict = "ok" if agrees(apart, noise, limits) else pair.verdict
        if verdict == "own" and apart.max_abs <= limits.layer_gate(apart.scale):
            verdict = "suspect"
        found.append(
            Comparison(
                name=f"{label} {part}".strip(),
                path=call["path"],
                class_name=call["class_name"],
                source_shape=tuple(one["shape"]) if one else (),
                target_shape=tuple(other["shape"]) if other else (),
                dtype=one["dtype"] if one else "",
                max_abs=apart.max_abs,
                mean_abs=apart.mean_abs,
                max_rel=apart.max_rel,
                scale=apart.scale,
                noise=noise,
                limit=limit,
                verdict=verdict,
                note=apart.note,
            )
        )
    return found


def one_sided(label: str, pair: Pair) -> Comparison:
    """The finding that a module ran on one side only."""
    call = pair.call
    infinite = float("inf")
    outputs = call["outputs"]
    shape = tuple(outputs[0]["shape"]) if outputs else ()
    return Comparison(
        name=label,
        path=call["path"],
        class_name=call["class_name"],
        source_shape=shape if pair.source else (),
        target_shape=shape if pair.target else (),
        dtype=outputs[0]["dtype"] if outputs else "",
        max_abs=infinite,
        mean_abs=infinite,
        max_rel=infinite,
        scale=0.0,
        noise=None,
        limit=0.0,
        verdict=pair.verdict,
        note=pair.note,
    )
