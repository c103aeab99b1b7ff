"""Prove that two models are the same, or say where they are not."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from translator.core import ConfigError, Translation, WorkerError
from translator.ruleset.model import RuleSet
from translator.scratch import Scratch
from translator.verify.backward import Gradients, Pairing, check_backward
from translator.verify.blame import Suspicion, blame_buffer, blame_call, blame_misfit
from translator.verify.blame_gradients import blame_gradient
from translator.verify.blame_training import blame_training
from translator.verify.buffers import compare_constants, compare_updates
from translator.verify.compare import Comparison
from translator.verify.forward import compare_outputs
from translator.verify.inputs import IMAGE, Input, batched
from translator.verify.layers import Pair, compare_layers
from translator.verify.models import Models, SourceModelError
from translator.verify.ranked import REORDERED
from translator.verify.result import Blame, CheckResult, Status, Verification
from translator.verify.tolerance import DEFAULT_LIMITS, Limits
from translator.verify.training import Training, check_training
from translator.weights.mapping import Info, WeightMap, match
from translator.workers.launch import Worker
from translator.workers.tensors import TensorFolder

CHECKS = ("forward", "layers", "backward", "training")
DEFAULT_CHECKS = ("forward", "layers")
INPUTS = ("ones", "normal")
NUDGES = 3  # runs that show which selections hang on rounding


@dataclass(slots=True)
class Findings:
    """What the runs of one verification left, until it is summed up."""

    forward: list[Comparison] = field(default_factory=list)
    layers: list[Comparison] = field(default_factory=list)
    calls: tuple[list[Pair], Path] | None = None
    train: Path | None = None
    not_run: str = ""
    said: str = ""
    gradients: Gradients = field(default_factory=Gradients)
    training: Training = field(default_factory=Training)

    def comparisons(self, check: str) -> list[Comparison]:
        """What a check compared."""
        gradients, training = self.gradients.comparisons, self.training.comparisons
        return {"forward": self.forward, "layers": self.layers, "backward": gradients, "training": training}[check]

    def missing(self, check: str) -> str:
        """Why a check, or a part of it, did not run; empty when it did."""
        found = {"layers": self.not_run, "backward": self.gradients.not_run, "training": self.training.not_run}
        return found.get(check, "")


def checks_of(text: str) -> tuple[str, ...]:
    """The checks that a text names, separated by commas; ``all`` for every one there is.

    Raises:
        ConfigError: it names none, or one that there is not.
    """
    if text.strip() == "all":
        return CHECKS
    found = tuple(name.strip() for name in text.split(",") if name.strip())
    refuse_unknown(found)
    return found


def refuse_unknown(checks: Sequence[str]) -> None:
    """Raise ConfigError for names that are no checks, and for none at all."""
    unknown = [check for check in checks if check not in CHECKS]
    if unknown or not checks:
        raise ConfigError(
            f"no such check: {', '.join(unknown) or 'none given'}", hint=f"choose from {', '.join(CHECKS)}, or all"
        )


def verify(
    source: str,
    target: str,
    *,
    ruleset: RuleSet,
    weights: Path | None = None,
    inputs: Sequence[Input] = (IMAGE,),
    source_device: str = "cpu",
    target_device: str = "cpu",
    checks: Sequence[str] = DEFAULT_CHECKS,
    seed: int = 0,
    source_python: str | None = None,
    target_python: str | None = None,
    translation: Translation | None = None,
    limits: Limits = DEFAULT_LIMITS,
    progress: Callable[[str], None] | None = None,
    workers: tuple[Worker, Worker] | None = None,
) -> Verification:
    """Run both models with the same weights on the same inputs and compare them.

    Args:
        source: ENTRY of the source model, e.g. ``resnet.py:resnet18(num_classes=10)``; ``target`` likewise.
        weights: a checkpoint of the source model; without one, weights are drawn so that faults show.
        inputs: the arguments of the models' forward, in order.
        checks: ``forward`` compares outputs, ``layers`` every call of every module and every buffer, ``backward``
            a loss and every gradient in evaluation mode, ``training`` the losses of five steps of SGD with momentum
            and of AdamW, and what SGD makes of the weights and buffers.
        translation: of the source file, so that blame can name the rule.
        progress: called with one line at the start of each stage.
        workers: the source's and the target's, already running, for one pair of models after the other: they stay
            alive, and give back the models' memory at the end; devices and interpreters are then theirs.

    Raises:
        ConfigError: an ENTRY, a device, a check or an interpreter is wrong.
        CheckpointError: ``weights`` cannot be read or does not fit the source model.
        WorkerError: the source model itself does not run, or a process died.
    """
    refuse_unknown(checks)
    tell = progress or (lambda line: None)
    with (
        Scratch("verify") as scratch,
        running(workers, source_python, target_python, source_device, target_device, ruleset, tell) as (
            ours,
            theirs,
        ),
    ):
        models = Models(ours, theirs, scratch.path, source, target)
        try:
            parts = verify_models(models, ruleset, weights, inputs, tuple(checks), seed, translation, limits, tell)
        finally:
            models.close()
    return Verification(
        source=source,
        target=target,
        versions={"source": ours.info["versions"], "target": theirs.info["versions"]},
        devices={"source": ours.device, "target": theirs.device},
        inputs=tuple(inputs),
        seed=seed,
        weights=str(weights) if weights else "random",
        checks=parts[0],
        weight_map=parts[1],
        blame=parts[2],
    )


@contextmanager
def running(
    workers: tuple[Worker, Worker] | None,
    source_python: str | None,
    target_python: str | None,
    source_device: str,
    target_device: str,
    ruleset: RuleSet,
    tell: Callable[[str], None],
) -> Iterator[tuple[Worker, Worker]]:
    """Both workers: those that run already, or new ones that end with the block, without the source for the target."""
    if workers is not None:
        yield workers
        return
    tell("starting the frameworks")
    with (
        Worker("torch", python=source_python, device=source_device) as ours,
        Worker("paddle", python=target_python, device=target_device, hidden=ruleset.pack.source_packages) as theirs,
    ):
        yield ours, theirs


def verify_models(
    models: Models,
    ruleset: RuleSet,
    weights: Path | None,
    inputs: Sequence[Input],
    checks: tuple[str, ...],
    seed: int,
    translation: Translation | None,
    limits: Limits,
    tell: Callable[[str], None],
) -> tuple[tuple[CheckResult, ...], WeightMap, Blame | None]:
    """Verify in workers that are running, which can be asked for the next pair of models afterwards.

    Args:
        models: the workers, two ENTRYs, and a folder for tensors that is the caller's to empty; ``models.close()``
            gives the memory of the models back.
        weights: and everything after it as in ``verify``; ``tell`` is its ``progress``.

    Returns:
        A result for each of ``checks`` in their order, the weight map, and whose fault a difference is. Without any
        check, the models are built and loaded.

    Raises:
        CheckpointError, WorkerError: as ``verify``; a worker may be dead afterwards, see ``Worker.is_alive``.
    """
    tell("building the models")
    models.open()
    own, others = models.parameters()
    weight_map, misfits = match(own, others, ruleset)
    suspicion = Suspicion(models, weight_map, translation, ruleset)
    if misfits:
        reason = f"the weights do not fit: {misfits[0].message}" + (
            f" (and {len(misfits) - 1} more)" * (len(misfits) > 1)
        )
        results = tuple(CheckResult(check, "failed", reason) for check in checks)
        return results, weight_map, blame_misfit(suspicion, misfits[0])
    tell("loading the weights")
    weight_map = models.load(weights, weight_map, seed, inputs)
    findings = Findings()
    if "layers" in checks:
        findings.layers += constants(models, own, others, limits)
    for name in INPUTS if {"forward", "layers"} & set(checks) else ():
        tell(f"comparing the forward of {name}")
        run_input(models, name, inputs, seed, findings, limits)
    if "layers" in checks:
        tell("comparing the buffers after a training step")
        run_training(models, own, weight_map, ruleset, inputs, seed, findings, limits)
    pairing = Pairing(own, others, weight_map)
    if "backward" in checks:
        tell("comparing the gradients")
        findings.gradients = check_backward(models, pairing, inputs, seed, limits)
    if "training" in checks:
        tell("comparing steps of training")
        findings.training = check_training(models, pairing, ruleset, inputs, seed, limits)
    results = tuple(summed(check, findings) for check in checks)
    found = [check for check in results if check.status in ("failed", "suspect")]
    return results, weight_map, blame(suspicion, findings, pairing, seed, limits, tell) if found else None


def constants(models: Models, own: Sequence[Info], others: Sequence[Info], limits: Limits) -> list[Comparison]:
    """Compare the buffers that each model computes for itself."""
    places = models.place("source"), models.place("target")
    models.source.call("state", output=places[0], all_buffers=True)
    models.target.call("state", output=places[1], all_buffers=True)
    return compare_constants(own, TensorFolder(places[0]), others, TensorFolder(places[1]), limits)


def run_input(
    models: Models, name: str, inputs: Sequence[Input], seed: int, findings: Findings, limits: Limits
) -> None:
    """Forward one input on both sides and compare; the captures are deleted, the judged calls of a fault are kept."""
    given = models.write(inputs, name, seed)
    source, target = models.forward(given)
    for tries in range(2 + NUDGES):
        outputs = compare_outputs(name, source, target, limits)
        layers, pairs = compare_layers(name, source, target, limits)
        if target.error is not None or all(c.verdict == "ok" for c in (*outputs, *layers)):
            break
        if tries == 0:
            target = models.with_noise(target, given)  # the target's kernels may round more than the source's
        elif tries <= NUDGES and any(source.exact):
            source, target = models.nudged((source, target), given, seed + tries - 1)
        else:
            break
    findings.forward += outputs
    findings.layers += layers
    if findings.calls is None and any(pair.verdict != "ok" for pair in pairs):
        findings.calls = (pairs, given)
    for capture in (source, target):
        if capture.folder is not None:
            shutil.rmtree(capture.folder)


def run_training(
    models: Models,
    own: Sequence[Info],
    weight_map: WeightMap,
    ruleset: RuleSet,
    inputs: Sequence[Input],
    seed: int,
    findings: Findings,
    limits: Limits,
) -> None:
    """Compare the buffers after one training forward."""
    if not any(info["kind"] == "buffer" for info in own):
        return
    try:
        given, (source, target, noise), findings.said = trained(models, inputs, seed + 1)
    except WorkerError as error:
        findings.not_run = f"the training forward did not run: {error}"
        return
    findings.train = given
    findings.layers += compare_updates(own, weight_map, (source, target), noise, ruleset, limits)


def trained(
    models: Models, inputs: Sequence[Input], seed: int
) -> tuple[Path, tuple[TensorFolder, TensorFolder, dict[str, float]], str]:
    """One training forward of at least two samples, of fewer where the model's batch is fixed; with its inputs.

    Returns:
        The inputs, what the buffers became, and what there is to say of it: a model that wants more than its inputs to
        train, such as what it should find in them, trains the layers that keep buffers alone.

    Raises:
        WorkerError: a model raises in training mode.
    """
    wanted = batched(inputs, max(inputs[0].batch, 2))
    given = models.write(wanted, "normal", seed)
    fixed = given if wanted == tuple(inputs) else models.write(inputs, "normal", seed)
    for each in dict.fromkeys((given, fixed)):
        try:
            return each, models.train(each), ""
        except SourceModelError as error:
            said = f"in training mode only layers with buffers, since the source model raises ({error.message})"
    return fixed, models.train(fixed, whole=False), said


def summed(check: str, findings: Findings) -> CheckResult:
    """The status of a check from its comparisons; one that could not run in full is never passed."""
    comparisons = findings.comparisons(check)
    verdicts = [comparison.verdict for comparison in comparisons]
    bad = [c for c in comparisons if c.verdict in ("own", "failed")]
    status: Status = "passed"
    if bad:
        status = "failed"
    elif any(verdict != "ok" for verdict in verdicts):
        status = "suspect"
    elif not comparisons or findings.missing(check):
        status = "not run"
    said = {
        "layers": findings.said,
        "backward": findings.gradients.said,
        "training": findings.training.said,
    }.get(check, "")
    reason = reason_of(status, comparisons, findings.missing(check), said)
    applies = {"backward": findings.gradients.applies, "training": findings.training.applies}.get(check, True)
    return CheckResult(check, status, reason, tuple(comparisons), applies)


def reason_of(status: Status, comparisons: list[Comparison], missing: str, said: str) -> str:
    """One sentence for people."""
    worst = max(comparisons, key=lambda c: c.max_abs, default=None)
    if status == "not run" or worst is None:
        return missing or "the model gave no tensor to compare"
    if status == "passed":
        empty = sum(0 in one.source_shape for one in comparisons)
        parts = [f"{len(comparisons)} tensors compared, largest difference {worst.max_abs:.2e}"]
        parts += [f"{empty} of them empty"] if empty else []
        parts += [f"{one.name}: {one.note}" for one in comparisons if one.note and not one.path]
        moved = sum(one.note.startswith(REORDERED) for one in comparisons)
        parts += [f"{moved} with {REORDERED}, as in float64"] if moved else []
        parts += [said] if said else []
        return "; ".join(parts)
    first = next(c for c in comparisons if c.verdict not in ("ok", "inherited"))
    where = first.path or "the whole model"
    what = first.note or f"differs by {first.max_abs:.2e}, {first.limit:.2e} is allowed"
    found = f"{where} ({', '.join(filter(None, [first.class_name, first.name]))}): {what}"
    return "; ".join(filter(None, [found, said]))


def blame(
    suspicion: Suspicion,
    findings: Findings,
    pairing: Pairing,
    seed: int,
    limits: Limits,
    tell: Callable[[str], None],
) -> Blame | None:
    """The first fault: a constant, the first call at fault, a buffer after training, a gradient, a step of training."""
    tell("finding the line")
    faults = [c for c in findings.layers if c.verdict not in ("ok", "inherited")]
    constant = next((c for c in faults if c.name == "constant"), None)
    if constant is not None:
        return blame_buffer(suspicion, constant, None)
    if findings.calls is not None:
        return blame_call(suspicion, *findings.calls)
    buffer = next((c for c in faults if c.name == "train"), None)
    if buffer is not None:
        return blame_buffer(suspicion, buffer, findings.train)
    gradient = blame_gradient(suspicion, findings.gradients)
    return gradient or blame_training(suspicion, findings.training, pairing, seed, limits)
