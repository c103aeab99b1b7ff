"""Running a function over many items in parallel processes, in order, without holding more results than it must."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice
from typing import TypeVar

from translator.core import ConfigError, WorkerError

BACKENDS = ("loky", "dask", "ray")
WORTH = 300_000  # characters: below that, starting processes costs more than they save

Item = TypeVar("Item")
Result = TypeVar("Result")


def cores(jobs: int | None, size: int) -> int:
    """How many processes pay for a tree of ``size`` characters; what the user says wins.

    Raises:
        ConfigError: no number of processes.
    """
    if jobs is not None and jobs < 1:
        raise ConfigError(f"`{jobs}` is no number of processes", hint="give 1 or more")
    return jobs or (len(os.sched_getaffinity(0)) if size >= WORTH else 1)


def run(
    function: Callable[[Item], Result], items: Iterable[Item], *, jobs: int, backend: str = "loky"
) -> Iterator[Result]:
    """The results in the items' order, each as soon as it and those before it are there.

    Args:
        backend: ``loky`` for processes of this machine, ``dask`` or ``ray`` for a cluster of that kind.

    Raises:
        ConfigError: the backend is unknown or not installed.
        WorkerError: a process was killed.
    """
    if backend not in BACKENDS:
        raise ConfigError(f"`{backend}` is no backend", hint=", ".join(BACKENDS))
    if jobs == 1 and backend == "loky":
        yield from map(function, items)
        return
    from joblib import Parallel, delayed

    with _started(backend, jobs):
        calls = (delayed(function)(item) for item in items)
        if backend == "ray":  # it hands results out at the end of a round only
            while round_ := list(islice(calls, 4 * jobs)):
                yield from Parallel(n_jobs=jobs)(round_)
        else:
            yield from _as_they_come(Parallel(n_jobs=jobs, return_as="generator", pre_dispatch="2*n_jobs")(calls))


def _as_they_come(results: Iterator[Result]) -> Iterator[Result]:
    """The results.

    Raises:
        WorkerError: a process was killed.
    """
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    try:
        yield from results
    except TerminatedWorkerError as error:
        hint = "run it again: what is done is kept; with `--jobs 1` if memory is short"
        raise WorkerError("a process was killed while it translated", hint=hint) from error


@contextmanager
def _started(backend: str, jobs: int) -> Iterator[None]:
    """Within it, joblib's parallel calls go to the backend's processes."""
    from joblib import parallel_config

    with ExitStack() as stack:
        if backend == "dask":
            stack.enter_context(_dask(jobs))
        elif backend == "ray":
            stack.enter_context(_ray())
        stack.enter_context(parallel_config(backend=backend))
        yield


@contextmanager
def _dask(jobs: int) -> Iterator[None]:
    """A client of the cluster that dask's configuration names, else of one on this machine."""
    try:
        import dask
        from distributed import Client, LocalCluster
    except ImportError as error:
        raise _missing("dask", "dask[distributed]") from error
    if dask.config.get("scheduler-address", None):
        with Client():
            yield
        return
    local = LocalCluster(n_workers=jobs, threads_per_worker=1, dashboard_address=None, silence_logs=50)
    with local as cluster, Client(cluster):
        yield


@contextmanager
def _ray() -> Iterator[None]:
    """Ray as its environment names it: the cluster at ``RAY_ADDRESS``, else one on this machine."""
    try:
        import ray
        from ray.util.joblib import register_ray
    except ImportError as error:
        raise _missing("ray", "ray") from error
    ray.init(ignore_reinit_error=True, log_to_driver=False, logging_level="ERROR")
    register_ray()
    try:
        yield
    finally:
        ray.shutdown()


def _missing(backend: str, package: str) -> ConfigError:
    return ConfigError(f"the backend `{backend}` is not installed", hint=f"pip install '{package}'")
