"""Operations with a gradient of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import paddle


class FunctionContext:
    """What ``forward`` keeps for ``backward``.

    Attributes:
        needs_input_grad: for each argument of ``forward`` whether its gradient is wanted.
    """

    needs_input_grad: tuple[bool, ...] = ()

    @property
    def saved_tensors(self) -> tuple[paddle.Tensor | None, ...]:
        """What ``save_for_backward`` kept."""
        return self.saved_tensor() or ()  # type: ignore[attr-defined]

    def mark_dirty(self, *tensors: paddle.Tensor) -> None:
        """Say that ``forward`` wrote into these arguments."""
        self.dirty = tensors


class _FunctionMeta(type(paddle.autograd.PyLayer)):
    def __init__(cls, name: str, bases: tuple[type, ...], members: dict[str, Any]) -> None:
        super().__init__(name, bases, members)
        cls._backward_function = type(f"{name}_backward", (FunctionContext, cls._backward_function), {})
        if "forward" in members and "backward" in members:
            cls.forward = staticmethod(_with_context(members["forward"].__func__, members.get("setup_context")))
            cls.backward = staticmethod(_one_for_each_tensor(members["backward"].__func__))


class Function(paddle.autograd.PyLayer, metaclass=_FunctionMeta):
    """A PyLayer whose ``backward`` gives one gradient, or None, for each argument of ``forward``, tensor or not."""


def _with_context(forward: Callable[..., Any], setup: staticmethod | None) -> Callable[..., Any]:
    """``forward(ctx, *arguments)``; where ``setup_context`` is apart from it, both."""

    def run(ctx: Any, *arguments: Any) -> Any:
        tensors = [(i, one) for i, one in enumerate(arguments) if isinstance(one, paddle.Tensor)]
        ctx.needs_input_grad = tuple(isinstance(a, paddle.Tensor) and not a.stop_gradient for a in arguments)
        ctx.shapes = {i: (one.shape, one.dtype) for i, one in tensors}
        if setup is None:
            result = forward(ctx, *arguments)
        else:
            result = forward(*arguments)
            setup.__func__(ctx, arguments, result)
        results = result if isinstance(result, tuple) else (result,)
        dirty = getattr(ctx, "dirty", ())
        same = [one for _, one in tensors if any(one is r for r in results) and not any(one is d for d in dirty)]
        if same:
            ctx.mark_not_inplace(*same)
        return result

    return run


def _one_for_each_tensor(backward: Callable[..., Any]) -> Callable[..., Any]:
    """``backward`` with gradients for the tensors alone, and None for those that want none."""

    def run(ctx: Any, *gradients: paddle.Tensor) -> tuple[paddle.Tensor | None, ...]:
        given = backward(ctx, *gradients)
        given = given if isinstance(given, tuple | list) else (given,)
        found = []
        for i, (shape, dtype) in ctx.shapes.items():
            one = given[i] if i < len(given) else None
            if not ctx.needs_input_grad[i]:
                one = None
            elif one is None:
                one = paddle.zeros(shape, dtype)
            found.append(one)
        return tuple(found)

    return run
