"""The same results from any backend, in order; what is missing is said with what to install."""

from __future__ import annotations

import importlib.util
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.project.conftest import Write, contents
from translator import translate_project
from translator.core import ConfigError, WorkerError
from translator.project import pool
from translator.ruleset.model import RuleSet

HAS_RAY = importlib.util.find_spec("ray") is not None
WITH_RAY = pytest.mark.skipif(not HAS_RAY, reason="ray is not installed: it is no part of the environment")
CAT = "import torch\nx = torch.cat([a], dim=1)\n"


def square(number: int) -> tuple[int, int]:
    return number * number, os.getpid()


@pytest.mark.parametrize("backend", [
    "loky", pytest.param("dask", marks=pytest.mark.slow), pytest.param("ray", marks=[pytest.mark.slow, WITH_RAY]),
])  # fmt: skip
def test_results_come_in_order_from_other_processes(backend: str) -> None:
    found = list(pool.run(square, range(20), jobs=2, backend=backend))
    assert [number for number, _ in found] == [number * number for number in range(20)]
    assert os.getpid() not in {process for _, process in found}


def stop(number: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_process_that_is_killed_is_said() -> None:
    with pytest.raises(WorkerError, match="a process was killed") as killed:
        list(pool.run(stop, range(2), jobs=2))
    assert "--jobs 1" in killed.value.hint


def test_items_are_taken_as_they_are_needed() -> None:
    taken = 0

    def items() -> Iterator[int]:
        nonlocal taken
        for number in range(1000):
            taken += 1
            yield number

    results = pool.run(square, items(), jobs=2)
    next(results)
    assert taken < 1000
    assert len(list(results)) == 999


@pytest.mark.slow
def test_a_project_on_a_cluster_of_dask(write: Write, rules: RuleSet, tmp_path: Path) -> None:
    src = write({f"pkg/n{i}.py": CAT + f"y = {i}\n" for i in range(6)} | {"pkg/bad.py": "def f(:\n"})
    one = translate_project(src, tmp_path / "one", rules=rules, use_cache=False)
    other = translate_project(src, tmp_path / "other", rules=rules, jobs=2, backend="dask", use_cache=False)
    assert other.files == one.files
    assert contents(tmp_path / "other") == contents(tmp_path / "one")


@pytest.mark.skipif(HAS_RAY, reason="ray is installed here")
def test_a_backend_that_is_not_installed() -> None:
    with pytest.raises(ConfigError, match="the backend `ray` is not installed") as missing:
        list(pool.run(square, [1], jobs=2, backend="ray"))
    assert missing.value.hint == "pip install 'ray'"


@pytest.mark.parametrize(("jobs", "size", "number"), [(None, 10, 1), (3, 10, 3), (None, 10**9, None)])
def test_how_many_processes(jobs: int | None, size: int, number: int | None) -> None:
    assert pool.cores(jobs, size) == (number or len(os.sched_getaffinity(0)))
