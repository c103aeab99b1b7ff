"""The plan of one file: an Edit or a Diagnostic for every Site. It is the dry run and the report."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

from translator.analysis.binding import may_fit
from translator.analysis.infer import Inference
from translator.analysis.names import Import
from translator.analysis.sites import Context, Site, collect, plain_target
from translator.analysis.text import SourceText
from translator.analysis.walk import walk
from translator.codes import CODES
from translator.core import Certainty, Counts, Diagnostic, RuleError, Type
from translator.engine.bases import settle_bases
from translator.engine.layout import settle_layouts, stored_otherwise
from translator.engine.overrides import never_called
from translator.engine.parts import doubled, flattened, kept
from translator.rewrites import REWRITES, Edit
from translator.rewrites.adapt import as_callee, may_say_default
from translator.rewrites.around import made_by_helpers
from translator.rewrites.construction import construction
from translator.rewrites.lookup import looked_up
from translator.rewrites.reference import as_name
from translator.rewrites.registry import unchanged
from translator.rewrites.store import writes_part
from translator.rewrites.unbound import is_unbound
from translator.ruleset.model import Action, Rule


@dataclass(slots=True)
class Plan:
    """What happens to each site of a file.

    Args:
        edits: the node to its Edit.
        left: the sites that stay as they are, by node, with the reason.
        passed_on: helpers and adapters in the place of names that other modules take from here, by the name.
    """

    edits: dict[ast.AST, Edit] = field(default_factory=dict)
    left: dict[ast.AST, tuple[Site, Diagnostic]] = field(default_factory=dict)
    notes: list[Diagnostic] = field(default_factory=list)
    passed_on: Mapping[str, str] = field(default_factory=dict)

    def fail(self, edit: Edit, reason: str) -> None:
        """Take an edit back: the rewrite crashed or wrote what is not Python."""
        self.edits.pop(edit.site.node)
        found = edit.site.refuse(
            "T001", f"the rewrite of `{edit.site.api}` failed: {reason}", hint="please report this"
        )
        self.left[edit.site.node] = (edit.site, found)

    @property
    def diagnostics(self) -> list[Diagnostic]:
        """Every diagnostic, in source order."""
        found = [*self.notes, *(d for _, d in self.left.values()), *(n for e in self.edits.values() for n in e.notes)]
        return sorted(found, key=lambda d: (d.position, d.code))

    def helpers(self) -> AbstractSet[str]:
        """Names of the pack's helpers that the output needs."""
        return {*self.passed_on.values()} | {name for edit in self.edits.values() for name in edit.helpers}

    def counts(self) -> Counts:
        """How many sites were translated, for sure or on an assumption, and how many were left by code."""
        certain = sum(e.certainty is Certainty.CERTAIN for e in self.edits.values())
        left: dict[str, int] = {}
        for _, diagnostic in self.left.values():
            left[diagnostic.code] = left.get(diagnostic.code, 0) + 1
        return Counts(len(self.edits) + len(self.left), certain, len(self.edits) - certain, left)


def stand_in(entry: Import, inference: Inference) -> str | None:
    """What takes the place of a name that others take from here, where its rule is no mere name.

    Returns:
        The helper of that name, or the adapter of the rule; None where there is neither, or the name is read here, too.
    """
    if not entry.is_kept or not entry.is_from:
        return None
    if inference.is_replaced(entry):
        return entry.name
    rule = inference.rules.get(entry.target)
    is_plain = entry.target in inference.pack.modules or plain_target(inference, entry) is not None
    is_read = any(isinstance(node, ast.Name) and node.id == entry.name for node in inference.nodes)
    if rule is None or not rule.actions or is_plain or is_read:
        return None
    return inference.adapter(rule)


def make_plan(tree: ast.Module, inference: Inference, source: SourceText) -> Plan:
    """Decide on every site of a module."""
    passed_on = {e.name: helper for e in inference.names.imports if (helper := stand_in(e, inference)) is not None}
    notes = [_contradiction(*found, source) for found in inference.contradictions]
    plan = Plan(notes=notes, passed_on=passed_on)
    for site in collect(inference, source):
        if site.is_guess and not (inference.is_guessing and _is_worth_a_guess(site)):
            continue
        result = decide(site)
        if isinstance(result, Edit):
            plan.edits[site.node] = result
            if result.certainty is Certainty.ASSUMED:
                plan.notes.append(assumed(site))
        else:
            plan.left[site.node] = (site, result)
    _settle_parts(plan, inference, source)
    settle_bases(tree, plan)
    settle_layouts(plan)
    plan.notes += never_called(inference, source)
    for edit in list(plan.edits.values()):
        for node in _dropped(edit.site):
            if node in plan.left:
                plan.edits[node] = Edit(plan.left.pop(node)[0], unchanged)
    return plan


def _settle_parts(plan: Plan, inference: Inference, source: SourceText) -> None:
    """The operators and assignments that write into a part of a tensor."""
    operators: dict[ast.AST, ast.AugAssign] = {n.target: n for n in inference.nodes if isinstance(n, ast.AugAssign)}
    for target in inference.nodes:
        if not isinstance(target, ast.Subscript) or not isinstance(target.ctx, ast.Store):
            continue
        if target in plan.edits or target in plan.left:
            continue
        operator = operators.get(target)
        result = doubled(operator, inference, source, decide) if operator is not None else None
        result = result or flattened(target, inference, source)
        if isinstance(result, Edit):
            plan.edits[target] = result
            if result.certainty is Certainty.ASSUMED:
                plan.notes.append(assumed(result.site))
        elif result is not None:
            plan.notes.append(result)


def _dropped(site: Site) -> Iterator[ast.AST]:
    """Every node of the arguments that a rule leaves out: what stands there needs no translation."""
    action = site.action() if site.is_call else None
    bound = site.bound(action) if action is not None else None
    if action is None or bound is None:
        return
    for name in (*action.drop, *action.refuse):
        for node in bound.nodes.get(name, ()):
            yield from walk(node)


def _is_worth_a_guess(site: Site) -> bool:
    """Attributes of unknown values are the user's, unless only a tensor or a layer has one of that name.

    So are methods that are called as no tensor's can be: ``line.split("/")``.
    """
    if isinstance(site.node, ast.Call):
        return site.rule is None or may_fit(site.rule, site.node, site.inference.types)
    distinct = site.inference.is_distinct(site.api.rpartition(".")[2])
    written = site.rule.actions[0].to if site.rule and site.rule.actions else None
    return distinct and isinstance(site.node, ast.Attribute) and written != f".{site.node.attr}"


def assumed(site: Site) -> Diagnostic:
    """The note that a translation rests on a weak fact."""
    name, lookup = site.api.rpartition(".")[2], site.use.lookup
    if lookup is not None:
        key = ast.unparse(lookup.key)
        names = ", ".join(f"`{one.rpartition('.')[2]}`" for one in lookup.names)
        return site.refuse("T201", f"`{key}` is taken for {names}: no other call is in view", hint=f"annotate `{key}`")
    receiver, fact = site.use.receiver, site.use.receiver_type
    if receiver is not None and (fact is None or (fact.assumed and not site.inference.is_observed(receiver))):
        text = ast.unparse(receiver)
        owner = site.api.rpartition(".")[0]
        is_known = fact is not None and fact.name == owner != site.inference.tensor.name
        kind = f"`{owner}`" if is_known or owner in site.inference.pack.owners else "a tensor"
        return site.refuse("T201", f"`{name}` translated: `{text}` is taken for {kind}", hint=f"annotate `{text}`")
    shown = [receiver] if receiver is not None and fact is not None and fact.assumed else site.observed
    texts = [f"`{ast.unparse(node)}` as `{seen.name}`" for node in shown if (seen := site.type_of(node)) is not None]
    names = " and ".join(f"`{ast.unparse(node)}`" for node in shown)
    return site.refuse("T201", f"`{name}` translated: {' and '.join(texts)} observed", hint=f"annotate {names}")


def _contradiction(node: ast.expr, stated: Type, seen: Type, source: SourceText) -> Diagnostic:
    text = ast.unparse(node)
    message = f"`{text}` counts as `{stated.name}`, but a `{seen.name}` was observed"
    hint = f"check what the source says of `{text}`"
    return Diagnostic("T202", CODES["T202"].severity, source.position(node), message, hint=hint)


def decide(site: Site) -> Edit | Diagnostic:
    """The edit of a site, or why it is left."""
    rule = site.rule
    found = looked_up(site, decide) if site.use.lookup is not None else None
    if found is not None:
        return found
    if rule is None:
        return _without_rule(site)
    if rule.status == "unsupported":
        found = site.refuse(
            "T305", f"`{site.use.api}` has no counterpart", label=rule.note, hint=rule.hint or rule.note
        )
        return replace(found, api=site.use.api)
    if site.is_guess and not site.inference.is_telling(site.node, rule.api.rpartition(".")[2]):
        return Edit(site, unchanged) if _is_the_same(site) else _unknown_receiver(site)
    if site.use.inherited:
        return construction(site)
    if is_unbound(site):
        return REWRITES["unbound"](site, rule.actions[0])
    if site.context is Context.DECORATOR and not site.is_call and site.use.receiver is None:
        return REWRITES["decorator"](site, rule.actions[0])
    if site.context is Context.TARGET and rule.actions[0].assigned:
        return REWRITES["assignment"](site, rule.actions[0])
    part = kept(site, decide)
    if isinstance(part, Edit):
        return part
    result = _by_its_rule(site, rule)
    return replace(result, notes=(*result.notes, part)) if part is not None and isinstance(result, Edit) else result


def _by_its_rule(site: Site, rule: Rule) -> Edit | Diagnostic:
    action = _action(site, rule)
    if isinstance(action, Diagnostic):
        return (as_callee(site) if action.code in ("T302", "T310") else None) or action
    name = _rewrite_of(site, rule, action)
    if name not in REWRITES:
        file, _, line = rule.origin.rpartition(":")
        hint = "one of " + ", ".join(sorted(REWRITES))
        raise RuleError(f"`{rule.api}`: there is no rewrite `{name}`", path=file, line=int(line), hint=hint)
    try:
        made = made_by_helpers(REWRITES[name](site, action), site, action)
    except Exception as error:  # noqa: BLE001 - whatever a rewrite does wrong stays with its own site
        return site.refuse(
            "T001", f"the rewrite of `{site.api}` failed: {type(error).__name__}: {error}", hint="please report this"
        )
    is_open = isinstance(made, Diagnostic) and made.code == "T303" and may_say_default(site, action)
    return (as_callee(site) if is_open else None) or made


def _rewrite_of(site: Site, rule: Rule, action: Action) -> str:
    """The name of the rewrite that takes a site."""
    if not site.is_call:
        return "reference" if site.use.receiver is None else "member"
    return "store" if rule.stores and writes_part(site) else action.rewrite


def _action(site: Site, rule: Rule) -> Action | Diagnostic:
    if not site.is_call:
        return rule.actions[0]
    action = site.action()
    if action is not None:
        return action
    starred = any(isinstance(a, ast.Starred) for a in site.call.args) or any(k.arg is None for k in site.call.keywords)
    if starred:
        return site.refuse(
            "T302", f"starred arguments of `{site.api}` hide which argument is which", hint="write the arguments out"
        )
    if any(a.when for a in rule.actions):
        return site.refuse(
            "T310",
            f"the types of its arguments decide what `{site.api}` becomes, and they are unknown",
            hint="annotate them, or use keywords",
        )
    return site.refuse("T307", f"`{site.api}` does not take these arguments", hint="check the call")


def _is_the_same(site: Site) -> bool:
    """Whether a method of an unknown value reads the same in the target, be the value a tensor, a layer or neither."""
    name, pack = site.api.rpartition(".")[2], site.inference.pack
    owners = (pack.tensor, pack.module, *pack.owners)
    rules = [rule for owner in owners if (rule := site.inference.rules.get(f"{owner}.{name}"))]
    return site.is_call and all(_stays(replace(site, rule=rule, spelled=[])) for rule in rules)


def _stays(site: Site) -> bool:
    action = site.action() if site.rule is not None and site.rule.status != "unsupported" else None
    result = REWRITES[action.rewrite](site, action) if action is not None and action.rewrite in REWRITES else None
    return isinstance(result, Edit) and result.apply is unchanged and not result.notes


def _unknown_receiver(site: Site) -> Diagnostic:
    name = site.api.rpartition(".")[2]
    receiver = ast.unparse(site.use.receiver) if site.use.receiver else ""
    return site.refuse(
        "T301",
        f"left as it was: cannot tell that `{receiver}` is a tensor",
        label=f"`{name}` also exists on objects that are not tensors",
        hint=f"annotate it (`{receiver.rpartition('.')[2]}: {site.inference.tensor.name}`)",
    )


def _without_rule(site: Site) -> Edit | Diagnostic:
    module = site.inference.pack.modules.get(site.api)
    if module is not None and site.context is Context.ANNOTATION:  # no type, so that nothing depends on it
        return as_name(site, module)
    operation = stored_otherwise(site)
    if operation is None:
        hint = f"write a rule for `{site.use.api}` and give it with `--rules`"
        return site.refuse("T304", f"no rule for `{site.use.api}`", hint=hint)
    if operation.startswith("rename "):
        new = operation.removeprefix("rename ").strip()
        return REWRITES["member"](site, Action(to=f".{new}"))
    return site.refuse(
        "T309",
        f"`{ast.unparse(site.node)}` is stored as `{operation}` says",
        label="another layout than in the source",
        hint="index and shape mean something else here: check by hand",
    )


def import_diagnostic(code: str, source: SourceText, statement: ast.stmt, message: str, hint: str) -> Diagnostic:
    """A diagnostic at an import statement."""
    return Diagnostic(code, CODES[code].severity, source.position(statement), message, hint=hint)


__all__ = ["Context", "Plan", "decide", "import_diagnostic", "make_plan"]
