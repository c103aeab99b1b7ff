"""From what a run found to the published report's parts, where the shapes of the two differ."""

from __future__ import annotations

from translator.report import model
from translator.verify.result import Verification
from translator.weights.mapping import Step, WeightMap


def versions_of(found: Verification) -> dict[str, str]:
    """Versions of both sides by name; a name that both have with different versions says whose it is."""
    ours, theirs = found.versions["source"], found.versions["target"]
    differ = {name for name in ours if theirs.get(name, ours[name]) != ours[name]}
    return {
        f"{name} ({side})" if name in differ else name: version
        for side, versions in (("source", ours), ("target", theirs))
        for name, version in versions.items()
    }


def verification_part(found: Verification) -> model.Verification:
    """The proof, with the versions of both sides in one list."""
    flat = {name: getattr(found, name) for name in model.Verification.model_fields if name != "versions"}
    return model.Verification.model_validate({**flat, "versions": versions_of(found)}, from_attributes=True)


def weights_part(found: WeightMap) -> model.Weights:
    """The mapping, one step a source tensor."""
    return model.Weights(steps=tuple(weight_step(step) for step in found.steps))


def weight_step(step: Step) -> model.WeightStep:
    """One step with the shapes on both sides."""
    return model.WeightStep(
        sources=(step.source,),
        targets=step.targets,
        operation=step.operation.text,
        reason=step.reason,
        source_shapes=(step.shape,),
        target_shapes=() if step.operation.drops else tuple(step.operation.shapes(step.shape)),
    )
