"""The state file of an evaluation: one JSON line a finished batch, so that a run goes on where it stopped."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from translator.core import ConfigError
from translator.files import write_atomically

FORMAT = "translator-evaluation-1"


@dataclass(frozen=True, slots=True)
class Hits:
    """How many images of a batch one model gets right: by the first prediction, and among the first five."""

    top1: int
    top5: int


@dataclass(frozen=True, slots=True)
class Batch:
    """What one batch gave.

    Args:
        index: its place in the run, from 0.
        images: how many images it has.
        classes: how many classes the models have.
        flips: (index of the sample in the data, source's prediction, target's prediction), where they differ.
        seconds: time for reading the images and running both models.
    """

    index: int
    images: int
    classes: int
    source: Hits
    target: Hits
    flips: tuple[tuple[int, int, int], ...]
    seconds: float


@dataclass(slots=True)
class Journal:
    """The finished batches of one run by index, and the file that keeps them; without a path only in memory."""

    path: Path | None = None
    finished: dict[int, Batch] = field(default_factory=dict)

    def add(self, batch: Batch) -> None:
        """Keep a finished batch; it is on disk when this returns.

        Raises:
            ConfigError: the file cannot be written.
        """
        self.finished[batch.index] = batch
        if self.path is None:
            return
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(batch)) + "\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise ConfigError(f"cannot write: {error.strerror}", path=str(self.path)) from error


def open_journal(path: Path | None, key: str) -> Journal:
    """Read what an earlier run with the same key left; another key starts anew, a torn end of the file is dropped.

    Raises:
        ConfigError: the file cannot be read or written, or is no state file; such a file is left as it is.
    """
    if path is None:
        return Journal()
    kept = _kept_lines(path, key)
    header = json.dumps({"format": FORMAT, "key": key})
    write_atomically(path, "".join(f"{line}\n" for line in (header, *kept)))
    batches = [batch_of(json.loads(line)) for line in kept]
    return Journal(path, {batch.index: batch for batch in batches})


def _kept_lines(path: Path, key: str) -> list[str]:
    """The whole lines of finished batches, as far as they can be read."""
    try:
        lines = path.read_bytes().decode("utf-8", errors="replace").split("\n")[:-1] if path.exists() else []
        empty = not path.exists() or path.stat().st_size == 0
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", path=str(path)) from error
    if empty:
        return []
    header = _object(lines[0]) if lines else None
    if header is None or header.get("format") != FORMAT:
        raise ConfigError("is not a state file of an evaluation", path=str(path), hint="give --state another name")
    kept: list[str] = []
    if header.get("key") == key:
        for line in lines[1:]:
            if not _is_batch(line):
                break
            kept.append(line)
    return kept


def _object(line: str) -> dict[str, Any] | None:
    try:
        value = json.loads(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _is_batch(line: str) -> bool:
    try:
        batch_of(_object(line) or {})
    except (KeyError, TypeError, ValueError):
        return False
    return True


def batch_of(record: dict[str, Any]) -> Batch:
    """A batch from its line; the inverse of ``asdict``."""
    flips = tuple((int(index), int(source), int(target)) for index, source, target in record["flips"])
    return Batch(
        index=int(record["index"]),
        images=int(record["images"]),
        classes=int(record["classes"]),
        source=Hits(**record["source"]),
        target=Hits(**record["target"]),
        flips=flips,
        seconds=float(record["seconds"]),
    )


def digest(parts: Iterable[str | Path]) -> str:
    """A digest of texts and of the contents of files, in their order.

    Raises:
        ConfigError: a file cannot be read.
    """
    total = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else _contents(part)
        total.update(hashlib.sha256(data).digest())
    return total.hexdigest()


def _contents(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", path=str(path)) from error
