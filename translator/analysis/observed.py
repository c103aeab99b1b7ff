"""What a run of the source model showed: types by the exact range of an expression, for where nothing else is known."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from translator.analysis.dtypes import kind_of
from translator.analysis.facts import Facts
from translator.analysis.stated import from_text
from translator.analysis.types import NONE, NUMBERS, SEQUENCES, assumed, join
from translator.analysis.walk import children, walk
from translator.core import Type
from translator.ruleset.model import RuleSet

Range = tuple[int, int, int, int]  # line, column, end line, end column, as `ast` counts them

_PLAIN = NUMBERS | SEQUENCES | {"str", "bytes", "None", "type", "range"}
_LISTED = frozenset({"list", "tuple", "iterator", "set", "frozenset"})


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What was seen in one file.

    Args:
        modules: the names under which it was imported: classes of its own are called ``module.Name``.
        types: every type that an expression gave.
        bases: the further classes of each class that was seen, nearest first.
    """

    modules: frozenset[str] = frozenset()
    types: Mapping[Range, tuple[Type, ...]] = field(default_factory=dict)
    bases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Observations:
    """What a run showed, by the SHA-256 of each file's content: what was seen of another text is no fact about this."""

    files: Mapping[str, FileFacts] = field(default_factory=dict)

    def of(self, text: str) -> FileFacts | None:
        """What was seen in a file of this text."""
        return self.files.get(hashlib.sha256(text.encode()).hexdigest())

    def only(self, data: bytes) -> Observations:
        """What was seen in a file of this content, and nothing else."""
        digest = hashlib.sha256(data).hexdigest()
        return Observations({digest: self.files[digest]} if digest in self.files else {})


def read_observations(record: Mapping[str, Any]) -> Observations:
    """The record of a worker; see ``workers.protocol.Observed``."""
    bases = {name: tuple(names) for name, names in record["bases"].items()}
    files: dict[str, FileFacts] = {}
    for one in record["files"]:
        known = files.get(one["digest"], FileFacts())
        types = dict(known.types)
        for facts in one["facts"]:
            place = tuple(facts["place"])
            types[place] = (*types.get(place, ()), *(_type(info) for info in facts["types"]))
        files[one["digest"]] = FileFacts(known.modules | set(one["modules"]), types, bases)
    return Observations(files)


def _type(info: Mapping[str, Any]) -> Type:
    dtype = info["dtype"] if kind_of(info["dtype"]) != "floating" else "floating"  # another run may use another width
    return Type(info["name"], tuple(item and _type(item) for item in info["items"]), dtype=dtype)


class Sightings:
    """What was seen of one file, in the names that its analysis goes by."""

    def __init__(self, tree: ast.AST, seen: FileFacts, facts: Facts) -> None:
        self._seen, self._facts = seen, facts
        self._joins: dict[Range, Type | None] = {}
        # positions inside f-strings are wrong before Python 3.12
        self._unplaced = {part for node in walk(tree) if isinstance(node, ast.JoinedStr) for part in walk(node)}
        self._types = set(_type_names(facts.rules))

    def __call__(self, node: ast.expr | ast.arg) -> Type | None:
        """The type that an expression had whenever it ran, marked assumed; None where it had several, or never ran."""
        place = (node.lineno, node.col_offset, node.end_lineno or 0, node.end_col_offset or 0)
        if place not in self._seen.types or node in self._unplaced:
            return None
        if place not in self._joins:
            self._joins[place] = self._joined(self._seen.types[place])
        return self._joins[place]

    def _joined(self, types: tuple[Type, ...]) -> Type | None:
        """The join of all; several kinds of layers are layers; None alone tells what is missing, not what it is."""
        named = [self._named(fact) for fact in types]
        if not named or None in named:
            return None
        joined = named[0]
        for fact in named[1:]:
            joined = join(joined, fact)
        if joined is None and all(self._facts.is_layer(fact) for fact in named):
            joined = Type(self._facts.pack.module)
        return assumed(joined) if joined != NONE else None

    def _named(self, fact: Type) -> Type | None:
        """The type under the name of the first of its classes that rules or this file know."""
        items = tuple(item and self._named(item) for item in fact.items)
        names = (fact.name, *self._seen.bases.get(fact.name, ()))
        name = next((known for name in names if (known := self._known_name(name))), None)
        if name is None and self._facts.is_source(fact.name):
            return None
        return Type(name or fact.name, items, dtype=fact.dtype)

    def _known_name(self, name: str) -> str | None:
        module, _, last = name.rpartition(".")
        if name in _PLAIN or (module in self._seen.modules and last in self._facts.index.classes):
            return last
        own = self._facts.index.bare(self._facts.place.world.resolve(name))
        if self._facts.index.find(own) is not None:
            return own
        canonical = self._facts.canonical(name)
        is_known = self._facts.is_source(name) and (
            canonical in (self._facts.pack.tensor, self._facts.pack.module, *self._types)
            or self._facts.is_layer(Type(canonical))
        )
        return canonical if is_known else None

    def contradictions(self, tree: ast.AST) -> list[tuple[ast.expr, Type, Type]]:
        """Expressions that were not what the source says, with both types: the innermost, once a function each."""
        return self._contradictions(tree, set())

    def _contradictions(self, node: ast.AST, said: set[str]) -> list[tuple[ast.expr, Type, Type]]:
        inner = set() if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else said
        below = [found for child in children(node) for found in self._contradictions(child, inner)]
        if below or not isinstance(node, ast.expr):
            return below
        stated, seen = self._facts.types.get(node), self(node)
        if stated is None or seen is None or self._agree(stated, seen) or (text := ast.unparse(node)) in said:
            return []
        said.add(text)
        return [(node, stated, seen)]

    def _agree(self, stated: Type, seen: Type) -> bool:
        """Whether a value of the one type may be one of the other."""
        if stated.name == seen.name or stated == NONE or {stated.name, seen.name} <= NUMBERS:
            return True
        kinds = {seen.name, *self._seen.bases.get(seen.name, ())}
        if (stated.name in _LISTED and kinds & _LISTED) or "type" in (stated.name, seen.name):
            return True
        if self._facts.is_layer(stated) and self._facts.is_layer(seen):
            return True
        ours, theirs = self._facts.index.find(stated.name), self._facts.index.find(seen.name)
        if ours is not None and theirs is not None:
            return ours in theirs.lineage() or theirs in ours.lineage()
        known = {self._facts.tensor.name, self._facts.pack.module, *_PLAIN, *self._facts.index.classes}
        return stated.name not in known  # what values a class from elsewhere has is not in view


def _type_names(rules: RuleSet) -> Iterator[str]:
    """The names of types that rules speak of."""
    pending = [
        from_text(text) for rule in rules.rules() for text in (rule.returns, *(a.returns for a in rule.actions)) if text
    ]
    while pending:
        fact = pending.pop()
        if fact is not None:
            yield fact.name
            pending += fact.items
