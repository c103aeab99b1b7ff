"""The record of what was written: by it a later run knows what a person changed.

It is ``.translate.json`` in the output's folder, of a single file, too, and holds no path outside that folder.

For each file: digests of the source and of the output, the rules and the version that made it, the helpers that it
imports, and the output itself, packed, as the base of a three-way merge. While a run goes on, what it is about to write
stands in ``.translate.json.part``, one line a file, so that a run that was killed knows its own files again.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from dataclasses import asdict, dataclass
from pathlib import Path

from translator.core import ConfigError, release
from translator.files import write_atomically

RECORD = ".translate.json"
FORMAT = "translate-record-1"
LARGE = 1_000_000  # bytes: larger files are known by size and time, and have no base to merge with
LARGE_COPY = 100_000  # bytes: of larger copies no base is kept


@dataclass(frozen=True, slots=True)
class Entry:
    """One file that was written.

    Args:
        source: the fingerprint of the file that it comes from.
        output: the fingerprint of what was written.
        base: what was written, packed; empty for what is large or no text.
        helpers: names of the helpers that it imports.
    """

    source: str
    output: str
    rules: str = ""
    base: str = ""
    helpers: tuple[str, ...] = ()

    @property
    def text(self) -> bytes | None:
        """What was written; None when it is not kept."""
        return zlib.decompress(base64.b64decode(self.base)) if self.base else None


def is_record(name: str) -> bool:
    """Whether a file of that name is a record, and no part of a project."""
    return name.startswith(RECORD)


def digest_of(data: bytes) -> str:
    """Of a file's content."""
    return hashlib.sha256(data).hexdigest()


def fingerprint(path: Path) -> str:
    """What tells whether a file is another one: the digest of its content, size and time of a large one."""
    found = path.stat()
    return f"{found.st_size}@{found.st_mtime_ns}" if found.st_size > LARGE else digest_of(path.read_bytes())


def entry_of(source: str, data: bytes, rules: str, helpers: tuple[str, ...] = ()) -> Entry:
    """The entry of an output that is about to be written."""
    limit = LARGE_COPY if source == digest_of(data) else LARGE
    is_kept = len(data) <= limit and b"\0" not in data
    packed = base64.b64encode(zlib.compress(data, 6)).decode() if is_kept else ""
    return Entry(source, digest_of(data), rules, packed, helpers)


class Record:
    """The entries of one output folder by place.

    Raises:
        ConfigError: the record is there and cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / RECORD
        self._part = folder / f"{RECORD}.part"
        self._entries: dict[str, Entry] = {}
        self._earlier: dict[str, set[str]] = {}
        self._is_changed = False
        self._load()

    def get(self, place: str) -> Entry | None:
        """What was written at a place, last."""
        return self._entries.get(place)

    def is_ours(self, place: str, found: str) -> bool:
        """Whether that was written there; more than one fingerprint is right after a run that was killed."""
        entry = self._entries.get(place)
        return entry is not None and (entry.output == found or found in self._earlier.get(place, ()))

    def add(self, place: str, entry: Entry) -> None:
        """Note down what is about to be written; kept even if the run is killed a moment later."""
        known = self._entries.get(place)
        if known == entry:
            return
        if known is not None:
            self._earlier.setdefault(place, set()).add(known.output)
        self._entries[place] = entry
        self._is_changed = True
        self._part.parent.mkdir(parents=True, exist_ok=True)
        with self._part.open("a", encoding="utf-8") as file:
            file.write(json.dumps({place: asdict(entry)}) + "\n")

    def save(self) -> None:
        """Write the record, and do away with the part; nothing where nothing changed."""
        if self._is_changed:
            files = {place: asdict(entry) for place, entry in sorted(self._entries.items())}
            found = {"format": FORMAT, "version": release(), "files": files}
            write_atomically(self._path, json.dumps(found, indent=1, separators=(",", ":")) + "\n")
            self._is_changed = False
        self._part.unlink(missing_ok=True)
        self._earlier.clear()

    def _load(self) -> None:
        try:
            if self._path.exists():
                found = json.loads(self._path.read_text(encoding="utf-8"))
                self._entries = {place: _entry(entry) for place, entry in found["files"].items()}
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            hint = "delete it, and use `--force` once, if what is there may be written anew"
            raise ConfigError("the record of the output cannot be read", path=str(self._path), hint=hint) from error
        for line in self._part.read_text(encoding="utf-8").splitlines() if self._part.exists() else ():
            self._take_part(line)

    def _take_part(self, line: str) -> None:
        try:
            ((place, entry),) = json.loads(line).items()
            found = _entry(entry)
        except (ValueError, TypeError, AttributeError):
            return  # the last line of a run that was killed while it wrote it
        if place in self._entries:
            self._earlier.setdefault(place, set()).add(self._entries[place].output)
        self._entries[place] = found
        self._is_changed = True


def _entry(found: dict[str, object]) -> Entry:
    helpers = found.pop("helpers", ())
    return Entry(**found, helpers=tuple(helpers))  # type: ignore[arg-type]


__all__ = ["RECORD", "Entry", "Record", "digest_of", "entry_of", "fingerprint", "is_record"]
