"""Source and output opposite each other, by the translation's own line map: never by comparing texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest


@dataclass(frozen=True, slots=True)
class Row:
    """A source line and the output line opposite it, both counted from 1; 0 where there is none."""

    source: int
    output: int


def rows(source_lines: int, line_map: Sequence[int]) -> list[Row]:
    """Every line of both texts once, in order, corresponding lines in one row.

    Args:
        source_lines: how many lines the source has.
        line_map: for each output line the source line that it comes from, 0 where it is new. A line that repeats or
            goes back (one source line that became several) counts as new.

    Returns:
        Source numbers and output numbers both ascend; between two corresponding lines, removed and new ones share rows.
    """
    out: list[Row] = []
    done, new = 0, []
    for output, source in enumerate(line_map, 1):
        if not done < source <= source_lines:
            new.append(output)
            continue
        out += _gap(range(done + 1, source), new)
        out.append(Row(source, output))
        done, new = source, []
    return out + _gap(range(done + 1, source_lines + 1), new)


def _gap(removed: Sequence[int], new: Sequence[int]) -> list[Row]:
    return [Row(source, output) for source, output in zip_longest(removed, new, fillvalue=0)]


def folds(changed: Sequence[bool], context: int = 3, shortest: int = 6) -> list[range]:
    """The runs of unchanged rows that a page may hide: all but ``context`` rows beside a change.

    Args:
        changed: for each row whether there is anything to see.
        shortest: runs with fewer hidden rows than this stay visible.
    """
    out, start = [], 0
    marks = [index for index, is_changed in enumerate(changed) if is_changed]
    for mark in [*marks, len(changed)]:
        first = start + (context if start else 0)
        last = mark - (context if mark < len(changed) else 0)
        if last - first >= shortest:
            out.append(range(first, last))
        start = mark + 1
    return out
