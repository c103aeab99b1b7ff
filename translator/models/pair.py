"""Two workers, one of each framework, that verify one pair of models after the other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from translator.core import WorkerError
from translator.models.memory import MIB, Gauge, Stopped
from translator.workers.launch import Worker

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

KEPT = 512 * MIB  # what a process may keep after a model, above what it took when it was new


@dataclass(frozen=True, slots=True)
class Places:
    """Interpreters and devices of both sides, and how many threads each computes with.

    Args:
        hidden: packages that the target's side cannot import: it has to do without them.
    """

    source_python: str | None = None
    target_python: str | None = None
    source_device: str = "cpu"
    target_device: str = "cpu"
    threads: int | None = None
    hidden: tuple[str, ...] = ()


@dataclass(slots=True)
class Pair:
    """Both workers, started when they are asked for and again when one is gone; use it in a ``with`` block."""

    places: Places
    _workers: dict[str, Worker] = field(default_factory=dict)
    _new: dict[str, int] = field(default_factory=dict)  # bytes that each process held when it was new
    _gauge: Gauge | None = None  # while a verification runs
    _is_stopped: bool = False

    def workers(self) -> tuple[Worker, Worker]:
        """The source's and the target's, alive.

        Raises:
            ConfigError: an interpreter or a device is wrong.
            WorkerError: a framework cannot be imported.
            Stopped: the run ends.
        """
        with ThreadPoolExecutor(2) as pool:
            found = pool.submit(self._worker, "source"), pool.submit(self._worker, "target")
            pair = found[0].result(), found[1].result()
        if self._is_stopped:
            raise Stopped
        return pair

    def _worker(self, side: str) -> Worker:
        worker = self._workers.get(side)
        if worker is not None and worker.is_alive:
            return worker
        if worker is not None:
            worker.close()
        places, is_source = self.places, side == "source"
        self._workers[side] = worker = Worker(
            "torch" if is_source else "paddle",
            python=places.source_python if is_source else places.target_python,
            device=places.source_device if is_source else places.target_device,
            threads=places.threads,
            hidden=() if is_source else places.hidden,
        )
        self._new[side] = worker.call("memory")["now"]
        return worker

    def idle(self) -> int:
        """Bytes that both processes held when they were new."""
        return sum(self._new.values())

    def measure(self) -> None:
        """Measure from now on, until ``tidy``, what both hold together."""
        for worker in self._workers.values():
            worker.call("memory", reset=True)
        self._gauge = Gauge([worker.pid for worker in self._workers.values()])

    def tidy(self) -> int:
        """The most that both held together since ``measure``, in bytes; a process that keeps too much of it is ended.

        Where the system does not tell, each one's most is added, though those may have been at different times; 0 where
        a process is gone.
        """
        together = self._gauge.stop() if self._gauge is not None else 0
        peak, is_whole = 0, True
        for side, worker in self._workers.items():
            try:
                found = worker.call("memory")
            except WorkerError:
                is_whole = False
                continue
            peak += found["most"]
            if found["now"] > self._new[side] + KEPT:
                worker.close()
        return (together or peak) if is_whole else 0

    def renew(self) -> None:
        """End both; the next one who asks gets new ones."""
        for worker in self._workers.values():
            worker.close()

    def kill(self) -> None:
        """End both at once, whatever they do."""
        for worker in list(self._workers.values()):
            worker.kill()

    def stop(self) -> None:
        """End both at once, and start no new ones."""
        self._is_stopped = True
        self.kill()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.renew()
