"""Folding literals, so that what a template gives reads as a person would write it."""

from __future__ import annotations

import ast
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any


def fold(text: str) -> str:
    """``not True`` and ``bool(None)`` are ``False``, ``1 - 0.1`` is ``0.9``, ``(a, b)[0]`` is ``a``.

    Returns:
        The folded text; the same one where something in it is no literal. Numbers are decimal, without rounding.
    """
    try:
        body = ast.parse(text, mode="eval").body
        if isinstance(body, ast.Constant):
            return text
        if isinstance(body, ast.Subscript) and isinstance(body.value, ast.Tuple | ast.List):
            place = ast.literal_eval(body.slice)
            return ast.unparse(body.value.elts[place]) if 0 <= place < len(body.value.elts) else text
        if isinstance(body, ast.Call) and ast.unparse(body.func) == "bool" and len(body.args) == 1:
            return repr(bool(_value(body.args[0])))
        if isinstance(body, ast.IfExp):
            return fold(ast.unparse(body.body if _value(body.test) else body.orelse))
        result = _value(body)
    except (ValueError, SyntaxError, TypeError, InvalidOperation):
        return text
    return str(result) if isinstance(result, Decimal) else repr(result)


def _value(node: ast.expr) -> object:
    method = _METHODS.get(type(node))
    if method is None:
        raise ValueError("not a literal")
    return method(node)


def _constant(node: ast.Constant) -> object:
    is_number = isinstance(node.value, int | float) and not isinstance(node.value, bool)
    return Decimal(repr(node.value)) if is_number else node.value


def _unary(node: ast.UnaryOp) -> object:
    operand = _value(node.operand)
    if isinstance(node.op, ast.Not):
        return not operand
    if isinstance(node.op, ast.USub) and isinstance(operand, Decimal):
        return -operand
    raise ValueError("not a literal")


def _bool(node: ast.BoolOp) -> object:
    parts = [_value(part) for part in node.values]
    stops = isinstance(node.op, ast.Or)
    return next((part for part in parts if bool(part) is stops), parts[-1])


def _binary(node: ast.BinOp) -> object:
    left, right = _value(node.left), _value(node.right)
    if not isinstance(left, Decimal) or not isinstance(right, Decimal) or type(node.op) not in _SIGNS:
        raise ValueError("not a literal")
    return left + _SIGNS[type(node.op)] * right


_SIGNS: dict[type[ast.operator], int] = {ast.Add: 1, ast.Sub: -1}
_METHODS: dict[type[ast.expr], Callable[[Any], object]] = {
    ast.Constant: _constant,
    ast.UnaryOp: _unary,
    ast.BoolOp: _bool,
    ast.BinOp: _binary,
    ast.IfExp: lambda node: _value(node.body if _value(node.test) else node.orelse),
}
