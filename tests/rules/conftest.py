"""Fixtures of the rules' tests."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from translator.engine.translate import translate_source
from translator.ruleset.load import default_pack, load_rules
from translator.verify.examples import ExampleRunner


@pytest.fixture(scope="session")
def runner() -> Iterator[ExampleRunner]:
    """One pair of workers that run examples in both frameworks."""
    with ExampleRunner(load_rules(), translate_source) as one:
        yield one


@pytest.fixture(scope="session")
def helper_file() -> Callable[[str], Any]:
    """Loads a file of the pack's helpers by its name."""
    pytest.importorskip("paddle", reason="paddle is not installed")

    def load(name: str) -> Any:
        spec = importlib.util.spec_from_file_location(name, default_pack() / "helpers" / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return load
