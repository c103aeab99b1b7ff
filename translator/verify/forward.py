"""Compare what the two models give for the same input: the bar, and the noise."""

from __future__ import annotations

from translator.verify.compare import Comparison, Verdict, distance
from translator.verify.layers import Capture, matched, noise_of, selected_by
from translator.verify.tolerance import Limits


def compare_outputs(name: str, source: Capture, target: Capture, limits: Limits) -> list[Comparison]:
    """One comparison for each tensor that the model returns; call 0 of a capture is the model itself."""
    found = []
    one_call, other_call = source.calls[0], target.calls[0]
    selected = selected_by(one_call, source, other_call, target, limits)
    for part, one, other in matched(one_call["outputs"], other_call["outputs"]):
        infinite = float("inf")
        verdict: Verdict
        if one is None or other is None:
            note = str(target.error["message"]) if target.error else "on one side only"
            values = (infinite, infinite, infinite, 0.0, note)
            noise, limit, verdict = None, 0.0, "failed"
        else:
            apart = selected.get(part) or distance(source.tensors[one["key"]], target.tensors[other["key"]])
            values = (apart.max_abs, apart.mean_abs, apart.max_rel, apart.scale, apart.note)
            noise = noise_of(source, one, target, other)
            limit = limits.row_gate(apart.scale, noise) if part in selected else limits.output_gate(apart.scale)
            verdict = judge(apart.max_abs, apart.scale, noise, limits, limit)
        found.append(
            Comparison(
                name=f"{name} {part}".strip(),
                path="",
                class_name=one_call["class_name"],
                source_shape=tuple(one["shape"]) if one else (),
                target_shape=tuple(other["shape"]) if other else (),
                dtype=one["dtype"] if one else "",
                max_abs=values[0],
                mean_abs=values[1],
                max_rel=values[2],
                scale=values[3],
                noise=noise,
                limit=limit,
                verdict=verdict,
                note=values[4],
            )
        )
    return found


def judge(max_abs: float, scale: float, noise: float | None, limits: Limits, bar: float | None = None) -> Verdict:
    """Failed above the bar, by default that of any output; suspect above the noise."""
    if not max_abs <= (limits.output_gate(scale) if bar is None else bar):
        return "failed"
    return "ok" if max_abs <= limits.noise_limit(scale, noise) else "suspect"
