"""What a run shows of the values in a source file: their types, by the exact range of each expression."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import ItemsView, Iterator, KeysView, Sequence, ValuesView
from contextlib import contextmanager
from pathlib import Path
from types import BuiltinFunctionType, FunctionType, GeneratorType, MethodType, ModuleType
from typing import Any

from translator.workers.framework import Framework
from translator.workers.instrument import Range, importing
from translator.workers.naming import public_name
from translator.workers.protocol import FileFacts, Observed, RangeFacts, ValueInfo

MOST_ITEMS = 64  # a longer list is known by its first elements
MOST_TYPES = 8  # an expression that shows more than these has no type worth telling
MOST_LEVELS = 4
ITERATORS = (GeneratorType, map, filter, zip, enumerate, reversed, KeysView, ValuesView, ItemsView)
NAMELESS = (FunctionType, BuiltinFunctionType, MethodType, ModuleType)


class Observer:
    """Collects a type for each value that it sees; it keeps no value and calls nothing of one."""

    def __init__(self, framework: Framework, roots: list[Path]) -> None:
        self._framework = framework
        self._roots = [root.resolve() for root in roots]
        self._files: dict[Path, tuple[str, dict[Range, int]]] = {}
        self._seen: list[dict[str, ValueInfo | None]] = []
        self._plain: list[set[tuple[type, str]]] = []
        self.bases: dict[str, list[str]] = {}

    def is_watched(self, path: Path) -> bool:
        """Whether a file is one of the roots, or below one."""
        return any(path == root or root in path.parents for root in self._roots)

    def number(self, path: Path, data: bytes, place: Range) -> int:
        """The number of an expression; the same one when a file is imported twice."""
        _, places = self._files.setdefault(path, (hashlib.sha256(data).hexdigest(), {}))
        if place not in places:
            places[place] = len(self._seen)
            self._seen.append({})
            self._plain.append(set())
        return places[place]

    def look(self, number: int, value: Any) -> Any:
        """Note the type of a value and give it back."""
        kind = (type(value), self._dtype(value))
        if kind in self._plain[number]:
            return value
        if kind[0] not in (list, tuple, dict, set) and not isinstance(value, type):
            self._plain[number].add(kind)
        seen = self._seen[number]
        if len(seen) <= MOST_TYPES:
            info = self._info(value, MOST_LEVELS)
            seen[repr(info)] = info
        return value

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch the files that are imported inside the block, and what runs of them there."""
        with importing(self.is_watched, self.number, self.look):
            yield

    def facts(self) -> Observed:
        """What was seen, by file; expressions that never ran are missing."""
        files, modules = [], self._modules()
        for path, (digest, places) in self._files.items():
            ran = [(place, list(self._seen[number].values())) for place, number in places.items() if self._seen[number]]
            known = [
                RangeFacts(place=list(place), types=[t for t in types if t is not None])
                for place, types in ran
                if None not in types and len(types) <= MOST_TYPES
            ]
            files.append(FileFacts(path=str(path), modules=modules.get(path, []), digest=digest, facts=known))
        return Observed(files=files, bases=self.bases)

    @staticmethod
    def _modules() -> dict[Path, list[str]]:
        """The names under which each file is imported, sorted."""
        found: dict[Path, list[str]] = {}
        for name, module in sorted(sys.modules.items()):
            file = getattr(module, "__file__", None)
            if isinstance(file, str):
                found.setdefault(Path(file).resolve(), []).append(name)
        return found

    def _info(self, value: Any, levels: int) -> ValueInfo | None:
        kind = type(value)
        if isinstance(value, (*NAMELESS, *self._framework.unobserved)):
            return None
        if isinstance(value, type):
            name = self._name(value)
            return of_class("type", [of_class(name)]) if name else None
        if kind in (list, set, tuple, dict):
            return self._container(kind, value, levels)
        if isinstance(value, ITERATORS) or kind.__module__ == "itertools":
            return of_class("iterator")
        if value is None:
            return of_class("None")
        known = self._name(kind)
        return ValueInfo(name=known, items=[], dtype=self._dtype(value)) if known else None

    def _dtype(self, value: Any) -> str:
        return self._framework.dtype(value) if self._framework.is_tensor(value) else ""

    def _container(self, kind: type, value: Any, levels: int) -> ValueInfo:
        """A list, set or dict with the one type of its elements, or values; a tuple with the type of each."""
        items = list(value.values() if kind is dict else value)[:MOST_ITEMS] if levels else []
        infos = [self._info(item, levels - 1) for item in items]
        if kind is tuple:
            return of_class("tuple", infos if len(value) <= MOST_ITEMS else [])
        same = bool(infos) and infos[0] is not None and all(info == infos[0] for info in infos)
        return of_class(kind.__name__, infos[:1] if same else [])

    def _name(self, kind: type) -> str | None:
        """The qualified name of a class, whose bases are noted; None for one made inside a function."""
        if kind.__module__ == "builtins":
            return kind.__name__
        if "<locals>" in kind.__qualname__:
            return None
        name = self._qualified(kind)
        if name not in self.bases:
            self.bases[name] = [self._qualified(base) for base in kind.__mro__[1:] if base is not object]
        return name

    def _qualified(self, kind: type) -> str:
        """Framework and library classes by their public name, a watched file's by its module's."""
        module = sys.modules.get(kind.__module__)
        file = getattr(module, "__file__", None)
        if isinstance(file, str) and self.is_watched(Path(file).resolve()):
            return f"{kind.__module__}.{kind.__qualname__}"
        return kind.__name__ if kind.__module__ == "builtins" else public_name(kind)


def of_class(name: str, items: Sequence[ValueInfo | None] = ()) -> ValueInfo:
    """The type of a value that is no tensor."""
    return ValueInfo(name=name, items=list(items), dtype="")
