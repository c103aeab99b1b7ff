"""Annotations in quotes: read as if they were written plainly."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from translator.analysis.text import SourceText
from translator.analysis.walk import walk

_QUOTE = re.compile(r"'''|\"\"\"|'|\"")
_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")
_DOTTED = re.compile(r"(?<![\w.])[^\W\d]\w*(?:\.\w+)*")
_FORMS = re.compile(r"\b(?:cast|TypeVar|NewType|NamedTuple)\(|\b[A-Z]\w+\[[^\]]*['\"]")
_HOMES = frozenset({"typing", "typing_extensions", "t"})
_GENERICS = frozenset(
    {"Annotated", "Callable", "ClassVar", "Dict", "Final", "FrozenSet", "Generator", "Iterable", "Iterator"}
    | {"List", "Mapping", "Optional", "Sequence", "Set", "Tuple", "Type", "Union"}
)


def unquote(tree: ast.Module, source: SourceText) -> list[ast.Constant]:
    """Put the expression of ``x: "a.B"`` into the tree in the string's place, at its position in the file.

    Returns:
        The strings that cannot be read in their place: over several lines, or with escapes.
    """
    reader = _Unquoted(source)
    if _FORMS.search(source.text):
        for node in walk(tree):
            if isinstance(node, ast.Call):
                reader.call(node)
            elif isinstance(node, ast.Subscript) and _last(node.value) in _GENERICS:
                reader.plain(node)
    reader.annotations(tree)
    return reader.stuck


def is_alias(node: ast.AnnAssign) -> bool:
    """Whether the value is a type: ``X: TypeAlias = "a.B"``."""
    return _last(node.annotation) == "TypeAlias"


def type_arguments(node: ast.Call) -> list[ast.expr]:
    """The arguments of ``typing``'s functions that are types: ``cast(T, x)``, ``TypeVar("T", bound=...)``."""
    bounds = [k.value for k in node.keywords] if _last(node.func) == "TypeVar" else []
    return [*(arguments[i] for arguments, i in _typed(node)), *bounds]


def _typed(node: ast.Call) -> Iterator[tuple[list[ast.expr], int]]:
    """Where types stand among the arguments of a call: lists of expressions, and the places in them."""
    name = _last(node.func)
    if name == "cast":
        yield from ((node.args, i) for i in range(min(1, len(node.args))))
    elif name in ("TypeVar", "NewType"):
        yield from ((node.args, i) for i in range(1, len(node.args)))
    elif name == "NamedTuple":
        for fields in node.args[1:]:
            for field in getattr(fields, "elts", ()):
                if isinstance(field, ast.Tuple) and len(field.elts) == 2:
                    yield field.elts, 1


def _last(node: ast.expr) -> str:
    """``cast`` of ``cast`` and of ``typing.cast``; nothing for a method of a value."""
    if isinstance(node, ast.Attribute):
        return node.attr if isinstance(node.value, ast.Name) and node.value.id in _HOMES else ""
    return node.id if isinstance(node, ast.Name) else ""


class _Unquoted:
    """Reads the strings of one file's annotations; ``stuck`` are those that it cannot."""

    def __init__(self, source: SourceText) -> None:
        self.source = source
        self.stuck: list[ast.Constant] = []

    def annotations(self, tree: ast.Module) -> None:
        stack: list[ast.AST] = [tree]
        while stack:
            node = stack.pop()
            if isinstance(node, ast.AnnAssign | ast.arg) and node.annotation is not None:
                node.annotation = self.plain(node.annotation)
                if isinstance(node, ast.AnnAssign) and node.value is not None and is_alias(node):
                    node.value = self.plain(node.value)
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                a = node.args
                stack += (*a.posonlyargs, *a.args, *a.kwonlyargs, *filter(None, (a.vararg, a.kwarg)))
                node.returns = self.plain(node.returns) if node.returns else None
            for name in _BLOCKS:
                stack += getattr(node, name, ())

    def call(self, node: ast.Call) -> None:
        for arguments, i in _typed(node):
            arguments[i] = self.plain(arguments[i])
        for keyword in node.keywords if _last(node.func) == "TypeVar" else ():
            keyword.value = self.plain(keyword.value)

    def plain(self, node: ast.expr) -> ast.expr:
        """An annotation without quotes."""
        if isinstance(node, ast.Constant):
            return self.parsed(node) if isinstance(node.value, str) else node
        if isinstance(node, ast.Subscript):
            is_literal = getattr(node.value, "attr", getattr(node.value, "id", "")) == "Literal"
            node.slice = node.slice if is_literal else self.plain(node.slice)
        elif isinstance(node, ast.BinOp):
            node.left, node.right = self.plain(node.left), self.plain(node.right)
        elif isinstance(node, ast.Tuple | ast.List):
            node.elts = [self.plain(part) for part in node.elts]
        return node

    def parsed(self, node: ast.Constant) -> ast.expr:
        """The expression in a string of one line without escapes; any other string as it is."""
        value = str(node.value)
        try:
            inner = ast.parse(value.strip(), mode="eval").body
        except (SyntaxError, ValueError):
            return node
        start, end = self.source.range(node)
        text = self.source.text[start:end]
        quote = _QUOTE.match(text)
        if quote is None or node.lineno != node.end_lineno or text[quote.end() : -quote.end()] != value:
            self.stuck.append(node)
            return node
        shift = node.col_offset + quote.end() + len(value) - len(value.lstrip())
        for part in ast.walk(inner):
            if isinstance(part, ast.expr):
                part.lineno = part.end_lineno = node.lineno
                part.col_offset, part.end_col_offset = part.col_offset + shift, (part.end_col_offset or 0) + shift
        return self.plain(inner) if not isinstance(inner, ast.Constant) else node


def dotted_names(node: ast.Constant) -> list[str]:
    """The dotted names in a string."""
    return _DOTTED.findall(str(node.value))
