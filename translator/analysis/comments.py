"""Types in comments: ``# type: (Tensor) -> int`` below a header, ``# type: Tensor`` behind a parameter or a value.

They are read as the annotations that they stand for, at their place in the file, so that names in them are translated.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator

from translator.analysis.text import SourceText
from translator.analysis.walk import walk

_TYPE = re.compile(r"#[ \t]*type:(?![ \t]*ignore\b)[ \t]*([^#\r\n]*[^#\s])")
_DOTTED = re.compile(r"(?<![\w.])[^\W\d]\w*(?:\.\w+)*")
Function = ast.FunctionDef | ast.AsyncFunctionDef


class TypeComments:
    """The type comments of one file; those that are read go into its tree as annotations."""

    def __init__(self, tree: ast.Module, source: SourceText) -> None:
        self.source = source
        self.open = dict(_found(source))  # the first column and the text of a comment's type, by its line
        for node in walk(tree) if self.open else ():
            if isinstance(node, Function):
                self._of_parameters(node)
                self._of_function(node)
            for name in ("body", "orelse", "finalbody") if hasattr(node, "body") else ():
                block = getattr(node, name, None)
                if isinstance(block, list):
                    block[:] = map(self._of_statement, block)

    def names(self) -> Iterator[tuple[int, int, str]]:
        """(line, column, dotted name) of every name in a comment that could not be read."""
        for line, (column, text) in self.open.items():
            for name in _DOTTED.finditer(text):
                yield line, column + name.start(), name[0]

    def _of_parameters(self, node: Function) -> None:
        """``x,  # type: Tensor``: of the last parameter of its line."""
        a = node.args
        every = [*a.posonlyargs, *a.args, *a.kwonlyargs, *filter(None, (a.vararg, a.kwarg))]
        ends = {part: _end(part, a) for part in every}
        for part in sorted(every, key=lambda part: (part.lineno, part.col_offset)):
            line = ends[part]
            is_last = not any(p.lineno == line and p.col_offset > part.col_offset for p in every)
            if is_last and part.annotation is None and "->" not in self.open.get(line, (0, ""))[1]:
                part.annotation = self._taken(line)

    def _of_function(self, node: Function) -> None:
        """``# type: (A, B) -> C`` between the header and the first statement; all of it, or nothing."""
        a = node.args
        every = [*a.posonlyargs, *a.args, *filter(None, [a.vararg]), *a.kwonlyargs, *filter(None, [a.kwarg])]
        first = max([node.lineno, *(part.end_lineno or 0 for part in every)])
        lines = [n for n in range(first, node.body[0].lineno) if "->" in self.open.get(n, (0, ""))[1]]
        stated = self._parsed(lines[0], "func_type") if lines else None
        if not isinstance(stated, ast.FunctionType) or node.returns is not None:
            return
        given = stated.argtypes
        is_open = len(given) == 1 and isinstance(given[0], ast.Constant) and given[0].value is ...
        every = every[1:] if len(given) == len(every) - 1 and every[0].arg in ("self", "cls") else every
        if not is_open and (len(given) != len(every) or any(part.annotation for part in every)):
            return
        for part, annotation in zip(every, given, strict=True) if not is_open else ():
            part.annotation = annotation
        node.returns = stated.returns
        del self.open[lines[0]]

    def _of_statement(self, node: ast.stmt) -> ast.stmt:
        """``x = []  # type: List[Tensor]`` as ``x: List[Tensor] = []``."""
        line = node.end_lineno or 0
        if not isinstance(node, ast.Assign) or len(node.targets) > 1 or line not in self.open:
            return node
        target = node.targets[0]
        stated = self._taken(line) if isinstance(target, ast.Name | ast.Attribute) else None
        if stated is None or not isinstance(target, ast.Name | ast.Attribute):
            return node
        made = ast.AnnAssign(target, stated, node.value, simple=int(isinstance(target, ast.Name)))
        return ast.copy_location(made, node)

    def _taken(self, line: int) -> ast.expr | None:
        """The type in the comment of a line, which is read with it."""
        found = self._parsed(line, "eval") if line in self.open else None
        if not isinstance(found, ast.Expression):
            return None
        del self.open[line]
        return found.body

    def _parsed(self, line: int, mode: str) -> ast.AST | None:
        """What stands in the comment of a line, at its place in the file; None where it is no type."""
        column, text = self.open[line]
        try:
            found: ast.AST = compile(text, self.source.path, mode, ast.PyCF_ONLY_AST)
        except (SyntaxError, ValueError):
            return None
        shift = len(self.source.lines[line - 1][:column].encode())
        for part in ast.walk(found):
            if isinstance(part, ast.expr):
                part.lineno = part.end_lineno = line
                part.col_offset, part.end_col_offset = part.col_offset + shift, (part.end_col_offset or 0) + shift
        return found


def _found(source: SourceText) -> Iterator[tuple[int, tuple[int, str]]]:
    if not _TYPE.search(source.text):
        return
    try:
        for token in tokenize.generate_tokens(io.StringIO(source.text).readline):
            match = _TYPE.match(token.string) if token.type == tokenize.COMMENT else None
            line, column = token.start
            if match is not None and source.lines[line - 1].startswith(token.string, column):
                yield line, (column + match.start(1), match[1])
    except (tokenize.TokenError, SyntaxError):
        return


def _end(part: ast.arg, a: ast.arguments) -> int:
    """The line where a parameter ends, its default with it."""
    positional = [*a.posonlyargs, *a.args]
    defaults: dict[ast.arg, ast.expr | None] = dict(zip(reversed(positional), reversed(a.defaults), strict=False))
    default = (defaults | dict(zip(a.kwonlyargs, a.kw_defaults, strict=True))).get(part)
    return (default or part).end_lineno or 0
