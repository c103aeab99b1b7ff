"""What other files need to know of one module: what it defines, what it passes on, and what it takes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from translator.core import Type

RESULT = "result of"  # Type(RESULT, (Type("package.f"),)): what calling a name gives that only the world can tell


@dataclass(frozen=True, slots=True)
class FunctionSummary:
    """A function or method.

    Args:
        parameters: (name, stated type) in order, without ``self`` or ``cls``; variadic names begin with ``*``.
        returns: what a call gives; a class of the tree by its qualified name.
        views: the parameters for which a view of what the caller has will do, and whether the function gives it back.
    """

    parameters: tuple[tuple[str, Type | None], ...] = ()
    returns: Type | None = None
    is_static: bool = False
    is_property: bool = False
    is_class_method: bool = False
    views: tuple[tuple[str, bool], ...] = ()


@dataclass(frozen=True, slots=True)
class ClassSummary:
    """A class: qualified names of its bases in order, its own methods and attributes.

    ``is_inner``: it is defined in a function or in another class, so that no other module can name it.
    """

    name: str
    bases: tuple[str, ...] = ()
    methods: dict[str, FunctionSummary] = field(default_factory=dict)
    attributes: dict[str, Type | None] = field(default_factory=dict)
    is_inner: bool = False


@dataclass(frozen=True, slots=True)
class ModuleSummary:
    """One module of the tree that is translated.

    Args:
        name: its dotted name; empty for a file that belongs to no tree.
        exports: the names in ``__all__``; None when it has none.
        functions: the functions of the module's top level, by name; ``classes`` likewise.
        values: the types of the module's other names.
        imports: every name that an import binds at the top level: ``module:name`` or, for ``import``, ``module``.
        stars: modules of ``from module import *``, in order.
        takes: the names that this module takes from others anywhere in it, as ``module:name``.
        digest: changes when something changes that others can see.
    """

    name: str
    path: str = ""
    is_package: bool = False
    exports: tuple[str, ...] | None = None
    classes: dict[str, ClassSummary] = field(default_factory=dict)
    functions: dict[str, FunctionSummary] = field(default_factory=dict)
    values: dict[str, Type | None] = field(default_factory=dict)
    imports: dict[str, str] = field(default_factory=dict)
    stars: tuple[str, ...] = ()
    takes: frozenset[str] = frozenset()
    digest: str = ""

    def binds(self, name: str) -> bool:
        """Whether a statement of the module binds a name, other than by a star import."""
        return name in self.imports or name in self.values or self.defines(name)

    def defines(self, name: str) -> bool:
        """Whether it is a class or a function of the module's top level."""
        return name in self.functions or (name in self.classes and not self.classes[name].is_inner)


def digest_of(summary: ModuleSummary) -> str:
    """The digest of what others can see: all but the path, and but what the module takes from them."""
    seen = (
        summary.name,
        summary.is_package,
        summary.exports,
        sorted(summary.classes.items()),
        sorted(summary.functions.items()),
        sorted(summary.values.items()),
        sorted(summary.imports.items()),
        summary.stars,
    )
    return hashlib.sha256(repr(seen).encode()).hexdigest()
