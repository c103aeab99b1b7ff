"""The table of all builders of a package as plain text: a block for each family, then the sums."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from translator.models.memory import GIB
from translator.models.result import Outcome
from translator.report.certificate import number
from translator.report.models import Model, Models, Total, model_part

WORDS = {"passed": "ok", "failed": "FAILED", "suspect": "SUSPECT", "not run": "not run", "does not apply": "–"}


def render(found: Models) -> str:
    """Every family with its builders, why one is not proven, and the sums; ends with a newline.

    Sums are what passed against what applies, never a lone percentage.
    """
    columns = found.columns
    head = ["", *columns, "worst", "seconds", ""]
    blocks = []
    for family, models in found.by_family().items():
        rows = [row(model, columns) for model in models]
        blocks.append((family, [*rows, sums(f"  {count(models)}", found.families[family], columns)], models))
    last = sums("all", found.totals, columns)
    widths = [
        max(map(len, cells)) for cells in zip(head, last, *(r for _, rows, _ in blocks for r in rows), strict=True)
    ]
    out = []
    for family, rows, models in blocks:
        out.append(aligned([family, *head[1:]], widths))
        for model, cells in zip(models, rows, strict=False):
            out += [aligned(cells, widths), *(f"      {line}" for line in said(model))]
        out += [aligned(rows[-1], widths), ""]
    out.append(aligned(last, widths))
    out.append(summary(found))
    unfit = [f"  {column}: {why}: {', '.join(names)}" for (column, why), names in found.inapplicable().items()]
    if unfit:
        out += ["does not apply:", *unfit]
    notes = [f"  {model.name}: {memory(model)}" for model in found.models if model.is_underestimated]
    if notes:
        out += ["more memory than expected:", *notes]
    return "\n".join(out) + "\n"


def row(model: Model, columns: Sequence[str]) -> list[str]:
    """The cells of one builder."""
    states = [WORDS[model.stages[c].status] if c in model.stages else "" for c in columns]
    reused = "reused" if model.is_reused else ""
    return [f"  {model.name}", *states, number(model.worst), f"{model.seconds:.1f}", reused]


def sums(name: str, totals: dict[str, Total], columns: Sequence[str]) -> list[str]:
    """The cells of a line of sums."""
    return [name, *(str(totals[column]) for column in columns), "", "", ""]


def aligned(cells: Sequence[str], widths: Sequence[int]) -> str:
    """A line: names and states to the left, the two figures to the right."""
    figures = (len(cells) - 3, len(cells) - 2)
    padded = (
        cell.rjust(w) if n in figures else cell.ljust(w) for n, (cell, w) in enumerate(zip(cells, widths, strict=True))
    )
    return "  ".join(padded).rstrip()


def said(model: Model) -> Iterable[str]:
    """What is to be said of a builder that is not proven, and the lines where it is at fault."""
    if not model.proven and model.reason:
        yield model.reason
    if model.source_line or model.output_line:
        yield " -> ".join(filter(None, (model.source_line, model.output_line)))


def count(models: Sequence[Model]) -> str:
    """How many there are, and how many of them are proven."""
    return f"{sum(model.proven for model in models)} of {len(models)} proven"


def summary(found: Models) -> str:
    """One line about the whole run."""
    reused = sum(model.is_reused for model in found.models)
    seconds = sum(model.seconds for model in found.models)
    again = f", {reused} of them reused from an earlier run" if reused else ""
    return f"{found.package}: {count(found.models)}{again}; {seconds:.0f} s of verification"


def memory(model: Model) -> str:
    """What a builder took against what was expected."""
    return f"{model.memory_peak / GIB:.1f} GB, {model.memory_expected / GIB:.1f} GB were expected"


def line(outcome: Outcome) -> str:
    """One builder as it is finished: name, verdicts, worst error, seconds, and why it is not proven."""
    model = model_part(outcome)
    states = ", ".join(f"{name} {WORDS[stage.status]}" for name, stage in model.stages.items())
    parts = [states, f"worst {number(model.worst)}", f"{model.seconds:.1f} s"]
    parts += ["reused"] * model.is_reused
    parts += [memory(model)] * model.is_underestimated
    parts += list(said(model))
    return f"{model.name}: {'; '.join(parts)}"
