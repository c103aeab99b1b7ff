"""Checkpoints of older versions of a PyTorch model: the model's own code brings them up to date."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlparse

import torch
import torch.hub
import torch.utils.model_zoo

from translator.workers.checkpoint import read_checkpoint, unwrap
from translator.workers.tensors import Tensor, TensorWriter

if TYPE_CHECKING:
    from translator.workers.session import Session

FETCH = "load_state_dict_from_url"


class Offer:
    """A checkpoint file that builders get when they fetch one of its name; ``is_taken`` tells whether one did."""

    def __init__(self, checkpoint: Path) -> None:
        self.checkpoint, self.is_taken = checkpoint, False
        self._fetch = getattr(torch.hub, FETCH)
        setattr(torch.hub, FETCH, self)
        torch.utils.model_zoo.load_url = self

    def __call__(self, url: str, *arguments: Any, file_name: str | None = None, **keywords: Any) -> Any:
        if (file_name or Path(urlparse(url).path).name) != self.checkpoint.name:
            return self._fetch(url, *arguments, file_name=file_name, **keywords)
        self.is_taken = True
        return torch.load(self.checkpoint, map_location="cpu", weights_only=True)


def write_current(session: Session, checkpoint: Path, offer: Offer | None, output: Path) -> list[str]:
    """Write a checkpoint's tensors as the open model names them now; gives notes on what was done.

    A checkpoint that the builder loaded, or that is older than a module which can load older ones, is taken from the
    model behind the loading; any other as it stands in the file.

    Raises:
        CheckpointError: the file cannot be read.
    """
    framework, model = session.framework, session._opened()
    tensors, notes = read_checkpoint(framework, checkpoint)
    if offer is not None and offer.is_taken:
        tensors, notes = _state(framework, model), [*notes, "the builder loaded it itself"]
    elif (loaded := _brought_up_to_date(framework, model, checkpoint, tensors)) is not None:
        tensors, notes = loaded, [*notes, "the model's own loading brought it up to date"]
    with TensorWriter(output) as writer:
        for name, tensor in tensors.items():
            writer.add(name, tensor)
    return notes


def _brought_up_to_date(
    framework: Any, model: Any, checkpoint: Path, tensors: Mapping[str, Tensor]
) -> dict[str, Tensor] | None:
    """The model's tensors behind its own loading; None when that has nothing to change, or fails."""
    metadata = _metadata(framework, checkpoint)
    if not _is_outdated(model, metadata, tensors):
        return None
    state = OrderedDict((name, framework.tensor(bits)) for name, bits in tensors.items())
    state._metadata = metadata  # type: ignore[attr-defined]
    try:
        model.load_state_dict(state)
    except Exception:  # noqa: BLE001 - the user's code may raise anything; the names will be compared, and told
        return None
    return _state(framework, model)


def _metadata(framework: Any, checkpoint: Path) -> Mapping[str, Any]:
    """The versions that a state dict holds, by the paths of modules."""
    if checkpoint.suffix == ".safetensors":
        return {}
    value, _ = unwrap(framework, framework.read_checkpoint(checkpoint))
    return getattr(value, "_metadata", {})


def _is_outdated(model: Any, metadata: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> bool:
    """Whether a module that changes what it loads finds other names or another version than its own."""
    changing = [(path, module) for path, module in model.named_modules() if _changes_what_it_loads(module)]
    if not changing:
        return False
    versions = {path: metadata.get(path, {}).get("version") for path, _ in changing}
    is_older = any(versions[path] != module._version for path, module in changing)
    return is_older or set(tensors) != set(model.state_dict())


def _changes_what_it_loads(module: Any) -> bool:
    """Whether a class of the user's overrides the loading, or something hooks into it."""
    loading = type(module)._load_from_state_dict
    is_own = not loading.__module__.startswith("torch.")
    return is_own or bool(module._load_state_dict_pre_hooks)


def _state(framework: Any, model: Any) -> dict[str, Tensor]:
    """Every tensor of the model's state dict."""
    values = model.state_dict().items()
    return {name: framework.export(value) for name, value in values if framework.is_tensor(value)}
