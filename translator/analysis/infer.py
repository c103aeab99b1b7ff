"""Types of expressions, and which API of the source framework each one uses."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property

from translator.analysis.dtypes import of_operation
from translator.analysis.facts import Environment
from translator.analysis.names import Scope
from translator.analysis.narrow import key_of
from translator.analysis.plain import is_plain, part_of_plain
from translator.analysis.targets import Targets
from translator.analysis.types import (
    BOOL,
    NEVER,
    NONE,
    NUMBERS,
    PLAIN,
    STR,
    VALUES,
    assumed,
    constant,
    held,
    join_all,
    part,
)
from translator.analysis.use import Use
from translator.analysis.values import Values
from translator.core import Type

_GENERIC = frozenset({"Optional", "Union", "Callable", "Literal", "Annotated", "Type"})


class Inference(Targets):
    """Infers expressions of one module; remembers every type and every use of an API."""

    @cached_property
    def values(self) -> Values:
        """Where values go in this module; ask once everything is inferred."""
        return Values(self)

    def infer(self, node: ast.expr, env: Environment, scope: Scope) -> Type | None:
        """The type of an expression; records it, and the uses inside."""
        kind = type(node)
        if kind not in self._handlers:
            self._handlers[kind] = getattr(self, "_" + kind.__name__.lower(), None)
        handler = self._handlers[kind]
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
        return constant(node.value)

    def _joinedstr(self, node: ast.JoinedStr, env: Environment, scope: Scope) -> Type | None:
        texts: list[str] | None = [""]
        is_weak = False
        for piece in node.values:
            fact = self.infer(piece, env, scope)
            is_weak = is_weak or (fact is not None and fact.assumed)
            texts = _continued(texts, fact, isinstance(piece, ast.Constant) or _is_bare(piece))
        return Type("str", assumed=is_weak, values=tuple(dict.fromkeys(texts))) if texts else STR

    def _formattedvalue(self, node: ast.FormattedValue, env: Environment, scope: Scope) -> Type | None:
        if node.format_spec is not None:
            self.infer(node.format_spec, env, scope)
        return self.infer(node.value, env, scope)

    def _name(self, node: ast.Name, env: Environment, scope: Scope) -> Type | None:
        name = self.qualified(node, scope)
        if name is not None:
            return self._reference(node, name, scope)
        if node.id in env:
            fact = env[node.id]
            return None if fact is not None and fact.name == "union" else fact
        if node.id in self.index.classes:
            return Type("type", (Type(node.id),))
        holder = scope.holder(node.id)
        function = self.index.by_name.get((holder, node.id)) if holder is not None else None
        if function is not None:
            result = self.result_of(function)
            return held("callable", result) if result is not None else None
        return held("type", Type(node.id)) if holder is None and node.id in _CLASSES else None

    def _reference(self, node: ast.expr, name: str, scope: Scope) -> Type | None:
        """A dotted name that an import explains: a use of that name if it is the framework's."""
        if not self.is_source(name):
            return self.outer_value(name) or self.library_value(name)
        self.uses[node], self.scopes_of[node] = Use(name), scope
        return self.type_of_name(name)

    def _attribute(self, node: ast.Attribute, env: Environment, scope: Scope) -> Type | None:
        name = self.qualified(node, scope)
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
        fact = self._member_of_any(node, env) or self._member_of(node, receiver, scope)
        known = env.get(f"{node.value.id}.{node.attr}") if isinstance(node.value, ast.Name) else None
        return fact if known is None or known.name == "union" else known

    def _member_of_any(self, node: ast.Attribute, env: Environment) -> Type | None:
        """``x.features`` of a variable of several classes of the tree: what the attribute is in all of them."""
        known = env.get(node.value.id) if isinstance(node.value, ast.Name) else None
        options = known.items if known is not None and known.name == "union" else ()
        classes = [self.index.find(option.name) for option in options if option is not None]
        if not classes or len(classes) < len(options):
            return None
        return join_all([self.attribute_of(facts, node.attr) if facts else None for facts in classes], self.common)

    def _binop(self, node: ast.BinOp, env: Environment, scope: Scope) -> Type | None:
        left, right = self.infer(node.left, env, scope), self.infer(node.right, env, scope)
        for fact in (left, right):
            if fact is not None and fact.name == self.tensor.name:
                dtype = of_operation(left, right, isinstance(node.op, ast.Div))
                weak = any(f is not None and f.assumed for f in (left, right))
                return Type(fact.name, (), weak, dtype=dtype)
        if isinstance(node.op, ast.BitOr) and "type" in (left and left.name, right and right.name):
            return held("type", self.stated(node, scope))
        if left is None or right is None:
            return None
        return self._of_numbers(node.op, left, right) or self._of_sequences(node.op, left, right)

    def _of_numbers(self, op: ast.operator, left: Type, right: Type) -> Type | None:
        if left.name in NUMBERS and right.name in NUMBERS:
            weak = left.assumed or right.assumed
            names = {left.name, right.name}
            is_power = isinstance(op, ast.Pow) and not (right.values and min(map(int, right.values)) >= 0)
            if "complex" in names:
                return Type("complex", (), weak)
            is_float = isinstance(op, ast.Div) or "float" in names or is_power
            return Type("float" if is_float else "int", (), weak)
        if left.name == "str" and isinstance(op, ast.Add | ast.Mod):
            return STR
        if is_plain(left) and is_plain(right):
            return next((part_of_plain(f) for f in (left, right) if f.name not in (*NUMBERS, "str")), PLAIN)
        return None

    def _of_sequences(self, op: ast.operator, left: Type, right: Type) -> Type | None:
        """``a + b`` and ``a * n`` of lists and tuples."""
        left, right = self.as_tuple(left), self.as_tuple(right)
        if isinstance(op, ast.Mult):
            left, right = (right, left) if left.name == "int" else (left, right)
            is_list = left.name in ("list", "tuple") and right.name in ("int", "bool")
            return held(left.name, self.element_of(left)) if is_list else None
        if not isinstance(op, ast.Add) or left.name not in ("list", "tuple"):
            return self.join(left, right) if left.name in ("dict", "set") else None
        if left.name == right.name == "tuple" and len(left.items) > 1 and len(right.items) > 1:
            return Type("tuple", left.items + right.items)
        joined = self.join(self.values_of(left), self.values_of(right))
        return held(left.name, joined)

    def _compare(self, node: ast.Compare, env: Environment, scope: Scope) -> Type | None:
        facts = [self.infer(part, env, scope) for part in (node.left, *node.comparators)]
        if any(isinstance(op, ast.Is | ast.IsNot | ast.In | ast.NotIn) for op in node.ops):
            self.look_up_membership(node, scope)
            return BOOL
        tensor = next((f for f in facts if f is not None and f.name == self.tensor.name), None)
        return replace(tensor, stored=False, dtype="bool") if tensor is not None else BOOL

    def _boolop(self, node: ast.BoolOp, env: Environment, scope: Scope) -> Type | None:
        facts, inside = [], env
        for value in node.values:
            facts.append(self.infer(value, inside, scope))
            inside = self.ways(value, inside, scope)[0 if isinstance(node.op, ast.And) else 1]
        if isinstance(node.op, ast.Or) and None in facts[:-1] and self._is_default(node.values[0]):
            return self.default(facts[-1])
        return join_all(facts, self.common)

    def _is_default(self, node: ast.expr) -> bool:
        """Whether an unknown value is a plain name that a default stands in for."""
        return isinstance(node, ast.Name | ast.Attribute)

    def _unaryop(self, node: ast.UnaryOp, env: Environment, scope: Scope) -> Type | None:
        operand = self.infer(node.operand, env, scope)
        if isinstance(node.op, ast.Not):
            return BOOL
        if operand is not None and operand.values:
            return constant(-int(operand.values[0])) if _is_negative(node.op, operand) else Type(operand.name)
        return operand

    def _ifexp(self, node: ast.IfExp, env: Environment, scope: Scope) -> Type | None:
        self.infer(node.test, env, scope)
        inside, outside = self.ways(node.test, env, scope)
        body, orelse = self.infer(node.body, inside, scope), self.infer(node.orelse, outside, scope)
        if None in (body, orelse) and _stands_in(node, key_of):
            return self.default(orelse if body is None else body)
        return self.join(body, orelse)

    def _await(self, node: ast.Await, env: Environment, scope: Scope) -> Type | None:
        return self.infer(node.value, env, scope)

    def _subscript(self, node: ast.Subscript, env: Environment, scope: Scope) -> Type | None:
        value = self.infer(node.value, env, scope)
        self.infer(node.slice, env, scope)
        if value is None and self.look_up_item(node, scope):
            return self.types[node]
        if value is None:
            return self._alias(node, env, scope)
        if value.name == self.tensor.name:
            rule = self.member(value, "__getitem__")
            if rule is not None:
                self.uses[node], self.scopes_of[node] = Use(rule.api, node.value, value), scope
            return replace(value, stored=False)
        if value.name == "type":
            return self._alias(node, env, scope)
        if is_plain(value):
            return Type(value.name) if value.name in ("str", "bytes") else part_of_plain(value)
        return self._item(node, self.as_tuple(value), scope)

    def _item(self, node: ast.Subscript, value: Type, scope: Scope) -> Type | None:
        """``value[i]``: an element, or a part of the same kind."""
        facts = self.index.find(value.name)
        method = facts.method("__getitem__") if facts is not None else None
        if method is not None:
            return self.result_of(method)
        key = self.types.get(node.slice)
        if facts is not None and key is not None and len(key.values) == 1:
            return facts.attributes.get(str(key.values[0]))
        if isinstance(node.slice, ast.Slice):
            self.note_cut(node, node.slice, value, scope)
            inner = self.values_of(value) if value.items else None
            return Type(value.name, (inner,) if value.items else (), value.assumed)
        if value.name == "dict":
            return self.values_of(value) if value.items[:1] != (NEVER,) else None
        index = key.values[0] if key is not None and len(key.values) == 1 else None
        if isinstance(index, int) and value.items and (value.name == "tuple" or self.is_container(value)):
            found = part(value, index, self.common)
            return assumed(found) if value.assumed else found
        return self.element_of(value)

    def _alias(self, node: ast.Subscript, env: Environment, scope: Scope) -> Type | None:
        """``Optional[int]`` as a value: a name for a type."""
        name = self.resolve_type(scope, node.value) or ""
        if name in _CLASSES or name.startswith(("typing.", "collections.abc.", "typing_extensions.")):
            return held("type", self.stated(node, scope))
        return None

    def _sequence(self, node: ast.List | ast.Tuple | ast.Set, env: Environment, scope: Scope) -> Type | None:
        kind = type(node).__name__.lower()
        items: list[Type | None] = []
        is_sized = True
        for part_ in node.elts:
            fact = self.infer(part_, env, scope)
            if not isinstance(part_, ast.Starred):
                items.append(fact)
            elif fact is not None and fact.name == "tuple" and len(fact.items) > 1:
                items += fact.items
            else:
                items.append(self.values_of(fact) if fact is not None else None)
                is_sized = False
        if kind == "tuple" and is_sized:
            return Type(kind, tuple(items))
        return Type(kind, (join_all(items, self.common) if items else NEVER,))

    _list = _tuple = _set = _sequence

    def _dict(self, node: ast.Dict, env: Environment, scope: Scope) -> Type | None:
        keys = [self.infer(key, env, scope) for key in node.keys if key is not None]
        values: list[Type | None] = []
        for key, value in zip(node.keys, node.values, strict=True):
            fact = self.infer(value, env, scope)
            values.append(fact if key is not None or fact is None else self.values_of(fact))
        if not values:
            return Type("dict", (NEVER,))
        return Type("dict", (join_all(values, self.common), join_all(keys, self.common)))

    def _comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp, env: Environment, scope: Scope
    ) -> Type | None:
        inner_scope = self.names.scopes[node]
        env = dict(env)
        for i, generator in enumerate(node.generators):
            container = self.infer(generator.iter, env, inner_scope if i else scope)
            self.bind(generator.target, self.element_of(container), env, inner_scope)
            results = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
            self.tell_elements(generator.target, [*results, *generator.ifs], env, inner_scope)
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
        return self.lambda_of(node, env, scope, [])

    def lambda_of(self, node: ast.Lambda, env: Environment, scope: Scope, given: list[Type | None]) -> Type | None:
        """A lambda whose first parameters are known."""
        a = node.args
        positional = [p.arg for p in (*a.posonlyargs, *a.args)]
        hidden = {*positional, *(p.arg for p in (*a.kwonlyargs, *filter(None, (a.vararg, a.kwarg))))}
        inner = {k: v for k, v in env.items() if k.partition(".")[0] not in hidden}
        inner.update(zip(positional, given, strict=False))
        result = self.infer(node.body, inner, self.names.scopes[node])
        return held("callable", result)

    def _namedexpr(self, node: ast.NamedExpr, env: Environment, scope: Scope) -> Type | None:
        fact = self.infer(node.value, env, scope)
        env[node.target.id] = fact
        return fact

    def _starred(self, node: ast.Starred, env: Environment, scope: Scope) -> Type | None:
        return self.infer(node.value, env, scope)

    def _yield(self, node: ast.Yield, env: Environment, scope: Scope) -> Type | None:
        self.yields.append(self.infer(node.value, env, scope) if node.value else NONE)
        return None

    def _yieldfrom(self, node: ast.YieldFrom, env: Environment, scope: Scope) -> Type | None:
        self.yields.append(self.element_of(self.infer(node.value, env, scope)))
        return None


_CLASSES = frozenset(
    {"list", "tuple", "dict", "set", "frozenset", "type", "int", "float", "str", "bool", "bytes", "object"}
)


def _is_bare(node: ast.expr) -> bool:
    return isinstance(node, ast.FormattedValue) and node.conversion == -1 and node.format_spec is None


def _continued(texts: list[str] | None, fact: Type | None, is_bare: bool) -> list[str] | None:
    """Every text so far with every value that the next piece may have; None when that is not known."""
    if not texts or fact is None or not fact.values or not is_bare or len(texts) * len(fact.values) > VALUES:
        return None
    return [f"{text}{value}" for text in texts for value in fact.values]


def _is_negative(op: ast.unaryop, fact: Type) -> bool:
    return isinstance(op, ast.USub) and fact.name == "int" and len(fact.values) == 1


def _stands_in(node: ast.IfExp, key: Callable[[ast.expr], str | None]) -> bool:
    """``T if x is None else x`` and ``x if x is not None else T``, also ``x if x else T``."""
    test = node.test.left if isinstance(node.test, ast.Compare) else node.test
    name = key(test)
    return name is not None and name in (key(node.body), key(node.orelse))
