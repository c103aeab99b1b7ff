"""A file is translated again when something changed that its translation depends on, and only then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.project.conftest import Write, contents
from translator import translate_project
from translator.project import work
from translator.project.batch import Batch
from translator.project.cache import Cache
from translator.ruleset.model import RuleSet

FILES = {
    "pkg/__init__.py": "",
    "pkg/ops.py": "import torch\n\n\ndef twice(x: torch.Tensor) -> torch.Tensor:\n    return torch.cat([x, x])\n",
    "pkg/net.py": "import torch\nfrom .ops import twice\n\n\ndef f(x: torch.Tensor):\n    return twice(x).view(3)\n",
    "pkg/alone.py": "import torch\n\nx = torch.cat([a])\n",
}
Run = Callable[..., list[str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, rules: RuleSet) -> Run:
    """Translates; gives the names of the files that were really translated."""

    def counted(src: Path, **options: object) -> list[str]:
        made: list[str] = []

        def translate(batch: Batch) -> list[object]:
            made.extend(Path(task.shown).name for task in batch.tasks)
            return list(original(batch))

        original = work.translate_batch
        with monkeypatch.context() as patch:
            patch.setattr(work, "translate_batch", translate)
            translate_project(src, tmp_path / "out", **({"rules": rules} | options))  # type: ignore[arg-type]
        return made

    return counted


def test_an_unchanged_project_is_not_translated_again(run: Run, write: Write) -> None:
    src = write(FILES)
    assert run(src) == ["__init__.py", "alone.py", "net.py", "ops.py"]
    assert run(src) == []


@pytest.mark.parametrize(("place", "old", "new", "made"), [
    pytest.param("pkg/alone.py", "a]", "b]", ["alone.py"], id="only that file"),
    pytest.param("pkg/ops.py", "[x, x]", "[x, x, x]", ["ops.py"], id="what others cannot see"),
    pytest.param("pkg/ops.py", "-> torch.Tensor", "-> int", ["net.py", "ops.py"], id="what others see"),
])  # fmt: skip
def test_what_changed_is(place: str, old: str, new: str, made: list[str], run: Run, write: Write) -> None:
    src = write(FILES)
    run(src)
    assert run(write({place: FILES[place].replace(old, new)})) == made


@pytest.mark.parametrize("options", [
    pytest.param({"suffix": "2"}, id="a suffix"), pytest.param({"use_cache": False}, id="no cache"),
])  # fmt: skip
def test_other_options_are_another_translation(options: dict[str, object], run: Run, write: Write) -> None:
    src = write(FILES) / "pkg"
    run(src)
    from translator.project.write import Hand

    assert len(run(src, hand=Hand.FORCE, **options)) == 4


def test_other_rules_are_another_translation(run: Run, write: Write, rules: RuleSet) -> None:
    src = write(FILES)
    run(src)
    assert len(run(src, rules=replace(rules, digest="other"))) == 4


def test_rules_that_come_from_no_file_are_not_remembered(run: Run, write: Write, rules: RuleSet) -> None:
    src = write(FILES)
    assert len(run(src, rules=replace(rules, digest=""))) == 4
    assert len(run(src, rules=replace(rules, digest=""))) == 4


def test_what_was_done_before_an_interruption_is_not_done_again(
    run: Run, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    src = write(FILES)

    def stop(result: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("translator.project.batch.SIZE", 1)
    with pytest.raises(KeyboardInterrupt):
        run(src, on_file=stop)
    assert "__init__.py" not in run(src)


def test_a_cache_that_is_broken_is_no_cache(run: Run, write: Write, home: Path, tmp_path: Path) -> None:
    src = write(FILES)
    run(src)
    expected = contents(tmp_path / "out")
    for path in (home / "translations").rglob("*"):
        if path.is_file():
            path.write_bytes(b"broken")
    assert len(run(src)) == 4
    assert contents(tmp_path / "out") == expected


def test_a_home_that_cannot_be_written_is_no_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("TRANSLATE_HOME", str(tmp_path / "file"))
    cache = Cache()
    cache.put("a", 1)
    assert cache.get("a") is None
    assert "a" not in cache
