"""Both models get the same file, the figures add up, and an interrupted run goes on where it stopped."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from translator.core import ConfigError
from translator.evaluate.datasets import Dataset, read_dataset
from translator.evaluate.preprocess import Preprocess
from translator.evaluate.resume import digest, open_journal
from translator.evaluate.run import Evaluation, Predictor, run_batches, summarise

Paint = Callable[..., Path]

PREPROCESS = Preprocess(resize=None, crop=None, scale=1.0, mean=(0.0,) * 3, std=(1.0,) * 3)
IMAGES = 10


@dataclass
class Fake:
    """Classifies by the red value of the image's corner; ``wrong`` maps a red value to another prediction."""

    wrong: dict[int, int] = field(default_factory=dict)
    classes: int = 10
    seen: list[bytes] = field(default_factory=list)
    dies_at: int = -1

    def predict(self, batch: Path) -> NDArray[Any]:
        if len(self.seen) == self.dies_at:
            raise KeyboardInterrupt
        self.seen.append(batch.read_bytes())
        red = np.load(batch)[:, 0, 0, 0].astype(int).tolist()
        return np.eye(self.classes, dtype=np.float32)[[self.wrong.get(value, value) for value in red]]


def opening(source: Predictor, target: Predictor) -> Callable[[ExitStack, Path], tuple[Predictor, Predictor]]:
    return lambda stack, folder: (source, target)


@pytest.fixture
def data(tmp_path: Path, paint: Paint) -> Dataset:
    """Ten images whose red value is their label."""
    for label in range(IMAGES):
        paint(f"{label}.png", (label, 0, 0))
    (tmp_path / "val_list.txt").write_text("".join(f"{label}.png {label}\n" for label in range(IMAGES)))
    return read_dataset(tmp_path / "val_list.txt")


def run(
    source: Predictor, target: Predictor, data: Dataset, *, gate: float = 0.002, size: int = 4, **more: Any
) -> Evaluation:
    journal = open_journal(more.pop("state", None), more.pop("key", "key"))
    batches = run_batches(opening(source, target), data, PREPROCESS, batch_size=size, journal=journal, **more)
    return summarise(batches, data, PREPROCESS, size, gate)


def test_equal_models_pass(data: Dataset) -> None:
    source, target = Fake(), Fake()
    progress: list[tuple[int, int]] = []
    evaluation = run(source, target, data, progress=lambda done, total: progress.append((done, total)))
    assert (evaluation.images, evaluation.source, evaluation.passed, evaluation.flips) == (
        10,
        evaluation.target,
        True,
        (),
    )
    assert (evaluation.source.top1, evaluation.source.top5) == (1.0, 1.0)
    assert progress == [(0, 10), (4, 10), (8, 10), (10, 10)]
    assert evaluation.preprocess["crop"] is None


def test_both_models_get_the_same_tensors(data: Dataset) -> None:
    source, target = Fake(), Fake()
    run(source, target, data)
    assert source.seen == target.seen
    assert len(set(source.seen)) == 3


def test_differences_and_flips(data: Dataset) -> None:
    evaluation = run(Fake({1: 2}), Fake({1: 3, 7: 0}), data)
    assert (evaluation.source.top1, evaluation.target.top1) == (0.9, 0.8)
    assert evaluation.difference_top1 == pytest.approx(0.1)
    flips = [(Path(f.path).name, f.label, f.source_prediction, f.target_prediction) for f in evaluation.flips]
    assert flips == [("1.png", 1, 2, 3), ("7.png", 7, 7, 0)]
    assert not evaluation.passed
    assert run(Fake({1: 2}), Fake({1: 3, 7: 0}), data, gate=0.1).passed


def test_top5_alone_can_fail_the_gate(data: Dataset) -> None:
    @dataclass
    class Ranked(Fake):
        """Always wrong at first; the label is second, or last."""

        last: bool = False

        def predict(self, batch: Path) -> NDArray[Any]:
            red = np.load(batch)[:, 0, 0, 0].astype(int)
            logits = np.tile(np.linspace(0.5, 0.9, 10), (len(red), 1))
            logits[np.arange(len(red)), red] = -1 if self.last else 1
            logits[np.arange(len(red)), (red + 1) % 10] = 2
            return logits

    evaluation = run(Ranked(), Ranked(last=True), data)
    assert (evaluation.difference_top1, evaluation.difference_top5, evaluation.passed) == (0.0, 1.0, False)


@pytest.mark.parametrize(("classes", "known"), [(5, False), (6, True)])
def test_top5_of_five_classes_says_nothing(tmp_path: Path, paint: Paint, classes: int, known: bool) -> None:
    paint("0.png", (0, 0, 0))
    (tmp_path / "val_list.txt").write_text("0.png 0\n")
    evaluation = run(Fake(classes=classes), Fake(classes=classes), read_dataset(tmp_path / "val_list.txt"))
    found = (evaluation.source.top5, evaluation.target.top5, evaluation.difference_top5)
    assert found == ((1.0, 1.0, 0.0) if known else (None, None, None))
    assert evaluation.passed


def test_interrupted_run_goes_on(data: Dataset, tmp_path: Path) -> None:
    state = tmp_path / "state.jsonl"
    first = Fake({1: 2})
    with pytest.raises(KeyboardInterrupt):
        run(first, Fake(dies_at=2), data, state=state)
    assert len(state.read_text().splitlines()) == 1 + 2
    source, target = Fake({1: 2}), Fake()
    progress: list[tuple[int, int]] = []
    resumed = run(source, target, data, state=state, progress=lambda done, total: progress.append((done, total)))
    assert (len(source.seen), len(target.seen)) == (1, 1)
    assert progress == [(8, 10), (10, 10)]
    whole = run(Fake({1: 2}), Fake(), data)
    assert (resumed.source, resumed.target, resumed.flips) == (whole.source, whole.target, whole.flips)


def test_finished_run_opens_no_model(data: Dataset, tmp_path: Path) -> None:
    state = tmp_path / "state.jsonl"
    before = run(Fake({1: 2}), Fake(), data, state=state)

    def never(stack: ExitStack, folder: Path) -> tuple[Predictor, Predictor]:
        raise AssertionError("a model was opened")

    batches = run_batches(never, data, PREPROCESS, batch_size=4, journal=open_journal(state, "key"))
    assert summarise(batches, data, PREPROCESS, 4, 0.002) == before


@pytest.mark.parametrize(
    ("damage", "left"),
    [
        pytest.param(lambda text: text[:-20], 2, id="torn last line"),
        pytest.param(lambda text: text[:-1], 2, id="last line without its end"),
        pytest.param(lambda text: text + '{"index": 3', 3, id="torn line after the last"),
        pytest.param(lambda text: text.replace('"index": 1', '"number": 1'), 1, id="bad line in the middle ends it"),
        pytest.param(lambda text: text.replace('"key": "key"', '"key": "other"'), 0, id="another key starts anew"),
        pytest.param(lambda text: "", 0, id="empty file"),
    ],
)
def test_damaged_state(data: Dataset, tmp_path: Path, damage: Callable[[str], str], left: int) -> None:
    state = tmp_path / "state.jsonl"
    run(Fake(), Fake(), data, state=state)
    state.write_text(damage(state.read_text()))
    source = Fake()
    assert run(source, Fake(), data, state=state).source.top1 == 1.0
    assert len(source.seen) == 3 - left
    lines = [json.loads(line) for line in state.read_text().splitlines()]
    assert [line.get("index") for line in lines] == [None, *range(3)]


@pytest.mark.parametrize("content", ["a.png 0\n", "{}\n", '{"format": "other"}\n', "no end of line"])
def test_other_file_is_not_overwritten(tmp_path: Path, content: str) -> None:
    state = tmp_path / "val_list.txt"
    state.write_text(content)
    with pytest.raises(ConfigError, match="is not a state file"):
        open_journal(state, "key")
    assert state.read_text() == content


def test_bad_image_names_list_and_line(data: Dataset, tmp_path: Path) -> None:
    (tmp_path / "5.png").write_text("not an image")
    with pytest.raises(ConfigError, match=r"5\.png: cannot be read as an image") as refusal:
        run(Fake(), Fake(), data)
    assert (refusal.value.path, refusal.value.line) == (str(tmp_path / "val_list.txt"), 6)


def test_sizes_that_differ(data: Dataset, paint: Paint) -> None:
    paint("2.png", (2, 0, 0), size=(9, 8))
    with pytest.raises(ConfigError, match=r"2\.png: images of one batch differ in size: 8x8 and 9x8") as refusal:
        run(Fake(), Fake(), data)
    assert refusal.value.hint == "set a crop"


@dataclass
class Shaped:
    """Gives zeros of a fixed shape."""

    shape: tuple[int, ...]

    def predict(self, batch: Path) -> NDArray[Any]:
        return np.zeros(self.shape)


@pytest.mark.parametrize(
    ("source", "target", "message"),
    [
        pytest.param(Shaped((4, 10, 1, 1)), Fake(), "the source gave an output of shape", id="not logits"),
        pytest.param(Fake(), Shaped((4,)), "the target gave an output of shape", id="no classes"),
        pytest.param(Fake(), Shaped((4, 11)), r"\(4, 10\) in the source, \(4, 11\) in the target", id="other classes"),
        pytest.param(Shaped((3, 10)), Shaped((3, 10)), "for 4 images", id="an image is lost"),
        pytest.param(Fake(classes=9), Fake(classes=9), "label 9 is out of range", id="label above the classes"),
    ],
)
def test_outputs_refused(tmp_path: Path, paint: Paint, source: Predictor, target: Predictor, message: str) -> None:
    for red in range(4):
        paint(f"{red}.png", (red, 0, 0))
    labels = [0, 1, 2, 9]
    (tmp_path / "val_list.txt").write_text("".join(f"{red}.png {labels[red]}\n" for red in range(4)))
    with pytest.raises(ConfigError, match=message):
        run(source, target, read_dataset(tmp_path / "val_list.txt"))


def test_digest_tells_contents_and_order(tmp_path: Path) -> None:
    one, two = tmp_path / "1", tmp_path / "2"
    one.write_text("a")
    two.write_text("b")
    digests = {digest(parts) for parts in ([one, two], [two, one], ["a", "b"], ["ab"], ["a", "", "b"])}
    assert len(digests) == 5
    assert digest([one, "x"]) == digest([one, "x"])
    with pytest.raises(ConfigError, match="cannot be read"):
        digest([tmp_path / "nowhere"])
