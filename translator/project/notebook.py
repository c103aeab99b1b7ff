"""Notebooks: the code cells as one module, so that names carry over from cell to cell, and its edits back in each.

Lines for the shell and for IPython (``!pip``, ``%time``, ``f?``) are no Python: each goes through as a placeholder of
one line, and stands in the output as it was. Markdown, outputs and metadata are not touched.
"""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from translator.codes import CODES
from translator.core import Diagnostic, Position, SourceError, Translation

_CELL = "# \u2039cell {}\u203a"
_KEPT = "# \u2039kept {}\u203a"
_INDENT = re.compile(r"\{\r?\n( +)")
_CELLS = re.compile(r"^# \u2039cell (\d+)\u203a\n", re.MULTILINE)
_KEPTS = re.compile(r"^[^\n]*# \u2039kept (\d+)\u203a[^\n]*$", re.MULTILINE)
_SPECIAL = re.compile(r"\s*([%!?]|[^#'\"]*\?\s*$)")
_ASSIGNED = re.compile(r"(\s*)([^\W\d]\w*(?:\s*,\s*[^\W\d]\w*)*)\s*=\s*[%!]")
_PYTHON_BELOW = re.compile(r"\s*%%(time|timeit|capture|prun)\b")


@dataclass(frozen=True, slots=True)
class Notebook:
    """A notebook that was opened.

    Args:
        text: its code cells as one module, each below a line that names its number.
        kept: the lines behind the placeholders.
        broken: numbers of cells that are no Python; they stay as they are.
    """

    path: str
    content: Any
    text: str
    kept: tuple[str, ...]
    broken: tuple[int, ...] = ()

    def closed(self, translation: Translation, source: str) -> Translation:
        """The translation of ``text`` as one of the notebook: cells put back, places by cell."""
        new = {n: _KEPTS.sub(lambda found: self.kept[int(found[1])], code) for n, code in _split(translation.text)}
        changed = {number: code for number, code in new.items() if code != self.content.cells[number - 1].source}
        starts = self._starts()
        said = [replace(d, position=self._place(d.position, starts)) for d in translation.diagnostics]
        hint = "mend the cell first"
        said += [
            Diagnostic(
                "T002", CODES["T002"].severity, Position(f"{self.path}:cell {n}", 1), "not valid Python", hint=hint
            )
            for n in self.broken
        ]
        return replace(
            translation,
            source=source,
            text=_written(source, changed) if changed else source,
            diagnostics=tuple(said),
            edits=tuple(replace(e, position=self._place(e.position, starts)) for e in translation.edits),
            line_map=(),
        )

    def _starts(self) -> list[tuple[int, int]]:
        """(line of the module, number) of every cell."""
        lines = self.text.splitlines()
        return [(line, int(found[1])) for line, text in enumerate(lines, 1) if (found := _CELLS.match(f"{text}\n"))]

    def _place(self, found: Position, starts: list[tuple[int, int]]) -> Position:
        line, number = max((s for s in starts if s[0] < found.line), default=(0, 1))
        end = max(found.end_line - line, 0)
        return replace(found, path=f"{self.path}:cell {number}", line=max(found.line - line, 1), end_line=end)


def open_notebook(data: bytes, path: str) -> Notebook | None:
    """Read a notebook; None when its language is another one.

    Raises:
        SourceError: it is no notebook, or of a format before version 4.
    """
    import nbformat

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about missing cell ids, which are not ours to add
            content = nbformat.reads(data.decode("utf-8"), as_version=nbformat.NO_CONVERT)
    except UnicodeDecodeError as error:
        raise SourceError("not UTF-8", path=path, line=1, hint="save the file as UTF-8") from error
    except Exception as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise SourceError(f"no notebook: {reason[:200]}", path=path, line=1, hint="save it with Jupyter") from error
    if content.get("nbformat") != 4:
        hint = "convert it first: `jupyter nbconvert --to notebook`"
        raise SourceError(f"a notebook of format {content.get('nbformat')}", path=path, line=1, hint=hint)
    metadata = content.get("metadata", {})
    language = metadata.get("language_info", {}).get("name") or metadata.get("kernelspec", {}).get("language")
    if language and language.lower() not in ("python", "ipython", "python3"):
        return None
    kept: list[str] = []
    parts: list[str] = []
    broken: list[int] = []
    for number, cell in enumerate(content.cells, 1):
        if cell.cell_type == "code":
            code = _python(cell.source, kept)
            broken += [number] if code is None else []
            parts.append(f"{_CELL.format(number)}\n{_placeholder(cell.source, kept) if code is None else code}\n")
    return Notebook(path, content, "".join(parts), tuple(kept), tuple(broken))


def cells_of(data: bytes, path: str) -> dict[str, str]:
    """The source of every code cell, by the path that diagnostics name it with; none of what is no notebook."""
    try:
        notebook = open_notebook(data, path)
    except SourceError:
        return {}
    cells = enumerate(notebook.content.cells, 1) if notebook is not None else ()
    return {f"{path}:cell {number}": cell.source for number, cell in cells if cell.cell_type == "code"}


def _split(text: str) -> Iterator[tuple[int, str]]:
    """(number, code) of each cell; what stands above the first belongs to it."""
    first, *parts = _CELLS.split(text)
    for i in range(0, len(parts), 2):
        yield int(parts[i]), (first if i == 0 else "") + parts[i + 1].removesuffix("\n")


def _python(source: str, kept: list[str]) -> str | None:
    """A cell's source with a placeholder for each line that is no Python; None if it is none even so."""
    if _is_python(source):
        return source
    first, _, below = source.partition("\n")
    if first.lstrip().startswith("%%"):
        if not _PYTHON_BELOW.match(first):
            return _placeholder(source, kept)
        head = _placeholder(first, kept)
        rest = _python(below, kept)
        return None if rest is None else f"{head}\n{rest}"
    replaced = "\n".join(_replaced(source.split("\n"), kept))
    return replaced if _is_python(replaced) else None


def _replaced(lines: list[str], kept: list[str]) -> Iterator[str]:
    """The lines, with a placeholder for each special one and those that it goes on in."""
    held: list[str] = []
    for line in lines:
        if held or _SPECIAL.match(line) or _ASSIGNED.match(line):
            held.append(line)
            if not line.endswith("\\"):
                yield _placeholder("\n".join(held), kept)
                held = []
        else:
            yield line
    if held:
        yield _placeholder("\n".join(held), kept)


def _placeholder(text: str, kept: list[str]) -> str:
    """A statement of one line that stands for text that is no Python; it binds the names that the text binds."""
    kept.append(text)
    assigned = _ASSIGNED.match(text)
    indent = text[: len(text) - len(text.lstrip())]
    code = f"{assigned[2]} = ()" if assigned and "," not in assigned[2] else "pass"
    return f"{indent}{code}  {_KEPT.format(len(kept) - 1)}"


def _is_python(source: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(source)
    except (SyntaxError, ValueError):
        return False
    return True


def _written(source: str, cells: dict[int, str]) -> str:
    """The notebook with new code in some cells, by number; all else as it was, indentation and order of keys, too."""
    content = json.loads(source)
    for number, code in cells.items():
        cell = content["cells"][number - 1]
        cell["source"] = code.splitlines(keepends=True) if isinstance(cell["source"], list) else code
    found = _INDENT.match(source)
    indent = len(found[1]) if found else None
    text = json.dumps(content, indent=indent, ensure_ascii=source.isascii())
    return text + source[len(source.rstrip()) :]
