"""Train both models a few steps by SGD with momentum and by AdamW, and compare what they lose and become."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from translator.ruleset.model import RuleSet
from translator.verify.backward import Noise, Pairing, failed, larger, trained
from translator.verify.buffers import compare_updates, judged
from translator.verify.compare import Comparison, Verdict, distance
from translator.verify.inputs import Input, batched, write_nudged
from translator.verify.models import Models
from translator.verify.tolerance import Limits
from translator.workers.tensors import Tensor, TensorFolder

STEPS = 5
OPTIMIZERS = ("sgd", "adamw")
BAR = 1e-5  # of a loss, relative; in float64, too, where kernels still keep constants (a ninth) in float32
DIVERGED = 10.0  # times the first loss
CHAOS = 1e-4  # of a loss, relative: what roundings of the inputs may change; where it is more, they decide the course
SLOWER, SLOWDOWN = 4, 16.0  # how often the rate is cut, and by how much, where the source diverges or rounding decides
MOST_EXACT = 3 << 29  # bytes of weights: steps in float64 take ten times as much


@dataclass(slots=True)
class Training:
    """What the check found, until it is summed up.

    Args:
        not_run: why nothing could be compared; empty when it was. ``applies`` is False where that is the source's own.
        said: what there is to say of a comparison that was made.
        given: the folder of the first step's inputs, None before that.
    """

    comparisons: list[Comparison] = field(default_factory=list)
    not_run: str = ""
    applies: bool = True
    said: str = ""
    given: Path | None = None

    def tell(self, line: str) -> None:
        """Something to say of a comparison that was made."""
        self.said = "; ".join(filter(None, [self.said, line]))


@dataclass(frozen=True, slots=True)
class Course:
    """The steps of one optimizer: on which batches, how fast, and from which seed the losses come."""

    optimizer: str
    batches: Sequence[Path]
    rate: float
    seed: int

    def asked(self) -> dict[str, Any]:
        """As the workers want it."""
        batches = [str(batch) for batch in self.batches]
        return {"inputs": batches, "optimizer": self.optimizer, "rate": self.rate, "seed": self.seed}


def check_training(
    models: Models, pairing: Pairing, ruleset: RuleSet, inputs: Sequence[Input], seed: int, limits: Limits
) -> Training:
    """Five steps of each optimizer, from the same weights and on the same batches, dropout and stochastic depth off.

    The losses of all steps are compared, and after SGD what is trained and every buffer. After AdamW the parameters are
    not: where a gradient is nothing but rounding, AdamW moves by the full learning rate one way or the other, on either
    side; the losses do not depend on those.
    """
    found = Training()
    first, rates = start(models, pairing, inputs, seed)
    if rates["error"]:
        found.not_run = f"the source model cannot be trained on these inputs: {rates['error']['message']}"
    elif not rates["outputs"]:
        found.not_run = "the model gives whole numbers only: there is nothing to train"
    elif rates["loss"] is None:
        found.not_run = "no gradient flows to what the model gives"
    if found.not_run:
        found.applies = False
    elif not math.isfinite(rates["loss"]):
        found.not_run = f"the loss of the source model is {rates['loss']}"
    if found.not_run:
        return found
    batches = [models.write(first, "normal", seed + 1 + number) for number in range(STEPS)]
    found.given = batches[0]
    for optimizer in OPTIMIZERS:
        course = Course(optimizer, batches, rates["rates"][optimizer], seed)
        run_course(models, pairing, ruleset, course, limits, found)
    return found


def start(
    models: Models, pairing: Pairing, inputs: Sequence[Input], seed: int
) -> tuple[Sequence[Input], dict[str, Any]]:
    """The inputs to train on, and the learning rates; two samples at least where statistics of a batch are kept."""
    keeps = any(one["kind"] == "buffer" and one["persistent"] and "float" in one["dtype"] for one in pairing.source)
    wanted = batched(inputs, 2) if keeps and inputs[0].shape and inputs[0].shape[0] < 2 else tuple(inputs)
    answer = models.source.call("rates", inputs=models.write(wanted, "normal", seed + 1), seed=seed)
    if answer["error"] and wanted != tuple(inputs):  # its batch may be fixed
        wanted = tuple(inputs)
        answer = models.source.call("rates", inputs=models.write(wanted, "normal", seed + 1), seed=seed)
    return wanted, answer


def run_course(
    models: Models, pairing: Pairing, ruleset: RuleSet, course: Course, limits: Limits, found: Training
) -> None:
    """Train both; again in float64 what float32 cannot tell, the source first, then the target."""
    keeps = course.optimizer == "sgd"
    source, target, places = take(models, course)
    first = course.rate
    for _ in range(SLOWER):
        if not diverges(source["losses"]) and not is_chaotic(models, course, source["losses"], target["losses"]):
            break
        course = replace(course, rate=course.rate / SLOWDOWN)
        source, target, places = take(models, course)
    if course.rate < first:
        found.tell(f"{course.optimizer} {first / course.rate:.0f} times slower than first: there rounding decides")
    for side, answer in (("source", source), ("target", target)):
        if answer["error"]:
            note = f"the {side} raised: {answer['error']['message']}"
            found.comparisons.append(failed(f"{course.optimizer} step {len(answer['losses']) + 1}", note))
            return
    ours, theirs = source["losses"], target["losses"]
    folders = tuple(TensorFolder(places[id(worker)]) for worker in (models.source, models.target)) if keeps else ()
    exact: list[dict[str, Any]] = []
    while True:
        losses = compare_losses(course.optimizer, ours, theirs, exact)
        states = compare_states(pairing, ruleset, folders, exact, limits) if keeps else []
        if len(exact) == 2 or all(one.verdict == "ok" for one in (*losses, *states)):
            break
        if models.bytes > MOST_EXACT:
            size = 10 * models.bytes / 2**30
            found.tell(f"{course.optimizer} not taken in float64, for which {size:.0f} GB are needed")
            if keeps:  # what a few roundings of the inputs change is the next best measure of float32's error
                noise = nudged_noise(models, course, folders[0])
                states = compare_states(pairing, ruleset, folders, [{"noise": noise}], limits)
            break
        worker = (models.source, models.target)[len(exact)]
        capture = places[id(worker)] if keeps else ""
        exact.append(worker.call("exact_steps", **course.asked(), capture=capture))
    if any("float64" in one.name for one in losses):
        rounding, apart = max(one.noise or 0.0 for one in losses), max(one.max_rel for one in losses)
        told = f"{course.optimizer} judged in float64, since float32 alone loses up to {rounding:.1e}; "
        found.tell(f"{told}apart by {apart:.1e} there")
    found.comparisons += [*losses, *sorted(states, key=lambda one: one.verdict == "ok")]


def take(models: Models, course: Course) -> tuple[dict[str, Any], dict[str, Any], dict[int, Path]]:
    """The steps of both sides, and the folders of what they end with, by the worker."""
    places = {id(worker): models.place(course.optimizer) for worker in (models.source, models.target)}
    weights = dict(zip(places, models.weights, strict=True))
    source, target = models.each(
        lambda worker: worker.call(
            "steps",
            **course.asked(),
            weights=weights[id(worker)],
            output=places[id(worker)] if course.optimizer == "sgd" else "",
        )
    )
    return source, target, places


def diverges(losses: Sequence[float]) -> bool:
    """Whether the source does not learn but blow up: at such a rate its own rounding decides what comes."""
    return any(not loss <= DIVERGED * losses[0] for loss in losses)


def is_chaotic(models: Models, course: Course, ours: Sequence[float], theirs: Sequence[float]) -> bool:
    """Whether losses differ, and the source's own do as well where its inputs are a few roundings away.

    At such a rate each step multiplies the rounding of the one before, and nothing can be said of what comes out.
    """
    if len(ours) != len(theirs) or all(one.verdict == "ok" for one in compare_losses("", ours, theirs, [])):
        return False
    most = CHAOS if models.bytes <= MOST_EXACT else BAR / 4  # where float64 is too large to tell rounding from a fault
    answer = take_nudged(models, course, "")
    pairs = zip(ours, answer["losses"], strict=False)
    return not answer["error"] and any(not abs(one - other) <= most * abs(one) for one, other in pairs)


def nudged_noise(models: Models, course: Course, reference: Mapping[str, Tensor]) -> dict[str, float]:
    """How far what is trained, and every buffer, comes out otherwise on inputs that are a few roundings away."""
    place = models.place("nudged")
    if take_nudged(models, course, str(place))["error"]:
        return {}
    nudged = TensorFolder(place)
    return {name: distance(reference[name], nudged[name]).max_abs for name in nudged if name in reference}


def take_nudged(models: Models, course: Course, output: str) -> dict[str, Any]:
    """The steps of the source on inputs that are a few roundings away."""
    batches = [write_nudged(models.place("nudged"), batch, course.seed) for batch in course.batches]
    asked = replace(course, batches=batches).asked()
    return models.source.call("steps", **asked, weights=models.weights[0], output=output)


def compare_losses(
    optimizer: str, ours: Sequence[float], theirs: Sequence[float], exact: Sequence[dict[str, Any]]
) -> list[Comparison]:
    """One comparison a step: in float32, or in float64 where rounding in float32 explains more than the bar.

    Args:
        exact: the same steps in float64, of the source and of the target, as far as they were taken.
    """
    plain = [
        compared_loss(f"{optimizer} step {number} loss", "float32", pair, BAR, None)
        for number, pair in enumerate(zip(ours, theirs, strict=True), 1)
    ]
    if len(exact) < 2 or any(answer["error"] for answer in exact) or all(one.verdict == "ok" for one in plain):
        return plain
    wide = [answer["losses"] for answer in exact]
    noises = [abs(a - x) + abs(b - y) for a, b, x, y in zip(ours, theirs, *wide, strict=True)]
    explained = [one.verdict == "ok" or noise > BAR * one.scale for one, noise in zip(plain, noises, strict=True)]
    if not all(explained):
        return [replace(one, noise=noise) for one, noise in zip(plain, noises, strict=True)]
    return [
        compared_loss(f"{optimizer} step {number} loss in float64", "float64", pair, BAR, noise)
        for number, (pair, noise) in enumerate(zip(zip(*wide, strict=True), noises, strict=True), 1)
    ]


def compared_loss(name: str, dtype: str, pair: tuple[float, float], bar: float, noise: float | None) -> Comparison:
    """A loss of both sides; not a number on both is no agreement."""
    one, other = pair
    apart = abs(one - other)
    apart = apart if math.isfinite(apart) else math.inf
    scale = abs(one)
    verdict: Verdict = "ok" if apart <= bar * scale else "failed"
    relative = apart / scale if scale else apart
    return Comparison(
        name, "", "", (), (), dtype, apart, apart, relative, scale, noise, bar * scale, verdict, values=pair
    )


def compare_states(
    pairing: Pairing,
    ruleset: RuleSet,
    folders: Sequence[Mapping[str, Tensor]],
    exact: Sequence[dict[str, Any]],
    limits: Limits,
) -> list[Comparison]:
    """What is trained, and every buffer, after the last step of SGD."""
    source, target = folders
    noises: list[Noise] = [answer["noise"] for answer in exact]
    pair = noises[0] if noises else {}, noises[1] if len(noises) > 1 else {}
    found = []
    for info, step, others in trained(pairing):
        for array, other in zip(step.operation.apply(source[step.source].array), others, strict=True):
            apart = distance(source[step.source].with_array(array), target[other["path"]])
            label = f"sgd parameter {other['name']}" if len(others) > 1 else "sgd parameter"
            one = judged(label, info, apart, larger(pair, step.source, other["path"]), limits)
            found.append(replace(one, source_shape=tuple(array.shape), target_shape=tuple(other["shape"])))
    buffers = compare_updates(
        pairing.source, pairing.weight_map, (source, target), by_source(pairing, pair), ruleset, limits
    )
    return found + [replace(one, name="sgd buffer") for one in buffers]


def by_source(pairing: Pairing, noises: tuple[Noise, Noise]) -> Noise:
    """The float32 error of each buffer by its name in the source, the larger one of the two sides."""
    names: dict[str, str] = {info["path"]: info["path"] for info in pairing.source if not info["persistent"]}
    names |= {step.source: step.targets[0] for step in pairing.weight_map.steps if len(step.targets) == 1}
    known = {one: larger(noises, one, other) for one, other in names.items()}
    return {name: noise for name, noise in known.items() if noise is not None}
