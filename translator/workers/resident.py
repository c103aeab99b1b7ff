"""How much memory this process holds, and how much it held at most."""

from __future__ import annotations

import ctypes
import gc
import resource
import sys
from pathlib import Path

STATUS = Path("/proc/self/status")
FORGET = Path("/proc/self/clear_refs")


def resident() -> tuple[int, int]:
    """Bytes now, and the most so far; where the system does not tell what is held now, the most stands for both."""
    try:
        fields = dict(line.split(":", 1) for line in STATUS.read_text().splitlines() if line.startswith("Vm"))
        return _bytes(fields["VmRSS"]), _bytes(fields["VmHWM"])
    except (OSError, KeyError):
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        return most, most


def resident_of(pid: int) -> int:
    """Bytes that another process holds; 0 where it is gone, or the system does not tell."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()
    except (OSError, ValueError, IndexError):
        return 0


def forget_peak() -> None:
    """Start to measure the most anew, where the system can."""
    try:
        FORGET.write_text("5")
    except OSError:
        return


def return_memory() -> None:
    """Collect what is unreachable, and hand freed memory to the system, which the C library would keep for later."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # of the GNU library only
    if trim is not None:
        trim(0)


def _bytes(field: str) -> int:
    """Of a line such as ``VmRSS:  1024 kB``."""
    return int(field.split(maxsplit=1)[0]) * 1024
