"""Fit drawn weights to a forward: every layer's numbers are of a size at which faults show and rounding does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

from translator.workers.draws import draw, generator, running_statistics
from translator.workers.naming import flatten

SCALED = (torch.nn.Linear, torch.nn.modules.conv._ConvNd)
TRANSPOSED = torch.nn.modules.conv._ConvTransposeNd
NORMS = torch.nn.modules.batchnorm._NormBase
OUTPUT_SCALE = 0.3
LOUDEST = 10.0
LOUD = 3.0  # what an output above LOUDEST is brought to
SEARCHED = 6


def randomise(model: Any, seed: int, run: Callable[[], Any]) -> None:
    """Draw every parameter, then fit scales and running statistics to the calls of one ``run`` of the model."""
    for path, module in model.named_modules():
        for name, tensor in module._parameters.items():
            full = f"{path}.{name}" if path else name
            if tensor is not None and tensor.is_floating_point():
                with torch.no_grad():
                    tensor.copy_(torch.from_numpy(draw(seed, full, tuple(tensor.shape))))
        if isinstance(module, NORMS) and module.num_batches_tracked is not None:
            module.num_batches_tracked.fill_(int(generator(seed, path).integers(1, 1000)))
    fit = Fit(seed)
    with fit.watching(model):
        output = run()
    if fit.layers:
        scale(fit.layers[-1], OUTPUT_SCALE)
        if largest(output) * OUTPUT_SCALE > LOUDEST:
            quieten(fit.layers, run)


class Fit:
    """Hooks that fit each module to its first input; ``layers`` are those with weights, in the order of their calls."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.layers: list[Any] = []
        self._done: set[int] = set()
        self._last: tuple[Any, Any] = (None, None)

    @contextmanager
    def watching(self, model: Any) -> Iterator[None]:
        """Fit what is called inside the block."""
        ends = []
        for path, module in model.named_modules():
            if isinstance(module, NORMS) and module.running_mean is not None:
                ends.append(module.register_forward_pre_hook(self._norm(path)).remove)
            elif isinstance(module, SCALED) and isinstance(module._parameters.get("weight"), torch.Tensor):
                ends.append(module.register_forward_hook(self._rescale).remove)
        try:
            yield
        finally:
            for end in ends:
                end()

    def _is_first(self, module: Any) -> bool:
        is_first = id(module) not in self._done
        self._done.add(id(module))
        return is_first

    def _norm(self, path: str) -> Callable[[Any, Any], None]:
        def fit(norm: Any, arguments: Any) -> None:
            if self._is_first(norm):
                output, size = self._last
                fit_statistics(norm, arguments[0], size if output is arguments[0] else None, generator(self.seed, path))

        return fit

    def _rescale(self, layer: Any, arguments: Any, output: Any) -> Any:
        """A scale of 1 after convolutions and matrices."""
        if not self._is_first(layer):
            return output
        self.layers.append(layer)
        linear = output - shaped(layer.bias, output)
        size = float(linear.square().mean().sqrt())
        if not np.isfinite(size) or size < 1e-12:
            return output
        layer.weight.mul_(1.0 / size)
        quiet_bias(layer)
        fitted = linear / size + shaped(layer.bias, output)
        self._last = (fitted, summand_sizes(layer, arguments[0]))
        return fitted


def summand_sizes(layer: Any, given: Any) -> Any:
    """For each output channel the root of the sum of squares of what is added up for it, on average; None if unknown.

    It is as large as the output would be for weights of any signs, however much of it cancels out with these.
    """
    weight = layer.weight
    if isinstance(layer, TRANSPOSED) or (weight.dim() > 2 and given.dim() != weight.dim()):
        return None
    axis = given.dim() - 1 if weight.dim() == 2 else 1
    squares = given.square().mean([i for i in range(given.dim()) if i != axis])
    groups = getattr(layer, "groups", 1)
    kernel = weight.square().flatten(1).reshape(groups, -1, squares.numel() // groups, weight[0, 0].numel())
    sums = (kernel.sum(-1) * squares.reshape(groups, 1, -1)).sum(-1).flatten()
    return (sums if layer.bias is None else sums + layer.bias.square()).sqrt()


def quiet_bias(layer: Any) -> None:
    """Scale each bias like its channel's weights: a norm that follows would blow up the rounding of a loud one."""
    if layer.bias is not None and layer.bias.numel() == layer.weight.shape[0]:
        norms = layer.weight.flatten(1).norm(dim=1)
        layer.bias.mul_(norms / norms.max().clamp(min=1e-12))


def shaped(bias: Any, output: Any) -> Any:
    """A bias that broadcasts along the channels of ``output``: the last axis after a matrix, else the second."""
    if bias is None:
        return 0.0
    last = output.dim() < 3 or output.shape[-1] == bias.numel() != output.shape[1]
    return bias if last else bias.reshape(-1, *[1] * (output.dim() - 2))


def fit_statistics(norm: Any, given: Any, sizes: Any, random: np.random.Generator) -> None:
    """Set running mean and variance to what arrives, perturbed; ``sizes`` are those of ``summand_sizes``, if known."""
    axes = [axis for axis in range(given.dim()) if axis != 1]
    mean = given.mean(axes).double().cpu().numpy()
    variance = given.var(axes, unbiased=False).double().cpu().numpy()
    typical = None if sizes is None else sizes.double().cpu().numpy()
    running_mean, running_var = running_statistics(random, mean, variance, typical)
    norm.running_mean.copy_(torch.from_numpy(running_mean))
    norm.running_var.copy_(torch.from_numpy(running_var))


def quieten(layers: list[Any], run: Callable[[], Any]) -> None:
    """Scale down the last layer that an output which is too large for absolute limits depends on.

    That is not always the last one that ran: what adds up in a loop is made by another layer than its weights.
    """
    size = largest(run())
    factor = LOUD / size
    for layer in reversed(layers[-SEARCHED:]):
        scale(layer, factor)
        if largest(run()) < size * factor**0.5:
            return
        scale(layer, 1.0 / factor)


def scale(layer: Any, factor: float) -> None:
    """Multiply a layer's parameters."""
    with torch.no_grad():
        for tensor in layer._parameters.values():
            if tensor is not None:
                tensor.mul_(factor)


def largest(output: Any) -> float:
    """The largest magnitude of the floats in a model's output, 0 for none; not a number counts as none."""
    tensors = [t for _, t in flatten(output, lambda value: isinstance(value, torch.Tensor)) if t.is_floating_point()]
    return max((float(t.abs().nan_to_num(0.0, 0.0).max()) for t in tensors if t.numel()), default=0.0)
