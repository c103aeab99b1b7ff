"""What a finished builder leaves, so that a later run knows that nothing changed since.

Beside the proofs stands a folder ``records`` with a file for each builder: its outcome, the checks that were asked for,
and one digest of everything else that the outcome depends on: the modules that the builder's own needs, on both sides;
inputs, weights and seed; the rules' parts that verification uses; versions of the frameworks; and the code that
compares.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from translator.core import ConfigError
from translator.files import write_atomically
from translator.models.result import Builder, Outcome
from translator.project.closure import Closure
from translator.project.discover import Kind, SourceFile, file_of
from translator.ruleset.model import RuleSet
from translator.verify.inputs import Input
from translator.workers.entry import package_of, parse_entry

FOLDER = "records"
FORMAT = "translate-models-record-1"
VERIFYING = ("models", "verify", "weights", "workers")  # the folders of this program that an outcome depends on


@dataclass(slots=True)
class Dependencies:
    """Digests of all that a builder's outcome depends on; what several builders share is read once.

    Args:
        versions: of both sides' frameworks and interpreters.
    """

    ruleset: RuleSet
    versions: Mapping[str, Mapping[str, str]]
    seed: int
    _readers: dict[tuple[Path, str], Closure] = field(default_factory=dict)
    _modules: dict[Path, str] = field(default_factory=dict)
    _rules: str = ""

    def digest(self, builder: Builder, inputs: Sequence[Input]) -> str:
        """Of everything but the checks."""
        self._rules = self._rules or rules_digest(self.ruleset)
        sides = [(entry, self._module(parse_entry(entry).place)) for entry in (builder.source, builder.target)]
        given = [str(one) for one in inputs]
        return digest_of(repr((FORMAT, sides, given, self.seed, self.versions, self._rules, program())))

    def _module(self, place: str) -> str:
        """Of a module by its path or dotted name, and of the modules of its project that it needs."""
        file = file_of(place)
        if file is None:
            return ""  # not for this Python; who builds the model says it
        file = file.resolve()
        if file not in self._modules:
            self._modules[file] = digest_of(repr(sorted(self._texts(file))))
        return self._modules[file]

    def _texts(self, file: Path) -> Iterable[tuple[str, str]]:
        root, module = package_of(file) or (file.parent, file.stem)
        top = module.partition(".")[0] if package_of(file) else ""
        closure = Closure(root, top, self._readers.get((root, top)))
        self._readers.setdefault((root, top), closure)
        closure.add_whole([SourceFile(file, "", Kind.MODULE, module, file.name == "__init__.py")])
        for name in closure.modules:
            package, text = closure.packages.get(name), closure.text(name)
            yield name, text if package is None or package.is_whole else package.reduced(text).text


def rules_digest(ruleset: RuleSet) -> str:
    """Of what verification takes from the rules: which classes have one, their weights, and known differences."""
    known = [(r.api, r.also, r.weights, r.differs) for r in ruleset.rules()]
    return digest_of(repr([rule for rule in known if rule[2] or rule[3] or rule[0].rpartition(".")[2][:1].isupper()]))


@cache
def program() -> str:
    """Of the code that compares."""
    package = Path(__file__).resolve().parents[1]
    files = sorted(file for folder in VERIFYING for file in (package / folder).glob("*.py"))
    return digest_of(repr([(file.name, file.read_bytes()) for file in files]))


def digest_of(text: str) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Records:
    """The records below the folder of the proofs."""

    proof: Path

    def find(self, builder: Builder, checks: Sequence[str], digest: str) -> Outcome | None:
        """The outcome of an earlier run that proved the same; None where that is not so, or its report is gone."""
        try:
            found = json.loads(self._place(builder).read_text(encoding="utf-8"))
            outcome = outcome_of(found["outcome"])
        except (OSError, ValueError, KeyError, TypeError):
            return None  # never run, or written by another version of this program
        if found.get("digest") != digest or not outcome.proven or not set(checks) <= set(outcome.checks):
            return None
        if outcome.report and not (self.proof / outcome.report).is_file():
            return None
        asked = {check: outcome.checks[check] for check in checks}
        return replace(outcome, builder=builder, checks=asked, is_reused=True)

    def keep(self, outcome: Outcome, digest: str) -> None:
        """Leave a record of a builder that is finished.

        Raises:
            ConfigError: it cannot be written.
        """
        found = {"format": FORMAT, "digest": digest, "outcome": asdict(outcome)}
        write_atomically(self._place(outcome.builder), json.dumps(found, indent=1) + "\n")

    def drop(self, builder: Builder) -> None:
        """Forget a builder: it is about to run again.

        Raises:
            ConfigError: the folder cannot be written.
        """
        try:
            self._place(builder).unlink(missing_ok=True)
        except OSError as error:
            raise ConfigError(f"cannot be removed: {error.strerror}", path=str(self._place(builder))) from error

    def _place(self, builder: Builder) -> Path:
        return self.proof / FOLDER / f"{builder.name}.json"


def outcome_of(found: Mapping[str, Any]) -> Outcome:
    """An outcome from what ``asdict`` made of it."""
    return Outcome(**{**found, "builder": Builder(**found["builder"])})
