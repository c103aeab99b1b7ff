"""What the documentation says of torchvision is what the command says, and every module is explained."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, version

import pytest

from benchmarks.left import DOCUMENT, PACKAGE, RELEASE, left

MODULE = re.compile(r"`([\w/]+\.py)`")


def installed() -> str:
    """The release that is installed; empty where there is none."""
    try:
        return version(PACKAGE).partition("+")[0]
    except PackageNotFoundError:
        return ""


def test_every_module_is_explained() -> None:
    head, _, tables = DOCUMENT.read_text(encoding="utf-8").partition("<!-- measured: left -->")
    explained = {
        name for line in head.splitlines() if line.startswith("| `") for name in MODULE.findall(line.split("|")[1])
    }
    listed = {name for line in tables.splitlines() if line.startswith("###") for name in MODULE.findall(line)}
    assert explained == listed


@pytest.mark.slow
@pytest.mark.skipif(installed() != RELEASE, reason=f"the document speaks of torchvision {RELEASE}")
def test_the_document_is_what_the_command_says() -> None:
    tables = DOCUMENT.read_text(encoding="utf-8").partition("<!-- measured: left -->\n")[2]
    assert tables.partition("<!-- end: left -->")[0].strip() == left().strip()
