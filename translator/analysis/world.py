"""The modules of the tree that is translated, and what a name means that leads through them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from translator.analysis.summary import RESULT, ClassSummary, FunctionSummary, ModuleSummary
from translator.core import Type


class World:
    """Every first-party module by its dotted name. Picklable; what it found out is kept, but not pickled."""

    def __init__(self, modules: Mapping[str, ModuleSummary] = {}) -> None:
        self.modules = dict(modules)
        self._members: dict[tuple[str, str], str] = {}
        self._splits: dict[str, tuple[str, str]] = {}
        self._settled: dict[Type, Type | None] = {}
        self._taken: dict[str, frozenset[str]] | None = None
        self._used: dict[str, frozenset[str]] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        return World, (self.modules,)

    # --- names -------------------------------------------------------------------------------------------------

    def split(self, name: str) -> tuple[str, str]:
        """The module that a qualified name begins with, as long as possible, and the rest; no module: empty."""
        if not self.modules:
            return "", name
        found = self._splits.get(name)
        if found is None:
            module = name
            while module and module not in self.modules:
                module = module.rpartition(".")[0]
            found = self._splits[name] = (module, name[len(module) + 1 :] if module else name)
        return found

    def resolve(self, name: str) -> str:
        """The name under which something is defined: ``package.Net`` re-exported leads to ``package.net.Net``.

        A name that leads out of the tree becomes the outer one: ``package.compat.np`` becomes ``numpy``.
        """
        found, rest = self.split(name)
        if not found:
            return name
        for part in rest.split(".") if rest else ():
            found = self.member(found, part)
        return found

    def member(self, module: str, name: str) -> str:
        """What ``name`` of a module is: what the module binds goes before a submodule of that name."""
        if module not in self.modules:
            return f"{module}{name}" if module.endswith(".") else f"{module}.{name}"
        at = (module, name)
        found = self._members.get(at)
        if found is None:
            self._members[at] = f"{module}.{name}"  # what a cycle of imports comes back to
            found = self._members[at] = self._member(module, name)
        return found

    def _member(self, module: str, name: str) -> str:
        first, dot, more = name.partition(".")
        if dot:
            return self.resolve(f"{self.member(module, first)}.{more}")
        summary = self.modules[module]
        target = summary.imports.get(name)
        if target is not None and target != f"{module}:{name}":
            owner, colon, inner = target.partition(":")
            return self.member(owner, inner) if colon else owner
        for star in () if summary.binds(name) else reversed(summary.stars):
            if name in self.public(star):
                return self.member(star, name)
        return f"{module}.{name}"

    def public(self, module: str) -> frozenset[str]:
        """The names that ``from module import *`` brings."""
        return frozenset(self._public(module, set()))

    def _public(self, module: str, seen: set[str]) -> Iterator[str]:
        summary = self.modules.get(module)
        if summary is None or module in seen:
            return
        if summary.exports is not None:
            yield from summary.exports
            return
        seen.add(module)
        names = (*summary.classes, *summary.functions, *summary.values, *summary.imports)
        yield from (name for name in names if not name.startswith("_") and summary.binds(name))
        for star in summary.stars:
            yield from self._public(star, seen)

    def has(self, name: str) -> bool:
        """Whether a resolved name is a module of the tree, or something that one of them defines.

        A package's name that it does not define may be a module of its that is not in the tree, and so may be one that
        a star import of an outer module could bring.
        """
        module, rest = self.split(name)
        if not module or not rest:
            return bool(module)
        summary, first = self.modules[module], rest.partition(".")[0]
        if first.startswith("__"):  # of every module: `__dict__`, `__name__`
            return True
        is_closed = not summary.is_package and all(star in self.modules for star in summary.stars)
        return is_closed or (summary.binds(first) and summary.imports.get(first) != f"{module}:{first}")

    def taken(self, module: str) -> frozenset[str]:
        """The names of a module that others of the tree take from it."""
        if self._taken is None:
            found: dict[str, set[str]] = {}
            for summary in self.modules.values():
                for owner, name in (taken.split(":") for taken in summary.takes):
                    if owner != summary.name:
                        self._take(owner, name, found)
            self._taken = {owner: frozenset(names) for owner, names in found.items()}
        return self._taken.get(module, frozenset())

    def _take(self, module: str, name: str, found: dict[str, set[str]]) -> None:
        """A module that does not bind the name itself has it from one that it star-imports."""
        names = found.setdefault(module, set())
        summary = self.modules.get(module)
        if summary is None or name in names:
            return
        names.add(name)
        for star in summary.stars if not summary.binds(name) else ():
            self._take(star, name, found)

    # --- facts -------------------------------------------------------------------------------------------------

    def class_of(self, name: str) -> ClassSummary | None:
        """The class of a resolved name."""
        module, rest = self.split(name)
        return self.modules[module].classes.get(rest) if module else None

    def function_of(self, name: str) -> FunctionSummary | None:
        """The function of a resolved name."""
        module, rest = self.split(name)
        return self.modules[module].functions.get(rest) if module else None

    def value_of(self, name: str) -> Type | None:
        """The type of a module's value by its resolved name."""
        module, rest = self.split(name)
        return self.settle(self.modules[module].values.get(rest)) if module else None

    def settle(self, fact: Type | None) -> Type | None:
        """A type of a summary with every name resolved, and the results of calls looked up."""
        if fact is None:
            return None
        if fact not in self._settled:
            self._settled[fact] = None  # what functions come back to that call each other
            self._settled[fact] = self._settle(fact)
        return self._settled[fact]

    def _settle(self, fact: Type) -> Type | None:
        if fact.name != RESULT:
            items = tuple(self.settle(item) for item in fact.items)
            return replace(fact, name=self.resolve(fact.name) if "." in fact.name else fact.name, items=items)
        called = self.resolve(fact.items[0].name) if fact.items and fact.items[0] else ""
        function = self.function_of(called)
        if function is not None:
            return self.settle(function.returns)
        return Type(called) if self.class_of(called) is not None else None

    # --- what a translation depends on -------------------------------------------------------------------------

    def uses(self, module: str) -> frozenset[str]:
        """The modules whose summaries the translation of a module may have used: what its imports lead to."""
        found: set[str] = set()
        pending = [module]
        while pending:
            new = self._direct(pending.pop()) - found
            found |= new
            pending += new
        return frozenset(found - {module})

    def _direct(self, module: str) -> frozenset[str]:
        """The modules that a module's own imports name."""
        if module not in self._used:
            summary = self.modules.get(module)
            targets = {*summary.takes, *summary.imports.values(), *summary.stars} if summary else ()
            parts = (target.partition(":") for target in targets)
            names = {name for owner, _, inner in parts for name in (self.split(owner)[0], f"{owner}.{inner}")}
            self._used[module] = frozenset(names & self.modules.keys())
        return self._used[module]

    def fingerprint(self, module: str) -> str:
        """Changes when something changes that the translation of a module may depend on, but for its own text."""
        seen = [self.modules[name].digest for name in sorted(self.uses(module))]
        return hashlib.sha256(repr((seen, sorted(self.taken(module)))).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file stands in the tree that is translated.

    Args:
        module: its dotted name; empty when it is translated alone.
        is_package: it is a package's ``__init__``.
        world: the modules of the tree; empty when it is translated alone.
    """

    module: str = ""
    is_package: bool = False
    world: World = World()  # noqa: RUF009 - nothing is ever added to it

    def absolute(self, level: int, module: str) -> str:
        """The module that ``from ..module import`` names here; with its dots when that cannot be told."""
        parts = self.module.split(".") if self.module else []
        up = level - self.is_package
        package = parts[: len(parts) - up]
        if not level or up > len(parts) or not parts or not (package or module):
            return "." * level + module
        return ".".join([*package, module] if module else package)
