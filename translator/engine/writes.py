"""Writes that something else sees: what the target would do without writing is made to write, or there is a warning."""

from __future__ import annotations

import ast
from dataclasses import replace

import libcst as cst

from translator.analysis.aliases import Way, Write, shared_writes
from translator.analysis.infer import Inference
from translator.analysis.text import SourceText
from translator.analysis.walk import walk
from translator.codes import CODES
from translator.core import Certainty, Diagnostic
from translator.engine.implied import called, implied, method
from translator.engine.plan import Plan, assumed, decide
from translator.rewrites import Edit
from translator.rewrites.arguments import is_simple
from translator.rewrites.registry import Apply

_OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "__iadd__",
    ast.Sub: "__isub__",
    ast.Mult: "__imul__",
    ast.Div: "__itruediv__",
    ast.FloorDiv: "__ifloordiv__",
    ast.Mod: "__imod__",
    ast.Pow: "__ipow__",
    ast.BitAnd: "__iand__",
    ast.BitOr: "__ior__",
    ast.BitXor: "__ixor__",
    ast.LShift: "__ilshift__",
    ast.RShift: "__irshift__",
}


def settle_writes(plan: Plan, inference: Inference, source: SourceText) -> None:
    """Decide on every write of a module that something else sees."""
    for write in shared_writes(inference):
        if write.is_shared and isinstance(write.node, ast.AugAssign):
            _operator(write, write.node, plan, inference, source)
        elif write.is_shared and isinstance(write.node, ast.Call) and write.way is Way.CALL:
            _call(write, write.node, plan, inference, source)
        else:
            plan.notes.append(_lost(write, source))


def _operator(write: Write, node: ast.AugAssign, plan: Plan, inference: Inference, source: SourceText) -> None:
    """``x += y`` becomes the method that writes into ``x``; the edit stands at the name, see ``apply``."""
    name = _OPERATORS.get(type(node.op))
    site = implied(node.target, f"{inference.tensor.name}.{name}", node.target, write.function, inference, source)
    if site.rule is None:
        plan.notes.append(_lost(write, source))
        return
    inner = plan.edits.get(node.target)
    if node.target in plan.left or any(part in plan.edits for part in walk(node.target) if part is not node.target):
        return  # said already; or what is written into has to be read by itself first
    result = decide(called(site, [node.value]))
    if isinstance(result, Diagnostic):
        plan.left[node.target] = (site, result)
        return
    plan.edits[node.target] = replace(result, site=site, apply=_on_target(result, inner))
    if site.certainty is Certainty.ASSUMED:
        plan.notes.append(assumed(site))


def _on_target(edit: Edit, inner: Edit | None) -> Apply:
    """The edit of ``target.method(value)``, whose target is translated first."""

    def apply(call: cst.BaseExpression) -> cst.BaseExpression:
        assert isinstance(call, cst.Call)
        assert isinstance(call.func, cst.Attribute)
        if inner is None:
            return edit.apply(call)
        receiver = inner.apply(call.func.value)
        return edit.apply(call.with_changes(func=call.func.with_changes(value=receiver)))

    return apply


def _call(write: Write, node: ast.Call, plan: Plan, inference: Inference, source: SourceText) -> None:
    """``layer(x)`` that overwrites ``x``: the result is written into ``x``, and the layer gets a copy."""
    inner = plan.edits.get(node)
    argument = node.args[0]
    pack = inference.pack
    over = implied(node, pack.overwrite, argument, write.function, inference, source)
    twice = implied(node, pack.duplicate, argument, write.function, inference, source)
    edits = [decide(called(over, [node])), decide(called(twice, []))]
    written, copied = edits
    if (
        node in plan.left
        or not is_simple(argument)
        or isinstance(written, Diagnostic)
        or isinstance(copied, Diagnostic)
    ):
        plan.notes.append(_lost(write, source))
        return

    def apply(call: cst.BaseExpression) -> cst.BaseExpression:
        assert isinstance(call, cst.Call)
        first, *rest = call.args
        copy = copied.apply(method(first.value, pack.duplicate))
        bare = call.with_changes(args=[first.with_changes(value=copy), *rest], lpar=[], rpar=[])
        result = inner.apply(bare) if inner is not None else bare
        made = written.apply(method(first.value, pack.overwrite, result))
        return made.with_changes(lpar=call.lpar, rpar=call.rpar)

    site = inner.site if inner is not None else over
    site.spelled.extend(
        one for edit in (written, copied) for one in edit.spelled if edit.site.spelled is not site.spelled
    )
    helpers = (*(inner.helpers if inner is not None else ()), *written.helpers, *copied.helpers)
    notes = inner.notes if inner is not None else ()
    plan.edits[node] = Edit(site, apply, tuple(dict.fromkeys(helpers)), notes)


def _lost(write: Write, source: SourceText) -> Diagnostic:
    """The warning where the target's write is not seen by what sees the source's."""
    code = "T402" if write.way is Way.CALL else "T401"
    written = ast.unparse(write.node).partition("\n")[0]
    return Diagnostic(
        code,
        CODES[code].severity,
        source.position(write.node),
        f"`{written}` changes {write.seen} too, and in the output it does not",
        label="one memory in the source, two in the target",
        hint=f"write into {write.seen} itself" if write.way is not Way.CALL else "assign the result to that name, too",
    )
