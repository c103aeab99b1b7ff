"""Temporary folders go with their run: when it ends, when it is stopped, and when it is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from translator import scratch
from translator.scratch import LOCK, Scratch

ROOT = Path(__file__).resolve().parents[1]
HOLD = """
import sys, time
from translator.scratch import Scratch
with Scratch('test'):
    print('ready', flush=True)
    time.sleep(60)
"""
NET = """
import time
import torch
class Net(torch.nn.Module):
    def forward(self, x):
        print('running', flush=True)
        time.sleep(60)
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The system's place for temporary files; folders in it are never too young."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(scratch, "YOUNG", -1.0)
    return tmp_path


def started(place: Path, *command: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(place)}
    return subprocess.Popen(
        [sys.executable, *command],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=listen,  # noqa: PLW1509 - there are no threads here
    )


def listen() -> None:
    """Take interrupts: a shell lets the jobs that it starts in the background ignore them."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def wait_for(process: subprocess.Popen[str], word: str) -> None:
    assert process.stdout is not None
    assert any(word in line for line in process.stdout), "it ended too early"


def test_gone_at_the_end(place: Path) -> None:
    with Scratch("test") as folder:
        (folder.path / "file").touch()
        assert folder.path.parent == place
        assert folder.path.name.startswith("translate-test-")
    assert list(place.iterdir()) == []
    folder.close()


def test_gone_after_an_error(place: Path) -> None:
    with pytest.raises(ValueError, match="no"), Scratch("test"):
        raise ValueError("no")
    assert list(place.iterdir()) == []


def test_what_a_killed_run_left_goes_with_the_next(place: Path) -> None:
    process = started(place, "-c", HOLD)
    wait_for(process, "ready")
    (held,) = place.iterdir()
    Scratch("other").close()
    assert list(place.iterdir()) == [held], "it is in use"
    process.kill()
    process.wait()
    assert list(place.iterdir()) == [held]
    Scratch("other").close()
    assert list(place.iterdir()) == []


def test_what_is_not_ours_stays(place: Path) -> None:
    (place / "translate-verify-of-another-program").mkdir()
    (place / "other").mkdir()
    (place / "other" / LOCK).touch()
    Scratch("test").close()
    assert {path.name for path in place.iterdir()} == {"translate-verify-of-another-program", "other"}


def test_a_young_folder_stays(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scratch, "YOUNG", 60.0)
    (place / "translate-test-1").mkdir()
    (place / "translate-test-1" / LOCK).touch()
    Scratch("test").close()
    assert [path.name for path in place.iterdir()] == ["translate-test-1"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_verification_that_is_stopped(tmp_path: Path, number: signal.Signals) -> None:
    net = tmp_path / "net.py"
    net.write_text(NET)
    place = tmp_path / "temporary"
    place.mkdir()
    process = started(place, "-m", "translator", "source", str(net), "--observe", "Net", "--check")
    wait_for(process, "running")
    assert any("translate-observe-" in path.name for path in place.iterdir())
    process.send_signal(number)
    begin = time.monotonic()
    assert process.wait(timeout=30) == 128 + number
    assert time.monotonic() - begin < 20
    assert [path.name for path in place.iterdir() if path.name.startswith("translate-")] == []
