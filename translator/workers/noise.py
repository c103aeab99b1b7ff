"""Float32 error: the same forward in float64, compared with what was captured."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from translator.workers.capture import hooked
from translator.workers.framework import Framework
from translator.workers.naming import flatten
from translator.workers.tensors import Tensor, TensorFolder


class Probe:
    """Compares each module's float64 inputs and outputs with the float32 ones, and keeps only the differences."""

    def __init__(self, framework: Framework, reference: TensorFolder) -> None:
        self.noise: dict[str, float] = {}
        self._framework, self._reference = framework, reference
        self._count = 0
        self._open: list[int] = []
        self._known: dict[str, float | None] = {}

    def before(self, module: Any, arguments: Any, keywords: Any) -> None:
        """A call begins."""
        self._open.append(self._count)
        for value in (arguments, keywords):
            self._measure(value, f"{self._count}.in")
        self._count += 1

    def after(self, module: Any, output: Any) -> None:
        """A call ends."""
        self._measure(output, f"{self._open.pop()}.out")

    def _measure(self, value: Any, prefix: str) -> None:
        for name, tensor in flatten(value, self._framework.is_tensor):
            key = f"{prefix}.{name}"
            if key in self._reference and tensor.is_floating_point():
                content = self._reference.content(key)  # what goes out of one call comes into the next
                if content not in self._known:
                    self._known[content] = largest_difference(self._reference[key], self._framework.export(tensor))
                found = self._known[content]
                if found is not None:
                    self.noise[key] = found


@contextmanager
def probing(framework: Framework, model: Any, reference: TensorFolder) -> Iterator[Probe]:
    """The model in float64, with every call measured against a capture of the same input in float32."""
    probe = Probe(framework, reference)
    with framework.in_float64(model), hooked(framework, model, probe):
        yield probe


def largest_difference(measured: Tensor, exact: Tensor) -> float | None:
    """The largest finite difference; None when the shapes differ, so that there is no telling."""
    if measured.shape != exact.shape:
        return None
    difference = np.abs(measured.values().astype(np.float64) - exact.values())
    return float(np.max(difference, initial=0.0, where=np.isfinite(difference)))
