"""Run each rule's example in the source framework, its translation in the target, and compare what they assigned."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Protocol, Self

import numpy as np

from translator.core import CheckpointError, ConfigError, Severity, Translation, TranslatorError, WorkerError
from translator.ruleset.helper_module import helper_module
from translator.ruleset.model import Rule, RuleSet
from translator.scratch import Scratch
from translator.verify.compare import distance
from translator.weights.mapping import WeightMap, pair, rule_of
from translator.workers.launch import Worker
from translator.workers.tensors import Tensor, TensorFolder, write_tensors

Status = Literal["passed", "failed", "not run"]
PRELUDE = {
    "math": "import math",
    "np": "import numpy as np",
    "torch": "import torch",
    "torchvision": "import torchvision",
    "nn": "import torch.nn as nn",
    "F": "import torch.nn.functional as F",
}
ABSOLUTE, RELATIVE = 1e-5, 1e-5
SCOPES = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda,
    ast.ListComp, ast.GeneratorExp, ast.DictComp, ast.SetComp,
)  # fmt: skip


class Translate(Protocol):
    """``engine.translate.translate_source``, which this layer may not import."""

    def __call__(self, text: str, *, path: str = ..., rules: RuleSet | None = ...) -> Translation: ...


@dataclass(frozen=True, slots=True)
class ExampleResult:
    """What became of one rule's example; ``reason`` says why it is not ``passed``."""

    api: str
    status: Status
    reason: str
    rule_origin: str


def run_examples(
    ruleset: RuleSet,
    apis: Iterable[str] | None = None,
    *,
    translate: Translate,
    source_python: str | None = None,
    target_python: str | None = None,
) -> list[ExampleResult]:
    """Run the examples of all rules that have one, or of ``apis`` only.

    Args:
        translate: ``translate_source``.

    Raises:
        ConfigError: an API has no rule; no such interpreter.
        WorkerError: a framework cannot be imported.
    """
    chosen = [rule for rule in _chosen(ruleset, apis) if rule.status != "unsupported"]
    with ExampleRunner(ruleset, translate, source_python, target_python) as runner:
        return [runner.run(rule) for rule in chosen]


def _chosen(ruleset: RuleSet, apis: Iterable[str] | None) -> list[Rule]:
    if not apis:
        return [rule for rule in ruleset.rules() if rule.example]
    found = []
    for api in apis:
        rule = ruleset.get(api)
        if rule is None:
            raise ConfigError(f"no rule for `{api}`", hint="see `translate rules list`")
        found.append(rule)
    return found


class MismatchError(Exception):
    """What differs between the two runs; the message is the reason of a failed example."""


class ExampleRunner:
    """Both workers, kept for many examples; use it in a ``with`` block."""

    def __init__(
        self,
        ruleset: RuleSet,
        translate: Translate,
        source_python: str | None = None,
        target_python: str | None = None,
    ) -> None:
        self.ruleset, self.translate = ruleset, translate
        self._pythons = (source_python, target_python)
        self._workers: dict[int, Worker] = {}
        self._folder = Scratch("examples")
        self._count = 0

    def run(self, rule: Rule) -> ExampleResult:
        """Run one rule's example in both frameworks and compare."""
        if not rule.example:
            return ExampleResult(rule.api, "not run", "the rule has no example", rule.origin)
        try:
            self._compare(rule)
        except (MismatchError, TranslatorError) as error:
            return ExampleResult(rule.api, "failed", str(error), rule.origin)
        return ExampleResult(rule.api, "passed", "", rule.origin)

    def _compare(self, rule: Rule) -> None:
        source = with_imports(rule.example)
        translation = self.translate(source, path=f"<example of {rule.api}>", rules=self.ruleset)
        problems = [d for d in translation.diagnostics if d.severity is not Severity.NOTE]
        if problems:
            first = problems[0]
            line = source.splitlines()[first.position.line - 1].strip()
            raise MismatchError(f"translating gives {first.code}: {first.message} (in `{line}`)")
        self.compare(translation)

    def compare(self, translation: Translation) -> None:
        """Run a module and its translation, and compare every name that the module's statements assign.

        Raises:
            MismatchError: a value differs, one of them raised, or there is nothing to compare.
        """
        names = assigned(translation.source)
        theirs = self._run(0, translation.source, names)
        ours = self._mapped(translation, names, theirs)
        compare_values(theirs, ours, names)
        compare_layers(theirs, ours, self.ruleset)
        if not names and not theirs.layers:
            raise MismatchError("the example assigns nothing that can be compared")

    def _mapped(self, translation: Translation, names: Sequence[str], theirs: Run) -> Run:
        """The translation's run, its layers filled with the source's values through the rules' mapping."""
        text, pack = translation.text, self.ruleset.pack
        helpers = {pack.helper_module: helper_module(translation.helpers, self.ruleset)} if translation.helpers else {}
        first = self._run(1, text, names, helpers=helpers)
        if not theirs.layers:
            return first
        try:
            theirs.weight_map = pair(theirs.persistent(), first.layers, self.ruleset)
        except CheckpointError as error:
            raise MismatchError(f"the weights do not map: {error}") from error
        given = self._place()
        write_tensors(given, theirs.weight_map.apply(theirs.initial()))
        return self._run(1, text, names, given, helpers)

    def _run(
        self,
        side: int,
        code: str,
        names: Sequence[str],
        weights: Path | None = None,
        helpers: Mapping[str, str] | None = None,
    ) -> Run:
        output = self._place()
        more: dict[str, object] = {"helpers": dict(helpers or {})} if side else {}
        worker = self._worker(side)
        try:
            answer = worker.call("example", code=code, names=list(names), output=output, weights=weights, **more)
        except WorkerError as error:
            if not worker.is_alive:
                self._workers.pop(side).close()
            where = "the translation" if side else "the example"
            raise MismatchError(f"{where} raised in {worker.framework}: {error}") from error
        return Run(answer["values"], answer["layers"], TensorFolder(output))

    def _worker(self, side: int) -> Worker:
        if side not in self._workers:
            self._workers[side] = Worker("paddle" if side else "torch", python=self._pythons[side])
        return self._workers[side]

    def _place(self) -> Path:
        self._count += 1
        return self._folder.path / str(self._count)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worker in self._workers.values():
            worker.close()
        self._folder.close()


@dataclass(slots=True)
class Run:
    """What one framework's run left: encoded values by name, its layers, and the tensors of both."""

    values: dict[str, Any]
    layers: list[dict[str, Any]]
    tensors: TensorFolder
    weight_map: WeightMap = field(default_factory=lambda: WeightMap(()))

    def persistent(self) -> list[dict[str, Any]]:
        """The layers' tensors that a state dict holds."""
        return [info for info in self.layers if info["persistent"]]

    def initial(self) -> dict[str, Tensor]:
        """What the layers were filled with."""
        return {info["path"]: self.tensors[f"initial:{info['path']}"] for info in self.persistent()}

    def numbered(self, prefix: str) -> dict[str, Tensor]:
        """The layers' tensors of one sort by path."""
        return {name.removeprefix(prefix): self.tensors[name] for name in self.tensors if name.startswith(prefix)}


def with_imports(example: str) -> str:
    """The example with the imports that its free names need."""
    used = {node.id for node in ast.walk(ast.parse(example)) if isinstance(node, ast.Name)}
    own = {alias.asname or alias.name for node in ast.walk(ast.parse(example))
           if isinstance(node, ast.Import | ast.ImportFrom) for alias in node.names}  # fmt: skip
    return "\n".join([*(line for name, line in PRELUDE.items() if name in used - own), example])


def assigned(source: str) -> list[str]:
    """Names that the module's statements assign, without those that begin with ``_``."""
    found: dict[str, None] = {}
    pending: list[ast.AST] = list(ast.parse(source).body)
    while pending:
        node = pending.pop(0)
        if isinstance(node, SCOPES):
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and not node.id.startswith("_"):
            found[node.id] = None
        pending[:0] = list(ast.iter_child_nodes(node))
    return list(found)


def compare_values(theirs: Run, ours: Run, names: Sequence[str]) -> None:
    """Raise for the first name whose value differs."""
    compared = 0
    for name in names:
        if name not in theirs.values:
            continue
        if name not in ours.values:
            raise MismatchError(f"`{name}` is not assigned by the translation")
        compared += _compare(name, theirs.values[name], ours.values[name], theirs.tensors, ours.tensors)
    if not compared and not theirs.layers:
        raise MismatchError("the example assigns nothing that can be compared")


def _compare(
    name: str, one: Mapping[str, Any], two: Mapping[str, Any], ours: TensorFolder, theirs: TensorFolder
) -> int:
    """Compare one encoded value; how many comparisons that were."""
    if one["kind"] != two["kind"]:
        raise MismatchError(f"`{name}` is {_kind(one)} in the source, {_kind(two)} in the target")
    kind = one["kind"]
    if kind in ("tensor", "array"):
        compare_tensors(name, ours[one["key"]], theirs[two["key"]])
        if ("gradient" in one) != ("gradient" in two):
            side = "target" if "gradient" in one else "source"
            raise MismatchError(f"`{name}` has no gradient in the {side}")
        if "gradient" in one:
            compare_tensors(f"{name}.grad", ours[one["gradient"]], theirs[two["gradient"]])
        return 1
    if kind == "sequence":
        if len(one["items"]) != len(two["items"]):
            sizes = len(one["items"]), len(two["items"])
            raise MismatchError(f"`{name}` has {sizes[0]} items in the source, {sizes[1]} in the target")
        pairs = zip(one["items"], two["items"], strict=True)
        return 1 + sum(_compare(f"{name}[{i}]", a, b, ours, theirs) for i, (a, b) in enumerate(pairs))
    if kind == "mapping":
        if list(one["items"]) != list(two["items"]):
            raise MismatchError(f"`{name}` has the keys {list(one['items'])}, in the target {list(two['items'])}")
        return 1 + sum(_compare(f"{name}[{k!r}]", a, two["items"][k], ours, theirs) for k, a in one["items"].items())
    if kind in ("layer", "opaque"):
        return 0
    if kind == "float":
        a, b = float(one["value"]), float(two["value"])
        same = bool(np.isclose(a, b, rtol=RELATIVE, atol=ABSOLUTE, equal_nan=True))
    else:
        same = one["value"] == two["value"]
    if not same:
        raise MismatchError(f"`{name}` is {one['value']} in the source, {two['value']} in the target")
    return 1


def _kind(value: Mapping[str, Any]) -> str:
    return f"{value['kind']} {value['value']}" if "value" in value else str(value["kind"])


def compare_tensors(name: str, one: Tensor, two: Tensor) -> None:
    """Raise unless dtype and shape are equal and the values agree within 1e-5, absolute and relative."""
    if one.dtype != two.dtype:
        raise MismatchError(f"`{name}` is {one.dtype} in the source, {two.dtype} in the target")
    found = distance(one, two)
    if found.note or found.max_abs > ABSOLUTE + RELATIVE * found.scale:
        raise MismatchError(f"`{name}` differs by {found.max_abs:.3g}{': ' + found.note if found.note else ''}")


def compare_layers(theirs: Run, ours: Run, ruleset: RuleSet) -> None:
    """Compare the layers' tensors and gradients at the end of both runs through the mapping.

    Tensors that a rule's ``differs`` names are compared by shape only, which the mapping did already.
    """
    known = {
        info["path"] for info in theirs.layers
        if (rule := rule_of(info["classes"], ruleset)) and any(d.tensor == info["name"] for d in rule.differs)
    }  # fmt: skip
    for prefix, what in (("layer:", ""), ("gradient:", ".grad")):
        one, two = theirs.numbered(prefix), ours.numbered(prefix)
        for step in theirs.weight_map.steps:
            if step.source not in one or step.source in known or not step.targets:
                continue
            parts = step.operation.apply(one[step.source].array)
            for target, part in zip(step.targets, parts, strict=True):
                if target not in two:
                    raise MismatchError(f"`layer {target}{what}` is missing in the target")
                compare_tensors(f"layer {target}{what}", one[step.source].with_array(part), two[target])


@dataclass(frozen=True, slots=True)
class SignatureResult:
    """Whether a rule's signature is the source framework's own: ``equal``, ``differs`` or ``not checked``."""

    api: str
    status: Literal["equal", "differs", "not checked"]
    reason: str
    rule_origin: str


def check_signatures(
    ruleset: RuleSet, apis: Iterable[str] | None = None, *, source_python: str | None = None
) -> list[SignatureResult]:
    """Check names and order of the parameters of every rule's signatures against the source framework.

    Raises:
        ConfigError: an API has no rule; no such interpreter.
        WorkerError: the framework cannot be imported.
    """
    rules = ruleset.rules() if not apis else _chosen(ruleset, apis)
    checked = [rule for rule in rules if any(action.signature is not None for action in rule.actions)]
    with Worker("torch", python=source_python) as worker:
        known = worker.call("signatures", apis=[rule.api for rule in checked])["signatures"]
    return [_signature_result(rule, known.get(rule.api)) for rule in checked]


def _signature_result(rule: Rule, known: Mapping[str, Any] | None) -> SignatureResult:
    if known is None or not (known["overloads"] or known["schemas"]):
        reason = known["reason"] if known else "no such name"
        status: Literal["differs", "not checked"] = "differs" if known and known["missing"] else "not checked"
        return SignatureResult(rule.api, status, reason, rule.origin)
    real = [list(overload) for overload in known["overloads"]]
    schemas = [list(overload) for overload in known["schemas"]]
    for action in rule.actions:
        if action.signature is None:
            continue
        ours = [parameter.name for parameter in action.signature.parameters]
        stated = any(_agree(ours, names, is_only=len(rule.actions) == 1) for names in real)
        if not stated and not any(_within(ours, names) for names in schemas):
            shown = " or ".join(f"({', '.join(names)})" for names in real + schemas)
            return SignatureResult(rule.api, "differs", f"({', '.join(ours)}) is not {shown}", rule.origin)
    return SignatureResult(rule.api, "equal", "", rule.origin)


COMMON = {
    "out", "dtype", "layout", "device", "pin_memory", "requires_grad", "generator", "memory_format", "non_blocking",
}  # fmt: skip
ARRAY_NAMES = {"axis": "dim", "keepdims": "keepdim"}  # torch takes numpy's names too


def _within(ours: Sequence[str], schema: Sequence[str]) -> bool:
    """Whether these are parameters of an operator in its order; keywords that most functions take stand anywhere."""
    rest = iter(schema)
    return all(ARRAY_NAMES.get(name, name) in rest for name in ours if name not in COMMON)


def _agree(ours: Sequence[str], real: Sequence[str], *, is_only: bool) -> bool:
    """Equal names in equal order; one of several overloads may leave some of them out."""
    if list(ours) == list(real):
        return True
    rest = iter(real)
    return not is_only and all(name in rest for name in ours)
