"""Types of calls: of APIs, members, functions and classes of the file, builtins."""

from __future__ import annotations

import ast
from typing import TypeGuard

from translator.analysis.binding import choose
from translator.analysis.facts import Environment, Facts, Use
from translator.analysis.index import Callee, ClassFacts, FunctionFacts
from translator.analysis.names import Scope
from translator.analysis.summary import RESULT
from translator.analysis.types import BOOL, FLOAT, INT, NONE, SEQUENCES, STR, assumed, element, from_text, join
from translator.core import Type
from translator.ruleset.model import Rule

_BUILTIN_RESULTS = {
    "len": INT,
    "int": INT,
    "round": None,
    "float": FLOAT,
    "str": STR,
    "bool": BOOL,
    "isinstance": BOOL,
    "range": Type("range"),
    "repr": STR,
    "dict": Type("dict"),
    "set": Type("set"),
    "hasattr": BOOL,
    "callable": BOOL,
    "print": NONE,
}


class Calls(Facts):
    """What calls give; ``Inference`` brings the other expressions."""

    def infer(self, node: ast.expr, env: Environment, scope: Scope) -> Type | None:
        """The type of an expression; records it, and the uses inside."""
        raise NotImplementedError

    def _call(self, node: ast.Call, env: Environment, scope: Scope) -> Type | None:
        arguments = [self.infer(a.value if isinstance(a, ast.Starred) else a, env, scope) for a in node.args]
        keywords = {k.arg: self.infer(k.value, env, scope) for k in node.keywords}
        name = self.names.qualified(node.func, scope)
        if name is not None:
            return self._call_of_name(node, name, arguments, keywords, scope)
        if isinstance(node.func, ast.Attribute):
            return self._call_of_member(node, node.func, arguments, keywords, env, scope)
        if isinstance(node.func, ast.Name):
            return self._call_of_local(node, node.func.id, arguments, keywords, env, scope)
        return self._call_of_value(node, self.infer(node.func, env, scope), arguments, keywords)

    def _call_of_name(
        self,
        node: ast.Call,
        name: str,
        arguments: list[Type | None],
        keywords: dict[str | None, Type | None],
        scope: Scope,
    ) -> Type | None:
        if not self.is_source(name):
            return self._call_of_outer(node, name, arguments, keywords)
        owner, _, member = name.rpartition(".")
        rule = self.rules.get(name)
        if rule is None and (base := self.rules.get(owner)) is not None and base.returns == base.api:
            rule = self.member(Type(base.api), member)
            name = rule.api if rule else name
        self.uses[node], self.scopes_of[node] = Use(name), scope
        if rule is None:
            return None
        return self._result(rule, node, None)

    def _call_of_outer(
        self, node: ast.Call, name: str, arguments: list[Type | None], keywords: dict[str | None, Type | None]
    ) -> Type | None:
        """A call of what is not the framework's: of another module of the tree, or of a library."""
        if name in ("collections.OrderedDict", "collections.defaultdict"):
            return Type("dict")
        facts = self.index.find(self.index.bare(name))
        if facts is not None:
            return self._construct(facts, node, arguments, keywords)
        function = self.place.world.function_of(name)
        if function is not None:
            return self.index.localize(function.returns)
        value = self.outer_value(name)
        return self._call_of_value(node, value, arguments, keywords) if value else self.deferred(name)

    def _result(self, rule: Rule, node: ast.Call, receiver: Type | None) -> Type | None:
        """What a call of a rule's API gives; overloads that differ in it are told apart by the number of arguments."""
        texts = {action.returns or rule.returns for action in rule.actions} or {rule.returns}
        fact: Type | None = None
        if texts == {"self"}:
            return receiver
        if len(texts) == 1 and (text := next(iter(texts))):
            fact = from_text(text)
        elif len(texts) > 1:
            chosen = choose(rule, node, self.types)
            fact = from_text(chosen.returns) if chosen is not None and chosen.returns else None
        return assumed(fact) if receiver is not None and receiver.assumed else fact

    def _call_of_member(
        self,
        node: ast.Call,
        func: ast.Attribute,
        arguments: list[Type | None],
        keywords: dict[str | None, Type | None],
        env: Environment,
        scope: Scope,
    ) -> Type | None:
        if self._is_super(func.value):
            for argument in func.value.args:
                self.infer(argument, env, scope)
            return self._call_of_super(node, func, arguments, keywords, scope)
        receiver = self.infer(func.value, env, scope)
        if receiver is None or receiver.name == RESULT:
            rule = self._guess(node, func, scope)
            return assumed(self._result(rule, node, None)) if rule and self.is_distinct(func.attr) else None
        facts = self.index.find(receiver.name)
        method = facts.method(func.attr) if facts else None
        if method is not None:
            return self._enter(method, node, arguments, keywords)
        rule = self.member(receiver, func.attr)
        if rule is not None:
            self.uses[node], self.scopes_of[node] = Use(rule.api, func.value, receiver), scope
            return self._result(rule, node, receiver)
        self.uses.pop(node, None)
        if receiver.name in (*SEQUENCES, "str"):
            return self._builtin_method(receiver, func.attr)
        if receiver.name == self.tensor.name:
            self.uses[node], self.scopes_of[node] = Use(f"{receiver.name}.{func.attr}", func.value, receiver), scope
            return None
        return self._call_of_value(node, self._member_of(func, receiver, scope), arguments, keywords)

    @staticmethod
    def _builtin_method(receiver: Type, name: str) -> Type | None:
        if receiver.name == "str":
            return Type("list", (STR,)) if name in ("split", "rsplit", "splitlines") else STR
        if receiver.name == "dict" and name == "values":
            return Type("iterator", receiver.items)
        if receiver.name == "dict" and name == "items":
            return (
                Type("iterator", (Type("tuple", (None, *receiver.items[:1])),)) if receiver.items else Type("iterator")
            )
        if receiver.name == "dict" and name in ("get", "pop"):
            return receiver.items[0] if receiver.items else None
        return element(receiver) if name == "pop" else None

    @staticmethod
    def _is_super(node: ast.expr) -> TypeGuard[ast.Call]:
        return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super"

    def _call_of_super(
        self,
        node: ast.Call,
        func: ast.Attribute,
        arguments: list[Type | None],
        keywords: dict[str | None, Type | None],
        scope: Scope,
    ) -> Type | None:
        owner = self.function.owner if self.function else None
        for base in owner.lineage()[1:] if owner else ():
            if func.attr in base.methods:
                return self._enter(base.methods[func.attr], node, arguments, keywords)
        for name in owner.bases() if owner else ():
            rule = self.rules.get(f"{self.canonical(name)}.{func.attr}")
            if rule is not None:
                self.uses[node], self.scopes_of[node] = Use(rule.api, func.value, Type(self.canonical(name))), scope
                return self._result(rule, node, None)
        self._call_of_base(node, func, owner, scope)
        return self.tensor if func.attr == "forward" and owner and self.is_layer(Type(owner.name)) else None

    def _call_of_base(self, node: ast.Call, func: ast.Attribute, owner: ClassFacts | None, scope: Scope) -> None:
        """``super().__init__(...)`` of a framework's layer takes its arguments; another method has no rule."""
        base = next((self.canonical(name) for name in owner.outer if self.is_source(name)), "") if owner else ""
        if not base or (func.attr.startswith("__") and func.attr != "__init__"):
            return
        use = Use(f"{base}.{func.attr}", func.value, Type(base))
        if func.attr == "__init__":
            use = Use(base, func.value, Type(base), inherited=True)
            if self.rules.get(base) is None:
                return
        self.uses[node], self.scopes_of[node] = use, scope

    def _call_of_local(
        self,
        node: ast.Call,
        name: str,
        arguments: list[Type | None],
        keywords: dict[str | None, Type | None],
        env: Environment,
        scope: Scope,
    ) -> Type | None:
        holder = scope.holder(name)
        function = self.index.by_name.get((holder, name)) if holder else None
        if function is not None:
            return self._enter(function, node, arguments, keywords)
        if name in self.index.classes and name not in env:
            return self._construct(self.index.classes[name], node, arguments, keywords)
        if holder is None:
            return self._builtin(name, arguments)
        return self._call_of_value(node, self.infer(node.func, env, scope), arguments, keywords)

    def _construct(
        self, facts: ClassFacts, node: ast.Call, arguments: list[Type | None], keywords: dict[str | None, Type | None]
    ) -> Type | None:
        method = facts.method("__init__")
        if method is not None:
            self._enter(method, node, arguments, keywords)
        return Type(facts.name)

    def _call_of_value(
        self, node: ast.Call, fact: Type | None, arguments: list[Type | None], keywords: dict[str | None, Type | None]
    ) -> Type | None:
        """Calling a value: a layer runs its ``forward``, a class makes an instance."""
        if fact is None:
            return None
        facts = self.index.find(fact.name)
        if fact.name == "callable":
            return fact.items[0]
        if facts is not None:
            method = facts.method("forward") if self.is_layer(fact) else facts.method("__call__")
            result = self._enter(method, node, arguments, keywords) if method else None
            return result or (assumed(self.tensor) if self.is_layer(fact) else None)
        if fact.name == "type" and fact.items and fact.items[0]:
            local = self.index.find(fact.items[0].name)
            return self._construct(local, node, arguments, keywords) if local else fact.items[0]
        if self.is_layer(fact):
            rule = self.rules.get(fact.name)
            result = from_text(rule.output) if rule and rule.output else self.tensor
            return assumed(result) if fact.assumed or fact.name == self.pack.module else result
        return None

    def _builtin(self, name: str, arguments: list[Type | None]) -> Type | None:
        if name in ("list", "tuple", "sorted", "reversed", "iter"):
            kind = {"sorted": "list", "reversed": "iterator", "iter": "iterator"}.get(name, name)
            inner = self.element_of(arguments[0]) if arguments else None
            return Type(kind, (inner,)) if inner else Type(kind)
        if name == "enumerate" and arguments:
            return Type("iterator", (Type("tuple", (INT, self.element_of(arguments[0]))),))
        if name == "zip" and arguments:
            return Type("iterator", (Type("tuple", tuple(self.element_of(a) for a in arguments)),))
        if name in ("max", "min", "abs", "sum", "next") and arguments:
            first = arguments[0]
            inner = self.element_of(first)
            return (
                first if name in ("max", "min") and len(arguments) > 1 and join(first, arguments[1]) else inner or first
            )
        return _BUILTIN_RESULTS.get(name)

    def _enter(
        self,
        function: Callee,
        node: ast.Call,
        arguments: list[Type | None],
        keywords: dict[str | None, Type | None],
    ) -> Type | None:
        """A call of a function: one of this file learns its arguments' types, the call its result's."""
        if not isinstance(function, FunctionFacts):
            return function.returns
        passed: dict[str, Type | None] = {}
        parameters = function.parameters()
        for parameter, argument, given in zip(parameters, arguments, node.args, strict=False):
            if isinstance(given, ast.Starred):
                break
            passed[parameter.arg] = argument
        passed.update((name, fact) for name, fact in keywords.items() if name)
        for name, fact in passed.items():
            if fact is None or fact == NONE:
                continue
            known = function.arguments.get(name, fact)
            joined = join(known, fact) if name in function.arguments else fact
            if name not in function.arguments or joined != known:
                function.arguments[name] = joined
                self.changed.add(function)
        self._read(function.readers)
        return function.returns
