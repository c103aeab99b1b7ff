"""What earlier runs found out, below the user's cache folder: a file that did not change is not translated again.

A key covers everything that a result depends on: the file's content, its name and place, the rules, this program, the
options, and the facts of the other modules that it may use. A cache that cannot be used is no cache, and no error.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from functools import cache
from pathlib import Path
from typing import Any

from translator.files import cache_home

LARGEST = 2**30  # bytes; what was used least lately goes first
ERRORS = (OSError, sqlite3.Error, EOFError, AttributeError, ImportError, IndexError, ValueError, TypeError)


class Cache:
    """Results by key; without a folder it remembers nothing."""

    def __init__(self, *, is_used: bool = True) -> None:
        self._store: Any = None
        if not is_used or os.environ.get("TRANSLATE_NO_CACHE"):
            return
        try:
            import diskcache

            self._store = diskcache.Cache(
                str(cache_home() / "translations"), size_limit=LARGEST, eviction_policy="least-recently-used"
            )
        except ERRORS:
            self._store = None

    def __contains__(self, key: str) -> bool:
        return self._store is not None and bool(key) and key in self._store

    def get(self, key: str) -> Any:
        """What was put under a key, or None."""
        if self._store is None or not key:
            return None
        try:
            return self._store.get(key)
        except Exception:  # noqa: BLE001 - whatever is wrong with a pickle, the result can be made again
            return None

    def put(self, key: str, value: object) -> None:
        """Remember a result; an empty key is never remembered."""
        if self._store is None or not key:
            return
        try:
            self._store.set(key, value)
        except ERRORS:
            self._store = None


def key_of(*parts: object) -> str:
    """A key of everything that a result depends on."""
    return hashlib.sha256(repr((program(), *parts)).encode()).hexdigest()


@cache
def program() -> str:
    """Changes when this program does: its files by name, size and time."""
    package = Path(__file__).resolve().parents[1]
    found = []
    for folder in ("", "analysis", "engine", "project", "rewrites", "ruleset"):
        with os.scandir(package / folder) as entries:
            for entry in entries:
                if entry.name.endswith(".py"):
                    stat = entry.stat()
                    found.append((folder, entry.name, stat.st_size, stat.st_mtime_ns))
    return hashlib.sha256(repr(sorted(found)).encode()).hexdigest()
