"""The two models, alive in their workers, and what a verification asks of both."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from translator.core import CheckpointError, WorkerError
from translator.verify.inputs import Input, write_inputs, write_nudged
from translator.verify.layers import Capture
from translator.weights.mapping import WeightMap
from translator.workers.launch import Worker
from translator.workers.protocol import ModuleInfo, ParameterInfo
from translator.workers.tensors import Tensor, TensorFolder, TensorWriter

LARGE = 1 << 30  # bytes of weights; training holds four times as much


class SourceModelError(WorkerError):
    """The source model itself raised, whatever the target does."""


@dataclass(slots=True)
class Models:
    """Both workers with their models open, and the folder that their tensors pass through.

    Args:
        files: where the class of each side's model stands, once both are open.
        is_loaded: both have the same weights.
        bytes: of the source's weights in float32, once its parameters were listed.
        weights: the folders that the source's and the target's were loaded from.
    """

    source: Worker
    target: Worker
    folder: Path
    source_entry: str
    target_entry: str
    files: dict[str, str] = field(default_factory=dict)
    is_loaded: bool = False
    bytes: int = 0
    weights: tuple[Path, ...] = ()
    _count: int = 0

    def open(self) -> None:
        """Build both models."""
        opened = self.both(
            lambda worker: worker.call("open", entry=self.source_entry if worker is self.source else self.target_entry)
        )
        self.files = {"source": opened[0]["file"], "target": opened[1]["file"]}

    def close(self) -> None:
        """Let go of both models, and of the memory that they took; a worker that died has none."""
        for worker in (self.source, self.target):
            if worker.is_alive:
                worker.call("close")

    def both(self, ask: Callable[[Worker], dict[str, Any]]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Ask both workers at the same time."""
        with ThreadPoolExecutor(2) as pool:
            first, second = pool.submit(ask, self.source), pool.submit(ask, self.target)
            try:
                return first.result(), second.result()
            except (KeyboardInterrupt, SystemExit):
                for worker in (self.source, self.target):
                    worker.kill()  # the pool waits for both
                raise

    def each(self, ask: Callable[[Worker], dict[str, Any]]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Ask both workers: at the same time, or one after the other where both would need too much memory."""
        return self.both(ask) if self.bytes < LARGE else (ask(self.source), ask(self.target))

    def place(self, name: str) -> Path:
        """A new folder for tensors."""
        self._count += 1
        return self.folder / f"{self._count}-{name}"

    def parameters(self) -> tuple[list[ParameterInfo], list[ParameterInfo]]:
        """Every tensor of both models."""
        source, target = self.both(lambda worker: worker.call("parameters"))
        self.bytes = sum(4 * math.prod(info["shape"]) for info in source["parameters"])
        return source["parameters"], target["parameters"]

    def modules(self) -> tuple[dict[str, ModuleInfo], dict[str, ModuleInfo]]:
        """Every module of both models by path."""
        source, target = self.both(lambda worker: worker.call("modules"))
        return tuple({m["path"]: m for m in side["modules"]} for side in (source, target))  # type: ignore[return-value]

    def write(self, inputs: Sequence[Input], name: str, seed: int) -> Path:
        """Write the arguments of a forward; see ``write_inputs``."""
        return write_inputs(self.place(name), inputs, name, seed)

    def load(self, weights: Path | None, weight_map: WeightMap, seed: int, inputs: Sequence[Input]) -> WeightMap:
        """Give the source a checkpoint or random weights, and the target the same mapped; the map with dropped values.

        Raises:
            CheckpointError: the checkpoint does not fit the source model.
            WorkerError: the source model does not take these inputs.
        """
        mapped = self.place("mapped")
        if weights is None:
            given = self._randomised(inputs, seed)
        else:
            given = self.place("weights")
            self.source.call("read_current", checkpoint=weights, output=given)
        tensors = TensorFolder(given)
        with TensorWriter(mapped) as writer:
            for name, tensor in weight_map.stream(tensors):
                writer.add(name, tensor)
        if weights is not None:
            self._load_source(weights, weight_map, tensors)
        self.target.call("load", tensors=mapped)
        self.weights = given, mapped
        self.is_loaded = True
        return weight_map.recording(tensors)

    def _randomised(self, inputs: Sequence[Input], seed: int) -> Path:
        """Random weights that fit both inputs in one batch; only one where the model's batch is fixed."""
        given = self.place("weights")
        try:
            self.source.call("randomise", seed=seed, inputs=self.write(inputs, "both", seed), output=given)
        except WorkerError:
            self.source.call("randomise", seed=seed, inputs=self.write(inputs, "normal", seed), output=given)
        return given

    def _load_source(self, weights: Path, weight_map: WeightMap, tensors: TensorFolder) -> None:
        """Load what was read; counters that old checkpoints lack, and that the target drops, are filled with zero."""
        whole = self.place("whole")
        missing = [step for step in weight_map.steps if step.operation.drops and step.source not in tensors]
        with TensorWriter(whole) as writer:
            for name in tensors:
                writer.add(name, tensors[name])
            for step in missing:
                writer.add(step.source, Tensor(step.dtype, np.zeros(step.shape, step.dtype)))
        try:
            self.source.call("load", tensors=whole)
        except CheckpointError as error:
            raise CheckpointError(error.message, path=str(weights)) from error

    def forward(self, inputs: Path, *, train: bool = False) -> tuple[Capture, Capture]:
        """Run both on one input, in evaluation or training mode; the source again in float64 for its noise.

        Raises:
            WorkerError: the source model itself raises on this input.
        """
        places = {id(self.source): self.place("source"), id(self.target): self.place("target")}
        source, target = self.both(
            lambda worker: worker.call("forward", inputs=inputs, output=places[id(worker)], train=train)
        )
        raise_of(source, self.source_entry)
        capture = places[id(self.source)]
        exact = self.place("exact")
        noise = self.source.call("noise", inputs=inputs, capture=capture, exact=exact, train=train)
        return (
            Capture(
                source["calls"],
                TensorFolder(capture),
                noise["noise"],
                folder=capture,
                exact=(TensorFolder(exact),),
                unsteady=noise["unsteady"],
            ),
            Capture(
                target["calls"],
                TensorFolder(places[id(self.target)]),
                error=target["error"],
                folder=places[id(self.target)],
            ),
        )

    def with_noise(self, target: Capture, inputs: Path, *, train: bool = False) -> Capture:
        """The target's capture with its own float32 error; unchanged where the target cannot run in float64."""
        exact = self.place("exact")
        found = self.target.call("noise", inputs=inputs, capture=target.folder, exact=exact, train=train)
        return target if found["error"] else replace(target, noise=found["noise"], exact=(TensorFolder(exact),))

    def nudged(self, captures: Sequence[Capture], inputs: Path, seed: int) -> list[Capture]:
        """Both captures with what the models select in float64 of inputs that are a few roundings away.

        What is there or not by that is in doubt: of equal scores, for one, each framework takes which it will.
        """
        given = write_nudged(self.place("nudged"), inputs, seed)
        found = []
        for worker, capture in zip((self.source, self.target), captures, strict=True):
            exact = self.place("exact")
            worker.call("noise", inputs=given, capture=capture.folder, exact=exact)
            found.append(replace(capture, exact=(*capture.exact, TensorFolder(exact))))
        return found

    def train(self, inputs: Path, whole: bool = True) -> tuple[TensorFolder, TensorFolder, dict[str, float]]:
        """One training forward on both sides: buffers of the source, of the target, and the source's noise.

        Args:
            whole: whether all of the model is in training mode, or only the layers that keep buffers.

        Raises:
            SourceModelError: the source model raises in training mode.
            WorkerError: only the target model does.
        """
        places = {id(self.source): self.place("source"), id(self.target): self.place("target")}
        source, target = self.both(
            lambda worker: worker.call("train", inputs=inputs, output=places[id(worker)], whole=whole)
        )
        raise_of(source, self.source_entry, SourceModelError)
        raise_of(target, self.target_entry)
        noise = self.source.call("train_noise", inputs=inputs, capture=places[id(self.source)], whole=whole)
        return TensorFolder(places[id(self.source)]), TensorFolder(places[id(self.target)]), noise["noise"]


def raise_of(answer: dict[str, Any], entry: str, kind: type[WorkerError] = WorkerError) -> None:
    """Raise a WorkerError for a forward that did not work."""
    if answer["error"]:
        error = answer["error"]
        raise kind(f"{entry}: {error['message']}", path=error["path"], line=error["line"])
