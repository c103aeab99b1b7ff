"""Calls: what most rules say with ``to``, ``args``, ``drop``, ``refuse`` and ``defaults``."""

from __future__ import annotations

import ast
from collections.abc import Mapping

import libcst as cst

from translator.analysis.sites import Context, Site
from translator.core import Diagnostic
from translator.rewrites.arguments import (
    ArgumentPlan,
    filled,
    is_simple,
    listed,
    node_of,
    plan_arguments,
    target_names,
    with_arguments,
)
from translator.rewrites.registry import Apply, Edit, rewrite, unchanged
from translator.ruleset.model import Action, Kind
from translator.ruleset.target import Template, is_template, name_node, parse_template


@rewrite
def call(site: Site, action: Action) -> Edit | Diagnostic:
    """Change the name and the arguments in place, or fill the rule's expression."""
    return _rewritten(site, action, None, single_is_list=False)


@rewrite
def sizes_as_list(site: Site, action: Action) -> Edit | Diagnostic:
    """``x.view(2, -1)`` becomes ``x.reshape([2, -1])``: the target takes the sizes as one list.

    A single argument may be a sequence already; where its type does not tell, the site is left.
    """
    assert action.signature is not None
    name = next(p.name for p in action.signature.parameters if p.kind is Kind.VARIADIC)
    bound = site.bound(action)
    given = bound.nodes.get(name, []) if bound else []
    single_is_list = False
    if len(given) == 1 and not isinstance(given[0], ast.Starred):
        verdict = _is_sequence(site, given[0])
        if verdict is None:
            return site.refuse(
                "T310",
                f"cannot tell whether `{ast.unparse(given[0])}` is one size or a sequence of sizes",
                label="an int and a tuple are written differently in the output",
                hint="annotate it, or write the sizes out",
            )
        single_is_list = verdict
    return _rewritten(site, action, name, single_is_list=single_is_list)


def _is_sequence(site: Site, node: ast.expr) -> bool | None:
    fact = site.type_of(node)
    if isinstance(node, ast.Tuple | ast.List):
        return True
    if fact is None:
        return None
    if fact.name in ("list", "tuple") or fact.name.endswith(".Size"):
        return True
    return False if fact.name in ("int", "float", "bool") else None


def _rewritten(site: Site, action: Action, collect: str | None, *, single_is_list: bool) -> Edit | Diagnostic:
    plan = plan_arguments(site, action, collect=collect)
    if isinstance(plan, Diagnostic):
        return plan
    to = action.to if action.to is not None else action.helper
    if to is not None and is_template(to):
        return _from_template(site, action, plan, to, single_is_list)
    name = site.spell(to) if to is not None and not to.startswith(".") else to
    is_same = name is None or name in (_written(site), f".{getattr(site.call.func, 'attr', '')}")
    if is_same and plan.is_trivial and not action.helper:
        return Edit(site, unchanged)

    def apply(node: cst.BaseExpression) -> cst.BaseExpression:
        assert isinstance(node, cst.Call)
        changed = with_arguments(node, plan, single_is_list)
        if is_same or name is None:
            return changed
        return changed.with_changes(func=renamed(node.func, name))

    return Edit(site, apply, (action.helper,) if action.helper else ())


def _written(site: Site) -> str:
    return ast.unparse(site.call.func)


def renamed(func: cst.BaseExpression, name: str) -> cst.BaseExpression:
    """The function's name replaced: ``.method`` keeps the receiver, a dotted name the parentheses around."""
    if name.startswith("."):
        assert isinstance(func, cst.Attribute)
        value: cst.BaseExpression = func
        *path, last = name[1:].split(".")
        value = func.value
        for part in path:
            value = cst.Attribute(value, cst.Name(part))
        return func.with_changes(value=value, attr=cst.Name(last))
    return dotted_like(func, name.split("."))


def dotted_like(old: cst.BaseExpression, parts: list[str]) -> cst.BaseExpression:
    """The dotted name of ``parts``, with the white space and line breaks at the dots of ``old``."""
    if len(parts) > 1 and isinstance(old, cst.Attribute):
        return old.with_changes(value=dotted_like(old.value, parts[:-1]), attr=old.attr.with_changes(value=parts[-1]))
    return name_node(".".join(parts)).with_changes(lpar=getattr(old, "lpar", ()), rpar=getattr(old, "rpar", ()))


def _from_template(site: Site, action: Action, plan: ArgumentPlan, to: str, single_is_list: bool) -> Edit | Diagnostic:
    bound = site.bound(action)
    nodes = dict(bound.nodes) if bound else {}
    if site.use.receiver is not None:
        nodes["self"] = [site.use.receiver]
    chosen = evaluating_once(site, action, to, nodes)
    if isinstance(chosen, Diagnostic):
        return chosen
    to, helpers = chosen
    template = parse_template(to)
    for given in nodes:
        said = (*template.holes, *action.drop, *action.refuse, *action.around, "self")
        if given not in said:
            return site.refuse("T303", f"argument `{given}` of `{site.api}` is not handled", hint="extend the rule")
    if says_nothing(site, template, nodes):
        return Edit(site, unchanged, removes=True)
    names = target_names(template, site.inference.pack.target)
    spelled = {name: site.spell(name) for name in (*names, *helpers)}
    variadic = {p.name for p in action.signature.parameters if p.kind is Kind.VARIADIC} if action.signature else set()

    def fill(node: cst.BaseExpression) -> cst.BaseExpression:
        assert isinstance(node, cst.Call)
        values: dict[str, cst.BaseExpression] = {}
        for hole in template.holes:
            if hole == "self":
                assert isinstance(node.func, cst.Attribute)
                values[hole] = node.func.value
            elif hole in variadic:
                arguments = [node.args[i] for i, name in enumerate(plan.order) if name == hole]
                values[hole] = arguments[0].value if single_is_list and len(arguments) == 1 else listed(arguments)
            else:
                values[hole] = node_of(plan, hole, node.args)
        return filled(to, values, spelled)

    return Edit(site, kept_parentheses(fill), helpers)


def says_nothing(site: Site, template: Template, nodes: Mapping[str, list[ast.expr]]) -> bool:
    """Whether the result does nothing where it stands: a value as a statement, a decorator that changes nothing."""
    expression = template.expression
    if site.context is Context.DECORATOR:
        return isinstance(expression, cst.Lambda) and _gives_its_argument(expression)
    if site.context is not Context.STATEMENT or not isinstance(expression, cst.Name | cst.Integer):
        return False
    return all(is_simple(node) for hole in template.holes for node in nodes.get(hole, ()))


def _gives_its_argument(function: cst.Lambda) -> bool:
    names = [parameter.name.value for parameter in function.params.params]
    return isinstance(function.body, cst.Name) and names == [function.body.value]


def evaluating_once(
    site: Site, action: Action, to: str, nodes: Mapping[str, list[ast.expr]]
) -> tuple[str, tuple[str, ...]] | Diagnostic:
    """``to``, or the rule's ``once`` where an argument that may do something stands twice; with its helpers."""
    doubled = [hole for hole, count in parse_template(to).holes.items() if count > 1]
    acting = [node for hole in doubled for node in nodes.get(hole, ()) if not is_simple(node)]
    if not acting:
        return to, (action.helper,) if action.helper else ()
    if action.once is not None:
        return action.once, (action.once.partition("(")[0],)
    return site.refuse(
        "T308", f"`{ast.unparse(acting[0])}` would be evaluated twice", hint="assign it to a variable first"
    )


def kept_parentheses(fill: Apply) -> Apply:
    """``fill``, with the parentheses that stood around the original expression."""

    def apply(node: cst.BaseExpression) -> cst.BaseExpression:
        made = fill(node)
        lpar, rpar = getattr(node, "lpar", ()), getattr(node, "rpar", ())
        return made.with_changes(lpar=lpar, rpar=rpar) if lpar and not getattr(made, "lpar", ()) else made

    return apply
