"""What a file defines: its classes and functions, and the facts collected about them."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field

from translator.analysis.names import Names, Scope
from translator.analysis.walk import children
from translator.core import Type

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(slots=True, eq=False)
class FunctionFacts:
    """A function of the file. ``arguments`` joins what calls in view pass; ``returns`` what it gives."""

    node: Function
    scope: Scope
    owner: ClassFacts | None
    arguments: dict[str, Type | None] = field(default_factory=dict)
    returns: Type | None = None
    readers: set[FunctionFacts] = field(default_factory=set)
    is_static: bool = False

    def parameters(self) -> list[ast.arg]:
        """The parameters that take positional arguments, without ``self`` or ``cls``."""
        a = self.node.args
        skip = 1 if self.owner is not None and not self.is_static else 0
        return [*a.posonlyargs, *a.args][skip:]


@dataclass(slots=True, eq=False)
class ClassFacts:
    """A class of the file: qualified names of outer bases, facts of local ones, methods, attribute types."""

    node: ast.ClassDef
    name: str
    outer: list[str] = field(default_factory=list)
    local: list[ClassFacts] = field(default_factory=list)
    methods: dict[str, FunctionFacts] = field(default_factory=dict)
    attributes: dict[str, Type | None] = field(default_factory=dict)
    assigned: dict[str, dict[ast.AST, Type | None]] = field(default_factory=dict)
    readers: set[FunctionFacts] = field(default_factory=set)

    def lineage(self) -> list[ClassFacts]:
        """This class and its local bases, nearest first."""
        found: list[ClassFacts] = []
        for facts in (self, *(base for parent in self.local for base in parent.lineage())):
            if facts not in found:
                found.append(facts)
        return found

    def bases(self) -> list[str]:
        """Qualified names of every outer base, of the local bases too."""
        return [name for facts in self.lineage() for name in facts.outer]

    def method(self, name: str) -> FunctionFacts | None:
        """The method that a call of that name reaches in this file."""
        return next((facts.methods[name] for facts in self.lineage() if name in facts.methods), None)


@dataclass(slots=True, eq=False)
class Index:
    """Every class and function of one file."""

    classes: dict[str, ClassFacts] = field(default_factory=dict)
    functions: dict[ast.AST, FunctionFacts] = field(default_factory=dict)
    by_name: dict[tuple[Scope, str], FunctionFacts] = field(default_factory=dict)


def index_module(tree: ast.Module, names: Names) -> Index:
    """Collect the classes and functions of a module, with the bases resolved."""
    index = Index()
    _collect(tree.body, names, index, None)
    for facts in index.classes.values():
        scope = names.scopes[facts.node].parent or names.module
        for base in facts.node.bases:
            name = names.qualified(base, scope)
            if name:
                facts.outer.append(name)
            elif isinstance(base, ast.Name) and base.id in index.classes and index.classes[base.id] is not facts:
                facts.local.append(index.classes[base.id])
    return index


def _collect(statements: Iterable[ast.AST], names: Names, index: Index, owner: ClassFacts | None) -> None:
    """Definitions among statements; those below ``if``, ``try`` or ``with`` belong to the class or module around."""
    for node in statements:
        if isinstance(node, ast.ClassDef):
            facts = index.classes.setdefault(node.name, ClassFacts(node, node.name))
            _collect(node.body, names, index, facts)
        elif isinstance(node, Function):
            static = any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in node.decorator_list)
            found = index.functions[node] = FunctionFacts(node, names.scopes[node], owner, is_static=static)
            if owner is not None:
                owner.methods[node.name] = found
            else:
                index.by_name[found.scope.parent or names.module, node.name] = found
            _collect(node.body, names, index, None)
        elif isinstance(node, ast.stmt | ast.ExceptHandler | ast.match_case):
            _collect(children(node), names, index, owner)
