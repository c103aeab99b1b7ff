"""The error of every layer as a picture: one SVG element to stand inside the page, its colours the page's own."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
from markupsafe import escape
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from translator.report.model import Comparison

# Placeholders that become the page's CSS variables, so that the picture follows its light or dark scheme.
INK, FAINT = "#010101", "#010102"
COLOURS = {"ok": "#010103", "inherited": "#010104", "suspect": "#010105", "own": "#010106", "failed": "#010107"}
LONGEST_NAME = 40
MARKERS = {"ok": "o", "inherited": "^", "suspect": "s", "own": "D", "failed": "X"}
SETTINGS: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "layers",
    "font.family": "sans-serif",
    "font.size": 10,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": FAINT,
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
}


def errors(comparisons: Sequence[Comparison], links: Sequence[str], *, title: str) -> str:
    """Max abs error by layer on a log scale, coloured by verdict, with the limit and the float32 noise.

    Args:
        comparisons: the layers in execution order; one without a finite error stands at the top edge.
        links: for each comparison the fragment that a click on its point goes to, e.g. ``#layer-3``.
        title: what the picture shows, for people who cannot see it.

    Returns:
        An ``<svg>`` element, the same bytes for the same input.
    """
    with mpl.rc_context(SETTINGS):
        figure = Figure(figsize=(11, 3.4), layout="constrained")
        figure.patch.set_alpha(0)
        axes = figure.add_subplot()
        _draw(axes, comparisons, links)
        buffer = io.StringIO()
        FigureCanvasSVG(figure)
        nothing: Any = dict.fromkeys(["Date", "Creator", "Format", "Type"])
        figure.savefig(buffer, format="svg", metadata=nothing)
    return _for_page(buffer.getvalue(), title)


def _draw(axes: Axes, comparisons: Sequence[Comparison], links: Sequence[str]) -> None:
    low, high = _range(comparisons)
    axes.patch.set_alpha(0)
    axes.set_yscale("log")
    axes.set_ylim(low / 3, high * 30)
    axes.set_xlim(-0.02 * len(comparisons) - 0.5, 1.02 * len(comparisons) - 0.5)
    axes.minorticks_off()
    axes.set_ylabel("max abs error")
    axes.set_xlabel("layers in execution order")
    axes.grid(axis="y", color=FAINT, linewidth=0.5, alpha=0.5)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    _line(axes, [c.limit for c in comparisons], COLOURS["own"], "--", "limit")
    _line(axes, [c.noise for c in comparisons], INK, ":", "float32 noise")
    _points(axes, comparisons, links, low, high)
    _names(axes, comparisons)
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=7, handletextpad=0.4, columnspacing=1.4)


def _range(comparisons: Sequence[Comparison]) -> tuple[float, float]:
    values = [v for c in comparisons for v in (c.max_abs, c.noise, c.limit) if v is not None and 0 < v < math.inf]
    low = max(min(values, default=1e-8), 1e-16)
    return low, max(max(values, default=1e-4), low * 100)


def _line(axes: Axes, values: Sequence[float | None], colour: str, style: str, label: str) -> None:
    drawn = [v or math.nan for v in values]
    if all(math.isnan(v) for v in drawn):
        return
    if len(set(drawn)) == 1:
        axes.axhline(drawn[0], color=colour, linestyle=style, linewidth=1, label=label)
        return
    axes.plot(drawn, color=colour, linestyle=style, linewidth=1, drawstyle="steps-mid", label=label)


def _points(axes: Axes, comparisons: Sequence[Comparison], links: Sequence[str], low: float, high: float) -> None:
    size = 46 if len(comparisons) <= 80 else 24 if len(comparisons) <= 300 else 12
    for verdict, marker in MARKERS.items():
        chosen = [i for i, c in enumerate(comparisons) if c.verdict == verdict]
        if not chosen:
            continue
        heights = [_height(comparisons[i].max_abs, low, high) for i in chosen]
        big = size * (1 if verdict == "ok" else 1.5)
        points = axes.scatter(
            chosen, heights, s=big, marker=marker, color=COLOURS[verdict], label=verdict, clip_on=False
        )
        points.set_urls([links[i] for i in chosen])
        points.set_zorder(3 + list(MARKERS).index(verdict))


def _height(error: float | None, low: float, high: float) -> float:
    if error is None or not math.isfinite(error):
        return high * 2
    return max(error, low / 2)


def _names(axes: Axes, comparisons: Sequence[Comparison]) -> None:
    """Name the layers under the axis where they fit, and always the first one that went wrong."""
    total = len(comparisons)
    if total <= 40:
        axes.set_xticks(
            range(total), [_name(c) for c in comparisons], rotation=50, ha="right", fontsize=8, parse_math=False
        )
        axes.set_xlabel("")
    first = next((i for i, c in enumerate(comparisons) if c.verdict in ("own", "failed", "suspect")), None)
    if first is None:
        return
    colour = COLOURS[comparisons[first].verdict]
    axes.axvline(first, color=colour, linewidth=6, alpha=0.18, zorder=0)
    side = "left" if first < total / 2 else "right"
    text = f"  {_name(comparisons[first])}  "
    top = axes.get_ylim()[1]
    axes.text(first, top, text, color=colour, ha=side, va="top", fontweight="bold", parse_math=False)


def _name(comparison: Comparison) -> str:
    name = comparison.path or comparison.class_name or comparison.name
    return name if len(name) <= LONGEST_NAME else f"…{name[-LONGEST_NAME:]}"


def _for_page(svg: str, title: str) -> str:
    """The element alone: no XML prolog, sized by its place, colours from the page's variables."""
    element = svg[svg.index("<svg") :]
    names = {INK: "ink", FAINT: "line"} | {colour: verdict for verdict, colour in COLOURS.items()}
    for colour, name in names.items():
        element = element.replace(colour, f"var(--{name})")
    element = re.sub(r' target="_blank">\s*', ">", element)  # a link leads to a row of the page
    head, body = element.split(">", 1)
    box = head[head.index('viewBox="') :].split('"')[1]
    return f'<svg viewBox="{box}" role="img" aria-label="{escape(title)}">{body}'
