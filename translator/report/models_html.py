"""The table of all builders as one HTML page without script: it links each builder's own report and opens offline."""

from __future__ import annotations

from markupsafe import Markup

from translator.report.html import ICONS, asset, environment
from translator.report.models import Model, Models
from translator.report.models_text import count, memory

WORSE = ("failed", "suspect", "not run")
SHOWN = ICONS | {"does not apply": "·"}


def render(found: Models) -> str:
    """The whole page; what is not proven stands first."""
    templates = environment()
    templates.filters["foldable"] = foldable
    return templates.get_template("models.html.j2").render(
        found=found,
        verdict=verdict(found),
        missing=[model for model in found.models if not model.proven],
        families=[(family, models, found.families[family]) for family, models in found.by_family().items()],
        reused=sum(model.is_reused for model in found.models),
        seconds=sum(model.seconds for model in found.models),
        icons=SHOWN,
        count=count,
        memory=memory,
        worst=worst,
        style=Markup(asset("report.css") + asset("models.css")),  # noqa: S704 - files of this package
    )


def verdict(found: Models) -> tuple[str, str]:
    """The status of the whole run, and the headline."""
    if found.models and all(model.proven for model in found.models):
        return "passed", "Proven"
    states = {stage.status for model in found.models for stage in model.stages.values()}
    if states & {"failed", "suspect"}:
        return "failed", "Not proven"
    return "not run", "Nothing ran" if not found.models else "Incomplete"


def worst(model: Model) -> str:
    """The column that stands for a builder that is not proven: one that failed before one that did not run."""
    bad = {state: name for name, stage in reversed(model.stages.items()) if (state := stage.status) in WORSE}
    return next((bad[state] for state in WORSE if state in bad), "")


def foldable(name: str) -> Markup:
    """A name that may be folded behind its underscores."""
    return Markup("_<wbr>").join(name.split("_"))
