"""What a file defines: its classes and functions, and the facts collected about them."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from translator.analysis.names import Names, Scope
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
    _collect(tree, names, index, None)
    for facts in index.classes.values():
        scope = names.scopes[facts.node].parent or names.module
        for base in facts.node.bases:
            name = names.qualified(base, scope)
            if name:
                facts.outer.append(name)
            elif isinstance(base, ast.Name) and base.id in index.classes and index.classes[base.id] is not facts:
                facts.local.append(index.classes[base.id])
    return index


def _collect(node: ast.AST, names: Names, index: Index, owner: ClassFacts | None) -> None:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef):
            facts = index.classes.setdefault(child.name, ClassFacts(child, child.name))
            _collect(child, names, index, facts)
        elif isinstance(child, Function):
            inside = owner if isinstance(node, ast.ClassDef) else None
            static = any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in child.decorator_list)
            found = FunctionFacts(child, names.scopes[child], inside, is_static=static)
            index.functions[child] = found
            if inside is not None:
                inside.methods[child.name] = found
            else:
                index.by_name[names.scopes[child].parent or names.module, child.name] = found
            _collect(child, names, index, None)
        elif isinstance(child, ast.stmt | ast.ExceptHandler):
            _collect_nested(child, names, index, owner, node)


def _collect_nested(child: ast.AST, names: Names, index: Index, owner: ClassFacts | None, node: ast.AST) -> None:
    """Definitions below ``if`` and ``try`` belong to the class or module around them."""
    if any(isinstance(inner, ast.stmt | ast.ExceptHandler) for inner in ast.iter_child_nodes(child)):
        wrapper = ast.ClassDef.__new__(ast.ClassDef) if isinstance(node, ast.ClassDef) else ast.Module.__new__(ast.Module)
        wrapper.body = [c for c in ast.iter_child_nodes(child) if isinstance(c, ast.stmt | ast.ExceptHandler)]
        _collect(wrapper, names, index, owner)
