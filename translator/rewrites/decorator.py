"""Decorators without a call: ``@X`` means ``X(function)``, so what becomes of that call becomes of the decorator."""

from __future__ import annotations

import ast

import libcst as cst

from translator.analysis.binding import choose
from translator.analysis.sites import Site
from translator.core import Diagnostic
from translator.rewrites.arguments import target_names
from translator.rewrites.registry import REWRITES, Edit, rewrite, unchanged
from translator.ruleset.model import Action
from translator.ruleset.target import Template, hole_of, is_template, parse_template


@rewrite
def decorator(site: Site, action: Action) -> Edit | Diagnostic:
    """``@no_grad`` becomes ``@no_grad()`` where the rule says ``no_grad()({func})``; a mere ``{func}`` takes it out."""
    assert site.rule is not None
    call = ast.copy_location(ast.Call(site.node, [ast.Name("function", ast.Load())], []), site.node)
    chosen = choose(site.rule, call, site.inference.types)
    if chosen is None or chosen.to is None or not is_template(chosen.to):
        return REWRITES["reference"](site, chosen or action)
    template = parse_template(chosen.to)
    outer = template.expression
    if hole_of(outer) is not None:
        return Edit(site, unchanged, removes=True)
    if not isinstance(outer, cst.Call) or not _is_only_hole(outer, template):
        hint = "write the decorator as a call, or call the function where it is used"
        return site.refuse(
            "T306", f"`{site.api}` is used as a decorator, and only its calls can be translated", hint=hint
        )
    spelled = {name: site.spell(name) for name in target_names(template, site.inference.pack.target)}
    named = Template(outer.func, template.holes)
    return Edit(site, lambda _: named.fill({}, lambda name: spelled.get(name, name)))


def _is_only_hole(call: cst.Call, template: Template) -> bool:
    """Whether a call passes on the function alone, which stands nowhere else."""
    return sum(template.holes.values()) == 1 and len(call.args) == 1 and hole_of(call.args[0].value) is not None
