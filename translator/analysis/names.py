"""Scopes and qualified names: which import a name comes from, if any."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from translator.analysis.walk import children
from translator.analysis.world import Place

COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
ALONE = Place()


@dataclass(slots=True, eq=False)
class Import:
    """One name bound by one alias of an import statement.

    Args:
        target: what it is bound to: ``a.b`` for ``import a.b as c`` and ``from a import b``, ``a`` for ``import a.b``;
            a name that leads through other modules of the tree is followed to where it is defined.
        module: the module that the statement loads; a relative one in full where the file's place is known.
        is_from: bound by ``from module import name``.
        meaning: the name that ``target`` goes by in rules; two imports of one meaning are the same.
        scope: where the name is bound.
        is_passed: it comes from another module of the tree; if that imports it, too, ``target`` is what it stands for.
        is_kept: other modules take it from here by this name.
    """

    name: str
    target: str
    module: str
    is_from: bool
    meaning: str
    alias: ast.alias
    statement: ast.Import | ast.ImportFrom
    scope: Scope
    is_passed: bool = False
    is_kept: bool = False

    @property
    def is_stable(self) -> bool:
        """Whether the name stays, whatever the target calls it: other modules know it by this one."""
        return self.is_kept or self.is_passed


@dataclass(slots=True, eq=False)
class Scope:
    """The names bound in one function, class, comprehension or module."""

    node: ast.AST
    parent: Scope | None
    imports: dict[str, list[Import]] = field(default_factory=dict)
    others: set[str] = field(default_factory=set)
    outside: set[str] = field(default_factory=set)
    found: dict[str, Import | None] = field(default_factory=dict)

    def holder(self, name: str) -> Scope | None:
        """The scope that ``name`` refers to, read from here: classes are invisible to what they enclose."""
        scope: Scope | None = self
        while scope is not None:
            visible = scope is self or not isinstance(scope.node, ast.ClassDef)
            if visible and name not in scope.outside and (name in scope.imports or name in scope.others):
                return scope
            scope = scope.parent
        return None

    def imported(self, name: str) -> Import | None:
        """The import that ``name`` comes from; None if it is bound otherwise, too, or to different things."""
        if name not in self.found:
            self.found[name] = self._imported(name)
        return self.found[name]

    def _imported(self, name: str) -> Import | None:
        scope = self.holder(name)
        if scope is None or name in scope.others:
            return None
        found = scope.imports.get(name, [])
        return found[0] if found and all(entry.meaning == found[0].meaning for entry in found) else None

    def is_local(self, name: str) -> bool:
        """Whether some statement of the file binds ``name``, seen from here."""
        return self.holder(name) is not None

    def visible_imports(self) -> Iterator[Import]:
        """Every import that can be used from here, inner scopes first."""
        scope: Scope | None = self
        while scope is not None:
            for name in scope.imports:
                found = self.imported(name)
                if found is not None and found in scope.imports[name]:
                    yield found
            scope = scope.parent


class Names:
    """The scopes of one module, and the qualified name of every expression that has one.

    ``reads`` lists every name with the scope that it is looked up from, ``starred`` the names that each star import was
    found to bring; those in ``unexplained`` may come from anywhere.
    """

    def __init__(self, tree: ast.Module, canonical: Callable[[str], str] = str, place: Place = ALONE) -> None:
        self.canonical, self.place = canonical, place
        self._binders = self._table()
        self.scopes: dict[ast.AST, Scope] = {}
        self.imports: list[Import] = []
        self.starred: dict[ast.stmt, list[Import]] = {}
        self.unexplained: set[str] = set()
        self.reads: list[tuple[ast.Name, Scope]] = []
        self.module = self._scope(tree, None)
        for statement in tree.body:
            self._bind(statement, self.module)

    def bindings(self, name: str) -> Iterator[Import | None]:
        """Every import in the module that binds ``name``, and None for each scope that binds it otherwise."""
        for scope in self.scopes.values():
            if name in scope.others:
                yield None
            yield from scope.imports.get(name, ())

    def _table(self) -> dict[type[ast.AST], Callable[[Any, Scope], None]]:
        """How each kind of node binds names; every other kind only holds such nodes."""
        return {
            ast.Import: self._bind_import,
            ast.ImportFrom: self._bind_import,
            ast.Name: self._bind_name,
            ast.ClassDef: self._bind_class,
            ast.Global: self._bind_outside,
            ast.Nonlocal: self._bind_outside,
            ast.NamedExpr: self._bind_walrus,
            **dict.fromkeys(FUNCTIONS, self._bind_function),
            **dict.fromkeys(COMPREHENSIONS, self._bind_comprehension),
            **dict.fromkeys((ast.ExceptHandler, ast.MatchAs, ast.MatchStar, ast.MatchMapping), self._bind_named),
        }

    def qualified(self, node: ast.expr, scope: Scope) -> str | None:
        """``package.nn.Conv2d`` for ``nn.Conv2d`` after ``import package.nn as nn``; None for a local name."""
        if isinstance(node, ast.Name):
            found = scope.imported(node.id)
            return found.target if found else None
        if isinstance(node, ast.Attribute):
            value = self.qualified(node.value, scope)
            return self.place.world.member(value, node.attr) if value else None
        return None

    def _scope(self, node: ast.AST, parent: Scope | None) -> Scope:
        scope = self.scopes[node] = Scope(node, parent)
        return scope

    def _bind(self, node: ast.AST, scope: Scope) -> None:
        bind = self._binders.get(type(node))
        if bind is not None:
            bind(node, scope)
            return
        for child in children(node):
            self._bind(child, scope)

    def _bind_name(self, node: ast.Name, scope: Scope) -> None:
        self.reads.append((node, scope))
        if not isinstance(node.ctx, ast.Load):
            scope.others.add(node.id)

    def _bind_outside(self, node: ast.Global | ast.Nonlocal, scope: Scope) -> None:
        scope.outside.update(node.names)
        self.module.others.update(node.names)

    def _bind_walrus(self, node: ast.NamedExpr, scope: Scope) -> None:
        holder = scope
        while isinstance(holder.node, COMPREHENSIONS) and holder.parent is not None:
            holder = holder.parent
        holder.others.add(node.target.id)
        self.reads.append((node.target, scope))
        self._bind(node.value, scope)

    def _bind_named(
        self, node: ast.ExceptHandler | ast.MatchAs | ast.MatchStar | ast.MatchMapping, scope: Scope
    ) -> None:
        """A name that is no node: ``except E as name``, ``case [*name]``, ``case {**name}``."""
        name = node.rest if isinstance(node, ast.MatchMapping) else node.name
        if name:
            scope.others.add(name)
        for child in children(node):
            self._bind(child, scope)

    def _bind_import(self, node: ast.Import | ast.ImportFrom, scope: Scope) -> None:
        for alias in node.names:
            found = self._imported(node, alias, scope)
            self.imports.append(found)
            if found.name != "*":
                scope.imports.setdefault(found.name, []).append(found)

    def _imported(self, node: ast.Import | ast.ImportFrom, alias: ast.alias, scope: Scope) -> Import:
        if isinstance(node, ast.Import):
            first = alias.name.partition(".")[0]
            name, target = (alias.asname, alias.name) if alias.asname else (first, first)
            return Import(name, target, alias.name, False, self.canonical(target), alias, node, scope)
        module = self.place.absolute(node.level, node.module or "")
        dot = "" if module.endswith(".") else "."
        target = f"{module}{dot}{alias.name}" if alias.name == "*" else self.place.world.member(module, alias.name)
        found = Import(alias.asname or alias.name, target, module, True, self.canonical(target), alias, node, scope)
        found.is_passed = module in self.place.world.modules
        return found

    def _bind_class(self, node: ast.ClassDef, scope: Scope) -> None:
        scope.others.add(node.name)
        for outer in (*node.decorator_list, *node.bases, *node.keywords):
            self._bind(outer, scope)
        inner = self._scope(node, scope)
        for statement in node.body:
            self._bind(statement, inner)

    def _bind_function(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, scope: Scope) -> None:
        if not isinstance(node, ast.Lambda):
            scope.others.add(node.name)
            for decorator in node.decorator_list:
                self._bind(decorator, scope)
            if node.returns:
                self._bind(node.returns, scope)
        inner = self._scope(node, scope)
        a = node.args
        for parameter in _parameters(a):
            inner.others.add(parameter.arg)
            if parameter.annotation:
                self._bind(parameter.annotation, scope)
        for default in (*a.defaults, *filter(None, a.kw_defaults)):
            self._bind(default, scope)
        for statement in node.body if isinstance(node.body, list) else [node.body]:
            self._bind(statement, inner)

    def _bind_comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp, scope: Scope
    ) -> None:
        inner = self._scope(node, scope)
        for i, generator in enumerate(node.generators):
            self._bind(generator.iter, inner if i else scope)
            self._bind(generator.target, inner)
            for condition in generator.ifs:
                self._bind(condition, inner)
        for part in (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,):
            self._bind(part, inner)


def _parameters(a: ast.arguments) -> tuple[ast.arg, ...]:
    return (*a.posonlyargs, *a.args, *a.kwonlyargs, *filter(None, (a.vararg, a.kwarg)))
