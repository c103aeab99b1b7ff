"""Types through statements: assignments, branches, loops; and through the functions of a file until nothing changes."""

from __future__ import annotations

import ast

from translator.analysis.facts import Environment
from translator.analysis.index import FunctionFacts, index_module
from translator.analysis.infer import Inference
from translator.analysis.names import ALONE, Names, Scope
from translator.analysis.observed import FileFacts, Sightings
from translator.analysis.types import assumed, join
from translator.analysis.world import Place
from translator.core import Type
from translator.ruleset.model import RuleSet

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

    names = Names(tree, canonical, place)
    flow = _Flow(names, tree, rules)
    flow.inference.is_summary = is_summary
    flow.run(tree)
    if seen is not None:
        flow.run_observed(tree, Sightings(tree, seen, flow.inference))
    return flow.inference


class _Flow:
    def __init__(self, names: Names, tree: ast.Module, rules: RuleSet) -> None:
        self.names = names
        self.inference = Inference(names, index_module(tree, names), rules)
        self.results: list[Type | None] = []
        self.globals = self.inference.globals
        self.closures: dict[ast.AST, Environment] = {}

    def run(self, tree: ast.Module) -> None:
        """The module's statements, then its functions; both once more, where what they call was not known yet."""
        inference = self.inference
        rounds: dict[FunctionFacts, int] = {}
        self.block(tree.body, self.globals, self.names.module)
        functions = sorted(inference.index.functions.values(), key=lambda f: f.node.name not in ("__init__", "forward"))
        self.settle(functions, rounds)
        inference.changed.clear()
        known = dict(self.globals)
        self.block(tree.body, self.globals, self.names.module)
        self.settle(functions if self.globals != known else list(inference.changed), rounds)

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
            pending = [f for f in inference.changed if rounds.get(f, 0) < ROUNDS]

    def analyse_function(self, function: FunctionFacts) -> None:
        """One pass over a function's body with what is known of its parameters now."""
        self.inference.function, self.results = function, []
        env = dict(self.closures.get(function.node, self.globals))
        env.update(self.parameters(function))
        ends = self.block(function.node.body, env, function.scope)
        stated = self.inference.annotation(function.node.returns, function.scope.parent or function.scope)
        result = stated or self.joined_results(ends)
        if result != function.returns:
            function.returns = result
            self.inference.changed.update(function.readers)
        self.inference.function = None

    def joined_results(self, ends: bool) -> Type | None:
        """The join of what every ``return`` gives; a bare end gives None and yields to the others."""
        facts = self.results if ends or self.results else []
        if not facts:
            return None
        joined = facts[0]
        for fact in facts[1:]:
            joined = join(joined, fact)
        return joined

    def parameters(self, function: FunctionFacts) -> Environment:
        """Parameter types: stated, else learnt from the calls in view, else (in ``forward``) a tensor is assumed."""
        inference, a = self.inference, function.node.args
        outer = function.scope.parent or function.scope
        env: Environment = {}
        everything = [*a.posonlyargs, *a.args, *a.kwonlyargs]
        own = {p.arg for p in function.parameters()} | {p.arg for p in a.kwonlyargs}
        is_forward = (
            function.node.name == "forward"
            and function.owner is not None
            and inference.is_layer(Type(function.owner.name))
        )
        known = inference.overridden(function)
        for parameter in everything:
            stated = inference.annotation(parameter.annotation, outer)
            if stated is not None:
                env[parameter.arg] = stated
            elif function.owner is not None and parameter.arg not in own:
                env[parameter.arg] = Type(function.owner.name)
            elif parameter.arg in function.arguments:
                env[parameter.arg] = assumed(function.arguments[parameter.arg])
            elif parameter.arg in known:
                env[parameter.arg] = known[parameter.arg]
            else:
                env[parameter.arg] = assumed(inference.tensor) if is_forward else inference.observed(parameter)
        for default in (*a.defaults, *filter(None, a.kw_defaults)):
            inference.infer(default, self.globals, outer)
        if a.vararg:
            env[a.vararg.arg] = Type("tuple")
        if a.kwarg:
            env[a.kwarg.arg] = Type("dict")
        return env

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
        return isinstance(node, ast.Raise | ast.Continue | ast.Break)

    def run_assign(self, node: ast.Assign, env: Environment, scope: Scope) -> None:
        fact = self.inference.infer(node.value, env, scope)
        for target in node.targets:
            self.inference.bind(target, fact, env, scope)

    def run_augassign(self, node: ast.AugAssign, env: Environment, scope: Scope) -> None:
        fact = self.inference.infer(ast.BinOp(node.target, node.op, node.value), env, scope)
        if isinstance(node.target, ast.Name):
            env[node.target.id] = fact

    def run_return(self, node: ast.Return, env: Environment, scope: Scope) -> bool:
        self.results.append(self.inference.infer(node.value, env, scope) if node.value else Type("None"))
        return True

    def run_with(self, node: ast.With | ast.AsyncWith, env: Environment, scope: Scope) -> bool:
        for item in node.items:
            fact = self.inference.infer(item.context_expr, env, scope)
            if item.optional_vars:
                self.inference.bind(item.optional_vars, fact, env, scope)
        return self.block(node.body, env, scope)

    def run_annassign(self, node: ast.AnnAssign, env: Environment, scope: Scope) -> None:
        stated = self.inference.annotation(node.annotation, scope)
        self.inference.infer(node.annotation, env, scope)
        fact = self.inference.infer(node.value, env, scope) if node.value else None
        if isinstance(scope.node, ast.ClassDef) and isinstance(node.target, ast.Name):
            facts = self.inference.index.classes.get(scope.node.name)
            if facts is not None:
                facts.attributes.setdefault(node.target.id, stated or fact)
        self.inference.bind(node.target, stated or fact, env, scope)

    def run_if(self, node: ast.If, env: Environment, scope: Scope) -> bool:
        self.inference.infer(node.test, env, scope)
        inside, outside = dict(self.inference.narrowed(node.test, env, scope)), dict(env)
        ends_body, ends_else = self.block(node.body, inside, scope), self.block(node.orelse, outside, scope)
        if ends_body and ends_else:
            return True
        _update(env, [e for e, ends in ((inside, ends_body), (outside, ends_else)) if not ends])
        return False

    def run_for(self, node: ast.For | ast.AsyncFor | ast.While, env: Environment, scope: Scope) -> None:
        before = dict(env)
        for _ in range(2):  # the second pass sees what the first one assigned
            if isinstance(node, ast.While):
                self.inference.infer(node.test, env, scope)
            else:
                container = self.inference.infer(node.iter, env, scope)
                self.inference.bind(node.target, self.inference.element_of(container), env, scope)
            self.block(node.body, env, scope)
            _update(env, [dict(env), before])
        self.block(node.orelse, env, scope)

    def run_try(self, node: ast.Try | ast.TryStar, env: Environment, scope: Scope) -> bool:
        before = dict(env)
        ends = self.block(node.body, env, scope) or self.block(node.orelse, env, scope)
        ways = [] if ends else [dict(env)]
        for handler in node.handlers:
            if handler.type:
                self.inference.infer(handler.type, env, scope)
            way = dict(before)
            if not self.block(handler.body, way, scope):
                ways.append(way)
        if ways:
            _update(env, ways)
        return self.block(node.finalbody, env, scope) or not ways

    def run_match(self, node: ast.Match, env: Environment, scope: Scope) -> None:
        self.inference.infer(node.subject, env, scope)
        ways = [dict(env)]
        for case in node.cases:
            way = dict(env)
            for part in ast.walk(case.pattern):
                for value in (part.value,) if isinstance(part, ast.MatchValue) else ():
                    self.inference.infer(value, way, scope)
                if isinstance(part, ast.MatchClass):
                    self.inference.infer(part.cls, way, scope)
                elif isinstance(part, ast.MatchAs | ast.MatchStar) and part.name:
                    way[part.name] = None
            if case.guard:
                self.inference.infer(case.guard, way, scope)
            if not self.block(case.body, way, scope):
                ways.append(way)
        _update(env, ways)

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
        """``expansion = 4`` in a class body is an attribute of its instances."""
        facts = self.inference.index.classes.get(node.name)
        for statement in node.body if facts is not None else ():
            for target in statement.targets if isinstance(statement, ast.Assign) else ():
                if facts is not None and isinstance(target, ast.Name):
                    facts.attributes.setdefault(target.id, env.get(target.id))

    run_asyncwith = run_with
    run_while = run_asyncfor = run_for
    run_trystar = run_try
    run_classdef = run_asyncfunctiondef = run_functiondef


def _update(env: Environment, ways: list[Environment]) -> None:
    """What holds whichever way control came."""
    first, *rest = ways
    merged = dict(first)
    for way in rest:
        merged = {
            name: join(merged[name], way[name]) if name in merged and name in way else merged.get(name, way.get(name))
            for name in {**merged, **way}
        }
    env.clear()
    env.update(merged)
