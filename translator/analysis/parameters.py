"""Parameter types: stated, else learnt from the calls in view, from default values and from the parameter's uses."""

from __future__ import annotations

import ast
from dataclasses import replace

from translator.analysis.evidence import TENSOR, evidence_of
from translator.analysis.facts import Environment
from translator.analysis.index import FunctionFacts
from translator.analysis.targets import Targets
from translator.analysis.types import NONE, assumed, held, with_elements_of
from translator.core import Type


def parameters_of(inference: Targets, function: FunctionFacts) -> Environment:
    """What is known of the parameters of a function where its body begins."""
    a = function.node.args
    stated, known = _stated(inference, function), inference.overridden(function)
    defaults = _defaults(a)
    env: Environment = {}
    for parameter in (*a.posonlyargs, *a.args, *a.kwonlyargs):
        name = parameter.arg
        fact = stated[name]
        if fact is None and name in known and name not in function.arguments:
            fact = known[name]
        if fact is None:
            fact = _learnt(inference, function, name, defaults.get(name)) or inference.observed(parameter)
        elif name not in function.open:
            fact = with_elements_of(fact, function.arguments.get(name))
        env[name] = fact
    for rest, kind in ((a.vararg, "tuple"), (a.kwarg, "dict")):
        if rest is not None:
            inner = stated[rest.arg] or assumed(function.arguments.get(rest.arg))
            env[rest.arg] = held(kind, None if rest.arg in function.open else inner)
    return env


def _stated(inference: Targets, function: FunctionFacts) -> Environment:
    """What annotations say of every parameter; ``self`` and ``cls`` are of the class. Aliases are known by now."""
    if function.stated is None:
        a, outer = function.node.args, function.scope.parent or function.scope
        rest = [part for part in (a.vararg, a.kwarg) if part is not None]
        found = {p.arg: inference.stated(p.annotation, outer) for p in (*a.posonlyargs, *a.args, *a.kwonlyargs)}
        found |= {p.arg: inference.annotation(p.annotation, outer) for p in rest}
        first = [p.arg for p in (*a.posonlyargs, *a.args)][: 1 if function.owner and not function.is_static else 0]
        for name in first:
            owner = Type(function.owner.name) if function.owner is not None else None
            found[name] = found[name] or (held("type", owner) if function.is_class_method else owner)
        function.stated = found
    return function.stated


def _defaults(a: ast.arguments) -> dict[str, ast.expr]:
    positional = [*a.posonlyargs, *a.args]
    given = {p.arg: default for p, default in zip(reversed(positional), reversed(a.defaults), strict=False)}
    named = zip(a.kwonlyargs, a.kw_defaults, strict=True)
    return given | {p.arg: default for p, default in named if default is not None}


def _learnt(inference: Targets, function: FunctionFacts, name: str, node: ast.expr | None) -> Type | None:
    """What is known of a parameter without annotation; a weak fact."""
    default = inference.types.get(node) if node is not None else None
    if name in function.arguments:
        fact = function.arguments[name]
        fact = inference.join(fact, default) if default is not None and default != NONE else fact
        return assumed(replace(fact, values=()) if fact is not None and name in function.open else fact)
    usual = inference.default(default)
    if usual is not None:
        return replace(usual, values=())
    evidence = evidence_of(inference, function).get(name)
    owner = Type(function.owner.name) if function.owner is not None else None
    is_forward = function.node.name == "forward" and inference.is_layer(owner)
    is_tensor = evidence == TENSOR or (is_forward and evidence is None)
    return assumed(inference.tensor) if is_tensor else None
