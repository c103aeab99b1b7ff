"""The result of a verification."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from translator.core import Position
from translator.verify.compare import Comparison
from translator.verify.inputs import Input
from translator.weights.mapping import WeightMap

Status = Literal["passed", "failed", "suspect", "not run"]


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check; ``reason`` says in a sentence why it did not pass, or what was measured.

    Args:
        applies: False where the source model itself cannot be checked so, whatever the target does.
    """

    name: str
    status: Status
    reason: str
    comparisons: tuple[Comparison, ...] = ()
    applies: bool = True


@dataclass(frozen=True, slots=True)
class Blame:
    """Where the first difference comes from.

    Args:
        path: of the module, or of a buffer.
        rule_api: the rule that wrote the line of the output; empty when that is not known.
    """

    path: str
    class_name: str
    source_position: Position | None
    output_position: Position | None
    rule_api: str
    rule_origin: str
    reason: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What was compared, on what, and what came out.

    Args:
        versions: by side, ``{"source": {"torch": "2.13.0", ...}, "target": {...}}``.
        devices: by side.
        weights: the checkpoint's path, or ``random``.
    """

    source: str
    target: str
    versions: dict[str, dict[str, str]]
    devices: dict[str, str]
    inputs: tuple[Input, ...]
    seed: int
    weights: str
    checks: tuple[CheckResult, ...]
    weight_map: WeightMap
    blame: Blame | None = None

    @property
    def proven(self) -> bool:
        """Whether every check ran and passed."""
        return bool(self.checks) and all(check.status == "passed" for check in self.checks)
