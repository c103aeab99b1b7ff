"""The record of what was written, beside the output: by it a later run knows what a person changed."""

from __future__ import annotations

RECORD = ".translate.json"


def is_record(name: str) -> bool:
    """Whether a file of that name is a record, and no part of a project."""
    return name.startswith(RECORD)
