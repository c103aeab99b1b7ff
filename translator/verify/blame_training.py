"""From losses that part to the line that makes them part."""

from __future__ import annotations

from translator.core import WorkerError
from translator.verify.backward import Gradients, Pairing, judge_gradients, run
from translator.verify.blame import Suspicion, blame_buffer, blame_call
from translator.verify.blame_gradients import blame_gradient
from translator.verify.layers import compare_layers
from translator.verify.result import Blame
from translator.verify.tolerance import Limits
from translator.verify.training import Training


def blame_training(suspicion: Suspicion, found: Training, pairing: Pairing, seed: int, limits: Limits) -> Blame | None:
    """Blame the first call that differs in training mode, else what sends back another gradient, else a buffer."""
    faults = [one for one in found.comparisons if one.verdict != "ok"]
    if not faults or found.given is None:
        return None
    buffer = next((one for one in faults if one.name == "sgd buffer"), None)
    blame = None
    if any(" step 1" in one.name for one in faults):
        blame = blame_forward(suspicion, found, limits)
    if blame is None and any(one is not buffer for one in faults):
        blame = blame_backward(suspicion, found, pairing, seed, limits)
    if blame is None and buffer is not None:
        blame = blame_buffer(suspicion, buffer, found.given)
    return blame or blame_forward(suspicion, found, limits)


def blame_backward(suspicion: Suspicion, found: Training, pairing: Pairing, seed: int, limits: Limits) -> Blame | None:
    """Blame what sends back another gradient in the first step; None when nothing does."""
    gradients = Gradients(given=found.given, seed=seed, of_inputs=False, train=True)
    source, target, places = run(suspicion.models, gradients)
    if source["error"] or target["error"] or not (source["differentiable"] and target["differentiable"]):
        return None
    gradients.comparisons = judge_gradients(suspicion.models, pairing, gradients, places, limits)
    return blame_gradient(suspicion, gradients) if any(one.verdict == "own" for one in gradients.comparisons) else None


def blame_forward(suspicion: Suspicion, found: Training, limits: Limits) -> Blame | None:
    """Blame the first call at fault of a forward in training mode; None when there is none."""
    assert found.given is not None
    models = suspicion.models
    try:
        source, target = models.forward(found.given, train=True)
    except WorkerError:
        return None
    if target.error is None:
        target = models.with_noise(target, found.given, train=True)
    _, pairs = compare_layers("training", source, target, limits)
    return blame_call(suspicion, pairs, found.given, train=True)
