"""ENTRY: ``file.py:name``, ``package.module:name``, ``folder/package:name``, ``file.py:name(k=1)``."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import inspect
import os
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from translator.core import ConfigError, WorkerError

USAGE = "write file.py:name, package.module:name or file.py:name(num_classes=10)"


@dataclass(frozen=True, slots=True)
class Entry:
    """A parsed ENTRY; ``place`` is a path that ends in ``.py``, a package's folder, or a dotted module name."""

    place: str
    name: str
    arguments: tuple[Any, ...] = ()
    keywords: dict[str, Any] = field(default_factory=dict)

    @property
    def is_file(self) -> bool:
        """Whether ``place`` is a file rather than a module name."""
        return self.place.endswith(".py")


def parse_entry(text: str) -> Entry:
    """Read an ENTRY.

    Raises:
        ConfigError: it has no colon, no name, or arguments that are not literals.
    """
    place, colon, call = text.partition(".py:")
    place = place + ".py" if colon else place
    if not colon:
        place, colon, call = text.partition(":")
    if not colon or not place or not call:
        raise ConfigError(f"`{text}` names no model", hint=USAGE)
    try:
        node = ast.parse(call.strip(), mode="eval").body
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and all(word.arg for word in node.keywords):
            arguments = tuple(ast.literal_eval(argument) for argument in node.args)
            keywords = {str(word.arg): ast.literal_eval(word.value) for word in node.keywords}
            return Entry(place, node.func.id, arguments, keywords)
    except (SyntaxError, ValueError) as error:
        raise ConfigError(f"`{call}` is not a name with literal arguments", path=place, hint=USAGE) from error
    if not isinstance(node, ast.Name):
        raise ConfigError(f"`{call}` is not a name with literal arguments", path=place, hint=USAGE)
    return Entry(place, node.id)


def load_entry(text: str, is_module: Callable[[object], bool]) -> Any:
    """Import the file or module that ``text`` names and build its model.

    Raises:
        ConfigError: no such file, module or name, or what it gives is not a module of the framework.
        WorkerError: the user's code raised while it was imported or called.
    """
    entry, builder = find_builder(text)
    return build(entry, builder, is_module)


def find_builder(text: str) -> tuple[Entry, Any]:
    """Import the file or module that ``text`` names, and take what gives the model; it is not called.

    Raises:
        ConfigError: no such file, module or name.
        WorkerError: the user's code raised while it was imported.
    """
    entry = parse_entry(text)
    package = Path(entry.place) / "__init__.py"
    if "/" in entry.place and package.is_file():
        module = import_file(package)
    else:
        module = import_file(Path(entry.place)) if entry.is_file else import_dotted(entry.place)
    if not hasattr(module, entry.name):
        raise ConfigError(
            f"no `{entry.name}` there; it has {', '.join(callables(module)) or 'nothing'}", path=entry.place
        )
    return entry, getattr(module, entry.name)


def build(entry: Entry, builder: Any, is_module: Callable[[object], bool]) -> Any:
    """Call a builder; what is a model already is taken as it is.

    Raises:
        ConfigError: what it gives is not a module of the framework.
        WorkerError: the user's code raised.
    """
    if is_module(builder):
        return builder
    if not callable(builder):
        raise ConfigError(f"`{entry.name}` is neither a class nor a function", path=entry.place)
    try:
        model = builder(*entry.arguments, **entry.keywords)
    except Exception as error:
        raise user_error(error, f"`{entry.name}` raised") from error
    if not is_module(model):
        raise ConfigError(f"`{entry.name}` gave {type(model).__name__}, not a model", path=entry.place)
    return model


def callables(module: ModuleType) -> list[str]:
    """Names of the functions and classes that a module defines itself, sorted."""
    return sorted(
        name
        for name, value in vars(module).items()
        if not name.startswith("_")
        and (inspect.isclass(value) or inspect.isfunction(value))
        and value.__module__ == module.__name__
    )


def import_file(path: Path) -> ModuleType:
    """Import one file with its folder on ``sys.path``, as a part of its package when it must be.

    The folder above its package is there, too. A file that imports its package by full name is a part of it: run by
    itself, it would be there twice.
    """
    if not path.is_file():
        raise ConfigError("no such file", path=str(path))
    package = package_of(path.resolve())
    if package is not None and imports(path, package[1].partition(".")[0]):
        if str(package[0]) not in sys.path:
            sys.path.insert(0, str(package[0]))
        return import_dotted(package[1])
    for folder in (path.resolve().parent, *([package[0]] if package is not None else [])):
        if str(folder) not in sys.path:
            sys.path.insert(0, str(folder))
    if package is not None and path.stem == "__init__":
        return import_dotted(package[1])
    name = path.stem if path.stem not in sys.modules else f"entry_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path.resolve())
    if spec is None or spec.loader is None:
        raise ConfigError("cannot be imported", path=str(path))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except ImportError as error:
        sys.modules.pop(name, None)
        if package is None or "relative import" not in str(error):
            raise user_error(error, "importing it raised") from error
        return import_dotted(package[1])
    except Exception as error:
        sys.modules.pop(name, None)
        raise user_error(error, "importing it raised", path) from error
    return module


def imports(path: Path, top: str) -> bool:
    """Whether a file imports a top-level package; not for one that is no Python, which importing it will say."""
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):
        return False
    names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and not node.level]
    return any(name.partition(".")[0] == top for name in names)


def package_of(path: Path) -> tuple[Path, str] | None:
    """The folder above the outermost package that holds ``path``, and the dotted name of the file in it."""
    folder, parts = path.parent, [path.stem] if path.stem != "__init__" else []
    while (folder / "__init__.py").is_file():
        parts.insert(0, folder.name)
        folder = folder.parent
    return (folder, ".".join(parts)) if folder != path.parent else None


def import_dotted(name: str) -> ModuleType:
    """Import ``package.module``; what the current folder has of that name goes before what is installed."""
    here, first = os.getcwd(), name.partition(".")[0]
    if here not in sys.path and (os.path.isdir(first) or os.path.isfile(f"{first}.py")):
        sys.path.insert(0, here)
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name and (name == error.name or name.startswith(error.name + ".")):
            raise ConfigError(f"no module named `{name}`", hint=USAGE) from error
        raise user_error(error, f"importing {name} raised") from error
    except Exception as error:
        raise user_error(error, f"importing {name} raised") from error


def user_error(error: Exception, what: str, path: Path | None = None) -> WorkerError:
    """The user's own exception as one line: what was done, its type and text, and the last line of theirs that ran."""
    if isinstance(error, SyntaxError):
        return WorkerError(
            f"{what} SyntaxError: {error.msg}", path=str(error.filename or path or ""), line=error.lineno or 0
        )
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if is_user_file(frame.filename)]
    place, line = (frames[-1].filename, frames[-1].lineno or 0) if frames else (str(path or ""), 0)
    text = " ".join(str(error).split())[:500]
    return WorkerError(f"{what} {type(error).__name__}: {text}", path=place, line=line)


def is_user_file(path: str) -> bool:
    """Whether a file is neither the standard library's, an installed package's, nor this worker's own."""
    own = str(Path(__file__).resolve().parent)
    library = str(Path(inspect.__file__).resolve().parent)
    return not path.startswith(("<", own, library)) and "site-packages" not in path
