"""Assignments: what names, attributes, items and parts of a tuple are from there on."""

from __future__ import annotations

import ast

from translator.analysis.evidence import TENSOR, Evidence, evidence_of_locals
from translator.analysis.facts import Environment
from translator.analysis.names import Scope
from translator.analysis.narrow import Narrowing
from translator.analysis.types import NEVER, assumed, held, join_all
from translator.core import Type


class Targets(Narrowing):
    """Binds the targets of assignments, loops, ``with`` and comprehensions."""

    def bind(self, target: ast.expr, fact: Type | None, env: Environment, scope: Scope) -> None:
        """Assign a type to a target: a name, an attribute of ``self``, a tuple of targets."""
        if isinstance(target, ast.Name):
            fact = self.as_declared(target.id, fact, scope)
            self._bind_name(target.id, fact, env)
        elif isinstance(target, ast.Tuple | ast.List):
            self._bind_parts(target.elts, fact, env, scope)
        elif isinstance(target, ast.Starred):
            self.bind(target.value, fact, env, scope)
        elif isinstance(target, ast.Attribute):
            self._bind_attribute(target, fact, env, scope)
        elif isinstance(target, ast.Subscript):
            self.infer(target, env, scope)
            container = self.types.get(target.value)
            if container is not None and not isinstance(target.slice, ast.Slice):
                self.put(target.value, target, container, fact, env, scope)
        self.types[target] = fact

    def _is_inherited(self, receiver: Type, name: str) -> bool:
        """Whether ``self.eps = value`` sets an attribute of the framework's layer that the class extends."""
        if self.index.find(receiver.name) is None:
            return False
        owners = [self.rules.get(owner) for owner in self.lineage(receiver)]
        rule = self.member(receiver, name)
        is_layers = rule is not None and not rule.api.startswith(f"{self.pack.module}.")
        return is_layers or any(owner is not None and name in owner.weights for owner in owners)

    def as_declared(self, name: str, fact: Type | None, scope: Scope) -> Type | None:
        """A value of which nothing is known, or the same only weakly, is what the variable's annotation says.

        Without one its uses may tell that it is a tensor.
        """
        if self.function is None or scope is not self.function.scope:
            return fact
        stated = self.declared.get(name)
        if stated is None and fact is None and evidence_of_locals(self, self.function).get(name) == TENSOR:
            return assumed(self.tensor)
        if stated is None or stated.name == "union":
            return fact
        return stated if fact is None or (fact.assumed and fact.name == stated.name) else fact

    def tell_elements(self, target: ast.expr, parts: list[ast.expr], env: Environment, scope: Scope) -> None:
        """Where an element of a comprehension is unknown, its uses there may tell that it is a tensor."""
        names = [n.id for n in ast.walk(target) if isinstance(n, ast.Name) and env.get(n.id) is None]
        found = Evidence(self, names, scope).read(parts) if names else {}
        env.update({name: assumed(self.tensor) for name, kind in found.items() if kind == TENSOR})

    def _bind_name(self, name: str, fact: Type | None, env: Environment) -> None:
        if name in self.narrowed_owners:
            for known in [known for known in env if known.startswith(name + ".")]:
                del env[known]
        env[name] = fact

    def _bind_parts(self, parts: list[ast.expr], fact: Type | None, env: Environment, scope: Scope) -> None:
        """``a, (b, *c) = value``: items of a tuple of known length, else its elements."""
        known = self.as_tuple(fact) if fact is not None else None
        star = next((i for i, p in enumerate(parts) if isinstance(p, ast.Starred)), None)
        items = known.items if known is not None and known.name == "tuple" and len(known.items) > 1 else ()
        inner = self.element_of(fact)
        if star is not None and len(items) >= len(parts) - 1:
            end = star + len(items) - len(parts) + 1
            caught = held("list", join_all(items[star:end], self.common) if end > star else NEVER)
            items = (*items[:star], caught, *items[end:])
        elif star is not None or len(items) != len(parts):
            items = tuple(held("list", inner) if isinstance(p, ast.Starred) else inner for p in parts)
        for part_, item in zip(parts, items, strict=True):
            weak = known is not None and known.assumed
            self.bind(part_, assumed(item) if weak else item, env, scope)

    def _bind_attribute(self, target: ast.Attribute, fact: Type | None, env: Environment, scope: Scope) -> None:
        if self.qualified(target, scope):
            self.infer(target, env, scope)
            return
        receiver = self.infer(target.value, env, scope)
        if isinstance(target.value, ast.Name):
            self.narrowed_owners.add(target.value.id)
            env[f"{target.value.id}.{target.attr}"] = fact
        is_self = isinstance(target.value, ast.Name) and target.value.id == "self"
        if is_self and receiver is not None and not self._is_inherited(receiver, target.attr):
            self.learn_attribute(receiver, target.attr, target, fact)
        else:
            self._member_of(target, receiver, scope)
