"""What a file defines: its classes and functions, and the facts collected about them."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from translator.analysis.names import ALONE, Names, Scope
from translator.analysis.summary import FunctionSummary
from translator.analysis.walk import children
from translator.analysis.world import Place
from translator.core import Type

_PROPERTIES = frozenset({"property", "cached_property", "getter", "abstractproperty"})
_CONTEXTS = frozenset({"contextmanager", "asynccontextmanager"})
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(slots=True, eq=False)
class FunctionFacts:
    """A function of the file.

    Args:
        arguments: the join of what calls in view pass to each parameter; ``*args`` and ``**kwargs`` of their elements.
        open: parameters to which some call passes what is unknown.
        returns: what it gives.
        is_property: reading the attribute calls it.
        is_context: a generator that runs around a ``with`` block.
        evidence: what the uses of its parameters say about them, once somebody asked; ``local``: of its variables.
        stated: what its annotations say.
    """

    node: Function
    scope: Scope
    owner: ClassFacts | None
    arguments: dict[str, Type | None] = field(default_factory=dict)
    returns: Type | None = None
    open: set[str] = field(default_factory=set)
    readers: set[FunctionFacts] = field(default_factory=set)
    is_static: bool = False
    is_property: bool = False
    is_class_method: bool = False
    is_context: bool = False
    evidence: dict[str, str] | None = None
    local: dict[str, str] | None = None
    stated: dict[str, Type | None] | None = None

    def parameters(self) -> list[ast.arg]:
        """The parameters that take positional arguments, without ``self`` or ``cls``."""
        a = self.node.args
        skip = 1 if self.owner is not None and not self.is_static else 0
        return [*a.posonlyargs, *a.args][skip:]


Callee = FunctionFacts | FunctionSummary


@dataclass(slots=True, eq=False)
class ClassFacts:
    """A class of the tree: qualified names of outer bases, facts of the tree's own, methods, attribute types.

    Args:
        node: its statement; None for a class of another file.
        name: its bare name; the qualified one for a class of another file.
    """

    node: ast.ClassDef | None
    name: str
    outer: list[str] = field(default_factory=list)
    local: list[ClassFacts] = field(default_factory=list)
    methods: dict[str, Callee] = field(default_factory=dict)
    attributes: dict[str, Type | None] = field(default_factory=dict)
    stated: dict[str, Type | None] = field(default_factory=dict)
    assigned: dict[str, dict[ast.AST, Type | None]] = field(default_factory=dict)
    readers: set[FunctionFacts] = field(default_factory=set)

    def lineage(self) -> list[ClassFacts]:
        """This class and those of its bases that belong to the tree, nearest first."""
        found: list[ClassFacts] = []
        for facts in (self, *(base for parent in self.local for base in parent.lineage())):
            if facts not in found:
                found.append(facts)
        return found

    def bases(self) -> list[str]:
        """Qualified names of every outer base, of the local bases too."""
        return [name for facts in self.lineage() for name in facts.outer]

    def method(self, name: str) -> Callee | None:
        """The method that a call of that name reaches in the tree."""
        return next((facts.methods[name] for facts in self.lineage() if name in facts.methods), None)


@dataclass(slots=True, eq=False)
class Index:
    """Every class and function of one file; those of other files are found when they are asked for."""

    place: Place = ALONE
    classes: dict[str, ClassFacts] = field(default_factory=dict)
    functions: dict[ast.AST, FunctionFacts] = field(default_factory=dict)
    by_name: dict[tuple[Scope, str], FunctionFacts] = field(default_factory=dict)
    foreign: dict[str, ClassFacts | None] = field(default_factory=dict)

    def find(self, name: str) -> ClassFacts | None:
        """The class of this file by its bare name, or of another file by its qualified one."""
        found = self.classes.get(name)
        if found is not None or "." not in name:
            return found
        if name not in self.foreign:
            self.foreign[name] = None  # what classes come back to that extend each other
            self.foreign[name] = self._of_world(name)
        return self.foreign[name]

    def _of_world(self, name: str) -> ClassFacts | None:
        summary = self.place.world.class_of(name)
        if summary is None:
            return None
        facts = ClassFacts(None, name)
        for base in map(self.place.world.resolve, summary.bases):
            self.extend(facts, self.bare(base))
        facts.methods = {name: self.function(method) for name, method in summary.methods.items()}
        facts.attributes = {name: self.localize(fact) for name, fact in summary.attributes.items()}
        return facts

    def extend(self, facts: ClassFacts, base: str) -> None:
        """Give a class a base by its name."""
        found = self.find(base)
        if found is None:
            facts.outer.append(base)
        elif facts not in found.lineage():
            facts.local.append(found)

    def function(self, summary: FunctionSummary) -> FunctionSummary:
        """A function of another file with its types as this file names them."""
        return replace(summary, returns=self.localize(summary.returns))

    def localize(self, fact: Type | None) -> Type | None:
        """A type of a summary as this file names it: its own classes bare, all others by their resolved names."""
        settled = self.place.world.settle(fact)
        return self._named_here(settled) if settled is not None and self.place.module else settled

    def _named_here(self, fact: Type) -> Type:
        items = tuple(self._named_here(item) if item is not None else None for item in fact.items)
        return replace(fact, name=self.bare(fact.name), items=items)

    def bare(self, name: str) -> str:
        """The bare name of a class of this file that is given by its qualified one; others stay."""
        module, _, last = name.rpartition(".")
        return last if module and module == self.place.module and last in self.classes else name


def index_module(tree: ast.Module, names: Names) -> Index:
    """Collect the classes and functions of a module, with the bases resolved."""
    index = Index(names.place)
    _collect(tree.body, names, index, None)
    for facts in list(index.classes.values()):
        assert facts.node is not None
        scope = names.scopes[facts.node].parent or names.module
        for base in facts.node.bases:
            name = names.qualified(base, scope)
            if name:
                index.extend(facts, index.bare(name))
            elif isinstance(base, ast.Name) and base.id in index.classes:
                index.extend(facts, base.id)
    return index


def _function(node: Function, scope: Scope, owner: ClassFacts | None) -> FunctionFacts:
    decorators = {_last_name(decorator) for decorator in node.decorator_list}
    return FunctionFacts(
        node,
        scope,
        owner,
        is_static="staticmethod" in decorators,
        is_property=not _PROPERTIES.isdisjoint(decorators),
        is_class_method="classmethod" in decorators,
        is_context=not _CONTEXTS.isdisjoint(decorators),
    )


def _last_name(node: ast.expr) -> str:
    return getattr(node, "attr", getattr(node, "id", ""))


def _collect(statements: Iterable[ast.AST], names: Names, index: Index, owner: ClassFacts | None) -> None:
    """Definitions among statements; those below ``if``, ``try`` or ``with`` belong to the class or module around."""
    for node in statements:
        if isinstance(node, ast.ClassDef):
            facts = index.classes.setdefault(node.name, ClassFacts(node, node.name))
            _collect(node.body, names, index, facts)
        elif isinstance(node, Function):
            found = index.functions[node] = _function(node, names.scopes[node], owner)
            if owner is not None:
                owner.methods[node.name] = found
            else:
                index.by_name[found.scope.parent or names.module, node.name] = found
            _collect(node.body, names, index, None)
        elif isinstance(node, ast.stmt | ast.ExceptHandler | ast.match_case):
            _collect(children(node), names, index, owner)
