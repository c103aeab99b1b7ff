"""A rule's ``to``: parsed once, its holes filled with libcst nodes, never with text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from keyword import iskeyword

import libcst as cst

_HOLE = re.compile(r"\{(\w+)\}")
_MARK = "hole_of_a_rule_"
_ATOMS = (
    cst.Name,
    cst.Attribute,
    cst.Call,
    cst.Subscript,
    cst.Integer,
    cst.Float,
    cst.SimpleString,
    cst.FormattedString,
    cst.List,
    cst.Dict,
    cst.Set,
    cst.ListComp,
    cst.SetComp,
    cst.DictComp,
    cst.Imaginary,
    cst.Ellipsis,
)


@dataclass(frozen=True, slots=True)
class Template:
    """An expression of the target with holes."""

    expression: cst.BaseExpression
    holes: Counter[str]

    def fill(self, nodes: Mapping[str, cst.BaseExpression], spell: Callable[[str], str]) -> cst.BaseExpression:
        """The expression with every hole replaced; dotted names of the target are spelled as the file imports them.

        Raises:
            KeyError: a hole has no node.
        """
        filled = self.expression.deep_clone().visit(_Filler(nodes, spell))
        assert isinstance(filled, cst.BaseExpression)
        return filled


class _Filler(cst.CSTTransformer):
    def __init__(self, nodes: Mapping[str, cst.BaseExpression], spell: Callable[[str], str]) -> None:
        super().__init__()
        self._nodes, self._spell = nodes, spell
        self._bare, self._keywords = set[cst.CSTNode](), set[cst.CSTNode]()

    def visit_Arg(self, node: cst.Arg) -> None:
        self._bare.add(node.value)
        if node.keyword is not None:
            self._keywords.add(node.keyword)

    def visit_Index(self, node: cst.Index) -> None:
        self._bare.add(node.value)

    def leave_SubscriptElement(
        self, original_node: cst.SubscriptElement, updated_node: cst.SubscriptElement
    ) -> cst.SubscriptElement:
        inner = updated_node.slice
        if isinstance(inner, cst.Index) and isinstance(inner.value, cst.BaseSlice):
            return updated_node.with_changes(slice=inner.value)
        return updated_node

    def visit_Element(self, node: cst.Element) -> None:
        self._bare.add(node.value)

    def visit_Attribute(self, node: cst.Attribute) -> bool:
        self._keywords.add(node.attr)
        return dotted(node) is None

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.BaseExpression:
        if not original_node.value.startswith(_MARK):
            is_keyword = original_node in self._keywords
            return updated_node if is_keyword else updated_node.with_changes(value=self._spell(original_node.value))
        node = self._nodes[original_node.value.removeprefix(_MARK)].deep_clone()
        return without_parentheses(node) if original_node in self._bare else parenthesized(node)

    def leave_Attribute(self, original_node: cst.Attribute, updated_node: cst.Attribute) -> cst.BaseExpression:
        name = dotted(original_node)
        return name_node(self._spell(name)) if name else updated_node


def parenthesized(node: cst.BaseExpression) -> cst.BaseExpression:
    """``node``, in parentheses if it is not an atom and has none."""
    if isinstance(node, _ATOMS) or node.lpar:
        return node
    return node.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])


def without_parentheses(node: cst.BaseExpression) -> cst.BaseExpression:
    """``(a + b)`` as ``a + b``, for a place between commas, where its parentheses say nothing."""
    if isinstance(node, cst.BinaryOperation | cst.Comparison | cst.UnaryOperation | cst.BooleanOperation):
        return node.with_changes(lpar=[], rpar=[])
    return node


def dotted(node: cst.CSTNode) -> str | None:
    """``a.b.c`` for a chain of names without holes, else None."""
    if isinstance(node, cst.Name):
        return None if node.value.startswith(_MARK) else node.value
    if isinstance(node, cst.Attribute):
        value = dotted(node.value)
        return f"{value}.{node.attr.value}" if value else None
    return None


def name_node(text: str) -> cst.Name | cst.Attribute:
    """The node of a dotted name."""
    first, *rest = text.split(".")
    node: cst.Name | cst.Attribute = cst.Name(first)
    for part in rest:
        node = cst.Attribute(value=node, attr=cst.Name(part))
    return node


def hole_of(node: cst.CSTNode) -> str | None:
    """The parameter whose argument a node of a template stands for; None for every other node."""
    is_hole = isinstance(node, cst.Name) and node.value.startswith(_MARK)
    return node.value.removeprefix(_MARK) if is_hole and isinstance(node, cst.Name) else None


def is_template(to: str) -> bool:
    """Whether ``to`` is an expression, not a dotted name or ``.method``."""
    return not all(part.isidentifier() and not iskeyword(part) for part in to.removeprefix(".").split("."))


@cache
def parse_template(text: str) -> Template:
    """Parse an expression with ``{holes}``.

    Raises:
        ValueError: not an expression.
    """
    try:
        expression = cst.parse_expression(_HOLE.sub(lambda match: _MARK + match[1], text))
    except cst.ParserSyntaxError as error:
        raise ValueError(f"`{text}` is not an expression") from error
    return Template(expression, Counter(_HOLE.findall(text)))
