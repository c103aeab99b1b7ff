"""Pairing: which libcst node is which node of ``ast``. Both list their nodes in source order."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from unicodedata import normalize

import libcst as cst

from translator.analysis.walk import children

KINDS: dict[type[ast.AST], type[cst.CSTNode]] = {
    ast.Call: cst.Call,
    ast.Attribute: cst.Attribute,
    ast.Name: cst.Name,
    ast.Subscript: cst.Subscript,
    ast.Compare: cst.Comparison,
    ast.BinOp: cst.BinaryOperation,
    ast.UnaryOp: cst.UnaryOperation,
}
CONSTANTS = ("None", "True", "False")  # names in libcst, constants in ast


class PairingError(Exception):
    """The two trees of one expression disagree: a bug here, or source in an unknown grammar."""


def in_order(node: ast.AST) -> Iterator[ast.expr]:
    """The nodes of an expression that have a partner in libcst, parents first, as the source has them."""
    stack = [node]
    while stack:
        node = stack.pop()
        if type(node) in KINDS:
            assert isinstance(node, ast.expr)
            yield node
        stack += reversed(_children(node))


def _children(node: ast.AST) -> list[ast.AST]:
    if isinstance(node, ast.IfExp):
        return [node.body, node.test, node.orelse]
    if isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        return [part for pair in pairs for part in pair if part is not None]
    if isinstance(node, ast.Call):
        arguments: list[ast.expr | ast.keyword] = [*node.args, *node.keywords]
        if node.keywords and any(isinstance(a, ast.Starred) for a in node.args):
            arguments.sort(key=lambda a: (_start(a).lineno, _start(a).col_offset))
        return [node.func, *arguments]
    if isinstance(node, ast.arguments):
        return _defaults(node)
    return children(node)


def _start(argument: ast.expr | ast.keyword) -> ast.expr:
    return argument.value if isinstance(argument, ast.keyword) else argument


def _defaults(node: ast.arguments) -> list[ast.AST]:
    return [default for default in (*node.defaults, *node.kw_defaults) if default is not None]


class Pairs:
    """Walks an expression's ``ast`` nodes alongside a libcst visit of the same expression."""

    def __init__(self, expression: ast.expr) -> None:
        self._nodes = in_order(expression)
        self._skipped: set[cst.CSTNode] = set()

    def partner(self, node: cst.CSTNode) -> ast.expr | None:
        """The ``ast`` node of a libcst node that is being visited; None for nodes that have none.

        Raises:
            PairingError: the kinds or the names differ.
        """
        if type(node) is cst.Attribute:  # `isinstance` asks libcst's abstract bases, for every node
            self._skipped.add(node.attr)
        elif type(node) is cst.Arg and node.keyword is not None:
            self._skipped.add(node.keyword)
        elif type(node) is cst.Param:
            self._skipped.add(node.name)
        if type(node) not in _PARTNERS or node in self._skipped:
            return None
        if type(node) is cst.Name and node.value in CONSTANTS:
            return None
        found = next(self._nodes, None)
        if found is None or KINDS[type(found)] is not type(node):
            raise PairingError(f"{type(node).__name__} beside {type(found).__name__}")
        if type(node) is cst.Name and isinstance(found, ast.Name) and normalize("NFKC", node.value) != found.id:
            raise PairingError(f"`{node.value}` beside `{found.id}`")
        return found

    def finish(self) -> None:
        """All nodes found their partner.

        Raises:
            PairingError: one is left over.
        """
        if next(self._nodes, None) is not None:
            raise PairingError("nodes left over")


_PARTNERS = frozenset(KINDS.values())
