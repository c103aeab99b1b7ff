"""A weight map as a YAML file that people can read, and that brings dropped tensors back."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from translator.core import ConfigError, TranslatorError
from translator.files import write_atomically
from translator.weights.mapping import Step, WeightMap
from translator.weights.ops import parse_operation
from translator.workers.tensors import Tensor, carrier

HEADER = "# Which source tensor becomes which target tensor, by which operation and rule.\n"


def write_map(weight_map: WeightMap, path: Path) -> None:
    """Write the forward direction of a map."""
    entries = [_entry(step) for step in weight_map.steps]
    text = yaml.dump({"steps": entries}, Dumper=yaml.CSafeDumper, sort_keys=False, width=120, default_flow_style=None)
    write_atomically(path, HEADER + text)


def read_map(path: Path) -> WeightMap:
    """Read what ``write_map`` wrote.

    Raises:
        ConfigError: missing, not YAML, or not a weight map.
    """
    try:
        content = yaml.load(path.read_text(), Loader=yaml.CSafeLoader)
        return WeightMap(tuple(_step(entry) for entry in content["steps"]))
    except OSError as error:
        raise ConfigError(f"cannot read: {error.strerror}", path=str(path)) from error
    except (yaml.YAMLError, KeyError, TypeError, ValueError, TranslatorError) as error:
        raise ConfigError(f"not a weight map: {' '.join(str(error).split())}", path=str(path)) from error


def _entry(step: Step) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "source": step.source,
        "targets": list(step.targets),
        "operation": step.operation.text,
        "shape": list(step.shape),
        "dtype": step.dtype,
        "rule": f"{step.api} ({step.origin})" if step.api else "",
    }
    if step.dropped is not None:
        entry["dropped"] = {
            "dtype": step.dropped.dtype,
            "shape": list(step.dropped.shape),
            "bits": base64.b64encode(step.dropped.array.tobytes()).decode(),
        }
    return entry


def _step(entry: dict[str, Any]) -> Step:
    api, _, origin = str(entry["rule"]).partition(" (")
    dropped = entry.get("dropped")
    return Step(
        source=entry["source"],
        targets=tuple(entry["targets"]),
        operation=parse_operation(entry["operation"]),
        shape=tuple(entry["shape"]),
        dtype=entry["dtype"],
        api=api,
        origin=origin.removesuffix(")"),
        dropped=_tensor(dropped) if dropped else None,
    )


def _tensor(entry: dict[str, Any]) -> Tensor:
    bits = np.frombuffer(base64.b64decode(entry["bits"]), dtype=carrier(entry["dtype"]))
    return Tensor(entry["dtype"], bits.reshape(entry["shape"]))
