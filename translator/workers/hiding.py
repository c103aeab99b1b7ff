"""Packages that a process cannot import, as if they were not installed: an output does without the source's."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any


class Hiding:
    """A finder of modules that does not find some packages; all else it does as the one that it stands for."""

    def __init__(self, finder: Any, names: frozenset[str]) -> None:
        self._finder, self._names = finder, names

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec of a module; None for one of a hidden package."""
        if fullname.partition(".")[0] in self._names:
            return None
        found: ModuleSpec | None = self._finder.find_spec(fullname, path, target)
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._finder, name)


def hide(names: Sequence[str]) -> None:
    """From now on, importing one of these top-level packages raises ModuleNotFoundError; what is loaded goes, too."""
    if names:
        hidden = frozenset(names)
        sys.meta_path[:] = [Hiding(finder, hidden) for finder in sys.meta_path]
        for name in [name for name in sys.modules if name.partition(".")[0] in hidden]:
            del sys.modules[name]
