"""Which line of the output stands for which line of the source."""

from __future__ import annotations

import difflib
import re
from pathlib import Path

from translator.core import Translation

WORD = re.compile(r"\w+|[^\w\s]")
ALIKE = 0.3


def align(source: Path, output: Path, translation: Translation | None) -> dict[int, int]:
    """Output line to source line, both from 1; lines without a counterpart are left out.

    With a translation its own line map is used, carried over to an output that was edited since; without one, or for
    files that it does not concern, lines that read alike are paired in order.
    """
    there = output.read_text(errors="replace").splitlines()
    if translation is not None and Path(translation.path).resolve() == source.resolve():
        written = translation.text.splitlines()
        known = {number: line for number, line in enumerate(translation.line_map, 1) if line}
        return {now: known[then] for now, then in align_text(written, there).items() if then in known}
    return align_text(source.read_text(errors="replace").splitlines(), there)


def align_text(before: list[str], after: list[str]) -> dict[int, int]:
    """Line of ``after`` to line of ``before``: equal ones first, then the most alike between them, in order."""
    pairs: dict[int, int] = {}
    matcher = difflib.SequenceMatcher(None, [plain(line) for line in before], [plain(line) for line in after], False)
    for tag, i, i_end, j, j_end in matcher.get_opcodes():
        if tag == "equal":
            pairs.update({j + k + 1: i + k + 1 for k in range(i_end - i)})
        elif tag == "replace":
            found = align_block(before[i:i_end], after[j:j_end])
            pairs.update({j + there + 1: i + here + 1 for here, there in found})
    return pairs


def plain(line: str) -> str:
    """A line without what translating changes anyway."""
    return re.sub(r"\b(torch|paddle)\b", "", line.strip())


def align_block(before: list[str], after: list[str]) -> list[tuple[int, int]]:
    """The best pairing of two blocks of lines that keeps their order, by the sum of likeness."""
    best = [[0.0] * (len(after) + 1) for _ in range(len(before) + 1)]
    scores = [[likeness(one, other) for other in after] for one in before]
    for i in range(len(before) - 1, -1, -1):
        for j in range(len(after) - 1, -1, -1):
            paired = scores[i][j] + best[i + 1][j + 1] if scores[i][j] >= ALIKE else 0.0
            best[i][j] = max(paired, best[i + 1][j], best[i][j + 1])
    pairs, i, j = [], 0, 0
    while i < len(before) and j < len(after):
        if scores[i][j] >= ALIKE and best[i][j] == scores[i][j] + best[i + 1][j + 1]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs


def likeness(one: str, other: str) -> float:
    """How many words and signs two lines share, from 0 to 1."""
    a, b = set(WORD.findall(plain(one).lower())), set(WORD.findall(plain(other).lower()))
    return len(a & b) / len(a | b) if a and b else 0.0
