"""What containers hold: what they are made with, and what is put into them later."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from translator.analysis.builtin import Builtins
from translator.analysis.facts import Environment
from translator.analysis.index import ClassFacts
from translator.analysis.library import Arguments, Keywords
from translator.analysis.names import Scope
from translator.analysis.stated import from_text
from translator.analysis.types import NEVER, NONE, SEQUENCES, STR, join_all, value_of
from translator.analysis.use import Use
from translator.core import Type

# method: which argument is put into the container, and whether it is a container of what is put there
_PUTS = {
    "append": (0, False),
    "appendleft": (0, False),
    "add": (0, False),
    "insert": (1, False),
    "setdefault": (1, False),
    "add_module": (1, False),
    "extend": (0, True),
    "update": (0, True),
}


class Containers(Builtins):
    """Lists and dicts, of Python and of layers."""

    def is_container(self, fact: Type | None) -> bool:
        """Whether a layer holds layers or parameters by index or name."""
        return fact is not None and self.is_layer(fact) and self.member(fact, "__getitem__") is not None

    def filled(self, fact: Type | None, node: ast.Call, arguments: Arguments) -> Type | None:
        """A new layer container with the types of what it is made with."""
        if fact is None or fact.items or not self.is_container(fact):
            return fact
        return replace(fact, items=tuple(self._contents(node, arguments)) or (NEVER,))

    def _contents(self, node: ast.Call, arguments: Arguments) -> Iterator[Type | None]:
        if any(isinstance(given, ast.Starred) for given in node.args):
            starred = (isinstance(given, ast.Starred) for given in node.args)
            facts = [self.element_of(f) if star else f for f, star in zip(arguments, starred, strict=True)]
            yield join_all(facts, self.common)
            return
        for given, fact in zip(node.args, arguments, strict=True):
            if isinstance(given, ast.List | ast.Tuple) and not any(isinstance(e, ast.Starred) for e in given.elts):
                yield from map(self.types.get, given.elts)
            elif fact is not None and (fact.name in SEQUENCES or self.is_container(fact)) and len(node.args) == 1:
                yield self.values_of(fact)
            else:
                yield fact

    def values_of(self, fact: Type) -> Type | None:
        """What a container holds: the values of a dict, the elements of all others."""
        is_empty = bool(fact.items) and all(item == NEVER for item in fact.items[:1])
        if is_empty:
            return NEVER
        return value_of(fact) if fact.name == "dict" else self.element_of(fact)

    def specialised(self, result: Type | None, container: Type) -> Type | None:
        """What a member of a layer container gives, with the type of its own layers in place of any layer's."""
        if result is None or not container.items or not self.is_container(container):
            return result
        if result.name == self.pack.module:
            return self.values_of(container) or result
        items = tuple(self.specialised(item, container) for item in result.items)
        return replace(result, items=items) if result.items else result

    def put_by_call(
        self,
        node: ast.Call,
        func: ast.Attribute,
        receiver: Type,
        arguments: Arguments,
        env: Environment,
        scope: Scope,
    ) -> None:
        """``outs.append(x)``: from here on ``outs`` also holds what ``x`` is."""
        index, is_spread = _PUTS.get(func.attr, (len(arguments), False))
        if index < len(arguments) and (receiver.name in SEQUENCES or self.is_container(receiver)):
            fact = arguments[index]
            fact = self.values_of(fact) if is_spread and fact is not None else fact
            self.put(func.value, node, receiver, fact, env, scope)

    def put(
        self, target: ast.expr, node: ast.expr, container: Type, fact: Type | None, env: Environment, scope: Scope
    ) -> None:
        """Something is put into the container that an expression names."""
        if not container.items or container.name in ("tuple", "iterator"):
            return
        joined = self.join(self.values_of(container), fact)
        keys = container.items[1:] if container.name == "dict" else ()
        changed = replace(container, items=(joined, *keys))
        if changed == container:
            return
        if isinstance(target, ast.Subscript):
            outer = self.types.get(target.value)
            if outer is not None and outer.name in SEQUENCES:
                self.put(target.value, node, outer, changed, env, scope)
        else:
            self.rebind(target, node, changed, env, scope)

    def rebind(self, target: ast.expr, node: ast.expr, fact: Type | None, env: Environment, scope: Scope) -> None:
        """What a name or an attribute of ``self`` holds is known better from here on."""
        if isinstance(target, ast.Name):
            env[target.id] = fact
        elif isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
            self.narrowed_owners.add(target.value.id)
            env[f"{target.value.id}.{target.attr}"] = fact
            owner = self.types.get(target.value)
            if target.value.id == "self" and owner is not None:
                self.learn_attribute(owner, target.attr, node, fact)

    def learn_attribute(self, owner: Type, name: str, node: ast.expr, fact: Type | None) -> None:
        """``self.name = value``: the attribute's type is the join over every assignment in the file."""
        facts = self.index.find(owner.name)
        if facts is None:
            return
        assigned = facts.assigned.setdefault(name, {})
        assigned[node] = fact
        joined = join_all(assigned.values(), self.common)
        stated = next((local.stated[name] for local in facts.lineage() if name in local.stated), None)
        if stated is not None and (joined is None or (joined.assumed and joined.name == stated.name)):
            joined = stated
        if name not in facts.attributes or joined != facts.attributes[name]:
            facts.attributes[name] = joined
            self.changed.update(facts.readers)

    def _call_setattr(self, node: ast.Call, arguments: Arguments, keywords: Keywords) -> Type | None:
        if len(arguments) == 3 and arguments[0] is not None:
            self.learn_named(node, arguments[0], arguments[2])
        return NONE

    def _call_getattr(self, node: ast.Call, arguments: Arguments, keywords: Keywords) -> Type | None:
        """``getattr(self, "name")``: what the attributes of each name that it may be have in common."""
        names = arguments[1].values if len(arguments) > 1 and arguments[1] is not None else ()
        facts = self.index.find(arguments[0].name) if names and arguments[0] is not None else None
        if facts is None:
            return None
        found = [self.attribute_of(facts, str(name)) for name in names]
        return join_all([*found, *arguments[2:]], self.common)

    def attribute_of(self, facts: ClassFacts, name: str) -> Type | None:
        """What is known of an attribute of a class of the tree."""
        for local in facts.lineage():
            self._read(local.readers)
            if name in local.attributes:
                return local.attributes[name]
        return None

    def set_by_call(self, node: ast.Call, owner: Type, arguments: Arguments) -> None:
        """``self.register_buffer("name", value)``: the attribute is what is given, or the least that it can be."""
        assert isinstance(node.func, ast.Attribute)
        given = arguments[1] if len(arguments) > 1 else None
        is_known = given is not None and given != NONE
        self.learn_named(node, owner, given if is_known else from_text(self.pack.setters[node.func.attr]))

    def learn_named(self, node: ast.Call, owner: Type, fact: Type | None) -> None:
        """``setattr(self, "name", value)``, ``self.register_buffer("name", value)``: the attribute by each name."""
        at = 0 if isinstance(node.func, ast.Attribute) else 1
        named = self.types.get(node.args[at]) if len(node.args) > at else None
        for name in named.values if named is not None and named.name == STR.name else ():
            self.learn_attribute(owner, str(name), node, fact)

    def note_cut(self, node: ast.Subscript, cut: ast.Slice, value: Type, scope: Scope) -> None:
        """``layers[2:]``: a use where a rule tells what a slice becomes that does not begin at the first."""
        begins = cut.lower is None or (isinstance(cut.lower, ast.Constant) and cut.lower.value == 0)
        rule = self.member(value, "__getslice__")
        if rule is not None and not (begins and cut.step is None):
            self.uses[node], self.scopes_of[node] = Use(rule.api, node.value, value), scope

    def note_cuts_among(self, node: ast.Call, container: Type, scope: Scope) -> None:
        """``Sequential(block[1:], head)``: what is put among layers is one, so the slice is of a container of them."""
        for given in node.args:
            is_unknown = isinstance(given, ast.Subscript) and self.types.get(given.value) is None
            if is_unknown and isinstance(given.slice, ast.Slice):  # type: ignore[attr-defined]
                self.note_cut(given, given.slice, replace(container, assumed=True), scope)  # type: ignore[arg-type, attr-defined]
