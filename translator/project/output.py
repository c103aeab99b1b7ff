"""What an output may replace: no input, no folder, no module of the user's."""

from __future__ import annotations

import os
from pathlib import Path

from translator.core import ConfigError
from translator.ruleset.helper_module import MARK, definitions
from translator.ruleset.model import Pack


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
