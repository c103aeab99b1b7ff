"""Where the helpers of a tree lie: once in each outermost package, or beside scripts, and how a file imports them.

A folder without ``__init__`` is a package, too, when its modules are imported through it (``models.net``), or import
each other relatively. A module that does something when it is started (``__name__ == "__main__"``), has no relative
imports and is imported by no other is a script, wherever it lies.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from translator.analysis.world import Place
from translator.project.discover import Kind, SourceFile, Tree

_FROM = re.compile(rb"^[ \t]*from[ \t]+(\.*)([\w.]*)[ \t]+import[ \t]+(\([^)]*\)|[^\r\n#]*)", re.MULTILINE)
_IMPORT = re.compile(rb"^[ \t]*import[ \t]+([^\r\n#]*)", re.MULTILINE)
_GUARD = re.compile(rb"^if[ \t(]+__name__\s*==", re.MULTILINE)
_NAME = re.compile(rb"[\w.]+")


@dataclass(frozen=True, slots=True)
class HelperPlace:
    """``module`` stands in the import; ``folder`` is where its file lies below OUT."""

    module: str
    folder: str


def helper_places(tree: Tree, name: str) -> dict[str, HelperPlace]:
    """Where each module and notebook of a tree finds the helper module ``name``, by its place."""
    files = [file for file in tree.files if file.kind is Kind.MODULE]
    scans = {file.place: _scan(file) for file in files}
    imported = {module for scan in scans.values() for module in scan.imports}
    folders = {posixpath.dirname(file.place) or "." for file in files} - {"."}
    packages = set(tree.packages)
    for folder in folders - packages:
        dotted = folder.replace("/", ".")
        is_relative = any(scans[f.place].is_relative for f in files if posixpath.dirname(f.place) == folder)
        if is_relative or any(module.startswith(f"{dotted}.") for module in imported):
            packages.update(_chain(folder))
    scripts = {f.place for f in files if scans[f.place].is_script and f.module not in imported}
    notebooks = {file.place for file in tree.files if file.kind is Kind.NOTEBOOK}
    alone = scripts | notebooks
    return {place: helper_place(place, () if place in alone else packages, name) for place in {*scans, *notebooks}}


def helper_place(place: str, packages: AbstractSet[str] | tuple[()], name: str) -> HelperPlace:
    """Where the file at ``place`` finds the helper module ``name``.

    ``a/b/net.py`` in the packages ``a`` and ``a/b`` gets ``..name``, in folder ``a``; a script ``name``, beside it.
    """
    top = folder = posixpath.dirname(place) or "."
    levels = 0
    while folder in packages:
        top, levels = folder, levels + 1
        if folder == ".":
            break
        folder = posixpath.dirname(folder) or "."
    return HelperPlace("." * levels + name, top)


@dataclass(frozen=True, slots=True)
class _Scan:
    """What the import lines of a file say; ``is_script``: it does something when it is started, and may stand alone."""

    imports: frozenset[str]
    is_relative: bool
    is_script: bool


def _scan(file: SourceFile) -> _Scan:
    try:
        data = file.path.read_bytes() if file.cut is None else file.cut.text.encode()
    except OSError:
        data = b""
    is_relative = any(found[1] for found in _FROM.finditer(data))
    is_script = not is_relative and not file.is_package and _GUARD.search(data) is not None
    return _Scan(frozenset(_imports(data, Place(file.module, file.is_package))), is_relative, is_script)


def _imports(data: bytes, place: Place) -> Iterator[str]:
    """Every module that a file may import: a name that is taken from a package may be one, too."""
    for found in _IMPORT.finditer(data):
        yield from (name.decode(errors="replace") for name in _NAME.findall(found[1]))
    for found in _FROM.finditer(data):
        module = place.absolute(len(found[1]), found[2].decode(errors="replace"))
        yield module
        yield from (f"{module}.{name.decode(errors='replace')}" for name in _NAME.findall(found[3]))


def _chain(folder: str) -> Iterable[str]:
    """A folder and those around it, below the top."""
    while folder:
        yield folder
        folder = posixpath.dirname(folder)
