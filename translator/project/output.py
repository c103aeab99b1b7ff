"""Writing a translated file, with the helpers it imports in a module beside it."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterable
from pathlib import Path

from translator.core import ConfigError, Translation
from translator.files import write_atomically
from translator.ruleset.model import Pack

MARK = "# Written by `translate`: the functions that translated files beside this one import.\n"


def check_output(source: Path | None, output: Path, pack: Pack) -> None:
    """Refuse an output path before any work is done.

    Raises:
        ConfigError: it is the input, a folder, or the name of the helper module.
    """
    if source is not None and os.path.realpath(output) == os.path.realpath(source):
        raise ConfigError("the output would replace the input", path=str(output), hint="choose another `-o`")
    if output.is_dir():
        raise ConfigError("the output is a folder", path=str(output), hint="name a file in it")
    if output.name == f"{pack.helper_module}.py":
        raise ConfigError("that is the name of the helper module", path=str(output), hint="choose another name")


def write_translation(translation: Translation, output: Path, pack: Pack) -> list[Path]:
    """Write the output, and the helpers first, so that a reader never sees one without the other.

    Returns:
        The files that were written.

    Raises:
        ConfigError: a place cannot be written, or a module of the user's stands where the helpers go.
    """
    written = []
    if translation.helpers:
        beside = output.parent / f"{pack.helper_module}.py"
        write_atomically(beside, helper_module(translation.helpers, pack, beside))
        written.append(beside)
    write_atomically(output, translation.text)
    return [*written, output]


def helper_module(names: Iterable[str], pack: Pack, existing: Path | None = None) -> str:
    """The text of the helper module: every topic file that defines one of ``names``, and those already there.

    Raises:
        ConfigError: ``existing`` is not ours, or a helper is defined nowhere.
    """
    topics = {path: path.read_text(encoding="utf-8") for path in sorted((Path(pack.folder) / "helpers").glob("*.py"))}
    wanted = {*names, *(_known(existing) if existing is not None and existing.exists() else ())}
    defined = {name: path for path, text in topics.items() for name in _definitions(text)}
    missing = sorted(wanted - set(defined))
    if missing:
        raise ConfigError(f"no helper is called `{missing[0]}`", path=pack.folder, hint="add it below helpers/")
    chosen = [topics[path] for path in sorted({defined[name] for name in wanted if not name.startswith("_")})]
    return MARK + _joined(chosen)


def _known(existing: Path) -> set[str]:
    try:
        text = existing.read_text(encoding="utf-8")
        if text.startswith(MARK):
            return _definitions(text)
    except (OSError, UnicodeDecodeError, SyntaxError):
        pass  # whatever it is, it is not what was written there
    raise ConfigError(
        "the helpers of the output go here, and this file is not theirs",
        path=str(existing),
        hint="rename it, or choose another output folder",
    )


def _definitions(text: str) -> set[str]:
    return {s.name for s in ast.parse(text).body if isinstance(s, ast.FunctionDef | ast.ClassDef)}


def _joined(texts: list[str]) -> str:
    """Several modules as one: imports first and once, then every body."""
    imports: dict[str, None] = {}
    bodies = []
    for text in texts:
        lines = text.splitlines(keepends=True)
        last = 0
        for i, statement in enumerate(ast.parse(text).body):
            is_docstring = i == 0 and isinstance(statement, ast.Expr)
            if not is_docstring and not isinstance(statement, ast.Import | ast.ImportFrom):
                break
            if not is_docstring:
                imports["".join(lines[statement.lineno - 1 : statement.end_lineno])] = None
            last = statement.end_lineno or last
        bodies.append("".join(lines[last:]).strip("\n"))
    future = [line for line in imports if "__future__" in line]
    rest = sorted(line for line in imports if "__future__" not in line)
    return "\n".join(["".join(future), "".join(rest)]) + "\n\n" + "\n\n\n".join(bodies) + "\n"
