"""What a layer holds, as torch lists and loads it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import paddle


def named_parameters_of(
    layer: paddle.nn.Layer, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
) -> Iterator[tuple[str, paddle.Tensor]]:
    """The layer's parameters by name, without the running statistics that batch norms list among them.

    Args:
        prefix: is put before each name.
        recurse: whether the layers inside count, too.
        remove_duplicate: whether a parameter of several names is given once.
    """
    inner = layer.sublayers(include_self=True)
    statistics = {id(one) for each in inner for _, one in _statistics(each)}
    for name, one in layer.named_parameters(prefix, recurse, remove_duplicate):
        if id(one) not in statistics:
            yield name, one


def parameters_of(layer: paddle.nn.Layer, recurse: bool = True) -> Iterator[paddle.Tensor]:
    """The parameters of ``named_parameters_of``, one after the other."""
    return (one for _, one in named_parameters_of(layer, recurse=recurse))


def named_buffers_of(
    layer: paddle.nn.Layer, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
) -> Iterator[tuple[str, paddle.Tensor]]:
    """The layer's buffers by name, with the running statistics of batch norms, under paddle's names for them.

    Args:
        prefix: is put before each name; ``recurse`` and ``remove_duplicate`` as in ``named_parameters_of``.
    """
    layers = layer.named_sublayers(prefix, include_self=True) if recurse else [(prefix, layer)]
    seen = set[int]()
    for path, each in layers:
        for name, one in (*_statistics(each), *each.__dict__["_buffers"].items()):
            if one is not None and not (remove_duplicate and id(one) in seen):
                seen.add(id(one))
                yield f"{path}.{name}" if path else name, one


def buffers_of(layer: paddle.nn.Layer, recurse: bool = True) -> Iterator[paddle.Tensor]:
    """The buffers of ``named_buffers_of``, one after the other."""
    return (one for _, one in named_buffers_of(layer, recurse=recurse))


def _statistics(layer: paddle.nn.Layer) -> list[tuple[str, paddle.Tensor]]:
    """The running mean and variance of a batch norm; nothing of other layers."""
    kept = layer.__dict__["_parameters"] if isinstance(layer, _NORMS) else {}
    return [(name, kept[name]) for name in ("_mean", "_variance") if name in kept]


_NORMS = (
    paddle.nn.BatchNorm, paddle.nn.BatchNorm1D, paddle.nn.BatchNorm2D, paddle.nn.BatchNorm3D, paddle.nn.SyncBatchNorm,
)  # fmt: skip


class IncompatibleKeys(NamedTuple):
    """What a state dict lacked, and what no layer took."""

    missing_keys: list[str]
    unexpected_keys: list[str]


def load_state_dict(layer: Any, state_dict: Mapping[str, Any], strict: bool = True) -> Any:
    """Set the layer's parameters and buffers.

    Raises:
        RuntimeError: a shape differs; or, when ``strict``, a name is missing or unexpected. What fits is set before.
    """
    if not hasattr(layer, "named_sublayers"):  # an optimizer or a scheduler
        return layer.set_state_dict(state_dict)
    own = layer.state_dict()
    state_dict = _asked(layer, _with_own_statistics(state_dict, own), own, strict)
    missing = [name for name in own if name not in state_dict]
    unexpected = [name for name in state_dict if name not in own]
    fitting = {name: value for name, value in state_dict.items() if name in own}
    wrong = [name for name, value in fitting.items() if list(value.shape) != list(own[name].shape)]
    layer.set_state_dict({name: value for name, value in fitting.items() if name not in wrong})
    found = IncompatibleKeys(missing, unexpected)
    for one in layer.sublayers(include_self=True):
        for hook in vars(one).get("after_loading", ()):
            hook(one, found)
    errors = [f"unexpected keys: {unexpected}"] if strict and unexpected else []
    errors += [f"missing keys: {missing}"] if strict and missing else []
    errors += [
        f"size mismatch for {name}: {list(state_dict[name].shape)} does not fit {list(own[name].shape)}"
        for name in wrong
    ]
    if errors:
        raise RuntimeError("\n\t".join(["the state dict does not fit:", *errors]))
    return found


def _asked(layer: paddle.nn.Layer, state_dict: dict[str, Any], own: Mapping[str, Any], strict: bool) -> dict[str, Any]:
    """The state dict after each layer had the chance to change it.

    A layer that knows older versions of itself is told its own where all its names are there, else none.
    """
    for path, one in layer.named_sublayers(include_self=True):
        asked = list(vars(one).get("before_loading", ()))
        if hasattr(one, "_load_from_state_dict"):
            asked.append(one._load_from_state_dict)
        for change in asked:
            prefix = f"{path}." if path else ""
            is_current = all(name in state_dict for name in own if name.startswith(prefix))
            metadata = {"version": one._version} if is_current and hasattr(one, "_version") else {}
            change(state_dict, prefix, metadata, strict, [], [], [])
    return state_dict


def _with_own_statistics(state_dict: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """The state dict of a net with other batch norms, whose statistics have other names: paddle's own, or torch's."""
    names = {"_mean": "running_mean", "_variance": "running_var", "running_mean": "_mean", "running_var": "_variance"}
    found = {}
    for name, value in state_dict.items():
        path, dot, last = name.rpartition(".")
        other = f"{path}{dot}{names.get(last, last)}"
        is_other = name not in own and other in own and other not in state_dict
        found[other if is_other else name] = value
    return found


def moved(layer: paddle.nn.Layer, where: Any) -> paddle.nn.Layer:
    """The layer itself, its parameters on a device, of a type, or both as a tensor has them."""
    if isinstance(where, paddle.Tensor):
        return layer.to(where.place, where.dtype)
    return layer.to(dtype=where) if isinstance(where, paddle.dtype) else layer.to(where)
