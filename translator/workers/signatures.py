"""The parameters of a function as its framework states them: ``inspect``, else the first lines of its docstring."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from typing import Any


def overloads(api: str) -> dict[str, Any]:
    """Parameter names of each overload, without ``self``.

    Returns:
        ``overloads``: lists of names, none when nothing tells; ``missing``: there is no such name; ``reason``.
    """
    try:
        value = resolved(api)
    except (AttributeError, ImportError):
        return {"overloads": [], "missing": True, "reason": f"there is no {api}"}
    found = inspected(value) or documented(value, api.rpartition(".")[2])
    return {"overloads": found, "missing": False, "reason": "" if found else "it states no signature"}


def resolved(api: str) -> Any:
    """The object behind a dotted name."""
    parts = api.split(".")
    for length in range(len(parts), 0, -1):
        try:
            value = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for part in parts[length:]:
            value = getattr(value, part)
        return value
    raise ImportError(api)


def inspected(value: Any) -> list[list[str]]:
    """What ``inspect`` says, unless that is ``(*args, **kwargs)`` only."""
    try:
        parameters = inspect.signature(value).parameters.values()
    except (TypeError, ValueError):
        return []
    names = [p.name for p in parameters if p.name != "self"]
    is_opaque = any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) and p.name in ("args", "kwargs") for p in parameters)
    return [] if is_opaque else [names]


def documented(value: Any, name: str) -> list[list[str]]:
    """The overloads that a docstring lists: ``name(input, dim) -> Tensor``, ``.. function:: name(...)``."""
    found = []
    pattern = re.compile(rf"^\s*(?:\.\. function:: )?(?:\w+\.)*{re.escape(name)}(\(.*\))(?:\s*->.*)?\s*$", re.MULTILINE)
    for match in pattern.finditer(inspect.getdoc(value) or ""):
        names = parsed(match[1])
        if names is not None and names not in found:
            found.append(names)
    return found


def parsed(text: str) -> list[str] | None:
    """``(input, dim=0, *, out=None)`` to its names; None when that is not Python."""
    try:
        function = ast.parse(f"def f{text}: pass").body[0]
    except SyntaxError:
        return None
    assert isinstance(function, ast.FunctionDef)
    a = function.args
    every = [*a.posonlyargs, *a.args, *([a.vararg] if a.vararg else []), *a.kwonlyargs, *([a.kwarg] if a.kwarg else [])]
    return [p.arg for p in every if p.arg != "self"]
