"""Names whose calls are not in view: an adapter stands there, which takes the source's arguments at run time."""

from __future__ import annotations

import ast

import libcst as cst

from translator.analysis.sites import Context, Site
from translator.rewrites.arguments import says_default
from translator.rewrites.call import dotted_like
from translator.rewrites.registry import Edit
from translator.ruleset.model import Action


def _adapter(site: Site) -> str | None:
    """The adapter of a site that names its API; members of values have none."""
    return site.inference.adapter(site.rule) if site.rule is not None and site.use.receiver is None else None


def may_say_default(site: Site, action: Action) -> bool:
    """Whether what is refused are parameters of the function around, whose defaults are those that would be taken.

    ``def head(device=None): return nn.Linear(3, 4, device=device)``: the adapter raises where it is anything else.
    """
    bound, function = site.bound(action), _function_around(site)
    if bound is None or action.signature is None or function is None:
        return False
    defaults = {p.name: p.default for p in action.signature.parameters}
    own = _defaults(function.args)
    refused = [(name, nodes[0]) for name, nodes in bound.nodes.items() if name in action.refuse]
    given = [(name, node) for name, node in refused if not says_default(node, defaults[name])]
    return bool(given) and all(
        isinstance(node, ast.Name) and node.id in own and says_default(own[node.id], defaults[name])
        for name, node in given
    )


def _function_around(site: Site) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    node: ast.AST | None = site.node
    while node is not None and not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        node = site.inference.parents.get(node)
    return node


def _defaults(arguments: ast.arguments) -> dict[str, ast.expr]:
    """The parameters that have defaults."""
    positional = [*arguments.posonlyargs, *arguments.args]
    first = len(positional) - len(arguments.defaults)
    found = {one.arg: default for one, default in zip(positional[first:], arguments.defaults, strict=True)}
    named = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    return found | {one.arg: default for one, default in named if default is not None}


def as_value(site: Site) -> Edit | None:
    """``norm_layer=nn.BatchNorm2d`` with the adapter in its place; None when the rule says more than an adapter can.

    A decorator is no value: its one argument is the function below, whichever parameter comes first.
    """
    if site.context is Context.DECORATOR:
        return None
    name = _adapter(site)
    if name is None:
        return None
    written = site.inference.helper_name(name)
    return Edit(site, lambda node: dotted_like(node, [written]), (name,))


def as_callee(site: Site) -> Edit | None:
    """``nn.Conv2d(*sizes, **options)`` through the adapter, every argument as it is."""
    name = _adapter(site)
    if name is None:
        return None
    written = site.inference.helper_name(name)

    def apply(node: cst.BaseExpression) -> cst.BaseExpression:
        assert isinstance(node, cst.Call)
        return node.with_changes(func=dotted_like(node.func, [written]))

    return Edit(site, apply, (name,))
