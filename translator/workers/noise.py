"""Float32 error: the same forward in float64, compared with what was captured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from translator.workers.capture import hooked
from translator.workers.framework import Framework
from translator.workers.naming import flatten
from translator.workers.rows import ROUNDING, error_of, rearranged, selections
from translator.workers.tensors import Tensor, TensorFolder, TensorWriter


class Probe:
    """Compares each module's float64 inputs and outputs with the float32 ones, and keeps only the differences.

    ``unsteady`` names tensors whose rows the float64 run has in another order, and how many rows it lacks.
    """

    def __init__(self, framework: Framework, reference: TensorFolder, exact: TensorWriter | None = None) -> None:
        self.noise: dict[str, float] = {}
        self.unsteady: dict[str, int] = {}
        self._exact = exact
        self._framework, self._reference = framework, reference
        self._count = 0
        self._open: list[int] = []
        self._known: dict[str, float | None] = {}
        self._rearranged: dict[str, int | None] = {}

    def before(self, module: Any, arguments: Any, keywords: Any) -> None:
        """A call begins."""
        self._open.append(self._count)
        for value in (arguments, keywords):
            self._measure(value, f"{self._count}.in")
        self._count += 1

    def after(self, module: Any, output: Any) -> None:
        """A call ends."""
        prefix = f"{self._open.pop()}.out"
        self._measure(output, prefix)
        self._select(dict(flatten(output, self._framework.is_tensor)), f"{prefix}.")

    def _measure(self, value: Any, prefix: str) -> None:
        for name, tensor in flatten(value, self._framework.is_tensor):
            key = f"{prefix}.{name}"
            if key in self._reference and tensor.is_floating_point():
                content = self._reference.content(key)  # what goes out of one call comes into the next
                if content not in self._known:
                    self._known[content] = largest_difference(self._reference[key], self._framework.export(tensor))
                    self._rearranged[content] = self._rows(content, key, tensor)
                found, alone = self._known[content], self._rearranged[content]
                if found is not None:
                    self.noise[key] = found
                if alone is not None:
                    self.unsteady[key] = alone

    def _rows(self, content: str, key: str, tensor: Any) -> int | None:
        """How many rows of a tensor the float64 run lacks, where it has them in another order; noise is of the rest."""
        found, measured = self._known[content], self._reference[key].values()
        if found is not None and found <= ROUNDING * float(np.max(np.abs(measured), initial=0.0)):
            return None
        exact = self._framework.export(tensor).values()
        pairing = rearranged(measured, exact)
        if pairing is None:
            return None
        self._known[content] = max(
            (float(np.max(np.abs(measured[i] - exact[j]))) for i, j in pairing.pairs), default=0.0
        )
        return max(map(len, pairing.alone))

    def _select(self, outputs: Mapping[str, Any], prefix: str) -> None:
        """Measure what a call selected in the rows that both runs have; the exact rows are kept."""
        shapes = {name: tuple(tensor.shape) for name, tensor in outputs.items() if f"{prefix}{name}" in self._reference}
        for exact in selections(shapes, lambda name: self._framework.export(outputs[name])):
            rows = exact.like({name: self._reference[f"{prefix}{name}"] for name in exact.tensors})
            if rows is not None:
                self.noise.update({f"{prefix}{name}": error for name, error in error_of(rows, exact).items()})
            if self._exact is not None:
                for name, tensor in exact.tensors.items():
                    self._exact.add(f"{prefix}{name}", tensor)


@contextmanager
def probing(
    framework: Framework, model: Any, reference: TensorFolder, exact: TensorWriter | None = None
) -> Iterator[Probe]:
    """The model in float64, with every call measured against a capture of the same input in float32.

    Args:
        exact: gets the rows of what is selected in float64.
    """
    probe = Probe(framework, reference, exact)
    with framework.in_float64(model), hooked(framework, model, probe):
        yield probe


def largest_difference(measured: Tensor, exact: Tensor) -> float | None:
    """The largest finite difference; None when the shapes differ, so that there is no telling."""
    if measured.shape != exact.shape:
        return None
    difference = np.abs(measured.values().astype(np.float64) - exact.values())
    return float(np.max(difference, initial=0.0, where=np.isfinite(difference)))
