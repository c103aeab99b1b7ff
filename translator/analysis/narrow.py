"""What a condition tells: the types of names where it holds, and where it does not."""

from __future__ import annotations

import ast
from dataclasses import replace

from translator.analysis.calls import Calls
from translator.analysis.facts import Environment
from translator.analysis.names import Scope
from translator.analysis.types import join_all
from translator.core import Type

Ways = tuple[Environment, Environment]
_KINDS = {"Sequence": "list", "Iterable": "list", "Mapping": "dict", "Number": "float", "Real": "float"}


def key_of(node: ast.expr) -> str | None:
    """The name under which an environment knows an expression: ``x``, ``self.x``."""
    if isinstance(node, ast.NamedExpr):
        return node.target.id
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return f"{node.value.id}.{node.attr}"
    return None


class Narrowing(Calls):
    """Reads ``isinstance``, ``is None`` and the framework's own type tests."""

    def narrowed(self, test: ast.expr, env: Environment, scope: Scope) -> Environment:
        """The environment where ``test`` held."""
        return self.ways(test, env, scope)[0]

    def ways(self, test: ast.expr, env: Environment, scope: Scope) -> Ways:
        """The environments where a condition holds and where it does not; both may be ``env`` itself."""
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            held, failed = self.ways(test.operand, env, scope)
            return failed, held
        if isinstance(test, ast.BoolOp):
            return self._ways_of_all(test, env, scope)
        if isinstance(test, ast.Call):
            return self._ways_of_check(test, env, scope)
        if isinstance(test, ast.Compare) and len(test.ops) == 1:
            return self._ways_of_comparison(test, env)
        return env, env

    def _ways_of_all(self, test: ast.BoolOp, env: Environment, scope: Scope) -> Ways:
        """``a and b`` holds where both do; what fails is known only if ``a or b`` does."""
        is_and = isinstance(test.op, ast.And)
        through = env
        for value in test.values:
            through = self.ways(value, through, scope)[0 if is_and else 1]
        if is_and:
            return through, env
        return self._either(test, env, scope), through

    def _either(self, test: ast.BoolOp, env: Environment, scope: Scope) -> Environment:
        """Where ``isinstance(x, A) or isinstance(x, B)`` held: ``x`` is what both have in common."""
        ways = [self.ways(value, env, scope)[0] for value in test.values]
        changed = {name for way in ways for name in way if way[name] is not env.get(name)}
        common = {name: join_all([way.get(name) for way in ways], self.common) for name in changed}
        return {**env, **common} if changed else env

    def _ways_of_check(self, test: ast.Call, env: Environment, scope: Scope) -> Ways:
        if isinstance(test.func, ast.Name) and test.func.id == "isinstance" and len(test.args) == 2:
            parts = test.args[1].elts if isinstance(test.args[1], ast.Tuple) else [test.args[1]]
            return self._ways_of_types(test.args[0], [self._checked(part, scope) for part in parts], env)
        checked = self.pack.type_tests.get(self.qualified(test.func, scope) or "")
        if checked and len(test.args) == 1:
            return self._ways_of_types(test.args[0], [Type(checked)], env)
        return env, env

    def _checked(self, node: ast.expr, scope: Scope) -> Type | None:
        fact = self.annotation(node, scope)
        last = fact.name.rpartition(".")[2] if fact is not None else ""
        return Type(_KINDS[last]) if last in _KINDS else fact

    def _ways_of_types(self, subject: ast.expr, classes: list[Type | None], env: Environment) -> Ways:
        key = key_of(subject)
        if key is None:
            return env, env
        self.narrowed_owners.add(key.partition(".")[0])
        known = env[key] if key in env else self.types.get(subject)
        options = known.items if known is not None and known.name == "union" else (known,)
        held: list[Type | None] = [
            option for option in options if option and any(c and self._is_kind(option, c) for c in classes)
        ]
        left: list[Type | None] = [option for option in options if option not in held]
        return {**env, key: self._held(held, classes, known)}, {**env, key: self._left(held, left, options)}

    def _held(self, held: list[Type | None], classes: list[Type | None], known: Type | None) -> Type | None:
        if None in classes and not held and known is not None and known.name != "union":
            return known  # it passed a check of which nothing is known
        joined = join_all(held or [self._instance(c) for c in classes], self.common)
        if joined is not None and held and known is not None and known.name != "union":
            return replace(known, assumed=False)
        return joined

    def _instance(self, stated: Type | None) -> Type | None:
        """What a class makes, where that is another type: a tensor of one dtype."""
        rule = self.rules.get(stated.name) if stated is not None else None
        return Type(rule.returns) if rule is not None and rule.returns else stated

    def _left(self, held: list[Type | None], left: list[Type | None], options: tuple[Type | None, ...]) -> Type | None:
        """What remains where the check failed; where that contradicts what is known, nothing."""
        if len(options) == 1:
            return None if held else options[0]
        return left[0] if len(left) == 1 else Type("union", tuple(left)) if left else None

    def _is_kind(self, fact: Type, wanted: Type) -> bool:
        """Whether a value of a type passes a check for another."""
        if fact.name == wanted.name or (wanted.name == self.pack.module and self.is_layer(fact)):
            return True
        facts = self.index.find(fact.name)
        return facts is not None and any(local.name == wanted.name for local in facts.lineage())

    def _ways_of_comparison(self, test: ast.Compare, env: Environment) -> Ways:
        """``x is None`` and ``x is not None``: an unknown value stays one."""
        key, op = key_of(test.left), test.ops[0]
        right = test.comparators[0]
        if key is None or not (isinstance(right, ast.Constant) and right.value is None):
            return env, env
        absent = {**env, key: Type("None")} if key in env else env
        if isinstance(op, ast.Is):
            return absent, env
        return (env, absent) if isinstance(op, ast.IsNot) else (env, env)

    # --- patterns ------------------------------------------------------------------------------------------------

    def match(self, pattern: ast.pattern, fact: Type | None, env: Environment, scope: Scope) -> Type | None:
        """Bind the names of a pattern that ``fact`` matched; what the subject is then known to be."""
        if isinstance(pattern, ast.MatchAs):
            inner = self.match(pattern.pattern, fact, env, scope) if pattern.pattern else fact
            if pattern.name:
                env[pattern.name] = inner
            return inner
        if isinstance(pattern, ast.MatchClass):
            return self._match_class(pattern, fact, env, scope)
        if isinstance(pattern, ast.MatchOr):
            return join_all([self.match(part, fact, env, scope) for part in pattern.patterns], self.common)
        if isinstance(pattern, ast.MatchSequence):
            self._match_sequence(pattern, fact, env, scope)
        elif isinstance(pattern, ast.MatchMapping):
            self._match_mapping(pattern, fact, env, scope)
        elif isinstance(pattern, ast.MatchValue):
            self.infer(pattern.value, env, scope)
        elif isinstance(pattern, ast.MatchStar) and pattern.name:
            env[pattern.name] = None
        return fact

    def _match_class(self, pattern: ast.MatchClass, fact: Type | None, env: Environment, scope: Scope) -> Type | None:
        self.infer(pattern.cls, env, scope)
        stated = self.annotation(pattern.cls, scope)
        known = fact if fact is not None and stated is not None and fact.name == stated.name else stated
        facts = self.index.find(known.name) if known is not None else None
        for name, part in zip(pattern.kwd_attrs, pattern.kwd_patterns, strict=True):
            self.match(part, facts.attributes.get(name) if facts else None, env, scope)
        for part in pattern.patterns:
            self.match(part, None, env, scope)
        return known

    def _match_sequence(self, pattern: ast.MatchSequence, fact: Type | None, env: Environment, scope: Scope) -> None:
        is_sized = fact is not None and fact.name == "tuple" and len(fact.items) == len(pattern.patterns)
        inner = self.element_of(fact)
        for i, part in enumerate(pattern.patterns):
            if isinstance(part, ast.MatchStar):
                if part.name:
                    env[part.name] = Type("list", (inner,))
            else:
                self.match(part, fact.items[i] if is_sized and fact is not None else inner, env, scope)

    def _match_mapping(self, pattern: ast.MatchMapping, fact: Type | None, env: Environment, scope: Scope) -> None:
        value = fact.items[0] if fact is not None and fact.name == "dict" and fact.items else None
        for key in pattern.keys:
            self.infer(key, env, scope)
        for part in pattern.patterns:
            self.match(part, value, env, scope)
        if pattern.rest:
            env[pattern.rest] = fact if fact is not None and fact.name == "dict" else None
