"""Types of expressions, and which API of the source framework each one uses."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import TypeGuard

from translator.analysis.index import ClassFacts, FunctionFacts, Index
from translator.analysis.names import Names, Scope
from translator.analysis.types import (
    BOOL,
    FLOAT,
    INT,
    NONE,
    NUMBERS,
    SEQUENCES,
    STR,
    assumed,
    element,
    from_annotation,
    from_text,
    join,
    join_all,
)  # fmt: skip
from translator.core import Type
from translator.ruleset.model import Rule, RuleSet

Environment = dict[str, Type | None]

_BUILTIN_RESULTS = {
    "len": INT, "int": INT, "round": None, "float": FLOAT, "str": STR, "bool": BOOL, "isinstance": BOOL, "range": Type("range"),
    "repr": STR, "dict": Type("dict"), "set": Type("set"), "hasattr": BOOL, "callable": BOOL, "print": NONE,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Use:
    """A node that uses an API: by its qualified name, or as a member of a value whose type is known or guessed.

    Args:
        api: qualified name to look a rule up with.
        receiver: the value whose member it is; None for names that were imported.
        receiver_type: what is known of the receiver.
        guessed: the receiver is unknown, the member's name is the only sign.
    """

    api: str
    receiver: ast.expr | None = None
    receiver_type: Type | None = None
    guessed: bool = False


class Inference:
    """Infers expressions of one module; remembers every type and every use of an API."""

    def __init__(self, names: Names, index: Index, rules: RuleSet) -> None:
        self.names, self.index, self.rules = names, index, rules
        self.pack = rules.pack
        self.types: dict[ast.AST, Type | None] = {}
        self.uses: dict[ast.AST, Use] = {}
        self.scopes_of: dict[ast.AST, Scope] = {}
        self.function: FunctionFacts | None = None
        self.changed: set[FunctionFacts] = set()
        self.tensor = Type(self.pack.tensor)
        self._layers = self.pack.module.rpartition(".")[0] + "."

    # --- names -------------------------------------------------------------------------------------------------

    def is_source(self, name: str) -> bool:
        """Whether a qualified name belongs to the source framework."""
        return name.partition(".")[0] in self.pack.source_packages

    def canonical(self, name: str) -> str:
        """The name that rules use: the pack's alias, or the ``api`` of a rule that lists it in ``also``."""
        rule = self.rules.get(name)
        return rule.api if rule is not None and rule.returns == rule.api else self.pack.aliases.get(name, name)

    def resolve_type(self, scope: Scope, node: ast.expr) -> str | None:
        """The name of a class in an annotation or ``isinstance``; the bare name of a class of this file."""
        name = self.names.qualified(node, scope)
        if name:
            return self.canonical(name)
        if isinstance(node, ast.Name):
            return node.id if node.id in self.index.classes or not scope.is_local(node.id) else None
        return None

    def annotation(self, node: ast.expr | None, scope: Scope) -> Type | None:
        """The type an annotation states, seen from ``scope``."""
        return from_annotation(node, lambda part: self.resolve_type(scope, part))

    def is_layer(self, fact: Type | None) -> bool:
        """Whether values of this type are layers: of the framework, or of a class of this file that extends one."""
        if fact is None:
            return False
        facts = self.index.classes.get(fact.name)
        if facts is not None:
            return any(self.is_layer(Type(self.canonical(base))) for base in facts.bases())
        last = fact.name.rpartition(".")[2]
        return fact.name.startswith(self._layers) and last[:1].isupper() and fact.name.count(".") == self._layers.count(".")

    def lineage(self, fact: Type) -> list[str]:
        """Names under which members of a value may have rules, nearest first."""
        facts = self.index.classes.get(fact.name)
        found = [self.canonical(base) for base in facts.bases()] if facts is not None else [fact.name]
        if self.is_layer(fact) and self.pack.module not in found:
            found.append(self.pack.module)
        return found

    def member(self, fact: Type, name: str) -> Rule | None:
        """The rule of a member of a value."""
        for owner in self.lineage(fact):
            rule = self.rules.get(f"{owner}.{name}")
            if rule is not None:
                return rule
        return None

    # --- expressions -------------------------------------------------------------------------------------------

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
            return None
        self.uses[node], self.scopes_of[node] = Use(name), scope
        rule = self.rules.get(name)
        if rule is None or not rule.returns:
            return None
        return Type("type", (from_text(rule.returns),)) if rule.returns == rule.api else from_text(rule.returns)

    def _attribute(self, node: ast.Attribute, env: Environment, scope: Scope) -> Type | None:
        name = self.names.qualified(node, scope)
        if name is not None:
            if self.is_source(name) and self.rules.get(name) is None and self.rules.get(name.rpartition(".")[0]) is not None:
                self.infer(node.value, env, scope)
                return None
            return self._reference(node, name, scope)
        receiver = self.infer(node.value, env, scope)
        return self._member_of(node, receiver, scope)

    def _member_of(self, node: ast.Attribute, receiver: Type | None, scope: Scope) -> Type | None:
        if receiver is None:
            self._guess(node, node, scope)
            return None
        facts = self.index.classes.get(receiver.name)
        for local in facts.lineage() if facts else ():
            self._read(local.readers)
            if node.attr in local.attributes:
                return local.attributes[node.attr]
            if node.attr in local.methods:
                return self._property(local.methods[node.attr])
        rule = self.member(receiver, node.attr)
        if rule is None:
            return self._parameter_of(node, receiver, scope)
        self.uses[node] = Use(rule.api, node.value, receiver)
        self.scopes_of[node] = scope
        fact = from_text(rule.returns) if rule.returns else None
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
        return self.tensor if self.is_layer(receiver) and node.attr in ("weight", "bias") else None

    def _property(self, method: FunctionFacts) -> Type | None:
        is_property = any(isinstance(d, ast.Name) and d.id == "property" for d in method.node.decorator_list)
        self._read(method.readers)
        return method.returns if is_property else None

    def _guess(self, node: ast.expr, member: ast.Attribute, scope: Scope) -> Rule | None:
        """A member of an unknown value: a use if the framework's tensors or layers have a member of that name."""
        for owner in (self.pack.tensor, self.pack.module):
            rule = self.rules.get(f"{owner}.{member.attr}")
            if rule is not None:
                self.uses[node], self.scopes_of[node] = Use(rule.api, member.value, None, guessed=True), scope
                return rule
        self.uses.pop(node, None)
        return None

    def _call(self, node: ast.Call, env: Environment, scope: Scope) -> Type | None:
        arguments = [self.infer(a.value if isinstance(a, ast.Starred) else a, env, scope) for a in node.args]
        keywords = {k.arg: self.infer(k.value, env, scope) for k in node.keywords}
        name = self.names.qualified(node.func, scope)
        if name is not None:
            return self._call_of_name(node, name, arguments, scope)
        if isinstance(node.func, ast.Attribute):
            return self._call_of_member(node, node.func, arguments, keywords, env, scope)
        if isinstance(node.func, ast.Name):
            return self._call_of_local(node, node.func.id, arguments, keywords, env, scope)
        return self._call_of_value(node, self.infer(node.func, env, scope), arguments, keywords)

    def _call_of_name(self, node: ast.Call, name: str, arguments: list[Type | None], scope: Scope) -> Type | None:
        if not self.is_source(name):
            if name in ("collections.OrderedDict", "collections.defaultdict"):
                return Type("dict")
            return None
        owner, _, member = name.rpartition(".")
        rule = self.rules.get(name)
        if rule is None and (base := self.rules.get(owner)) is not None and base.returns == base.api:
            rule = self.member(Type(base.api), member)
            name = rule.api if rule else name
        self.uses[node], self.scopes_of[node] = Use(name), scope
        if rule is None:
            return None
        return self._result(rule, node, None)

    def _result(self, rule: Rule, node: ast.Call, receiver: Type | None) -> Type | None:
        """What a call of a rule's API gives; overloads that differ in it are told apart by the number of arguments."""
        texts = {action.returns or rule.returns for action in rule.actions} or {rule.returns}
        fact: Type | None = None
        if texts == {"self"}:
            return receiver
        if len(texts) == 1 and (text := next(iter(texts))):
            fact = from_text(text)
        elif len(texts) > 1:
            from translator.analysis.binding import choose

            chosen = choose(rule, node, self.types)
            fact = from_text(chosen.returns) if chosen is not None and chosen.returns else None
        return assumed(fact) if receiver is not None and receiver.assumed else fact

    def _call_of_member(
        self, node: ast.Call, func: ast.Attribute, arguments: list[Type | None], keywords: dict[str | None, Type | None],
        env: Environment, scope: Scope,
    ) -> Type | None:  # fmt: skip
        if self._is_super(func.value):
            for argument in func.value.args:
                self.infer(argument, env, scope)
            return self._call_of_super(node, func, arguments, keywords, scope)
        receiver = self.infer(func.value, env, scope)
        if receiver is None:
            rule = self._guess(node, func, scope)
            return assumed(self._result(rule, node, None)) if rule and self.is_distinct(func.attr) else None
        facts = self.index.classes.get(receiver.name)
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

    def is_distinct(self, name: str) -> bool:
        """Whether only tensors and layers have a member of that name."""
        return name not in self.pack.shared_methods and name not in _COMMON_MEMBERS

    @staticmethod
    def _builtin_method(receiver: Type, name: str) -> Type | None:
        if receiver.name == "str":
            return Type("list", (STR,)) if name in ("split", "rsplit", "splitlines") else STR
        if receiver.name == "dict" and name == "values":
            return Type("iterator", receiver.items)
        if receiver.name == "dict" and name == "items":
            return Type("iterator", (Type("tuple", (None, *receiver.items[:1])),)) if receiver.items else Type("iterator")
        if receiver.name == "dict" and name in ("get", "pop"):
            return receiver.items[0] if receiver.items else None
        return element(receiver) if name == "pop" else None

    @staticmethod
    def _is_super(node: ast.expr) -> TypeGuard[ast.Call]:
        return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super"

    def _call_of_super(
        self, node: ast.Call, func: ast.Attribute, arguments: list[Type | None], keywords: dict[str | None, Type | None], scope: Scope
    ) -> Type | None:  # fmt: skip
        owner = self.function.owner if self.function else None
        for base in owner.lineage()[1:] if owner else ():
            if func.attr in base.methods:
                return self._enter(base.methods[func.attr], node, arguments, keywords)
        for name in owner.bases() if owner else ():
            rule = self.rules.get(f"{self.canonical(name)}.{func.attr}")
            if rule is not None:
                self.uses[node], self.scopes_of[node] = Use(rule.api, func.value, Type(self.canonical(name))), scope
                return self._result(rule, node, None)
        return self.tensor if func.attr == "forward" and owner and self.is_layer(Type(owner.name)) else None

    def _call_of_local(
        self, node: ast.Call, name: str, arguments: list[Type | None], keywords: dict[str | None, Type | None],
        env: Environment, scope: Scope,
    ) -> Type | None:  # fmt: skip
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
        facts = self.index.classes.get(fact.name)
        if facts is not None:
            method = facts.method("forward") if self.is_layer(fact) else facts.method("__call__")
            result = self._enter(method, node, arguments, keywords) if method else None
            return result or (assumed(self.tensor) if self.is_layer(fact) else None)
        if fact.name == "type" and fact.items and fact.items[0]:
            local = self.index.classes.get(fact.items[0].name)
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
            return first if name in ("max", "min") and len(arguments) > 1 and join(first, arguments[1]) else inner or first
        return _BUILTIN_RESULTS.get(name)

    # --- functions of this file --------------------------------------------------------------------------------

    def _read(self, readers: set[FunctionFacts]) -> None:
        if self.function is not None:
            readers.add(self.function)

    def _enter(
        self, function: FunctionFacts, node: ast.Call, arguments: list[Type | None], keywords: dict[str | None, Type | None]
    ) -> Type | None:
        """A call of a function of this file: its parameters learn the arguments' types, the call its result's."""
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

    # --- operators and containers ------------------------------------------------------------------------------

    def element_of(self, container: Type | None) -> Type | None:
        """What iterating over a value gives; tensors and layer lists included."""
        if container is None:
            return None
        if container.name == self.tensor.name:
            return container
        for name in ("__iter__", "__getitem__"):
            rule = self.member(container, name)
            if rule is not None and rule.returns:
                return from_text(rule.returns)
        return element(container)

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
        if not is_check or not isinstance(test, ast.Call) or len(test.args) != 2 or not isinstance(test.args[0], ast.Name):
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
            return Type(value.name, (element(value),), value.assumed) if value.name in SEQUENCES and value.items else Type(value.name)
        if value.name == "tuple" and isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, int):
            i = node.slice.value
            return value.items[i] if -len(value.items) <= i < len(value.items) else element(value)
        if value.name == "dict":
            return value.items[0] if value.items else None
        return self.element_of(value)

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
        facts = self.index.classes.get(receiver.name)
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


_COMMON_MEMBERS = frozenset(
    name
    for kind in (str, bytes, list, tuple, dict, set, int, float, range, type(lambda: 0), property)
    for name in dir(kind)
)
