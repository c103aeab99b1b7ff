"""Where a view of a parameter, laid out as in the source, will do in place of the parameter."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from translator.analysis.index import FunctionFacts
from translator.analysis.infer import Inference
from translator.analysis.summary import FunctionSummary
from translator.analysis.walk import walk
from translator.core import Type
from translator.ruleset.model import Rule

_PLAIN = frozenset({"int", "float", "bool", "str", "None"})


def _around(node: ast.AST, inference: Inference) -> ast.AST | None:
    """What stands around an expression; around an argument, its call."""
    parent = inference.parents.get(node)
    return inference.parents.get(parent) if isinstance(parent, ast.keyword) else parent


def _used(attribute: ast.Attribute, inference: Inference) -> ast.AST:
    """The call of a method, or the attribute itself."""
    outer = inference.parents.get(attribute)
    return outer if isinstance(outer, ast.Call) and outer.func is attribute else attribute


def _rule(node: ast.AST, inference: Inference) -> Rule | None:
    use = inference.uses.get(node)
    return inference.rules.get(use.api) if use is not None else None


@dataclass(slots=True)
class Views:
    """Where a view of a parameter, laid out as in the source, can stand in for the parameter.

    It can where the tensor is read, or written by its methods, for a view shares the memory. It cannot where the
    parameter itself is asked for: by what keeps it, by its gradient, or by a check of its class.
    """

    inference: Inference
    known: dict[tuple[ast.AST, str], bool | None] = field(default_factory=dict)

    def will_do(self, node: ast.AST) -> bool:
        """Whether what is done with an expression can be done with a view."""
        parent = _around(node, self.inference)
        if isinstance(parent, ast.Attribute):
            return self._has(parent)
        if isinstance(parent, ast.Subscript):
            around = _around(parent, self.inference)
            return not isinstance(parent.ctx, ast.Del) and not self._is_effect(around)
        if isinstance(parent, ast.Compare):
            return not any(isinstance(op, ast.In | ast.NotIn) for op in parent.ops) and _is_of_values(parent)
        if isinstance(parent, ast.Call) and node is not parent.func:
            return self._takes(parent, node)
        return isinstance(parent, ast.BinOp | ast.UnaryOp)

    def _has(self, attribute: ast.Attribute) -> bool:
        """Whether a view has this member, and it means the same; what a user gave the parameter is not on it.

        Neither is an attribute that is laid out as the parameter and shares nothing with it: its gradient.
        """
        rule = _rule(_used(attribute, self.inference), self.inference)
        if rule is None or not isinstance(attribute.ctx, ast.Load):
            return False
        is_attribute = all(action.signature is None for action in rule.actions)
        return not (is_attribute and rule.layout == "kept" and not rule.shares)

    def _takes(self, call: ast.Call, node: ast.AST) -> bool:
        """Whether an argument of a call may be a view."""
        use, rule = self.inference.uses.get(call), _rule(call, self.inference)
        if use is not None:
            is_of_layer = use.receiver is not None and not self._is_tensor(use.receiver)
            gives_value = self._is_value(self.inference.types.get(call))
            return not is_of_layer and rule is not None and not self._is_effect(call) and gives_value
        given_back = self._parameter(call, node)
        return given_back is not None and (not given_back or self._is_alone(call) or self.will_do(call))

    def _is_effect(self, node: ast.AST | None) -> bool:
        """Whether a call is of a function that fills its argument, for which it may take other memory."""
        rule = _rule(node, self.inference) if node is not None else None
        return rule is not None and any(action.rewrite == "effect" for action in rule.actions)

    def _is_value(self, fact: Type | None) -> bool:
        """Whether a result is a tensor or a number, or a tuple of numbers, and not an object that keeps arguments."""
        if fact is None:
            return False
        if fact.name == "tuple" and fact.items:
            return all(item is not None and item.name in _PLAIN for item in fact.items)
        return fact.name == self.inference.tensor.name or fact.name in _PLAIN

    def _is_tensor(self, node: ast.expr) -> bool:
        fact = self.inference.types.get(node)
        return fact is not None and fact.name == self.inference.tensor.name

    def _is_alone(self, call: ast.Call) -> bool:
        """Whether nothing is done with a result but to give it back."""
        return isinstance(self.inference.parents.get(call), ast.Expr | ast.Return)

    def _parameter(self, call: ast.Call, node: ast.AST) -> bool | None:
        """Whether a function of the tree gives an argument back; None if it may not be a view, or who knows."""
        function = self._function(call)
        if function is None:
            return None
        keyword = next((k.arg for k in call.keywords if k.value is node), None)
        places = _positional(function)
        starred = any(isinstance(a, ast.Starred) for a in call.args)
        at = next((i for i, a in enumerate(call.args) if a is node), len(places))
        name = keyword or (places[at] if at < len(places) and not starred else None)
        if isinstance(function, FunctionSummary):
            return dict(function.views).get(name) if name is not None else None
        return self._of(function.node, name) if name is not None else None

    def _function(self, call: ast.Call) -> FunctionFacts | FunctionSummary | None:
        if call in self.inference.callees:
            found = self.inference.callees[call]
            return found if found.owner is None else None
        inside: ast.AST = call
        while inside not in self.inference.names.scopes:
            inside = self.inference.parents[inside]
        scope = self.inference.names.scopes[inside]
        name = self.inference.names.qualified(call.func, scope)
        return self.inference.place.world.function_of(name) if name is not None else None

    def of(self, function: FunctionFacts) -> tuple[tuple[str, bool], ...]:
        """The parameters of a function that may be views of what the caller has, and whether it gives them back."""
        found = ((name, self._of(function.node, name)) for name in _positional(function))
        return tuple((name, given_back) for name, given_back in found if given_back is not None)

    def _of(self, function: ast.AST, name: str) -> bool | None:
        """Whether a function gives a parameter back; None if it does something with it that no view is for."""
        at = (function, name)
        if at not in self.known:
            self.known[at] = False  # what a recursion comes back to
            names = [n for n in walk(function) if isinstance(n, ast.Name) and n.id == name]
            loads = [n for n in names if isinstance(n.ctx, ast.Load)]
            is_read = all(self._is_given_back(n) or self.will_do(n) for n in loads)
            self.known[at] = any(map(self._is_given_back, loads)) if is_read else None
        return self.known[at]

    def _is_given_back(self, node: ast.AST) -> bool:
        """Whether an expression is what a function returns: as it is, or as what it is passed to gives it back."""
        parent = _around(node, self.inference)
        if isinstance(parent, ast.Attribute):
            used = _used(parent, self.inference)
            use = self.inference.uses.get(used)
            works_in_place = use is not None and use.api.endswith("_") and not use.api.endswith("__")
            return works_in_place and used is not parent and self._is_given_back(used)
        if isinstance(parent, ast.Call) and node is not parent.func and parent not in self.inference.uses:
            return self._parameter(parent, node) is True and self._is_given_back(parent)
        return isinstance(parent, ast.Return)


def _is_of_values(compare: ast.Compare) -> bool:
    """Whether values are compared, or something with None; not whether two names mean the same object."""
    sides = (compare.left, *compare.comparators)
    is_with_none = any(isinstance(side, ast.Constant) and side.value is None for side in sides)
    return is_with_none or not any(isinstance(op, ast.Is | ast.IsNot) for op in compare.ops)


def _positional(function: FunctionFacts | FunctionSummary) -> list[str]:
    """The parameters' names in order, as far as none of them is variadic."""
    if isinstance(function, FunctionFacts):
        return [p.arg for p in function.parameters()]
    names = [name for name, _ in function.parameters]
    return names[: next((i for i, name in enumerate(names) if name.startswith("*")), len(names))]
