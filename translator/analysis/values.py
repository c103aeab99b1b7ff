"""Where a value goes: every place of the file that it reaches, or that it leaves the view."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable
from functools import cached_property

from translator.analysis.facts import Facts
from translator.analysis.names import FUNCTIONS, Scope

Holder = tuple[Scope, str] | str  # a variable of a function, or a private attribute


class Values:
    """Follows values through variables, parameters and private attributes of one module."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    def is_in_view(self, node: ast.expr, accepts: Callable[[ast.Call], bool]) -> bool:
        """Whether a value is only called, as ``accepts`` allows, and asked whether it is there.

        What else may be called through the same variable does not matter: ``accepts`` says that the call means the
        same in both frameworks. A value that is returned, stored in a container, or passed to what is not of this
        file is out of view, and so are public names of the module.
        """
        pending, seen = [node], set[Holder]()
        while pending:
            holders = self._step(pending.pop(), accepts)
            if holders is None:
                return False
            for holder in holders:
                if holder not in seen:
                    seen.add(holder)
                    pending += self._loads[holder]
        return True

    def _step(self, node: ast.expr, accepts: Callable[[ast.Call], bool]) -> list[Holder] | None:
        """The holders that get the value from this place; None when it leaves the view."""
        parent = self._facts.parents.get(node)
        if isinstance(parent, ast.Call) and parent.func is node:
            return [] if accepts(parent) else None
        if isinstance(parent, ast.Compare):
            others = [part for part in (parent.left, *parent.comparators) if part is not node]
            return [] if all(isinstance(other, ast.Constant) for other in others) else None
        if isinstance(parent, ast.If | ast.While | ast.Assert | ast.UnaryOp) or (
            isinstance(parent, ast.IfExp) and parent.test is node
        ):
            return []
        if isinstance(parent, ast.IfExp | ast.BoolOp):
            return self._step(parent, accepts)
        if isinstance(parent, ast.NamedExpr):
            inner, outer = self._holders([parent.target], parent), self._step(parent, accepts)
            return None if inner is None or outer is None else inner + outer
        if isinstance(parent, ast.Assign):
            return self._holders(parent.targets, parent)
        if isinstance(parent, ast.AnnAssign) and parent.value is node:
            return self._holders([parent.target], parent)
        if isinstance(parent, ast.arguments):
            return self._of_default(node, parent)
        if isinstance(parent, ast.keyword | ast.Call):
            return self._of_argument(node, parent)
        return None

    def _holders(self, targets: list[ast.expr], statement: ast.AST) -> list[Holder] | None:
        found: list[Holder] = []
        for target in targets:
            if isinstance(target, ast.Name):
                scope = self._scopes[target].holder(target.id)
                if scope is None or not isinstance(scope.node, FUNCTIONS):
                    return None
                found.append((scope, target.id))
            elif isinstance(target, ast.Attribute) and target.attr.startswith("_"):
                found.append(target.attr)
            else:
                return None
        return found

    def _of_default(self, node: ast.expr, arguments: ast.arguments) -> list[Holder] | None:
        function = self._facts.parents[arguments]
        scope = self._facts.names.scopes[function]
        positional = [*arguments.posonlyargs, *arguments.args]
        if node in arguments.defaults:
            parameter = positional[len(positional) - len(arguments.defaults) + arguments.defaults.index(node)]
        else:
            parameter = arguments.kwonlyargs[arguments.kw_defaults.index(node)]
        return [(scope, parameter.arg)]

    def _of_argument(self, node: ast.expr, parent: ast.keyword | ast.Call) -> list[Holder] | None:
        """The parameter of a function or constructor of this file that a call passes the value to."""
        call = self._facts.parents[parent] if isinstance(parent, ast.keyword) else parent
        callee = self._facts.callees.get(call)
        if not isinstance(call, ast.Call) or callee is None:
            return None
        positional = [parameter.arg for parameter in callee.parameters()]
        if isinstance(parent, ast.keyword):
            names = [*positional, *(parameter.arg for parameter in callee.node.args.kwonlyargs)]
            return [(callee.scope, parent.arg)] if parent.arg in names else None
        place = call.args.index(node)
        is_plain = place < len(positional) and not any(isinstance(a, ast.Starred) for a in call.args[:place])
        return [(callee.scope, positional[place])] if is_plain else None

    @cached_property
    def _scopes(self) -> dict[ast.Name, Scope]:
        return dict(self._facts.names.reads)

    @cached_property
    def _loads(self) -> defaultdict[Holder, list[ast.expr]]:
        found: defaultdict[Holder, list[ast.expr]] = defaultdict(list)
        for name, scope in self._scopes.items():
            holder = scope.holder(name.id) if isinstance(name.ctx, ast.Load) else None
            if holder is not None:
                found[holder, name.id].append(name)
        for node in self._facts.nodes:
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load) and node.attr.startswith("_"):
                found[node.attr].append(node)
        return found
