"""Files from the internet, kept on disk."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from urllib.request import Request, urlopen


def cache_folder() -> str:
    """Where fetched files are kept: ``$TRANSLATE_HOME``, else ``~/.cache/translate``."""
    return os.environ.get("TRANSLATE_HOME") or os.path.join(os.path.expanduser("~"), ".cache", "translate")


def fetch_to_file(url: str, dst: str | os.PathLike[str], hash_prefix: str | None = None) -> None:
    """Fetch ``url`` to the file ``dst``, which appears when it is complete.

    Args:
        hash_prefix: with what the file's SHA-256 must begin.

    Raises:
        RuntimeError: the file is another one.
    """
    path = os.path.abspath(os.path.expanduser(dst))
    with tempfile.TemporaryDirectory(dir=os.path.dirname(path)) as folder:
        part = os.path.join(folder, "part")
        with open(part, "wb") as made, urlopen(Request(url, headers={"User-Agent": "translate"})) as answer:  # noqa: S310
            shutil.copyfileobj(answer, made)
        with open(part, "rb") as made:
            found = hashlib.file_digest(made, "sha256").hexdigest()
        if not found.startswith(hash_prefix or ""):
            raise RuntimeError(f'invalid hash value (expected "{hash_prefix}", got "{found}")')
        os.replace(part, path)


def tqdm(*args, **kwargs):
    """The progress bar of the package tqdm; one that shows nothing where that is not installed."""
    try:
        from tqdm.auto import tqdm as bar
    except ImportError:
        bar = _NoBar
    return bar(*args, **kwargs)


class _NoBar:
    """Goes through what it is given, and counts."""

    def __init__(self, iterable=None, desc=None, total=None, **_):
        self.iterable, self.total, self.n = iterable, total, 0

    def __iter__(self):
        for value in self.iterable:
            yield value
            self.n += 1

    def __len__(self):
        return len(self.iterable) if self.total is None else self.total

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def update(self, n=1):
        """So many more are done."""
        self.n += n

    def set_description(self, desc=None, refresh=True):
        """Nothing: there is no bar to write it on."""

    set_postfix = set_postfix_str = close = refresh = set_description
