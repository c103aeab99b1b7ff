"""What the uses of a parameter without annotation say about it: a tensor, or anything but one."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any

from translator.analysis.binding import bind
from translator.analysis.facts import Facts
from translator.analysis.index import FunctionFacts
from translator.analysis.names import Scope
from translator.analysis.walk import children

TENSOR, OTHER = "tensor", "other"
_DICT_METHODS = frozenset({"items", "keys", "values", "get", "update", "pop", "append", "extend", "startswith"})
_NESTED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


class Evidence:
    """Reads the body of one function up to the statement that gives a parameter another value.

    Args:
        is_tensor_member: whether only tensors have a method or attribute of that name.
        takes_tensors: the arguments of a call that can only be tensors.
    """

    def __init__(
        self,
        names: list[str],
        is_tensor_member: Callable[[str], bool],
        takes_tensors: Callable[[ast.Call], list[ast.expr]],
    ) -> None:
        self.open = set(names)
        self.found: dict[str, str] = {}
        self.is_tensor_member, self.takes_tensors = is_tensor_member, takes_tensors

    def read(self, body: list[ast.stmt]) -> dict[str, str]:
        """``TENSOR`` or ``OTHER`` for every parameter whose uses tell; what speaks against a tensor goes first."""
        for statement in body if self.open else ():
            self._statement(statement)
        return self.found

    def _statement(self, node: ast.AST) -> None:
        bound: set[str] = set()
        stack: list[ast.AST] = [node]
        while stack:
            inner = stack.pop()
            if isinstance(inner, ast.Name) and not isinstance(inner.ctx, ast.Load):
                bound.add(inner.id)
            for name, kind in self._says(inner):
                if name in self.open and self.found.get(name) != OTHER:
                    self.found[name] = kind
            stack += [child for child in children(inner) if not isinstance(child, _NESTED)]
        self.open -= bound

    def _says(self, node: ast.AST) -> Iterator[tuple[str, str]]:
        read = _READERS.get(type(node))
        if read is not None:
            yield from read(self, node)

    def _call(self, node: ast.Call) -> Iterator[tuple[str, str]]:
        if isinstance(node.func, ast.Name):
            yield node.func.id, OTHER
            if node.func.id == "range":
                yield from ((arg.id, OTHER) for arg in node.args if isinstance(arg, ast.Name))
        for given in self.takes_tensors(node):
            if isinstance(given, ast.Name):
                yield given.id, TENSOR

    def _attribute(self, node: ast.Attribute) -> Iterator[tuple[str, str]]:
        if isinstance(node.value, ast.Name):
            if node.attr in _DICT_METHODS:
                yield node.value.id, OTHER
            elif self.is_tensor_member(node.attr):
                yield node.value.id, TENSOR

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
        tensor, distinct, rules = facts.tensor.name, facts.is_distinct, facts.rules
        reader = Evidence(
            names,
            lambda name: distinct(name) and rules.get(f"{tensor}.{name}") is not None,
            lambda call: _tensors_of(facts, call, function.scope),
        )
        function.evidence = reader.read(function.node.body)
    return function.evidence


def _tensors_of(facts: Facts, call: ast.Call, scope: Scope) -> list[ast.expr]:
    """The arguments of a call of the framework's that can only be tensors, as the rule's signature names them."""
    name = facts.names.qualified(call.func, scope)
    rule = facts.rules.get(name) if name is not None and facts.is_source(name) else None
    for action in rule.actions if rule is not None else ():
        bound = bind(action.signature, call) if action.signature is not None else None
        if bound is not None:
            return [node for p in facts.pack.tensor_parameters for node in bound.nodes.get(p, ())]
    return []
