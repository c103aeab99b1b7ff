"""All builders of a package: what fails or dies does not stop the others, and what is proven does not run again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.models import toys
from translator.core import ConfigError
from translator.models.record import Dependencies, Records
from translator.models.result import Builder, Outcome
from translator.models.run import run_models
from translator.models.trial import judged
from translator.report.models import saver
from translator.ruleset.load import load_rules
from translator.ruleset.model import RuleSet
from translator.verify.inputs import Input
from translator.verify.result import CheckResult
from translator.workers.launch import Worker

ROOT = Path(__file__).resolve().parents[2]
INPUT = (Input((2, 6)),)
RAISED = "toy/nets.py:18: `raises` raised ValueError: no net today"
DEATH = "worker died: the torch worker was killed by SIGKILL during `"
NAMES = ("small", "wide", "raises", "differs", "ill_shaped", "dies")


def given(builder: Builder, worker: Worker | None) -> tuple[Input, ...] | None:
    """The inputs: stated, but for ``wide``, whose worker is asked."""
    return INPUT if builder.name != "wide" or worker is not None else None


class Told:
    """Remembers what was told."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def start(self, builders: int) -> None:
        self.lines.append(f"{builders} builders")

    def started(self, versions: dict[str, dict[str, str]]) -> None:
        self.versions = versions

    def tell(self, builder: Builder, line: str) -> None:
        self.lines.append(f"{builder.name}: {line}")

    def finish(self, outcome: Outcome) -> None:
        self.lines.append(f"{outcome.builder.name}: done")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("toys")
    toys.write(folder)
    return folder


@pytest.fixture(scope="module")
def ruleset() -> RuleSet:
    return load_rules()


def run(place: Path, ruleset: RuleSet, names: tuple[str, ...], told: Told) -> dict[str, Outcome]:
    proof = place / "proof"
    builders = [toys.builder(place, name) for name in names]
    save = saver(proof, {})
    found = run_models(
        builders,
        ruleset=ruleset,
        inputs=given,
        proof=proof,
        checks=("forward", "layers"),
        save=save,
        jobs=1,
        progress=told,
    )
    assert [outcome.builder for outcome in found] == builders
    return {outcome.builder.name: outcome for outcome in found}


@pytest.fixture(scope="module")
def first(place: Path, ruleset: RuleSet) -> tuple[dict[str, Outcome], Told]:
    told = Told()
    return run(place, ruleset, NAMES, told), told


@pytest.mark.parametrize(
    ("name", "stages", "reason", "lines"),
    [
        pytest.param("small", "passed passed passed passed", "forward: 2 tensors", (0, 0), id="the same"),
        pytest.param("wide", "passed passed passed passed", "forward: 2 tensors", (0, 0), id="inputs by trying"),
        pytest.param("raises", "failed not-run not-run not-run", RAISED, (0, 0), id="raises"),
        pytest.param("differs", "passed passed failed failed", "(toy.net.Net, ones): differs", (14, 14), id="differs"),
        pytest.param("ill_shaped", "passed failed failed failed", "the weights do not fit", (8, 8), id="ill-shaped"),
        pytest.param("dies", "failed not-run not-run not-run", DEATH, (0, 0), id="dies"),
    ],
)  # fmt: skip
def test_outcome(first, name: str, stages: str, reason: str, lines: tuple[int, int]) -> None:
    found = first[0][name]
    states = [found.built, found.loaded, *found.checks.values()]
    assert " ".join(state.replace(" ", "-") for state in states) == stages
    assert reason in found.reason
    assert found.proven == (set(states) == {"passed"})
    expected = tuple(
        f"{package}/net.py:{line}" if line else "" for package, line in zip(("toy", "toy_paddle"), lines, strict=True)
    )
    assert (found.source_line, found.output_line) == expected


def test_figures(first) -> None:
    small, differs = first[0]["small"], first[0]["differs"]
    assert small.worst is not None
    assert small.worst < 1e-6
    assert differs.worst > 1e-3
    assert small.parameters == 6 * 4 + 4 + 4 * 3 + 3
    assert 100e6 < small.peak < small.need < 4e9
    assert small.inputs == ("2x6",)
    assert 0 < small.seconds < 60


def test_told(first) -> None:
    lines = first[1].lines
    assert lines[0] == "6 builders"
    assert [line for line in lines if line.endswith(": done")] == [f"{name}: done" for name in NAMES]
    assert lines.count("dies: a worker died: once more in new ones") == 1
    assert "wide: looking for inputs" in lines


def test_reports(first, place: Path) -> None:
    for name, outcome in first[0].items():
        is_verified = name in ("small", "wide", "differs", "ill_shaped")
        assert outcome.report == (f"{name}.html" if is_verified else "")
        assert (place / "proof" / f"{name}.html").exists() == is_verified
    report = json.loads((place / "proof" / "differs.json").read_text())
    assert report["verification"]["proven"] is False
    assert report["command"].startswith("translate verify ")


def test_what_is_proven_does_not_run_again(first, place: Path, ruleset: RuleSet) -> None:
    told = Told()
    again = run(place, ruleset, ("small", "wide", "differs"), told)
    assert {name: outcome.is_reused for name, outcome in again.items()} == {
        "small": True, "wide": True, "differs": False,
    }  # fmt: skip
    assert again["small"].seconds == first[0]["small"].seconds
    assert not any(line.startswith("small: ") and line != "small: done" for line in told.lines)


# --- records ----------------------------------------------------------------------------------------------------------

VERSIONS = {"source": {"a": "1"}, "target": {"b": "2"}}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    toys.write(tmp_path)
    return tmp_path


def edit(folder: Path, file: str) -> None:
    with (folder / file).open("a") as text:
        text.write("\n# changed\n")


@pytest.mark.parametrize(
    ("change", "is_valid"),
    [
        pytest.param({}, True, id="nothing"),
        pytest.param({"file": "toy/unused.py"}, True, id="a source file that it does not need"),
        pytest.param({"file": "toy/nets.py"}, False, id="its source file"),
        pytest.param({"file": "toy/net.py"}, False, id="a source file that it imports"),
        pytest.param({"file": "toy_paddle/net.py"}, False, id="an output file that it imports"),
        pytest.param({"checks": ("forward",)}, True, id="fewer checks"),
        pytest.param({"checks": ("forward", "layers", "backward")}, False, id="more checks"),
        pytest.param({"inputs": (Input((3, 6)),)}, False, id="other inputs"),
        pytest.param({"seed": 1}, False, id="another seed"),
        pytest.param({"versions": {**VERSIONS, "target": {"b": "3"}}}, False, id="another framework"),
        pytest.param({"report": True}, False, id="the report is gone"),
        pytest.param({"state": "suspect"}, False, id="it was not proven"),
    ],
)
def test_record(copy: Path, ruleset: RuleSet, change: dict, is_valid: bool) -> None:
    builder = toys.builder(copy, "small")
    records = Records(copy / "proof")
    (copy / "proof").mkdir()
    (copy / "proof" / "small.html").touch()
    checks = {"forward": "passed", "layers": change.get("state", "passed")}
    outcome = Outcome(builder, "passed", "passed", checks, 1e-7, 2.5, report="small.html")
    records.keep(outcome, Dependencies(ruleset, VERSIONS, 0).digest(builder, INPUT))
    if "file" in change:
        edit(copy, change["file"])
    if change.get("report"):
        (copy / "proof" / "small.html").unlink()
    dependencies = Dependencies(ruleset, change.get("versions", VERSIONS), change.get("seed", 0))
    asked = change.get("checks", ("forward", "layers"))
    found = records.find(builder, asked, dependencies.digest(builder, change.get("inputs", INPUT)))
    assert (found is not None) == is_valid
    if found is not None:
        assert (found.is_reused, found.seconds, tuple(found.checks)) == (True, 2.5, asked)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"outcome": {}}', '{"outcome": {"builder": {"name": "x"}}}'])
def test_a_record_that_cannot_be_read(copy: Path, content: str) -> None:
    (copy / "proof" / "records").mkdir(parents=True)
    (copy / "proof" / "records" / "small.json").write_text(content)
    assert Records(copy / "proof").find(toys.builder(copy, "small"), (), "") is None


# --- how it ends ------------------------------------------------------------------------------------------------------

SCRIPT = """
import signal, sys
from pathlib import Path
from tests.models import toys
from tests.models.test_run import Told, given
from translator.models.run import run_models
from translator.models.trial import judged
from translator.ruleset.load import load_rules

class Loud(Told):
    def tell(self, builder, line):
        print(builder.name, line, flush=True)
    def finish(self, outcome):
        print(outcome.builder.name, "done", outcome.is_reused, flush=True)

def stop(number, _):
    raise SystemExit(128 + number)

signal.signal(signal.SIGTERM, stop)
signal.signal(signal.SIGINT, stop)
place = Path(sys.argv[1])
builders = [toys.builder(place, name) for name in ("small", "sleeps")]
how = {"ruleset": load_rules(), "inputs": given, "checks": ("forward",), "jobs": 1}
run_models(builders, proof=place / "proof", progress=Loud(), **how)
"""


def started(place: Path) -> subprocess.Popen[str]:
    temporary = place / "temporary"
    temporary.mkdir(exist_ok=True)
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(place)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )


def until(process: subprocess.Popen[str], words: str) -> list[str]:
    seen: list[str] = []
    assert process.stdout is not None
    for line in process.stdout:
        seen.append(line.strip())
        if words in line:
            return seen
    raise AssertionError(f"it ended too early: {seen}")


def workers_of(group: int) -> list[int]:
    """Processes of the run's session that are alive."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == group and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked up below /proc")
def test_ended_and_taken_up_again(copy: Path) -> None:
    process = started(copy)
    assert "small done False" in until(process, "sleeps comparing the forward of ones")
    assert len(workers_of(process.pid)) == 3
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: every process of the group gets it
    assert process.wait(timeout=60) == 128 + signal.SIGINT
    assert workers_of(process.pid) == []
    assert list((copy / "temporary").glob("translate-*")) == []

    process = started(copy)
    assert "small done True" in until(process, "sleeps comparing the forward of ones")
    process.kill()
    process.wait()
    limit = time.monotonic() + 20
    while workers_of(process.pid) and time.monotonic() < limit:
        time.sleep(0.1)
    assert workers_of(process.pid) == [], "a worker ends with the run, whatever it does"


def test_a_time_limit(copy: Path, ruleset: RuleSet) -> None:
    begin = time.monotonic()
    (found,) = run_models(
        [toys.builder(copy, "sleeps")],
        ruleset=ruleset,
        inputs=given,
        proof=copy / "proof",
        checks=("forward",),
        timeout=3,
    )
    assert time.monotonic() - begin < 40
    assert (found.built, found.loaded, found.checks) == ("passed", "passed", {"forward": "not run"})
    assert found.reason.startswith("it took longer than 3 s: ")


def test_a_fault_of_this_program_stops_no_other_builder(copy: Path, ruleset: RuleSet, capsys) -> None:
    def save(builder: Builder, verification: object) -> str:
        if builder.name == "small":
            raise ZeroDivisionError("no page today")
        return "page.html"

    faulty, sound = run_models(
        [toys.builder(copy, "small"), toys.builder(copy, "wide")],
        ruleset=ruleset,
        inputs=lambda builder, worker: INPUT,
        proof=copy / "proof",
        checks=("forward",),
        jobs=1,
        save=save,
        is_resumed=False,
    )
    assert faulty.reason == "internal error: ZeroDivisionError: no page today"
    assert not faulty.proven
    assert "Traceback" in capsys.readouterr().err
    assert sound.proven


def test_a_check_that_is_none(copy: Path, ruleset: RuleSet) -> None:
    with pytest.raises(ConfigError, match="no such check: forwards"):
        run_models([], ruleset=ruleset, inputs=given, proof=copy / "proof", checks=("forwards",))


def test_nothing_to_do(copy: Path, ruleset: RuleSet) -> None:
    assert run_models([], ruleset=ruleset, inputs=given, proof=copy / "proof") == []


@pytest.mark.parametrize(
    ("applies", "status", "is_proven"),
    [
        pytest.param(False, "does not apply: it wants targets", True, id="does not apply"),
        pytest.param(True, "not run", False, id="did not run"),
    ],
)
def test_what_does_not_apply_is_told_apart(copy: Path, applies: bool, status: str, is_proven: bool) -> None:
    results = [
        CheckResult("forward", "passed", "2 tensors compared"),
        CheckResult("training", "not run", "it wants targets", applies=applies),
    ]
    begun = Outcome(toys.builder(copy, "small"), "not run", "not run", {})
    found = judged(begun, results, None, is_loaded=True)
    assert found.checks == {"forward": "passed", "training": status}
    assert found.proven == is_proven
