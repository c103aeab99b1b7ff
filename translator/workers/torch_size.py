"""How large a PyTorch model is, found out without its memory: on the device that has shapes and no values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from translator.core import WorkerError
from translator.workers.entry import build, find_builder
from translator.workers.naming import flatten
from translator.workers.session import Session

META = "meta"


class Hollow(TorchFunctionMode):  # type: ignore[misc]
    """Within it, memory that waits to be filled, as layers take it for their parameters, has a shape and no values."""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type[Any]],
        args: Sequence[Any] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        given = dict(kwargs or {})
        if func is torch.empty and given.get("device") is None:
            given["device"] = META
        return func(*args, **given)


def size(session: Session, entry: str, inputs: str) -> dict[str, Any]:
    """Count what a model and one forward of it take; the model that is open goes first.

    Args:
        inputs: a tensor folder with the arguments of the forward; only their shapes matter.

    Returns:
        ``parameters``: how many numbers are trained; ``weights``: bytes of all parameters and buffers;
        ``activations``: bytes of all that its modules give in one forward, None where that needs values.

    Raises:
        ConfigError, WorkerError: the model cannot be built at all.
    """
    session.model = None
    model = _built(entry)
    parameters = sum(tensor.numel() for tensor in model.parameters())
    weights = sum(_bytes(tensor) for tensor in (*model.parameters(), *model.buffers()))
    return {"parameters": parameters, "weights": weights, "activations": _activations(session, model, inputs)}


def _built(entry: str) -> Any:
    """The model without values; with them where its builder needs some."""
    found, builder = find_builder(entry)  # before: what a module makes while it is imported is kept
    try:
        with Hollow():
            return build(found, builder, _is_module)
    except WorkerError:
        return build(found, builder, _is_module)


def _is_module(value: object) -> bool:
    return isinstance(value, torch.nn.Module)


def _activations(session: Session, model: Any, inputs: str) -> int | None:
    """Bytes of all that modules give in one evaluation forward; what two of them give is counted once."""
    seen: dict[int, Any] = {}

    def note(_: Any, __: Any, output: Any) -> None:
        seen.update((id(tensor), tensor) for _, tensor in flatten(output, session.framework.is_tensor))

    for module in model.modules():
        module.register_forward_hook(note)
    try:
        values = [_bare(value) for value in session._inputs(inputs)]
        with torch.device(META), session.framework.evaluating(model.to(META)):
            model(*values)
    except Exception:  # noqa: BLE001 - a forward that depends on values raises anything
        return None
    return sum(map(_bytes, seen.values()))


def _bare(value: Any) -> Any:
    """An argument without its values."""
    return [_bare(item) for item in value] if isinstance(value, list) else value.to(META)


def _bytes(tensor: Any) -> int:
    return int(tensor.numel() * tensor.element_size())
