"""Hooks of layers that paddle's own do not have."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import paddle


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


def add_forward_hook(layer: paddle.nn.Layer, hook: Callable[..., Any]) -> RemovableHandle:
    """Call ``hook(layer, arguments, keywords, output)`` after the layer; it may give another output."""

    def around(inner: Callable[..., Any], arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        output = inner(*arguments, **keywords)
        other = hook(layer, arguments, keywords, output)
        return output if other is None else other

    return _around(layer, around)


def add_forward_pre_hook(layer: paddle.nn.Layer, hook: Callable[..., Any]) -> RemovableHandle:
    """Call ``hook(layer, arguments, keywords)`` before the layer; it may give other arguments and keywords."""

    def around(inner: Callable[..., Any], arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        arguments, keywords = hook(layer, arguments, keywords) or (arguments, keywords)
        return inner(*arguments, **keywords)

    return _around(layer, around)


def _around(layer: paddle.nn.Layer, around: Callable[..., Any]) -> RemovableHandle:
    """Let ``around`` call the layer's ``forward`` until the handle is removed."""
    inner, active = layer.forward, [around]

    def forward(*arguments: Any, **keywords: Any) -> Any:
        return active[0](inner, arguments, keywords) if active else inner(*arguments, **keywords)

    layer.forward = forward
    return RemovableHandle(active.clear)
