"""Writing a translated file, with the helpers it imports in a module beside it."""

from __future__ import annotations

import os
from pathlib import Path

from translator.core import ConfigError, Translation
from translator.files import write_atomically
from translator.ruleset.helper_module import MARK, definitions, helper_module
from translator.ruleset.model import Pack, RuleSet


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


def write_translation(translation: Translation, output: Path, rules: RuleSet) -> list[Path]:
    """Write the output, and the helpers first, so that a reader never sees one without the other.

    Returns:
        The files that were written.

    Raises:
        ConfigError: a place cannot be written, or a module of the user's stands where the helpers go.
    """
    written = []
    if translation.helpers:
        beside = output.parent / f"{rules.pack.helper_module}.py"
        write_atomically(beside, helper_module({*translation.helpers, *known_helpers(beside)}, rules))
        written.append(beside)
    write_atomically(output, translation.text)
    return [*written, output]


def known_helpers(existing: Path) -> set[str]:
    """The names that a helper module defines that was written earlier; none when there is no file.

    Raises:
        ConfigError: it is a module of the user's.
    """
    if not existing.exists():
        return set()
    try:
        text = existing.read_text(encoding="utf-8")
        if text.startswith(MARK):
            return definitions(text)
    except (OSError, UnicodeDecodeError, SyntaxError):
        pass  # whatever it is, it is not what was written there
    raise ConfigError(
        "the helpers of the output go here, and this file is not theirs",
        path=str(existing),
        hint="rename it, or choose another output folder",
    )
