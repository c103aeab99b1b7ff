"""What the page on torchvision says of a run, on a report made by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import torchvision
from translator.models.inputs import DEFAULT, read_table
from translator.models.result import Builder, Outcome
from translator.report.models import Models, models_part

PASSED = Outcome(
    Builder("net", "models", "pkg.net:net()", "out.net:net()"), "passed", "passed",
    {"forward": "passed", "training": "passed"}, worst=2e-6, seconds=2.0, inputs=("1x3x64x64",), parameters=1234,
    need=2**31, peak=2**30,
)  # fmt: skip


def report(*outcomes: Outcome) -> Models:
    versions = {"torch": "2.13.0", "paddle": "3.3.1"}
    checks = ("forward", "training")
    return models_part(outcomes, "pkg", checks, versions=versions, seed=0, command="translate models pkg -o out")


def other(name: str, family: str, **values: object) -> Outcome:
    return replace(PASSED, builder=Builder(name, family, f"pkg.net:{name}()", f"out.net:{name}()"), **values)


FAILED = other(
    "det", "optical_flow", checks={"forward": "failed", "training": "does not apply: it wants targets"}, worst=0.5,
    reason="forward: 0.5 apart", source_line="pkg/net.py:4", output_line="out/net.py:5", peak=3 * 2**30,
)  # fmt: skip
DEAD = other("dead", "models", built="failed", loaded="not run", checks={"forward": "not run"}, worst=None)


def test_families_count_what_applies() -> None:
    lines = torchvision.families_table(report(PASSED, FAILED, DEAD)).splitlines()
    assert lines[2:] == [
        "| classification | 2 | 1/2 | 1/2 | 1/2 | 1/1 | 2.0e-06 | 4 |",
        "| optical flow | 1 | 1/1 | 1/1 | 0/1 | – | 5.0e-01 | 2 |",
        "| **all** | 3 | 2/3 | 2/3 | 1/3 | 1/1 | 5.0e-01 | 6 |",
    ]


def test_what_is_not_proven_has_a_line() -> None:
    found = report(PASSED, FAILED, DEAD)
    assert torchvision.left_text(found).splitlines() == [
        "- `dead`: built failed, loaded not run, forward not run",
        "- `det`: forward failed; `pkg/net.py:4` → `out/net.py:5`; forward: 0.5 apart",
    ]
    assert torchvision.left_text(report(PASSED)) == "None: all 1 are proven."
    assert torchvision.exempt_text(found) == "- training: it wants targets: det"


def test_every_builder_has_a_row() -> None:
    row = torchvision.builders_table(report(PASSED)).splitlines()[2]
    assert row == "| net | 1x3x64x64 | 1,234 | ok | ok | ok | ok | 2.0e-06 | 2.0 | 1.0 |"


def test_memory_of_the_largest() -> None:
    text = torchvision.run_text(report(PASSED, FAILED))
    assert "at most 3.0 GB in both processes together, for `det`; 1 of 2 took more" in text
    assert "torch 2.13.0, paddle 3.3.1" in text


def test_a_page_of_its_own_leaves_the_page(tmp_path: Path) -> None:
    before = torchvision.PAGE.read_bytes()
    torchvision.write_page(report(PASSED), tmp_path / "part.md")
    assert "| net | 1x3x64x64 |" in (tmp_path / "part.md").read_text()
    assert torchvision.PAGE.read_bytes() == before


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("resnet18", ["1x3x64x64"], id="default"),
        pytest.param("raft_small", ["1x3x128x128"] * 2, id="two images"),
        pytest.param("maskrcnn_resnet50_fpn", ["[3x128x160,3x100x120]"], id="a list of images"),
    ],
)
def test_the_inputs(name: str, expected: list[str]) -> None:
    table = read_table(torchvision.INPUTS)
    found = table.find(name)
    assert found is not None
    assert [str(one) for one in found] == expected
    assert DEFAULT in table.stated
