"""What adapters are made with; a helper module that holds adapters begins with this file's definitions."""

from __future__ import annotations

from typing import Any


class Adapting(type):
    """The class of adapters: classes of the target that take the source's arguments.

    An adapter equals the class that it adapts, and instances of that class count as its own, so that it can stand in
    ``isinstance``, in comparisons with ``type(x)``, and as a key, beside layers that were built directly.
    """

    def __instancecheck__(cls, instance: Any) -> bool:
        own = vars(cls).get("adapted")
        return isinstance(instance, own) if own else super().__instancecheck__(instance)

    def __subclasscheck__(cls, subclass: type) -> bool:
        own = vars(cls).get("adapted")
        return issubclass(subclass, own) if own else super().__subclasscheck__(subclass)

    def __eq__(cls, other: object) -> bool:
        return cls is other or other in vars(cls).get("adapted", ())

    def __hash__(cls) -> int:
        own = vars(cls).get("adapted")
        return hash(own[-1]) if own else super().__hash__()


def given(**arguments: Any) -> dict[str, Any]:
    """The arguments that are not None: the target has a default of its own for the others."""
    return {name: value for name, value in arguments.items() if value is not None}


def refuse(api: str, **arguments: Any) -> None:
    """Raise for an argument that the target cannot take.

    Args:
        arguments: by name the value, the default that is harmless, and what to do instead.
    """
    for name, (value, default, remedy) in arguments.items():
        sizes = value if isinstance(value, list | tuple) and isinstance(default, int) else [value]
        if any(size is not default and size != default for size in sizes):
            raise NotImplementedError(f"{api}: `{name}={value!r}` has no counterpart: {remedy}")
