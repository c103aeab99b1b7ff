"""Where the helpers of a tree lie: once in each outermost package, or beside scripts, and how a file imports them."""

from __future__ import annotations

import posixpath
from collections.abc import Set as AbstractSet
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HelperPlace:
    """``module`` stands in the import; ``folder`` is where its file lies below OUT."""

    module: str
    folder: str


def helper_place(place: str, packages: AbstractSet[str], name: str) -> HelperPlace:
    """Where the file at ``place`` finds the helper module ``name``.

    ``a/b/net.py`` in the packages ``a`` and ``a/b`` gets ``..name``, in folder ``a``; a script ``name``, beside it.
    """
    top = folder = posixpath.dirname(place) or "."
    levels = 0
    while folder in packages:
        top, levels = folder, levels + 1
        if folder == ".":
            break
        folder = posixpath.dirname(folder) or "."
    return HelperPlace("." * levels + name, top)
