"""``translate_project``: every file of a folder, a package or a notebook, to the same place below OUT."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from translator.analysis.observed import Observations
from translator.core import ConfigError, SourceError, Translation
from translator.engine.translate import read_source
from translator.project.batch import failed
from translator.project.closure import closed
from translator.project.dependencies import with_dependencies
from translator.project.discover import Kind, SourceFile, Tree, read_tree
from translator.project.layout import HelperPlace
from translator.project.record import digest_of
from translator.project.rename import check_name, renamed, renamed_tree
from translator.project.result import FileCounts, FileResult, ProjectResult, Status, counts_of
from translator.project.work import Options, Work, shown
from translator.project.write import Hand, Writer, Written, helper_file, link
from translator.ruleset.load import load_rules
from translator.ruleset.model import Pack, RuleSet


def translate_project(
    src: str | Path,
    output: str | Path | None = None,
    *,
    rules: RuleSet | None = None,
    suffix: str = "",
    closure: bool = False,
    name: str = "",
    jobs: int | None = None,
    backend: str = "loky",
    observed: Observations | None = None,
    use_cache: bool = True,
    hand: Hand = Hand.REFUSE,
    on_start: Callable[[int], None] | None = None,
    on_file: Callable[[FileResult], None] | None = None,
) -> ProjectResult:
    """Translate every module of a project, and copy what else belongs to it.

    Args:
        src: a folder, a file, or the dotted name of a module, which is found by path and never imported.
        output: the folder that stands for ``src``; nothing is written without it.
        rules: the rule table; the built-in one by default.
        suffix: is appended to the names of public classes and builders.
        closure: bring along the modules that ``src`` imports from its own project; OUT then holds dotted names.
        name: with ``closure``, the outermost package goes by this name, and OUT stands for it; see ``rename``.
        jobs: number of processes; all cores by default, where the project is large enough to pay.
        backend: ``loky`` for processes of this machine; ``dask`` or ``ray`` for a cluster.
        observed: what a run of the source model showed; see ``translate_source``.
        use_cache: take what earlier runs found out about files that did not change; see ``cache``.
        hand: what becomes of changes that a person made in ``output``: nothing is written, they are lost, or merged.
        on_start: called with the number of files, before the first of them.
        on_file: called with each file's result, in the order of their places; the text is not kept afterwards.

    Raises:
        ConfigError: the input as a whole cannot be used, or the output cannot be written.
        ChangedError: a person changed the output; nothing was written.
    """
    rules = rules or load_rules()
    target = Path(output) if output is not None else None
    tree = read_tree(str(src), target, is_whole=closure)
    names: dict[str, str] = {}
    if closure:
        alone = tree.files[0].module if tree.is_single else ""
        tree = closed(tree)
        if name:
            check_name(name, target, tree, rules.pack)
            tree, names = renamed_tree(tree, name, alone)
    elif tree.is_single and target is not None and Path(tree.files[0].place).suffix == target.suffix:
        tree, target = replace(tree, files=(replace(tree.files[0], place=target.name),)), target.parent
    work = Work(tree, rules, Options(suffix, jobs, backend, observed, use_cache))
    writer = None
    if target is not None:
        check_place(tree, target, rules)
        writer = Writer(target, rules, hand)
        writer.check(_sources(tree, work, rules))
    if on_start is not None:
        on_start(len(tree.files))
    counts: list[FileCounts] = []
    try:
        for result in _results(tree, work, writer, names):
            counts.append(counts_of(result))
            if on_file is not None:
                on_file(result)
    finally:
        if writer is not None:
            writer.finish()
    return ProjectResult(str(src), str(output or ""), tuple(counts))


def _sources(tree: Tree, work: Work, rules: RuleSet) -> dict[str, Path | None]:
    """Every place below OUT that may be written, with the file that it comes from."""
    helpers: dict[str, Path | None] = {helper_file(work.helpers_of(file).folder, rules): None for file in work.files}
    return helpers | {
        file.place: file.path for file in tree.files if file.kind is not Kind.LINK and file.path.is_file()
    }


def check_place(tree: Tree, output: Path, rules: RuleSet) -> None:
    """Refuse an output before any work is done.

    Raises:
        ConfigError: it is the input, lies around it, or is no folder.
    """
    if output.exists() and not output.is_dir():
        raise ConfigError("the output of a project is a folder", path=str(output), hint="choose another `-o`")
    inputs = {os.path.realpath(file.path) for file in tree.files}
    outputs = {file.place: os.path.realpath(output / file.place) for file in tree.files}
    if inputs & set(outputs.values()):
        raise ConfigError("the output would replace the input", path=str(output), hint="choose another `-o`")
    helper = f"{rules.pack.helper_module}.py"
    for file in tree.files:
        if os.path.basename(file.place) == helper:
            raise ConfigError("that is the name of the helper module", path=str(file.path), hint="rename that file")


def _results(tree: Tree, work: Work, writer: Writer | None, names: Mapping[str, str]) -> Iterator[FileResult]:
    """Every file's result, written below OUT where there is one; ``names`` are those of modules that are renamed."""
    for error in tree.unreadable:
        yield _unreadable(error)
    translations = work.translations()
    for file in tree.files:
        if file.kind in (Kind.MODULE, Kind.NOTEBOOK):
            translation = next(translations)
            if posixpath.basename(file.place) == "setup.py":
                translation = with_dependencies(translation, work.rules.pack)
            if names:
                translation = renamed(translation, names, partial(work.taken, file))
            yield _written(file, translation, work.helpers_of(file), writer)
        elif file.kind is Kind.DEPENDENCIES:
            yield _written(file, _dependencies(file, work.rules.pack), HelperPlace("", ""), writer)
        else:
            yield _copied(file, writer)


def _dependencies(file: SourceFile, pack: Pack) -> Translation:
    """The translation of a file that lists dependencies."""
    path = shown(file.path)
    try:
        text = read_source(file.path)
        return with_dependencies(Translation(path, text, text), pack)
    except SourceError as error:
        return failed(path, error.message, error.line, error.hint)


def _written(file: SourceFile, translation: Translation, place: HelperPlace, writer: Writer | None) -> FileResult:
    is_same = translation.text == translation.source
    is_failed = is_same and any(d.code == "T002" for d in translation.diagnostics)
    status = Status.FAILED if is_failed else Status.COPIED if is_same else Status.TRANSLATED
    if writer is None:
        return FileResult(file.place, status, translation)
    if is_failed:
        return replace(_copied(file, writer), status=status, translation=translation)
    if translation.helpers:
        writer.add_helpers(translation.helpers, place)
    written = writer.write(
        file.place,
        translation.text.encode(),
        source=digest_of(translation.source.encode()),
        mode=file.path.stat().st_mode,
        helpers=translation.helpers,
    )
    return _with_conflicts(FileResult(file.place, status, translation, written.is_changed), written, writer)


def _copied(file: SourceFile, writer: Writer | None) -> FileResult:
    result = FileResult(file.place, Status.COPIED, Translation(shown(file.path), "", ""))
    if writer is None:
        return result
    try:
        if file.kind is Kind.LINK:
            return replace(result, is_written=link(file.path, writer.output / file.place))
        written = writer.copy(file.place, file.path)
    except ConfigError as error:
        found = failed(result.translation.path, error.message, 1, error.hint)
        return replace(result, status=Status.FAILED, translation=found)
    return _with_conflicts(replace(result, is_written=written.is_changed), written, writer)


def _with_conflicts(result: FileResult, written: Written, writer: Writer) -> FileResult:
    """The result with an error for each line of the output where a change by hand collides."""
    said = written.diagnostics(writer.output / result.place)
    diagnostics = (*result.translation.diagnostics, *said)
    return replace(result, translation=replace(result.translation, diagnostics=diagnostics)) if said else result


def _unreadable(error: OSError) -> FileResult:
    path = shown(Path(error.filename))
    found = failed(path, f"cannot read the folder: {error.strerror}", 1, "check its permissions")
    return FileResult(path, Status.FAILED, found)
