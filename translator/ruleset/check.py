"""Checks of a rule table that need neither framework: names, keywords and order of arguments, examples, helpers."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from translator.ruleset.inventory import Inventory, load_inventory, takes
from translator.ruleset.load import parse_signature
from translator.ruleset.model import Action, Kind, Parameter, Rule, RuleSet, Signature
from translator.ruleset.target import is_template, parse_template

HOLE = "hole_{}"  # how a hole is written while an expression is looked at


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a rule; ``origin`` is its ``file:line``."""

    origin: str
    message: str


def check_rules(table: RuleSet, *, release: str | None = None) -> list[Problem]:
    """Everything that is wrong with a table, sorted by place.

    Args:
        release: of the target, whose inventory the rules must agree with; the newest that the pack supports by default.
            Without an inventory, names of the target are not checked.
    """
    checker = Checker(table, load_inventory(table.pack, release))
    found = {
        Problem(rule.origin, f"`{rule.api}`: {message}") for rule in table.rules() for message in checker.check(rule)
    }
    found.update(unsorted(table))
    return sorted(found, key=lambda problem: (place(problem.origin), problem.message))


def place(origin: str) -> tuple[str, int]:
    """``file:line`` as file and number."""
    file, _, line = origin.rpartition(":")
    return file, int(line)


def unsorted(table: RuleSet) -> Iterator[Problem]:
    """Entries that stand behind one with a later name, file by file."""
    last: dict[str, str] = {}
    for rule in sorted(table.rules(), key=lambda rule: place(rule.origin)):
        file = place(rule.origin)[0]
        if rule.api < last.get(file, ""):
            yield Problem(rule.origin, f"`{rule.api}` stands behind `{last[file]}`: entries are sorted by api")
        last[file] = max(rule.api, last.get(file, ""))


class Checker:
    """Checks single rules against the helpers of the pack and an inventory of its target."""

    def __init__(self, table: RuleSet, inventory: Inventory | None) -> None:
        self.table, self.pack, self.inventory = table, table.pack, inventory
        self.helpers = read_helpers(Path(table.pack.folder) / "helpers")

    def check(self, rule: Rule) -> Iterator[str]:
        """What is wrong with one rule."""
        if rule.status == "unsupported":
            return
        is_name = all(a.signature is None and a.to and "." in a.to[1:] and a.to[0] != "." for a in rule.actions)
        if not rule.example and not is_name:
            yield "no example"
        for action in rule.actions:
            for helper in action.helpers:
                if helper not in self.helpers:
                    yield f"no helper is called `{helper}`"
            yield from self._action(rule, action)

    def _action(self, rule: Rule, action: Action) -> Iterator[str]:
        to = action.to if action.to is not None else action.helper
        if to is None or only_refuses(action):
            return
        for setting in (*action.defaults, *(s for some in action.settings.values() for s in some)):
            yield from self._expression(rule, setting.template)
        if rule.stores:
            yield from self._expression(rule, rule.stores)
            yield from unhandled(action, rule.stores)
        if action.once is not None:
            yield from self._expression(rule, action.once)
            yield from unhandled(action, action.once)
            yield from (f"`once` has `{{{h}}}` twice" for h, n in parse_template(action.once).holes.items() if n > 1)
        if is_template(to):
            yield from self._expression(rule, to)
            yield from unhandled(action, to)
        else:
            yield from self._name(rule, action, to)

    def _name(self, rule: Rule, action: Action, to: str) -> Iterator[str]:
        name = self._qualified(rule, action, to)
        if name is None:
            return
        if not self._exists(name):
            yield f"`{name}` is not in {self._release()}"
            return
        signature = self._signature(name)
        if signature is not None and action.signature is not None:
            aliases = frozenset(self.inventory.aliases.get(name, ())) if self.inventory else frozenset()
            yield from wrong_keywords(action, signature, name, aliases)
            yield from wrong_order(action, signature, name, aliases)

    def _qualified(self, rule: Rule, action: Action, to: str) -> str | None:
        """The full name of what a call becomes; None where nothing can be said of it."""
        if not to.startswith("."):
            return to if to in self.helpers or to.partition(".")[0] == self.pack.target else None
        owner_api = rule.api.rpartition(".")[0]
        owner = self.table.get(owner_api)
        is_instance_attribute = action.signature is None and owner_api != self.pack.tensor
        if owner is None or not owner.actions or not owner.actions[0].to or is_instance_attribute:
            return None
        if owner.actions[0].to in self.helpers or is_template(owner.actions[0].to):
            return None
        return f"{owner.actions[0].to}.{to[1:].partition('.')[0]}"

    def _exists(self, name: str) -> bool:
        if name in self.helpers or self.inventory is None or self.inventory.find(name) is not None:
            return True
        return any(known.startswith(f"{name}.") for known in self.inventory.names)

    def _signature(self, name: str) -> Signature | None:
        if name in self.helpers:
            return self.helpers[name]
        return self.inventory.signature(name) if self.inventory else None

    def _release(self) -> str:
        return f"{self.pack.target} {self.inventory.release}" if self.inventory else self.pack.target

    def _expression(self, rule: Rule, template: str) -> Iterator[str]:
        """Names and calls inside an expression of the target."""
        tree = with_names(template)
        inner = {node.value for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        for node in ast.walk(tree):
            name = self.written(rule.api, node)
            if name is not None and node not in inner and not self._exists(name):
                yield f"`{name}` is not in {self._release()}"
            if isinstance(node, ast.Call):
                called = self.written(rule.api, node.func)
                signature = self._signature(called) if called is not None else None
                if signature is not None and called is not None:
                    yield from wrong_call(node, signature, called)

    def written(self, api: str, node: ast.AST) -> str | None:
        """The target's or a helper's name that a node spells; for tensor methods, members of ``{self}`` as well."""
        text = ast.unparse(node) if isinstance(node, ast.Name | ast.Attribute) else ""
        if not all(part.isidentifier() for part in text.split(".")):
            return None
        first, _, rest = text.partition(".")
        if first == HOLE.format("self") and rest and "." not in rest:
            owner = self.table.get(self.pack.tensor) if api.startswith(f"{self.pack.tensor}.") else None
            return f"{owner.actions[0].to}.{rest}" if owner is not None and owner.actions else None
        return text if first == self.pack.target or text in self.helpers else None


def with_names(template: str) -> ast.Expression:
    """An expression with names in place of its holes."""
    return ast.parse(re.sub(r"\{(\w+)\}", lambda match: HOLE.format(match[1]), template), mode="eval")


def read_helpers(folder: Path) -> dict[str, Signature | None]:
    """Functions and classes of the helper files, by name; None for a class that states no constructor."""
    found: dict[str, Signature | None] = {}
    for path in sorted(folder.glob("*.py")):
        for statement in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(statement, ast.FunctionDef):
                found[statement.name] = parse_signature(f"({ast.unparse(statement.args)})")
            elif isinstance(statement, ast.ClassDef):
                found[statement.name] = _constructor(statement)
    return found


def _constructor(node: ast.ClassDef) -> Signature | None:
    made = next((s for s in node.body if isinstance(s, ast.FunctionDef) and s.name == "__init__"), None)
    if made is None:
        return None
    whole = parse_signature(f"({ast.unparse(made.args)})")
    return replace(whole, parameters=whole.parameters[1:])


def unhandled(action: Action, to: str) -> Iterator[str]:
    """Parameters that an expression leaves out without saying so."""
    holes = parse_template(to).holes
    for parameter in action.signature.parameters if action.signature else ():
        is_said = parameter.name in (*holes, *action.drop, *action.refuse, *action.around)
        if not is_said and action.when.get(parameter.name) != "absent":
            yield f"parameter `{parameter.name}` is not handled"


def only_refuses(action: Action) -> bool:
    """Whether an overload is there to refuse: every call that it accepts gives an argument it refuses."""
    asked = {name: wanted for name, wanted in action.when.items() if name in action.refuse and wanted != "absent"}
    defaults = {p.name: p.default for p in action.signature.parameters} if action.signature else {}
    return any(wanted != f"={defaults.get(name)}" for name, wanted in asked.items())


def kept(action: Action) -> list[Parameter]:
    """The parameters whose arguments stay arguments of their own."""
    computed = {hole for setting in action.defaults for hole in parse_template(setting.template).holes}
    left_out = {*action.drop, *action.refuse, *action.around, *action.settings, *computed}
    every = action.signature.parameters if action.signature else ()
    return [p for p in every if p.name not in left_out and action.when.get(p.name) != "absent"]


def wrong_keywords(action: Action, target: Signature, name: str, aliases: frozenset[str]) -> Iterator[str]:
    """Keywords that the output may write and the target does not take."""
    named = [p.name for p in kept(action) if p.kind in (Kind.POSITIONAL, Kind.KEYWORD)]
    written = [action.renames.get(n, n) for n in named]
    computed = [s.keyword for s in (*action.defaults, *(s for some in action.settings.values() for s in some))]
    for keyword in (*written, *computed):
        if not takes(target, keyword) and keyword not in aliases:
            yield f"`{name}` takes no `{keyword}`"


def wrong_order(action: Action, target: Signature, name: str, aliases: frozenset[str]) -> Iterator[str]:
    """Arguments that keep their position and stand where the target expects another one."""
    still = {p.name for p in kept(action)}
    places = [p.name for p in target.parameters if p.kind is Kind.POSITIONAL]
    takes_any = any(p.kind is Kind.VARIADIC for p in target.parameters)
    every = action.signature.parameters if action.signature else ()
    for i, parameter in enumerate(every):
        stops = parameter.kind is not Kind.POSITIONAL or parameter.name not in still
        if stops or (0 <= action.positional <= i) or takes_any:
            return
        expected = places[i] if i < len(places) else None
        written = action.renames.get(parameter.name, parameter.name)
        if written != expected and written not in aliases:
            yield f"argument {i + 1} of `{name}` is `{expected}`, not `{written}`: write `positional: {i}`"
            return


def wrong_call(call: ast.Call, target: Signature, name: str) -> Iterator[str]:
    """Arguments of a call inside an expression that the target does not take."""
    for keyword in call.keywords:
        if keyword.arg is not None and not takes(target, keyword.arg):
            yield f"`{name}` takes no `{keyword.arg}`"
    places = sum(p.kind is Kind.POSITIONAL for p in target.parameters)
    if len(call.args) > places and not any(p.kind is Kind.VARIADIC for p in target.parameters):
        yield f"`{name}` takes {places} arguments by position, not {len(call.args)}"


def target_names(table: RuleSet) -> tuple[list[str], list[str]]:
    """What an inventory for this table must cover: the target's modules, and every dotted name that a rule writes."""
    pack, names = table.pack, set[str]()
    checker = Checker(table, None)
    for rule in table.rules():
        for action in rule.actions:
            settings = (*action.defaults, *(s for some in action.settings.values() for s in some))
            for text in (action.to or "", *(setting.template for setting in settings)):
                names.update(written_names(checker, text))
    modules = {module for module in pack.modules.values() if module.partition(".")[0] == pack.target}
    return sorted(modules), sorted(names)


def written_names(checker: Checker, text: str) -> Iterator[str]:
    """Dotted names of the target in a ``to`` or a setting."""
    if not text or text.startswith("."):
        return
    tree = with_names(text)
    inner = {node.value for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for node in ast.walk(tree):
        name = checker.written("", node)
        if name is not None and node not in inner and "." in name:
            yield name
