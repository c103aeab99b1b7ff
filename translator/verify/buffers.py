"""Compare buffers: those that no checkpoint carries, and all of them after one training forward."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from translator.ruleset.model import RuleSet
from translator.verify.compare import Comparison, Distance, Verdict, distance
from translator.verify.tolerance import Limits
from translator.weights.mapping import Info, WeightMap, rule_of
from translator.workers.tensors import Tensor


def compare_constants(
    source: Sequence[Info],
    tensors: Mapping[str, Tensor],
    target: Sequence[Info],
    others: Mapping[str, Tensor],
    limits: Limits,
) -> list[Comparison]:
    """Buffers outside the state dict are computed by each model itself: those of the same name must agree."""
    there = {info["path"] for info in target if not info["persistent"]}
    return [
        judged("constant", info, distance(tensors[info["path"]], others[info["path"]]), None, limits)
        for info in source
        if not info["persistent"] and info["path"] in there
    ]


def compare_updates(
    source: Sequence[Info],
    weight_map: WeightMap,
    captures: tuple[Mapping[str, Tensor], Mapping[str, Tensor]],
    noise: Mapping[str, float],
    ruleset: RuleSet,
    limits: Limits,
) -> list[Comparison]:
    """Buffers after a training forward, mapped by the weight map; a rule's known difference is applied."""
    ours, theirs = captures
    targets = {step.source: step.targets for step in weight_map.steps}
    found = []
    for info in source:
        path = info["path"]
        names = targets.get(path, (path,) if path in theirs and not info["persistent"] else ())
        if info["kind"] != "buffer" or len(names) != 1 or path not in ours or names[0] not in theirs:
            continue
        why = known_difference(info, ruleset)
        expected = ours.get(f"biased:{path}") if why else None
        apart = distance(with_type(expected, ours[path]) if expected else ours[path], theirs[names[0]])
        found.append(judged("train", info, apart, noise.get(path), limits, why if expected else ""))
    return found


def with_type(value: Tensor, like: Tensor) -> Tensor:
    """Numbers computed in wider floats, in the type of the buffer that they stand for."""
    return Tensor(like.dtype, value.array.astype(like.array.dtype)) if like.array.dtype.kind == "f" else value


def known_difference(info: Info, ruleset: RuleSet) -> str:
    """The reason why a buffer is known to be updated differently; empty when it is not."""
    rule = rule_of(info["classes"], ruleset)
    differences = rule.differs if rule else ()
    return next((one.why for one in differences if one.tensor == info["name"] and one.when == "train"), "")


def judged(name: str, info: Info, apart: Distance, noise: float | None, limits: Limits, note: str = "") -> Comparison:
    """A buffer's comparison: own fault above the bar, suspect above the noise."""
    verdict: Verdict = "ok"
    if not apart.max_abs <= limits.noise_limit(apart.scale, noise):
        verdict = "suspect" if apart.max_abs <= limits.layer_gate(apart.scale) else "own"
    shape = tuple(info["shape"])
    return Comparison(
        name=name,
        path=info["path"],
        class_name=info["classes"][0],
        source_shape=shape,
        target_shape=shape,
        dtype=info["dtype"],
        max_abs=apart.max_abs,
        mean_abs=apart.mean_abs,
        max_rel=apart.max_rel,
        scale=apart.scale,
        noise=noise,
        limit=limits.noise_limit(apart.scale, noise),
        verdict=verdict,
        note=apart.note or note,
    )
