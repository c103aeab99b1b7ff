"""How much memory a verification will take, and who may have how much of it now.

An estimate is made before the models are: from the bytes of the weights and of what the modules give in one forward,
times what the checks keep of them at their worst moment. Afterwards the two processes say what they really took.
"""

from __future__ import annotations

import os
import re
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from translator.core import ConfigError
from translator.workers.resident import resident_of

GIB = 2**30
MIB = 2**20
LARGEST_DEFAULT = 16 * GIB
UNITS = {"K": 2**10, "M": MIB, "G": GIB, "T": 2**40}
CONTROL_GROUP = Path("/sys/fs/cgroup/memory.max")
OVERHEAD = 1000 * MIB  # of one verification: shards of tensors on their way to files, kernels' own memory


@dataclass(frozen=True, slots=True)
class Share:
    """What both processes hold at the worst moment of a check: so many times the weights, and the activations."""

    weights: float
    activations: float


SHARES = {
    "none": Share(3, 0),
    "forward": Share(5, 4),
    "layers": Share(5, 4),
    "backward": Share(14, 12),
    "training": Share(14, 12),
}
GLANCE = 0.05  # seconds between two looks at what processes hold
PER_INPUT = 300  # bytes of activations for one of the inputs, where the forward cannot be tried without values


@dataclass(frozen=True, slots=True)
class Size:
    """Of a source model, in bytes.

    Args:
        weights: of all parameters and buffers.
        activations: of what its modules give in one forward; None where that is not known.
        inputs: of the forward's arguments.
    """

    weights: int
    activations: int | None
    inputs: int


def estimate(size: Size, checks: Sequence[str]) -> int:
    """Bytes that both processes will take for a verification, above what they take when they are idle."""
    activations = PER_INPUT * size.inputs if size.activations is None else size.activations
    shares = [SHARES[check] for check in checks] or [SHARES["none"]]
    return OVERHEAD + round(max(share.weights * size.weights + share.activations * activations for share in shares))


def parse_memory(text: str) -> int:
    """Bytes of ``16G``, ``900M`` or ``2.5G``.

    Raises:
        ConfigError: it is none.
    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMGT])(?:i?B)?", text.strip(), re.IGNORECASE)
    if found is None or not float(found[1]):
        raise ConfigError(f"`{text}` is no amount of memory", hint="write 16G, 900M or 2.5G")
    return int(float(found[1]) * UNITS[found[2].upper()])


def default_memory() -> int:
    """Three quarters of what this machine has, 16 GB at most."""
    return min(LARGEST_DEFAULT, machine_memory() * 3 // 4)


def machine_memory() -> int:
    """Bytes of memory of this machine, or of the container that this runs in."""
    whole = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    try:
        limit = CONTROL_GROUP.read_text().strip()
    except OSError:
        return whole
    return min(whole, int(limit)) if limit.isdigit() else whole


def shared(memory: int, jobs: int, idle: int) -> int:
    """What is left for the models when all processes run.

    Raises:
        ConfigError: nothing is.
    """
    left = memory - jobs * idle
    if left <= 0:
        least = -(-jobs * idle // MIB)
        raise ConfigError(
            f"{memory // MIB} MB of memory are not enough: {jobs} pairs of idle workers take {least} MB",
            hint="give more memory, or fewer jobs",
        )
    return left


class Gauge:
    """The most that some processes hold at one time, looked up again and again until ``stop``."""

    def __init__(self, pids: Sequence[int]) -> None:
        self._pids = tuple(pids)
        self._most = 0
        self._is_stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while True:
            self._most = max(self._most, sum(map(resident_of, self._pids)))
            if self._is_stopped.wait(GLANCE):
                return

    def stop(self) -> int:
        """Bytes; 0 where the system does not tell."""
        self._is_stopped.set()
        self._thread.join()
        return self._most


class Stopped(Exception):  # noqa: N818 - no error: somebody ended the run
    """The run ends; whoever waits gets this."""


class Budget:
    """Memory that verifications share: who needs more than is free waits, in the order of asking.

    Who needs more than there is at all runs alone.

    Args:
        total: bytes for all together.
    """

    def __init__(self, total: int) -> None:
        self.total = total
        self._free = total
        self._line: deque[object] = deque()
        self._changed = threading.Condition()
        self._is_stopped = False

    @contextmanager
    def reserved(self, need: int, on_wait: Callable[[], None] = lambda: None) -> Iterator[None]:
        """Have ``need`` bytes within the block; ``on_wait`` is called once if they are not free at once.

        Raises:
            Stopped: the run ended while this waited.
        """
        part, ticket = min(need, self.total), object()
        with self._changed:
            self._line.append(ticket)
            if not self._may_go(ticket, part):
                on_wait()
            self._changed.wait_for(lambda: self._is_stopped or self._may_go(ticket, part))
            self._line.remove(ticket)
            self._changed.notify_all()
            if self._is_stopped:
                raise Stopped
            self._free -= part
        try:
            yield
        finally:
            with self._changed:
                self._free += part
                self._changed.notify_all()

    def _may_go(self, ticket: object, part: int) -> bool:
        return self._line[0] is ticket and part <= self._free

    def stop(self) -> None:
        """Nobody waits any longer."""
        with self._changed:
            self._is_stopped = True
            self._changed.notify_all()
