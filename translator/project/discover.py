"""What SRC is, and its files: each with the place that its translation takes below OUT.

A folder is mirrored: OUT stands for SRC. A module by its dotted name (``package.models.net``) takes the place of that
name below OUT, so that its imports hold; it is found by path and never imported.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from translator.core import ConfigError
from translator.project.record import is_record

if TYPE_CHECKING:
    from translator.project.package import Reduced

_DOTTED = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")
_DEPENDENCIES = re.compile(r"requirements[\w.-]*\.txt|pyproject\.toml|setup\.cfg")
_TOOLS = frozenset({"__pycache__", "__pypackages__", "node_modules", "CVS", "htmlcov"})
_HIDDEN = re.compile(r"\.(git|hg|svn|tox|nox|venv|eggs|ipynb_checkpoints|.*_cache|cache|idea|vscode|hypothesis)")
_BUILT = re.compile(r".*\.(py[co]|pyd|so|dylib|dll|o|a|egg-info|egg|whl)")


class Kind(str, Enum):
    """What is done with a file: modules and notebooks are translated, dependencies too, all else is copied."""

    MODULE = "module"
    NOTEBOOK = "notebook"
    DEPENDENCIES = "dependencies"
    DATA = "data"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file of the input.

    Args:
        path: where it is.
        place: where it goes below OUT, with ``/``.
        module: the dotted name that other modules import it by; a notebook, which none does, goes by its place.
        cut: what is left of a package's ``__init__`` that a closure cuts down.
    """

    path: Path
    place: str
    kind: Kind
    module: str = ""
    is_package: bool = False
    cut: Reduced | None = None


@dataclass(frozen=True, slots=True)
class Tree:
    """The input: ``src`` as it was named, and its files sorted by place.

    Args:
        root: the folder from which its modules are imported by their dotted names.
        packages: the places of folders that are packages, ``.`` for OUT itself.
        unreadable: why some folders could not be listed.
        is_single: ``src`` is a file, so that OUT may be one.
    """

    src: str
    root: Path
    files: tuple[SourceFile, ...]
    packages: frozenset[str]
    unreadable: tuple[OSError, ...] = ()
    is_single: bool = False

    def modules(self) -> dict[str, SourceFile]:
        """Every module by its dotted name."""
        return {file.module: file for file in self.files if file.kind is Kind.MODULE}


def locate(src: str) -> tuple[Path, str]:
    """Where SRC is, and its dotted name if it was named by that.

    Raises:
        ConfigError: there is no such file, folder or module.
    """
    if os.path.lexists(src) or not _DOTTED.fullmatch(src) or src.endswith((".py", ".ipynb")):
        return Path(src), ""
    found = _search(src)
    if found is None:
        known = "its package is not installed for this Python" if _search(src.partition(".")[0]) is None else ""
        raise ConfigError(
            "there is no such file, folder or module" + (f": {known}" if known and "." in src else ""),
            path=src,
            hint="check the name; a package has to be installed for this Python, or to lie in this folder",
        )
    return found, src


def file_of(place: str) -> Path | None:
    """The file of a module by its path or dotted name; None where it is not installed for this Python."""
    try:
        path = locate(place)[0]
    except ConfigError:
        return None
    path = path / "__init__.py" if path.is_dir() else path
    return path if path.is_file() else None


def outermost(path: Path) -> Path:
    """The folder of the outermost package around a file; its own folder where that is in none."""
    folder = path.resolve().parent
    while (folder.parent / "__init__.py").is_file():
        folder = folder.parent
    return folder


def _search(name: str) -> Path | None:
    """The file or folder of a module, by path alone: nothing of it is imported."""
    first, *rest = name.split(".")
    for folder in dict.fromkeys([os.getcwd(), *sys.path]):
        found = _below(Path(folder), [first, *rest])
        if found is not None:
            return found
    return next((found for place in _installed(first) if (found := _below(place, rest)) is not None), None)


def _installed(name: str) -> Iterator[Path]:
    """Folders of a top-level package that only a finder knows: editable installs."""
    from importlib.util import find_spec

    try:
        spec = find_spec(name)
    except (ImportError, ValueError):
        return
    yield from map(Path, (spec.submodule_search_locations or ()) if spec is not None else ())


def _below(folder: Path, parts: list[str]) -> Path | None:
    """The module of that path below a folder: a package, a file, or a folder with modules."""
    path = folder.joinpath(*parts)
    if (path / "__init__.py").is_file():
        return path
    if parts and path.with_name(f"{path.name}.py").is_file():
        return path.with_name(f"{path.name}.py")
    return path if path.is_dir() and any(path.glob("*.py")) else None


def read_tree(src: str, output: Path | None = None, *, is_whole: bool = False) -> Tree:
    """The files of SRC.

    Args:
        output: where the output goes; skipped when it lies inside SRC.
        is_whole: places are dotted names' from the outermost package on, for what needs its parents: a closure.

    Raises:
        ConfigError: SRC is not there, or holds nothing that could be translated.
    """
    path, name = locate(src)
    path = Path(os.path.abspath(path))
    if not path.exists():
        raise ConfigError("cannot read: there is no such file or folder", path=src, hint="check the path")
    folder = path if path.is_dir() else path.parent
    root = path.parents[name.count(".")] if name else _root_of(folder)
    base = root if name or is_whole else folder
    unreadable: list[OSError] = []
    listed = _files(path, output, unreadable) if path.is_dir() else iter([path])
    files = _named(listed, base, root)
    if not any(file.kind in (Kind.MODULE, Kind.NOTEBOOK) for file in files):
        raise ConfigError("holds no Python file and no notebook", path=src, hint="name a folder that does")
    packages = {os.path.dirname(file.place) or "." for file in files if file.is_package}
    return Tree(src, root, files, frozenset(packages | _parents(base, folder)), tuple(unreadable), path.is_file())


def _parents(base: Path, folder: Path) -> set[str]:
    """The packages between the place that OUT stands for and SRC's own folder."""
    between = [folder, *folder.parents]
    inner = between[: between.index(base) + 1] if base in between else []
    return {p.relative_to(base).as_posix() for p in inner if (p / "__init__.py").is_file()}


def _root_of(folder: Path) -> Path:
    """The folder that the package around a folder is imported from."""
    while (folder / "__init__.py").is_file() and folder != folder.parent:
        folder = folder.parent
    return folder


def _files(top: Path, output: Path | None, unreadable: list[OSError]) -> Iterator[Path]:
    """Every file below a folder that belongs to the source, links to folders included."""
    skipped = os.path.realpath(output) if output is not None else None
    for folder, names, files in os.walk(top, onerror=unreadable.append):
        kept = []
        for name in sorted(names):
            path = Path(folder, name)
            if path.is_symlink():
                yield path
            elif not is_skipped(path) and os.path.realpath(path) != skipped:
                kept.append(name)
        names[:] = kept
        yield from (Path(folder, name) for name in sorted(files) if not _BUILT.fullmatch(name) and not is_record(name))


def is_skipped(folder: Path) -> bool:
    """Whether a folder is no source: caches, repositories, virtual environments, what a build made."""
    name = folder.name
    if name in _TOOLS or _HIDDEN.fullmatch(name) or _BUILT.fullmatch(name) or (folder / "pyvenv.cfg").is_file():
        return True
    return name in ("build", "dist") and not (folder / "__init__.py").is_file()


def _named(paths: Iterator[Path], base: Path, root: Path) -> tuple[SourceFile, ...]:
    """The files with their places; of two modules with one name the second goes by its whole path."""
    found: list[SourceFile] = []
    taken: set[str] = set()
    for path in paths:
        place = path.relative_to(base).as_posix()
        kind = kind_of(path, base)
        module = place if kind is Kind.NOTEBOOK else ""
        if kind is Kind.MODULE:
            module = module_name(path, root)
            module = dotted(path, base) if module in taken else module
            taken.add(module)
        found.append(SourceFile(path, place, kind, module, path.name == "__init__.py"))
    return tuple(sorted(found, key=lambda file: file.place))


def kind_of(path: Path, base: Path) -> Kind:
    """What is done with a file."""
    if path.is_symlink() and _stays_inside(path, base):
        return Kind.LINK
    if path.is_symlink() and path.is_dir():
        return Kind.DATA
    if _DEPENDENCIES.fullmatch(path.name):
        return Kind.DEPENDENCIES
    return {".py": Kind.MODULE, ".ipynb": Kind.NOTEBOOK}.get(path.suffix, Kind.DATA)


def _stays_inside(link: Path, base: Path) -> bool:
    """Whether a link is relative and leads to something that is part of the output, too."""
    target = os.readlink(link)
    place = os.path.normpath(os.path.join(link.parent, target))
    return not os.path.isabs(target) and Path(place).is_relative_to(base) and link.exists()


def module_name(path: Path, root: Path) -> str:
    """The dotted name of a file: from its outermost package on, or from ``root`` on where it is in none."""
    top = _root_of(path.parent)
    return dotted(path, root if top == path.parent else top)


def dotted(path: Path, top: Path) -> str:
    """The dotted name of a file that is imported from ``top`` on."""
    parts = path.relative_to(top).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


__all__ = [
    "Kind",
    "SourceFile",
    "Tree",
    "dotted",
    "is_skipped",
    "kind_of",
    "locate",
    "module_name",
    "outermost",
    "read_tree",
]
