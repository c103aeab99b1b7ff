"""Names that are looked up by a text: the plain name where the text is known, a table where it is one of several."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import replace

import libcst as cst

from translator.analysis.sites import Site
from translator.analysis.use import Lookup
from translator.core import Diagnostic
from translator.rewrites.registry import Edit
from translator.ruleset.target import is_template, name_node

Decide = Callable[[Site], "Edit | Diagnostic"]


def looked_up(site: Site, decide: Decide) -> Edit | Diagnostic | None:
    """What becomes of ``getattr(module, text)``; None where the one name that it can be decides as if it were written.

    Args:
        decide: the edit of a site that names one API, or why it is left.
    """
    lookup = site.use.lookup
    assert lookup is not None
    if not lookup.names or (lookup.asks and len(lookup.names) > 1):
        return _unknown(site, lookup)
    is_there = site.rule is not None and site.rule.status != "unsupported"
    if lookup.asks:
        return _question(site) if is_there else _answered(site, "False")
    default = site.call.args[2:] if isinstance(site.node, ast.Call) else []
    if default and not is_there and len(lookup.names) == 1:
        return _answered(site, "")
    if lookup.assumed or len(lookup.names) > 1:  # a table fails with any other name
        return _one_of(site, lookup, decide)
    return None


def _unknown(site: Site, lookup: Lookup) -> Diagnostic:
    text = ast.unparse(lookup.key)
    return site.refuse(
        "T312",
        f"which name of `{site.use.api}` is meant, `{text}` tells only at run time",
        hint="write a table of the names that it can be: `{'relu': ..., 'gelu': ...}[name]`",
    )


def _question(site: Site) -> Edit | Diagnostic:
    """``hasattr(module, "name")`` asks for what the name becomes; what needs no name of the target is there."""
    rule = site.rule
    assert rule is not None
    if isinstance(site.node, ast.Compare):
        return Edit(site, lambda _: cst.Name(str(isinstance(site.node.ops[0], ast.In))))  # type: ignore[attr-defined]
    to = rule.actions[0].to or "" if rule.actions else ""
    is_named = not is_template(to) and to.startswith(f"{site.inference.pack.target}.")
    if not is_named or any(action.helper for action in rule.actions):
        return Edit(site, lambda _: cst.Name("True"))
    owner, _, name = to.rpartition(".")
    written = name_node(site.spell(owner))

    def apply(node: cst.BaseExpression) -> cst.BaseExpression:
        assert isinstance(node, cst.Call)
        module, text = node.args
        return node.with_changes(
            args=[module.with_changes(value=written), text.with_changes(value=cst.SimpleString(f'"{name}"'))]
        )

    return Edit(site, apply)


def _answered(site: Site, answer: str) -> Edit:
    """What nothing stands for is not there: ``hasattr`` says no, ``getattr`` gives its default."""
    if isinstance(site.node, ast.Compare) and isinstance(site.node.ops[0], ast.NotIn):
        answer = "True"
    said = f"nothing stands for `{site.use.api}` in the target, so it is taken for missing"
    note = site.refuse("T204", said, hint="write a rule for it where the target has it")

    def apply(node: cst.BaseExpression) -> cst.BaseExpression:
        if answer:
            return cst.Name(answer)
        assert isinstance(node, cst.Call)
        return node.args[2].value

    return Edit(site, apply, notes=(note,))


def _one_of(site: Site, lookup: Lookup, decide: Decide) -> Edit | Diagnostic:
    """``{"Conv1d": ..., "Conv2d": ...}[text]``: a table of what each name becomes."""
    edits: dict[str, Edit] = {}
    for name in lookup.names:
        one = replace(site.use, api=name, lookup=replace(lookup, names=(name,), assumed=False))
        edit = decide(replace(site, use=one, rule=site.inference.rules.get(name)))
        if isinstance(edit, Diagnostic):
            return replace(edit, message=f"{edit.message} (one of the names that `{ast.unparse(lookup.key)}` can be)")
        edits[name.rpartition(".")[2]] = edit
    helpers = tuple(dict.fromkeys(helper for edit in edits.values() for helper in edit.helpers))
    return Edit(site, lambda node: _table(node, edits), helpers)


def _table(node: cst.BaseExpression, edits: Mapping[str, Edit]) -> cst.BaseExpression:
    elements = [
        cst.DictElement(cst.SimpleString(f'"{name}"'), edit.apply(cst.Name(name))) for name, edit in edits.items()
    ]
    table = cst.Dict(elements)
    if isinstance(node, cst.Subscript):
        return cst.Subscript(table, node.slice)
    assert isinstance(node, cst.Call)
    key = node.args[1].value
    if len(node.args) == 2:
        return cst.Subscript(table, [cst.SubscriptElement(cst.Index(key))])
    arguments = [cst.Arg(key, comma=node.args[1].comma), node.args[2]]
    return cst.Call(cst.Attribute(table, cst.Name("get")), arguments)
