"""Types through statements: assignments, branches, loops; and through the functions of a file until nothing changes."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from translator.analysis.exports import keep_exports
from translator.analysis.facts import Environment
from translator.analysis.fallbacks import settle_fallbacks
from translator.analysis.index import ClassFacts, FunctionFacts, index_module
from translator.analysis.infer import Inference
from translator.analysis.names import ALONE, FUNCTIONS, Names, Scope
from translator.analysis.narrow import key_of
from translator.analysis.observed import FileFacts, Sightings
from translator.analysis.parameters import parameters_of
from translator.analysis.stars import bind_stars
from translator.analysis.types import element, held, join_all
from translator.analysis.world import Place
from translator.core import Type
from translator.ruleset.model import RuleSet

ENUMERATIONS = frozenset({"enum.Enum", "enum.IntEnum", "enum.StrEnum", "enum.Flag", "enum.IntFlag"})
ROUNDS = 6  # a function is analysed at most this often; what is still unknown then stays unknown


def analyse(
    tree: ast.Module,
    rules: RuleSet,
    place: Place = ALONE,
    *,
    is_summary: bool = False,
    seen: FileFacts | None = None,
) -> Inference:
    """Infer the types of a whole module and find every use of the source framework.

    Args:
        place: the module's name and the other modules of its tree.
        is_summary: the facts are for a summary: what only other modules can tell is written down for later.
        seen: what a run showed of this file; it counts where nothing else is known.
    """

    def canonical(name: str) -> str:
        rule = rules.get(name)
        return rule.api if rule is not None else rules.pack.canonical(name)

    def brings(module: str, name: str) -> bool:
        return f"{module}.{name}" in rules.pack.modules or rules.get(f"{module}.{name}") is not None

    names = Names(tree, canonical, place)
    bind_stars(tree, names, brings)
    settle_fallbacks(tree, names, brings)
    keep_exports(tree, names)
    flow = _Flow(names, tree, rules)
    flow.inference.is_summary = is_summary
    flow.run(tree)
    if seen is not None:
        flow.run_observed(tree, Sightings(tree, seen, flow.inference))
    return flow.inference


@dataclass(slots=True)
class _Loop:
    """Where control leaves the body of a loop before its end."""

    breaks: list[Environment] = field(default_factory=list)
    continues: list[Environment] = field(default_factory=list)


class _Flow:
    def __init__(self, names: Names, tree: ast.Module, rules: RuleSet) -> None:
        self.names = names
        self.inference = Inference(names, index_module(tree, names), rules)
        self.results: list[Type | None] = []
        self.globals = self.inference.globals
        self.closures: dict[ast.AST, Environment] = {}
        self.loops: list[_Loop] = []

    def run(self, tree: ast.Module) -> None:
        """The module's statements, then its functions; both once more, where what they call was not known yet."""
        inference = self.inference
        rounds: dict[FunctionFacts, int] = {}
        self.block(tree.body, self.globals, self.names.module)
        functions = sorted(inference.index.functions.values(), key=lambda f: f.node.name not in ("__init__", "forward"))
        if inference.is_summary:
            self.summarize(functions, rounds)
            return
        self.settle(functions, rounds)
        inference.changed.clear()
        known = dict(self.globals)
        self.block(tree.body, self.globals, self.names.module)
        self.settle(functions if self.globals != known else _in_order(inference.changed), rounds)

    def summarize(self, functions: list[FunctionFacts], rounds: dict[FunctionFacts, int]) -> None:
        """Only what others can see: attributes and results; bodies of functions that state theirs are not read."""
        for function in functions:
            outer = function.scope.parent or function.scope
            stated = self.inference.annotation(function.node.returns, outer)
            function.returns = self.as_context(function, stated)
            is_telling = function.node.returns is None or function.node.name == "__init__"
            rounds[function] = ROUNDS - 2 if is_telling and not isinstance(outer.node, FUNCTIONS) else ROUNDS
        self.settle([f for f in functions if rounds[f] < ROUNDS], rounds)

    def run_observed(self, tree: ast.Module, sightings: Sightings) -> None:
        """Everything once more, now that all is known that the source itself says."""
        inference = self.inference
        inference.observed, inference.unobserved = sightings, dict(inference.types)
        inference.uses.clear()
        self.run(tree)
        inference.contradictions = sightings.contradictions(tree)

    def settle(self, pending: list[FunctionFacts], rounds: dict[FunctionFacts, int]) -> None:
        """Analyse functions, again and again for those whose inputs changed."""
        inference = self.inference
        while pending:
            inference.changed.clear()
            for function in pending:
                rounds[function] = rounds.get(function, 0) + 1
                inference.changed.discard(function)
                self.analyse_function(function)
            pending = [f for f in _in_order(inference.changed) if rounds.get(f, 0) < ROUNDS]

    def analyse_function(self, function: FunctionFacts) -> None:
        """One pass over a function's body with what is known of its parameters now."""
        inference = self.inference
        inference.function, self.results, self.loops, inference.yields = function, [], [], []
        env = dict(self.closures.get(function.node, self.globals))
        env.update(parameters_of(inference, function))
        inference.declared = dict(function.stated or {})
        ends = self.block(function.node.body, env, function.scope)
        stated = inference.annotation(function.node.returns, function.scope.parent or function.scope)
        result = self.as_context(function, stated or self.joined_results(ends))
        if result != function.returns:
            function.returns = result
            inference.changed.update(function.readers)
        inference.function = None

    def joined_results(self, ends: bool) -> Type | None:
        """The join of what every ``return`` gives; a bare end gives None and yields to the others."""
        if self.inference.yields:
            return held("iterator", join_all(self.inference.yields, self.inference.common))
        return join_all(self.results, self.inference.common)

    def as_context(self, function: FunctionFacts, result: Type | None) -> Type | None:
        """What a generator yields is what ``with`` binds, when it is made for that."""
        return held("context", element(result)) if function.is_context else result

    def block(self, statements: list[ast.stmt], env: Environment, scope: Scope) -> bool:
        """Run statements in order; whether the end cannot be reached."""
        for i, statement in enumerate(statements):
            if self.statement(statement, env, scope):
                for rest in statements[i + 1 :]:
                    self.statement(rest, dict(env), scope)
                return True
        return False

    def statement(self, node: ast.stmt, env: Environment, scope: Scope) -> bool:
        """Run one statement on ``env``; whether control does not go on behind it."""
        method = getattr(self, "run_" + type(node).__name__.lower(), None)
        if method is not None:
            return bool(method(node, env, scope))
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.inference.infer(child, env, scope)
        return isinstance(node, ast.Raise)

    def run_break(self, node: ast.Break, env: Environment, scope: Scope) -> bool:
        if self.loops:
            self.loops[-1].breaks.append(dict(env))
        return True

    def run_continue(self, node: ast.Continue, env: Environment, scope: Scope) -> bool:
        if self.loops:
            self.loops[-1].continues.append(dict(env))
        return True

    def run_assert(self, node: ast.Assert, env: Environment, scope: Scope) -> None:
        self.inference.infer(node.test, env, scope)
        held_, failed = self.inference.ways(node.test, env, scope)
        if node.msg is not None:
            self.inference.infer(node.msg, failed, scope)
        env.update(held_)

    def run_delete(self, node: ast.Delete, env: Environment, scope: Scope) -> None:
        for target in node.targets:
            self.inference.infer(target, env, scope)
            if isinstance(target, ast.Name):
                env[target.id] = None

    def run_assign(self, node: ast.Assign, env: Environment, scope: Scope) -> None:
        fact = self.inference.infer(node.value, env, scope)
        for target in node.targets:
            self.inference.bind(target, fact, env, scope)

    def run_augassign(self, node: ast.AugAssign, env: Environment, scope: Scope) -> None:
        fact = self.inference.infer(ast.BinOp(node.target, node.op, node.value), env, scope)
        self.inference.rebind(node.target, node.target, fact, env, scope)

    def run_return(self, node: ast.Return, env: Environment, scope: Scope) -> bool:
        self.results.append(self.inference.infer(node.value, env, scope) if node.value else Type("None"))
        return True

    def run_with(self, node: ast.With | ast.AsyncWith, env: Environment, scope: Scope) -> bool:
        for item in node.items:
            fact = self.inference.infer(item.context_expr, env, scope)
            if item.optional_vars:
                self.inference.bind(item.optional_vars, self.entered(fact), env, scope)
        return self.block(node.body, env, scope)

    def entered(self, fact: Type | None) -> Type | None:
        """What ``with`` binds: what ``__enter__`` gives, as a rule the value itself."""
        facts = self.inference.index.find(fact.name) if fact is not None else None
        enter = facts.method("__enter__") if facts is not None else None
        if enter is not None:
            return self.inference.result_of(enter)
        if fact is not None and fact.name == "context":
            return fact.items[0] if fact.items else None
        return fact

    def run_annassign(self, node: ast.AnnAssign, env: Environment, scope: Scope) -> None:
        inference = self.inference
        self.inference.infer(node.annotation, env, scope)
        fact = inference.infer(node.value, env, scope) if node.value else None
        if (inference.resolve_type(scope, node.annotation) or "").endswith("TypeAlias"):
            inference.bind(node.target, held("type", inference.stated(node.value, scope)), env, scope)
            return
        stated = inference.stated(node.annotation, scope)
        plain = None if stated is not None and stated.name == "union" else stated
        if isinstance(scope.node, ast.ClassDef) and isinstance(node.target, ast.Name):
            facts = inference.index.classes.get(scope.node.name)
            if facts is not None:
                facts.attributes.setdefault(node.target.id, plain or fact)
                facts.stated.setdefault(node.target.id, plain)
        if isinstance(node.target, ast.Name) and inference.function is not None:
            inference.declared[node.target.id] = stated
        known = plain or fact or (stated if isinstance(node.target, ast.Name) else None)
        inference.bind(node.target, known, env, scope)

    def run_typealias(self, node: ast.stmt, env: Environment, scope: Scope) -> None:
        """``type X = ...``, from Python 3.12 on."""
        name, value = getattr(node, "name", None), getattr(node, "value", None)
        if isinstance(name, ast.Name) and isinstance(value, ast.expr):
            self.inference.infer(value, env, scope)
            env[name.id] = held("type", self.inference.stated(value, scope))

    def run_if(self, node: ast.If, env: Environment, scope: Scope) -> bool:
        self.inference.infer(node.test, env, scope)
        inside, outside = map(dict, self.inference.ways(node.test, env, scope))
        ends_body, ends_else = self.block(node.body, inside, scope), self.block(node.orelse, outside, scope)
        if ends_body and ends_else:
            return True
        if not ends_body and not ends_else:
            self.stand_in(node, env, inside, outside)
        self.update(env, [e for e, ends in ((inside, ends_body), (outside, ends_else)) if not ends])
        return False

    def stand_in(self, node: ast.If, env: Environment, inside: Environment, outside: Environment) -> None:
        """``if x is None: x = T``: an unknown ``x`` is then taken for what stands in for it."""
        test = node.test
        if not (isinstance(test, ast.Compare) and isinstance(test.ops[0], ast.Is)) or node.orelse:
            return
        key = key_of(test.left)
        if key is not None and key in outside and outside[key] is None and inside.get(key) is not None:
            outside[key] = inside[key] = self.inference.default(inside[key])

    def run_for(self, node: ast.For | ast.AsyncFor | ast.While, env: Environment, scope: Scope) -> None:
        if isinstance(node, ast.While):
            self.inference.infer(node.test, env, scope)  # what it binds is bound, however often the body runs
        before = dict(env)
        breaks: list[Environment] = []
        for _ in range(2):  # the second pass sees what the first one assigned
            loop = _Loop()
            self.loops.append(loop)
            if isinstance(node, ast.While):
                self.inference.infer(node.test, env, scope)
                inside, outside = map(dict, self.inference.ways(node.test, env, scope))
            else:
                inside, outside = dict(env), env
                container = self.inference.infer(node.iter, env, scope)
                self.inference.bind(node.target, self.inference.element_of(container), inside, scope)
            ends = self.block(node.body, inside, scope)
            self.loops.pop()
            breaks = loop.breaks
            self.update(env, [before, *loop.continues, *([] if ends else [inside])])
        if isinstance(node, ast.While):
            outside = dict(self.inference.ways(node.test, env, scope)[1])
            env.clear()
            env.update(outside)
        ends = self.block(node.orelse, env, scope)
        if breaks:
            self.update(env, breaks if ends else [dict(env), *breaks])

    def run_try(self, node: ast.Try | ast.TryStar, env: Environment, scope: Scope) -> bool:
        before = dict(env)
        ends = self.block(node.body, env, scope) or self.block(node.orelse, env, scope)
        ways = [] if ends else [dict(env)]
        for handler in node.handlers:
            if handler.type:
                self.inference.infer(handler.type, env, scope)
            way = dict(before)
            self.update(way, [dict(before), dict(env)])
            if not self.block(handler.body, way, scope):
                ways.append(way)
        if ways:
            self.update(env, ways)
        return self.block(node.finalbody, env, scope) or not ways

    def run_match(self, node: ast.Match, env: Environment, scope: Scope) -> None:
        inference = self.inference
        subject = inference.infer(node.subject, env, scope)
        ways = [dict(env)]
        for case in node.cases:
            way = dict(env)
            fact = inference.match(case.pattern, subject, way, scope)
            key = key_of(node.subject)
            if key is not None and fact is not None:
                way[key] = fact
            if case.guard:
                inference.infer(case.guard, way, scope)
            if not self.block(case.body, way, scope):
                ways.append(way)
        self.update(env, ways)

    def run_functiondef(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, env: Environment, scope: Scope
    ) -> None:
        for decorator in node.decorator_list:
            self.inference.infer(decorator, env, scope)
        if isinstance(node, ast.ClassDef):
            for base in (*node.bases, *(k.value for k in node.keywords)):
                self.inference.infer(base, env, scope)
            inner: Environment = dict(env)
            self.block(node.body, inner, self.names.scopes[node])
            self.class_attributes(node, inner)
            return
        a = node.args
        for part in (*a.posonlyargs, *a.args, *a.kwonlyargs, *filter(None, (a.vararg, a.kwarg))):
            if part.annotation:
                self.inference.infer(part.annotation, env, scope)
        for default in (*a.defaults, *filter(None, a.kw_defaults)):
            self.inference.infer(default, env, scope)
        if node.returns:
            self.inference.infer(node.returns, env, scope)
        if isinstance(scope.node, ast.FunctionDef | ast.AsyncFunctionDef):
            self.closures[node] = dict(env)

    def class_attributes(self, node: ast.ClassDef, env: Environment) -> None:
        """``expansion = 4`` in a class body is an attribute of its instances; in an enumeration, one of these."""
        facts = self.inference.index.classes.get(node.name)
        member = Type(facts.name) if facts is not None and ENUMERATIONS & set(facts.bases()) else None
        for statement in node.body if facts is not None else ():
            for target in statement.targets if isinstance(statement, ast.Assign) else ():
                if facts is not None and isinstance(statement, ast.Assign) and isinstance(target, ast.Name):
                    if target.id == "__annotations__" and isinstance(statement.value, ast.Dict):
                        self.stated_attributes(statement.value, facts, self.names.scopes[node])
                    facts.attributes.setdefault(target.id, member or env.get(target.id))

    def stated_attributes(self, table: ast.Dict, facts: ClassFacts, scope: Scope) -> None:
        """``__annotations__ = {"cells": List[Tensor]}`` in a class body: types of its attributes."""
        for key, stated in zip(table.keys, table.values, strict=True):
            fact = self.inference.annotation(stated, scope)
            if isinstance(key, ast.Constant) and isinstance(key.value, str) and fact is not None:
                facts.attributes.setdefault(key.value, fact)
                facts.stated.setdefault(key.value, fact)

    run_asyncwith = run_with
    run_while = run_asyncfor = run_for
    run_trystar = run_try
    run_classdef = run_asyncfunctiondef = run_functiondef

    def update(self, env: Environment, ways: list[Environment]) -> None:
        """What holds whichever way control came."""
        first, *rest = ways
        merged = dict(first)
        for way in rest:
            merged = self.merged(merged, way)
        env.clear()
        env.update(merged)

    def merged(self, one: Environment, other: Environment) -> Environment:
        """What holds after either; a name that only one of them binds is what it is there."""
        join = self.inference.join
        found: Environment = {}
        for name in {**one, **other}:
            if name in one and name in other:
                a, b = one[name], other[name]
                found[name] = a if a is b else join(a, b)
            elif "." not in name:
                found[name] = one.get(name, other.get(name))
        return found


def _in_order(functions: set[FunctionFacts]) -> list[FunctionFacts]:
    return sorted(functions, key=lambda f: (f.node.lineno, f.node.col_offset))
