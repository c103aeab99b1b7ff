"""Names whose calls are not in view: an adapter stands there, which takes the source's arguments at run time."""

from __future__ import annotations

import libcst as cst

from translator.analysis.sites import Context, Site
from translator.rewrites.call import dotted_like
from translator.rewrites.registry import Edit


def _adapter(site: Site) -> str | None:
    """The adapter of a site that names its API; members of values have none."""
    return site.inference.adapter(site.rule) if site.rule is not None and site.use.receiver is None else None


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
