"""The data types that every part of the translator shares. Standard library only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A range of source text: lines count from 1, columns from 0 in characters, the end is exclusive."""

    path: str
    line: int
    column: int = 0
    end_line: int = 0
    end_column: int = 0

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column + 1}"


@dataclass(frozen=True, slots=True)
class Type:
    """What is known of a value: the qualified name of its class.

    Args:
        name: ``torch.Tensor``, ``torch.nn.Linear``, ``int``, ``tuple``; a class of the file itself by its bare name.
        items: types of the elements of a tuple or list, in order; empty when unknown.
        assumed: the fact is weak (an unannotated parameter of ``forward``); what rests on it is marked assumed.
        stored: a layer's parameter that the target keeps in another layout.
        values: the constants that a text or an integer can only be; empty when it may be anything.
        dtype: type of a tensor's elements, or the type that a dtype object is; its kind where only that is known.
    """

    name: str
    items: tuple[Type | None, ...] = ()
    assumed: bool = False
    stored: bool = False
    values: tuple[str | int, ...] = ()
    dtype: str = ""


class Severity(str, Enum):
    """How bad a diagnostic is: a note needs nothing, a warning left code as it was, an error lost the file."""

    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A fact about the user's code: what, where, which rule, what to do about it."""

    code: str
    severity: Severity
    position: Position
    message: str
    api: str = ""
    rule_origin: str = ""
    label: str = ""
    hint: str = ""


class Certainty(str, Enum):
    """Whether an edit rests on facts alone or on a weak one."""

    CERTAIN = "certain"
    ASSUMED = "assumed"


@dataclass(frozen=True, slots=True)
class AppliedEdit:
    """One edit of a translation, for reports and for blame."""

    position: Position
    api: str
    rule_origin: str
    certainty: Certainty
    output_line: int
    output_end_line: int


@dataclass(frozen=True, slots=True)
class Counts:
    """Sites of the source framework in one file; ``left`` counts the rest by diagnostic code."""

    sites: int = 0
    certain: int = 0
    assumed: int = 0
    left: dict[str, int] = field(default_factory=dict)


class Tally(Protocol):
    """Counts of sites, from a translation or from a report that was read back."""

    @property
    def sites(self) -> int: ...
    @property
    def certain(self) -> int: ...
    @property
    def assumed(self) -> int: ...
    @property
    def left(self) -> dict[str, int]: ...


def total(counts: Iterable[Tally]) -> Counts:
    """The sum of several counts."""
    listed = list(counts)
    left: dict[str, int] = {}
    for one in listed:
        for code, number in one.left.items():
            left[code] = left.get(code, 0) + number
    sites, certain, assumed = (sum(getattr(c, name) for c in listed) for name in ("sites", "certain", "assumed"))
    return Counts(sites, certain, assumed, dict(sorted(left.items())))


@dataclass(frozen=True, slots=True)
class Translation:
    """The result of translating one source file: picklable, without any syntax tree.

    Args:
        path: the source file's path as it was given.
        source: the source text.
        text: the output text; equal to ``source`` where nothing was translated.
        line_map: for each output line (index 0 is line 1) the source line it comes from, 0 where it is new.
        helpers: names of the pack's helpers that the output imports, sorted.
    """

    path: str
    source: str
    text: str
    diagnostics: tuple[Diagnostic, ...] = ()
    edits: tuple[AppliedEdit, ...] = ()
    counts: Counts = field(default_factory=Counts)
    line_map: tuple[int, ...] = ()
    helpers: tuple[str, ...] = ()

    @property
    def codes(self) -> list[str]:
        """The codes of all diagnostics, in source order."""
        return [diagnostic.code for diagnostic in self.diagnostics]


def release() -> str:
    """The version of this program; empty where it runs without being installed."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("paddle-translator")
    except PackageNotFoundError:
        return ""


class TranslatorError(Exception):
    """The caller's mistake: one clear line naming file, line and remedy. The command line exits with 2."""

    def __init__(self, message: str, *, path: str = "", line: int = 0, hint: str = "") -> None:
        place = f"{path}:{line}: " if path and line else f"{path}: " if path else ""
        super().__init__(f"{place}{message}")
        self.message, self.path, self.line, self.hint = message, path, line, hint


class SourceError(TranslatorError):
    """The input cannot be read: missing, not UTF-8, not Python."""


class RuleError(TranslatorError):
    """A rule file is wrong; the message names file and line."""


class ConfigError(TranslatorError):
    """A wrong option, ENTRY, path or configuration file."""


class CheckpointError(TranslatorError):
    """A checkpoint is truncated, unsafe, or does not fit the model."""


class WorkerError(TranslatorError):
    """A framework's process failed; the message holds the last line of its error."""
