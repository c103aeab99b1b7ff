"""Keeping what a person changed in an output: the three-way merge of ``git merge-file``."""

from __future__ import annotations

import difflib
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from translator.core import ConfigError

MARKER = b"<<<<<<<"


@dataclass(frozen=True, slots=True)
class Merged:
    """The merged text, and the lines where a conflict begins."""

    data: bytes
    conflicts: tuple[int, ...]


def merge(base: bytes, ours: bytes, theirs: bytes) -> Merged:
    """What both sides made of ``base``: the person's changes and the new translation's.

    Args:
        base: the translation as it was written last.
        ours: what a person made of it.
        theirs: the translation as it is now.

    Raises:
        ConfigError: git is not installed, or cannot merge these files.
    """
    with tempfile.TemporaryDirectory(prefix="translate-merge-") as folder:
        paths = [Path(folder, name) for name in ("ours", "base", "theirs")]
        for path, data in zip(paths, (ours, base, theirs), strict=True):
            path.write_bytes(data)
        labels = ["-L", "changed by hand", "-L", "translated before", "-L", "translated now"]
        command = ["git", "merge-file", "--stdout", *labels, *map(str, paths)]
        try:
            done = subprocess.run(command, capture_output=True, check=False)
        except OSError as error:
            raise ConfigError("`--merge` needs git", hint="install it, or use `--force`") from error
    if done.returncode > 127:
        reason = done.stderr.decode(errors="replace").strip()
        raise ConfigError(f"git cannot merge: {reason}", hint="use `--force` to write it anew")
    lines = done.stdout.splitlines()
    conflicts = [number for number, line in enumerate(lines, 1) if line.startswith(MARKER)]
    return Merged(done.stdout, tuple(conflicts) if done.returncode else ())


def diff(old: bytes, new: bytes, name: str) -> str:
    """What a person changed, as a unified diff."""
    before, after = (data.decode(errors="replace").splitlines(keepends=True) for data in (old, new))
    lines = difflib.unified_diff(before, after, f"{name} (as it was written)", f"{name} (as it is)")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)
