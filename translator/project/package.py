"""The ``__init__`` of a package, cut down to what others need of it.

Running an ``__init__`` as it is runs all that it imports, which is most often the whole package. What is kept:

- docstring and ``__future__`` imports;
- the statements that bind a name which a module of the closure takes from the package, and, in turn, those that bind
  the names which they read; of an import only the names that are needed;
- imports of modules that are in the closure anyway, so that what they re-export stays where it was;
- other statements (calls, ``if``, ``try``, ``del``, ...), where all that they need is kept or needs nothing more.

The rest is left out: imports of modules outside the closure, and definitions that nothing in it reads.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from translator.analysis.walk import walk
from translator.analysis.world import Place
from translator.project.needs import Bound, bindings, bound, needs

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign)
_IMPORTS = (ast.Import, ast.ImportFrom)
MAX_WIDTH = 100


@dataclass(eq=False)
class Package:
    """What is kept of one ``__init__``.

    Args:
        aliases: names of imports that are kept, by their node.
        statements: other statements that are kept.
        is_whole: all of it is.
    """

    tree: ast.Module
    place: Place
    is_whole: bool = False
    aliases: set[ast.alias] = field(default_factory=set)
    statements: set[ast.stmt] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.known = bindings(self.tree, self.place)
        self.binders: dict[str, list[ast.stmt]] = {}
        for statement in self.tree.body:
            for name in _bound_names(statement):
                self.binders.setdefault(name, []).append(statement)

    def stars(self) -> Iterator[tuple[Bound, ast.stmt]]:
        """Every ``from module import *`` of its top level."""
        for statement in self.tree.body:
            if isinstance(statement, ast.ImportFrom):
                yield from ((one, statement) for one in bound(statement, self.place) if one.name == "*")

    def take(self, name: str) -> Iterator[str]:
        """Keep what binds a name; gives the paths that this asks for, which are new."""
        for statement in self.binders.get(name, ()):
            if isinstance(statement, _IMPORTS):
                for one in bound(statement, self.place):
                    if one.name == name and one.alias not in self.aliases:
                        self.aliases.add(one.alias)
                        yield one.path
            elif statement not in self.statements:
                yield from self.take_statement(statement)

    def take_statement(self, statement: ast.stmt) -> Iterator[str]:
        """Keep a statement and what it reads; gives the paths that this asks for."""
        self.statements.add(statement)
        yield from needs(statement, self.place, self.known)
        for name in sorted(_read(statement) & self.binders.keys()):
            yield from self.take(name)

    def take_all(self) -> Iterator[str]:
        """Keep the whole file."""
        if not self.is_whole:
            self.is_whole = True
            yield from needs(self.tree, self.place, self.known)

    def take_present(self, is_present: Callable[[str], bool]) -> bool:
        """Keep more of the file that needs nothing more; whether there was any.

        Args:
            is_present: whether what a path names is in the closure already.
        """
        before = len(self.aliases) + len(self.statements)
        for statement in self.tree.body:
            if isinstance(statement, _IMPORTS):
                free = (one.alias for one in bound(statement, self.place) if is_present(one.path))
                self.aliases.update(free)
            elif not isinstance(statement, _DEFINITIONS) and statement not in self.statements:
                self._try(statement, is_present)
        return len(self.aliases) + len(self.statements) > before

    def _try(self, statement: ast.stmt, is_present: Callable[[str], bool]) -> None:
        trial = Package(self.tree, self.place, False, set(self.aliases), set(self.statements))
        asked = [path for path in trial.take_statement(statement) if self._is_ours(path)]
        if all(map(is_present, asked)):
            self.aliases, self.statements = trial.aliases, trial.statements

    def _is_ours(self, path: str) -> bool:
        return path.partition(".")[0] == self.place.module.partition(".")[0]

    def offers(self, name: str) -> bool:
        """Whether the name is bound by what is kept."""
        return self.is_whole or any(
            any(one.name == name and one.alias in self.aliases for one in bound(statement, self.place))
            if isinstance(statement, _IMPORTS)
            else statement in self.statements
            for statement in self.binders.get(name, ())
        )

    # --- the text ----------------------------------------------------------------------------------------------

    def reduced(self, text: str) -> Reduced:
        """The text of what is kept, and where its lines come from."""
        lines = text.splitlines(keepends=True)
        shown: dict[int, str] = {}
        gone: set[int] = set()
        left_out: dict[str, None] = {}
        first = 0
        for group in _sharing_lines(self.tree.body):
            kept = [self._kept(statement, lines, is_alone=len(group) == 1) for statement in group]
            if all(part is None for part in kept):
                continue
            first = first or group[0].lineno
            left_out |= dict.fromkeys(name for statement in group for name in self._missing(statement))
            gone.update(range(_first_line(group[0], lines), (group[-1].end_lineno or group[-1].lineno) + 1))
            parts = [ast.unparse(s) if part is None else part for s, part in zip(group, kept, strict=True)]
            shown[group[0].lineno] = "; ".join(part for part in parts if part)
        end = "\r\n" if text.endswith("\r\n") else "\n"
        out = [
            (number, shown.get(number, "") if number in gone else line.rstrip("\r\n"))
            for number, line in enumerate(lines, 1)
            if number not in gone or shown.get(number)
        ]
        written: list[tuple[int, str]] = []
        for number, part in ((number, part) for number, line in out for part in line.split("\n")):
            if part or (written and any(earlier for _, earlier in written[-2:])):
                written.append((number, part))
        while written and not written[-1][1]:
            written.pop()
        text = "".join(f"{part}{end}" for _, part in written)
        return Reduced(text, tuple(number for number, _ in written), tuple(left_out), first)

    def _missing(self, statement: ast.stmt) -> list[str]:
        """The names of a statement that are left out."""
        if isinstance(statement, _IMPORTS):
            return [_said(alias) for alias in statement.names if alias not in self.aliases and alias.name != "*"]
        return [] if statement in self.statements else list(dict.fromkeys(_bound_names(statement)))

    def _kept(self, statement: ast.stmt, lines: list[str], *, is_alone: bool) -> str | None:
        """What is left of a statement: nothing, some names of an import; None: all of it."""
        is_text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        if is_text or isinstance(statement, ast.Pass) or statement in self.statements:
            return None
        if not isinstance(statement, _IMPORTS):
            return ""
        names = [alias for alias in statement.names if alias in self.aliases]
        if len(names) == len(statement.names) or getattr(statement, "module", "") == "__future__":
            return None
        return _import(statement, names, _behind(statement, lines) if is_alone else "") if names else ""


@dataclass(frozen=True, slots=True)
class Reduced:
    """``text`` with the source line of each of its lines; the names ``left_out``, and the ``first`` line of those."""

    text: str
    lines: tuple[int, ...]
    left_out: tuple[str, ...]
    first: int


def _sharing_lines(statements: list[ast.stmt]) -> Iterator[list[ast.stmt]]:
    """Statements in groups: those that share a line are in one."""
    group: list[ast.stmt] = []
    for statement in statements:
        if group and statement.lineno > (group[-1].end_lineno or group[-1].lineno):
            yield group
            group = []
        group.append(statement)
    if group:
        yield group


def _import(statement: ast.Import | ast.ImportFrom, names: list[ast.alias], behind: str) -> str:
    listed = [f"{alias.name} as {alias.asname}" if alias.asname else alias.name for alias in names]
    if isinstance(statement, ast.Import):
        return f"import {', '.join(listed)}{behind}"
    head = f"from {'.' * statement.level}{statement.module or ''} import "
    if len(head) + len(", ".join(listed)) <= MAX_WIDTH:
        return f"{head}{', '.join(listed)}{behind}"
    return f"{head}(\n" + "".join(f"    {name},\n" for name in listed) + f"){behind}"


def _behind(statement: ast.stmt, lines: list[str]) -> str:
    """The comment behind a statement."""
    last = lines[(statement.end_lineno or statement.lineno) - 1]
    return last.encode()[statement.end_col_offset or 0 :].decode().rstrip()


def _first_line(statement: ast.stmt, lines: list[str]) -> int:
    """The first line of a statement, with its decorators and the comment directly above it."""
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    own = min([statement.lineno, *(node.lineno for node in decorators)])
    line = own
    while line > 1 and lines[line - 2].startswith("#"):
        line -= 1
    return line if line > 1 else own  # a comment that begins the file is the file's


def _bound_names(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement binds at its own level, in blocks below it, too."""
    pending: list[ast.AST] = [statement]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
            continue
        if isinstance(node, _IMPORTS):
            yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names if alias.name != "*")
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        pending += ast.iter_child_nodes(node)


def _read(statement: ast.stmt) -> set[str]:
    return {node.id for node in walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)} | {
        name for node in walk(statement) if isinstance(node, ast.Global) for name in node.names
    }


def _said(alias: ast.alias) -> str:
    return alias.asname or alias.name
