"""The certificate: one line a stage of the chain, saying passed, failed, suspect or not run, and on what figures."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from translator.core import Severity, total
from translator.report.text import counts_line

if TYPE_CHECKING:
    from translator.report.model import Check, Comparison, Evaluation, Report, Translation, Weights

Status = Literal["passed", "failed", "suspect", "not run"]
CHECKS = ("forward", "layers", "backward", "training")


@dataclass(frozen=True, slots=True)
class Line:
    """One stage of the chain: what was asked of it, how it went, and the figures."""

    name: str
    status: Status
    detail: str


def lines(report: Report) -> tuple[Line, ...]:
    """The stages in the order of the chain; a stage that did not run is listed as such, never left out."""
    found = {check.name: check for check in report.verification.checks} if report.verification else {}
    names = [*CHECKS, *(name for name in found if name not in CHECKS)]
    return (
        _translation(report.translations),
        _weights(report.weights),
        *(_check(name, found.get(name)) for name in names),
        _evaluation(report.evaluation),
    )


def _translation(translations: tuple[Translation, ...]) -> Line:
    if not translations:
        return Line("translation", "not run", "")
    counts = total(one.counts for one in translations)
    lost = any(d.severity is Severity.ERROR for one in translations for d in one.diagnostics)
    return Line("translation", "failed" if lost or any(counts.left.values()) else "passed", counts_line(counts))


def _weights(weights: Weights | None) -> Line:
    if weights is None:
        return Line("weights", "not run", "")
    kinds = Counter(step.operation.split(" ")[0].split("(")[0] for step in weights.steps)
    operations = ", ".join(f"{kind} {number}" for kind, number in kinds.most_common())
    tensors = sum(len(step.sources) for step in weights.steps)
    return Line("weights", "passed", f"{tensors} tensors mapped ({operations})" if tensors else "the model has none")


def _check(name: str, check: Check | None) -> Line:
    if check is None:
        return Line(name, "not run", "")
    said = [check.reason] if check.reason else []
    return Line(name, check.status, "; ".join([*said, *([_errors(check.comparisons)] if check.comparisons else [])]))


def _errors(comparisons: tuple[Comparison, ...]) -> str:
    """How many are not ok, or else which one is nearest to its limit."""
    verdicts = Counter(comparison.verdict for comparison in comparisons)
    if set(verdicts) != {"ok"}:
        return ", ".join(f"{count} {verdict}" for verdict, count in verdicts.most_common())
    worst = max(comparisons, key=badness)
    place = worst.path or "the model's output"
    return f"nearest to its limit: {place}, {number(worst.max_abs)} of {number(worst.limit)}"


def badness(comparison: Comparison) -> float:
    """Error in units of its limit; what could not be measured, or is not a number, is worst."""
    if comparison.max_abs is None or math.isnan(comparison.max_abs):
        return math.inf
    return comparison.max_abs / comparison.limit if comparison.limit else comparison.max_abs


def _evaluation(evaluation: Evaluation | None) -> Line:
    if evaluation is None:
        return Line("evaluation", "not run", "")
    pairs = [
        ("top-1", evaluation.source.top1, evaluation.target.top1, evaluation.difference_top1),
        ("top-5", evaluation.source.top5, evaluation.target.top5, evaluation.difference_top5),
    ]
    known = [(name, a, b, d) for name, a, b, d in pairs if a is not None and b is not None and d is not None]
    figures = ", ".join(f"{name} {a:.2%} and {b:.2%} (difference {d:.2%})" for name, a, b, d in known)
    detail = (
        f"{figures}, gate {evaluation.gate:.2%}, {len(evaluation.flips)} of {evaluation.images} predictions flipped"
    )
    return Line("evaluation", "passed" if evaluation.passed else "failed", detail.replace("%", " %"))


def number(value: float | None) -> str:
    """An error as people read it: ``3.1e-07``, ``0``, ``NaN``; a dash where nothing was measured."""
    if value is None:
        return "-"
    if math.isnan(value):
        return "NaN"
    return "0" if value == 0 else f"{value:.1e}"
