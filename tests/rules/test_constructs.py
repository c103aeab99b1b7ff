"""Small programs of several constructs: run in the source framework, translated, run in the target, and compared.

Every program of ``constructs/*.py`` stands below a line ``# %% name``. All names that it assigns are compared, and the
parameters and gradients of its layers; a warning of the translation fails it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from translator.ruleset.model import Rule
from translator.verify.examples import ExampleRunner

pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("paddle", reason="paddle is not installed")
CELL = re.compile(r"^# %% (.*)\n", re.MULTILINE)


def programs() -> Iterator[Rule]:
    """Each program as the example of a rule."""
    for path in sorted((Path(__file__).parent / "constructs").glob("*.py")):
        _, *parts = CELL.split(path.read_text(encoding="utf-8"))
        for name, text in zip(parts[::2], parts[1::2], strict=True):
            yield Rule(api=f"{path.stem}: {name}", origin=str(path), example=text)


@pytest.mark.parametrize("program", [pytest.param(program, id=program.api) for program in programs()])
def test_program(runner: ExampleRunner, program: Rule) -> None:
    result = runner.run(program)
    assert (result.status, result.reason) == ("passed", "")
