"""One diagnostic a line, ``path:line:column: CODE message``, as editors and grep read it. Standard library only."""

from __future__ import annotations

from translator.core import Translation


def render(translation: Translation) -> str:
    """Every diagnostic on a line of its own, in source order; empty when there are none."""
    return "".join(f"{d.position}: {d.code} {' '.join(d.message.split())}\n" for d in translation.diagnostics)
