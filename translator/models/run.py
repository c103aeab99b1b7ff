"""Verify every builder of a package: several at a time within the memory, and only what is not proven yet."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from translator.core import ConfigError, Translation
from translator.models.memory import Budget, Stopped, default_memory, shared
from translator.models.pair import Pair, Places
from translator.models.record import Dependencies, Records
from translator.models.result import Builder, Outcome
from translator.models.trial import InputsOf, Save, Settings, Trial
from translator.ruleset.model import RuleSet
from translator.verify.run import CHECKS

TIMEOUT = 3600.0  # seconds for one builder: the largest known ones take minutes on two cores
HERE = Places()
GLANCE = 0.5  # seconds after which a wait looks up
SIDES = 2  # processes that compute at the same time for one builder


class Progress(Protocol):
    """What is told while a run goes on, one call at a time, from any thread."""

    def start(self, builders: int) -> None:
        """The run begins."""

    def started(self, versions: Mapping[str, Mapping[str, str]]) -> None:
        """The frameworks run; their versions by side, as a ``Verification`` has them."""

    def tell(self, builder: Builder, line: str) -> None:
        """A stage of a builder begins."""

    def finish(self, outcome: Outcome) -> None:
        """A builder is finished."""


class Silent:
    """Tells nothing."""

    def start(self, builders: int) -> None: ...

    def started(self, versions: Mapping[str, Mapping[str, str]]) -> None: ...

    def tell(self, builder: Builder, line: str) -> None: ...

    def finish(self, outcome: Outcome) -> None: ...


def default_jobs() -> int:
    """Builders at a time: each has two processes that compute, much of the time one after the other."""
    return max(cores() // SIDES, 1)


def default_threads(jobs: int) -> int:
    """Threads that each process computes with, so that all together take the machine's cores."""
    return max(cores() // (SIDES * jobs), 1)


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_models(
    builders: Sequence[Builder],
    *,
    ruleset: RuleSet,
    inputs: InputsOf,
    proof: Path,
    checks: Sequence[str] = CHECKS,
    jobs: int | None = None,
    memory: int | None = None,
    seed: int = 0,
    timeout: float = TIMEOUT,
    places: Places = HERE,
    translations: Mapping[Path, Translation] | None = None,
    save: Save | None = None,
    is_resumed: bool = True,
    progress: Progress | None = None,
) -> list[Outcome]:
    """Build, load and compare every builder; what fails or dies does not stop the others.

    Args:
        inputs: gives the arguments of a builder's forward; see ``Settings``.
        proof: the folder of reports and records; a run that was ended goes on from there.
        checks: as ``verify`` knows them; none at all only builds and loads.
        jobs: builders at a time; by the cores if it is None.
        memory: bytes for all together; ``default_memory()`` if it is None.
        timeout: seconds for one builder.
        translations: by resolved path of the source file, so that blame can name the rule.
        save: writes the report of a verification, and gives the name of its file below ``proof``.
        is_resumed: what an earlier run proved is taken from its record, where nothing changed since.

    Returns:
        One outcome a builder, in their order.

    Raises:
        ConfigError: a check or an amount is wrong, an interpreter or device is, or ``proof`` cannot be written.
        WorkerError: a framework cannot be imported.
    """
    refuse_unknown(checks)
    count = max(min(jobs or default_jobs(), len(builders)), 1)
    if places.threads is None and "OMP_NUM_THREADS" not in os.environ:
        places = replace(places, threads=default_threads(count))
    settings = Settings(ruleset, inputs, tuple(checks), seed, timeout, translations or {}, save)
    run = _Run(deque(enumerate(builders)), settings, Records(proof), progress or Silent(), is_resumed)
    run.progress.start(len(builders))
    run.all(count, memory or default_memory(), places)
    return [run.outcomes[number] for number in range(len(builders))]


def refuse_unknown(checks: Sequence[str]) -> None:
    """Raise ConfigError for names that are no checks; none at all is fine."""
    unknown = [check for check in checks if check not in CHECKS]
    if unknown:
        raise ConfigError(f"no such check: {', '.join(unknown)}", hint=f"choose from {', '.join(CHECKS)}, or none")


@dataclass(slots=True)
class _Run:
    """A run in progress: what is left to do, and what came out so far by the builder's number."""

    left: deque[tuple[int, Builder]]
    settings: Settings
    records: Records
    progress: Progress
    is_resumed: bool
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _is_stopped: bool = False

    def all(self, jobs: int, memory: int, places: Places) -> None:
        """Every builder, several at a time."""
        if not self.left:
            return
        with ExitStack() as stack:
            pairs = [stack.enter_context(Pair(places)) for _ in range(jobs)]
            dependencies = self._dependencies(pairs[0])
            budget = Budget(shared(memory, jobs, pairs[0].idle()))
            pool = stack.enter_context(ThreadPoolExecutor(jobs))
            tasks = [pool.submit(self._serve, pair, budget, dependencies) for pair in pairs]
            try:
                while not (ended := wait(tasks, GLANCE, FIRST_EXCEPTION)).done:
                    pass  # a signal that another thread took is handled as soon as this one runs
                for task in ended.done:
                    task.result()
            except BaseException:
                self._stop(pairs, budget)
                raise

    def _dependencies(self, pair: Pair) -> Dependencies:
        source, target = pair.workers()
        versions = {"source": source.info["versions"], "target": target.info["versions"]}
        self.progress.started(versions)
        return Dependencies(self.settings.ruleset, versions, self.settings.seed)

    def _stop(self, pairs: Sequence[Pair], budget: Budget) -> None:
        """End all that computes or waits, so that every thread comes to its end."""
        self._is_stopped = True
        budget.stop()
        for pair in pairs:
            pair.stop()

    def _serve(self, pair: Pair, budget: Budget, dependencies: Dependencies) -> None:
        """One builder after the other in one pair of workers, until none is left."""
        while self.left and not self._is_stopped:
            try:
                number, builder = self.left.popleft()
            except IndexError:  # another thread was faster
                return
            try:
                outcome = self._one(builder, pair, budget, dependencies)
            except Stopped:
                return
            with self._lock:
                self.outcomes[number] = outcome
                self.progress.finish(outcome)

    def _one(self, builder: Builder, pair: Pair, budget: Budget, dependencies: Dependencies) -> Outcome:
        """The outcome of one builder: from its record, or from running it."""
        with self._lock:  # what several builders need is read once
            digest = dependencies.digest(builder, self.settings.inputs(builder, None) or ())
        known = self.records.find(builder, self.settings.checks, digest) if self.is_resumed else None
        if known is not None:
            return known
        self.records.drop(builder)
        trial = self._tried(builder, pair, budget)
        if self._is_stopped:
            raise Stopped
        self.records.keep(trial, digest)
        return trial

    def _tried(self, builder: Builder, pair: Pair, budget: Budget) -> Outcome:
        """Run a builder; once more in new workers where one died."""

        def tell(line: str) -> None:
            with self._lock:
                self.progress.tell(builder, line)

        trial = Trial(builder, self.settings, pair, budget, tell)
        outcome = trial.run()
        if trial.died and not self._is_stopped:
            tell("a worker died: once more in new ones")
            pair.renew()
            outcome = Trial(builder, self.settings, pair, budget, tell).run()
        return outcome
