"""Writing files so that no reader ever sees half of one; and where this program keeps what it can make again."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from translator.core import ConfigError


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write ``content`` beside ``path`` and move it into place in one step; folders are made as needed.

    Raises:
        ConfigError: the place cannot be written; ``path`` is as it was.
    """
    data = content.encode() if isinstance(content, str) else content
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise ConfigError(f"cannot write: {error.strerror}", path=str(path), hint="choose a writable place") from error
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(temporary, path.stat().st_mode & 0o777 if path.exists() else 0o644)
        os.replace(temporary, path)
    except OSError as error:
        Path(temporary).unlink(missing_ok=True)
        raise ConfigError(f"cannot write: {error.strerror}", path=str(path), hint="choose a writable place") from error


def cache_home() -> Path:
    """Where rules and translations are remembered: ``$TRANSLATE_HOME``, else below the user's cache folder."""
    home = os.environ.get("TRANSLATE_HOME")
    if home:
        return Path(home)
    from platformdirs import user_cache_path

    return user_cache_path("translate")
