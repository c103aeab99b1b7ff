"""Writing a project's files below OUT: what is there already is not written again."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from translator.core import ConfigError
from translator.files import write_atomically
from translator.project.discover import Kind, SourceFile
from translator.project.layout import HelperPlace
from translator.project.output import known_helpers
from translator.ruleset.helper_module import helper_module
from translator.ruleset.model import RuleSet

EXECUTABLE = 0o111


class Writer:
    """Puts files below OUT, and the helpers that they import into as few modules as can be."""

    def __init__(self, output: Path, rules: RuleSet) -> None:
        self.output, self._rules = output, rules
        self._helpers: dict[str, set[str]] = {}

    def add_helpers(self, names: tuple[str, ...], place: HelperPlace) -> None:
        """Let the helper module of a folder define these, too.

        Raises:
            ConfigError: a module of the user's stands there.
        """
        known = self._helpers.setdefault(place.folder, set())
        if set(names) <= known:
            return
        known.update(names)
        path = self.output / place.folder / f"{self._rules.pack.helper_module}.py"
        self._put(path, helper_module(known | known_helpers(path), self._rules).encode())

    def write(self, file: SourceFile, data: bytes) -> bool:
        """Write one output; whether it was another one before."""
        path = self.output / file.place
        is_written = self._put(path, data)
        mode = file.path.stat().st_mode & EXECUTABLE
        if mode & ~path.stat().st_mode:
            path.chmod(path.stat().st_mode | mode)
        return is_written

    def copy(self, file: SourceFile) -> bool:
        """Copy a file that is not translated, or make its link again; whether that changed anything.

        Raises:
            ConfigError: it cannot be read or written.
        """
        path = self.output / file.place
        try:
            if file.kind is Kind.LINK:
                return _link(os.readlink(file.path), path)
            if _is_copy(file.path, path):
                return False
            path.parent.mkdir(parents=True, exist_ok=True)
            partial = path.with_name(f".{path.name}.partial")
            shutil.copy2(file.path, partial)
            partial.replace(path)
        except OSError as error:
            hint = "check the file, and that there is room"
            raise ConfigError(f"cannot copy: {error.strerror}", path=str(file.path), hint=hint) from error
        return True

    def _put(self, path: Path, data: bytes) -> bool:
        if path.is_symlink():
            path.unlink()  # what it leads to is not ours
        if path.is_file() and path.read_bytes() == data:
            return False
        write_atomically(path, data)
        return True


def _link(target: str, path: Path) -> bool:
    if path.is_symlink() and os.readlink(path) == target:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.symlink_to(target)
    return True


def _is_copy(source: Path, path: Path) -> bool:
    """Whether a copy is there: of the same size and time, as copying leaves it."""
    if not path.is_file() or path.is_symlink():
        return False
    ours, theirs = source.stat(), path.stat()
    return (ours.st_size, ours.st_mtime_ns) == (theirs.st_size, theirs.st_mtime_ns)
