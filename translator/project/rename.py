"""A package under a new name: its modules at their places below OUT, and in them every import that names it in full.

What is renamed in a module is ``import pkg.a``, ``from pkg.a import b``, the name ``pkg`` wherever such an import binds
it, also in quoted annotations, and the texts that are certain to name a module: of ``import_module`` and
``__import__``, keys of ``sys.modules``, and what ``__module__`` is compared with. Docstrings and comments stay, and so
does the number of lines.
"""

from __future__ import annotations

import ast
import keyword
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from pathlib import Path

from translator.analysis.annotations import unquote
from translator.analysis.names import Names
from translator.analysis.text import SourceText
from translator.analysis.walk import walk
from translator.core import ConfigError, SourceError, Translation
from translator.engine.translate import BYTE_ORDER_MARK, parse
from translator.project.discover import Kind, Tree
from translator.project.notebook import open_notebook
from translator.ruleset.model import Pack

_SPACE = r"(?:\s|\\\r?\n)"
_HOLDERS = frozenset({"__module__", "__package__"})
Change = tuple[int, int, str]  # text[start:end] becomes the text
Taken = Callable[[], AbstractSet[str]]


def check_name(name: str, output: Path | None, tree: Tree, pack: Pack) -> None:
    """Refuse a name that the output cannot be imported by.

    Raises:
        ConfigError: it is no identifier, or belongs to a framework, the standard library, or the source itself; or the
            output lies in another package.
    """
    hint = "name OUT as the package is to be imported: `-o build/newname`"
    if not name.isidentifier() or keyword.iskeyword(name):
        raise ConfigError(f"`{name}` cannot be imported", path=name, hint=hint)
    if name in (pack.target, *pack.source_packages) or name in sys.stdlib_module_names:
        raise ConfigError(f"`{name}` is the name of another package that is needed", path=name, hint=hint)
    if output is not None and (output.resolve().parent / "__init__.py").is_file():
        hint = "choose a folder that is in none"
        raise ConfigError("the output would be a part of the package around it", path=str(output), hint=hint)
    if name in _tops(tree):
        raise ConfigError(f"`{name}` is the name of the source", path=name, hint=hint)


def renamed_tree(tree: Tree, name: str, alone: str = "") -> tuple[Tree, dict[str, str]]:
    """The tree with OUT for its outermost package, and what each of its top-level modules is called then.

    Without a package around them all modules go into the new one.

    Args:
        alone: the module that was named by itself; it becomes the package where it is in none.
    """
    tops = _tops(tree)
    if len(tops) == 1 and any(file.module in tops and file.is_package for file in tree.files):
        names = dict.fromkeys(tops, name)
        moved = {file.place: file.place.partition("/")[2] for file in tree.files}
        packages = {place.partition("/")[2] or "." for place in tree.packages}
    else:
        names = {top: name if top == alone else f"{name}.{top}" for top in tops}
        moved = {file.place: "__init__.py" if file.module == alone else file.place for file in tree.files}
        packages = {*tree.packages, "."}
    files = (replace(file, place=moved[file.place]) for file in tree.files)
    return replace(tree, files=tuple(sorted(files, key=lambda f: f.place)), packages=frozenset(packages)), names


def _tops(tree: Tree) -> set[str]:
    return {file.module.partition(".")[0] for file in tree.files if file.kind is Kind.MODULE}


def renamed(translation: Translation, names: Mapping[str, str], taken: Taken = frozenset) -> Translation:
    """The translation with every name of the package changed; the lines stay the same.

    Args:
        names: top-level modules of the source, and what they are called in the output.
        taken: gives the names that other modules take from this one, which have to stay.
    """
    text = translation.text
    if not any(name in text for name in names):
        return translation
    try:
        change = _renamed_cells if translation.path.endswith(".ipynb") else _renamed_module
        return replace(translation, text=change(text, translation.path, names, taken))
    except SourceError:
        return translation  # it was not translated either, and says why


def _renamed_cells(text: str, path: str, names: Mapping[str, str], taken: Taken) -> str:
    notebook = open_notebook(text.encode(), path)
    if notebook is None:
        return text
    code = _renamed_module(notebook.text, path, names, taken)
    return notebook.closed(Translation(path, notebook.text, code), text).text


def _renamed_module(text: str, path: str, names: Mapping[str, str], taken: Taken) -> str:
    if text.startswith(BYTE_ORDER_MARK):
        return BYTE_ORDER_MARK + _renamed_module(text[1:], path, names, taken)
    tree = parse(text, path)
    source = SourceText(path, text)
    unquote(tree, source)
    for start, end, new in sorted(set(_Renamer(tree, source, names, taken).changes()), reverse=True):
        text = text[:start] + new + text[end:]
    return text


@dataclass(frozen=True, slots=True)
class _Renamer:
    """Finds what changes in one module."""

    tree: ast.Module
    source: SourceText
    names: Mapping[str, str]
    taken: Taken

    def changes(self) -> Iterator[Change]:
        scopes = Names(self.tree)
        followed = {old for old, new in self.names.items() if self._is_followed(old, new, scopes)}
        for node in walk(self.tree):
            if isinstance(node, ast.ImportFrom):
                yield from self._from(node)
            elif isinstance(node, ast.Import):
                for alias in node.names:
                    yield from self._imported(alias, followed)
            elif (text := _module_text(node)) is not None:
                yield from self._text(text)
        for node, _ in scopes.reads:
            if node.id in followed:
                start, end = self.source.range(node)
                yield start, end, self.names[node.id]

    def _is_followed(self, old: str, new: str, scopes: Names) -> bool:
        """Whether the name can change wherever it is read: only plain imports bind it, and the new one is free."""
        bindings = list(scopes.bindings(old))
        is_plain = all(entry is not None and not entry.is_from and not entry.alias.asname for entry in bindings)
        is_taken = any(node.id == new for node, _ in scopes.reads) or any(True for _ in scopes.bindings(new))
        is_formatted = any(  # older Pythons do not say where a name in an f-string stands
            isinstance(part, ast.Name) and part.id == old
            for node in walk(self.tree)
            if isinstance(node, ast.JoinedStr)
            for part in walk(node)
        )
        is_free = bool(bindings) and is_plain and not is_taken and not is_formatted
        return new.isidentifier() and is_free and old not in self.taken()

    def _from(self, node: ast.ImportFrom) -> Iterator[Change]:
        top = (node.module or "").partition(".")[0]
        if not node.level and top in self.names:
            start, end = self.source.range(node)
            found = re.compile(rf"from{_SPACE}+({top})\b").match(self.source.text, start, end)
            assert found is not None
            yield *found.span(1), self.names[top]

    def _imported(self, alias: ast.alias, followed: set[str]) -> Iterator[Change]:
        top, _, rest = alias.name.partition(".")
        new = self.names.get(top)
        if new is None:
            return
        start, end = self.source.range(alias)
        if alias.asname or top in followed:
            yield start, start + len(top), new
        else:
            yield start, end, f"{new}.{rest}, {new} as {top}" if rest else f"{new} as {top}"

    def _text(self, node: ast.Constant) -> Iterator[Change]:
        top = str(node.value).partition(".")[0]
        start, end = self.source.range(node)
        quoted = self.source.text[start:end]
        if top in self.names and quoted[1:-1] == node.value:
            yield start + 1, start + 1 + len(top), self.names[top]


def _module_text(node: ast.AST) -> ast.Constant | None:
    """The text of an expression that is certain to name a module."""
    found: ast.expr | None = None
    if isinstance(node, ast.Call):
        function = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        of_module = isinstance(node.func, ast.Attribute) and _gives_module(node.func.value)
        if node.args and (function in ("import_module", "__import__") or (function == "startswith" and of_module)):
            found = node.args[0]
    elif isinstance(node, ast.Subscript) and ast.unparse(node.value) == "sys.modules":
        found = node.slice
    elif isinstance(node, ast.Compare) and _gives_module(node.left) and isinstance(node.ops[0], ast.Eq | ast.NotEq):
        found = node.comparators[0]
    return found if isinstance(found, ast.Constant) and isinstance(found.value, str) else None


def _gives_module(node: ast.expr) -> bool:
    """Whether an expression is the name of the module that something stands in."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "getattr":
        return any(isinstance(argument, ast.Constant) and argument.value in _HOLDERS for argument in node.args[1:2])
    return isinstance(node, ast.Attribute) and node.attr in _HOLDERS
