"""How long `translate FILE --check` takes from a cold shell, and what it loads."""

from __future__ import annotations

import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.corpora import ROOT

GOAL = 0.6  # seconds
SAMPLE = ROOT / "samples" / "squeezenet" / "source" / "squeezenet.py"
FORBIDDEN = ("torch", "paddle", "jinja2", "matplotlib", "pydantic", "numpy", "PIL")
_IMPORT = re.compile(r"^import time:\s+\d+ \|\s+\d+ \|\s+(\S+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Startup:
    """Seconds of whole processes.

    Args:
        first: wall time of the first run, which checks every rule and fills the cache.
        wall: wall time of each later run; ``cpu`` the processor time of the same.
        loaded: modules of FORBIDDEN that a later run loads; there should be none.
        modules: how many modules it loads in all.
    """

    first: float
    wall: tuple[float, ...]
    cpu: tuple[float, ...]
    loaded: tuple[str, ...]
    modules: int

    @property
    def median(self) -> float:
        """Median wall time."""
        return statistics.median(self.wall)


def measure_startup(repeat: int, source: Path = SAMPLE) -> Startup:
    """Start the command ``repeat`` times on a warm rule cache, each in a process of its own."""
    with tempfile.TemporaryDirectory() as home:
        environment = os.environ | {"TRANSLATE_HOME": home, "PYTHONPATH": str(ROOT)}
        first, _ = _timed(source, environment)
        runs = [_timed(source, environment) for _ in range(repeat)]
        names = _imported(source, environment)
    tops = {name.partition(".")[0] for name in names}
    return Startup(
        first, tuple(wall for wall, _ in runs), tuple(cpu for _, cpu in runs),
        tuple(name for name in FORBIDDEN if name in tops), len(names),
    )  # fmt: skip


def _timed(source: Path, environment: dict[str, str]) -> tuple[float, float]:
    before, start = _children(), time.perf_counter()
    _run([], source, environment)
    return time.perf_counter() - start, _children() - before


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _imported(source: Path, environment: dict[str, str]) -> list[str]:
    return _IMPORT.findall(_run(["-X", "importtime"], source, environment).stderr)


def _run(options: Sequence[str], source: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *options, "-m", "translator", str(source), "--check"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode > 1:
        raise RuntimeError(f"{' '.join(command)}: exit {done.returncode}: {done.stderr.strip()[-400:]}")
    return done
