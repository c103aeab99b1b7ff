"""The report as one HTML page that opens offline: no file beside it, no address outside it, no script but its own."""

from __future__ import annotations

import base64
import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources

import jinja2
from markupsafe import Markup

from translator.report import certificate, code, plot
from translator.report.model import Blame, Check, Comparison, Report
from translator.report.text import lines_of

ICONS = {"passed": "✓", "failed": "✕", "suspect": "?", "not run": "–"}
UNORDERED = ("backward", "training")  # worst first, or steps: no picture of how an error grows
VERDICTS = ("ok", "inherited", "suspect", "own", "failed")


@dataclass(frozen=True, slots=True)
class Layer:
    """One row of the layers table."""

    anchor: str
    check: str
    found: Comparison
    fill: int

    @property
    def times_noise(self) -> float | None:
        """The error in units of the source's own float32 noise; None when either is not known."""
        error, noise = self.found.max_abs, self.found.noise
        return None if error is None or not noise else error / noise


@dataclass(frozen=True, slots=True)
class Quote:
    """A place in a file with the code that stands there; ``link`` leads to its line on the page."""

    label: str
    place: str
    code: Markup | None
    link: str


def render(report: Report, *, is_short: bool = False) -> str:
    """The whole page.

    Args:
        is_short: of each layer of a check that passed show the comparison nearest to its limit only; the JSON that
            lies beside the page has all of them.

    Everything that comes from the report is escaped, and a content security policy admits this page's own script only,
    by its hash: code that a source file smuggles in would not run.
    """
    script = asset("report.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    blame = report.verification.blame if report.verification else None
    rules = code.Rules()
    files = [code.file(one, number, rules, blame) for number, one in enumerate(report.translations)]
    layers = _layers(report, is_short=is_short)
    page = environment().get_template("report.html.j2")
    return page.render(
        report=report,
        title=_title(report),
        verdict=_verdict(report),
        icons=ICONS,
        blame=blame,
        blamed_layer=_blamed_layer(layers, blame),
        quotes=_quotes(blame, files) if blame else [],
        plots=_plots(report, layers),
        compared=_compared(report),
        layers=layers,
        files=files,
        rules=list(rules.values()),
        style=Markup(asset("report.css")),  # noqa: S704 - a file of this package
        script=Markup(script),  # noqa: S704 - a file of this package
        digest=digest,
    )


def asset(name: str) -> str:
    """A file of the page."""
    return resources.files("translator.report").joinpath("page", name).read_text(encoding="utf-8")


def environment() -> jinja2.Environment:
    """Templates of this package; all that they show is escaped."""
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(asset),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(number=certificate.number, shape=_shape, sortable=_sortable, percent=_percent)
    return environment


def _title(report: Report) -> str:
    if report.verification:
        return f"{report.verification.source} → {report.verification.target}"
    paths = [one.path for one in report.translations]
    return paths[0] if len(paths) == 1 else f"{len(paths)} files" if paths else "report"


def _verdict(report: Report) -> tuple[str, str, str]:
    """The status, the headline and the sentence under it."""
    stages = {status: [line.name for line in report.certificate if line.status == status] for status in ICONS}
    missing = f" Not run: {', '.join(stages['not run'])}." if stages["not run"] else ""
    if stages["failed"] or stages["suspect"]:
        said = [f"{status}: {', '.join(stages[status])}" for status in ("failed", "suspect") if stages[status]]
        headline = "Not proven" if report.verification or report.evaluation else "Incomplete"
        return ("failed" if stages["failed"] else "suspect"), headline, "; ".join(said).capitalize() + "." + missing
    if report.proven:
        return "passed", "Proven", f"Passed: {', '.join(stages['passed'])}.{missing}"
    return "not run", "Not verified", f"No check compared the two models.{missing}"


def _compared(report: Report) -> int:
    """How many arrays were compared."""
    return sum(len(check.comparisons) for check in report.verification.checks) if report.verification else 0


def _layers(report: Report, *, is_short: bool = False) -> list[Layer]:
    checks = report.verification.checks if report.verification else ()
    found = [
        (check.name, comparison)
        for check in checks
        for comparison in (_nearest(check.comparisons) if is_short and check.status == "passed" else check.comparisons)
    ]
    return [
        Layer(f"layer-{n}", name, comparison, fill(comparison.max_abs, comparison.limit))
        for n, (name, comparison) in enumerate(found)
    ]


def _nearest(comparisons: Sequence[Comparison]) -> list[Comparison]:
    """Of each layer the comparison that is nearest to its limit, in execution order."""
    found: dict[str, Comparison] = {}
    for comparison in comparisons:
        known = found.get(comparison.path)
        if known is None or certificate.badness(comparison) > certificate.badness(known):
            found[comparison.path] = comparison
    return list(found.values())


def fill(max_abs: float | None, limit: float | None) -> int:
    """How far an error reaches towards its limit, in percent of eight decades; 100 at the limit and above."""
    if max_abs is None or not math.isfinite(max_abs):
        return 100
    if not max_abs or not limit:
        return 0
    decades = math.log10(max_abs) - math.log10(limit)  # their quotient may be too small for a float
    return round(max(0.0, min(1.0, 1 + decades / 8)) * 100)


def _blamed_layer(layers: Sequence[Layer], blame: Blame | None) -> str:
    """The anchor of the blamed layer's row, the one at fault where it was compared several times; empty if none."""
    rows = [layer for layer in layers if blame and layer.found.path == blame.path]
    at_fault = [layer for layer in rows if layer.found.verdict in ("own", "failed", "suspect")]
    return next((layer.anchor for layer in [*at_fault, *rows]), "")


def _plots(report: Report, layers: Sequence[Layer]) -> list[tuple[str, Markup]]:
    """One picture for each check of several layers: of each layer its worst comparison, in execution order."""
    checks: tuple[Check, ...] = report.verification.checks if report.verification else ()
    out = []
    for check in checks:
        worst: dict[str, Layer] = {}
        for layer in layers:
            path = layer.found.path or layer.found.class_name or layer.found.name
            if (
                layer.check == check.name
                and check.name not in UNORDERED
                and (path not in worst or _severity(layer) > _severity(worst[path]))
            ):
                worst[path] = layer
        if len(worst) > 2:
            title = f"{check.name}: max abs error of {len(worst)} layers, log scale; the table below has every figure"
            rows = worst.values()
            svg = plot.errors([row.found for row in rows], [f"#{row.anchor}" for row in rows], title=title)
            out.append((check.name, Markup(svg)))  # noqa: S704 - drawn here, its texts escaped
    return out


def _severity(layer: Layer) -> tuple[int, float]:
    """What to show first of several comparisons: the worse verdict, then the larger error."""
    error = layer.found.max_abs
    return VERDICTS.index(layer.found.verdict), math.inf if error is None or math.isnan(error) else error


def _quotes(blame: Blame, files: Sequence[code.File]) -> list[Quote]:
    """The blamed line in the source and in the output, each linked to its line on the page when it stands there."""
    file = next((file for file in files if code.is_in(blame.source_position, file.translation)), None)
    out = []
    for label, side, place, line in (
        ("source", "s", blame.source_position, blame.source_code),
        ("output", "o", blame.output_position, blame.output_code),
    ):
        if place is None:
            continue
        text = file.translation.source if file and side == "s" else file.translation.text if file else ""
        lines = lines_of(text)
        shown = lines[place.line - 1] if 1 <= place.line <= len(lines) else ""
        link = f"#{file.anchor}-{side}{place.line}" if file and shown and shown == (line or shown) else ""
        found = line or (shown if side == "s" else "")
        out.append(Quote(label, str(place), code.quoted(found) if found else None, link))
    return out


def _shape(shape: Sequence[int] | None) -> str:
    return "–" if shape is None else " × ".join(map(str, shape)) or "scalar"


def _sortable(value: float | None) -> str:
    """A number as the page's script compares it: not a number is the largest, not measured the smallest."""
    if value is None:
        return "-1"
    return "1e999" if math.isnan(value) else f"{value:.4g}"


def _percent(share: float) -> str:
    return f"{share * 100:.2f} %"
