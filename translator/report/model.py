"""The published shape of a report: what ``--json`` writes, what the HTML page shows, and the JSON Schema of both.

Every part but ``versions`` is optional: a run that only translated has no verification, and says so. Field names are
those of the dataclasses that the parts are read from (``translator.core``, ``verify``, ``weights``, ``evaluate``).
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema, computed_field

from translator.core import Certainty, Severity
from translator.report import certificate as stages_of

Measure = Annotated[
    float,
    WithJsonSchema({"anyOf": [{"type": "number"}, {"enum": ["NaN", "Infinity", "-Infinity"]}]}, mode="serialization"),
]
Verdict = Literal["ok", "own", "inherited", "suspect", "failed"]


class Part(BaseModel):
    """A piece of a report: frozen, and readable from any object with the same attributes."""

    model_config = ConfigDict(frozen=True, from_attributes=True, ser_json_inf_nan="strings")


class Position(Part):
    """A range of a file: lines count from 1, columns from 0, the end is exclusive; all 0 mean whole lines."""

    path: str
    line: int
    column: int = 0
    end_line: int = 0
    end_column: int = 0

    def __str__(self) -> str:
        column = f":{self.column + 1}" if self.column or self.end_column else ""
        return f"{self.path}:{self.line}{column}"


class Diagnostic(Part):
    """A fact about the source: what, where, which rule, what to do."""

    code: str
    severity: Severity
    position: Position
    message: str
    api: str = ""
    rule_origin: str = ""
    label: str = ""
    hint: str = ""


class Edit(Part):
    """One change: a range of the source, the rule that wrote it, and the output's lines."""

    position: Position
    api: str
    rule_origin: str
    certainty: Certainty
    output_line: int
    output_end_line: int


class Counts(Part):
    """Sites of the source framework; ``left`` counts the untranslated ones by diagnostic code."""

    sites: int = 0
    certain: int = 0
    assumed: int = 0
    left: dict[str, int] = Field(default_factory=dict)


class Translation(Part):
    """One source file: its text, the output's text, and what connects the two."""

    path: str
    source: str
    text: str
    diagnostics: tuple[Diagnostic, ...] = ()
    edits: tuple[Edit, ...] = ()
    counts: Counts = Counts()
    line_map: tuple[int, ...] = Field((), description="source line of each output line; 0 where it is new")
    helpers: tuple[str, ...] = ()


class WeightStep(Part):
    """How some tensors of the target come from some of the source; no targets when they are dropped."""

    sources: tuple[str, ...]
    targets: tuple[str, ...]
    operation: str
    reason: str = ""
    dtype: str = ""
    source_shapes: tuple[tuple[int, ...], ...] = ()
    target_shapes: tuple[tuple[int, ...], ...] = ()


class Weights(Part):
    """The weight mapping of one pair of models, in the source's order."""

    steps: tuple[WeightStep, ...]


class Comparison(Part):
    """One array of a check, in both models; ``path`` is empty for the whole model.

    ``noise`` is the source's own float32 error, ``limit`` what ``max_abs`` is judged by.
    """

    name: str
    path: str = ""
    class_name: str = ""
    source_shape: tuple[int, ...] | None = None
    target_shape: tuple[int, ...] | None = None
    dtype: str = ""
    max_abs: Measure | None = None
    mean_abs: Measure | None = None
    max_rel: Measure | None = None
    scale: Measure | None = None
    noise: Measure | None = None
    limit: Measure | None = None
    verdict: Verdict
    note: str = ""
    values: tuple[Measure, Measure] | None = Field(None, description="of the two sides, where each is one number")


class Check(Part):
    """One check of a verification: its status, why, and every array that it compared, in execution order."""

    name: str
    status: stages_of.Status
    reason: str = ""
    comparisons: tuple[Comparison, ...] = ()


class Blame(Part):
    """Where the first fault is: the layer, its line in the source and in the output, and the rule between them.

    ``source_code`` and ``output_code`` are those lines as they stood in the files that ran.
    """

    path: str
    class_name: str = ""
    source_position: Position | None = None
    output_position: Position | None = None
    rule_api: str = ""
    rule_origin: str = ""
    reason: str = ""
    source_code: str = ""
    output_code: str = ""

    @property
    def places(self) -> list[tuple[str, str]]:
        """What is known of source, output and rule, as (name, place)."""
        rule = f"{self.rule_api} ({self.rule_origin})" if self.rule_origin else self.rule_api
        found = [("source", self.source_position), ("output", self.output_position), ("rule", rule)]
        return [(name, str(place)) for name, place in found if place]


class Input(Part):
    """An argument of the models; whole numbers are drawn from 0 up to ``below``, which is left out.

    A list of tensors has ``items`` and no shape.
    """

    shape: tuple[int, ...]
    dtype: str = "float32"
    below: int | None = None
    items: tuple[Input, ...] = ()

    def __str__(self) -> str:
        if self.items:
            return f"[{', '.join(map(str, self.items))}]"
        bound = "" if self.below is None else f" below {self.below}"
        return f"{' × '.join(map(str, self.shape))} {self.dtype}{bound}"


class Verification(Part):
    """What the two models were given, and how far they agree."""

    source: str
    target: str
    versions: dict[str, str] = Field(default_factory=dict)
    devices: dict[str, str] = Field(default_factory=dict)
    inputs: tuple[Input, ...] = ()
    seed: int | None = None
    weights: str = ""
    checks: tuple[Check, ...] = ()
    blame: Blame | None = None
    proven: bool = False


class Accuracy(Part):
    """Shares of the images whose label is the first, or among the first five, predictions; from 0 to 1.

    ``top5`` is None for models of five classes or fewer, where it says nothing.
    """

    top1: float
    top5: float | None


class Flip(Part):
    """An image that the two models classify differently; a prediction of -1 means that the logits held a NaN."""

    path: str
    label: int
    source_prediction: int
    target_prediction: int


class Evaluation(Part):
    """Both models on one data set; differences and gate are in the same unit as the accuracies."""

    images: int
    batch_size: int = 0
    source: Accuracy
    target: Accuracy
    difference_top1: Measure
    difference_top5: Measure | None
    gate: float
    passed: bool
    flips: tuple[Flip, ...] = ()
    seconds: float = 0.0
    preprocess: dict[str, Any] = Field(default_factory=dict)


class Report(Part):
    """Everything that one run found."""

    format: Literal["translator-report-1"] = "translator-report-1"
    command: str = Field("", description="the command line that gives this report again")
    translations: tuple[Translation, ...] = ()
    weights: Weights | None = None
    verification: Verification | None = None
    evaluation: Evaluation | None = None
    versions: dict[str, str] = Field(default_factory=dict)

    @computed_field(description="one line a stage: what is proven, and what is not")  # type: ignore[prop-decorator]
    @property
    def certificate(self) -> tuple[stages_of.Line, ...]:
        """One line a stage, in the order of the chain."""
        return stages_of.lines(self)

    @computed_field(description="a verification ran and every stage that ran passed")  # type: ignore[prop-decorator]
    @property
    def proven(self) -> bool:
        """Whether the models are proven to agree and nothing was left or failed."""
        stages = {line.status for line in self.certificate}
        return self.verification is not None and self.verification.proven and not stages & {"failed", "suspect"}


class CoveredSite(Part):
    """A place that was translated on an assumption (T201), or that stays as it is for the reason of its code."""

    position: Position
    code: str
    api: str = ""
    reason: str = ""
    hint: str = ""


class FileCoverage(Part):
    """One module: counts, sites translated on an assumption, sites and imports left, notes by code, why it failed."""

    path: str
    counts: Counts = Counts()
    assumed: tuple[CoveredSite, ...] = ()
    left: tuple[CoveredSite, ...] = ()
    notes: dict[str, int] = Field(default_factory=dict)
    failed: str = ""


class Coverage(Part):
    """What ``translate rules coverage`` tells; ``codes`` counts diagnostics, ``apis`` what was left of each code."""

    format: Literal["translator-coverage-1"] = "translator-coverage-1"
    source: str
    files: tuple[FileCoverage, ...]
    counts: Counts
    codes: dict[str, int]
    apis: dict[str, dict[str, int]]


class ProjectFile(Part):
    """One file of a project: where it goes below the output, what became of it, and what there is to say."""

    path: str
    place: str
    status: Literal["translated", "copied", "failed"]
    is_written: bool = Field(description="the output was not there before, or was another one")
    counts: Counts = Counts()
    helpers: tuple[str, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()


class Project(Part):
    """A run over a project: every file, then the sums; never a lone percentage."""

    format: Literal["translator-project-1"] = "translator-project-1"
    command: str = Field("", description="the command line that gives this report again")
    source: str
    output: str = ""
    files: tuple[ProjectFile, ...] = ()
    counts: Counts = Field(Counts(), description="the sum over all files")
    statuses: dict[str, int] = Field(default_factory=dict, description="number of files by status")
    severities: dict[str, int] = Field(default_factory=dict, description="number of diagnostics by severity")


def schema() -> dict[str, Any]:
    """The JSON Schema of what :func:`translator.report.jsonfile.render` writes."""
    return Report.model_json_schema(mode="serialization")


def project_schema() -> dict[str, Any]:
    """The JSON Schema of the report of a project; see :class:`translator.report.jsonfile.ProjectStream`."""
    return Project.model_json_schema(mode="serialization")
