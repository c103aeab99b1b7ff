"""Types of expressions, and which API of the source framework each one uses."""

from __future__ import annotations

import ast

from translator.analysis.calls import Calls
from translator.analysis.facts import Environment, Use
from translator.analysis.names import Scope
from translator.analysis.types import (
    BOOL,
    FLOAT,
    INT,
    NONE,
    NUMBERS,
    SEQUENCES,
    STR,
    element,
    from_text,
    join,
    join_all,
)
from translator.core import Type


class Inference(Calls):
    """Infers expressions of one module; remembers every type and every use of an API."""

    def infer(self, node: ast.expr, env: Environment, scope: Scope) -> Type | None:
        """The type of an expression; records it, and the uses inside."""
        handler = getattr(self, "_" + type(node).__name__.lower(), None)
        fact: Type | None
        if handler is not None:
            fact = handler(node, env, scope)
        else:
            fact = None
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.expr):
                    self.infer(child, env, scope)
        if self.unobserved is not None:
            fact = self.with_observed(node, fact)
        self.types[node] = fact
        return fact

    def _constant(self, node: ast.Constant, env: Environment, scope: Scope) -> Type | None:
        return NONE if node.value is None else Type(type(node.value).__name__)

    def _joinedstr(self, node: ast.JoinedStr, env: Environment, scope: Scope) -> Type | None:
        for part in node.values:
            self.infer(part, env, scope)
        return STR

    def _name(self, node: ast.Name, env: Environment, scope: Scope) -> Type | None:
        name = self.names.qualified(node, scope)
        if name is not None:
            return self._reference(node, name, scope)
        if node.id in env:
            return env[node.id]
        return Type("type", (Type(node.id),)) if node.id in self.index.classes else None

    def _reference(self, node: ast.expr, name: str, scope: Scope) -> Type | None:
        """A dotted name that an import explains: a use of that name if it is the framework's."""
        if not self.is_source(name):
            return self.outer_value(name)
        self.uses[node], self.scopes_of[node] = Use(name), scope
        rule = self.rules.get(name)
        if rule is None or not rule.returns:
            return None
        return Type("type", (from_text(rule.returns),)) if rule.returns == rule.api else from_text(rule.returns)

    def _attribute(self, node: ast.Attribute, env: Environment, scope: Scope) -> Type | None:
        name = self.names.qualified(node, scope)
        if name is not None:
            if (
                self.is_source(name)
                and self.rules.get(name) is None
                and self.rules.get(name.rpartition(".")[0]) is not None
            ):
                self.infer(node.value, env, scope)
                return None
            return self._reference(node, name, scope)
        receiver = self.infer(node.value, env, scope)
        return self._member_of(node, receiver, scope)

    def _binop(self, node: ast.BinOp, env: Environment, scope: Scope) -> Type | None:
        left, right = self.infer(node.left, env, scope), self.infer(node.right, env, scope)
        for fact in (left, right):
            if fact is not None and fact.name == self.tensor.name:
                return Type(fact.name, (), any(f is not None and f.assumed for f in (left, right)))
        if left is None or right is None:
            return None
        if left.name == "str":
            return STR
        if left.name in NUMBERS and right.name in NUMBERS:
            return FLOAT if isinstance(node.op, ast.Div) or "float" in (left.name, right.name) else INT
        if left.name in ("list", "tuple"):
            return Type(left.name, left.items + right.items) if left.name == "tuple" else join(left, right) or left
        return None

    def _compare(self, node: ast.Compare, env: Environment, scope: Scope) -> Type | None:
        facts = [self.infer(part, env, scope) for part in (node.left, *node.comparators)]
        if any(isinstance(op, ast.Is | ast.IsNot | ast.In | ast.NotIn) for op in node.ops):
            return BOOL
        return next((f for f in facts if f is not None and f.name == self.tensor.name), BOOL)

    def _boolop(self, node: ast.BoolOp, env: Environment, scope: Scope) -> Type | None:
        facts, inside = [], env
        for value in node.values:
            facts.append(self.infer(value, inside, scope))
            inside = self.narrowed(value, inside, scope) if isinstance(node.op, ast.And) else inside
        return join_all(facts)

    def _unaryop(self, node: ast.UnaryOp, env: Environment, scope: Scope) -> Type | None:
        operand = self.infer(node.operand, env, scope)
        return BOOL if isinstance(node.op, ast.Not) else operand

    def _ifexp(self, node: ast.IfExp, env: Environment, scope: Scope) -> Type | None:
        self.infer(node.test, env, scope)
        inside = self.narrowed(node.test, env, scope)
        body, orelse = self.infer(node.body, inside, scope), self.infer(node.orelse, env, scope)
        both_layers = self.is_layer(body) and self.is_layer(orelse)
        return join(body, orelse) or (Type(self.pack.module) if both_layers else None)

    def narrowed(self, test: ast.expr, env: Environment, scope: Scope) -> Environment:
        """The environment where ``test`` held: ``isinstance(x, T)`` makes ``x`` a T."""
        if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
            for part in test.values:
                env = self.narrowed(part, env, scope)
            return env
        is_check = isinstance(test, ast.Call) and isinstance(test.func, ast.Name) and test.func.id == "isinstance"
        if (
            not is_check
            or not isinstance(test, ast.Call)
            or len(test.args) != 2
            or not isinstance(test.args[0], ast.Name)
        ):
            return env
        classes = test.args[1].elts if isinstance(test.args[1], ast.Tuple) else [test.args[1]]
        facts: list[Type | None] = [Type(name) if (name := self.resolve_type(scope, c)) else None for c in classes]
        joined = join_all(facts)
        if joined is None and all(self.is_layer(fact) for fact in facts):
            joined = Type(self.pack.module)
        return {**env, test.args[0].id: joined}

    def _subscript(self, node: ast.Subscript, env: Environment, scope: Scope) -> Type | None:
        value = self.infer(node.value, env, scope)
        self.infer(node.slice, env, scope)
        if value is None:
            return None
        if value.name == self.tensor.name:
            rule = self.member(value, "__getitem__")
            if rule is not None:
                self.uses[node], self.scopes_of[node] = Use(rule.api, node.value, value), scope
            return value
        if isinstance(node.slice, ast.Slice):
            self._cut(node, value, scope)
            return (
                Type(value.name, (element(value),), value.assumed)
                if value.name in SEQUENCES and value.items
                else Type(value.name)
            )
        if value.name == "tuple" and isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, int):
            i = node.slice.value
            return value.items[i] if -len(value.items) <= i < len(value.items) else element(value)
        if value.name == "dict":
            return value.items[0] if value.items else None
        return self.element_of(value)

    def _cut(self, node: ast.Subscript, value: Type, scope: Scope) -> None:
        """``layers[2:]``: a use where a rule tells what a slice becomes that does not begin at the first."""
        part = node.slice
        assert isinstance(part, ast.Slice)
        begins = part.lower is None or (isinstance(part.lower, ast.Constant) and part.lower.value == 0)
        rule = self.member(value, "__getslice__")
        if rule is not None and not (begins and part.step is None):
            self.uses[node], self.scopes_of[node] = Use(rule.api, node.value, value), scope

    def _sequence(self, node: ast.List | ast.Tuple | ast.Set, env: Environment, scope: Scope) -> Type | None:
        kind = type(node).__name__.lower()
        items = [self.infer(e.value if isinstance(e, ast.Starred) else e, env, scope) for e in node.elts]
        if any(isinstance(e, ast.Starred) for e in node.elts):
            return Type(kind)
        if kind == "tuple":
            return Type(kind, tuple(items))
        inner = join_all(items)
        return Type(kind, (inner,)) if inner else Type(kind)

    _list = _tuple = _set = _sequence

    def _dict(self, node: ast.Dict, env: Environment, scope: Scope) -> Type | None:
        for key in node.keys:
            if key is not None:
                self.infer(key, env, scope)
        inner = join_all([self.infer(value, env, scope) for value in node.values])
        return Type("dict", (inner,)) if inner else Type("dict")

    def _comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp, env: Environment, scope: Scope
    ) -> Type | None:
        inner_scope = self.names.scopes[node]
        env = dict(env)
        for i, generator in enumerate(node.generators):
            container = self.infer(generator.iter, env, inner_scope if i else scope)
            self.bind(generator.target, self.element_of(container), env, inner_scope)
            for condition in generator.ifs:
                self.infer(condition, env, inner_scope)
                env = self.narrowed(condition, env, inner_scope)
        if isinstance(node, ast.DictComp):
            self.infer(node.key, env, inner_scope)
            fact, kind = self.infer(node.value, env, inner_scope), "dict"
        else:
            fact = self.infer(node.elt, env, inner_scope)
            kind = {"ListComp": "list", "SetComp": "set"}.get(type(node).__name__, "iterator")
        return Type(kind, (fact,)) if fact else Type(kind)

    _listcomp = _setcomp = _generatorexp = _dictcomp = _comprehension

    def _lambda(self, node: ast.Lambda, env: Environment, scope: Scope) -> Type | None:
        a = node.args
        for default in (*a.defaults, *filter(None, a.kw_defaults)):
            self.infer(default, env, scope)
        hidden = {p.arg for p in (*a.posonlyargs, *a.args, *a.kwonlyargs, *filter(None, (a.vararg, a.kwarg)))}
        self.infer(node.body, {k: v for k, v in env.items() if k not in hidden}, self.names.scopes[node])
        return None

    def _namedexpr(self, node: ast.NamedExpr, env: Environment, scope: Scope) -> Type | None:
        fact = self.infer(node.value, env, scope)
        env[node.target.id] = fact
        return fact

    def _starred(self, node: ast.Starred, env: Environment, scope: Scope) -> Type | None:
        return self.infer(node.value, env, scope)

    def bind(self, target: ast.expr, fact: Type | None, env: Environment, scope: Scope) -> None:
        """Assign a type to a target: a name, an attribute of ``self``, a tuple of targets."""
        self.types[target] = fact
        if isinstance(target, ast.Name):
            env[target.id] = fact
        elif isinstance(target, ast.Tuple | ast.List):
            for i, part in enumerate(target.elts):
                known = fact is not None and fact.name == "tuple" and len(fact.items) == len(target.elts)
                inner = fact.items[i] if known and fact else self.element_of(fact)
                self.bind(part.value if isinstance(part, ast.Starred) else part, inner, env, scope)
        elif isinstance(target, ast.Attribute):
            if self.names.qualified(target, scope):
                self._attribute(target, env, scope)
                return
            receiver = self.infer(target.value, env, scope)
            if isinstance(target.value, ast.Name) and target.value.id == "self" and receiver is not None:
                self._learn_attribute(receiver, target, fact)
            else:
                self._member_of(target, receiver, scope)
        elif isinstance(target, ast.Subscript):
            self._subscript(target, env, scope)

    def _learn_attribute(self, receiver: Type, target: ast.Attribute, fact: Type | None) -> None:
        """``self.name = value``: the attribute's type is the join over every assignment in the file."""
        facts = self.index.find(receiver.name)
        if facts is None:
            return
        assigned = facts.assigned.setdefault(target.attr, {})
        assigned[target] = fact
        joined = join_all(list(assigned.values()))
        if joined is None and all(self.is_layer(known) for known in assigned.values()):
            joined = Type(self.pack.module)
        if target.attr not in facts.attributes or joined != facts.attributes[target.attr]:
            facts.attributes[target.attr] = joined
            self.changed.update(facts.readers)
