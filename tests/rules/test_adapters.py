"""Every rule's example once more, with the API as a value: its adapter must do what translated calls do."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

import pytest

from translator.engine.translate import translate_source
from translator.rewrites.reference import takes_the_same
from translator.ruleset.adapter import adapter_name, adapter_of, is_adaptable
from translator.ruleset.load import load_rules
from translator.ruleset.model import Rule
from translator.verify.examples import PRELUDE, ExampleRunner, with_imports

pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("paddle", reason="paddle is not installed")
RULES = load_rules()
MODULES = {line.split()[-1]: line.split()[1] for line in PRELUDE.values()}


class _AsValue(ast.NodeTransformer):
    """``torch.nn.ReLU(...)`` becomes ``_value(...)``."""

    def __init__(self, rule: Rule) -> None:
        self.rule, self.names = rule, {rule.api, *rule.also}
        self.written = ""

    def takes(self, keywords: set[str | None]) -> bool:
        """Whether the call gives no parameter by the other name that it has in some overloads, nor a refused one."""
        longest = max((a.signature.parameters for a in self.rule.actions if a.signature), key=len)
        refused = {name for action in self.rule.actions for name in (*action.refuse, *action.around)}
        return keywords <= {p.name for p in longest} - refused

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        text = ast.unparse(node.func)
        first, _, rest = text.partition(".")
        if f"{MODULES.get(first, first)}.{rest}" in self.names and self.takes({k.arg for k in node.keywords}):
            self.written = text
            node.func = ast.Name("_value", ast.Load())
        return node


def as_value(rule: Rule) -> str:
    """The rule's example with the API as a value; empty when the example does not call it by name."""
    transformer = _AsValue(rule)
    tree = ast.fix_missing_locations(transformer.visit(ast.parse(rule.example)))
    tree.body = [part for part in tree.body if "backward()" not in ast.unparse(part)]  # of a result of unknown type
    if ".grad" in rule.example.replace(".grad_fn", "") and "backward()" in rule.example:
        return ""
    imports = "".join(f"{ast.unparse(part)}\n" for part in tree.body if isinstance(part, ast.Import | ast.ImportFrom))
    return f"{imports}_value = {transformer.written}\n{ast.unparse(tree)}\n" if transformer.written else ""


def adapted() -> Iterator[Rule]:
    """Rules whose values are adapters, with the example rewritten."""
    for rule in RULES.rules():
        is_plain = all(takes_the_same(a) and "{" not in (a.to or "") for a in rule.actions)
        owner = RULES.get(rule.api.rpartition(".")[0])
        is_member = owner is not None and owner.returns == owner.api
        if rule.example and rule.actions and not is_plain and not is_member and adapter_of(rule, RULES) is not None:
            example = as_value(rule)
            if example and "T309" not in translate_source(with_imports(example), rules=RULES).codes:
                yield replace(rule, example=example)


CASES = list(adapted())


@pytest.fixture(scope="session")
def runner() -> Iterator[ExampleRunner]:
    with ExampleRunner(RULES, translate_source) as one:
        yield one


@pytest.mark.parametrize("rule", [pytest.param(r, id=r.api) for r in CASES])
def test_as_value(runner: ExampleRunner, rule: Rule) -> None:
    result = runner.run(rule)
    assert (result.status, result.reason) == ("passed", ""), f"{result.rule_origin}: {result.reason}\n{rule.example}"


def test_most_layers_have_an_adapter() -> None:
    assert len(CASES) > 450


def test_every_text_is_python() -> None:
    for rule in RULES.rules():
        adapter = adapter_of(rule, RULES) if rule.actions else None
        compile(adapter.text if adapter else "", rule.api, "exec")


def test_what_is_adaptable_has_a_text() -> None:
    assert [r.api for r in RULES.rules() if r.actions and is_adaptable(r, RULES) != bool(adapter_of(r, RULES))] == []


def test_names_of_adapters_are_unique() -> None:
    names = [adapter_name(rule) for rule in CASES]
    assert len(set(names)) == len(names)


def test_identity_of_a_class_without_an_adapter_is_left() -> None:
    translation = translate_source("import torch\nfound = type(o) is torch.optim.SGD\n", rules=RULES)
    assert (translation.codes, "type(o) is torch.optim.SGD" in translation.text) == (["T306"], True)
