"""The demo as ``make demo`` runs it, and what ``make gpu`` does on which machine."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

PROJECT = Path(__file__).resolve().parents[2]
SAMPLE = PROJECT / "samples/squeezenet"


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """samples/squeezenet/gpu.py as a module; it imports the demo beside it."""
    monkeypatch.syspath_prepend(str(SAMPLE))
    spec = spec_from_file_location("sample_gpu", SAMPLE / "gpu.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "sample_gpu", module)
    spec.loader.exec_module(module)
    return module


SEES, BLIND, ABSENT = ("torch 2", ""), ("torch 2", "torch sees no GPU"), ("", "torch is not installed")


@pytest.mark.parametrize(
    ("source", "target", "device", "not_run"),
    [
        pytest.param(SEES, SEES, "gpu:0", [], id="both see one"),
        pytest.param(SEES, BLIND, "gpu:0,cpu", ["both on gpu:0"], id="the target does not"),
        pytest.param(BLIND, SEES, "cpu,gpu:0", ["both on gpu:0"], id="the source does not"),
        pytest.param(BLIND, BLIND, None, ["both on gpu:0", "across devices"], id="neither does"),
        pytest.param(SEES, ABSENT, None, ["both on gpu:0", "across devices"], id="one is not installed"),
    ],
)
def test_gpu_plan(
    gpu: ModuleType, source: tuple[str, str], target: tuple[str, str], device: str | None, not_run: list[str]
) -> None:
    plan = gpu.plan(gpu.Sight("torch", *source), gpu.Sight("paddle", *target))
    assert plan.device == device
    assert [line.split(", ", 1)[1].split(": not run")[0] for line in plan.not_run] == [p for p in not_run for _ in "ve"]
    reasons = "; ".join(sight[1] for sight in (source, target) if sight[1])
    assert all(line.endswith(f"not run: {reasons}") for line in plan.not_run)


def test_gpu_says_what_was_not_run(tmp_path: Path) -> None:
    """Without a paddle interpreter nothing can be compared, whatever this machine has."""
    command = [sys.executable, str(SAMPLE / "gpu.py"), "--output", str(tmp_path), "--target-python", "no-such-python"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert sum(": not run: " in line and "no such Python interpreter" in line for line in lines) == 4
    assert lines[-1].startswith("not run: verification, both on gpu:0; evaluation, both on gpu:0")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRANSLATE_HOME", str(tmp_path / "home"))
    out = tmp_path / "demo"
    command = [sys.executable, str(SAMPLE / "demo.py"), "--output", str(out)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    names = {path.name for path in out.iterdir()}
    checkpoints = {"squeezenet_digits.pth", "squeezenet_digits.pdparams", "weights.yaml"}
    assert names >= {"squeezenet.py", "paddle_helpers.py", "report.json", "report.html", *checkpoints}
    assert (out / "squeezenet.py").read_bytes() == (SAMPLE / "expected/squeezenet.py").read_bytes()
    report = json.loads((out / "report.json").read_text())
    stages = {line["name"]: line["status"] for line in report["certificate"]}
    ran = ("translation", "weights", "forward", "layers", "evaluation")
    assert {name: stages[name] for name in ran} == dict.fromkeys(ran, "passed")
    assert {stages["backward"], stages["training"]} == {"not run"}
    assert report["evaluation"]["images"] == 360
    assert report["evaluation"]["source"]["top1"] >= 0.9
    assert report["evaluation"]["flips"] == []
    assert "certificate: proven" in done.stdout
    assert "<html" in (out / "report.html").read_text()[:200]
