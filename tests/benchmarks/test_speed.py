"""The parts of the benchmarks run on two tiny files. Nothing here is timed or compared with a goal."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks import speed, startup
from benchmarks.corpora import Corpus, MissingError, stage
from benchmarks.coverage import codes_table, count, sites_table
from benchmarks.sections import write_section
from benchmarks.worth import Worth, worth_of_text
from translator.core import ConfigError
from translator.ruleset.model import RuleSet

NET = "import torch.nn as nn\n\n\nclass Net(nn.Module):  # the net\n    pass\n"
OTHER = "import torch\n\nprint(torch.no_such_thing)  # left\n"


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    package = tmp_path / "package"
    (package / "inner").mkdir(parents=True)
    (package / "net.py").write_text(NET)
    (package / "inner" / "other.py").write_text(OTHER)
    (package / "data.txt").write_text("no Python")
    return stage("tiny", package, tmp_path / "corpus")


def test_corpus_holds_python_files_only(corpus: Corpus) -> None:
    assert [str(path.relative_to(corpus.folder)) for path in corpus.files] == ["inner/other.py", "net.py"]
    assert corpus.lines == NET.count("\n") + OTHER.count("\n")


def test_rounds_take_turns_and_give_ratios(corpus: Corpus, tmp_path: Path) -> None:
    series = speed.measure_all(corpus, ["translate", "libcst"], 2, tmp_path / "output")
    assert {name: (len(found.seconds), found.missing) for name, found in series.items()} == {
        "translate": (2, ""), "libcst": (2, ""),
    }  # fmt: skip
    assert speed.ratios(series["libcst"], series["libcst"]) == [1.0, 1.0]
    assert (tmp_path / "output" / "libcst" / "net.py").read_text() == NET
    assert "nn.Layer" in (tmp_path / "output" / "translate" / "net.py").read_text()
    assert "tiny: 2 files, 8 lines" in speed.speed_table(corpus, series)
    assert "| 2 of 2 | 0 | 2 of 2 |" in speed.worth_table(corpus, series)
    assert speed.verdicts(corpus, series)[1] == "- tiny, against PaConvert 3.3.0 `--no_format`: not run"


def test_a_contestant_that_cannot_run_says_why(corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable() -> str:
        raise MissingError("no network here")

    monkeypatch.setattr(speed, "paconvert_python", unreachable)
    series = speed.measure_all(corpus, ["translate", "paconvert_no_format"], 1, tmp_path / "output")
    assert "not run: no network here" in speed.speed_table(corpus, series)
    assert "not run" in speed.verdicts(corpus, series)[1]


def test_a_contestant_that_crashes_says_why(corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed, "paconvert_python", lambda: sys.executable)
    series = speed.measure_all(corpus, ["paconvert"], 1, tmp_path / "output")
    assert "No module named 'paconvert'" in series["paconvert"].missing


def test_a_goal_is_missed_or_reached(corpus: Corpus, tmp_path: Path) -> None:
    slow = speed.Series("translate", tmp_path, seconds=[2.0, 2.0, 2.0])
    fast = speed.Series("libcst", tmp_path, seconds=[2.8, 3.0, 3.2])
    other = speed.Series("paconvert_no_format", tmp_path, seconds=[1.9, 1.9, 2.1])
    found = speed.verdicts(corpus, {"translate": slow, "libcst": fast, "paconvert_no_format": other})
    assert [line.rpartition(": ")[2] for line in found] == ["reached", "missed"]
    assert "1.50 (1.40 to 1.60) times" in found[0]


@pytest.mark.parametrize(("after", "expected"), [
    pytest.param("a = 1  # one\nb = 2\n", Worth(1, 1, 0, 1, 1, 2, 2), id="the same file"),
    pytest.param("a = 1\nb = 2\n", Worth(1, 1, 0, 1, 0, 2, 1), id="a lost comment"),
    pytest.param(">>>>>>a = 1  # one\nb = 2\n", Worth(1, 0, 1, 1, 1, 2, 2), id="a mark is no Python"),
    pytest.param(None, Worth(1, 0, 0, 1, 0, 2, 0), id="no file"),
])  # fmt: skip
def test_worth(after: str | None, expected: Worth) -> None:
    assert worth_of_text("a = 1  # one\nb = 2\n", after) == expected


def test_startup_counts_runs_and_modules(corpus: Corpus) -> None:
    found = startup.measure_startup(2, corpus.folder / "net.py")
    assert (len(found.wall), len(found.cpu)) == (2, 2)
    assert found.modules > 100
    assert found.loaded == ()
    assert "| none |" in speed.startup_text(found)


def test_coverage_counts_by_code(corpus: Corpus, rules: RuleSet) -> None:
    found = count(corpus, rules)
    assert (found.invalid, found.lost_comments) == (0, 0)
    assert found.coverage.codes["T304"] == 1
    assert "| tiny | 2 | 2 | 2 | 1 | 0 | 1 | 0 | 0 | 0 |" in sites_table({"tiny": found})
    assert "T304 (warning)" in codes_table({"tiny": found})


def test_a_section_is_replaced(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text("before\n<!-- measured: speed -->\nold\n<!-- end: speed -->\nafter\n")
    for _ in range(2):
        write_section("speed", r"new \1", readme)
    assert readme.read_text() == "before\n<!-- measured: speed -->\n\nnew \\1\n\n<!-- end: speed -->\nafter\n"
    with pytest.raises(ConfigError, match="0 places"):
        write_section("other", "new", readme)
