"""A loss of what a model gives, and the gradients of everything that it is trained by."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from translator.workers.capture import Recorder, hooked
from translator.workers.draws import projection
from translator.workers.framework import Framework
from translator.workers.naming import flatten, replaced
from translator.workers.protocol import TensorInfo
from translator.workers.rows import selections
from translator.workers.tensors import Tensor, TensorWriter

LOSS = "loss"
Keep = Callable[[str, Tensor], None]


class Backward:
    """Calls the model and differentiates: each gradient is given to ``keep`` as soon as it is whole, and freed.

    The loss is the sum, over all floating tensors that the model gives, of the mean of the tensor times a random
    projection, which the seed and the tensor's name decide, one for all rows of a ranked selection; it is summed up
    in float64. Names are ``loss``,
    ``parameter:PATH``, and ``input:PLACE`` for floating inputs. A tied tensor counts once, under its first path; what
    takes no part in the loss has no gradient.
    """

    def __init__(self, framework: Framework, model: Any, seed: int, keep: Keep) -> None:
        self.framework, self.model, self.seed, self.keep = framework, model, seed, keep
        self.outputs: list[TensorInfo] = []
        self.is_differentiable = False

    def __call__(self, values: list[Any], of_inputs: bool) -> None:
        """One forward and one backward; nothing is kept when no gradient flows to any output."""
        leaves: dict[str, Any] = {}
        if of_inputs:
            floating = {n: t for n, t in flatten(values, self.framework.is_tensor) if t.is_floating_point()}
            leaves = {f"input:{name}": self.framework.leaf(tensor) for name, tensor in floating.items()}
            used = {id(floating[n]): leaves[f"input:{n}"].clone() for n in floating}  # a copy may be changed in place
            values = replaced(values, self.framework.is_tensor, lambda tensor: used.get(id(tensor), tensor))
        loss = self._loss(self.model(*values))
        if loss is None:
            return
        self.keep(LOSS, self.framework.export(loss))
        owned = {f"parameter:{name}": tensor for name, tensor in trained(self.framework, self.model).items()}
        ends = [self._kept(name, leaf) for name, leaf in [*owned.items(), *leaves.items()]]
        try:
            loss.backward()
        finally:
            for end in ends:
                end()

    def _loss(self, output: Any) -> Any:
        given = [(n, t) for n, t in flatten(output, self.framework.is_tensor) if t.is_floating_point()]
        self.outputs = [
            TensorInfo(name=n, key="", shape=list(t.shape), dtype=self.framework.dtype(t)) for n, t in given
        ]
        filled = [(name, tensor) for name, tensor in given if min(tensor.shape, default=1) > 0]
        self.is_differentiable = any(self.framework.is_differentiable(tensor) for _, tensor in filled)
        if not self.is_differentiable:
            return None
        total: Any = 0.0
        ranked = self._ranked(dict(filled))
        for name, tensor in filled:
            shape = (1, *tensor.shape[1:]) if name in ranked else tuple(tensor.shape)
            random = projection(self.seed, name if len(given) > 1 else "", shape)
            wide = self.framework.widened([tensor])[0]
            total = total + (wide * self.framework.tensor(Tensor("float64", random))).mean()
        return total

    def _ranked(self, tensors: dict[str, Any]) -> set[str]:
        """The tensors whose rows are ranked by a score: nearly equal ones change places by rounding."""
        shapes = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
        found = selections(shapes, lambda name: self.framework.export(tensors[name]))
        return {name for rows in found for name in rows.tensors}

    def _kept(self, name: str, leaf: Any) -> Callable[[], None]:
        return self.framework.on_gradient(leaf, lambda gradient: self.keep(name, self.framework.export(gradient)))


def trained(framework: Framework, model: Any) -> dict[str, Any]:
    """Every tensor that is trained, a tied one once, under its first path."""
    found: dict[int, tuple[str, Any]] = {}
    for path, module in framework.modules(model):
        for owned in framework.owned(module):
            if owned.trainable:
                name = f"{path}.{owned.name}" if path else owned.name
                found.setdefault(id(owned.tensor), (name, owned.tensor))
    return dict(found.values())


class FlowRecorder(Recorder):
    """Records calls as ``Recorder`` does, with the gradients of what goes in and comes out; those come afterwards.

    A call gets copies of its arguments, so that the gradient is what this call alone sends back.
    """

    def before(self, module: Any, arguments: Any, keywords: Any) -> Any:
        """Begin a call, and give it copies."""
        number = self.begin(module)
        copies: dict[int, Any] = {}
        for value in (arguments, keywords):
            for name, tensor in self._flowing(value):
                copies[id(tensor)] = tensor.clone()
                self._watch(copies[id(tensor)], number, "in", name)

        def copied(tensor: Any) -> Any:
            return copies.get(id(tensor), tensor)

        is_tensor = self.framework.is_tensor
        return tuple(replaced(arguments, is_tensor, copied)), replaced(keywords, is_tensor, copied)

    def after(self, module: Any, output: Any) -> None:
        """End a call."""
        number = self._open.pop()
        for name, tensor in self._flowing(output):
            self._watch(tensor, number, "out", name)

    def _flowing(self, value: Any) -> list[tuple[str, Any]]:
        is_tensor, flows = self.framework.is_tensor, self.framework.is_differentiable
        return [(n, t) for n, t in flatten(value, is_tensor) if t.is_floating_point() and flows(t)]

    def _watch(self, tensor: Any, number: int, side: str, name: str) -> None:
        call = self.calls[number]
        found = call["inputs"] if side == "in" else call["outputs"]
        self.framework.on_flow(tensor, lambda g: found.extend(self._store(g, f"{number}.{side}", name)))


@contextmanager
def flowing(framework: Framework, model: Any, writer: TensorWriter) -> Iterator[FlowRecorder]:
    """Record the gradient of what every call gives, of the forward and backward inside the block."""
    recorder = FlowRecorder(framework, model, writer)
    with hooked(framework, model, recorder):
        yield recorder
