"""Operations of a worker that differentiate its model or train it; the model is as it was afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from translator.workers.backward import Backward, flowing
from translator.workers.noise import largest_difference
from translator.workers.resident import return_memory
from translator.workers.steps import Loss, choose_rates, take_steps
from translator.workers.tensors import Tensor, TensorFolder, TensorWriter
from translator.workers.variances import biased_variances

if TYPE_CHECKING:
    from translator.workers.session import Session


def backward(
    session: Session,
    inputs: str,
    output: str,
    seed: int,
    of_inputs: bool = True,
    flow: bool = False,
    train: bool = False,
) -> dict[str, Any]:
    """One forward, in evaluation or training mode, and the gradients of its loss; see ``Backward``.

    Args:
        output: where the gradients go.
        of_inputs: whether floating inputs count, too.
        flow: whether the gradient of what each call gave is wanted, too.

    Returns:
        ``outputs``: the floating tensors that the model gave; ``differentiable``: whether gradients flow to any;
        ``calls`` with ``flow``: as ``forward`` has them, the outputs being gradients, those that there are.
    """
    model, before = session._opened(), session._copies() if train else {}
    mode = session.framework.training if train else session.framework.evaluating
    with TensorWriter(Path(output)) as writer:
        run = Backward(session.framework, model, seed, writer.add)
        with flowing(session.framework, model, writer) if flow else nullcontext() as recorder:
            error = session._attempt(lambda: run(session._inputs(inputs), of_inputs), partial(mode, gradients=True))
    session._restore(before)
    return_memory()
    calls = recorder.calls if recorder is not None else []
    return {"outputs": run.outputs, "differentiable": run.is_differentiable, "calls": calls, "error": error}


def backward_noise(
    session: Session, inputs: str, capture: str, seed: int, of_inputs: bool = True, train: bool = False
) -> dict[str, Any]:
    """Largest float32 error of the loss and of each gradient; ``capture`` is the folder of ``backward``."""
    model, reference = session._opened(), TensorFolder(Path(capture))
    before = session._copies() if train else {}
    mode = session.framework.training if train else session.framework.evaluating
    noise: dict[str, float] = {}

    def measure(name: str, exact: Tensor) -> None:
        measured = reference.get(name)
        found = largest_difference(measured or exact.with_array(np.zeros_like(exact.array)), exact)
        noise.update({name: found} if found is not None else {})

    with session.framework.in_float64(model):
        run = Backward(session.framework, model, seed, measure)
        error = session._attempt(
            lambda: run(session._inputs(inputs, session.framework.widened), of_inputs), partial(mode, gradients=True)
        )
    session._restore(before)
    return_memory()
    return {"noise": {} if error else noise, "error": error}


def rates(session: Session, inputs: str, seed: int) -> dict[str, Any]:
    """Learning rates for ``steps``, from one training forward and backward; see ``choose_rates``."""
    found: dict[str, Any] = {}
    before, loss = session._copies(), Loss(session.framework, seed)
    error = session._attempt(
        lambda: found.update(choose_rates(session.framework, session.model, session._inputs(inputs), loss)),
        partial(session.framework.training, gradients=True),
    )
    session._restore(before)
    return_memory()
    return {"rates": {}, "outputs": [], "loss": None, **found, "error": error}


def steps(
    session: Session, inputs: list[str], optimizer: str, rate: float, seed: int, weights: str, output: str
) -> dict[str, Any]:
    """Train on each of ``inputs`` in turn, and put everything back.

    Args:
        weights: the folder of the model's weights, to put back.
        output: what is trained and every buffer go there as they are in the end, with ``biased:NAME`` as of
            ``train``; nowhere when it is empty.

    Returns:
        ``losses``, one a step.
    """
    before, folder = session._copies(), TensorFolder(Path(weights))
    with biased_variances(session.framework, session._opened()) as biased:
        answer = _steps(session, inputs, optimizer, rate, seed, list)
    if output:
        with TensorWriter(Path(output)) as writer:
            for name, tensor in session._state(all_buffers=True).items():
                writer.add(name, session.framework.export(tensor))
            for name, array in biased.items():
                writer.add(f"biased:{name}", Tensor(str(array.dtype), array))
    for name, tensor in session._state().items():
        if name in folder:
            session.framework.assign(tensor, folder[name])
    session._restore(before)
    return_memory()
    return answer


def exact_steps(
    session: Session, inputs: list[str], optimizer: str, rate: float, seed: int, capture: str
) -> dict[str, Any]:
    """The same in float64: ``losses``, and the float32 error ``noise`` of what ``steps`` left in ``capture``."""
    noise: dict[str, float] = {}
    before = session._copies()
    with session.framework.in_float64(session._opened()):
        answer = _steps(session, inputs, optimizer, rate, seed, session.framework.widened)
        reference = TensorFolder(Path(capture)) if capture else {}
        for name, tensor in session._state(all_buffers=True).items():
            if name in reference and tensor.is_floating_point():
                found = largest_difference(reference[name], session.framework.export(tensor))
                noise |= {name: found} if found is not None else {}
    session._restore(before)
    return_memory()
    return {**answer, "noise": {} if answer["error"] else noise}


def _steps(
    session: Session,
    inputs: list[str],
    optimizer: str,
    rate: float,
    seed: int,
    change: Callable[[list[Any]], list[Any]],
) -> dict[str, Any]:
    losses: list[float] = []
    batches = [partial(session._inputs, folder, change) for folder in inputs]
    loss = Loss(session.framework, seed)
    error = session._attempt(
        lambda: losses.extend(take_steps(session.framework, session.model, batches, optimizer, rate, loss)),
        partial(session.framework.training, gradients=True),
    )
    return {"losses": losses, "error": error}


LEARNING: Mapping[str, Callable[..., dict[str, Any]]] = {
    "backward": backward,
    "backward_noise": backward_noise,
    "rates": rates,
    "steps": steps,
    "exact_steps": exact_steps,
}
