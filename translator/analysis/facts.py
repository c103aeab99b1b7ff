"""The facts of one module: which names, classes, members and uses of an API are known."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

from translator.analysis.dtypes import rank
from translator.analysis.index import Callee, FunctionFacts, Index
from translator.analysis.names import Import, Names, Scope
from translator.analysis.plain import is_plain, part_of_plain
from translator.analysis.results import with_dtypes
from translator.analysis.stated import from_annotation, from_text, union
from translator.analysis.summary import RESULT
from translator.analysis.telling import tells
from translator.analysis.types import assumed, element, held, join
from translator.analysis.use import Use
from translator.analysis.walk import children, walk
from translator.core import Type
from translator.ruleset.adapter import adapter_name, is_adaptable
from translator.ruleset.model import Rule, RuleSet

Environment = dict[str, Type | None]

NAMED_TUPLE = "typing.NamedTuple"

_COMMON_MEMBERS = frozenset(
    name
    for kind in (str, bytes, list, tuple, dict, set, int, float, range, type(lambda: 0), property)
    for name in dir(kind)
)


class _Reader:
    """What the names of an annotation mean, seen from a scope."""

    def __init__(self, facts: Facts, scope: Scope) -> None:
        self.facts, self.scope = facts, scope

    def name(self, node: ast.expr) -> str | None:
        name = self.facts.resolve_type(self.scope, node)
        if name is not None and name.rpartition(".")[2] == "Self" and name not in self.facts.index.classes:
            return self.facts.class_around(self.scope) or name
        return name

    def alias(self, node: ast.expr) -> Type | None:
        """``Shape = tuple[int, int]``: a value that is a type."""
        if isinstance(node, ast.Name) and node.id in self.facts.index.classes:
            return None
        name = self.facts.qualified(node, self.scope)
        value: Type | None = None
        if name is not None and not self.facts.is_source(name):
            value = self.facts.outer_value(name)
        elif name is None and isinstance(node, ast.Name) and self.scope.holder(node.id) is self.facts.names.module:
            value = self.facts.globals.get(node.id)
        return value.items[0] if value is not None and value.name == "type" and value.items else None


class Facts:
    """What is known of one module so far: types, uses of APIs, the classes and members behind them.

    ``observed`` tells what a run showed of an expression, ``contradictions`` where that is not what the source says
    (the node, what is said, what was seen), ``unobserved`` the types that are known without it.
    """

    def __init__(self, names: Names, index: Index, rules: RuleSet) -> None:
        self.names, self.index, self.rules = names, index, rules
        self.pack = rules.pack
        self.types: dict[ast.AST, Type | None] = {}
        self.uses: dict[ast.AST, Use] = {}
        self.scopes_of: dict[ast.AST, Scope] = {}
        self.function: FunctionFacts | None = None
        self.changed: set[FunctionFacts] = set()
        self.observed: Callable[[ast.expr | ast.arg], Type | None] = lambda _: None
        self.contradictions: list[tuple[ast.expr, Type, Type]] = []
        self.unobserved: Mapping[ast.AST, Type | None] | None = None
        self.tensor = Type(self.pack.tensor)
        self.place = names.place
        self.is_summary, self.is_guessing = False, True
        self.globals: Environment = {}
        self.yields: list[Type | None] = []
        self._are_layers: dict[str, bool] = {}
        self._members: dict[tuple[str, str], Rule | None] = {}
        self._qualified: dict[ast.expr, str | None] = {}
        self.declared: Environment = {}
        self.narrowed_owners: set[str] = set()
        self._handlers: dict[type[ast.expr], Callable[[Any, Environment, Scope], Type | None] | None] = {}
        self.callees: dict[ast.AST, FunctionFacts] = {}
        self._adapters: dict[str, str | None] = {}
        self._layers = self.pack.module.rpartition(".")[0] + "."

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """Every node of the module, parents first, in source order."""
        return list(walk(self.names.module.node))

    @cached_property
    def parents(self) -> dict[ast.AST, ast.AST]:
        """The node around each node of the module."""
        return {child: node for node in self.nodes for child in children(node)}

    def taker(self, node: ast.AST) -> str | None:
        """The name of what is called with ``node`` as an argument: of an API, or as it is written."""
        parent = self.parents.get(node)
        call = self.parents.get(parent) if isinstance(parent, ast.keyword) else parent
        if not isinstance(call, ast.Call) or call.func is node:
            return None
        use = self.uses.get(call)
        return use.api if use is not None else ast.unparse(call.func)

    def qualified(self, node: ast.expr, scope: Scope) -> str | None:
        """The qualified name of an expression where it stands; looked up once."""
        found = self._qualified.get(node, "")
        if found == "":
            found = self._qualified[node] = self.names.qualified(node, scope)
        return found

    def class_around(self, scope: Scope) -> str | None:
        """The class whose body a scope stands in."""
        inner: Scope | None = scope
        while inner is not None and not isinstance(inner.node, ast.ClassDef):
            inner = inner.parent
        return inner.node.name if inner is not None and isinstance(inner.node, ast.ClassDef) else None

    def helper_name(self, helper: str) -> str:
        """What the output calls a helper: by another name where the file has one of its own of that name."""
        return helper if all(map(self.is_replaced, self.names.bindings(helper))) else f"{self.pack.target}_{helper}"

    def adapter(self, rule: Rule) -> str | None:
        """The name of a rule's adapter; None where the rule says more than an adapter can."""
        if rule.api not in self._adapters:
            self._adapters[rule.api] = adapter_name(rule) if is_adaptable(rule, self.rules) else None
        return self._adapters[rule.api]

    def is_replaced(self, entry: Import | None) -> bool:
        """Whether the helper of an imported name's rule takes its place, name and all."""
        rule = self.rules.get(entry.target) if entry is not None and entry.is_from else None
        return entry is not None and rule is not None and any(action.helper == entry.name for action in rule.actions)

    def is_source(self, name: str) -> bool:
        """Whether a qualified name belongs to the source framework, not to the tree that is translated."""
        return name.partition(".")[0] in self.pack.source_packages and not self.place.world.has(name)

    def default(self, fact: Type | None) -> Type | None:
        """What an unknown value is taken for when this is its default: of the same kind, a class any of its kind."""
        if fact is not None and fact.name in ("type", "callable") and fact.items and self.is_layer(fact.items[0]):
            return Type(fact.name, (Type(self.pack.module),), assumed=True)
        return None if fact is not None and fact.name == "None" else assumed(fact)

    def type_of_name(self, name: str) -> Type | None:
        """What a name of the framework is that is not called: a class, a function, a constant."""
        rule = self.rules.get(name)
        if rule is None or not rule.returns:
            return None
        fact = from_text(rule.returns)
        if rule.returns == rule.api:
            return held("type", fact)
        is_function = any(action.signature is not None for action in rule.actions)
        if is_function and rule.returns != "self":
            return held("callable", fact)
        return replace(fact, dtype=rule.dtype) if fact is not None and rank(rule.dtype) is not None else fact

    def canonical(self, name: str) -> str:
        """The name that rules use: the pack's alias, or the ``api`` of a rule that lists it in ``also``."""
        rule = self.rules.get(name)
        return rule.api if rule is not None and rule.returns == rule.api else self.pack.canonical(name)

    def resolve_type(self, scope: Scope, node: ast.expr) -> str | None:
        """The name of a class in an annotation or ``isinstance``; the bare name of a class of this file."""
        name = self.qualified(node, scope)
        if name:
            return self.index.bare(self.canonical(name))
        if isinstance(node, ast.Name):
            is_unbound = node.id not in self.index.classes and not scope.is_local(node.id)
            known = self.pack.known_types.get(node.id, node.id) if is_unbound else node.id
            return known if is_unbound or node.id in self.index.classes else None
        return None

    def annotation(self, node: ast.expr | None, scope: Scope) -> Type | None:
        """The type an annotation states, seen from ``scope``."""
        return from_annotation(node, _Reader(self, scope))

    def stated(self, node: ast.expr | None, scope: Scope) -> Type | None:
        """The same, with a union of different types as such; for a variable, which later checks narrow."""
        return union(node, _Reader(self, scope))

    def common(self, a: Type, b: Type) -> Type | None:
        """What values of two types have in common: the nearest base in the tree, or that they are layers."""
        one, other = self.index.find(a.name), self.index.find(b.name)
        if one is not None and other is not None:
            theirs = other.lineage()
            shared = next((facts for facts in one.lineage() if facts in theirs), None)
            if shared is not None:
                return Type(shared.name)
        if self.is_layer(a) and self.is_layer(b):
            return Type(self.pack.module)
        return None

    def join(self, a: Type | None, b: Type | None) -> Type | None:
        """What holds on both of two branches."""
        return join(a, b, self.common)

    def is_layer(self, fact: Type | None) -> bool:
        """Whether values of this type are layers: of the framework, or of a class of the tree that extends one."""
        if fact is None:
            return False
        found = self._are_layers.get(fact.name)
        if found is None:
            found = self._are_layers[fact.name] = self._is_layer(fact.name)
        return found

    def _is_layer(self, name: str) -> bool:
        facts = self.index.find(name)
        if facts is not None:
            return any(self.is_layer(Type(self.canonical(base))) for base in facts.bases())
        if not name.startswith(self._layers):
            rule = self.rules.by_api.get(name)
            return rule is not None and rule.output is not None
        last = name[len(self._layers) :]
        return last[:1].isupper() and "." not in last

    def lineage(self, fact: Type) -> list[str]:
        """Names under which members of a value may have rules, nearest first."""
        facts = self.index.find(fact.name)
        found = [self.canonical(base) for base in facts.bases()] if facts is not None else [fact.name]
        if self.is_layer(fact) and self.pack.module not in found:
            found.append(self.pack.module)
        return found

    def member(self, fact: Type, name: str) -> Rule | None:
        """The rule of a member of a value."""
        key = (fact.name, name)
        if key not in self._members:
            rules = (self.rules.get(f"{owner}.{name}") for owner in self.lineage(fact))
            self._members[key] = next(filter(None, rules), None)
        return self._members[key]

    def is_closed(self, fact: Type, name: str) -> bool:
        """Whether a value is of a class of the framework that is no layer: a method without a rule is missing there."""
        rule = self.rules.get(fact.name)
        is_class = rule is not None and rule.returns == rule.api and self.is_source(fact.name)
        return is_class and not self.is_layer(fact) and name not in _COMMON_MEMBERS

    def overridden(self, function: FunctionFacts) -> Environment:
        """Parameter types of a method that subclasses of a framework's class define: see ``overrides`` of rules."""
        owners = self.lineage(Type(function.owner.name)) if function.owner is not None else []
        stated = [rule.overrides.get(function.node.name, {}) for owner in owners if (rule := self.rules.get(owner))]
        texts = next(filter(None, stated), {})
        parameters = function.parameters() if texts else []
        required = parameters[: len(parameters) - len(function.node.args.defaults)]
        others = {p.arg: assumed(from_text(texts["*"])) for p in required if "*" in texts}
        return others | {p.arg: from_text(texts[p.arg]) for p in parameters if p.arg in texts}

    def running(self, owner: Type, member: str) -> Callee | None:
        """The method of a class of the file that calling a member of the framework's base class runs."""
        facts, rule = self.index.find(owner.name), self.member(owner, member)
        return facts.method(rule.runs) if facts is not None and rule is not None and rule.runs else None

    def outer_value(self, name: str) -> Type | None:
        """What is known of a name that is not the framework's: a class or a value of another module of the tree."""
        own = self.index.bare(name)
        if self.index.find(own) is not None:
            return Type("type", (Type(own),))
        return self.index.localize(self.place.world.value_of(name))

    def deferred(self, name: str) -> Type | None:
        """The result of calling a name of another module, for a summary: the World will know."""
        return Type(RESULT, (Type(name),)) if self.is_summary and "." in name else None

    def is_distinct(self, name: str) -> bool:
        """Whether only tensors and layers have a member of that name."""
        return name not in self.pack.shared_methods and name not in _COMMON_MEMBERS

    def is_telling(self, node: ast.AST, name: str) -> bool:
        """Whether a member's name, or an argument that only tensors' methods have, tells what its owner is."""
        if self.is_distinct(name):
            return True
        if not isinstance(node, ast.Call):
            return False
        is_named = not self.pack.tensor_keywords.isdisjoint(k.arg for k in node.keywords)
        wanted = self.pack.telling_calls.get(name, ())
        is_own = wanted and any(name in facts.methods for facts in self.index.classes.values())
        return is_named or (not is_own and tells(node, wanted, self.types))

    def element_of(self, container: Type | None) -> Type | None:
        """What iterating over a value gives; tensors and layer lists included."""
        if container is None:
            return None
        if container.name == self.tensor.name:
            return container
        if is_plain(container) and container.name not in ("str", "range", "plain"):
            return part_of_plain(container)
        found = element(self.as_tuple(container), self.common)
        if found is not None:
            return found
        facts = self.index.find(container.name)
        for name in ("__iter__", "__getitem__"):
            method = facts.method(name) if facts is not None else None
            if method is not None:
                result = self.result_of(method)
                return result if name == "__getitem__" else self.element_of(result)
            rule = self.member(container, name)
            if rule is not None and rule.returns:
                inner = element(Type("list", container.items), self.common)
                return inner or from_text(rule.returns)
        return None

    def as_tuple(self, fact: Type) -> Type:
        """A named tuple as the tuple that it is; everything else as it is."""
        facts = self.index.find(fact.name)
        if facts is None or NAMED_TUPLE not in facts.bases():
            return fact
        fields = [found for local in reversed(facts.lineage()) for found in local.attributes.values()]
        return Type("tuple", tuple(fields), fact.assumed)

    def result_of(self, function: Callee) -> Type | None:
        """What calling a function gives, as far as it is known now."""
        if isinstance(function, FunctionFacts):
            self._read(function.readers)
        return function.returns

    def with_observed(self, node: ast.expr, fact: Type | None) -> Type | None:
        """The type of an expression once a run has shown more; what follows from that is assumed, too."""
        if not hasattr(node, "lineno"):  # made up by the analysis
            return fact
        if fact is None:
            return self.observed(node)
        return fact if self.unobserved is None or self.unobserved.get(node) is not None else assumed(fact)

    def is_observed(self, node: ast.AST) -> bool:
        """Whether the type of an expression is known because a run showed it, and not otherwise."""
        return self.unobserved is not None and self.types.get(node) is not None and self.unobserved.get(node) is None

    def _read(self, readers: set[FunctionFacts]) -> None:
        if self.function is not None:
            readers.add(self.function)

    def _member_of(self, node: ast.Attribute, receiver: Type | None, scope: Scope) -> Type | None:
        if receiver is None or receiver.name == RESULT:
            self._guess(node, node, scope)
            return None
        if receiver.name == "type" and receiver.items and receiver.items[0] is not None:
            method = self.running(receiver.items[0], node.attr)
            if method is not None:
                return held("callable", self.result_of(method))
        owner = receiver.items[0] if receiver.name == "type" and receiver.items else receiver
        facts = self.index.find(owner.name) if owner is not None else None
        for local in facts.lineage() if facts else ():
            self._read(local.readers)
            if node.attr in local.attributes:
                return local.attributes[node.attr]
            if node.attr in local.methods:
                return self._property(local.methods[node.attr])
        if is_plain(receiver):
            return part_of_plain(receiver, node.attr)
        if node.attr == "__class__":
            return Type("type", (receiver,))
        rule = self.member(receiver, node.attr)
        if rule is None:
            return self._parameter_of(node, receiver, scope)
        self.uses[node] = Use(rule.api, node.value, receiver)
        self.scopes_of[node] = scope
        fact = from_text(rule.returns) if rule.returns else None
        fact = with_dtypes(fact, rule, node, receiver, self.types)
        return assumed(fact) if receiver.assumed else fact

    def _parameter_of(self, node: ast.Attribute, receiver: Type, scope: Scope) -> Type | None:
        """``layer.weight``: a tensor; a use when the target keeps it by another name or in another layout."""
        for owner in self.lineage(receiver):
            rule = self.rules.get(owner)
            if rule is not None and node.attr in rule.weights:
                self.uses[node] = Use(f"{owner}.{node.attr}", node.value, receiver)
                self.scopes_of[node] = scope
                is_renamed = rule.weights[node.attr].startswith(("rename ", "identity"))
                return self.tensor if is_renamed else replace(self.tensor, stored=True)
        if self.is_layer(receiver) and node.attr in ("weight", "bias"):
            return self.tensor
        if (
            self._is_of_framework(receiver)
            and not node.attr.startswith("__")
            and node.attr not in self.given_attributes
        ):
            self.uses[node], self.scopes_of[node] = Use(f"{receiver.name}.{node.attr}", node.value, receiver), scope
        return None

    def _is_of_framework(self, fact: Type) -> bool:
        """Whether a value is for sure a tensor, or a layer of one of the framework's own classes."""
        is_own = fact.name not in (self.pack.module, self.pack.tensor) and self.index.find(fact.name) is not None
        is_layer = fact.name != self.pack.module and self.is_layer(fact)
        is_layer = is_layer and self.member(fact, "__getitem__") is None  # those have layers for attributes
        return not fact.assumed and not is_own and (fact.name == self.tensor.name or is_layer)

    @cached_property
    def given_attributes(self) -> frozenset[str]:
        """The names of attributes that some statement of the file sets on some value."""
        stored = {n.attr for n in self.nodes if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Store)}
        calls = (n for n in self.nodes if isinstance(n, ast.Call) and getattr(n.func, "id", "") == "setattr")
        texts = {str(getattr(call.args[1], "value", "")) for call in calls if len(call.args) > 1}
        return frozenset(stored | texts)

    def _property(self, method: Callee) -> Type | None:
        result = self.result_of(method)
        if method.is_property:
            return result
        return Type("callable", (result,)) if result is not None else None

    def _guess(self, node: ast.expr, member: ast.Attribute, scope: Scope) -> Rule | None:
        """A member of an unknown value: a use if a tensor, layer or the like has one of that name."""
        for owner in (self.pack.tensor, self.pack.module, *self.pack.owners):
            rule = self.rules.get(f"{owner}.{member.attr}")
            if rule is not None:
                self.uses[node], self.scopes_of[node] = Use(rule.api, member.value, None, guessed=True), scope
                return rule
        self.uses.pop(node, None)
        return None
