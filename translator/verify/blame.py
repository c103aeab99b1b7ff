"""From a difference to the line that makes it, and the rule that wrote the line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from translator.core import AppliedEdit, Position, Translation
from translator.ruleset.model import Rule, RuleSet
from translator.verify.alignment import align
from translator.verify.compare import Comparison
from translator.verify.layers import Pair
from translator.verify.models import Models
from translator.verify.result import Blame
from translator.verify.statements import Fault, Trace, find_fault
from translator.weights.mapping import Misfit, WeightMap, rule_of
from translator.workers.protocol import ModuleInfo, PlaceInfo
from translator.workers.tensors import TensorFolder

LARGEST_TOLERANCE = 1e-3


@dataclass(slots=True)
class Suspicion:
    """What blaming needs besides the difference itself."""

    models: Models
    weight_map: WeightMap
    translation: Translation | None
    ruleset: RuleSet
    _modules: tuple[dict[str, ModuleInfo], dict[str, ModuleInfo]] | None = field(default=None)

    def module(self, path: str) -> tuple[ModuleInfo | None, ModuleInfo | None]:
        """A module on both sides."""
        if self._modules is None:
            self._modules = self.models.modules()
        return self._modules[0].get(path), self._modules[1].get(path)

    def lines(self, source: str, output: str) -> dict[int, int]:
        """Output line to source line of two files."""
        return align(Path(source), Path(output), self.translation)


def blame_call(suspicion: Suspicion, pairs: Sequence[Pair], inputs: Path, *, train: bool = False) -> Blame | None:
    """Blame the first call at fault: its statement when the user wrote its forward, else where it was constructed."""
    pair = next((p for p in pairs if p.verdict == "own"), None)
    if pair is None:
        pair = next((p for p in pairs if p.verdict in ("suspect", "failed")), None)
    if pair is None:
        return None
    path = pair.call["path"]
    ours, theirs = suspicion.module(path)
    if pair.source and pair.target and ours and theirs and ours["forward"]["line"] and theirs["forward"]["line"]:
        fault = trace_fault(suspicion, path, pair.call["index"], inputs, tolerance_of(pair), train=train)
        if fault is not None:
            return finished(suspicion, path, pair.call["class_name"], fault)
    missing = next((pairs[n] for n in pair.children if not (pairs[n].source and pairs[n].target)), None)
    if missing is not None and missing.note:
        path = missing.call["path"]
        return finished(suspicion, path, missing.call["class_name"], constructed(suspicion, path, missing.note))
    return finished(suspicion, path, pair.call["class_name"], constructed(suspicion, path, pair.note))


def blame_buffer(suspicion: Suspicion, comparison: Comparison, train_inputs: Path | None) -> Blame:
    """Blame a buffer: the statement that updates it, else where it was registered or its module constructed."""
    owner, _, name = comparison.path.rpartition(".")
    ours, theirs = suspicion.module(owner)
    fault: Fault | None = None
    if train_inputs is not None and ours and theirs and ours["forward"]["line"] and theirs["forward"]["line"]:
        fault = trace_fault(suspicion, owner, 0, train_inputs, 1e-6, train=True)
    if fault is None and ours and theirs and ours["registered"].get(name) and ours["forward"]["line"]:
        other = suspicion.weight_map.target_of(comparison.path) or comparison.path
        place = theirs["registered"].get(other.rpartition(".")[2])
        reason = (
            "the buffer is not the same from the start" if train_inputs is None else "the buffer is not updated alike"
        )
        fault = Fault(position(ours["registered"][name]), position(place), reason)
    return finished(
        suspicion,
        comparison.path,
        comparison.class_name,
        fault or constructed(suspicion, owner, f"{name} is not updated alike"),
    )


def blame_misfit(suspicion: Suspicion, misfit: Misfit) -> Blame:
    """Blame a module whose weights do not fit on where it was constructed."""
    ours, theirs = suspicion.module(misfit.owner)
    module = ours or theirs
    fault = constructed(suspicion, misfit.owner, misfit.message)
    return finished(suspicion, misfit.owner, module["classes"][0] if module else "", fault)


def trace_fault(
    suspicion: Suspicion, path: str, index: int, inputs: Path, tolerance: float, *, train: bool = False
) -> Fault | None:
    """Run both models again and follow one call statement by statement."""
    models = suspicion.models
    places = {id(models.source): models.place("trace"), id(models.target): models.place("trace")}
    source, target = models.both(
        lambda worker: worker.call(
            "trace", path=path, index=index, inputs=inputs, output=places[id(worker)], train=train
        )
    )
    traces = (
        Trace(source["frames"], TensorFolder(places[id(models.source)])),
        Trace(target["frames"], TensorFolder(places[id(models.target)])),
    )
    return find_fault(*traces, tolerance, lru_cache(suspicion.lines))


def tolerance_of(pair: Pair) -> float:
    """Between the error that came in and the error that went out, both relative, in the middle of the decades."""
    came = max((apart.max_abs / apart.scale for apart in pair.inputs if apart.scale), default=0.0)
    went = max((apart.max_abs / apart.scale for _, _, _, apart, _ in pair.outputs if apart.scale), default=1.0)
    return float(min((max(came, 1e-7) * went) ** 0.5, LARGEST_TOLERANCE))


def constructed(suspicion: Suspicion, path: str, reason: str) -> Fault:
    """The lines that constructed a module on both sides, and what differs in its class and settings."""
    ours, theirs = suspicion.module(path)
    source, output = place_of(suspicion, path, 0), place_of(suspicion, path, 1)
    rule = rule_of(ours["classes"], suspicion.ruleset) if ours else None
    differences = settings_that_differ(ours, theirs, rule) if ours and theirs else []
    weights = weight_steps(suspicion, path) if ours and theirs and not differences else []
    return Fault(
        source, output, "; ".join(part for part in [reason, *differences, *weights] if part) or "its inputs agree"
    )


def place_of(suspicion: Suspicion, path: str, side: int) -> Position | None:
    """Where a module was constructed; of one that is missing or was copied, where the module around it was."""
    while True:
        module = suspicion.module(path)[side]
        if module and module["constructed"]["line"]:
            return position(module["constructed"])
        if not path:
            return None
        path = path.rpartition(".")[0]


def settings_that_differ(ours: ModuleInfo, theirs: ModuleInfo, rule: Rule | None) -> list[str]:
    """Class and plain settings that are not equal, in words; a setting's name in the target is the rule's."""
    names = [info["classes"][0].rsplit(".", 1)[-1] for info in (ours, theirs)]
    found = [f"{names[0]} became {names[1]}"] if names[0].lower() != names[1].lower() else []
    actions = rule.actions if rule else ()
    renames = {old: new for action in actions for old, new in action.renames.items()}
    by_hand = any(action.rewrite != "call" for action in actions)
    computed = {name for action in actions for name in action.settings}
    for name, value in ours["settings"].items():
        other = theirs["settings"].get(renames.get(name, name))
        one, two = widened(value), widened(other)
        if not by_hand and name not in computed and one != two and is_number(one) and is_number(two):
            found.append(f"{name} is {value} in the source and {other} in the output")
    return found


def is_number(value: Any) -> bool:
    """Whether a setting means the same in every framework: a number or a truth value."""
    return isinstance(value, (bool, int, float))


def widened(value: Any) -> Any:
    """A setting in one form: ``[2, 2]`` and ``2`` are the same."""
    if isinstance(value, list) and value and all(item == value[0] for item in value):
        return value[0]
    return value


def weight_steps(suspicion: Suspicion, path: str) -> list[str]:
    """How the module's own tensors were mapped, which may be what is wrong."""
    prefix = f"{path}." if path else ""
    own = [s for s in suspicion.weight_map.steps if s.source.startswith(prefix) and "." not in s.source[len(prefix) :]]
    steps = [step for step in own if len(step.shape) > 1]
    return [f"{s.source[len(prefix) :]} was mapped by `{s.operation.text}`" for s in steps if s.targets]


def position(place: PlaceInfo | None) -> Position | None:
    """A place in the user's code as a position; None when it is unknown."""
    return Position(place["path"], place["line"], 0, place["end_line"], 0) if place and place["line"] else None


def finished(suspicion: Suspicion, path: str, class_name: str, fault: Fault) -> Blame:
    """Add what is known of the rule: of the edit on the line, else of the module's class."""
    fault = completed(suspicion, fault)
    edit = edit_at(suspicion, fault, class_name)
    rule_api, rule_origin = (edit.api, edit.rule_origin) if edit else ("", "")
    if not edit and suspicion.translation is not None:
        ours, _ = suspicion.module(path)
        rule = rule_of(ours["classes"], suspicion.ruleset) if ours else None
        rule_api, rule_origin = (rule.api, rule.origin) if rule else ("", "")
    return Blame(path, class_name, fault.source, fault.output, rule_api, rule_origin, fault.reason)


def completed(suspicion: Suspicion, fault: Fault) -> Fault:
    """A fault with both lines, where the line map knows the other."""
    files = suspicion.models.files
    if fault.source is None and fault.output is not None:
        line = suspicion.lines(files["source"], fault.output.path).get(fault.output.line)
        return replace(fault, source=Position(files["source"], line, 0, line, 0)) if line else fault
    if fault.output is None and fault.source is not None:
        lines = {here: there for there, here in suspicion.lines(fault.source.path, files["target"]).items()}
        line = lines.get(fault.source.line)
        return replace(fault, output=Position(files["target"], line, 0, line, 0)) if line else fault
    return fault


def edit_at(suspicion: Suspicion, fault: Fault, class_name: str) -> AppliedEdit | None:
    """The edit of the translation on the blamed source line; one of the module's class first."""
    if suspicion.translation is None or fault.source is None:
        return None
    if Path(suspicion.translation.path).resolve() != Path(fault.source.path).resolve():
        return None
    first, last = fault.source.line, max(fault.source.end_line, fault.source.line)
    edits = [e for e in suspicion.translation.edits if first <= e.position.line <= last]
    return next((e for e in edits if e.api == class_name), edits[0] if edits else None)
