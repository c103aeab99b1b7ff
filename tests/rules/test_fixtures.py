"""Whole files of the built-in table: byte for byte, and run in both frameworks, where every assigned name is compared.

See tests/fixtures/README.md.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.fixtures.regenerate import current, known, not_run, themed, translated
from tests.soundness import problems
from translator.core import Translation
from translator.engine.translate import translate_source
from translator.ruleset.load import load_rules
from translator.verify.examples import ExampleRunner

pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("paddle", reason="paddle is not installed")
RULES = load_rules()
SOURCES = RULES.pack.source_packages


@pytest.mark.parametrize("case", themed())
def test_text(case: str) -> None:
    assert current(case) == {name: known(case, name) for name in ("out.py", "report.txt")}


@pytest.mark.parametrize("case", themed())
def test_every_promise_holds(case: str) -> None:
    assert problems(translated(case), RULES) == []


def test_every_theme_has_cases() -> None:
    themes = Counter(case.partition("/")[0] for case in themed())
    assert themes.total() >= 150
    assert min(themes.values()) >= 12


@pytest.fixture(scope="module")
def runner() -> Iterator[ExampleRunner]:
    with ExampleRunner(RULES, translate_source) as one:
        yield one


def runnable() -> list[str]:
    return [case for case in themed() if not not_run(case)]


@pytest.mark.parametrize("case", runnable())
def test_both_sides_agree(runner: ExampleRunner, case: str) -> None:
    translation = translated(case)
    assert source_imports(translation) == [], "a fixture that still needs the source says `# not run:` and why"
    runner.compare(translation)


@pytest.mark.parametrize("case", [case for case in themed() if not_run(case)])
def test_what_does_not_run_has_a_reason(case: str) -> None:
    assert len(not_run(case).split()) >= 4


def test_most_cases_run() -> None:
    assert len(runnable()) >= 150


def source_imports(translation: Translation) -> list[str]:
    """Modules of the source framework that the output imports."""
    found: list[str] = []
    for node in ast.walk(ast.parse(translation.text)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.append(node.module or "")
    return [name for name in found if name.partition(".")[0] in SOURCES]
