"""From what a run found to the published report's parts, where the shapes of the two differ."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from translator.core import Position, Translation
from translator.project.discover import file_of
from translator.report import model
from translator.report.text import lines_of
from translator.verify.alignment import align
from translator.verify.result import Blame, Verification
from translator.weights.mapping import Step, WeightMap
from translator.workers.entry import parse_entry


def versions_of(versions: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Versions of both sides by name; a name that both have with different versions says whose it is.

    Args:
        versions: by side, as a ``Verification`` has them.
    """
    ours, theirs = versions["source"], versions["target"]
    differ = {name for name in ours if theirs.get(name, ours[name]) != ours[name]}
    return {
        f"{name} ({side})" if name in differ else name: version
        for side, known in (("source", ours), ("target", theirs))
        for name, version in known.items()
    }


def verification_part(found: Verification) -> model.Verification:
    """The proof, with the versions of both sides in one list."""
    flat = {name: getattr(found, name) for name in model.Verification.model_fields}
    flat |= {"versions": versions_of(found.versions), "blame": found.blame and blame_part(found.blame)}
    return model.Verification.model_validate(flat, from_attributes=True)


def blame_part(found: Blame) -> model.Blame:
    """The first fault, with the lines of code as they stand in the files that ran."""
    flat = {name: getattr(found, name) for name in model.Blame.model_fields if hasattr(found, name)}
    for side in ("source", "output"):
        place: Position | None = flat[f"{side}_position"]
        flat |= {f"{side}_position": place and _near(place), f"{side}_code": _code(place) if place else ""}
    return model.Blame.model_validate(flat, from_attributes=True)


def _near(place: Position) -> model.Position:
    """The position with its path as people type it: relative to the current folder where it is below that."""
    path = Path(place.path)
    here = Path.cwd()
    shown = path.relative_to(here) if path.is_relative_to(here) else path
    return model.Position.model_validate(place).model_copy(update={"path": str(shown)})


def _code(place: Position) -> str:
    try:
        lines = lines_of(Path(place.path).read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return ""
    return lines[place.line - 1] if 1 <= place.line <= len(lines) else ""


def translation_part(translation: Translation, verification: Verification) -> model.Translation:
    """The translation with the output that was verified: the target file as it is, edited by hand or not."""
    part = model.Translation.model_validate(translation)
    target = file_of(parse_entry(verification.target).place)
    if target is None:
        return part
    try:
        text = target.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return part
    if text == translation.text:
        return part
    pairs = align(Path(translation.path), target, translation)
    line_map = tuple(pairs.get(number, 0) for number in range(1, len(lines_of(text)) + 1))
    return part.model_copy(update={"text": text, "line_map": line_map})


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
        dtype=step.dtype,
        source_shapes=(step.shape,),
        target_shapes=() if step.operation.drops else tuple(step.operation.shapes(step.shape)),
    )
