"""``translate eval``: what it prints and writes, and its exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SMALL = ("--resize", "16", "--crop", "16")


def run(models: Path, data: Path | str, *options: str | Path, **more: Any) -> subprocess.CompletedProcess[str]:
    target, weights = more.get("target", "target.py:Net"), more.get("weights", models / "weights.pth")
    entries = (f"{models}/source.py:Net", f"{models}/{target}")
    command = [sys.executable, "-m", "translator", "eval", *entries, "--data", data, "--weights", weights, *options]
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=120, check=False)


def test_passed_with_reports_and_state(models: Path, data: Path, tmp_path: Path) -> None:
    state, page, found = tmp_path / "state.jsonl", tmp_path / "report.html", tmp_path / "report.json"
    done = run(models, data, *SMALL, "--batch-size", "5", "--state", state, "--report", page, "--json", found)
    assert (done.returncode, done.stderr) == (0, "")
    assert "evaluation   passed" in done.stdout
    evaluation = json.loads(found.read_text())["evaluation"]
    assert (evaluation["images"], evaluation["flips"], evaluation["gate"]) == (24, [], 0.002)
    assert (evaluation["preprocess"]["crop"], evaluation["preprocess"]["channels"]) == (16, "RGB")
    assert len(state.read_text().splitlines()) == 1 + 5
    assert "<html" in page.read_text()[:200]


def test_gate_failed_and_joined_to_an_earlier_report(models: Path, data: Path, tmp_path: Path) -> None:
    earlier = tmp_path / "earlier.json"
    earlier.write_text(json.dumps({"versions": {"made": "earlier"}}))
    done = run(models, data, *SMALL, "--join", earlier, "--json", "-", target="broken.py:Net")
    assert done.returncode == 1
    report = json.loads(done.stdout)
    assert report["versions"]["made"] == "earlier"
    assert not report["evaluation"]["passed"]
    assert "evaluation   failed" in done.stderr
    flip = report["evaluation"]["flips"][0]
    assert f"{flip['path']}: label {flip['label']}, source {flip['source_prediction']}, target " in done.stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param(("--mean", "0.5"), "three finite numbers", id="one mean"),
        pytest.param(("--std", "a,b,c"), "`a,b,c` cannot be read for --std", id="std is not numbers"),
        pytest.param(("--crop", "1x2x3"), "`1x2x3` is no size for --crop", id="crop of three sides"),
        pytest.param(("--crop", "300"), "larger than the resized short side 256", id="crop above resize"),
        pytest.param(("--batch-size", "0"), "at least one image", id="empty batches"),
        pytest.param(("--join", "nowhere.json"), "nowhere.json: cannot be read", id="no report to join"),
        pytest.param(("--join", __file__), "is not a report", id="join is not a report"),
        pytest.param(("--state", __file__), "is not a state file", id="state would overwrite a file"),
        pytest.param(("--data", "nowhere"), "nowhere: cannot be read", id="no data"),
        pytest.param(("--weights", "nowhere.pth", "--state", "s"), "nowhere.pth: cannot be read", id="no checkpoint"),
        pytest.param(("--nonsense",), "--nonsense", id="unknown option"),
    ],
)
def test_wrong_usage(models: Path, data: Path, options: tuple[str, ...], message: str) -> None:
    done = run(models, data, *options)
    assert done.returncode == 2, done.stderr
    assert message in done.stderr
    assert done.stdout == ""
