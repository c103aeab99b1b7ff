"""What a person changed in an output is not lost: refused with a diff, merged, or written anew when that was said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.project.conftest import Write, contents
from translator import translate_project
from translator.core import ConfigError
from translator.engine.translate import translate_source
from translator.project.merge import merge
from translator.project.record import LARGE, RECORD, Record
from translator.project.result import FileResult
from translator.project.write import ChangedError, Hand, write_translation
from translator.ruleset.model import RuleSet

CAT = "import torch\n\n\nx = torch.cat([a], dim=1)\n\n\ny = 1\n\n\nz = 2\n"
CAT_AFTER = CAT.replace("torch.cat([a], dim=1)", "paddle.concat([a], axis=1)").replace("import torch", "import paddle")
SPLIT = "import torch\ndef f(x: torch.Tensor): return x.split(2)\n"


class Project:
    """A source and its output, which the test changes."""

    def __init__(self, src: Path, out: Path, rules: RuleSet) -> None:
        self.src, self.out, self.rules = src, out, rules
        self.seen: list[FileResult] = []

    def run(self, hand: Hand = Hand.REFUSE) -> dict[str, bool]:
        """Translate; which outputs were written."""
        self.seen.clear()
        found = translate_project(self.src, self.out, rules=self.rules, hand=hand, on_file=self.seen.append)
        return {file.place: file.is_written for file in found.files}

    def edit(self, place: str, old: str, new: str, *, folder: Path | None = None) -> None:
        path = (folder or self.out) / place
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    def codes(self) -> list[tuple[str, str]]:
        return [(d.code, str(d.position)) for r in self.seen for d in r.translation.diagnostics]


@pytest.fixture
def project(write: Write, tmp_path: Path, rules: RuleSet) -> Project:
    found = Project(
        write({"net.py": CAT, "use.py": SPLIT, "plain.py": "a = 1\n", "data.bin": b"\0\1"}), tmp_path / "out", rules
    )
    found.run()
    return found


def test_unchanged_outputs_are_not_written_again(project: Project) -> None:
    before = {path: path.stat().st_mtime_ns for path in project.out.rglob("*")}
    assert set(project.run().values()) == {False}
    assert {path: path.stat().st_mtime_ns for path in project.out.rglob("*")} == before


def test_only_what_changed_is_written(project: Project) -> None:
    project.edit("net.py", "y = 1", "y = 3", folder=project.src)
    assert project.run() == {"data.bin": False, "net.py": True, "plain.py": False, "use.py": False}


@pytest.mark.parametrize("place", ["net.py", "plain.py", "paddle_helpers.py"])
def test_changes_by_hand_are_refused_with_a_diff(place: str, project: Project) -> None:
    project.edit("net.py", "y = 1", "y = 3", folder=project.src)
    with (project.out / place).open("a", encoding="utf-8") as file:
        file.write("mine = 1\n")
    before = contents(project.out)
    with pytest.raises(ChangedError, match="was changed by hand since it was written") as refused:
        project.run()
    assert refused.value.path == str(project.out / place)
    assert "--merge" in refused.value.hint
    assert "--force" in refused.value.hint
    assert "+mine = 1\n" in refused.value.diff
    assert contents(project.out) == before


def test_a_changed_data_file_is_refused_too(project: Project) -> None:
    (project.out / "data.bin").write_bytes(b"\0\2")
    with pytest.raises(ChangedError, match=r"data\.bin: was changed by hand"):
        project.run()
    project.run(Hand.FORCE)
    assert (project.out / "data.bin").read_bytes() == b"\0\1"


def test_large_files_are_known_by_size_and_time(project: Project) -> None:
    (project.src / "large.bin").write_bytes(b"\0" * (LARGE + 1))
    assert project.run()["large.bin"]
    assert not project.run()["large.bin"]
    (project.out / "large.bin").write_bytes(b"\1" * (LARGE + 1))
    with pytest.raises(ChangedError):
        project.run()
    assert not project.run(Hand.MERGE)["large.bin"]
    assert project.run(Hand.FORCE)["large.bin"]


def test_force_writes_anew(project: Project) -> None:
    project.edit("net.py", "y = 1", "y = 5")
    assert project.run(Hand.FORCE)["net.py"]
    assert contents(project.out)["net.py"] == CAT_AFTER
    assert set(project.run().values()) == {False}


def test_merge_keeps_both(project: Project) -> None:
    project.edit("net.py", "z = 2", "z = 20  # mine")
    project.edit("net.py", "import torch\n", "import torch\nimport os\n", folder=project.src)
    project.run(Hand.MERGE)
    expected = CAT_AFTER.replace("z = 2", "z = 20  # mine").replace("import paddle\n", "import paddle\nimport os\n")
    assert contents(project.out)["net.py"] == expected
    assert project.codes() == []
    assert not project.run(Hand.MERGE)["net.py"]
    with pytest.raises(ChangedError) as refused:
        project.run()
    assert "+z = 20  # mine\n" in refused.value.diff


def test_conflicts_are_marked_and_reported(project: Project) -> None:
    project.edit("net.py", "y = 1", "y = 10")
    project.edit("net.py", "y = 1", "y = 11", folder=project.src)
    project.run(Hand.MERGE)
    lines = contents(project.out)["net.py"].splitlines()
    assert [line.split(" ")[0] for line in lines if line[:1] in "<=>" and line] == ["<<<<<<<", "=======", ">>>>>>>"]
    at = lines.index("<<<<<<< changed by hand") + 1
    assert project.codes() == [("T003", f"{project.out}/net.py:{at}:1")]


def test_a_file_that_nobody_knows_is_not_replaced(project: Project, tmp_path: Path) -> None:
    project.out = tmp_path / "other"
    project.out.mkdir()
    (project.out / "net.py").write_text("mine\n", encoding="utf-8")
    (project.out / "plain.py").write_text("a = 1\n", encoding="utf-8")
    with pytest.raises(ChangedError, match=r"net\.py: is there, and no record says who wrote it$"):
        project.run()
    assert contents(project.out) == {"net.py": "mine\n", "plain.py": "a = 1\n"}
    project.run(Hand.FORCE)
    assert contents(project.out)["net.py"] == CAT_AFTER


def test_a_file_that_was_taken_away_comes_back(project: Project) -> None:
    (project.out / "net.py").unlink()
    assert project.run()["net.py"]


def test_a_run_that_was_killed_knows_its_own_files(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.edit("net.py", "y = 1", "y = 3", folder=project.src)
    project.edit("plain.py", "a = 1", "a = 3", folder=project.src)
    with monkeypatch.context() as patch:
        patch.setattr(Record, "save", lambda self: None)
        project.run()
    assert (project.out / f"{RECORD}.part").exists()
    with (project.out / f"{RECORD}.part").open("a", encoding="utf-8") as file:
        file.write('{"net.py": {"sour')
    project.edit("net.py", "y = 3", "y = 4", folder=project.src)
    assert project.run() == {"data.bin": False, "net.py": True, "plain.py": False, "use.py": False}
    assert not (project.out / f"{RECORD}.part").exists()


def test_a_run_that_is_interrupted_keeps_its_record(project: Project) -> None:
    project.edit("net.py", "y = 1", "y = 3", folder=project.src)
    project.edit("use.py", "split(2)", "split(3)", folder=project.src)

    def stop(result: FileResult) -> None:
        if result.place == "net.py":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        translate_project(project.src, project.out, rules=project.rules, on_file=stop)
    assert project.run() == {"data.bin": False, "net.py": False, "plain.py": False, "use.py": True}


def test_the_record_says_what_was_written(project: Project) -> None:
    text = (project.out / RECORD).read_text(encoding="utf-8")
    found = json.loads(text)
    assert (found["format"], set(found["files"])) == (
        "translate-record-1", {"net.py", "use.py", "plain.py", "data.bin", "paddle_helpers.py"},
    )  # fmt: skip
    assert found["files"]["use.py"]["helpers"] == ["split"]
    assert found["files"]["use.py"]["rules"] == project.rules.digest
    assert str(project.src) not in text


def test_a_broken_record_is_said(project: Project) -> None:
    (project.out / RECORD).write_text("{", encoding="utf-8")
    with pytest.raises(ConfigError, match="the record of the output cannot be read"):
        project.run()


@pytest.mark.parametrize("hand", [Hand.FORCE, Hand.MERGE])
def test_single_files_share_the_record_of_their_folder(hand: Hand, rules: RuleSet, tmp_path: Path) -> None:
    one, two = tmp_path / "one.py", tmp_path / "two.py"
    for path in (one, two):
        write_translation(translate_source(SPLIT, rules=rules), path, rules)
    one.write_text(one.read_text(encoding="utf-8") + "mine = 1\n", encoding="utf-8")
    with pytest.raises(ChangedError, match=r"one\.py: was changed by hand"):
        write_translation(translate_source(SPLIT, rules=rules), one, rules)
    assert not write_translation(translate_source(SPLIT, rules=rules), two, rules).is_changed
    write_translation(translate_source(SPLIT, rules=rules), one, rules, hand)
    assert one.read_text(encoding="utf-8").endswith("mine = 1\n") == (hand is Hand.MERGE)


@pytest.mark.parametrize(("base", "ours", "theirs", "merged", "conflicts"), [
    pytest.param("a\n1\nb\n2\nc\n", "a\n1\nb\n2\nc!\n", "a!\n1\nb\n2\nc\n", "a!\n1\nb\n2\nc!\n", (), id="apart"),
    pytest.param("a\n", "b\n", "b\n", "b\n", (), id="the same"),
    pytest.param("a\r\nb\r\n", "a\r\nb\r\n", "a\r\nc\r\n", "a\r\nc\r\n", (), id="line ends"),
    pytest.param("a", "a", "b", "b", (), id="no end of line"),
    pytest.param("a\n", "b\n", "c\n", "<<<<<<< changed by hand\nb\n=======\nc\n>>>>>>> translated now\n", (1,),
                 id="a conflict"),
])  # fmt: skip
def test_merging(base: str, ours: str, theirs: str, merged: str, conflicts: tuple[int, ...]) -> None:
    found = merge(base.encode(), ours.encode(), theirs.encode())
    assert (found.data.decode(), found.conflicts) == (merged, conflicts)


def test_merging_needs_git(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(ConfigError, match="needs git"):
        merge(b"a", b"b", b"c")
