"""Types of calls: of APIs, members, functions and classes of the file, builtins."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from typing import TypeGuard

from translator.analysis.binding import bind, choose
from translator.analysis.facts import Environment
from translator.analysis.index import Callee, ClassFacts, FunctionFacts
from translator.analysis.library import Arguments, Keywords
from translator.analysis.lookup import Lookups
from translator.analysis.names import Scope
from translator.analysis.plain import is_plain, part_of_plain
from translator.analysis.results import with_dtypes
from translator.analysis.stated import from_text
from translator.analysis.summary import RESULT
from translator.analysis.types import NONE, SEQUENCES, assumed
from translator.analysis.use import Use
from translator.core import Type
from translator.ruleset.model import Rule

_HIDDEN = Type("hidden")  # behind a starred argument nobody can tell which argument is which
_OVER_ELEMENTS = frozenset({"map", "filter", "functools.reduce"})


class Calls(Lookups):
    """What calls give; ``Inference`` brings the other expressions."""

    def infer(self, node: ast.expr, env: Environment, scope: Scope) -> Type | None:
        """The type of an expression; records it, and the uses inside."""
        raise NotImplementedError

    def _call(self, node: ast.Call, env: Environment, scope: Scope) -> Type | None:
        arguments = [self.infer(a.value if isinstance(a, ast.Starred) else a, env, scope) for a in node.args]
        keywords = {k.arg: self.infer(k.value, env, scope) for k in node.keywords}
        name = self.qualified(node.func, scope)
        if any(isinstance(a, ast.Lambda) for a in node.args):
            self._tell_lambda(node, name, arguments, env, scope)
        if name is not None:
            return self._call_of_name(node, name, arguments, keywords, env, scope)
        if isinstance(node.func, ast.Attribute):
            return self._call_of_member(node, node.func, arguments, keywords, env, scope)
        module = self.looked_up(node, scope)
        if module is not None:
            return self.look_up(node, module, scope)
        if isinstance(node.func, ast.Name):
            return self._call_of_local(node, node.func.id, arguments, keywords, env, scope)
        fact = self.infer(node.func, env, scope)
        called = self.called_name(node)
        if called is not None:
            result = self._call_of_name(node, called[0], arguments, keywords, env, scope)
            self.uses[node] = replace(self.uses[node], lookup=called[1])
            return result
        return self._call_of_value(node, fact, arguments, keywords)

    def _tell_lambda(
        self, node: ast.Call, name: str | None, arguments: Arguments, env: Environment, scope: Scope
    ) -> None:
        """``map(lambda t: ..., xs)``: the lambda's parameters are elements of what follows it."""
        first = node.args[0]
        if not isinstance(first, ast.Lambda) or (name or getattr(node.func, "id", "")) not in _OVER_ELEMENTS:
            return
        elements = [self.element_of(fact) for fact in arguments[1:]]
        arguments[0] = self.types[first] = self.lambda_of(first, env, scope, [*elements, *elements])

    def lambda_of(self, node: ast.Lambda, env: Environment, scope: Scope, given: Arguments) -> Type | None:
        """A lambda whose parameters are known."""
        raise NotImplementedError

    def _call_of_name(
        self,
        node: ast.Call,
        name: str,
        arguments: Arguments,
        keywords: Keywords,
        env: Environment,
        scope: Scope,
    ) -> Type | None:
        if not self.is_source(name):
            return self._call_of_outer(node, name, arguments, keywords, env, scope)
        owner, _, member = name.rpartition(".")
        rule = self.rules.get(name)
        if rule is None and (base := self.rules.get(owner)) is not None and base.returns == base.api:
            rule = self.member(Type(base.api), member)
            name = rule.api if rule else name
        self.uses[node], self.scopes_of[node] = Use(name), scope
        if rule is None:
            return None
        result = self._result(rule, node, None)
        if result is not None and self.is_layer(result):
            self.note_cuts_among(node, result, scope)
        return self.filled(result, node, arguments)

    def _call_of_outer(
        self,
        node: ast.Call,
        name: str,
        arguments: Arguments,
        keywords: Keywords,
        env: Environment,
        scope: Scope,
    ) -> Type | None:
        """A call of what is not the framework's: of another module of the tree, or of a library."""
        facts = self.index.find(self.index.bare(name))
        if facts is not None:
            return self._construct(facts, node, arguments, keywords)
        function = self.place.world.function_of(name)
        if function is not None:
            return self.index.localize(function.returns)
        value = self.outer_value(name)
        if value is not None:
            return self._call_of_value(node, value, arguments, keywords)
        return self.library_call(node, name, arguments, keywords, env, scope) or self.deferred(name)

    def _result(self, rule: Rule, node: ast.Call, receiver: Type | None) -> Type | None:
        """What a call of a rule's API gives; overloads that differ in it are told apart by the number of arguments."""
        texts = {action.returns or rule.returns for action in rule.actions} or {rule.returns}
        fact: Type | None = None
        if texts == {"self"}:
            return receiver
        if rule.returns is not None and rule.returns.startswith("{"):
            return self._named_by(rule, node)
        if len(texts) == 1 and (text := next(iter(texts))):
            fact = from_text(text)
        elif len(texts) > 1:
            chosen = choose(rule, node, self.types)
            fact = from_text(chosen.returns) if chosen is not None and chosen.returns else None
        fact = with_dtypes(fact, rule, node, receiver, self.types)
        return assumed(fact) if receiver is not None and receiver.assumed else fact

    def _named_by(self, rule: Rule, node: ast.Call) -> Type | None:
        """``returns: "{the_type}"``: the type that this argument names."""
        action = choose(rule, node, self.types)
        bound = bind(action.signature, node) if action is not None and action.signature is not None else None
        given = bound.nodes.get(str(rule.returns).strip("{}")) if bound is not None else None
        return self._result_of(self.types.get(given[0])) if given else None

    def _call_of_member(
        self,
        node: ast.Call,
        func: ast.Attribute,
        arguments: Arguments,
        keywords: Keywords,
        env: Environment,
        scope: Scope,
    ) -> Type | None:
        if self._is_super(func.value, scope):
            for argument in func.value.args:
                self.infer(argument, env, scope)
            return self._call_of_super(node, func, arguments, keywords, scope)
        receiver = self.infer(func.value, env, scope)
        if receiver is None or receiver.name == RESULT:
            rule = self._guess(node, func, scope)
            return self._guessed(rule, node, func, env)
        if receiver.name == "type":
            return self._call_on_class(node, func, receiver, arguments, keywords, scope)
        facts = self.index.find(receiver.name)
        method = facts.method(func.attr) if facts else None
        if method is not None:
            return self._enter(method, node, arguments, keywords)
        if func.attr in self.pack.setters and self.is_layer(receiver):
            self.set_by_call(node, receiver, arguments)
        rule = self.member(receiver, func.attr)
        if rule is not None:
            self.uses[node], self.scopes_of[node] = Use(rule.api, func.value, receiver), scope
            result = self._result(rule, node, receiver)
            self.put_by_call(node, func, receiver, arguments, env, scope)
            return self.specialised(result, receiver)
        self.uses.pop(node, None)
        if receiver.name in SEQUENCES or is_plain(receiver):
            result = self.builtin_method(receiver, func.attr, arguments)
            self.put_by_call(node, func, receiver, arguments, env, scope)
            return result
        if receiver.name == self.tensor.name or self.is_closed(receiver, func.attr):
            self.uses[node], self.scopes_of[node] = Use(f"{receiver.name}.{func.attr}", func.value, receiver), scope
            return None
        return self._call_of_value(node, self._member_of(func, receiver, scope), arguments, keywords)

    def _guessed(self, rule: Rule | None, node: ast.Call, func: ast.Attribute, env: Environment) -> Type | None:
        """A method of an unknown value that only tensors have: the value is a tensor from here on."""
        if rule is None or not self.is_telling(node, func.attr):
            return None
        if isinstance(func.value, ast.Name) and rule.api.startswith(self.tensor.name + "."):
            env[func.value.id] = assumed(self.tensor)
        return assumed(self._result(rule, node, None))

    def _call_on_class(
        self,
        node: ast.Call,
        func: ast.Attribute,
        receiver: Type,
        arguments: Arguments,
        keywords: Keywords,
        scope: Scope,
    ) -> Type | None:
        """``A.make()``: a method by its class, a class method or a class inside the class."""
        owner = receiver.items[0] if receiver.items else None
        facts = self.index.find(owner.name) if owner is not None else None
        method = facts.method(func.attr) if facts is not None else None
        if method is not None:
            is_bound = method.is_static or method.is_class_method
            return self._enter(method, node, arguments, keywords, skip=0 if is_bound else 1)
        inner = self.index.classes.get(func.attr)
        if facts is not None and inner is not None and inner.node in (facts.node.body if facts.node else ()):
            return self._construct(inner, node, arguments, keywords)
        if owner is None:
            return None
        run = self.running(owner, func.attr)
        if isinstance(run, FunctionFacts):  # behind the context that the framework passes first
            names = [parameter.arg for parameter in run.parameters()][1:]
            for name, fact in zip(names, self._spread(node, arguments), strict=False):
                self._learn_argument(run, name, None if fact is _HIDDEN else fact)
        return self._call_of_value(node, self._member_of(func, receiver, scope), arguments, keywords)

    @staticmethod
    def _is_super(node: ast.expr, scope: Scope) -> TypeGuard[ast.Call]:
        is_named = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super"
        return is_named and scope.holder("super") is None

    def _call_of_super(
        self,
        node: ast.Call,
        func: ast.Attribute,
        arguments: Arguments,
        keywords: Keywords,
        scope: Scope,
    ) -> Type | None:
        owner = self.function.owner if self.function else None
        for base in owner.lineage()[1:] if owner else ():
            if func.attr in base.methods:
                return self._enter(base.methods[func.attr], node, arguments, keywords)
        for name in owner.bases() if owner else ():
            known = Type(self.canonical(name))
            rule = self.rules.get(f"{known.name}.{func.attr}")
            if rule is None and func.attr != "__init__" and self.is_source(name):
                rule = self.member(known, func.attr)
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
        arguments: Arguments,
        keywords: Keywords,
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
            self._note_conversion(node, name, arguments, scope)
            return self.builtin_call(node, name, arguments, keywords, env, scope)
        return self._call_of_value(node, self.infer(node.func, env, scope), arguments, keywords)

    def _note_conversion(self, node: ast.Call, name: str, arguments: Arguments, scope: Scope) -> None:
        """``float(x)`` of what is a tensor for sure is a use of ``Tensor.__float__``, if that has a rule."""
        rule = self.rules.get(f"{self.tensor.name}.__{name}__")
        fact = arguments[0] if arguments else None
        if rule is not None and any("{self}" in (action.to or ".") for action in rule.actions):
            return
        if rule is not None and fact is not None and fact.name == self.tensor.name and not fact.assumed:
            self.uses[node], self.scopes_of[node] = Use(rule.api, receiver_type=fact), scope
        elif rule is not None:
            self.uses.pop(node, None)

    def _construct(self, facts: ClassFacts, node: ast.Call, arguments: Arguments, keywords: Keywords) -> Type | None:
        method = facts.method("__init__")
        if method is not None:
            self._enter(method, node, arguments, keywords)
        else:
            self._learn_fields(facts, arguments, keywords)
        return Type(facts.name)

    def _learn_fields(self, facts: ClassFacts, arguments: Arguments, keywords: Keywords) -> None:
        """A class without ``__init__`` of its own, a named tuple or data class: what its fields are given."""
        given: dict[str | None, Type | None] = {**dict(zip(facts.attributes, arguments, strict=False)), **keywords}
        for name, fact in given.items():
            if name is not None and name in facts.attributes and facts.attributes[name] is None and fact is not None:
                facts.attributes[name] = assumed(fact)
                self.changed.update(facts.readers)

    def _call_of_value(
        self, node: ast.Call, fact: Type | None, arguments: Arguments, keywords: Keywords
    ) -> Type | None:
        """Calling a value: a layer runs its ``forward``, a class makes an instance."""
        if fact is None:
            return None
        facts = self.index.find(fact.name)
        if facts is not None:
            method = facts.method("forward") if self.is_layer(fact) else facts.method("__call__")
            result = self._enter(method, node, arguments, keywords) if method else None
            return result or (assumed(self.tensor) if self.is_layer(fact) else None)
        if fact.name in ("type", "callable"):
            made = fact.items[0] if fact.items else None
            local = self.index.find(made.name) if made is not None and fact.name == "type" else None
            result = self._construct(local, node, arguments, keywords) if local else made
            return assumed(result) if fact.assumed else result
        if is_plain(fact):
            return part_of_plain(fact)
        if self.is_layer(fact):
            rule = self.rules.get(fact.name)
            result = from_text(rule.output) if rule and rule.output else self.tensor
            result = with_dtypes(result, rule, node, None, self.types) if rule else result
            return assumed(result) if fact.assumed or fact.name == self.pack.module else result
        return None

    def _enter(
        self, function: Callee, node: ast.Call, arguments: Arguments, keywords: Keywords, skip: int = 0
    ) -> Type | None:
        """A call of a function: one of this file learns its arguments' types, the call its result's.

        Args:
            skip: how many arguments stand before the first parameter: the value of a method called by its class.
        """
        if not isinstance(function, FunctionFacts):
            return function.returns
        self.callees[node] = function
        for name, fact in self._passed(function, node, arguments, keywords, skip):
            self._learn_argument(function, name, fact)
        self._read(function.readers)
        return function.returns

    def _passed(
        self, function: FunctionFacts, node: ast.Call, arguments: Arguments, keywords: Keywords, skip: int
    ) -> Iterator[tuple[str, Type | None]]:
        """(parameter, type of an argument); ``*args`` and ``**kwargs`` get each of theirs."""
        names = [parameter.arg for parameter in function.parameters()]
        a = function.node.args
        rest = a.vararg.arg if a.vararg else None
        for position, fact in enumerate(self._spread(node, arguments)[skip:]):
            name = names[position] if position < len(names) else rest
            if fact is _HIDDEN:
                break
            if name is not None:
                yield name, fact
        known = {*names, *(p.arg for p in a.kwonlyargs)}
        for keyword, fact in keywords.items():
            if keyword is not None and keyword in known:
                yield keyword, fact
            elif keyword is not None and a.kwarg is not None:
                yield a.kwarg.arg, fact

    def _spread(self, node: ast.Call, arguments: Arguments) -> Arguments:
        """The types of positional arguments, those of a starred tuple one by one; ``_HIDDEN`` where that ends."""
        found: Arguments = []
        for given, fact in zip(node.args, arguments, strict=True):
            if not isinstance(given, ast.Starred):
                found.append(fact)
            elif fact is not None and fact.name == "tuple" and len(fact.items) > 1:
                found += fact.items
            else:
                return [*found, _HIDDEN]
        return found

    def _learn_argument(self, function: FunctionFacts, name: str, fact: Type | None) -> None:
        if fact is None:
            if name not in function.open:
                function.open.add(name)
                self.changed.add(function)
            return
        if fact == NONE:
            return
        known = function.arguments.get(name, fact)
        joined = self.join(known, fact) if name in function.arguments else fact
        if name not in function.arguments or joined != known:
            function.arguments[name] = joined
            self.changed.add(function)
