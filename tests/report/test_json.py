"""The published shape: what is written fits its schema and is read back unchanged."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from translator.core import ConfigError, Counts
from translator.report import jsonfile, model

jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")


def written(report: model.Report) -> Any:
    return json.loads(jsonfile.render(report))


def test_fits_its_schema(reports: ModuleType) -> None:
    schema = model.schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    for report in (reports.report(), reports.report(14), model.Report()):
        jsonschema.validate(written(report), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**written(reports.report()), "proven": "yes"}, schema)


def test_read_back_unchanged(reports: ModuleType, tmp_path: Path) -> None:
    report = reports.report(14)
    file = tmp_path / "report.json"
    file.write_text(jsonfile.render(report))
    assert jsonfile.read(file) == report


def test_numbers_that_json_lacks(reports: ModuleType) -> None:
    odd = reports.layers(3)[0].model_copy(
        update={"max_abs": float("nan"), "mean_abs": float("inf"), "verdict": "failed"}
    )
    check = model.Check(name="layers", status="failed", comparisons=(odd,))
    report = reports.report(verification=reports.verification().model_copy(update={"checks": (check,)}))
    found = written(report)["verification"]["checks"][0]["comparisons"][0]
    assert (found["max_abs"], found["mean_abs"]) == ("NaN", "Infinity")
    jsonschema.validate(written(report), model.schema())
    again = model.Report.model_validate_json(jsonfile.render(report)).verification
    assert again is not None
    assert again.checks[0].comparisons[0].mean_abs == float("inf")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(b"{", "is not a report", id="truncated"),
        pytest.param(b'{"versions": 3}', "is not a report: versions: ", id="the field is named"),
    ],
)
def test_no_report(content: bytes, said: str, tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    file.write_bytes(content)
    with pytest.raises(ConfigError, match=said):
        jsonfile.read(file)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        jsonfile.read(tmp_path / "none.json")


def status(report: model.Report) -> dict[str, str]:
    return {line.name: line.status for line in report.certificate}


def test_what_did_not_run_is_never_ok() -> None:
    report = model.Report()
    assert set(status(report).values()) == {"not run"}
    assert not report.proven


def test_proven_needs_every_stage_that_ran(reports: ModuleType) -> None:
    assert reports.report().proven
    left = reports.translation(counts=Counts(2, 1, 0, {"T301": 1}))
    assert not reports.report(translations=(model.Translation.model_validate(left),)).proven
    assert not reports.report(evaluation=reports.evaluation(flips=5)).proven
    assert not reports.report(verification=None).proven
    assert not reports.report(fault=3).proven


def test_a_suspect_check_is_not_proven(reports: ModuleType) -> None:
    proof = reports.verification()
    suspect = proof.checks[0].model_copy(update={"status": "suspect", "reason": "30 times the noise"})
    report = reports.report(verification=proof.model_copy(update={"checks": (suspect, *proof.checks[1:])}))
    assert status(report)["forward"] == "suspect"
    assert not report.proven


def test_top5_of_few_classes_is_left_out(reports: ModuleType) -> None:
    few = reports.evaluation(0).model_copy(
        update={"source": model.Accuracy(top1=0.9, top5=None), "difference_top5": None}
    )
    detail = next(line.detail for line in reports.report(evaluation=few).certificate if line.name == "evaluation")
    assert "top-1" in detail
    assert "top-5" not in detail
