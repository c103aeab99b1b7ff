"""What a layer holds, as torch lists and loads it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
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
    statistics = {
        id(one.__dict__["_parameters"].get(name))
        for one in inner
        for name in ("_mean", "_variance")
        if isinstance(one, _NORMS)
    }
    for name, one in layer.named_parameters(prefix, recurse, remove_duplicate):
        if id(one) not in statistics:
            yield name, one


def parameters_of(layer: paddle.nn.Layer, recurse: bool = True) -> Iterator[paddle.Tensor]:
    """The parameters of ``named_parameters_of``, one after the other."""
    return (one for _, one in named_parameters_of(layer, recurse=recurse))


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
    state_dict = _asked(layer, dict(state_dict), strict)
    own = layer.state_dict()
    missing = [name for name in own if name not in state_dict]
    unexpected = [name for name in state_dict if name not in own]
    fitting = {name: value for name, value in state_dict.items() if name in own}
    wrong = [name for name, value in fitting.items() if list(value.shape) != list(own[name].shape)]
    layer.set_state_dict({name: value for name, value in fitting.items() if name not in wrong})
    errors = [
        f"size mismatch for {name}: {list(state_dict[name].shape)} does not fit {list(own[name].shape)}"
        for name in wrong
    ]
    if strict and missing:
        errors.insert(0, f"missing keys: {missing}")
    if strict and unexpected:
        errors.insert(0, f"unexpected keys: {unexpected}")
    found = IncompatibleKeys(missing, unexpected)
    for one in layer.sublayers(include_self=True):
        for hook in vars(one).get("after_loading", ()):
            hook(one, found)
    if errors:
        raise RuntimeError("\n\t".join(["the state dict does not fit:", *errors]))
    return found


def _asked(layer: paddle.nn.Layer, state_dict: dict[str, Any], strict: bool) -> dict[str, Any]:
    """The state dict after each layer had the chance to change it, which knows its own older versions."""
    for path, one in layer.named_sublayers(include_self=True):
        prefix = f"{path}." if path else ""
        for hook in vars(one).get("before_loading", ()):
            hook(state_dict, prefix, {}, strict, [], [], [])
        if hasattr(one, "_load_from_state_dict"):
            one._load_from_state_dict(state_dict, prefix, {}, strict, [], [], [])
    return state_dict


def add_loading_hook(layer: paddle.nn.Layer, hook: Callable[..., None], with_module: bool = False) -> RemovableHandle:
    """Call ``hook(state_dict, prefix, metadata, strict, missing, unexpected, errors)`` before a state dict is loaded.

    Args:
        with_module: whether the layer is passed, too, as the first argument.
    """
    return _registered(layer, "before_loading", functools.partial(hook, layer) if with_module else hook)


def add_loaded_hook(layer: paddle.nn.Layer, hook: Callable[..., None]) -> RemovableHandle:
    """Call ``hook(layer, keys)`` after a state dict is loaded; what it takes out of the keys is no error."""
    return _registered(layer, "after_loading", hook)


class RemovableHandle:
    """What ``remove`` undoes: the registering of a hook."""

    def __init__(self, *removals: Callable[[], None]) -> None:
        self.removals = removals

    def remove(self) -> None:
        """Take the hook away."""
        for removal in self.removals:
            removal()


def _registered(layer: paddle.nn.Layer, kind: str, hook: Callable[..., None]) -> RemovableHandle:
    hooks = vars(layer).setdefault(kind, [])
    hooks.append(hook)
    return RemovableHandle(lambda: hooks.remove(hook))


def register_full_backward_hook(layer: paddle.nn.Layer, hook: Callable[..., Any]) -> RemovableHandle:
    """Call ``hook(layer, grad_input, grad_output)`` when the gradients of the layer's inputs are known.

    Args:
        hook: may give other gradients of the inputs. Arguments that are passed by name have none.
    """
    runs: list[dict[str, Any]] = []

    def before(_: paddle.nn.Layer, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        runs.append({"ends": not any(isinstance(x, paddle.Tensor) and not x.stop_gradient for x in inputs)})
        run = runs[-1]
        return inputs if run["ends"] else _watched(lambda *grads: hook(layer, grads, run["grad_output"]), inputs)

    def after(_: paddle.nn.Layer, __: tuple[Any, ...], outputs: Any) -> Any:
        run = runs.pop()

        def note(*grads: paddle.Tensor) -> None:
            run["grad_output"] = grads
            if run["ends"]:
                hook(layer, (None,), grads)

        if isinstance(outputs, tuple):
            return _watched(note, outputs)
        return _watched(note, (outputs,))[0] if isinstance(outputs, paddle.Tensor) else outputs

    handles = layer.register_forward_pre_hook(before), layer.register_forward_post_hook(after)
    return RemovableHandle(*(handle.remove for handle in handles))


class _Watch(paddle.autograd.PyLayer):
    @staticmethod
    def forward(ctx: Any, function: Callable[..., Any], *tensors: paddle.Tensor) -> tuple[paddle.Tensor, ...]:
        ctx.function, ctx.wanted = function, [not one.stop_gradient for one in tensors]
        return tuple(one * 1 for one in tensors)

    @staticmethod
    def backward(ctx: Any, *gradients: paddle.Tensor) -> tuple[paddle.Tensor | None, ...]:
        other = ctx.function(*(g if wanted else None for g, wanted in zip(gradients, ctx.wanted, strict=True)))
        given = gradients if other is None else other if isinstance(other, tuple) else (other,)
        return tuple(g if wanted else None for g, wanted in zip(given, ctx.wanted, strict=True))


def _watched(function: Callable[..., Any], values: tuple[Any, ...]) -> tuple[Any, ...]:
    """The same values; ``function`` gets the gradients of the tensors among them, and may give others."""
    tensors = iter(_Watch.apply(function, *(one for one in values if _is_real(one))))
    return tuple(next(tensors) if _is_real(one) else one for one in values)


def _is_real(value: Any) -> bool:
    return isinstance(value, paddle.Tensor) and value.is_floating_point()
