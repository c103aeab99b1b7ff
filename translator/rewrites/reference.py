"""Names that are not called: annotations, base classes, classes and functions as values, members of values."""

from __future__ import annotations

import ast
from dataclasses import replace

import libcst as cst

from translator.analysis.sites import Context, Site
from translator.core import Diagnostic
from translator.rewrites.adapt import as_value
from translator.rewrites.arguments import ArgumentPlan, plan_arguments, target_names
from translator.rewrites.call import dotted_like, evaluating_once, kept_parentheses, renamed
from translator.rewrites.registry import Edit, rewrite, unchanged
from translator.ruleset.branches import targets
from translator.ruleset.model import Action
from translator.ruleset.target import is_template, parse_template


@rewrite
def reference(site: Site, action: Action) -> Edit | Diagnostic:
    """A dotted name: renamed where that cannot change a call's meaning."""
    assert site.rule is not None
    instead = {Context.BASE: action.base, Context.CHECK: action.check}.get(site.context)
    if instead is not None:
        written = site.spell(instead)
        return Edit(site, lambda node: dotted_like(node, [written]), (instead,))
    to = action.to
    is_tensor = site.api == site.inference.tensor.name  # a value of it is a type, hardly ever a constructor
    stays_value = site.context in (Context.VALUE, Context.TARGET, Context.IDENTITY, Context.DECORATOR) and not is_tensor
    if site.context is Context.IDENTITY and not all(takes_the_same(a) for a in site.rule.actions):
        message = f"whether a class is `{site.api}` is asked, and the output may use several classes for it"
        return as_value(site) or site.refuse("T306", message, hint="ask with `isinstance`")
    if to is not None and is_template(to) and action.signature is None and not parse_template(to).holes:
        return _as_expression(site, action, to)
    if to is None or is_template(to):
        hint = "call it directly"
        message = f"`{site.api}` is used as a value, and only its calls can be translated"
        return as_value(site) or site.refuse("T306", message, hint=hint)
    if stays_value and not all(takes_the_same(a) for a in site.rule.actions) and not _is_only_called_plainly(site):
        return as_value(site) or site.refuse(
            "T306",
            f"`{site.api}` is used as a value, and `{to}` takes other arguments",
            label="its calls are not all in view",
            hint="call it here, or wrap it in a function",
        )
    classes = targets(site.rule) or [to]
    if site.context is Context.CHECK and len(classes) > 1:
        return _one_of(site, classes)
    name = site.spell(classes[-1])
    helpers = tuple({a.helper for a in site.rule.actions if a.helper and (a.to or a.helper) == classes[-1]})

    def apply(node: cst.BaseExpression) -> cst.BaseExpression:
        return dotted_like(node, name.split("."))

    return Edit(site, apply, helpers)


def as_name(site: Site, target: str) -> Edit:
    """The name alone, whatever it is used for."""
    name = site.spell(target)
    return Edit(site, lambda node: dotted_like(node, name.split(".")))


def _is_only_called_plainly(site: Site) -> bool:
    """Whether each call that the value can reach means the same in the target, word for word."""

    def accepts(call: ast.Call) -> bool:
        """Whether the call's arguments stay as they are."""
        here = replace(site, node=call, spelled=[])
        action = here.action()
        if action is None or site.rule is None or (action.to or action.helper) != targets(site.rule)[-1]:
            return False
        plan = plan_arguments(here, action) if action.rewrite == "call" and not action.helper else None
        return isinstance(plan, ArgumentPlan) and plan.is_trivial

    is_open = site.context is Context.VALUE and site.use.receiver is None and bool(site.rule and targets(site.rule))
    return is_open and site.inference.values.is_in_view(site.node, accepts)


def _as_expression(site: Site, action: Action, to: str) -> Edit:
    """A name that is no function, such as a flag: what gives its value in the target."""
    template, helpers = parse_template(to), tuple(filter(None, (action.helper,)))
    names = target_names(template, site.inference.pack.target)
    spelled = {name: site.spell(name) for name in (*names, *helpers)}
    return Edit(site, lambda _: template.fill({}, lambda name: spelled.get(name, name)), helpers)


def _one_of(site: Site, names: list[str]) -> Edit:
    """``isinstance(m, nn.GroupNorm)`` where calls become one of several classes: any of them counts."""
    written = ", ".join(site.spell(name) for name in names)
    helpers = tuple(action.helper for action in site.rule.actions if action.helper) if site.rule else ()
    return Edit(site, lambda _: cst.parse_expression(f"({written})"), helpers)


def takes_the_same(action: Action) -> bool:
    """Whether calls need no change but the name: then the name alone can be passed around."""
    is_helper_of_its_own = action.helper is not None and action.to != action.helper
    changes = action.renames or action.settings or action.drop or action.defaults or action.around
    is_in_place = action.positional < 0
    return action.rewrite == "call" and is_in_place and not changes and not is_helper_of_its_own


@rewrite
def member(site: Site, action: Action) -> Edit | Diagnostic:
    """``x.data``, ``layer.kernel_size``: an attribute of a value, by its new name or as an expression."""
    to = action.to or ""
    if site.rule is not None and site.rule.written and _is_written(site):
        to = site.rule.written
    if isinstance(site.node, ast.Subscript) and is_template(to):
        return part(site, to)
    is_called = action.signature is not None  # attributes have no signature
    if is_called and (is_template(to) or not takes_the_same(action)):
        name = site.api.rpartition(".")[2]
        message = f"`{name}` is used as a value, and only its calls can be translated"
        return site.refuse("T306", message, hint=f"call it, or wrap the call in a function: `lambda: x.{name}(...)`")
    if isinstance(site.node, ast.Subscript) or not to or to == f".{getattr(site.node, 'attr', '')}":
        return Edit(site, unchanged)
    if not is_template(to):
        return Edit(site, lambda node: renamed(node, to))
    if site.context is Context.TARGET:
        return site.refuse("T311", f"`{site.api}` cannot be assigned to in the output", hint="write it as a call")
    if action.signature is not None:
        message = f"`{site.api}` is used as a value, and only its calls can be translated"
        return site.refuse("T306", message, hint="call it here, or wrap it in a function")
    assert site.use.receiver is not None
    chosen = evaluating_once(site, action, to, {"self": [site.use.receiver]})
    if isinstance(chosen, Diagnostic):
        return chosen
    to, helpers = chosen
    template = parse_template(to)
    names = target_names(template, site.inference.pack.target)
    spelled = {name: site.spell(name) for name in (*names, *helpers)}

    def fill(node: cst.BaseExpression) -> cst.BaseExpression:
        assert isinstance(node, cst.Attribute)
        return template.fill({"self": node.value}, lambda name: spelled.get(name, name))

    return Edit(site, kept_parentheses(fill), helpers)


def _is_written(site: Site) -> bool:
    """Whether a method that works in place is called on the attribute or its part, or that is assigned to."""
    parents = site.inference.parents
    node: ast.AST | None = site.node
    while isinstance(outer := parents.get(node), ast.Subscript) and outer.value is node:  # type: ignore[arg-type]
        node = outer
    if node is not site.node and isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
        return True
    func = parents.get(node)  # type: ignore[arg-type]
    call = parents.get(func) if func is not None else None
    is_called = isinstance(func, ast.Attribute) and isinstance(call, ast.Call) and call.func is func
    return is_called and func.attr.endswith("_") and not func.attr.endswith("__")  # type: ignore[union-attr]


def part(site: Site, to: str) -> Edit:
    """``layers[2:]``: the rule's expression, with the author's slice for its ``{index}``."""
    template = parse_template(to)
    spelled = {name: site.spell(name) for name in target_names(template, site.inference.pack.target)}

    def fill(node: cst.BaseExpression) -> cst.BaseExpression:
        assert isinstance(node, cst.Subscript)
        nodes = {"self": node.value, "index": node.slice[0].slice}
        return template.fill(nodes, lambda name: spelled.get(name, name))  # type: ignore[arg-type]

    return Edit(site, kept_parentheses(fill))
