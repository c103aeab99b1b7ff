"""Find the builders of a package: in its registry, among its functions, or in a file that names them."""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from translator.core import ConfigError, TranslatorError
from translator.models.entries import NamedEntry, read_entries
from translator.models.result import Builder
from translator.project.discover import file_of, locate, module_name, read_tree
from translator.workers.entry import package_of, parse_entry
from translator.workers.launch import Worker
from translator.workers.protocol import BuilderInfo

_UNFIT = re.compile(r"[^\w.+-]")


@dataclass(frozen=True, slots=True)
class Found:
    """The builders in the order of their families and names; by name, why something is ``left``.

    Args:
        missing: those that are left although the package's registry names them.
    """

    builders: tuple[Builder, ...]
    left: dict[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """A package as it was named, and where its modules come to lie.

    Args:
        path: of its folder or file; ``name`` is its dotted name.
        root: the folder that it is imported from.
        is_named: it was named by its dotted name, and is imported by that.
        out: the folder of the translated package, which stands for the outermost package of the source.
    """

    path: Path
    name: str
    root: Path
    is_named: bool
    out: Path

    @property
    def top(self) -> str:
        """The name of the outermost package."""
        return self.name.partition(".")[0]

    def target(self, file: Path) -> str:
        """Where the translation of a file of the source is; empty for one that is not of it."""
        if not file.is_relative_to(self.root):
            return ""
        place = file.relative_to(self.root)
        if (self.root / self.top / "__init__.py").is_file():
            return str(self.out / Path(*place.parts[1:])) if place.parts[0] == self.top else ""
        return str(self.out / ("__init__.py" if file == self.path else place))

    def family(self, module: str, *, is_package: bool) -> str:
        """The sub-packages between the package and a module; the package's own last name where there are none."""
        outer = self.name if f"{module}.".startswith(f"{self.name}.") else self.top
        parts = module.removeprefix(outer).lstrip(".").split(".")
        return ".".join(parts if is_package else parts[:-1]) or self.name.rpartition(".")[2]


def source_of(package: str, out: Path) -> Source:
    """What PACKAGE names.

    Raises:
        ConfigError: there is no such package, or it is a folder without ``__init__.py``.
    """
    tree = read_tree(package, out, is_whole=True)
    path, dotted = locate(package)
    path = path.resolve()
    file = path / "__init__.py" if path.is_dir() else path
    if not file.is_file() or file.suffix != ".py":
        hint = "name one of its modules, or a package"
        raise ConfigError("is no package: it has no `__init__.py`", path=package, hint=hint)
    name = dotted or module_name(file, tree.root.resolve())
    return Source(path, name, tree.root.resolve(), bool(dotted), out)


def find_builders(
    package: str, out: Path, worker: Worker, entries: Path | None = None, only: Sequence[str] = ()
) -> Found:
    """The builders of a package with the ENTRYs of both sides.

    Args:
        package: its dotted name or path; ``out`` is the folder of its translation.
        worker: of the source framework; the package is imported there.
        entries: a file that names the builders, see ``entries``; without it they are looked for.
        only: patterns of names; only what matches one is given. A function that may give anything is called to see
            whether that is a model.

    Raises:
        ConfigError: there is no such package, the file is wrong, or nothing was found.
        WorkerError: the package cannot be imported.
    """
    source = source_of(package, out)
    if entries is not None:
        builders = [_named(one, source, entries) for one in read_entries(entries)]
        found = Found(tuple(one for one in builders if _is_wanted(one.name, only)))
    else:
        answer = worker.call("builders", package=source.name, folder=str(source.root))
        wanted = [info for info in answer["builders"] if _is_wanted(info["name"], only)]
        left = {name: why for name, why in answer["left"].items() if _is_wanted(name, only)}
        missing = tuple(name for name in answer["missing"] if name in left)
        found = Found(_sorted(_checked(wanted, source, worker, left)), left, missing)
    if not found.builders:
        what = f"no builder matches {', '.join(only)}" if only else "no builder was found"
        reasons = "".join(f"; {name}: {why}" for name, why in list(found.left.items())[:3])
        raise ConfigError(f"{what}{reasons}", path=package, hint="name them in a file: `--entries FILE`")
    return found


def _is_wanted(name: str, only: Sequence[str]) -> bool:
    return not only or any(fnmatch.fnmatchcase(name, pattern) for pattern in only)


def _sorted(builders: Iterable[Builder]) -> tuple[Builder, ...]:
    return tuple(sorted(builders, key=lambda one: (one.family, one.name)))


def _checked(infos: Sequence[BuilderInfo], source: Source, worker: Worker, left: dict[str, str]) -> list[Builder]:
    """A builder for each that gives a model; what does not is told in ``left``."""
    found = []
    for info in infos:
        builder = _builder(info, source)
        try:
            if not info["is_sure"]:
                worker.call("open", entry=builder.source)
            found.append(builder)
        except TranslatorError as error:
            if not worker.is_alive:
                raise
            left[info["name"]] = error.message
    return found


def _builder(info: BuilderInfo, source: Source) -> Builder:
    call = _call(info["function"], info["arguments"])
    place = info["module"] if source.is_named else os.path.relpath(info["file"])
    return Builder(
        name=_UNFIT.sub("_", info["name"]),
        family=source.family(info["module"], is_package=info["is_package"]),
        source=f"{place}:{call}",
        target=f"{source.target(Path(info['file']))}:{call}",
    )


def _call(name: str, arguments: dict[str, Any]) -> str:
    given = ", ".join(f"{key}={value!r}" for key, value in arguments.items())
    return f"{name}({given})" if given else name


def _named(one: NamedEntry, source: Source, entries: Path) -> Builder:
    """A builder of an entries file.

    Raises:
        ConfigError: its module is nowhere, or not of the package; names file and line.
    """
    entry = parse_entry(one.entry)
    file = file_of(entry.place)
    target = source.target(file.resolve()) if file is not None else ""
    if file is None or not target:
        why = f"is not of {source.name}" if file is not None else "is nowhere"
        hint = "name a module of the package, by its dotted name or its file"
        raise ConfigError(f"`{entry.place}` {why}", path=str(entries), line=one.line, hint=hint)
    file = file.resolve()
    module = (package_of(file) or (file.parent, file.stem))[1]
    family = source.family(module, is_package=file.name == "__init__.py")
    return Builder(one.name, family, one.entry, f"{target}:{one.entry[len(entry.place) + 1 :]}")
