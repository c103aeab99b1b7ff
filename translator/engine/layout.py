"""Parameters that the target stores in another layout: where that cannot be seen, and where it can be turned over."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace

import libcst as cst

from translator.analysis.infer import Inference
from translator.analysis.sites import Site
from translator.analysis.types import NUMBERS
from translator.analysis.views import Views
from translator.engine.bases import Decisions
from translator.rewrites.registry import Apply, Edit, unchanged
from translator.ruleset.target import parse_template

_OPERATIONS = (ast.BinOp, ast.UnaryOp, ast.Compare)


def stored_otherwise(site: Site) -> str | None:
    """How the target stores the parameter that a site names, as its layer's rule says; None where it is none."""
    owner, _, name = site.use.api.rpartition(".")
    rule = site.inference.rules.get(owner)
    return rule.weights.get(name) if rule is not None and site.use.receiver is not None else None


def settle_layouts(plan: Decisions) -> None:
    """Turn over what is read from such a parameter, ``fc.weight.T[0]``, and what is written into it.

    Only where the layer's layout is undone by an expression of the pack, which gives a view, and only where all that is
    done with it is in view.
    """
    left = {node: site for node, (site, found) in plan.left.items() if found.code == "T309"}
    for node, site in left.items():
        chain = _Chain.of(node, site.inference)
        if chain.hides_layout() or _is_between_alike(chain, left):
            plan.edits[plan.left.pop(node)[0].node] = Edit(site, unchanged)
    views = {site.inference: Views(site.inference) for site in left.values()}
    for node, site in left.items():
        template = site.inference.pack.layouts.get(stored_otherwise(site) or "")
        chain = _Chain.of(node, site.inference)
        turned = chain.turned() if template is not None and node in plan.left else None
        if template is not None and turned is not None and (turned not in plan.left or turned is node):
            plan.left.pop(node)
            plan.edits[node] = Edit(site, unchanged)
            _turn(plan, turned, site, template)
        elif template is not None and node in plan.left and views[site.inference].will_do(chain.last):
            assert isinstance(chain.last, ast.expr)
            plan.edits[node] = Edit(plan.left.pop(node)[0], unchanged)
            _turn(plan, chain.last, site, template)


def _turn(plan: Decisions, node: ast.expr, site: Site, template: str) -> None:
    """Put the pack's expression around a node, over what is done with it already."""
    before = plan.edits.get(node)
    inner: Apply = before.apply if before is not None else unchanged
    parsed = parse_template(template)

    def apply(written: cst.BaseExpression) -> cst.BaseExpression:
        bare = inner(written.with_changes(lpar=(), rpar=()))
        return parsed.fill({"self": bare}, lambda name: name).with_changes(lpar=written.lpar, rpar=written.rpar)

    plan.edits[node] = replace(before, apply=apply) if before is not None else Edit(replace(site, node=node), apply)


def _is_between_alike(chain: _Chain, left: dict[ast.AST, Site]) -> bool:
    """``a.weight = b.weight``: both are stored alike, so the statement holds as it stands."""
    statement = chain.parent
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return False
    other = statement.value if chain.last is statement.targets[0] else statement.targets[0]
    found = next((site for node, site in left.items() if _Chain.of(node, site.inference).last is other), None)
    return found is not None and found.use.api == left[chain.first].use.api


@dataclass(frozen=True, slots=True)
class _Chain:
    """A parameter with the members behind it whose result is laid out as it is: ``fc.weight.data``."""

    first: ast.AST
    last: ast.AST
    inference: Inference

    @classmethod
    def of(cls, node: ast.AST, inference: Inference) -> _Chain:
        """Follow a parameter through the members that keep its layout."""
        last = node
        while True:
            used = _used(last, inference)
            if used is None or _layout(used, inference) != "kept":
                return cls(node, last, inference)
            last = used

    @property
    def parent(self) -> ast.AST | None:
        """What the result stands in; the call for a keyword argument."""
        parent = self.inference.parents.get(self.last)
        return self.inference.parents.get(parent) if isinstance(parent, ast.keyword) else parent

    def hides_layout(self) -> bool:
        """Whether what is done with the parameter gives the same in every layout.

        ``init.normal_(fc.weight)``, ``fc.weight.data.zero_()`` and ``fc.weight is None`` do: rules say so with
        ``layout: free``, and with ``layout: kept`` that a result is laid out as its receiver, so that its use decides.
        """
        parent, used = self.parent, _used(self.last, self.inference)
        if isinstance(parent, ast.Compare):
            return all(isinstance(op, ast.Is | ast.IsNot) for op in parent.ops)
        if used is not None:
            layout = _layout(used, self.inference)
            return layout == "free" or (layout in ("alike", "scaled") and self._is_number(used))
        while isinstance(parent, ast.List | ast.Tuple | ast.Dict | ast.keyword):
            parent = self.inference.parents.get(parent)
        if isinstance(parent, ast.Call):
            return _layout(parent, self.inference) == "free"
        return isinstance(parent, ast.Expr)

    def turned(self) -> ast.expr | None:
        """The node to turn over: this one where it is read, the value where it is written; None where unclear."""
        parent = self.parent
        if isinstance(parent, ast.Assign) and parent.targets == [self.last]:
            return self._value(parent.value)
        used = _used(self.last, self.inference)
        if isinstance(used, ast.Call) and _layout(used, self.inference) == "alike":
            return used.args[0] if used.args and self._is_tensor(used.args[0]) else None
        return self.last if isinstance(self.last, ast.expr) and self._is_only_read() else None

    def _value(self, value: ast.expr) -> ast.expr | None:
        """The tensor that is assigned: of ``fc.weight = Parameter(x)`` the ``x``; any other ``y`` there is shared."""
        use = self.inference.uses.get(value)
        is_function = isinstance(value, ast.Call) and use is not None and use.receiver is None
        if is_function and isinstance(value, ast.Call) and value.args and _layout(value, self.inference) == "kept":
            return value.args[0]
        return None if self.last is self.first else value

    def _is_tensor(self, node: ast.expr) -> bool:
        fact = self.inference.types.get(node)
        return fact is not None and fact.name == self.inference.tensor.name

    def _is_number(self, used: ast.AST) -> bool:
        """Whether the only argument of a method is a number."""
        arguments = [*used.args, *(k.value for k in used.keywords)] if isinstance(used, ast.Call) else []
        fact = self.inference.types.get(arguments[0]) if len(arguments) == 1 else None
        return fact is not None and fact.name in NUMBERS

    def _is_only_read(self) -> bool:
        """Whether nothing writes into the result, and only the framework's own functions see it."""
        node: ast.AST = self.last
        while (used := _used(node, self.inference)) is not None:
            name = used.func.attr if isinstance(used, ast.Call) and isinstance(used.func, ast.Attribute) else ""
            if name.endswith("_") or not (isinstance(used, ast.Subscript) or used in self.inference.uses):
                return False
            node = used
        parent = self.inference.parents.get(node)
        if isinstance(parent, ast.Attribute | ast.Subscript) or _is_in_place(parent):
            return False
        if node is not self.last or isinstance(parent, _OPERATIONS):
            return True
        return self._is_argument(parent)

    def _is_argument(self, parent: ast.AST | None) -> bool:
        """Whether the result is an argument of one of the framework's functions that give a new value."""
        while isinstance(parent, ast.keyword | ast.List | ast.Tuple):
            parent = self.inference.parents.get(parent)
        use = self.inference.uses.get(parent) if isinstance(parent, ast.Call) else None
        rule = self.inference.rules.get(use.api) if use is not None else None
        name = rule.api.rpartition(".")[2] if rule is not None else ""
        return rule is not None and rule.returns is not None and name.islower() and not name.endswith("_")


def _is_in_place(node: ast.AST | None) -> bool:
    """Whether a call is one of a function that says by its name that it writes into its argument."""
    return isinstance(node, ast.Call) and ast.unparse(node.func).endswith("_")


def _used(node: ast.AST, inference: Inference) -> ast.AST | None:
    """The member, method call or element that is taken of a value."""
    parent = inference.parents.get(node)
    if isinstance(parent, ast.Subscript) and parent.value is node and isinstance(parent.ctx, ast.Load):
        return parent
    if not isinstance(parent, ast.Attribute):
        return None
    outer = inference.parents.get(parent)
    return outer if isinstance(outer, ast.Call) and outer.func is parent else parent


def _layout(node: ast.AST, inference: Inference) -> str:
    use = inference.uses.get(node)
    rule = inference.rules.get(use.api) if use is not None else None
    return rule.layout if rule is not None else ""
