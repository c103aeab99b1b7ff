"""What the uses of a name say about it where nothing else does: a tensor, or anything but one."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from translator.analysis.binding import bind
from translator.analysis.facts import Facts
from translator.analysis.index import FunctionFacts
from translator.analysis.names import COMPREHENSIONS, Scope
from translator.analysis.walk import children

TENSOR, OTHER = "tensor", "other"
_DICT_METHODS = frozenset({"items", "keys", "values", "get", "update", "pop", "append", "extend", "startswith"})
_NESTED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


class Evidence:
    """Reads code for what it says about some names.

    Args:
        scope: where the code stands.
        is_bound_before: the names are parameters; a statement that gives one another value is the last that counts.
    """

    def __init__(self, facts: Facts, names: Iterable[str], scope: Scope, *, is_bound_before: bool = False) -> None:
        self.open = set(names)
        self.found: dict[str, str] = {}
        self.facts, self.scope, self.is_bound_before = facts, scope, is_bound_before

    def read(self, body: Iterable[ast.AST]) -> dict[str, str]:
        """``TENSOR`` or ``OTHER`` for every name whose uses tell; what speaks against a tensor goes first."""
        for statement in body if self.open else ():
            self._statement(statement)
        return self.found

    def _statement(self, node: ast.AST) -> None:
        bound: set[str] = set()
        stack: list[ast.AST] = [node]
        while stack:
            inner = stack.pop()
            if isinstance(inner, _NESTED):  # has names of its own
                continue
            if isinstance(inner, ast.Name) and not isinstance(inner.ctx, ast.Load):
                bound.add(inner.id)
            read = _READERS.get(type(inner))
            for name, kind in read(self, inner) if read is not None else ():
                if name in self.open and self.found.get(name) != OTHER:
                    self.found[name] = kind
            stack += children(inner)
        if self.is_bound_before:
            self.open -= bound

    def _call(self, node: ast.Call) -> Iterator[tuple[str, str]]:
        if isinstance(node.func, ast.Name):
            yield node.func.id, OTHER
            if node.func.id == "range":
                yield from ((arg.id, OTHER) for arg in node.args if isinstance(arg, ast.Name))
        for given in _tensors_of(self.facts, node, self.scope):
            if isinstance(given, ast.Name):
                yield given.id, TENSOR

    def _attribute(self, node: ast.Attribute) -> Iterator[tuple[str, str]]:
        value = node.value
        if isinstance(value, ast.Name) and node.attr in _DICT_METHODS:
            yield value.id, OTHER
        elif self._is_member(node.attr) and self.facts.is_distinct(node.attr):
            while isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):  # x.reshape(..).permute(..)
                if not self._is_member(value.func.attr):
                    return
                value = value.func.value
            if isinstance(value, ast.Name):
                yield value.id, TENSOR

    def _is_member(self, name: str) -> bool:
        return self.facts.rules.get(f"{self.facts.tensor.name}.{name}") is not None

    def _compare(self, node: ast.Compare) -> Iterator[tuple[str, str]]:
        parts = [node.left, *node.comparators]
        if any(isinstance(part, ast.Constant) and isinstance(part.value, str) for part in parts):
            yield from ((part.id, OTHER) for part in parts if isinstance(part, ast.Name))

    def _subscript(self, node: ast.Subscript) -> Iterator[tuple[str, str]]:
        key = node.slice
        is_text = isinstance(key, ast.JoinedStr) or (isinstance(key, ast.Constant) and isinstance(key.value, str))
        if isinstance(node.value, ast.Name) and is_text:
            yield node.value.id, OTHER

    def _slice(self, node: ast.Slice) -> Iterator[tuple[str, str]]:
        for bound in (node.lower, node.upper, node.step):
            if isinstance(bound, ast.Name):
                yield bound.id, OTHER

    def _test(self, node: ast.If | ast.IfExp | ast.While | ast.Assert) -> Iterator[tuple[str, str]]:
        parts = node.test.values if isinstance(node.test, ast.BoolOp) else [node.test]
        for part in parts:
            if isinstance(part, ast.Name):
                yield part.id, OTHER

    def _unary(self, node: ast.UnaryOp) -> Iterator[tuple[str, str]]:
        if isinstance(node.op, ast.Not) and isinstance(node.operand, ast.Name):
            yield node.operand.id, OTHER

    def _binop(self, node: ast.BinOp) -> Iterator[tuple[str, str]]:
        if isinstance(node.op, ast.MatMult):
            yield from ((part.id, TENSOR) for part in (node.left, node.right) if isinstance(part, ast.Name))

    def _starred(self, node: ast.Starred) -> Iterator[tuple[str, str]]:
        if isinstance(node.value, ast.Name):
            yield node.value.id, OTHER


_READERS: dict[type[ast.AST], Callable[[Evidence, Any], Iterator[tuple[str, str]]]] = {
    ast.Call: Evidence._call,
    ast.Attribute: Evidence._attribute,
    ast.Compare: Evidence._compare,
    ast.Subscript: Evidence._subscript,
    ast.Slice: Evidence._slice,
    ast.UnaryOp: Evidence._unary,
    ast.BinOp: Evidence._binop,
    ast.Starred: Evidence._starred,
    **dict.fromkeys((ast.If, ast.IfExp, ast.While, ast.Assert), Evidence._test),
}


def evidence_of(facts: Facts, function: FunctionFacts) -> dict[str, str]:
    """What the uses of a function's parameters say about them."""
    if function.evidence is None:
        a = function.node.args
        names = [p.arg for p in (*a.posonlyargs, *a.args, *a.kwonlyargs) if p.annotation is None]
        reader = Evidence(facts, names, function.scope, is_bound_before=True)
        function.evidence = reader.read(function.node.body)
    return function.evidence


def evidence_of_locals(facts: Facts, function: FunctionFacts) -> dict[str, str]:
    """What the uses of a function's variables say about them; of those that one statement alone gives a value."""
    if function.local is None:
        counts = Counter(_bound(function.node.body))
        names = [name for name, count in counts.items() if count == 1]
        function.local = Evidence(facts, names, function.scope).read(function.node.body)
    return function.local


def _bound(body: Iterable[ast.AST]) -> Iterator[str]:
    stack = list(body)
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id
        stack += children(node) if not isinstance(node, (*_NESTED, *COMPREHENSIONS)) else []


def _tensors_of(facts: Facts, call: ast.Call, scope: Scope) -> list[ast.expr]:
    """The arguments of a call of the framework's that can only be tensors, as the rule's signature names them."""
    name = facts.names.qualified(call.func, scope)
    rule = facts.rules.get(name) if name is not None and facts.is_source(name) else None
    for action in rule.actions if rule is not None else ():
        bound = bind(action.signature, call) if action.signature is not None else None
        if bound is not None:
            return [node for p in facts.pack.tensor_parameters for node in bound.nodes.get(p, ())]
    return []
