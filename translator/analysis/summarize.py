"""From the facts of one module to its summary."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace

from translator.analysis.exports import exported
from translator.analysis.index import ClassFacts, FunctionFacts
from translator.analysis.infer import Inference
from translator.analysis.names import Import
from translator.analysis.stars import unbound
from translator.analysis.summary import ClassSummary, FunctionSummary, ModuleSummary, digest_of
from translator.analysis.text import SourceText
from translator.analysis.views import Views
from translator.core import Type


def summary_of(tree: ast.Module, inference: Inference, source: SourceText) -> ModuleSummary:
    """What other files need to know of a module that was analysed."""
    return _Summary(tree, inference, source.text).made(source.path)


class _Summary:
    def __init__(self, tree: ast.Module, inference: Inference, text: str) -> None:
        self.tree, self.inference, self.text = tree, inference, text
        self.index, self.names, self.place = inference.index, inference.names, inference.place
        self.views = Views(inference)

    def made(self, path: str) -> ModuleSummary:
        listed = [name for _, name in exported(self.tree)]
        top = self.names.module
        imports = {n: _written(found) for n in top.imports if (found := top.imported(n)) is not None}
        functions = {name: self.function(f) for (scope, name), f in self.index.by_name.items() if scope is top}
        classes = {name: self.klass(facts) for name, facts in self.index.classes.items()}
        values = {
            name: self.qualified(self.inference.globals.get(name))
            for name in {*top.others, *top.imports} - {*functions, *classes, *imports}
        }
        summary = ModuleSummary(
            self.place.module,
            path,
            self.place.is_package,
            tuple(listed) if "__all__" in top.others else None,
            classes,
            functions,
            values,
            {**imports, **dict(self.aliases())},
            tuple(e.module for e in self.names.imports if e.name == "*"),
            frozenset(self.taken()),
        )
        return replace(summary, digest=digest_of(summary))

    def klass(self, facts: ClassFacts) -> ClassSummary:
        """A class by its qualified name."""
        local = [self.name(base.name) for base in facts.local]
        methods = {name: self.function(f) for name, f in facts.methods.items() if isinstance(f, FunctionFacts)}
        attributes = {name: self.qualified(fact) for name, fact in facts.attributes.items()}
        is_inner = facts.node is not None and self.names.scopes[facts.node].parent is not self.names.module
        return ClassSummary(self.name(facts.name), (*local, *facts.outer), methods, attributes, is_inner)

    def function(self, facts: FunctionFacts) -> FunctionSummary:
        """A function with the types that it states and gives."""
        a, scope = facts.node.args, facts.scope.parent or facts.scope
        stated = [(p.arg, p.annotation) for p in facts.parameters()]
        stated += [(f"*{a.vararg.arg}", a.vararg.annotation)] if a.vararg else []
        stated += [(p.arg, p.annotation) for p in a.kwonlyargs]
        stated += [(f"**{a.kwarg.arg}", a.kwarg.annotation)] if a.kwarg else []
        typed = tuple((name, self.qualified(self.inference.annotation(node, scope))) for name, node in stated)
        returns, views = self.qualified(facts.returns), self.views.of(facts) if facts.owner is None else ()
        return FunctionSummary(typed, returns, facts.is_static, facts.is_property, facts.is_class_method, views)

    def qualified(self, fact: Type | None) -> Type | None:
        """A type with the classes of this module by their qualified names."""
        if fact is None:
            return None
        return replace(fact, name=self.name(fact.name), items=tuple(map(self.qualified, fact.items)), values=())

    def name(self, name: str) -> str:
        """The qualified name of a class that this module may call by its bare one."""
        return f"{self.place.module}.{name}" if name in self.index.classes and self.place.module else name

    def aliases(self) -> Iterator[tuple[str, str]]:
        """``Block = other.Block``: the name leads there as if it were imported."""
        for statement in self.tree.body:
            if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Name | ast.Attribute):
                target = self.names.qualified(statement.value, self.names.module)
                for name in statement.targets if target and self.is_outer(target) else ():
                    if isinstance(name, ast.Name) and target and name.id not in self.names.module.imports:
                        yield name.id, ":".join(target.rsplit(".", 1))

    def taken(self) -> Iterator[str]:
        """The names that are imported from other modules anywhere, or read as attributes of them."""
        roots: dict[str, str] = {}
        for entry in self.names.imports:
            if self.is_outer(entry.target) and entry.name != "*":
                roots[entry.name] = entry.target
                yield f"{entry.module}:{entry.alias.name if entry.is_from else ''}"
        stars = [e.module for e in self.names.imports if e.name == "*" and self.is_outer(e.module)]
        for name in unbound(self.tree, self.names) if stars else ():
            yield from (f"{star}:{name}" for star in stars)
        for name in _chains(self.text, roots):
            root, *parts = name.split(".")
            owner = roots[root]
            for part in parts:
                yield f"{owner}:{part}"
                owner = f"{owner}.{part}"

    def is_outer(self, name: str) -> bool:
        """Whether a name may be another module's of the tree."""
        top, own = name.partition(".")[0], self.place.module.partition(".")[0]
        return top == own or (top not in sys.stdlib_module_names and not self.inference.is_source(name))


def _written(entry: Import) -> str:
    return f"{entry.module}:{entry.alias.name}" if entry.is_from else entry.target


def _chains(text: str, roots: Iterable[str]) -> set[str]:
    """Every ``root.name.name`` of a text; one in a comment only makes a name stay that nobody takes."""
    names = "|".join(map(re.escape, roots))
    return set(re.findall(rf"(?<![\w.])(?:{names})(?:\.\w+)+", text)) if names else set()
