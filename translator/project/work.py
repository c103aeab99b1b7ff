"""The translation of every module of a tree: from the cache, or made now, in parallel processes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from translator.analysis.observed import Observations
from translator.analysis.summary import ModuleSummary
from translator.analysis.world import World
from translator.core import Translation
from translator.project import pool
from translator.project.batch import Batch, Task, batches, summarize_batch, translate_batch
from translator.project.cache import Cache, key_of
from translator.project.discover import Kind, SourceFile, Tree
from translator.project.layout import HelperPlace, helper_places
from translator.ruleset.model import RuleSet


@dataclass(frozen=True, slots=True)
class Options:
    """How a project is translated; see ``translate_project``."""

    suffix: str = ""
    jobs: int | None = None
    backend: str = "loky"
    observed: Observations | None = None
    use_cache: bool = True


class Work:
    """Two rounds over the modules of a tree: what each is for the others, then its translation."""

    def __init__(self, tree: Tree, rules: RuleSet, options: Options) -> None:
        self.rules, self.options = rules, options
        self.files = [file for file in tree.files if file.kind in (Kind.MODULE, Kind.NOTEBOOK)]
        name = rules.pack.helper_module
        self._places = helper_places(tree, name)
        self._cache = Cache(is_used=options.use_cache and bool(rules.digest))
        pool.cores(options.jobs, 0)  # a wrong number is refused before anything is read

    def helpers_of(self, file: SourceFile) -> HelperPlace:
        """Where a file finds the helpers."""
        return self._places[file.place]

    def taken(self, file: SourceFile) -> frozenset[str]:
        """The names of a module that others of the tree take from it."""
        return self._world.taken(file.module)

    def translations(self) -> Iterator[Translation]:
        """The translation of every module, in the order of their places; each is remembered as soon as it is there."""
        prints = self._fingerprints
        keys = [self._key(file, self._digests[file.place], prints.get(file.module, "")) for file in self.files]
        missing = [(file, key) for file, key in zip(self.files, keys, strict=True) if key not in self._cache]
        world = self._world if missing else World()
        made = self._run(translate_batch, [file for file, _ in missing], world)
        absent = {file.place for file, _ in missing}
        for file, key in zip(self.files, keys, strict=True):
            known = None if file.place in absent else self._cache.get(key)
            if file.place in absent:
                known = next(made)
                self._cache.put(key, known)
            elif known is None:  # it was there a moment ago
                (known,) = translate_batch(Batch(self.rules, self._world, (self._task(file),)))
            yield known

    @cached_property
    def _digests(self) -> dict[str, str]:
        return {file.place: _digest(file) for file in self.files}

    @cached_property
    def _summary_keys(self) -> list[str]:
        return [
            key_of("summary", self.rules.digest, self._digests[file.place], file.module, file.is_package)
            for file in self.files
        ]

    @cached_property
    def _fingerprints(self) -> dict[str, str]:
        """What of the other modules each translation may depend on; for an unchanged tree without looking at them."""
        key = key_of("fingerprints", self._summary_keys)
        known: dict[str, str] | None = self._cache.get(key)
        if known is None:
            known = {file.module: self._world.fingerprint(file.module) for file in self.files}
            self._cache.put(key, known)
        return known

    @cached_property
    def _world(self) -> World:
        """What every module is for the others."""
        found: dict[str, ModuleSummary | None] = {}
        missing = []
        for file, key in zip(self.files, self._summary_keys, strict=True):
            found[file.module] = self._cache.get(key)
            if found[file.module] is None:
                missing.append((file, key))
        made = self._run(summarize_batch, [file for file, _ in missing], World())
        for (file, key), summary in zip(missing, made, strict=True):
            found[file.module] = summary
            self._cache.put(key, summary)
        return World({name: summary for name, summary in found.items() if summary is not None})

    def _run(self, function: Callable[[Batch], list[Any]], files: list[SourceFile], world: World) -> Iterator[Any]:
        tasks = (self._task(file) for file in files)
        work = batches(self.rules, world, tasks)
        processes = pool.cores(self.options.jobs, sum(_size(file.path) for file in files)) if len(files) > 1 else 1
        for results in pool.run(function, work, jobs=processes, backend=self.options.backend):
            yield from results

    def _task(self, file: SourceFile) -> Task:
        try:
            data, reason = file.path.read_bytes(), ""
        except OSError as error:
            data, reason = b"", f"cannot read: {error.strerror}"
        observed = self.options.observed
        return Task(
            shown(file.path),
            data,
            file.module,
            file.is_package,
            self.helpers_of(file).module,
            self.options.suffix,
            reason,
            observed.only(data) if observed is not None else None,
            file.cut,
        )

    def _key(self, file: SourceFile, digest: str, fingerprint: str) -> str:
        if self.options.observed is not None or not digest:
            return ""
        place = (shown(file.path), file.module, file.is_package, self.helpers_of(file).module)
        return key_of("translation", self.rules.digest, self.options.suffix, *place, digest, fingerprint)


def shown(path: Path) -> str:
    """The path as people type it: relative to the current folder where it is below that."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _digest(file: SourceFile) -> str:
    """Of the file's content and of what is left of it; empty for one that cannot be read, which is tried each time."""
    try:
        content = hashlib.sha256(file.path.read_bytes())
    except OSError:
        return ""
    content.update(repr(file.cut).encode())
    return content.hexdigest()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
