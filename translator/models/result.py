"""What is known of the builders of a package: who they are, and what came out for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Stage = Literal["passed", "failed", "not run"]
NOT_APPLICABLE = "does not apply: "


@dataclass(frozen=True, slots=True)
class Builder:
    """A function that gives a model, on both sides.

    Args:
        name: tells it from all others of the package, e.g. ``resnet18``; fit for a file's name.
        family: the sub-package that defines it, dotted and relative: ``detection``; the package's own last name
            for what stands in none.
        source: ENTRY of the source model, ``torchvision.models.resnet:resnet18(weights=None)``.
        target: ENTRY of the translated one.
    """

    name: str
    family: str
    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came out for one builder.

    Args:
        built: whether both models could be built.
        loaded: whether the source's weights were mapped and loaded into the target.
        checks: by name, in order; a `Status` of `verify`, or ``does not apply: `` and why.
        worst: the largest absolute difference of the checks that ran; None where nothing was compared.
        seconds: wall time of the verification, also of one that an earlier run did.
        reason: one sentence: what failed first, or what was measured.
        report: file name of the report, in the folder of the proofs; empty where there is none.
        is_reused: an earlier run proved it, and nothing changed since.
        source_line: where the first fault is, ``package/models/net.py:41``; ``output_line`` in the translated one.
        inputs: the arguments of the forward, as the command line has them.
        parameters: how many numbers the source model trains.
        need: bytes of memory that it was expected to take, in both processes together; ``peak`` is what it took.
            0 where that is not known.
    """

    builder: Builder
    built: Stage
    loaded: Stage
    checks: dict[str, str]
    worst: float | None = None
    seconds: float = 0.0
    reason: str = ""
    report: str = ""
    is_reused: bool = False
    source_line: str = ""
    output_line: str = ""
    inputs: tuple[str, ...] = ()
    parameters: int = 0
    need: int = 0
    peak: int = 0

    @property
    def proven(self) -> bool:
        """Whether it was built and loaded, and every check that applies ran and passed."""
        applied = [status for status in self.checks.values() if not status.startswith(NOT_APPLICABLE)]
        stages = (self.built, self.loaded)
        return all(stage == "passed" for stage in stages) and all(status == "passed" for status in applied)
