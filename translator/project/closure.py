"""``--closure``: the modules that SRC needs, and of every package on the way as much of its ``__init__`` as they take.

Imports are followed wherever they stand: inside functions, under ``try`` and ``TYPE_CHECKING``, absolute and relative,
through names that an ``__init__`` passes on, and through attributes (``import pkg`` and ``pkg.ops.nms``). A module is
brought along whole. The ``__init__`` of a package that was not named itself is cut down: see ``package``.
"""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from translator.analysis.exports import exported
from translator.analysis.world import Place
from translator.core import SourceError
from translator.engine.translate import parse, read_source
from translator.project.discover import Kind, SourceFile, Tree
from translator.project.needs import Bindings, bindings, needs
from translator.project.notebook import open_notebook
from translator.project.package import Package


class Closure:
    """What is needed so far; ``need`` adds to it.

    Args:
        root: the folder that modules are imported from by their dotted names.
        top: the outermost package that belongs to the project; empty when every module below ``root`` does.
        reader: another closure below the same ``root``, whose reading of the files is used again.
    """

    def __init__(self, root: Path, top: str = "", reader: Closure | None = None) -> None:
        self._root, self._top = root, top
        self._pending: deque[str] = deque()
        self._seen: set[str] = set()
        self._paths: dict[str, Path | None] = reader._paths if reader is not None else {}
        self._trees: dict[str, ast.Module] = reader._trees if reader is not None else {}
        self._bindings: dict[str, Bindings] = reader._bindings if reader is not None else {}
        self._needs: dict[str, tuple[str, ...]] = reader._needs if reader is not None else {}
        self.modules: dict[str, Path] = {}
        self.packages: dict[str, Package] = {}

    def add_whole(self, files: Iterable[SourceFile]) -> None:
        """Bring modules along whole, and all that they need."""
        for file in files:
            parts = file.module.split(".")
            for length in range(1, len(parts) + 1):
                self._add(".".join(parts[:length]))
            if file.module in self.packages:
                self._pending += self.packages[file.module].take_all()
        self._settle()

    def add_notebook(self, path: Path) -> None:
        """Bring along what the code of a notebook needs; one that cannot be read needs nothing, and is told later."""
        try:
            notebook = open_notebook(path.read_bytes(), str(path))
            tree = parse(notebook.text if notebook is not None else "", str(path))
        except (OSError, SourceError):
            return
        self._pending += needs(tree, Place(), bindings(tree, Place()))
        self._settle()

    def _settle(self) -> None:
        """Follow everything that is asked for; then keep what comes free."""
        while True:
            while self._pending:
                path = self._pending.popleft()
                if path not in self._seen:
                    self._seen.add(path)
                    self._need(path)
            grown = 0
            for package in self.packages.values():
                grown += not package.is_whole and package.take_present(self._is_present)
            if not grown:
                return

    def _need(self, path: str) -> None:
        """Go along a path as far as it names modules; then take the name that is left from the last one."""
        module, rest = "", path.split(".")
        while rest and (inner := self._submodule(module, rest[0])):
            if module in self.packages:
                self._pending += self.packages[module].take(rest[0])
            self._add(inner)
            module, rest = inner, rest[1:]
        if module and rest:
            self._take(module, rest[0], rest[1:])

    def _submodule(self, module: str, name: str) -> str:
        """The module of that name below another; empty if there is none, or if the package binds the name otherwise.

        What the package takes from its own module of that name does not hide it: ``from .nms import nms``.
        """
        inner = f"{module}.{name}" if module else name
        package = self.packages.get(module)
        known = package.known.get(name, ()) if package is not None else ()
        is_bound = package is not None and name in package.binders
        is_hidden = is_bound and not any(path == inner or path.startswith(f"{inner}.") for path in known)
        return "" if name == "*" or is_hidden or self._path(inner) is None else inner

    def _take(self, module: str, name: str, rest: list[str]) -> None:
        """The name ``name`` of a module, and what is taken from that in turn."""
        package = self.packages.get(module)
        if package is None:
            known = self._bound(module) if module in self._trees else {}
            self._pending += (".".join([path, *rest]) for path in known.get(name, ()) if rest)
            return
        if name == "*":
            self._pending += package.take_all()
            return
        if name in package.binders:
            self._pending += package.take(name)
            self._pending += (".".join([path, *rest]) for path in package.known.get(name, ()))
            return
        for star, _ in package.stars():
            owner = star.path.removesuffix(".*")
            if name in self._public(owner, set()):
                package.aliases.add(star.alias)
                self._pending.append(".".join([owner, name, *rest]))
        if "__getattr__" in package.binders:
            self._pending += package.take("__getattr__")

    def _public(self, module: str, seen: set[str]) -> frozenset[str]:
        """The names that a star import of a module brings."""
        path = self._path(module)
        if path is None or module in seen:
            return frozenset()
        tree = self._tree(module)
        names = {name for _, name in exported(tree)}
        if names:
            return frozenset(names)
        package = Package(tree, Place(module, path.is_dir()))
        found = {name for name in package.binders if not name.startswith("_")}
        for star, _ in package.stars():
            found |= self._public(star.path.removesuffix(".*"), seen | {module})
        return frozenset(found)

    def _is_present(self, path: str) -> bool:
        """Whether what a path names is in the closure: a module, a name of one, all of one."""
        module, rest = "", path.split(".")
        while rest and (inner := self._submodule(module, rest[0])) in self.modules:
            module, rest = inner, rest[1:]
        package = self.packages.get(module)
        if not rest or rest[0] == "*":
            return bool(module)
        if package is None:
            return module in self.modules and not self.modules[module].is_dir()
        return package.offers(rest[0]) or any(
            star.alias in package.aliases and rest[0] in self._public(star.path.removesuffix(".*"), set())
            for star, _ in package.stars()
        )

    def _add(self, module: str) -> None:
        path = self._path(module)
        if module in self.modules or path is None:
            return
        self.modules[module] = path
        if not path.is_dir():
            self._pending += self._needed(module)
        elif (path / "__init__.py").is_file():
            self.packages[module] = Package(self._tree(module), Place(module, is_package=True))

    def _bound(self, module: str) -> Bindings:
        """What the imports of a module, which is no package, bind."""
        if module not in self._bindings:
            self._bindings[module] = bindings(self._tree(module), Place(module))
        return self._bindings[module]

    def _needed(self, module: str) -> tuple[str, ...]:
        """What a module, which is no package, asks for."""
        if module not in self._needs:
            self._needs[module] = tuple(needs(self._tree(module), Place(module), self._bound(module)))
        return self._needs[module]

    def _path(self, module: str) -> Path | None:
        """The file of a module of the project, or the folder of a package."""
        if module not in self._paths:
            self._paths[module] = self._found(module)
        return self._paths[module]

    def _found(self, module: str) -> Path | None:
        parts = module.split(".")
        if not all(parts) or (self._top and parts[0] != self._top):
            return None
        path = self._root.joinpath(*parts)
        if (path / "__init__.py").is_file():
            return path
        file = path.with_name(f"{path.name}.py")
        if file.is_file():
            return file
        return path if path.is_dir() and any(path.rglob("*.py")) else None

    def text(self, module: str) -> str:
        """The text of a module; empty for a file that cannot be read, which translating it says."""
        path = self._path(module)
        assert path is not None
        try:
            return read_source(path / "__init__.py" if path.is_dir() else path).removeprefix("\ufeff")
        except SourceError:
            return ""

    def _tree(self, module: str) -> ast.Module:
        if module not in self._trees:
            try:
                self._trees[module] = parse(self.text(module), module)
            except SourceError:
                self._trees[module] = ast.Module([], [])
        return self._trees[module]


def closed(tree: Tree) -> Tree:
    """The tree with all that its modules need, at the places of their dotted names; whatever is no module stays."""
    modules = [file for file in tree.files if file.kind is Kind.MODULE]
    tops = {file.module.partition(".")[0] for file in modules}
    is_one_package = len(tops) == 1 and all((tree.root / top / "__init__.py").is_file() for top in tops)
    closure = Closure(tree.root, tops.pop() if is_one_package else "")
    closure.add_whole(modules)
    for notebook in (file for file in tree.files if file.kind is Kind.NOTEBOOK):
        closure.add_notebook(notebook.path)
    known = {file.path for file in tree.files}
    found = list(tree.files)
    for module, path in closure.modules.items():
        package = closure.packages.get(module)
        file = path / "__init__.py" if package is not None else path
        if file in known or file.is_dir():
            continue
        place = file.relative_to(tree.root).as_posix()
        cut = package.reduced(closure.text(module)) if package is not None and not package.is_whole else None
        found.append(SourceFile(file, place, Kind.MODULE, module, package is not None, cut))
    packages = {file.place.rpartition("/")[0] for file in found if file.is_package}
    return replace(
        tree, files=tuple(sorted(found, key=lambda f: f.place)), packages=frozenset(packages | tree.packages)
    )
