"""Public names of classes, and the tensors inside nested values."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any


def public_name(kind: type[Any]) -> str:
    """The shortest dotted name under which a class can be imported: ``torch.nn.Linear``, ``paddle.nn.Conv2D``.

    A class that no package re-exports keeps its module's name; one from a file loaded as an ENTRY its bare name.
    """
    if "." not in kind.__module__ and "." not in kind.__qualname__ and _is_loose_file(kind.__module__):
        return kind.__qualname__
    parts = kind.__module__.split(".")
    for length in range(1, len(parts) + 1):
        module = sys.modules.get(".".join(parts[:length]))
        if module is not None and getattr(module, kind.__qualname__, None) is kind:
            return ".".join([*parts[:length], kind.__qualname__])
    return f"{kind.__module__}.{kind.__qualname__}"


def _is_loose_file(module: str) -> bool:
    return not hasattr(sys.modules.get(module), "__path__")


def class_names(kind: type[Any], root: type[Any]) -> list[str]:
    """Public names of a class and its bases down to ``root``, most derived first."""
    return [public_name(base) for base in kind.__mro__ if issubclass(base, root)]


def flatten(value: Any, is_tensor: Callable[[object], bool], name: str = "") -> Iterator[tuple[str, Any]]:
    """The tensors inside tuples, lists, mappings and dataclasses, with dotted names; a bare tensor's name is empty."""
    if is_tensor(value):
        yield name, value
        return
    for key, item in _items(value):
        yield from flatten(item, is_tensor, f"{name}.{key}" if name else str(key))


def replaced(value: Any, is_tensor: Callable[[object], bool], change: Callable[[Any], Any]) -> Any:
    """The arguments of a forward with other tensors: in lists, tuples and dictionaries, and by themselves."""
    if type(value) in (list, tuple):
        return type(value)(replaced(item, is_tensor, change) for item in value)
    if type(value) is dict:
        return {key: replaced(item, is_tensor, change) for key, item in value.items()}
    return change(value) if is_tensor(value) else value


def _items(value: Any) -> list[tuple[Any, Any]]:
    if isinstance(value, Mapping):
        return list(value.items())
    if isinstance(value, (list, tuple)):
        return list(enumerate(value))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return [(field.name, getattr(value, field.name, None)) for field in dataclasses.fields(value)]
    return []
