"""The overloads of a rule as the branches of one function, with what decides between them asked at run time."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from keyword import iskeyword

from translator.ruleset.model import Action, Kind, Parameter, Rule, RuleSet, Signature

NOTHING = "nothing"  # what calls become that no overload takes
_BUILTINS = frozenset({"int", "float", "bool", "str", "list", "tuple", "dict", "complex"})
_IDENTICAL = ("None", "True", "False")
Branch = tuple[str | None, Action]  # the condition, None for otherwise; and what is done then


class NotAdaptableError(Exception):
    """A rule says more than an adapter can."""


def is_dotted(text: str) -> bool:
    """Whether a text is a dotted name."""
    return all(part.isidentifier() and not iskeyword(part) for part in text.split("."))


def is_class(rule: Rule) -> bool:
    """Whether the rule is about a class, which calls construct."""
    return rule.returns == rule.api


def targets(rule: Rule) -> list[str]:
    """Every dotted name that calls of this API become, the most general one last."""
    found = [name for a in rule.actions if (name := a.to or a.helper) and is_dotted(name)]
    return list(dict.fromkeys(reversed(found)))[::-1]


def branches_of(rule: Rule, rules: RuleSet) -> tuple[Signature, list[Branch]]:
    """One signature for all overloads, and the branches in order.

    Raises:
        NotAdaptableError: the overloads cannot be told apart at run time.
    """
    actions = [a for a in rule.actions if a.signature is not None]
    if not actions or (len(actions) < len(rule.actions) and not is_class(rule)):
        raise NotAdaptableError("the signature is unknown")
    signature = _united(actions)
    branches: list[Branch] = []
    for action in actions:
        if _is_renamed(action, signature):
            continue  # the same parameters by their other names
        tests = [*_omitted(action, signature), *_tests(action, signature, rules)]
        branches.append((" and ".join(tests) or None, action))
        if not tests:
            break
    if branches and branches[-1][0] is not None:
        branches.append((None, replace(actions[-1], to=NOTHING, helper=None, signature=signature)))
    return signature, branches


def _united(actions: list[Action]) -> Signature:
    """The signature that has every other one's parameters; of two equally long ones the last."""
    longest = max(actions, key=lambda a: len(a.signature.parameters) if a.signature else 0).signature
    assert longest is not None
    for parameter in longest.parameters:
        if parameter.default is not None and not _is_plain(parameter.default):
            raise NotAdaptableError("a default is no literal")
    required = {p.name for p in longest.parameters if p.default is None and p.kind is Kind.POSITIONAL}
    for action in actions:
        own = {p.name for p in action.signature.parameters} if action.signature else set()
        lacking = required - own
        if lacking and own <= {p.name for p in longest.parameters}:
            made = tuple(replace(p, default="None") if p.name in lacking else p for p in longest.parameters)
            return _united([replace(a, signature=Signature(made)) if a.signature == longest else a for a in actions])
    return longest


def _is_plain(text: str) -> bool:
    try:
        ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return False
    return True


def _is_renamed(action: Action, signature: Signature) -> bool:
    own = action.signature.parameters if action.signature else ()
    same_kinds = [(p.kind, p.default) for p in own] == [(p.kind, p.default) for p in signature.parameters]
    return same_kinds and [p.name for p in own] != [p.name for p in signature.parameters]


def _omitted(action: Action, signature: Signature) -> Iterator[str]:
    """Tests that what this overload does not take was not given."""
    own = {p.name: p for p in action.signature.parameters} if action.signature else {}
    if any(p not in signature.parameters for p in own.values()):
        raise NotAdaptableError("two signatures that are not one")
    orders = [[p.name for p in some if p.kind is Kind.POSITIONAL] for some in (own.values(), signature.parameters)]
    if orders[0] != orders[1][: len(orders[0])]:
        raise NotAdaptableError("two orders of the same parameters")
    for parameter in signature.parameters:
        if parameter.name not in own:
            yield _absent(parameter)


def _absent(parameter: Parameter) -> str:
    if parameter.kind in (Kind.VARIADIC, Kind.KEYWORDS):
        return f"not {parameter.name}"
    if parameter.default is None:
        raise NotAdaptableError("a required parameter of one overload only")
    return f"{parameter.name} {'is' if parameter.default in _IDENTICAL else '=='} {parameter.default}"


def given_test(parameter: Parameter) -> str:
    """The test that an argument is not the default."""
    operator = "is not" if parameter.default in _IDENTICAL else "!="
    return f"{parameter.name} {operator} {parameter.default}"


def _tests(action: Action, signature: Signature, rules: RuleSet) -> Iterator[str]:
    """The overload's ``when``, as it can be asked at run time."""
    for name, wanted in action.when.items():
        parameter = signature.get(name)
        if parameter is None:
            raise NotAdaptableError("what it is called on decides")
        if wanted == "absent":
            yield _absent(parameter)
        elif wanted == "given":
            if parameter.default is not None:
                yield given_test(parameter)
        elif wanted.startswith("="):
            literal = wanted[1:].strip()
            yield f"{name} {'is' if literal in _IDENTICAL else '=='} {literal}"
        else:
            test = _type_test(name, [part.strip() for part in wanted.removeprefix("!").split("|")], rules)
            yield f"not {test}" if wanted.startswith("!") else test


def _type_test(name: str, wanted: list[str], rules: RuleSet) -> str:
    listed = [text for text in wanted if text.startswith(("list[", "tuple["))]
    if listed and len(wanted) == 1:
        inner = _classes([listed[0].partition("[")[2].rstrip("]")], rules)
        return f"isinstance({name}, (list, tuple)) and all(isinstance(item, {inner}) for item in {name})"
    return f"isinstance({name}, {_classes(wanted, rules)})"


def _classes(wanted: list[str], rules: RuleSet) -> str:
    found: list[str] = []
    for text in wanted:
        rule = rules.get(text)
        if text in _BUILTINS:
            found.append(text)
        elif rule is not None and is_class(rule) and targets(rule):
            found.append(targets(rule)[-1])
        else:
            raise NotAdaptableError(f"`{text}` is no class at run time")
    return found[0] if len(found) == 1 else f"({', '.join(found)})"
