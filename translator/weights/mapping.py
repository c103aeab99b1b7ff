"""The mapping of a model's tensors between two frameworks, derived from the rules, module by module."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from translator.core import CheckpointError
from translator.ruleset.model import Rule, RuleSet
from translator.weights.ops import Operation, parse_operation
from translator.workers.protocol import ParameterInfo
from translator.workers.tensors import Tensor, carrier

Info = ParameterInfo | Mapping[str, Any]
RENAMED = "where the builder itself renames what it loads, let it: `--source 'net.py:net(pretrained=True)'`"
IDENTITY = parse_operation("identity")


@dataclass(frozen=True, slots=True)
class Step:
    """One source tensor and what becomes of it.

    Args:
        source: path in the source's state dict; ``targets`` in the target's, none when it is dropped.
        api: class whose rule decided, and ``origin`` where that rule stands; empty when no rule did.
        shape: of the source tensor, which the way back needs.
        dropped: the value of a dropped tensor, once a checkpoint went through.
    """

    source: str
    targets: tuple[str, ...]
    operation: Operation
    shape: tuple[int, ...]
    dtype: str
    api: str = ""
    origin: str = ""
    dropped: Tensor | None = field(default=None, compare=False)

    @property
    def reason(self) -> str:
        """Which rule decided, for people."""
        return f"{self.api} ({self.origin})" if self.api else "same name, no rule needed"


@dataclass(frozen=True, slots=True)
class WeightMap:
    """All steps in the order of the source's state dict; ``apply`` goes to the target, ``inverse().apply`` back."""

    steps: tuple[Step, ...]
    backward: bool = False

    def apply(self, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Every tensor of the other side.

        Raises:
            CheckpointError: a tensor is missing, unused, or its shape does not fit.
        """
        return dict(self.stream(tensors))

    def stream(self, tensors: Mapping[str, Tensor]) -> Iterator[tuple[str, Tensor]]:
        """Like ``apply``, holding one tensor at a time."""
        self._check_names(tensors)
        for step in self.steps:
            yield from self._backward(step, tensors) if self.backward else self._forward(step, tensors)

    def inverse(self) -> WeightMap:
        """The map of the other direction."""
        return replace(self, backward=not self.backward)

    def recording(self, tensors: Mapping[str, Tensor]) -> WeightMap:
        """The same map with the values of dropped tensors from a source checkpoint, so that the way back is exact."""
        return replace(
            self,
            steps=tuple(
                replace(step, dropped=tensors[step.source]) if step.operation.drops and step.source in tensors else step
                for step in self.steps
            ),
        )

    def target_of(self, source: str) -> str | None:
        """The first target name of a source tensor; None when it is dropped or unknown."""
        return next((step.targets[0] for step in self.steps if step.source == source and step.targets), None)

    def _check_names(self, tensors: Mapping[str, Tensor]) -> None:
        needed = [n for step in self.steps for n in (step.targets if self.backward else (step.source,))]
        # checkpoints older than a counter that the target drops anyway are as good as new ones
        optional = {step.source for step in self.steps if step.operation.drops}
        missing = [name for name in needed if name not in tensors and name not in optional]
        known = set(needed)
        problems = [f"{name} is missing" for name in missing]
        problems += [f"{name} is not in the model" for name in tensors if name not in known]
        if problems:
            raise CheckpointError(listed(problems), hint="" if self.backward else RENAMED)

    def _forward(self, step: Step, tensors: Mapping[str, Tensor]) -> Iterator[tuple[str, Tensor]]:
        if step.operation.drops:
            return
        tensor = tensors[step.source]
        if tensor.shape != step.shape:
            raise CheckpointError(f"{step.source} is {list(tensor.shape)}, the model's is {list(step.shape)}")
        for name, array in zip(step.targets, step.operation.apply(tensor.array), strict=True):
            yield name, tensor.with_array(np.ascontiguousarray(array).reshape(array.shape))

    def _backward(self, step: Step, tensors: Mapping[str, Tensor]) -> Iterator[tuple[str, Tensor]]:
        if step.operation.drops:
            yield step.source, step.dropped or Tensor(step.dtype, np.zeros(step.shape, carrier(step.dtype)))
            return
        parts = [tensors[name] for name in step.targets]
        expected = step.operation.shapes(step.shape)
        for name, part, shape in zip(step.targets, parts, expected, strict=True):
            if part.shape != shape:
                raise CheckpointError(f"{name} is {list(part.shape)}, the model's is {list(shape)}")
        array = step.operation.undo([part.array for part in parts], step.shape)
        yield step.source, parts[0].with_array(np.ascontiguousarray(array).reshape(array.shape))


@dataclass(frozen=True, slots=True)
class Misfit:
    """Why two models cannot share weights: the module it concerns, and one clause."""

    owner: str
    message: str


def pair(source: Sequence[Info], target: Sequence[Info], ruleset: RuleSet) -> WeightMap:
    """Pair two models' tensors by path; each owner's class, or the first of its bases that has a rule, says how.

    Raises:
        CheckpointError: a tensor that the target lacks, one that nothing fills, or shapes that do not fit.
    """
    weight_map, misfits = match(source, target, ruleset)
    if misfits:
        raise CheckpointError(listed([misfit.message for misfit in misfits]))
    return weight_map


def match(source: Sequence[Info], target: Sequence[Info], ruleset: RuleSet) -> tuple[WeightMap, list[Misfit]]:
    """Like ``pair``, with what does not fit as a list, in the order of the source."""
    wanted = {str(info["path"]): info for info in target if info["persistent"]}
    given = [info for info in source if info["persistent"]]
    steps = [_step(info, ruleset) for info in given]
    problems: list[Misfit] = []
    filled: dict[str, Step] = {}
    for info, step in zip(given, steps, strict=True):
        problems += [Misfit(info["owner"], message) for message in _misfits(step, wanted)]
        for name in step.targets:
            if name in filled:
                message = f"{name} would be filled from both {filled[name].source} and {step.source}"
                problems.append(Misfit(info["owner"], message))
            filled[name] = step
    problems += [
        Misfit(info["owner"], f"the target's {name} is filled by nothing")
        for name, info in wanted.items()
        if name not in filled and info["tied_to"] not in filled
    ]
    problems += _broken_ties(source, wanted, filled)
    return WeightMap(tuple(steps)), problems


def _step(info: Info, ruleset: RuleSet) -> Step:
    rule = rule_of(info["classes"], ruleset)
    text = rule.weights.get(info["name"]) if rule else None
    operation = parse_operation(text, rule.origin) if text and rule else IDENTITY
    prefix = f"{info['owner']}." if info["owner"] else ""
    return Step(
        source=info["path"],
        targets=tuple(prefix + name for name in operation.names(info["name"])),
        operation=operation,
        shape=tuple(info["shape"]),
        dtype=info["dtype"],
        api=rule.api if rule else "",
        origin=rule.origin if rule else "",
    )


def rule_of(classes: Sequence[str], ruleset: RuleSet) -> Rule | None:
    """The rule of the most derived class that has one."""
    return next((rule for name in classes if (rule := ruleset.get(name)) is not None), None)


def _misfits(step: Step, wanted: Mapping[str, Info]) -> list[str]:
    try:
        shapes = step.operation.shapes(step.shape)
    except CheckpointError as error:
        return [f"{step.source}: {error.message} (by {step.reason})"]
    problems = []
    for name, shape in zip(step.targets, shapes, strict=True):
        if name not in wanted:
            problems.append(f"{step.source} has no counterpart {name} in the target")
        elif tuple(wanted[name]["shape"]) != shape:
            problems.append(
                f"{name} would be {list(shape)} by {step.reason}, the target's is {list(wanted[name]['shape'])}"
            )
    return problems


def _broken_ties(
    source: Sequence[Info],
    wanted: Mapping[str, Info],
    filled: Mapping[str, Step],
) -> list[Misfit]:
    """Two source tensors cannot fill two names of one target tensor, unless they are one tensor too."""
    tied = {info["path"]: info["tied_to"] or info["path"] for info in source}
    problems: list[Misfit] = []
    for name, info in wanted.items():
        first = info["tied_to"]
        if first in filled and name in filled and tied[filled[name].source] != tied[filled[first].source]:
            problems.append(
                Misfit(info["owner"], f"{name} and {first} are one tensor in the target, two in the source")
            )
    return problems


def listed(problems: Sequence[str], most: int = 5) -> str:
    """The first problems and how many more there are."""
    rest = f", and {len(problems) - most} more" if len(problems) > most else ""
    return ", ".join(problems[:most]) + rest
