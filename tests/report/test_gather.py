"""What runs found becomes the report: real dataclasses in, published parts out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from translator.core import Position
from translator.report import gather, jsonfile, model
from translator.verify.compare import Comparison
from translator.verify.inputs import Input
from translator.verify.result import Blame, CheckResult, Verification
from translator.weights.mapping import Step, WeightMap
from translator.weights.ops import parse_operation

STEPS = (
    Step(
        "fc.weight", ("fc.weight",), parse_operation("transpose"), (10, 512), "float32", "torch.nn.Linear", "l.yaml:8"
    ),
    Step("qkv", ("q", "k", "v"), parse_operation("split q k v"), (12, 4), "float32"),
    Step("bn.steps", (), parse_operation("drop"), (), "int64"),
)


@pytest.fixture
def found(reports: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Verification:
    """A failed verification of files that exist, in the current folder; positions are absolute, as blame gives them."""
    monkeypatch.chdir(tmp_path)
    Path("fire.py").write_text(reports.translation().source)
    Path("out.py").write_text(reports.translation().text)
    layer = Comparison("ones", "features", "Fire", (1,), (1,), "float32", 0.3, 0.1, 0.2, 1.0, None, 1e-4, "own", "odd")
    here, there = (Position(str(tmp_path / name), 13, 0, 13, 0) for name in ("fire.py", "out.py"))
    return Verification(
        source="fire.py:Fire",
        target="out.py:Fire",
        versions={"source": {"torch": "2", "python": "3.11"}, "target": {"paddle": "3", "python": "3.12"}},
        devices={"source": "cpu", "target": "cpu"},
        inputs=(Input((1, 3, 8, 8)),),
        seed=0,
        weights="random",
        checks=(CheckResult("layers", "failed", "features differs", (layer,)),),
        weight_map=WeightMap(STEPS),
        blame=Blame("features", "Fire", here, there, "torch.nn.Conv2d", "l.yaml:4", "why"),
    )


def test_weights() -> None:
    steps = gather.weights_part(WeightMap(STEPS)).steps
    assert [(s.sources, s.targets, s.operation, s.source_shapes, s.target_shapes) for s in steps] == [
        (("fc.weight",), ("fc.weight",), "transpose", ((10, 512),), ((512, 10),)),
        (("qkv",), ("q", "k", "v"), "split q k v", ((12, 4),), ((4, 4), (4, 4), (4, 4))),
        (("bn.steps",), (), "drop", ((),), ()),
    ]
    assert steps[0].reason == "torch.nn.Linear (l.yaml:8)"


def test_versions_of_both_sides(found: Verification) -> None:
    expected = {"torch": "2", "python (source)": "3.11", "paddle": "3", "python (target)": "3.12"}
    assert gather.versions_of(found.versions) == expected


def test_blame_shows_the_code_of_the_files_that_ran(found: Verification) -> None:
    Path("out.py").write_text(Path("out.py").read_text().replace("padding=1", "padding=2"))
    blame = gather.verification_part(found).blame
    assert blame is not None
    assert (str(blame.source_position), str(blame.output_position)) == ("fire.py:13", "out.py:13")
    assert "kernel_size=3, padding=1" in blame.source_code
    assert "kernel_size=3, padding=2" in blame.output_code


def test_blame_in_a_file_that_is_gone(found: Verification) -> None:
    Path("out.py").unlink()
    blame = gather.verification_part(found).blame
    assert blame is not None
    assert blame.output_code == ""


def test_no_blame(found: Verification) -> None:
    assert gather.verification_part(replace(found, blame=None)).blame is None


def test_an_edited_output_is_the_one_that_is_shown(found: Verification, reports: ModuleType) -> None:
    translation = reports.translation()
    assert gather.translation_part(translation, found).text == translation.text
    edited = "# by hand\n" + translation.text
    Path("out.py").write_text(edited)
    part = gather.translation_part(translation, found)
    assert part.text == edited
    assert part.line_map == (0, *translation.line_map)


def test_a_target_that_is_no_file(found: Verification, reports: ModuleType) -> None:
    part = gather.translation_part(reports.translation(), replace(found, target="package.module:Fire"))
    assert part.text == reports.translation().text


def test_the_whole_is_written_and_read_back(found: Verification, tmp_path: Path) -> None:
    report = model.Report(verification=gather.verification_part(found), weights=gather.weights_part(found.weight_map))
    (tmp_path / "r.json").write_text(jsonfile.render(report))
    assert jsonfile.read(tmp_path / "r.json") == report
    assert report.verification is not None
    assert report.verification.checks[0].comparisons[0].note == "odd"
    assert not report.proven
