"""Checkpoint files in every format: what is inside, unwrapped, and what was done to get there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from translator.core import CheckpointError, ConfigError
from translator.workers.framework import Framework
from translator.workers.tensors import Tensor, read_safetensors, write_safetensors

WRAPPERS = ("state_dict", "model_state_dict", "model", "net", "weights")
PARALLEL = "module."
FORMATS = {"torch": (".pth", ".pt", ".bin"), "paddle": (".pdparams",)}


def read_checkpoint(framework: Framework, path: Path) -> tuple[dict[str, Tensor], list[str]]:
    """The tensors of a checkpoint, and notes on what was unwrapped.

    Raises:
        CheckpointError: missing, truncated, unsafe, or no tensors inside.
    """
    check_format(framework, path)
    if not path.is_file():
        raise CheckpointError("no such file", path=str(path))
    if path.suffix == ".safetensors":
        return without_prefix(read_safetensors(path))
    value, notes = unwrap(framework, framework.read_checkpoint(path))
    if not isinstance(value, Mapping):
        raise CheckpointError(f"holds {type(value).__name__}, not a state dict", path=str(path))
    others = [str(name) for name, item in value.items() if not framework.is_tensor(item)]
    tensors = {str(name): framework.export(item) for name, item in value.items() if framework.is_tensor(item)}
    if not tensors:
        raise CheckpointError("holds no tensors", path=str(path))
    if others:
        notes.append(f"left out what is no tensor: {', '.join(others[:5])}")
    plain, more = without_prefix(tensors)
    return plain, notes + more


def check_format(framework: Framework, path: Path) -> None:
    """Raise ConfigError when this framework has no such format."""
    known = (*FORMATS[framework.name], ".safetensors")
    if path.suffix not in known:
        raise ConfigError(f"{framework.name} checkpoints end in {', '.join(known)}", path=str(path))


def unwrap(framework: Framework, value: Any) -> tuple[Any, list[str]]:
    """The state dict inside ``{"state_dict": ...}`` and the like."""
    notes = []
    while isinstance(value, Mapping) and not any(framework.is_tensor(item) for item in value.values()):
        inner = next((name for name in WRAPPERS if isinstance(value.get(name), Mapping)), None)
        if inner is None:
            break
        value = value[inner]
        notes.append(f"took the tensors under `{inner}`")
    return value, notes


def without_prefix(tensors: dict[str, Tensor]) -> tuple[dict[str, Tensor], list[str]]:
    """Names without the ``module.`` of data-parallel training, when every name has it."""
    if not tensors or not all(name.startswith(PARALLEL) for name in tensors):
        return tensors, []
    return {name[len(PARALLEL) :]: tensor for name, tensor in tensors.items()}, [f"removed the prefix `{PARALLEL}`"]


def write_checkpoint(framework: Framework, path: Path, tensors: Mapping[str, Tensor]) -> None:
    """Write a checkpoint in the format of its suffix, in one step."""
    check_format(framework, path)
    if path.suffix == ".safetensors":
        write_safetensors(path, tensors)
    else:
        framework.write_checkpoint(path, tensors)
