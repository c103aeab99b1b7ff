"""The algebra of type facts: reading annotations, joining branches, elements of containers."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from functools import cache

from translator.core import Type

NONE = Type("None")
INT, FLOAT, STR, BOOL = Type("int"), Type("float"), Type("str"), Type("bool")
NUMBERS = frozenset({"int", "float", "bool", "complex"})
SEQUENCES = frozenset({"list", "tuple", "set", "frozenset", "iterator", "dict"})
_CONTAINERS = {
    "list": "list",
    "List": "list",
    "Sequence": "list",
    "Iterable": "iterator",
    "Iterator": "iterator",
    "tuple": "tuple",
    "Tuple": "tuple",
    "dict": "dict",
    "Dict": "dict",
    "OrderedDict": "dict",
    "Mapping": "dict",
    "set": "set",
    "Set": "set",
}
_TRANSPARENT = frozenset({"Optional", "Final", "ClassVar", "Annotated"})


def assumed(fact: Type | None) -> Type | None:
    """The same fact, marked weak."""
    return replace(fact, assumed=True) if fact and not fact.assumed else fact


def join(a: Type | None, b: Type | None) -> Type | None:
    """What holds on both of two branches; None (a guard decides later) gives way, a contradiction is unknown."""
    if a is None or b is None:
        return None
    if a == b:
        return a
    if a.name == "None":
        return b
    if b.name == "None":
        return a
    if a.name != b.name:
        return FLOAT if {a.name, b.name} == {"int", "float"} else None
    items: tuple[Type | None, ...] = ()
    if len(a.items) == len(b.items):
        items = tuple(join(x, y) for x, y in zip(a.items, b.items, strict=True))
    return Type(a.name, items, a.assumed or b.assumed)


def join_all(facts: list[Type | None]) -> Type | None:
    """The join of all; unknown when there are none."""
    if not facts:
        return None
    first, *rest = facts
    for fact in rest:
        first = join(first, fact)
    return first


def element(container: Type | None) -> Type | None:
    """What iterating gives: elements of a sequence, keys of a dict."""
    if container is None:
        return None
    if container.name == "range":
        return INT
    if container.name == "str":
        return STR
    if container.name == "dict":
        return None
    if container.name in SEQUENCES:
        fact = join_all(list(container.items))
        return assumed(fact) if container.assumed else fact
    return None


def from_annotation(node: ast.expr | None, resolve: Callable[[ast.expr], str | None]) -> Type | None:
    """The type that an annotation states; Optional and ``| None`` give the type itself.

    Args:
        node: the annotation; strings are parsed.
        resolve: a dotted expression to its qualified name, or to the bare name of a local class.
    """
    if node is None:
        return None
    if isinstance(node, ast.Constant):
        if node.value is None:
            return NONE
        if isinstance(node.value, str):
            try:
                return from_annotation(ast.parse(node.value, mode="eval").body, resolve)
            except SyntaxError:
                return None
        return None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return join(from_annotation(node.left, resolve), from_annotation(node.right, resolve))
    if isinstance(node, ast.Subscript):
        return _generic(node, resolve)
    name = resolve(node)
    last = name.rpartition(".")[2] if name else ""
    if last in _CONTAINERS and (not name or "." not in name or name.startswith(("typing.", "collections."))):
        return Type(_CONTAINERS[last])
    return Type(name) if name and last not in ("Any", "object") else None


def _generic(node: ast.Subscript, resolve: Callable[[ast.expr], str | None]) -> Type | None:
    name = (resolve(node.value) or "").rpartition(".")[2]
    inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    if name in _TRANSPARENT:
        return from_annotation(inner[0], resolve)
    if name == "Union":
        return join_all([from_annotation(part, resolve) for part in inner])
    kind = _CONTAINERS.get(name)
    if kind is None:
        return None
    if kind == "dict":
        return Type(kind, (from_annotation(inner[-1], resolve),))
    fixed = kind == "tuple" and not (isinstance(inner[-1], ast.Constant) and inner[-1].value is ...)
    return Type(kind, tuple(from_annotation(part, resolve) for part in (inner if fixed else inner[:1])))


@cache
def from_text(text: str) -> Type | None:
    """The type that a rule's ``returns`` names: ``package.Tensor``, ``tuple[package.Tensor, int]``, ``list[...]``."""
    node = ast.parse(text, mode="eval").body

    def resolve(part: ast.expr) -> str | None:
        return ast.unparse(part)

    return from_annotation(node, resolve)
