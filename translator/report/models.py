"""The table of all builders of a package: its published shape, and how it is made from what a run found.

A column counts the builders that passed against those that it applies to: a model that cannot be trained without
targets is not among the latter, and one whose check did not run for a failure is.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, computed_field

from translator.core import Translation
from translator.files import write_atomically
from translator.models.result import NOT_APPLICABLE, Builder, Outcome
from translator.project.discover import file_of
from translator.report import gather, html, jsonfile
from translator.report.model import Measure, Part, Report
from translator.verify.result import Verification
from translator.workers.entry import package_of, parse_entry

Status = Literal["passed", "failed", "suspect", "not run", "does not apply"]
STAGES = ("built", "loaded")
TAKEN = ("index", "models")  # names of the run's own files


class Stage(Part):
    """One column of one builder; ``why`` says why it does not apply."""

    status: Status
    why: str = ""


class Model(Part):
    """One builder: every column, the worst error of its output, and what is to be said.

    ``seconds`` and the memory, in bytes of both processes together, are those of the run that verified it.
    """

    name: str
    family: str
    source: str
    target: str
    stages: dict[str, Stage] = Field(description="built, loaded, then the checks that were asked for")
    proven: bool
    worst: Measure | None = Field(None, description="largest absolute difference of the forward's outputs")
    seconds: float = 0.0
    reason: str = Field("", description="what failed first, or what was measured")
    source_line: str = Field("", description="the line of the source where the first fault is")
    output_line: str = ""
    report: str = Field("", description="file of the model's own report, beside this one")
    is_reused: bool = Field(False, description="an earlier run proved it, and nothing changed since")
    inputs: tuple[str, ...] = ()
    parameters: int = 0
    memory_expected: int = 0
    memory_peak: int = 0

    @property
    def is_underestimated(self) -> bool:
        """Whether it took more memory than was set aside for it."""
        return 0 < self.memory_expected < self.memory_peak


class Total(Part):
    """Of one column: how many builders passed, and how many it applies to."""

    passed: int
    applies: int

    def __str__(self) -> str:
        return f"{self.passed}/{self.applies}" if self.applies else "–"


class Models(Part):
    """What ``translate models`` found; builders are sorted by family and name."""

    format: Literal["translator-models-1"] = "translator-models-1"
    command: str = Field("", description="the command line that gives this report again")
    package: str
    checks: tuple[str, ...]
    models: tuple[Model, ...]
    versions: dict[str, str] = Field(default_factory=dict)
    seed: int = 0

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns that say whether something passed."""
        return (*STAGES, *self.checks)

    @computed_field(description="of each column, over all builders")  # type: ignore[prop-decorator]
    @property
    def totals(self) -> dict[str, Total]:
        """Of each column, over all builders."""
        return totals(self.columns, self.models)

    @computed_field(description="of each column, by family")  # type: ignore[prop-decorator]
    @property
    def families(self) -> dict[str, dict[str, Total]]:
        """Of each column, by family."""
        return {family: totals(self.columns, members) for family, members in self.by_family().items()}

    @computed_field(description="how many builders passed in every column that applies")  # type: ignore[prop-decorator]
    @property
    def proven(self) -> int:
        """How many builders passed in every column that applies."""
        return sum(model.proven for model in self.models)

    def inapplicable(self) -> dict[tuple[str, str], list[str]]:
        """Names of the builders that a column does not apply to, by the column and the reason."""
        found: dict[tuple[str, str], list[str]] = {}
        for model in self.models:
            for column, stage in model.stages.items():
                if stage.status == "does not apply":
                    found.setdefault((column, stage.why), []).append(model.name)
        return found

    def by_family(self) -> dict[str, list[Model]]:
        """The builders of each family."""
        found: dict[str, list[Model]] = {}
        for model in self.models:
            found.setdefault(model.family, []).append(model)
        return found


def totals(columns: Iterable[str], models: Sequence[Model]) -> dict[str, Total]:
    """Passed against applies, by column."""
    found = {}
    for column in columns:
        states = [model.stages[column].status for model in models if column in model.stages]
        found[column] = Total(passed=states.count("passed"), applies=len(states) - states.count("does not apply"))
    return found


def models_part(
    outcomes: Sequence[Outcome],
    package: str,
    checks: Sequence[str],
    *,
    versions: Mapping[str, str],
    seed: int,
    command: str,
) -> Models:
    """The report of a run."""
    listed = sorted(outcomes, key=lambda outcome: (outcome.builder.family, outcome.builder.name))
    return Models(
        command=command,
        package=package,
        checks=tuple(checks),
        models=tuple(map(model_part, listed)),
        versions=dict(versions),
        seed=seed,
    )


def model_part(found: Outcome) -> Model:
    """One row."""
    states = {"built": found.built, "loaded": found.loaded, **found.checks}
    return Model(
        name=found.builder.name,
        family=found.builder.family,
        source=entry(found.builder.source),
        target=entry(found.builder.target),
        stages={name: stage(state) for name, state in states.items()},
        proven=found.proven,
        memory_expected=found.need,
        memory_peak=found.peak,
        **{
            name: getattr(found, name)
            for name in ("worst", "seconds", "reason", "source_line", "output_line", "report", "is_reused", "inputs")
        },
        parameters=found.parameters,
    )


def stage(state: str) -> Stage:
    """A status as an outcome has it: ``passed``, or ``does not apply: the model wants targets``."""
    if state.startswith(NOT_APPLICABLE):
        return Stage(status="does not apply", why=state.removeprefix(NOT_APPLICABLE))
    return Stage.model_validate({"status": state})


def entry(text: str) -> str:
    """An ENTRY as it is on every machine: a file of a package by its place in that."""
    place = parse_entry(text).place
    path = Path(place)
    package = package_of(path) if place.endswith(".py") else None
    if package is not None:
        return text.replace(place, path.resolve().relative_to(package[0].resolve()).as_posix(), 1)
    return text.replace(place, path.name, 1) if path.is_absolute() else text


def render_json(report: Models) -> str:
    """One JSON object that ends with a newline."""
    return report.model_dump_json(indent=1) + "\n"


def models_schema() -> dict[str, Any]:
    """The JSON Schema of what :func:`render_json` writes."""
    return Models.model_json_schema(mode="serialization")


def saver(proof: Path, translations: Mapping[Path, Translation]) -> Callable[[Builder, Verification], str]:
    """What writes the report of one builder into the folder of the proofs, as a page and as JSON.

    Args:
        translations: by resolved path of the source file.
    """

    def save(builder: Builder, found: Verification) -> str:
        file = file_of(parse_entry(found.source).place)
        report = report_of(found, translations.get(file.resolve()) if file is not None else None)
        name = f"{builder.name}-model" if builder.name in TAKEN else builder.name
        write_atomically(proof / f"{name}.json", jsonfile.render(report, is_short=True))
        write_atomically(proof / f"{name}.html", html.render(report, is_short=True))
        return f"{name}.html"

    return save


def report_of(found: Verification, translation: Translation | None) -> Report:
    """The report of one verification, as ``translate verify`` gives it."""
    return Report(
        command=command_of(found),
        weights=gather.weights_part(found.weight_map),
        verification=gather.verification_part(found),
        translations=(gather.translation_part(translation, found),) if translation is not None else (),
        versions=gather.versions_of(found.versions),
    )


def command_of(found: Verification) -> str:
    """The command line that runs one verification again."""
    inputs = [word for one in found.inputs for word in ("--input", str(one))]
    checks = ",".join(check.name for check in found.checks)
    asked = ["--checks", checks, "--seed", str(found.seed)]
    return shlex.join(["translate", "verify", found.source, found.target, *inputs, *asked])
