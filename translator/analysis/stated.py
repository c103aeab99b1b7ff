"""What an annotation states: the forms of ``typing``, the file's aliases, and the result texts of rules."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import cache
from typing import Protocol

from translator.analysis.types import NONE, STR, assumed, constant, held, join_all
from translator.core import Type

ASSUMED = "assumed "  # before the type in a rule that is only likely
_CONTAINERS = {
    "list": "list",
    "List": "list",
    "Sequence": "list",
    "MutableSequence": "list",
    "Collection": "iterator",
    "Iterable": "iterator",
    "Iterator": "iterator",
    "Generator": "iterator",
    "AsyncIterator": "iterator",
    "AsyncGenerator": "iterator",
    "tuple": "tuple",
    "Tuple": "tuple",
    "dict": "dict",
    "Dict": "dict",
    "OrderedDict": "dict",
    "defaultdict": "dict",
    "DefaultDict": "dict",
    "Mapping": "dict",
    "MutableMapping": "dict",
    "set": "set",
    "Set": "set",
    "frozenset": "frozenset",
    "FrozenSet": "frozenset",
    "deque": "list",
    "Deque": "list",
}
_TRANSPARENT = frozenset({"Optional", "Final", "ClassVar", "Annotated", "Required", "NotRequired", "ReadOnly"})
_CONTEXTS = frozenset({"ContextManager", "AbstractContextManager", "AsyncContextManager"})
_TEXTS = frozenset({"LiteralString", "AnyStr", "Text"})
_HOMES = ("typing.", "collections.", "typing_extensions.", "contextlib.")


class Reader(Protocol):
    """Where an annotation stands: what its names mean there."""

    def name(self, node: ast.expr) -> str | None:
        """A dotted expression's qualified name, or the bare name of a class of the file."""

    def alias(self, node: ast.expr) -> Type | None:
        """The type that a name stands for which the file itself gave it."""


def from_annotation(node: ast.expr | None, reader: Reader) -> Type | None:
    """The type that an annotation states; Optional and ``| None`` give the type itself, other unions nothing."""
    stated = alternatives(node, reader)
    return join_all(stated) if stated else None


def union(node: ast.expr | None, reader: Reader) -> Type | None:
    """The same, but ``Union[A, B]`` as such: checks in the code tell later which of them it is."""
    stated = alternatives(node, reader)
    joined = join_all(stated) if stated else None
    if joined is not None or len(stated) < 2 or None in stated:
        return joined
    return Type("union", tuple(stated))


def alternatives(node: ast.expr | None, reader: Reader) -> list[Type | None]:
    """The types of a union, None itself left out unless it stands alone."""
    found = list(_alternatives(node, reader)) if node is not None else []
    return [fact for fact in found if fact != NONE] or found


def _alternatives(node: ast.expr, reader: Reader) -> Iterable[Type | None]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return [*_alternatives(node.left, reader), *_alternatives(node.right, reader)]
    if isinstance(node, ast.Subscript):
        name = _last(reader.name(node.value))
        inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if name == "Union":
            return [fact for part in inner for fact in _alternatives(part, reader)]
        if name in _TRANSPARENT:
            return _alternatives(inner[0], reader)
        return [_generic(name, inner, reader)]
    fact = _plain(node, reader)
    return fact.items if fact is not None and fact.name == "union" else [fact]


def _plain(node: ast.expr, reader: Reader) -> Type | None:
    if isinstance(node, ast.Constant):
        return _constant(node, reader)
    alias = reader.alias(node)
    if alias is not None:
        return alias
    name = reader.name(node)
    last = _last(name)
    if last in _CONTAINERS and (not name or "." not in name or name.startswith(_HOMES)):
        return Type(_CONTAINERS[last])
    if name is None or last in ("Any", "object") or name.startswith("."):
        return None
    if last in _TEXTS:
        return STR
    return Type("callable") if last == "Callable" else Type(name)


def _constant(node: ast.Constant, reader: Reader) -> Type | None:
    if node.value is None:
        return NONE
    if isinstance(node.value, str):
        try:
            return union(ast.parse(node.value.strip(), mode="eval").body, reader)
        except SyntaxError:
            return None
    return None


def _generic(name: str, inner: list[ast.expr], reader: Reader) -> Type | None:
    """``Name[...]``: containers, callables, classes, literals."""
    if name == "Literal":
        values = [constant(part.value) for part in inner if isinstance(part, ast.Constant)]
        return join_all(values) if len(values) == len(inner) else None
    if name == "Callable":
        return held("callable", from_annotation(inner[-1], reader))
    if name in ("Type", "type"):
        return held("type", from_annotation(inner[0], reader))
    if name in ("Awaitable", "Coroutine"):
        return from_annotation(inner[-1], reader)
    if name in _CONTEXTS:
        return held("context", from_annotation(inner[0], reader))
    kind = _CONTAINERS.get(name)
    if kind is None:
        return None
    if kind == "dict":
        return Type(kind, tuple(from_annotation(part, reader) for part in reversed(inner[:2])))
    fixed = kind == "tuple" and not (isinstance(inner[-1], ast.Constant) and inner[-1].value is ...)
    return Type(kind, tuple(from_annotation(part, reader) for part in (inner if fixed else inner[:1])))


def _last(name: str | None) -> str:
    return (name or "").rpartition(".")[2]


class _Text:
    """Result texts name every type in full."""

    def name(self, node: ast.expr) -> str | None:
        return ast.unparse(node)

    def alias(self, node: ast.expr) -> Type | None:
        return None


@cache
def from_text(text: str) -> Type | None:
    """The type that a rule's ``returns`` names: ``package.Tensor``, ``tuple[package.Tensor, int]``, ``list[...]``."""
    if text.startswith(ASSUMED):
        return assumed(from_text(text.removeprefix(ASSUMED)))
    return from_annotation(ast.parse(text, mode="eval").body, _Text())
