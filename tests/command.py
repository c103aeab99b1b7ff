"""The command line, run in the test's own process."""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from translator.cli import main


@dataclass(frozen=True)
class Done:
    """What a run of the command gave."""

    status: int
    out: str
    err: str


class Command:
    """Runs `translate` in a folder of its own, in this process."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[bytes]) -> None:
        self.folder, self._patch, self._capture = folder, patch, capture

    def __call__(self, *arguments: object, stdin: str | bytes = b"") -> Done:
        data = stdin.encode() if isinstance(stdin, str) else stdin
        self._patch.setattr(sys, "argv", ["translate", *map(str, arguments)])
        self._patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"))
        with pytest.raises(SystemExit) as stopped:
            main()
        out, err = self._capture.readouterr()
        return Done(int(stopped.value.code or 0), out.decode(), err.decode())

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def names(self) -> set[str]:
        """Every file in the folder, the hidden ones, too."""
        return {path.name for path in self.folder.iterdir()}
