"""Calls that tell what they are called on, although other objects have a method of that name, too: ``x.size(0)``."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping

from translator.core import Type


def tells(call: ast.Call, wanted: Iterable[str], types: Mapping[ast.AST, Type | None]) -> bool:
    """Whether one of the pack's ``telling_calls`` is met.

    Args:
        wanted: ``int``, the type of the first argument; ``0``: no argument; ``3+``: at least so many by position.
    """
    if any(isinstance(given, ast.Starred) for given in call.args) or any(k.arg is None for k in call.keywords):
        return False
    return any(_meets(call, text, types) for text in wanted)


def _meets(call: ast.Call, text: str, types: Mapping[ast.AST, Type | None]) -> bool:
    if text.endswith("+"):
        return len(call.args) >= int(text[:-1])
    if text == "0":
        return not call.args and not call.keywords
    fact = types.get(call.args[0]) if call.args else None
    return fact is not None and fact.name == text
