"""Calls that overwrite their first argument in the source framework: a parameter says so, or the layer was made so."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from translator.analysis.binding import bind
from translator.analysis.index import FunctionFacts
from translator.analysis.infer import Inference


class InPlace:
    """Which calls write into their first argument: by a parameter that says so, or by a layer made with it."""

    def __init__(self, inference: Inference) -> None:
        self.inference, self.parameter = inference, inference.pack.in_place
        self.layers = {
            attribute
            for node in (inference.nodes if self.parameter else ())
            if type(node) is ast.Assign and type(node.value) is ast.Call and self._is_such(node.value)
            for attribute in self._attributes(node)
        }

    def may_write(self, node: ast.AST) -> bool:
        """A quick look: whether the node is of a kind that writes."""
        kind = type(node)
        if kind is ast.Call:
            return self.argument(node) is not None or self.receiver(node) is not None  # type: ignore[arg-type]
        if kind is ast.Subscript:
            return not isinstance(node.ctx, ast.Load)  # type: ignore[attr-defined]
        return kind is ast.AugAssign and isinstance(node.target, ast.Name | ast.Attribute)  # type: ignore[attr-defined]

    def argument(self, node: ast.Call) -> ast.expr | None:
        """What a call overwrites with its result though the target does not."""
        if not node.args or not self.is_tensor(node.args[0]):
            return None
        if self._is_told(node):
            return node.args[0]
        func = node.func
        if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name) and self.layers:
            owner = self.inference.types.get(func.value)
            facts = self.inference.index.classes.get(owner.name) if owner is not None else None
            if facts is not None and any((c.name, func.attr) in self.layers for c in facts.lineage()):
                return node.args[0]
        return None

    def receiver(self, node: ast.Call) -> ast.expr | None:
        """The tensor that a method like ``x.add_(y)`` writes into, in both frameworks."""
        use = self.inference.uses.get(node)
        if use is None or use.receiver is None or use.guessed or not use.api.endswith("_") or use.api.endswith("__"):
            return None
        rule = self.inference.rules.get(use.api)
        return None if rule is not None and rule.layout == "kept" else use.receiver  # `x.requires_grad_()` keeps it

    def callee(self, node: ast.Call) -> FunctionFacts | None:
        """The function of this file that a call runs: by name, a method, or a layer's ``forward``."""
        index, func = self.inference.index, node.func
        found: object = None
        if isinstance(func, ast.Name):
            found = index.by_name.get((self.inference.names.module, func.id))
        elif isinstance(func, ast.Attribute) and (owner := self.inference.types.get(func.value)) is not None:
            facts = index.find(owner.name)
            held = (
                next((c.attributes.get(func.attr) for c in facts.lineage() if func.attr in c.attributes), None)
                if (facts is not None)
                else None
            )
            layer = index.find(held.name) if held is not None else None
            found = layer.method("forward") if layer is not None else facts.method(func.attr) if facts else None
        return found if isinstance(found, FunctionFacts) else None

    def _is_told(self, node: ast.Call) -> bool:
        """Whether the parameter that makes a call work in place is given as True."""
        for keyword in node.keywords:
            if keyword.arg == self.parameter:
                return isinstance(keyword.value, ast.Constant) and keyword.value.value is True
        use = self.inference.uses.get(node)
        rule = self.inference.rules.get(use.api) if use is not None else None
        for action in rule.actions if rule is not None and node.args else ():
            given = bind(action.signature, node) if action.signature and self.parameter in action.drop else None
            for value in given.nodes.get(self.parameter, ()) if given is not None else ():
                return isinstance(value, ast.Constant) and value.value is True
        return False

    def is_tensor(self, node: ast.expr) -> bool:
        """Whether an expression is known to be a tensor."""
        fact = self.inference.types.get(node)
        return fact is not None and fact.name == self.inference.tensor.name

    def _is_such(self, value: ast.Call) -> bool:
        """Whether a layer is made that overwrites its input, or a chain of layers that begins with such a one."""
        first = value.args[0] if value.args and self._is_chain(value) else None
        return self._is_told(value) or (isinstance(first, ast.Call) and self._is_told(first))

    def _attributes(self, node: ast.Assign) -> Iterator[tuple[str, str]]:
        """(class, attribute) of what is assigned to ``self``."""
        for target in node.targets:
            if isinstance(target, ast.Attribute):
                owner = self.inference.types.get(target.value)
                if owner is not None and owner.name in self.inference.index.classes:
                    yield owner.name, target.attr

    def _is_chain(self, node: ast.Call) -> bool:
        fact = self.inference.types.get(node)
        return fact is not None and self.inference.member(fact, "__getslice__") is not None
