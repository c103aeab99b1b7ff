"""Temporary folders that do not outlive their run: what a killed run left behind is removed by the next one."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Self

PREFIX = "translate-"
LOCK = ".in-use"  # locked as long as its process lives, by whatever end that comes to
YOUNG = 60.0  # seconds in which a folder may exist before its lock is taken


class Scratch:
    """A folder in the system's place for temporary files; use it in a ``with`` block, or ``close`` it.

    Args:
        purpose: a word for the folder's name, e.g. ``verify``.
    """

    def __init__(self, purpose: str) -> None:
        remove_abandoned()
        self.path = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{purpose}-"))
        self._lock: IO[bytes] | None = _taken(self.path / LOCK, create=True)

    def close(self) -> None:
        """Remove the folder; safe to call twice."""
        shutil.rmtree(self.path, ignore_errors=True)
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def remove_abandoned() -> None:
    """Remove the folders whose process ended without doing so; one in use is locked, one of someone else is left."""
    for lock in Path(tempfile.gettempdir()).glob(f"{PREFIX}*/{LOCK}"):
        try:
            status = lock.parent.stat()
            if status.st_uid != os.getuid() or time.time() - status.st_ctime < YOUNG:
                continue
        except OSError:  # another run was faster
            continue
        held = _taken(lock, create=False)
        if held is not None:
            shutil.rmtree(lock.parent, ignore_errors=True)
            held.close()


def _taken(path: Path, *, create: bool) -> IO[bytes] | None:
    """The lock file with its lock taken; None when another process has it, or the file system has no locks."""
    try:
        file = path.open("wb" if create else "rb+")
    except OSError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        if create:
            path.unlink()
        return None
    return file
