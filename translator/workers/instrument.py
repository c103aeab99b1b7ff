"""Wrap the expressions of source files, as they are imported, in calls that see each value and give it back."""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import Any
from unittest import mock

LOOK = "__translate_look__"  # what the wrapped code calls; among the builtins, so that every scope sees it
WRAPPED = (ast.Name, ast.Attribute, ast.Call, ast.Subscript, ast.BinOp, ast.BoolOp, ast.Compare, ast.IfExp)
UNTOUCHED = tuple(  # positions inside f-strings are wrong before Python 3.12
    getattr(ast, name) for name in ("Delete", "JoinedStr", "TemplateStr", "TypeAlias") if hasattr(ast, name)
)
DEPTH = 20_000  # wrapping nests the tree twice as deep

Range = tuple[int, int, int, int]  # line, column, end line, end column, as `ast` counts them: columns in UTF-8 bytes
Look = Callable[[int, Any], Any]


class Wrapper(ast.NodeTransformer):
    """Wraps loads and results; never a target itself, a decorator, an annotation, a base, a pattern, or `super()`."""

    def __init__(self, number: Callable[[Range], int]) -> None:
        self._number = number

    def visit(self, node: ast.AST) -> Any:
        """The node with what is inside it wrapped, and itself when it is an expression that gives a value."""
        if isinstance(node, UNTOUCHED):
            return node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            return self._function(node)
        self._inside(node, _skipped(node))
        return self._wrapped(node) if isinstance(node, WRAPPED) and _is_value(node) else node

    def _inside(self, node: ast.AST, skipped: tuple[str, ...]) -> None:
        for name, value in ast.iter_fields(node):
            if name in skipped:
                continue
            if isinstance(value, list):
                setattr(node, name, [self.visit(item) if isinstance(item, ast.AST) else item for item in value])
            elif isinstance(value, ast.AST):
                setattr(node, name, self.visit(value))

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.AST:
        """Its defaults and body; the body begins with a look at each argument."""
        self._inside(node, ("decorator_list", "returns", "type_params"))
        a = node.args
        arguments = [*a.posonlyargs, *a.args, *a.kwonlyargs]
        looks = [
            ast.copy_location(ast.Expr(self._wrapped(ast.copy_location(ast.Name(one.arg, ast.Load()), one))), one)
            for one in arguments
        ]
        first = node.body[0]
        has_text = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
        node.body[int(has_text) : int(has_text)] = looks
        return node

    def _wrapped(self, node: ast.expr) -> ast.Call:
        place = (node.lineno, node.col_offset, node.end_lineno or node.lineno, node.end_col_offset or node.col_offset)
        look = ast.copy_location(ast.Name(LOOK, ast.Load()), node)
        number = ast.copy_location(ast.Constant(self._number(place)), node)
        return ast.copy_location(ast.Call(look, [number, node], []), node)


def _is_value(node: ast.expr) -> bool:
    if not isinstance(getattr(node, "ctx", None), ast.Load | None):
        return False
    name = node.func if isinstance(node, ast.Call) else node
    return not (isinstance(name, ast.Name) and name.id in ("super", "__class__"))


def _skipped(node: ast.AST) -> tuple[str, ...]:
    """The fields of a node that stay as they are."""
    if isinstance(node, ast.ClassDef):
        return ("decorator_list", "bases", "keywords", "type_params")
    if isinstance(node, ast.match_case):
        return ("pattern",)
    return ("annotation",) if isinstance(node, ast.AnnAssign | ast.arg) else ()


def instrumented(data: bytes, path: str, number: Callable[[Range], int]) -> CodeType:
    """The code of a module whose expressions are wrapped; names, lines and results are those of the source."""
    tree = Wrapper(number).visit(ast.parse(data, path))
    code: CodeType = compile(tree, path, "exec", dont_inherit=True)
    return code


@contextmanager
def importing(
    is_watched: Callable[[Path], bool], number: Callable[[Path, bytes, Range], int], look: Look
) -> Iterator[None]:
    """Inside the block each watched file that is imported calls ``look(number, value)`` for each of its values.

    Args:
        is_watched: whether a file, by its real path, is one of those to wrap.
        number: a number for an expression: of which file, with which content, where.
    """
    plain = SourceFileLoader.get_code

    def get_code(loader: SourceFileLoader, name: str) -> CodeType | None:
        path = Path(loader.get_filename(name)).resolve()
        if not is_watched(path):
            return plain(loader, name)
        data = loader.get_data(str(path))
        return instrumented(data, loader.get_filename(name), lambda place: number(path, data, place))

    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, DEPTH))
    setattr(builtins, LOOK, look)
    try:
        with mock.patch.object(SourceFileLoader, "get_code", get_code):
            yield
    finally:
        sys.setrecursionlimit(limit)
        setattr(builtins, LOOK, lambda _, value: value)
