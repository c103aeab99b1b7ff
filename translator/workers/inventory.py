"""Names and signatures of an installed framework, for checks that need not import it."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterable, Mapping
from types import ModuleType
from typing import Any

SPECIAL = ("__getitem__", "__setitem__", "__len__", "__iter__", "__call__")


def inventory(modules: Iterable[str], names: Iterable[str]) -> dict[str, Any]:
    """The public names of ``modules`` and the members of their classes, and every one of ``names`` that exists.

    Returns:
        ``names``: by dotted name the parameters as source text, ``(x, axis=None, *, out=None)``, without ``self`` and
        annotations; None for what is no function or states no signature. A class has the parameters of its
        constructor, and an entry ``class.member`` for each member. ``bases``: a class to those of its bases that have
        entries of their own; their members are not repeated.
    """
    values: dict[str, Any] = {}
    for module in modules:
        found = lookup(module)  # a release may lack one
        values |= {f"{module}.{name}": value for name, value in public(found[0])} if found is not None else {}
    for name in names:
        found = lookup(name)
        if found is not None:
            values.setdefault(name, found[0])
    classes = {value: name for name, value in reversed(values.items()) if inspect.isclass(value)}
    entries = {name: parameters(value) for name, value in values.items()}
    bases = {}
    for value, name in classes.items():
        known, own = split_bases(value, classes)
        bases[name] = known
        for base in reversed(own):
            entries |= members(name, vars(base))
    others = {n: [classes[v]] for n, v in values.items() if inspect.isclass(v) and classes[v] != n}
    wrapped = {name: aliases(value) for name, value in values.items()}
    for value, name in classes.items():
        wrapped |= {f"{name}.{member}": aliases(inner) for member, inner in vars(value).items()}
    return {
        "names": dict(sorted(entries.items())),
        "bases": {name: found for name, found in sorted((bases | others).items()) if found},
        "aliases": {name: found for name, found in sorted(wrapped.items()) if found and name in entries},
    }


def public(module: ModuleType) -> list[tuple[str, Any]]:
    """(name, value) of everything a module shows that is no module itself."""
    return [(n, v) for n, v in vars(module).items() if not n.startswith("_") and not isinstance(v, ModuleType)]


def split_bases(value: type, classes: Mapping[type, str]) -> tuple[list[str], list[type]]:
    """Names of the bases that have entries, and the classes whose members count as the class's own."""
    line = [base for base in value.__mro__ if base is value or package(base) == package(value)]
    known = [classes[base] for base in line[1:] if base in classes]
    return known, [base for base in line if base is value or base not in classes]


def package(value: type) -> str:
    """The top-level package that defines a class; some classes of extension modules do not say."""
    return str(getattr(value, "__module__", "")).partition(".")[0]


def members(owner: str, namespace: Mapping[str, Any]) -> dict[str, str | None]:
    """The members of one class."""
    found = {}
    for name, value in namespace.items():
        if not name.startswith("__") or name in SPECIAL:
            inner = value.__func__ if isinstance(value, staticmethod | classmethod) else value
            found[f"{owner}.{name}"] = parameters(inner, skip_first=not isinstance(value, staticmethod))
    return found


def aliases(value: Any) -> list[str]:
    """Keywords that the wrapper of a function reads by name, and that its signature does not list."""
    inner = getattr(value, "__wrapped__", None)
    if inner is None or not hasattr(value, "__code__"):
        return []
    read = {text for text in value.__code__.co_consts if isinstance(text, str) and text.isidentifier()}
    return sorted(read - set(inspect.signature(inner).parameters))


def lookup(name: str) -> tuple[Any] | None:
    """The value of a dotted name, in a tuple; None when there is none."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            value: Any = importlib.import_module(".".join(parts[:length]))
        except ImportError:
            continue
        try:
            for part in parts[length:]:
                value = getattr(value, part)
        except AttributeError:
            return None
        return (value,)
    return None


def parameters(value: Any, *, skip_first: bool = False) -> str | None:
    """The parameters as source text; None when nothing states them."""
    if not callable(value):
        return None
    try:
        signature = inspect.signature(value)
    except (TypeError, ValueError):
        return None
    chosen = list(signature.parameters.values())
    if skip_first and chosen and chosen[0].kind is not inspect.Parameter.VAR_POSITIONAL:
        del chosen[0]
    plain = [
        p.replace(annotation=p.empty, default=p.empty if p.default is p.empty else Spelled(p.default)) for p in chosen
    ]
    return str(inspect.Signature(plain))


class Spelled:
    """A default as source text: a literal as it is, ``...`` for any other object."""

    def __init__(self, value: Any) -> None:
        is_literal = value is None or isinstance(value, bool | int | float | str)
        self._text = repr(value) if is_literal and repr(value) not in ("inf", "-inf", "nan") else "..."

    def __repr__(self) -> str:
        return self._text
