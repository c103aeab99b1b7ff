"""A few steps of training, as both frameworks take them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from translator.core import WorkerError
from translator.workers.backward import trained
from translator.workers.draws import generator
from translator.workers.framework import Framework
from translator.workers.naming import flatten
from translator.workers.protocol import TensorInfo
from translator.workers.tensors import Tensor

PACES = {"sgd": 2.0**-14, "adamw": 2.0**-12}  # how far the first step goes, relative to the weights
SMALLEST, LARGEST = -40, -2  # powers of two


@dataclass(frozen=True, slots=True)
class Loss:
    """What is trained for: the sum over all floating tensors that the model gives, auxiliary ones too, in float64.

    A tensor (N, C) with C > 1 counts as logits: cross-entropy with random labels. Any other gives the mean squared
    error against random numbers. Seed, step and the tensor's name decide both.
    """

    framework: Framework
    seed: int

    def __call__(self, output: Any, step: int) -> Any:
        """The loss of one step, None when no gradient flows to any output."""
        given = floating(self.framework, output)
        if not any(self.framework.is_differentiable(tensor) for _, tensor in given):
            return None
        total: Any = 0.0
        for name, tensor in given:
            if min(tensor.shape, default=1) > 0:
                random = generator(self.seed, f"step {step} of {name if len(given) > 1 else ''}")
                total = total + self._term(self.framework.widened([tensor])[0], random)
        return total

    def _term(self, tensor: Any, random: np.random.Generator) -> Any:
        shape = tuple(tensor.shape)
        if len(shape) == 2 and shape[1] > 1:
            labels = random.integers(0, shape[1], shape[0])
            return self.framework.cross_entropy(tensor, self.framework.tensor(Tensor("int64", labels)))
        target = self.framework.tensor(Tensor("float64", random.standard_normal(shape)))
        return ((tensor - target) ** 2).mean()


def floating(framework: Framework, output: Any) -> list[tuple[str, Any]]:
    """The floating tensors of what a model gave."""
    return [(name, one) for name, one in flatten(output, framework.is_tensor) if one.is_floating_point()]


def described(framework: Framework, output: Any) -> list[TensorInfo]:
    """Names, shapes and types of them."""
    return [
        TensorInfo(name=name, key="", shape=list(one.shape), dtype=framework.dtype(one))
        for name, one in floating(framework, output)
    ]


def take_steps(
    framework: Framework,
    model: Any,
    batches: Sequence[Callable[[], list[Any]]],
    optimizer: str,
    rate: float,
    loss: Loss,
) -> list[float]:
    """Train on one batch after the other; the loss of each step before its update.

    Raises:
        WorkerError: no gradient flows to what the model gives.
    """
    losses: list[float] = []
    parameters = list(trained(framework, model).values())
    method = framework.optimizer(optimizer, parameters, rate)
    try:
        for number, batch in enumerate(batches):
            value = loss(model(*batch()), number)
            if value is None:
                raise WorkerError("no gradient flows to what the model gives")
            losses.append(float(value))
            value.backward()
            del value
            framework.update(method)
    finally:
        framework.forget_gradients(parameters)
    return losses


def choose_rates(framework: Framework, model: Any, values: list[Any], loss: Loss) -> dict[str, Any]:
    """Learning rates with which the first step moves the weights by a small share of their size, as powers of two.

    Returns:
        ``rates`` by optimizer, ``outputs``: the floating tensors that the model gave, ``loss``: None when no gradient
        flows to any of them.
    """
    squares = {"weights": 0.0, "gradients": 0.0}
    count = 0

    def add(name: str, tensor: Any) -> None:
        flat = framework.export(tensor).values().reshape(-1)
        squares[name] += float(np.dot(flat, flat))

    output = model(*values)
    found = loss(output, 0)
    infos = described(framework, output)
    if found is None:
        return {"rates": {}, "outputs": infos, "loss": None}
    parameters = trained(framework, model)
    for tensor in parameters.values():
        count += math.prod(tensor.shape)
        add("weights", tensor)
    ends = [framework.on_gradient(one, lambda gradient: add("gradients", gradient)) for one in parameters.values()]
    del output
    try:
        found.backward()
    finally:
        for end in ends:
            end()
    share = math.sqrt(squares["weights"] / squares["gradients"]) if squares["gradients"] else 1.0
    size = math.sqrt(squares["weights"] / count) if count else 1.0
    rates = {"sgd": rounded(PACES["sgd"] * share), "adamw": rounded(PACES["adamw"] * size)}
    return {"rates": rates, "outputs": infos, "loss": float(found)}


def rounded(rate: float) -> float:
    """The nearest power of two, which every floating type holds exactly."""
    exponent = round(math.log2(rate)) if rate > 0 and math.isfinite(rate) else LARGEST
    return 2.0 ** min(max(exponent, SMALLEST), LARGEST)
