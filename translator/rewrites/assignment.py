"""Names of the source framework that programs set, such as flags."""

from __future__ import annotations

import ast

import libcst as cst

from translator.analysis.sites import Site
from translator.core import Diagnostic
from translator.rewrites.arguments import acts, target_names
from translator.rewrites.registry import Edit, rewrite, unchanged
from translator.ruleset.model import Action
from translator.ruleset.target import parse_template


@rewrite
def assignment(site: Site, action: Action) -> Edit | Diagnostic:
    """``package.flag = value`` becomes the call that sets the target's; where that has none, the statement goes."""
    assert site.rule is not None
    statement = site.inference.parents.get(site.node)
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        hint = "set it in a statement of its own"
        return site.refuse("T311", f"`{site.api}` is set together with something else", hint=hint)
    value = ast.unparse(statement.value)
    text = action.assigned.get(value, action.assigned.get("*"))
    if text is None:
        note = site.rule.note
        return site.refuse(
            "T305", f"`{site.api} = {value}` has no counterpart", label=note, hint=site.rule.hint or note
        )
    template = parse_template(text)
    if isinstance(template.expression, cst.Name):
        if not acts(site, statement.value):
            return Edit(site, unchanged, removes=True)
        message = f"`{site.api} = {value}` would go, and with it what computing the value does"
        return site.refuse("T311", message, hint="compute it on a line of its own")
    helpers = tuple(name for name in action.helpers if text.startswith(f"{name}("))
    names = target_names(template, site.inference.pack.target)
    spelled = {name: site.spell(name) for name in (*names, *helpers)}

    def assigns(node: cst.BaseExpression) -> cst.BaseExpression:
        return template.fill({"value": node}, lambda name: spelled.get(name, name))

    return Edit(site, unchanged, helpers, assigns=assigns)
