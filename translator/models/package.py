"""``translate_models``: a package translated under a new name, and every builder of it verified."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from translator.core import Translation
from translator.models.builders import Found, find_builders, source_of
from translator.models.entries import read_entries
from translator.models.inputs import find_table, inputs_of, read_table
from translator.models.pair import Places
from translator.models.result import Builder, Outcome
from translator.models.run import TIMEOUT, Progress, refuse_unknown, run_models
from translator.models.trial import Save
from translator.project.result import FileResult, ProjectResult
from translator.project.translate import translate_project
from translator.project.write import Hand
from translator.ruleset.load import load_rules
from translator.ruleset.model import RuleSet
from translator.verify.inputs import Input
from translator.verify.run import CHECKS
from translator.workers.launch import Worker

Reports = Callable[[Path, Mapping[Path, Translation]], Save]


class Watch(Progress, Protocol):
    """What is told of the whole run; the first two come before the builders run."""

    def translated(self, result: ProjectResult) -> None:
        """The package is translated."""

    def found(self, found: Found) -> None:
        """The builders are known."""


@dataclass(frozen=True, slots=True)
class ModelsResult:
    """What became of a package: its translation, its builders, and an outcome for each."""

    project: ProjectResult
    found: Found
    outcomes: tuple[Outcome, ...]

    @property
    def proven(self) -> bool:
        """Whether every builder is, and none was left out."""
        return all(outcome.proven for outcome in self.outcomes) and not self.found.missing


def translate_models(
    package: str,
    output: str | Path,
    *,
    rules: RuleSet | None = None,
    only: Sequence[str] = (),
    entries: Path | None = None,
    inputs: Path | None = None,
    checks: Sequence[str] = CHECKS,
    jobs: int | None = None,
    memory: int | None = None,
    timeout: float = TIMEOUT,
    seed: int = 0,
    is_resumed: bool = True,
    hand: Hand = Hand.REFUSE,
    source_device: str = "cpu",
    target_device: str = "cpu",
    source_python: str | None = None,
    target_python: str | None = None,
    reports: Reports | None = None,
    watch: Watch | None = None,
) -> ModelsResult:
    """Translate a package with all that it needs, and verify every model builder of it.

    Args:
        package: its dotted name or path; see ``find_builders`` for what counts as a builder.
        output: the folder of the new package, which goes by its last part. The proofs lie beside it, in
            ``output.proof``.
        only: patterns of builders' names.
        entries: a file that names the builders.
        inputs: a table of inputs and of builders' arguments; by default ``inputs.yaml`` in or beside the package,
            else inputs are found by trying.
        checks: as ``verify`` knows them; none at all only builds and loads.
        jobs: builders at a time; ``memory`` is what they may take together, in bytes; ``timeout`` the seconds of one.
        is_resumed: what an earlier run proved is taken from there, where nothing changed since.
        reports: makes what writes the report of each builder, from the folder and the translations by source file.

    Raises:
        ConfigError: the package, the output's name, a file or an option is wrong, or no builder was found.
        ChangedError: a person changed the output; nothing was written.
        WorkerError: the package cannot be imported, or a framework cannot.
    """
    refuse_unknown(checks)
    out, rules = Path(output), rules or load_rules()
    name = out.resolve().name
    source = source_of(package, out)
    table = read_table(inputs) if inputs is not None else find_table(source.path, source.root / source.top)
    if entries is not None:
        read_entries(entries)  # what is wrong in it is said before anything is written
    translations: dict[Path, Translation] = {}

    def keep(result: FileResult) -> None:
        translations[Path(result.translation.path).resolve()] = result.translation

    project = translate_project(package, out, rules=rules, closure=True, name=name, hand=hand, on_file=keep)
    if watch is not None:
        watch.translated(project)
    with Worker("torch", python=source_python) as worker:
        found = find_builders(package, out, worker, entries, only)
        found = replace(found, builders=tuple(map(table.given_to, found.builders)))
    if watch is not None:
        watch.found(found)

    def given(builder: Builder, worker: Worker | None) -> tuple[Input, ...] | None:
        return inputs_of(builder, table, worker)

    proof = proof_of(out)
    outcomes = run_models(
        found.builders,
        ruleset=rules,
        inputs=given,
        proof=proof,
        checks=checks,
        jobs=jobs,
        memory=memory,
        timeout=timeout,
        seed=seed,
        places=Places(
            source_python,
            target_python,
            source_device,
            target_device,
            hidden=(*rules.pack.source_packages, source.top),
        ),
        translations=translations,
        save=reports(proof, translations) if reports is not None else None,
        is_resumed=is_resumed,
        progress=watch,
    )
    return ModelsResult(project, found, tuple(outcomes))


def proof_of(output: Path) -> Path:
    """The folder of the proofs of a package: beside it, never inside."""
    return output.with_name(f"{output.resolve().name}.proof")


__all__ = ["ModelsResult", "Watch", "proof_of", "translate_models"]
