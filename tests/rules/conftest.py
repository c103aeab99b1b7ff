"""Fixtures of the rules' tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from translator.engine.translate import translate_source
from translator.ruleset.load import load_rules
from translator.verify.examples import ExampleRunner


@pytest.fixture(scope="session")
def runner() -> Iterator[ExampleRunner]:
    """One pair of workers that run examples in both frameworks."""
    with ExampleRunner(load_rules(), translate_source) as one:
        yield one
