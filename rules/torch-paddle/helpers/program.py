"""Checks of a program, and what the source's compiler asked for."""

from __future__ import annotations

import typing
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import paddle


def check(condition: bool, message: str | Callable[[], str] | None = None) -> None:
    """Raise an error unless ``condition`` holds.

    Args:
        message: the text of an AssertionError; a function, or None, makes it a RuntimeError.
    """
    if condition:
        return
    if message is None or callable(message):
        raise RuntimeError(message() if message else "Expected cond to be True, but got False.")
    raise AssertionError(message)


def is_of_type(obj: Any, target_type: Any) -> bool:
    """``isinstance`` for ``List[Tensor]``, ``Dict[str, int]``, ``Tuple[int, str]``, ``Optional[Tensor]`` and such."""
    if isinstance(target_type, tuple):
        return any(is_of_type(obj, one) for one in target_type)
    origin, parts = typing.get_origin(target_type), typing.get_args(target_type)
    if origin is None:
        return obj is None if target_type is None else isinstance(obj, target_type)
    if origin is typing.Union:
        return any(is_of_type(obj, one) for one in parts)
    if not isinstance(obj, origin):
        return False
    if origin is dict:
        return all(is_of_type(k, parts[0]) and is_of_type(v, parts[1]) for k, v in obj.items())
    if origin is tuple:
        return len(obj) == len(parts) and all(map(is_of_type, obj, parts))
    return all(is_of_type(one, parts[0]) for one in obj)


def recompute_in_segments(
    functions: paddle.nn.Sequential | list[Callable[..., Any]], segments: int, x: Any, **keywords: Any
) -> Any:
    """Run ``functions`` one after the other; only what stands between two segments is kept, the rest computed again.

    Args:
        segments: parts of equal length; the last one takes what is left over, and keeps all that it computes.
    """
    steps = list(functions.children()) if isinstance(functions, paddle.nn.Layer) else list(functions)
    size = len(steps) // segments
    for start in range(0, size * (segments - 1), size) if size else ():
        x = paddle.distributed.fleet.utils.recompute(_chained, x, steps[start : start + size], **keywords)
    return _chained(x, steps[size * (segments - 1) :])


def _chained(x: Any, steps: list[Callable[..., Any]]) -> Any:
    for step in steps:
        x = step(x)
    return x


class Final:
    """``Final[int]``: an attribute that is set once."""

    def __class_getitem__(cls, item: Any) -> Any:
        """The type itself."""
        return item


def load_library(path):
    """Fail as loading does where the library does not fit: operators compiled for the source framework never do.

    Raises:
        OSError: always; code that goes on without its compiled operators goes on.
    """
    raise OSError(f"{path}: operators that were compiled for another framework")


def nothing_to_switch_off():
    """What stands for a switch that the target does not have, in ``with`` and as a decorator."""
    return nullcontext()


def without_keys(keys):
    """A context without what these keys of the source's dispatcher stand for: of them, the target has autocast only."""
    is_cast = any(key.startswith("Autocast") for key in keys)
    return paddle.amp.auto_cast(enable=False) if is_cast else nullcontext()


def nothing_to_register(*_, **__):
    """What stands for a registration with the source's dispatcher: operators are functions here."""


class Library:
    """Where programs of the source register operators; nothing is kept."""

    def __init__(self, ns, kind, dispatch_key=""):
        self.ns, self.kind, self.dispatch_key = ns, kind, dispatch_key

    def define(self, schema, alias_analysis="", *, tags=()):
        """The name of the operator."""
        return schema.partition("(")[0]

    def impl(self, op_name, fn, dispatch_key="", *, with_keyset=False, allow_override=True):
        """Nothing: calls of operators by name are translated, or left."""
