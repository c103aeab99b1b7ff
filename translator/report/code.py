"""The side-by-side view of one translated file, ready for a template: rows, marks, what stands in the margin."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePath

from markupsafe import Markup

from translator.report.align import Row, folds, rows
from translator.report.markup import Mark, html, spread, syntax, words_changed
from translator.report.model import Blame, Diagnostic, Edit, Position, Translation
from translator.report.text import lines_of


@dataclass(slots=True)
class Use:
    """One rule of the report: where it was applied, as (link, place) pairs."""

    anchor: str
    api: str
    origin: str
    certain: int = 0
    assumed: int = 0
    places: list[tuple[str, str]] = field(default_factory=list)


class Rules(dict[tuple[str, str], Use]):
    """Every rule that wrote something, by api and origin, in the order of first use."""

    def use(self, edit: Edit, link: str) -> Use:
        """Note one more use of the edit's rule, at ``link``."""
        key = (edit.api, edit.rule_origin)
        found = self.setdefault(key, Use(f"rule-{len(self)}", *key))
        if edit.certainty.value == "certain":
            found.certain += 1
        else:
            found.assumed += 1
        place = (link, f"{edit.position.path}:{edit.position.line}")
        if place not in found.places:
            found.places.append(place)
        return found


@dataclass(frozen=True, slots=True)
class Chip:
    """An edit in the margin: its rule, how often on this line, how sure."""

    rule: Use
    certainty: str
    times: int


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the view; a number is 0 where that side has no line."""

    source: int
    output: int
    source_html: Markup
    output_html: Markup
    kind: str
    chips: tuple[Chip, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    blamed: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """Consecutive rows; ``hidden`` ones are folded away until somebody asks for them."""

    hidden: bool
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class File:
    """One translated file of the page; ``anchor`` prefixes the ids of its lines (``f0-s12``, ``f0-o12``)."""

    anchor: str
    translation: Translation
    blocks: tuple[Block, ...]
    changed: int


def file(translation: Translation, number: int, rules: Rules, blame: Blame | None) -> File:
    """Lay one translation out; every edit is also noted in ``rules``."""
    anchor = f"f{number}"
    source, output = lines_of(translation.source), lines_of(translation.text)
    line_map = translation.line_map or range(1, len(output) + 1)
    layout = _Layout(anchor, translation, source, output, rules, blame)
    lines = [layout.line(row) for row in rows(len(source), list(line_map)[: len(output)])]
    noticed = [bool(line.kind or line.chips or line.diagnostics or line.blamed) for line in lines]
    return File(anchor, translation, tuple(_blocks(lines, folds(noticed))), sum(bool(line.kind) for line in lines))


def _blocks(lines: list[Line], hidden: Iterable[range]) -> Iterable[Block]:
    done = 0
    for fold in hidden:
        if done < fold.start:
            yield Block(False, tuple(lines[done : fold.start]))
        yield Block(True, tuple(lines[fold.start : fold.stop]))
        done = fold.stop
    if done < len(lines):
        yield Block(False, tuple(lines[done:]))


class _Layout:
    """What is known of each line of one file, and the making of a row from that."""

    def __init__(
        self,
        anchor: str,
        translation: Translation,
        source: list[str],
        output: list[str],
        rules: Rules,
        blame: Blame | None,
    ) -> None:
        self.source, self.output = source, output
        self.source_marks, self.output_marks = syntax(source), syntax(output)
        self.uses: dict[int, dict[tuple[str, str], Chip]] = defaultdict(dict)
        self.diagnostics: dict[int, list[Diagnostic]] = defaultdict(list)
        place = blame.source_position if blame else None
        self.blamed = {place.line} if place and is_in(place, translation) else set()
        for edit in translation.edits:
            self._add_edit(edit, rules.use(edit, f"#{anchor}-s{edit.position.line}"))
        for found in translation.diagnostics:
            self.diagnostics[found.position.line].append(found)
            self._mark(found.position, f"found {found.severity.value}")

    def _add_edit(self, edit: Edit, rule: Use) -> None:
        chips = self.uses[edit.position.line]
        key = (rule.anchor, edit.certainty.value)
        times = chips[key].times + 1 if key in chips else 1
        chips[key] = Chip(rule, edit.certainty.value, times)
        self._mark(edit.position, "e")

    def _mark(self, place: Position, css: str) -> None:
        for number, start, end in spread(place.line, place.column, place.end_line, place.end_column, self.source):
            self.source_marks[number].append(Mark(start, end, css))

    def line(self, row: Row) -> Line:
        before = self.source[row.source - 1] if row.source else ""
        after = self.output[row.output - 1] if row.output else ""
        kind = "" if before == after and row.source and row.output else _kind(row)
        source_marks, output_marks = self.source_marks[row.source], self.output_marks[row.output]
        if kind == "changed":
            left, right = words_changed(before, after)
            source_marks, output_marks = [*source_marks, *left], [*output_marks, *right]
        return Line(
            row.source,
            row.output,
            html(before, source_marks),
            html(after, output_marks),
            kind,
            tuple(self.uses[row.source].values()) if row.source else (),
            tuple(self.diagnostics[row.source]) if row.source else (),
            bool(row.source) and row.source in self.blamed,
        )


def _kind(row: Row) -> str:
    return "changed" if row.source and row.output else "removed" if row.source else "added"


def is_in(place: Position | None, translation: Translation) -> bool:
    """Whether a position is one of the translation's source file, named absolutely or not."""
    if place is None:
        return False
    there, here = PurePath(place.path).parts, PurePath(translation.path).parts
    shorter = min(len(there), len(here))
    return bool(shorter) and there[-shorter:] == here[-shorter:]


def quoted(line: str) -> Markup:
    """A line of code as HTML, without its indentation."""
    text = line.strip()
    return html(text, syntax([text])[1])
