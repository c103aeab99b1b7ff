"""The functions of a package that give models: those of its registry, or those that can be called without arguments.

A registry is a mapping of a module of the package whose keys cover what the package's ``list_models()`` names, and
whose values can be called. Without one, each public function counts that needs no argument, and is annotated to give a
module of the framework; one without such an annotation may give anything, so that it has to be tried.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import sys
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from translator.workers.entry import import_dotted, user_error
from translator.workers.protocol import BuilderInfo

REGISTRY = "list_models"
DOWNLOADS = ("weights", "pretrained")  # parameters of that name, or that begin with it and `_`, load a checkpoint
NOTHING = {"weights": None, "pretrained": False}


def find_builders(package: str, folder: str, module_class: type[Any]) -> dict[str, Any]:
    """Import a package, and list its builders.

    Args:
        package: its dotted name; ``folder`` is where it is imported from.

    Returns:
        ``builders``: what was found; ``left``: by name, why something is none; ``missing``: those of the latter that
        the registry names.

    Raises:
        ConfigError, WorkerError: it cannot be imported.
    """
    if folder not in sys.path:
        sys.path.insert(0, folder)
    top = import_dotted(package)
    names = _registered_names(top)
    registry = _registry(package, names) if names else None
    if registry is not None:
        found, left = _of_registry(package, {name: registry[name] for name in names})
        return {"builders": found, "left": left, "missing": list(left)}
    found, left = _of_modules(top, module_class)
    missing = [f"{REGISTRY}()"] if names else []
    left |= dict.fromkeys(missing, "no mapping in the package has a function for each name that it gives")
    return {"builders": found, "left": left, "missing": missing}


def _registered_names(package: ModuleType) -> list[str]:
    """What ``list_models()`` of the package names; empty where it has none, or one that needs arguments."""
    function = getattr(package, REGISTRY, None)
    if not callable(function) or not _needs_nothing(function):
        return []
    try:
        return [str(name) for name in function()]
    except Exception as error:
        raise user_error(error, f"`{REGISTRY}` raised") from error


def _registry(package: str, names: Sequence[str]) -> Mapping[str, Callable[..., Any]] | None:
    """The first mapping of a module of the package that has something to call for every name."""
    for module in _loaded(package):
        for value in vars(module).values():
            if isinstance(value, Mapping) and all(callable(value.get(name)) for name in names):
                return value
    return None


def _loaded(package: str) -> Iterator[ModuleType]:
    """The modules of a package that are loaded, by name."""
    for name, module in sorted(sys.modules.items()):
        if (name == package or name.startswith(f"{package}.")) and module is not None:
            yield module


def _of_registry(package: str, functions: Mapping[str, Callable[..., Any]]) -> tuple[list[BuilderInfo], dict[str, str]]:
    found: list[BuilderInfo] = []
    left: dict[str, str] = {}
    for name, function in functions.items():
        place = _place(package, function)
        if place is None:
            left[name] = "no module of the package has it under a name of its own"
        elif not _needs_nothing(function):
            left[name] = f"it needs arguments: {inspect.signature(function)}"
        else:
            found.append(_info(name, *place, function, is_sure=True))
    return found, left


def _place(package: str, function: Callable[..., Any]) -> tuple[ModuleType, str] | None:
    """The module and the name that a function can be taken from: its own first, then any of the package."""
    owner = sys.modules.get(str(getattr(function, "__module__", "")))
    for module in [*([owner] if owner is not None else []), *_loaded(package.partition(".")[0])]:
        for name in (getattr(function, "__name__", ""), *vars(module)):
            if name.isidentifier() and vars(module).get(name) is function:
                return module, name
    return None


def _of_modules(top: ModuleType, module_class: type[Any]) -> tuple[list[BuilderInfo], dict[str, str]]:
    """Public functions of every module of a package; those of one name go by the module's, too."""
    found: list[BuilderInfo] = []
    left: dict[str, str] = {}
    for module in _modules(top, left):
        for name, function in vars(module).items():
            is_own = inspect.isfunction(function) and function.__module__ == module.__name__
            if name.startswith("_") or name == REGISTRY or not is_own or not _needs_nothing(function):
                continue
            gives = _gives(function)
            if gives is None or (isinstance(gives, type) and issubclass(gives, module_class)):
                found.append(_info(name, module, name, function, is_sure=gives is not None))
    counts = {one["name"]: [other["name"] for other in found].count(one["name"]) for one in found}
    for one in found:
        if counts[one["name"]] > 1:
            one["name"] = ".".join([one["module"].removeprefix(f"{top.__name__}."), one["name"]])
    return found, left


def _modules(top: ModuleType, left: dict[str, str]) -> Iterator[ModuleType]:
    """The package and every module below it, imported; those that cannot be are left."""
    yield top
    for info in pkgutil.walk_packages(getattr(top, "__path__", ()), f"{top.__name__}.", onerror=lambda name: None):
        if info.name.rpartition(".")[2] == "__main__":
            continue  # importing it runs it
        try:
            yield importlib.import_module(info.name)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a module of the user's may raise anything
            left[info.name] = f"importing it raised {type(error).__name__}: {' '.join(str(error).split())[:300]}"


def _needs_nothing(function: Callable[..., Any]) -> bool:
    """Whether it can be called without arguments."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return False
    return all(p.default is not p.empty or p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in parameters)


def _gives(function: Callable[..., Any]) -> Any:
    """What a function is annotated to give; None where that says nothing."""
    annotation = inspect.signature(function).return_annotation
    if isinstance(annotation, str):
        try:
            annotation = typing.get_type_hints(inspect.unwrap(function)).get("return")
        except Exception:  # noqa: BLE001 - whatever the annotation's text raises when it is evaluated
            return None
        return type(None) if annotation is None else annotation
    if annotation in (inspect.Signature.empty, Any, object):
        return None
    return type(None) if annotation is None else annotation


def _info(
    name: str, module: ModuleType, function_name: str, function: Callable[..., Any], is_sure: bool
) -> BuilderInfo:
    return BuilderInfo(
        name=name,
        module=module.__name__,
        file=str(Path(inspect.getsourcefile(module) or "").resolve()),
        is_package=hasattr(module, "__path__"),
        function=function_name,
        arguments=_without_downloads(function),
        is_sure=is_sure,
    )


def _without_downloads(function: Callable[..., Any]) -> dict[str, Any]:
    """Arguments for the parameters that would load a checkpoint by themselves."""
    found: dict[str, Any] = {}
    for parameter in inspect.signature(function).parameters.values():
        kind = next((k for k in DOWNLOADS if parameter.name == k or parameter.name.startswith(f"{k}_")), "")
        if kind and parameter.default not in (parameter.empty, None, False):
            found[parameter.name] = NOTHING[kind]
    return found
