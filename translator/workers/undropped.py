"""Training without chance: nothing is dropped at random, whatever the layer or function that would is called."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from types import BuiltinFunctionType, FunctionType
from typing import Any
from unittest import mock

DROPOUT = re.compile(r"(feature)?(alpha)?dropout([123]d)?")
DEPTH = re.compile(r"drop(path|block|connect|layer)([123]d)?|stochasticdepth")


@contextmanager
def undropped(modules: Iterable[Any], depth: bool) -> Iterator[None]:
    """Layers whose class is named after dropout are in evaluation mode, functions of such names give their input back.

    Functions count wherever they are bound, also under another name. A layer's own settings with ``drop`` in their name
    (``dropout`` of recurrent layers and of attention) are 0 meanwhile.

    Args:
        depth: whether stochastic depth is off, too, by the names that it has: ``DropPath``, ``stochastic_depth`` ...
    """
    with ExitStack() as stack:
        for module in modules:
            if is_named(type(module).__name__, depth, inside=True):
                module.eval()
            for name, value in list(vars(module).items()):
                if "drop" in name.lower() and isinstance(value, (int, float)) and not isinstance(value, bool) and value:
                    stack.enter_context(mock.patch.object(module, name, type(value)(0)))
        for owner, name in functions(depth):
            stack.enter_context(mock.patch.object(owner, name, unchanged))
        yield


def is_named(name: str, depth: bool, *, inside: bool = False) -> bool:
    """Whether a class or function goes by one of the names; of a class it may be a part."""
    plain = name.lower().replace("_", "")
    patterns = (DROPOUT, DEPTH) if depth else (DROPOUT,)
    return any(p.search(plain) if inside else p.fullmatch(plain) for p in patterns)


def functions(depth: bool) -> list[tuple[Any, str]]:
    """Every (module, name) under which such a function is bound."""
    return [
        (module, name)
        for module in list(sys.modules.values())
        for name, value in list(getattr(module, "__dict__", {}).items())
        if isinstance(value, (FunctionType, BuiltinFunctionType)) and is_named(value.__name__, depth)
    ]


def unchanged(*arguments: Any, **keywords: Any) -> Any:
    """The first argument, as it came."""
    return arguments[0] if arguments else keywords.get("input", keywords.get("x"))
