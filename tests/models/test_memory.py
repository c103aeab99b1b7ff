"""Estimates of memory, and who may have it."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from translator.core import ConfigError
from translator.models import memory
from translator.models.memory import GIB, MIB, OVERHEAD, Budget, Gauge, Size, Stopped, estimate, parse_memory, shared


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("16G", 16 * GIB, id="gigabytes"),
        pytest.param("900m", 900 * MIB, id="megabytes"),
        pytest.param("2.5 GiB", 5 * GIB // 2, id="a fraction"),
        pytest.param("1TB", 1024 * GIB, id="terabytes"),
    ],
)
def test_parsed(text: str, found: int) -> None:
    assert parse_memory(text) == found


@pytest.mark.parametrize("text", ["", "16", "G", "-1G", "0G", "16 giga"])
def test_no_amount(text: str) -> None:
    with pytest.raises(ConfigError, match="is no amount of memory"):
        parse_memory(text)


def test_estimates_grow_with_what_is_kept() -> None:
    sizes = {
        checks: estimate(Size(GIB, 100 * MIB, 0), checks) for checks in ((), ("forward",), ("forward", "backward"))
    }
    assert OVERHEAD + 2 * GIB < sizes[()] < sizes["forward",] < sizes["forward", "backward"]


def test_activations_are_guessed_from_the_inputs() -> None:
    assert estimate(Size(0, None, 2 * MIB), ("forward",)) == estimate(
        Size(0, 2 * MIB * memory.PER_INPUT, 2 * MIB), ("forward",)
    )


def test_the_limit_of_a_container(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "CONTROL_GROUP", tmp_path / "memory.max")
    whole = memory.machine_memory()
    for text, found in (("max\n", whole), ("4294967296\n", min(whole, 4 * GIB))):
        (tmp_path / "memory.max").write_text(text)
        assert memory.machine_memory() == found
    assert memory.default_memory() == min(whole, 4 * GIB) * 3 // 4


def test_what_idle_processes_leave() -> None:
    assert shared(4 * GIB, 2, GIB) == 2 * GIB
    with pytest.raises(ConfigError, match=r"1024 MB of memory are not enough: 2 pairs of idle workers take 2048 MB"):
        shared(GIB, 2, GIB)


class Asking(threading.Thread):
    """Asks for memory, and holds it until it may go."""

    def __init__(self, budget: Budget, need: int) -> None:
        super().__init__(daemon=True)
        self.budget, self.need = budget, need
        self.has, self.may_go = threading.Event(), threading.Event()
        self.waited = self.was_stopped = False
        self.start()

    def run(self) -> None:
        try:
            with self.budget.reserved(self.need, lambda: setattr(self, "waited", True)):
                self.has.set()
                self.may_go.wait(20)
        except Stopped:
            self.was_stopped = True

    def waits(self) -> bool:
        limit = time.monotonic() + 10
        while not (self.waited or self.has.is_set()) and time.monotonic() < limit:
            time.sleep(0.01)
        return self.waited and not self.has.is_set()


def test_who_needs_too_much_waits_and_the_next_one_stands_behind() -> None:
    budget = Budget(10)
    first, second = Asking(budget, 6), Asking(budget, 4)
    assert first.has.wait(10)
    assert second.has.wait(10)
    third = Asking(budget, 5)
    assert third.waits()
    second.may_go.set()
    second.join(10)
    assert third.waits()
    last = Asking(budget, 1)
    assert last.waits(), "a small one does not go before a large one that asked first, or that would wait forever"
    first.may_go.set()
    assert third.has.wait(10)
    assert last.has.wait(10)
    third.may_go.set()
    last.may_go.set()


def test_who_needs_more_than_there_is_runs_alone() -> None:
    budget = Budget(10)
    small, giant = Asking(budget, 1), None
    assert small.has.wait(10)
    giant = Asking(budget, 99)
    assert giant.waits()
    small.may_go.set()
    assert giant.has.wait(10)
    other = Asking(budget, 1)
    assert other.waits()
    giant.may_go.set()
    assert other.has.wait(10)
    other.may_go.set()


def test_who_waits_when_the_run_ends() -> None:
    budget = Budget(10)
    first = Asking(budget, 10)
    assert first.has.wait(10)
    second = Asking(budget, 1)
    assert second.waits()
    budget.stop()
    second.join(10)
    assert second.was_stopped
    first.may_go.set()


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="what another process holds is looked up below /proc")
def test_what_processes_hold_together() -> None:
    script = "import time; held = b'x' * {}; print('held', flush=True); time.sleep(60)"
    sizes = (50 * MIB, 120 * MIB)
    processes = [
        subprocess.Popen([sys.executable, "-c", script.format(size)], stdout=subprocess.PIPE) for size in sizes
    ]
    try:
        for process in processes:
            assert process.stdout is not None
            process.stdout.readline()
        most = Gauge([process.pid for process in processes]).stop()
    finally:
        for process in processes:
            process.kill()
            process.communicate()
    assert sum(sizes) < most < sum(sizes) + 100 * MIB
    assert Gauge([process.pid for process in processes]).stop() == 0
