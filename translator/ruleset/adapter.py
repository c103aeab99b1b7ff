"""Adapters: a class or function of the target that takes the source's arguments, generated from the rule.

Where a name is passed around as a value, its calls are not in view, so that no call can be translated; the adapter
does at run time what the translation of a call would have written.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from keyword import iskeyword
from pathlib import Path

from translator.ruleset.branches import (
    NOTHING,
    Branch,
    NotAdaptableError,
    branches_of,
    given_test,
    is_class,
    is_dotted,
    targets,
)
from translator.ruleset.model import Action, Kind, Parameter, Rule, RuleSet, Setting, Signature

SUPPORT = Path(__file__).with_name("adapting.py")
_HOLE = re.compile(r"\{(\w+)\}")
_WIDTH = 116


@dataclass(frozen=True, slots=True)
class Adapter:
    """The text of an adapter.

    Args:
        helpers: the pack's helpers that it calls.
    """

    name: str
    api: str
    text: str
    helpers: tuple[str, ...]


def adapter_name(rule: Rule) -> str:
    """What the adapter is called: ``BatchNorm2d``, ``nn_functional_relu``; never as a helper of the rule itself."""
    parts = rule.api.split(".")
    name = parts[-1] if is_class(rule) and len(parts) <= 3 else "_".join(parts[1:]).lstrip("_")
    name = f"{name}_" if hasattr(builtins, name) or iskeyword(name) else name
    return f"{name}Adapter" if any(action.helper == name for action in rule.actions) else name


def is_adaptable(rule: Rule, rules: RuleSet) -> bool:
    """Whether an adapter can say all that the rule's overloads say."""
    try:
        for _, action in branches_of(rule, rules)[1]:
            _body(rule, action, "")
    except NotAdaptableError:
        return False
    return True


def adapter_of(rule: Rule, rules: RuleSet) -> Adapter | None:
    """The adapter of a rule; None where it cannot say all that the rule's overloads say."""
    try:
        signature, branches = branches_of(rule, rules)
        text = (
            _class_text(rule, rules, signature, branches) if _is_class(rule) else _function(rule, signature, branches)
        )
    except NotAdaptableError:
        return None
    helpers = {action.helper for action in rule.actions if action.helper}
    return Adapter(adapter_name(rule), rule.api, text, tuple(sorted(helpers)))


def adapters_by_name(rules: RuleSet) -> dict[str, Rule]:
    """Every rule that may have an adapter, by the adapter's name."""
    return {adapter_name(rule): rule for rule in rules.rules() if rule.actions}


def _function(rule: Rule, signature: Signature, branches: list[Branch]) -> str:
    lines = [*_header("", adapter_name(rule), [], signature), f'    """Takes the arguments of `{rule.api}`."""']
    for test, action in branches:
        lines += _branch("    ", test and f"if {test}", _body(rule, action, "return "))
    return "\n".join(lines) + "\n"


def _is_class(rule: Rule) -> bool:
    return is_class(rule) and all(_is_name(a) for a in rule.actions if a.signature is not None)


def _is_name(action: Action) -> bool:
    return is_dotted(action.to or action.helper or "")


def _class_text(rule: Rule, rules: RuleSet, signature: Signature, branches: list[Branch]) -> str:
    name, main = adapter_name(rule), targets(rule)[-1]
    lines = [
        f"class {name}({main}, metaclass=Adapting):",
        f'    """`{main}` with the arguments and attributes of `{rule.api}`."""',
        "",
        f"    adapted = ({', '.join(targets(rule))},)",
        "",
    ]
    others = [(test, action) for test, action in branches if (action.to or action.helper) not in (main, NOTHING, None)]
    if others:
        lines += [
            "    def __new__(cls, *arguments, **keywords):",
            f"        return cls._made(*arguments, **keywords) if cls is {name} else super().__new__(cls)",
            "",
            "    @classmethod",
        ]
        lines += _header("    ", "_made", ["cls"], signature)
        for test, action in others:
            lines += _branch("        ", f"if {test}", _body(rule, action, "return "))
        lines += ["        return super().__new__(cls)", ""]
    lines += _header("    ", "__init__", ["self"], signature)
    for i, (test, action) in enumerate(branches):
        word = "if" if i == 0 else "elif"
        head = "else" if test is None and i else f"{word} {test}" if test is not None else None
        lines += _branch("        ", head, _construction(rule, action, main))
    if rule.init:
        lines += ['        if hasattr(self, "reset_parameters"):', "            self.reset_parameters()"]
    return "\n".join([*lines, *_attributes(rule, rules)]) + "\n"


def _construction(rule: Rule, action: Action, main: str) -> list[str]:
    """The statements of a branch of ``__init__``."""
    to = action.to or action.helper
    if to == main:
        return _body(rule, replace(action, to="super().__init__", helper=None), "")
    if to in (NOTHING, None):
        return _body(rule, action, "")
    return [f'raise NotImplementedError("{rule.api} cannot be extended with these arguments")']


def _branch(indent: str, head: str | None, body: list[str]) -> list[str]:
    first, inner = ([], indent) if head is None else ([f"{indent}{head}:"], f"{indent}    ")
    return [*first, *(inner + line for line in body)]


def _header(indent: str, name: str, first: list[str], signature: Signature) -> list[str]:
    return [indent + line for line in _wrapped(f"def {name}(", [*first, *_parameters(signature)], "):")]


def _attributes(rule: Rule, rules: RuleSet) -> Iterator[str]:
    """The source's attributes where the target has them by other names."""
    renamed = {
        name: op.removeprefix("rename ").strip() for name, op in rule.weights.items() if op.startswith("rename ")
    }
    found = {name: f"self.{to}" for name, to in renamed.items()}
    for api, other in rules.by_api.items():
        owner, _, name = api.rpartition(".")
        if owner != rule.api or len(other.actions) != 1 or other.actions[0].signature is not None:
            continue
        to = other.actions[0].to or ""
        if to.startswith(".") and to != f".{name}":
            found[name] = f"self{to}"
        elif "{self}" in to and not other.actions[0].helper:
            found[name] = to.replace("{self}", "self")
    for name, to in sorted(found.items()):
        yield from ("", "    @property", f"    def {name}(self):", f"        return {to}")
        if re.fullmatch(r"self\.\w+", to):
            yield from ("", f"    @{name}.setter", f"    def {name}(self, value):", f"        {to} = value")


def _parameters(signature: Signature) -> list[str]:
    """The parameters as source text."""
    parts: list[str] = []
    starred = False
    for p in signature.parameters:
        if p.kind is Kind.KEYWORD and not starred:
            parts.append("*")
            starred = True
        starred = starred or p.kind is Kind.VARIADIC
        prefix = {Kind.VARIADIC: "*", Kind.KEYWORDS: "**"}.get(p.kind, "")
        parts.append(f"{prefix}{p.name}" + (f"={p.default}" if p.default is not None else ""))
    return parts


def _body(rule: Rule, action: Action, before: str) -> list[str]:
    """The statements of one branch: refusals, then the call."""
    assert action.signature is not None
    lines = []
    refused = [p for p in action.signature.parameters if p.name in action.refused]
    unconditional = [p for p in refused if p.default is None or _is_asked(action, p.name)]
    if unconditional:
        message = f"{rule.api}: {action.refused[unconditional[0].name]}"
        return [f"raise NotImplementedError({message!r})"]
    if refused:
        told = [f"{p.name}=({p.name}, {p.default}, {action.refused[p.name]!r})" for p in refused]
        lines += _wrapped("refuse(", [repr(rule.api), *told], ")")
    to = action.to or action.helper
    if to == NOTHING:
        return [f'raise TypeError("{rule.api}: these arguments have no counterpart")']
    if to is None or to.startswith("."):
        raise NotAdaptableError("nothing to call")
    if not is_dotted(to.removeprefix("super().")):
        handled = set(_HOLE.findall(to)) | set(action.drop) | set(action.refused)
        if {p.name for p in action.signature.parameters} - handled:
            raise NotAdaptableError("the expression leaves arguments out")
        return [*lines, f"{before}{_text(to)}"]
    if action.rewrite not in ("call", "effect"):
        raise NotAdaptableError(f"`{action.rewrite}` decides on the call")
    if action.rewrite == "effect":
        first = action.signature.parameters[0].name
        return [*lines, *_wrapped(f"{to}(", _arguments(action), ")"), f"return {first}"]
    return [*lines, *_wrapped(f"{before}{to}(", _arguments(action), ")")]


def _text(template: str) -> str:
    """A template with its holes filled with the parameters of those names."""
    return _HOLE.sub(r"\1", template)


def _is_asked(action: Action, name: str) -> bool:
    """Whether this overload exists to refuse: its condition asks for what it refuses."""
    return action.when.get(name, "absent") != "absent"


def _wrapped(head: str, arguments: list[str], tail: str) -> list[str]:
    line = f"{head}{', '.join(arguments)}{tail}"
    if len(line) <= _WIDTH - 8 or not arguments:
        return [line]
    return [head, *(f"    {argument}," for argument in arguments), tail]


def _arguments(action: Action) -> list[str]:
    """Every argument of the target's call as source text; one that is None by default is left out when it is None."""
    assert action.signature is not None
    computed = _computed(action)
    positional: list[str] = []
    keywords: dict[str, str] = {}
    optional: set[str] = set()
    rest: list[str] = []
    in_place = True
    for i, p in enumerate(action.signature.parameters):
        if p.kind is Kind.POSITIONAL and in_place and (action.positional < 0 or i < action.positional):
            in_place = p.name not in {*action.refused, *action.drop, *computed} and p.default != "None"
        else:
            in_place = False
        if p.name in action.refused or p.name in action.drop:
            continue
        if p.kind is Kind.VARIADIC:
            positional.append(f"*{p.name}")
        elif p.kind is Kind.KEYWORDS:
            rest.append(f"**{p.name}")
        elif in_place:
            positional.append(p.name)
        else:
            for setting in computed.get(p.name, (Setting(action.renames.get(p.name, p.name), p.name),)):
                text = _text(setting.template)
                if p.default == "None" and setting not in action.defaults:
                    optional.add(setting.keyword)
                    text = text if text == p.name else f"None if {p.name} is None else {text}"
                keywords[setting.keyword] = _either(keywords.get(setting.keyword), text, p)
    for setting in action.defaults:
        keywords.setdefault(setting.keyword, _text(setting.template))
    maybe = ", ".join(f"{name}={text}" for name, text in keywords.items() if name in optional)
    plain = [f"{name}={text}" for name, text in keywords.items() if name not in optional]
    return [*positional, *plain, *([f"**given({maybe})"] if maybe else []), *rest]


def _either(known: str | None, text: str, parameter: Parameter) -> str:
    """Where two parameters give one keyword, the later one counts when it was given."""
    if known is None or known == text or parameter.default is None:
        return text
    return f"{text} if {given_test(parameter)} else {known}"


def _computed(action: Action) -> dict[str, tuple[Setting, ...]]:
    """Source parameter to the target keywords computed from it."""
    found = dict(action.settings)
    for setting in action.defaults:
        for name in _HOLE.findall(setting.template):
            found[name] = (*found.get(name, ()), setting)
    return found


@cache
def support_text() -> str:
    """The definitions that adapters are made with."""
    return SUPPORT.read_text(encoding="utf-8")
