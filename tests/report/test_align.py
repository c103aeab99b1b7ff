"""Rows of the side-by-side view come from the line map, and every line is on exactly one row."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from translator.report.align import Row, folds, rows


@pytest.mark.parametrize(
    ("lines", "line_map", "expected"),
    [
        pytest.param(2, [1, 2], [(1, 1), (2, 2)], id="same lines"),
        pytest.param(2, [1, 0, 2], [(1, 1), (0, 2), (2, 3)], id="a new line"),
        pytest.param(3, [1, 3], [(1, 1), (2, 0), (3, 2)], id="a removed line"),
        pytest.param(3, [1, 0, 3], [(1, 1), (2, 2), (3, 3)], id="a replaced line shares a row"),
        pytest.param(1, [1, 1], [(1, 1), (0, 2)], id="one line became two"),
        pytest.param(2, [2, 1], [(1, 0), (2, 1), (0, 2)], id="a line that goes back is new"),
        pytest.param(2, [], [(1, 0), (2, 0)], id="nothing left"),
        pytest.param(0, [0], [(0, 1)], id="nothing before"),
        pytest.param(1, [9], [(1, 1)], id="a line that does not exist"),
    ],
)
def test_rows(lines: int, line_map: list[int], expected: list[tuple[int, int]]) -> None:
    assert rows(lines, line_map) == [Row(*row) for row in expected]


@given(st.integers(0, 30), st.lists(st.integers(0, 32), max_size=30))
def test_every_line_once_and_in_order(lines: int, line_map: list[int]) -> None:
    found = rows(lines, line_map)
    assert [row.source for row in found if row.source] == list(range(1, lines + 1))
    assert [row.output for row in found if row.output] == list(range(1, len(line_map) + 1))


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        pytest.param("x" + "." * 9, [(4, 10)], id="three lines of context before"),
        pytest.param("x" + "." * 12 + "x", [(4, 10)], id="and after"),
        pytest.param("x" + "." * 11 + "x", [], id="too short to hide"),
        pytest.param("." * 6, [(0, 6)], id="nothing changed"),
        pytest.param("." * 12 + "x", [(0, 9)], id="context before the first change"),
        pytest.param("", [], id="empty"),
    ],
)
def test_folds(pattern: str, expected: list[tuple[int, int]]) -> None:
    assert [(fold.start, fold.stop) for fold in folds([mark == "x" for mark in pattern])] == expected
