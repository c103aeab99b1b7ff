"""What the shared operations need of a framework; torch_worker and paddle_worker each provide one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from translator.workers.tensors import Tensor

DEFAULTS = {"momentum": 0.9, "decay": 1e-4, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "decoupled": 1e-2}
SETTINGS = {name: float(np.float32(value)) for name, value in DEFAULTS.items()}  # one framework keeps them in float32


@dataclass(frozen=True, slots=True)
class Owned:
    """A tensor that a module holds itself."""

    name: str
    tensor: Any
    is_parameter: bool
    persistent: bool
    trainable: bool


class Framework(Protocol):
    """One framework in this process. Models, modules and its own tensors are ``Any``: no shared code looks inside."""

    name: str
    folder: str
    module_class: type[Any]
    unobserved: Sequence[type[Any]]  # values of these say nothing of what stands in the source

    def versions(self) -> dict[str, str]:
        """Versions of what takes part in computing."""

    def devices(self) -> list[str]:
        """What it can run on: ``cpu``, ``gpu:0`` ..."""

    def use(self, device: str) -> None:
        """Take a device, with deterministic kernels and without TF32; ConfigError when it does not see it."""

    def place(self, model: Any) -> Any:
        """The model on the device in use."""

    def is_tensor(self, value: object) -> bool:
        """Whether a value is a tensor of this framework."""

    def dtype(self, tensor: Any) -> str:
        """The type of a tensor's elements: ``float32``, ``int64``."""

    def export(self, tensor: Any) -> Tensor:
        """The bits of a tensor of this framework."""

    def tensor(self, bits: Tensor) -> Any:
        """A tensor of this framework on the device in use."""

    def assign(self, tensor: Any, bits: Tensor) -> None:
        """Overwrite a tensor of a model in place, cast to its type."""

    def identity(self, tensor: Any) -> object:
        """Equal for tensors that share all their memory."""

    def in_float64(self, model: Any) -> AbstractContextManager[None]:
        """The model with every float tensor widened; the very same tensors are back afterwards."""

    def widened(self, values: list[Any]) -> list[Any]:
        """Float tensors in float64, the others as they are."""

    def modules(self, model: Any, every_path: bool = False) -> Iterator[tuple[str, Any]]:
        """Every module with its path, the model itself first (path ``""``); a shared one once, or at every path."""

    def owned(self, module: Any) -> Iterator[Owned]:
        """The tensors that this module holds itself."""

    def before(self, module: Any, hook: Callable[[Any, Any, Any], Any]) -> Callable[[], None]:
        """Call ``hook(module, arguments, keywords)`` before each forward; gives the function that ends it.

        A hook that gives (arguments, keywords) changes them.
        """

    def after(self, module: Any, hook: Callable[[Any, Any], None]) -> Callable[[], None]:
        """Call ``hook(module, output)`` after each forward; gives the function that ends it."""

    def is_differentiable(self, tensor: Any) -> bool:
        """Whether gradients flow to a tensor."""

    def leaf(self, tensor: Any) -> Any:
        """The same numbers as a tensor that collects its gradient."""

    def on_gradient(self, leaf: Any, hook: Callable[[Any], None]) -> Callable[[], None]:
        """Call ``hook(gradient)`` once the whole gradient of a leaf is there, and free it; gives what ends that."""

    def on_flow(self, tensor: Any, hook: Callable[[Any], None]) -> None:
        """Call ``hook(gradient)`` when the gradient of what a module gave is known."""

    def cross_entropy(self, logits: Any, labels: Any) -> Any:
        """The mean loss of logits (N, C) and labels (N,)."""

    def optimizer(self, name: str, parameters: list[Any], rate: float) -> Any:
        """SGD with momentum (``sgd``) or AdamW (``adamw``), with weight decay; see ``SETTINGS``."""

    def update(self, optimizer: Any) -> None:
        """One step by the gradients that there are, which are freed."""

    def forget_gradients(self, parameters: list[Any]) -> None:
        """Free the gradients."""

    def evaluating(self, model: Any, gradients: bool = False) -> AbstractContextManager[None]:
        """Evaluation mode, without gradients or with them; random functions give the same in both frameworks."""

    def training(self, model: Any, gradients: bool = False) -> AbstractContextManager[None]:
        """Training mode with nothing dropped, without gradients or with them; random functions as in ``evaluating``."""

    def read_checkpoint(self, path: Path) -> Any:
        """What the checkpoint file holds: a mapping, or anything else a user saved; CheckpointError."""

    def write_checkpoint(self, path: Path, tensors: Mapping[str, Tensor]) -> None:
        """Write a checkpoint in this framework's own format."""
