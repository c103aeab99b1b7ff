"""Writing below OUT: what is there already is not written again, and what a person changed is not lost."""

from __future__ import annotations

import fcntl
import os
import posixpath
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from translator.codes import CODES
from translator.core import ConfigError, Diagnostic, Position, Translation
from translator.files import write_atomically
from translator.project.layout import HelperPlace
from translator.project.merge import diff, merge
from translator.project.output import known_helpers
from translator.project.record import LARGE, Entry, Record, digest_of, entry_of, fingerprint
from translator.ruleset.helper_module import helper_module
from translator.ruleset.model import RuleSet

EXECUTABLE = 0o111


class Hand(str, Enum):
    """What becomes of changes that a person made in the output."""

    REFUSE = "refuse"
    FORCE = "force"
    MERGE = "merge"


class ChangedError(ConfigError):
    """Outputs were changed by hand; ``diff`` shows how."""

    def __init__(self, message: str, *, path: str, hint: str, diff: str) -> None:
        super().__init__(message, path=path, hint=hint)
        self.diff = diff


@dataclass(frozen=True, slots=True)
class Written:
    """What became of an output; ``conflicts`` are its lines where a change by hand collides with the translation."""

    is_changed: bool = False
    conflicts: tuple[int, ...] = ()

    def diagnostics(self, path: Path) -> list[Diagnostic]:
        """An error for each conflict."""
        message = "changed by hand here, and by the new translation"
        hint = "choose one of both, and take the markers out"
        return [
            Diagnostic("T003", CODES["T003"].severity, Position(str(path), line), message, hint=hint)
            for line in self.conflicts
        ]


class Writer:
    """Puts files below OUT, and the helpers that they import into as few modules as can be."""

    def __init__(self, output: Path, rules: RuleSet, hand: Hand = Hand.REFUSE) -> None:
        self.output, self._rules, self._hand = output, rules, hand
        self._record = Record(output)
        self._helpers: dict[str, set[str]] = {}

    def check(self, sources: Mapping[str, Path | None]) -> None:
        """Refuse outputs that a person changed, before anything is written.

        Args:
            sources: the file that each place comes from; None for a helper module.

        Raises:
            ChangedError: names the first of them, and shows all changes.
            ConfigError: a module of the user's stands where the helpers go.
        """
        for place, source in sources.items():
            if source is None:
                known_helpers(self.output / place)
        changed = [place for place, source in sources.items() if self._is_changed(place, source)]
        if not changed or self._hand is not Hand.REFUSE:
            return
        more = f", and {len(changed) - 1} more" if len(changed) > 1 else ""
        is_known = self._record.get(changed[0]) is not None
        said = "was changed by hand since it was written" if is_known else "is there, and no record says who wrote it"
        hint = "`--merge` keeps the changes, `--force` writes it anew" if is_known else "`--force` writes it anew"
        path = str(self.output / changed[0])
        raise ChangedError(said + more, path=path, hint=hint, diff="".join(map(self._diff, changed)))

    def _is_changed(self, place: str, source: Path | None) -> bool:
        """Whether something stands at a place that was not written there by this program."""
        path = self.output / place
        if not path.is_file() or path.is_symlink():
            return False
        found = fingerprint(path)
        if self._record.get(place) is None and (source is None or (source.is_file() and found == fingerprint(source))):
            return False  # helpers that say who wrote them; a copy of the source
        return not self._record.is_ours(place, found)

    def _diff(self, place: str) -> str:
        entry, path = self._record.get(place), self.output / place
        base = entry.text if entry is not None else None
        return diff(base, path.read_bytes(), place) if base is not None else ""

    def add_helpers(self, names: Iterable[str], place: HelperPlace) -> None:
        """Let the helper module of a folder define these, once the rest is written."""
        self._helpers.setdefault(place.folder, set()).update(names)

    def write(self, place: str, data: bytes, *, source: str, mode: int = 0, helpers: tuple[str, ...] = ()) -> Written:
        """Write one output.

        Args:
            source: the fingerprint of the file that it comes from.
            mode: that file's permissions; what is executable stays so.

        Raises:
            ConfigError: the place cannot be written.
        """
        found = self._put(place, data, entry_of(source, data, self._rules.digest, helpers))
        path = self.output / place
        known, extra = path.stat().st_mode, mode & EXECUTABLE
        if extra & ~known:
            path.chmod(known | extra)
        return found

    def _put(self, place: str, data: bytes, entry: Entry) -> Written:
        path = self.output / place
        if path.is_symlink():
            path.unlink()  # what it leads to is not ours
        there = path.read_bytes() if path.is_file() else None
        result, conflicts = self._joined(place, there, data)
        self._record.add(place, entry)
        if result is None or there == result:
            return Written(False, conflicts)
        write_atomically(path, result)
        return Written(True, conflicts)

    def _joined(self, place: str, there: bytes | None, data: bytes) -> tuple[bytes | None, tuple[int, ...]]:
        """What to write, and where that has conflicts; None where a change by hand has no base to merge with."""
        known = self._record.get(place)
        if self._hand is not Hand.MERGE or known is None or there is None or there == data:
            return data, ()
        if self._record.is_ours(place, digest_of(there)):
            return data, ()
        if known.text is None:
            return None, () if known.output == digest_of(data) else (1,)
        merged = merge(known.text, there, data)
        return merged.data, merged.conflicts

    def copy(self, place: str, source: Path) -> Written:
        """Copy a file that is not translated.

        Raises:
            ConfigError: it cannot be read or written.
        """
        try:
            if (found := source.stat()).st_size <= LARGE:
                data = source.read_bytes()
                return self.write(place, data, source=digest_of(data), mode=found.st_mode)
            return self._copied(place, source, self.output / place)
        except OSError as error:
            hint = "check the file, and that there is room"
            raise ConfigError(f"cannot copy: {error.strerror}", path=str(source), hint=hint) from error

    def _copied(self, place: str, source: Path, path: Path) -> Written:
        found = fingerprint(source)
        if path.is_file() and fingerprint(path) == found:
            return Written()
        if self._hand is Hand.MERGE and self._is_changed(place, source):
            known = self._record.get(place)
            return Written(conflicts=() if known is not None and known.source == found else (1,))
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{path.name}.partial")
        shutil.copy2(source, partial)  # its time, too: that is its fingerprint
        self._record.add(place, Entry(found, found))
        partial.replace(path)
        return Written(True)

    def write_helpers(self) -> None:
        """Write the helper modules of all that was translated since.

        Raises:
            ConfigError: a place cannot be written.
        """
        for folder, names in sorted(self._helpers.items()):
            place = helper_file(folder, self._rules)
            text = helper_module(names | self._still_used(place, names), self._rules).encode()
            self._put(place, text, entry_of("", text, self._rules.digest))
        self._helpers.clear()

    def finish(self) -> None:
        """Write what is still to be written, and the record.

        Raises:
            ConfigError: a place cannot be written.
        """
        self.write_helpers()
        self._record.save()

    def _still_used(self, place: str, names: set[str]) -> set[str]:
        """Helpers of an earlier run into the same folder that this one needs not, as far as they are known still."""
        more = {name for name in known_helpers(self.output / place) if not name.startswith("_")} - names
        try:
            return more if more and helper_module(more, self._rules) else set()
        except ConfigError:
            return set()


def helper_file(folder: str, rules: RuleSet) -> str:
    """The place of the helper module in a folder."""
    return posixpath.normpath(f"{folder}/{rules.pack.helper_module}.py")


def link(source: Path, path: Path) -> bool:
    """Make a link again; whether there was another one before."""
    target = os.readlink(source)
    if path.is_symlink() and os.readlink(path) == target:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.symlink_to(target)
    return True


def write_translation(translation: Translation, output: Path, rules: RuleSet, hand: Hand = Hand.REFUSE) -> Written:
    """Write the translation of a single file, and the helpers first, so that no reader sees one without the other.

    Raises:
        ChangedError: a person changed the output; nothing was written.
        ConfigError: a place cannot be written, or a module of the user's stands where the helpers go.
    """
    with _alone(output.parent):
        writer = Writer(output.parent, rules, hand)
        places: dict[str, Path | None] = {output.name: Path(translation.path)}
        writer.check(places | ({helper_file(".", rules): None} if translation.helpers else {}))
        if translation.helpers:
            writer.add_helpers(translation.helpers, HelperPlace(rules.pack.helper_module, "."))
        writer.write_helpers()
        source = digest_of(translation.source.encode())
        written = writer.write(output.name, translation.text.encode(), source=source, helpers=translation.helpers)
        writer.finish()
    return written


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Within it, no other run writes single files to the folder: they share its record.

    Raises:
        ConfigError: the folder cannot be made or read.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY)
    except OSError as error:
        hint = "choose a writable place"
        raise ConfigError(f"cannot write: {error.strerror}", path=str(folder), hint=hint) from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
