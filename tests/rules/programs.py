"""Random programs of nested calls over the rule table, run in both frameworks.

The calls are those of the rules' own examples. In each of them a tensor is exchanged for another call's result of the
same dtype and as many axes; what the source framework refuses, what is not finite and what hangs on the last bits of
its operands is taken out before the translation is tried. In-place operations and random ones are left out: the
fixtures and the rules' own examples have them.

    python -m benchmarks.programs --count 2000 --seed 1
"""

from __future__ import annotations

import ast
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from translator.core import Severity, TranslatorError
from translator.engine.translate import translate_source
from translator.ruleset.model import Rule, RuleSet
from translator.verify.examples import ExampleRunner, MismatchError, with_imports
from translator.workers.launch import Worker

CREATED = re.compile(r"torch\.(randn|rand|tensor|arange|linspace|ones|zeros|eye|full)$")
# Not functions of their arguments alone, or with an effect; the order in which arguments are evaluated would matter.
SKIPPED = re.compile(
    r"_$|rand|normal|drop|empty|seed|multinomial|poisson|bernoulli|exponential|save|load|set_|backward|requires|detach"
    r"|dirichlet|manual|cuda|distributed|hook|compile|grad|init\.|utils|\.data$|numpy|resize|gumbel|feature_alpha|rrelu|hinge_embedding|HingeEmbedding"
    r"|torch\.\w*Tensor$"
)
HEAD = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\nimport math\nimport numpy as np\n"
Pick = Callable[[int], int]  # a whole number below the given one


@dataclass(frozen=True, slots=True)
class Template:
    """A call of a rule's example: text with holes ``{0}``, ``{1}`` for tensors, and what stood there."""

    api: str
    text: str
    operands: tuple[str, ...]


def templates(rules: RuleSet) -> list[Template]:
    """Every call in the rules' examples that makes a tensor from tensors."""
    found: dict[str, Template] = {}
    for rule in rules.rules():
        if rule.status != "unsupported" and rule.example and rule.returns and not SKIPPED.search(rule.api):
            for one in _of_example(rule, rules):
                found.setdefault(one.text + repr(one.operands), one)
    return list(found.values())


def _of_example(rule: Rule, rules: RuleSet) -> Iterator[Template]:
    source = with_imports(rule.example)
    tree = ast.parse(source)
    known = _definitions(tree)
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    names = {rule.api, *rule.also}
    places = {
        (edit.position.line, edit.position.column, edit.position.end_line, edit.position.end_column)
        for edit in translate_source(source, rules=rules).edits
        if edit.api in names
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            place = (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)
            outer = parents.get(node)
            whole = outer if isinstance(outer, ast.Call) and outer.func is node else node
            if place in places and (made := _template(rule.api, whole, known)) is not None:
                yield made


def _definitions(tree: ast.Module) -> dict[str, ast.expr]:
    """What each name of an example stands for, where it is assigned once."""
    counts = Counter(
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    )
    found: dict[str, ast.expr] = {}
    for statement in tree.body:
        target = statement.targets[0] if isinstance(statement, ast.Assign) and len(statement.targets) == 1 else None
        pairs = []
        if isinstance(statement, ast.Assign) and isinstance(target, ast.Name):
            pairs = [(target, statement.value)]
        elif (
            isinstance(statement, ast.Assign)
            and isinstance(target, ast.Tuple)
            and isinstance(statement.value, ast.Tuple)
        ):
            pairs = list(zip(target.elts, statement.value.elts, strict=False))  # type: ignore[arg-type]
        found.update({name.id: value for name, value in pairs if isinstance(name, ast.Name) and counts[name.id] == 1})
    return found


class _Holes(ast.NodeTransformer):
    """Put the definitions of names in their place, and a hole where a tensor is created."""

    def __init__(self, known: dict[str, ast.expr]) -> None:
        self.known, self.operands = known, list[str]()
        self.unknown = False

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self.known:
            return self.visit(ast.parse(ast.unparse(self.known[node.id]), mode="eval").body)  # type: ignore[no-any-return]
        self.unknown |= node.id not in (
            "torch",
            "nn",
            "F",
            "math",
            "np",
            "int",
            "float",
            "bool",
            "slice",
            "tuple",
            "list",
        )
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        if CREATED.match(ast.unparse(node.func)):
            kept = [one for one in node.keywords if one.arg != "requires_grad"]
            self.operands.append(ast.unparse(ast.Call(node.func, node.args, kept)))
            return ast.Name(f"HOLE{len(self.operands) - 1}", ast.Load())
        return self.generic_visit(node)  # type: ignore[return-value]


def _template(api: str, node: ast.Call, known: dict[str, ast.expr]) -> Template | None:
    holes = _Holes(known)
    made = holes.visit(ast.parse(ast.unparse(node), mode="eval").body)
    text = ast.unparse(made)
    is_itself = isinstance(made, ast.Name)
    if (
        holes.unknown
        or is_itself
        or not holes.operands
        or any(sign in text for sign in ("lambda", "{", "inplace=True", "Parameter"))
    ):
        return None
    return Template(api, re.sub(r"HOLE(\d+)", r"{\1}", text), tuple(holes.operands))


@dataclass(slots=True)
class Step:
    """One value of a program: ``name = text``, where ``{k}`` are the values of earlier steps."""

    name: str
    text: str
    parts: tuple[str, ...] = ()
    api: str = ""
    operands: tuple[str, ...] = ()  # what each part stands for: it has the same dtype and as many axes


def draft(pool: Sequence[Template], pick: Pick, length: int) -> list[Step]:
    """Steps, each on results of earlier ones where chance will have it; many of them will not run."""
    steps: list[Step] = []
    for _ in range(length):
        template = pool[pick(len(pool))]
        parts = []
        for operand in template.operands:
            made = [step.name for step in steps if step.api]
            if made and pick(4):
                parts.append(made[-1 - pick(min(3, len(made)))])
            else:
                steps.append(Step(f"v{len(steps)}", operand))
                parts.append(steps[-1].name)
        steps.append(Step(f"v{len(steps)}", template.text, tuple(parts), template.api, template.operands))
    return steps


TRIAL = """
def _trial(shake):
    found = {{}}
    def tried(name, make, *pairs):
        try:
            if any(found[p].dtype != like().dtype or found[p].ndim != like().ndim for p, like in pairs):
                return
            value = make()
        except Exception:
            return
        if not isinstance(value, torch.Tensor) or value.numel() > 5000 or value.is_complex() or value.is_sparse:
            return
        if value.dtype in (torch.float16, torch.bfloat16, torch.float64):
            return
        if value.is_floating_point():
            value = value.detach()
            if not torch.isfinite(value).all() or (value.numel() and value.abs().max() > 1e4):
                return
        found[name] = value
    {steps}
    return found
_one, _two = _trial(0.0), _trial(3e-6)
kept = [n for n, v in _one.items() if n in _two and v.shape == _two[n].shape and v.dtype == _two[n].dtype and v.numel()
        and (v.double() - _two[n].double()).abs().max() <= 2e-3 * max(1e-2, v.double().abs().max())]
"""


def trial(steps: Sequence[Step]) -> str:
    """A module that finds out which steps run, and whose values do not hang on the last bits of their operands."""
    lines = []
    for step in steps:
        parts = [f"found[{part!r}]" for part in step.parts]
        text = step.text.format(*parts) if parts else step.text
        if not step.api:
            text = f"(lambda t: t * (1 + shake) if t.is_floating_point() else t)({text})"
        pairs = (f", ({p!r}, lambda: {like})" for p, like in zip(step.parts, step.operands, strict=True))
        lines.append(f"tried({step.name!r}, lambda: {text}{''.join(pairs)})")
    return HEAD + TRIAL.format(steps="\n    ".join(lines))


def program(steps: Sequence[Step], kept: set[str]) -> tuple[str, list[str]]:
    """The source of a program of those steps that run, each nested where it is used once; and the APIs in it."""
    alive: dict[str, Step] = {}
    for step in steps:
        if step.name in kept and all(part in alive for part in step.parts):
            alive[step.name] = step
    uses = Counter(part for step in alive.values() for part in step.parts)
    texts: dict[str, str] = {}
    lines, apis = [], []
    for step in alive.values():
        if not step.api and not uses[step.name]:
            continue
        text = step.text.format(*(texts[part] for part in step.parts)) if step.parts else step.text
        is_nested = uses[step.name] == 1 and step.api
        texts[step.name] = f"({text})" if is_nested and not text.endswith(")") else text
        if not is_nested:
            texts[step.name] = step.name
            lines.append(f"{step.name} = {text}")
        if step.api:
            apis.append(step.api)
    return HEAD + "\n".join(lines) + "\n", apis


class Programs:
    """Makes programs and runs them; use it in a ``with`` block."""

    def __init__(self, rules: RuleSet) -> None:
        self.rules, self.pool = rules, templates(rules)
        self.runner = ExampleRunner(rules, translate_source)
        self._worker = Worker("torch")
        self._folder = tempfile.TemporaryDirectory(prefix="programs-")

    def make(self, pick: Pick, length: int = 24) -> tuple[str, list[str]]:
        """A program and the APIs that it calls; nothing is called where no step ran."""
        steps = draft(self.pool, pick, length)
        output = Path(tempfile.mkdtemp(dir=self._folder.name)) / "values"
        answer = self._worker.call("example", code=trial(steps), names=["kept"], output=output, weights=None)
        return program(steps, {item["value"] for item in answer["values"]["kept"]["items"]})

    def judged(self, source: str) -> str:
        """What is wrong with a program's translation; ``left: CODE`` where a diagnostic says that something stays."""
        translation = translate_source(source, rules=self.rules)
        said = [d for d in translation.diagnostics if d.severity is not Severity.NOTE]
        if said:
            return f"left: {said[0].code} {said[0].api}"
        try:
            self.runner.compare(translation)
        except (MismatchError, TranslatorError) as error:
            return str(error)
        return ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.runner.__exit__(None, None, None)
        self._worker.close()
        self._folder.cleanup()
