"""Compare the loss and every gradient of one evaluation forward."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from translator.verify.buffers import judged
from translator.verify.compare import Comparison, distance
from translator.verify.inputs import Input
from translator.verify.layers import matched
from translator.verify.models import Models
from translator.verify.tolerance import Limits
from translator.weights.mapping import Info, Step, WeightMap
from translator.workers.backward import LOSS
from translator.workers.protocol import TensorInfo
from translator.workers.tensors import Tensor, TensorFolder, carrier

Noise = Mapping[str, float]
TRIES = 4  # inputs, for models that select: what comes out by a hair may come out otherwise in float64
UNDECIDED = "no rounding"
ROUNDING = 0.01  # of a model's largest gradient; what is more did not come from float32


@dataclass(slots=True)
class Gradients:
    """What the check found, until it is summed up.

    Args:
        given: the folder of the inputs; ``of_inputs`` whether their gradients are compared, too.
        train: in training mode; the check itself is in evaluation mode.
        not_run: why nothing could be compared; empty when it was. ``applies`` is False where that is the source's own.
        said: what there is to say of a comparison that was made.
    """

    comparisons: list[Comparison] = field(default_factory=list)
    not_run: str = ""
    applies: bool = True
    given: Path | None = None
    seed: int = 0
    of_inputs: bool = True
    train: bool = False
    said: str = ""

    @property
    def is_undecided(self) -> bool:
        """Whether nothing speaks against the target but a float64 run that decides otherwise."""
        left = [one for one in self.comparisons if one.verdict != "ok"]
        return bool(left) and all(one.note.startswith(UNDECIDED) for one in left)


@dataclass(frozen=True, slots=True)
class Pairing:
    """Both models' tensors, and how one's stand for the other's."""

    source: Sequence[Info]
    target: Sequence[Info]
    weight_map: WeightMap


def check_backward(models: Models, pairing: Pairing, inputs: Sequence[Input], seed: int, limits: Limits) -> Gradients:
    """Differentiate both models on a random input, and compare; on another where float64 takes other decisions.

    The float32 error is known only where a model selects the same in float32 and float64.
    """
    for number in range(TRIES):
        found = check_on(models, pairing, models.write(inputs, "normal", seed + number), seed, limits)
        if not found.is_undecided:
            break
    if number and not found.is_undecided:
        found.said = f"float64 selects otherwise on {number} inputs before"
    return found


def check_on(models: Models, pairing: Pairing, given: Path, seed: int, limits: Limits) -> Gradients:
    """Differentiate both models on one input, and compare.

    Args:
        given: the folder of the inputs.
        seed: of the random projection that makes a loss of the outputs.
    """
    found = Gradients(given=given, seed=seed)
    source, target, places = run(models, found)
    if source["error"] and found.of_inputs:  # it may change its input in place, or leave the framework with it
        found.of_inputs = False
        source, target, places = run(models, found)
    if source["error"]:
        found.not_run = f"the source model cannot be differentiated: {source['error']['message']}"
    elif not source["outputs"]:
        found.not_run = "the model gives whole numbers only: there is nothing to differentiate"
    elif target["error"]:
        found.comparisons = [failed("backward", str(target["error"]["message"]))]
    elif not source["differentiable"] and not target["differentiable"]:
        found.not_run = "no gradient flows to what the model gives"
    elif not source["differentiable"] or not target["differentiable"]:
        side = "target" if target["differentiable"] else "source"
        found.comparisons = [failed("backward", f"gradients flow to what the model gives in the {side} only")]
    else:
        found.comparisons = other_outputs(source["outputs"], target["outputs"])
        if not found.comparisons:
            found.comparisons = judge_gradients(models, pairing, found, places, limits)
    found.applies = not found.not_run
    return found


def run(models: Models, found: Gradients, flow: bool = False) -> tuple[dict[str, Any], dict[str, Any], list[Path]]:
    """Ask both workers for their gradients; the folders are the source's and the target's."""
    places = {id(worker): models.place("gradients") for worker in (models.source, models.target)}
    source, target = models.each(
        lambda worker: worker.call(
            "backward",
            inputs=found.given,
            output=places[id(worker)],
            seed=found.seed,
            of_inputs=found.of_inputs,
            flow=flow,
            train=found.train,
        )
    )
    return source, target, list(places.values())


def other_outputs(source: Sequence[TensorInfo], target: Sequence[TensorInfo]) -> list[Comparison]:
    """What the models give in another shape, or on one side only: their losses would not be the same."""
    found = []
    for name, one, other in matched(source, target):
        if one is None or other is None:
            found.append(failed(f"output {name}", f"in the {'source' if one else 'target'} only"))
        elif one["shape"] != other["shape"]:
            found.append(failed(f"output {name}", f"shape {one['shape']} became {other['shape']}"))
    return found


def failed(name: str, note: str) -> Comparison:
    """A finding about the whole model."""
    inf = math.inf
    return Comparison(name.strip(), "", "", (), (), "", inf, inf, inf, 0.0, None, 0.0, "failed", note)


def judge_gradients(
    models: Models, pairing: Pairing, found: Gradients, places: Sequence[Path], limits: Limits
) -> list[Comparison]:
    """Compare, and measure the float32 error as long as something is not explained: the source's, then the target's."""
    folders = TensorFolder(places[0]), TensorFolder(places[1])
    noises: list[Noise] = [{}, {}]
    comparisons = compare_gradients(pairing, folders, (noises[0], noises[1]), limits)
    for number, worker in enumerate((models.source, models.target)):
        if all(one.verdict == "ok" for one in comparisons):
            break
        answer = worker.call(
            "backward_noise",
            inputs=found.given,
            capture=places[number],
            seed=found.seed,
            of_inputs=found.of_inputs,
            train=found.train,
        )
        noises[number] = answer["noise"]
        comparisons = compare_gradients(pairing, folders, (noises[0], noises[1]), limits)
    return sorted(comparisons, key=badness, reverse=True)


def badness(one: Comparison) -> tuple[bool, float]:
    """What to show first: what is not ok, then the larger error in units of its limit."""
    return one.verdict != "ok", one.max_abs / one.limit if one.limit else one.max_abs


def compare_gradients(
    pairing: Pairing,
    folders: tuple[Mapping[str, Tensor], Mapping[str, Tensor]],
    noises: tuple[Noise, Noise],
    limits: Limits,
) -> list[Comparison]:
    """One comparison for the loss, each floating input, and each tensor that is trained on either side.

    A gradient that is not there is zero.
    """
    source, target = folders
    whole: dict[str, Any] = {"path": "", "classes": [""], "shape": [], "dtype": "float64"}
    found = [judged(LOSS, whole, distance(source[LOSS], target[LOSS]), larger(noises, LOSS, LOSS), limits)]
    for name in dict.fromkeys(n for folder in folders for n in folder if n.startswith("input:")):
        info = {**whole, "dtype": "float32", "shape": list((source.get(name) or target[name]).shape)}
        one, other = source.get(name), target.get(name)
        apart = distance(one or nothing_like(target[name]), other or nothing_like(source[name]))
        found.append(judged(name.replace(":", " "), info, apart, larger(noises, name, name), limits))
    for owned, step, others in trained(pairing):
        found += compare_parameter(owned, step, others, folders, noises, limits)
    most = max((one.scale for one in found if one.path), default=0.0)
    return [doubted(one, most, limits) for one in found]


def doubted(one: Comparison, most: float, limits: Limits) -> Comparison:
    """A gradient that only its noise excuses is suspect where that noise cannot be rounding.

    A float64 run that selects otherwise, or whose kernels are broken, is far from the float32 one by other reasons.

    Args:
        most: the largest gradient of the whole model.
    """
    is_rounding = one.noise is None or one.noise <= ROUNDING * most
    if not one.path or is_rounding or one.verdict != "ok" or one.max_abs <= limits.noise_limit(one.scale, None):
        return one
    return replace(one, verdict="suspect", note=f"{UNDECIDED}: the float64 run is {one.noise:.1e} away")


def trained(pairing: Pairing) -> Iterator[tuple[Info, Step, list[Info]]]:
    """Each tensor that is trained on either side, with its step and what it becomes; a tied one once."""
    steps = {step.source: step for step in pairing.weight_map.steps}
    others = {info["path"]: info for info in pairing.target}
    for info in pairing.source:
        step = steps.get(info["path"])
        if step is None or not step.targets or info["tied_to"]:
            continue
        there = [others[others[name]["tied_to"] or name] for name in step.targets]
        if info["trainable"] or any(one["trainable"] for one in there):
            yield info, step, there


def compare_parameter(
    info: Info,
    step: Step,
    others: Sequence[Info],
    folders: tuple[Mapping[str, Tensor], Mapping[str, Tensor]],
    noises: tuple[Noise, Noise],
    limits: Limits,
) -> list[Comparison]:
    """The gradient of one source tensor, through the operation that maps the tensor, against the target's."""
    key = f"parameter:{info['path']}"
    gradient = folders[0].get(key) or zeros(info)
    found = []
    for array, other in zip(step.operation.apply(gradient.array), others, strict=True):
        there = f"parameter:{other['path']}"
        apart = distance(gradient.with_array(array), folders[1].get(there) or zeros(other))
        missing = [
            side for side, one, name in zip(("source", "target"), folders, (key, there), strict=True) if name not in one
        ]
        note = f"no gradient in the {missing[0]}" if len(missing) == 1 else ""
        label = f"gradient of {other['name']}" if len(others) > 1 else "gradient"
        one = judged(label, info, apart, larger(noises, key, there), limits, note)
        found.append(replace(one, source_shape=tuple(array.shape), target_shape=tuple(other["shape"])))
    return found


def larger(noises: tuple[Noise, Noise], one: str, other: str) -> float | None:
    """The float32 error of a gradient: the larger one of the two sides, as far as they were measured."""
    known = [noise[name] for noise, name in zip(noises, (one, other), strict=True) if name in noise]
    return max(known, default=None)


def zeros(info: Info) -> Tensor:
    """A gradient that is not there."""
    return Tensor(info["dtype"], np.zeros(info["shape"], carrier(info["dtype"])))


def nothing_like(one: Tensor) -> Tensor:
    """A gradient that is not there, of an input that has one on the other side."""
    return one.with_array(np.zeros_like(one.array))
