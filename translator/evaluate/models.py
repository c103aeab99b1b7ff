"""Both models in their workers, with one checkpoint loaded into both."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from translator.ruleset.model import RuleSet
from translator.verify.models import Models
from translator.weights.mapping import pair
from translator.workers.entry import parse_entry
from translator.workers.launch import Worker


@dataclass(frozen=True, slots=True)
class WorkerModel:
    """The model that is open in a worker; its logits travel through ``output``."""

    worker: Worker
    output: Path

    def predict(self, batch: Path) -> NDArray[Any]:
        """Logits (batch, classes) of the images in a ``.npy`` file: float32, shape (batch, 3, height, width)."""
        self.worker.call("predict", inputs=batch, output=self.output)
        logits: NDArray[Any] = np.load(self.output)
        return logits


@dataclass(frozen=True, slots=True)
class Pair:
    """Which two models to open, where, and with which checkpoint of the source.

    Args:
        source: ENTRY of the source's model; ``target`` of the target's.
        weights: checkpoint of the source; the target's tensors are mapped from it.
        source_device: ``cpu``, ``gpu`` or ``gpu:N``; likewise the target's.
        source_python: the interpreter that has the source's framework, this one by default; likewise the target's.
    """

    source: str
    target: str
    weights: Path
    ruleset: RuleSet
    source_device: str = "cpu"
    target_device: str = "cpu"
    source_python: str | None = None
    target_python: str | None = None

    def __call__(self, stack: ExitStack, folder: Path) -> tuple[WorkerModel, WorkerModel]:
        """Open both models and load the checkpoint into both, strictly; ``stack`` closes them.

        Raises:
            CheckpointError: the checkpoint cannot be read, or does not fit either model.
            ConfigError: an ENTRY, an interpreter or a device is wrong.
            WorkerError: a framework's process failed.
        """
        source = stack.enter_context(Worker("torch", python=self.source_python, device=self.source_device))
        target = stack.enter_context(Worker("paddle", python=self.target_python, device=self.target_device))
        models = Models(source, target, folder, self.source, self.target)
        models.open()
        models.load(self.weights, pair(*models.parameters(), self.ruleset), seed=0, inputs=())
        return WorkerModel(source, folder / "source.npy"), WorkerModel(target, folder / "target.npy")

    def files(self) -> list[Path]:
        """The files that decide what the models compute: the checkpoint, and every Python file beside an entry's.

        Of an ENTRY that names a module instead of a file, nothing is known without importing it.
        """
        entries = [parse_entry(text) for text in (self.source, self.target)]
        beside = [sorted(Path(entry.place).parent.glob("*.py")) for entry in entries if entry.is_file]
        return [self.weights, *(file for files in beside for file in files)]

    def names(self) -> list[str]:
        """The settings that decide what the models compute."""
        own = [self.source, self.target, self.source_device, self.target_device]
        return [*own, str(self.source_python), str(self.target_python)]
