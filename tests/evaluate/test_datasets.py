"""Reading labelled images: what is found, in which order, and what is refused with which place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from translator.core import ConfigError
from translator.evaluate.datasets import read_dataset

Paint = Callable[..., Path]


def found(data: Path, root: Path | None = None) -> list[tuple[str, int]]:
    return [(sample.path.name, sample.label) for sample in read_dataset(data, root).samples]


def test_folder_labels_are_the_sorted_class_names(tmp_path: Path, paint: Paint) -> None:
    for name in ("d/b/2.png", "d/b/1.JPG", "d/a/x.png", "d/b/deeper/3.webp", "d/10/y.bmp", "d/.cache/z.png"):
        paint(name)
    (tmp_path / "d/a/readme.txt").write_text("not an image")
    (tmp_path / "d/a/.hidden.png").write_bytes(b"")
    dataset = read_dataset(tmp_path / "d")
    assert dataset.classes == ("10", "a", "b")
    assert found(tmp_path / "d") == [("y.bmp", 0), ("x.png", 1), ("1.JPG", 2), ("2.png", 2), ("3.webp", 2)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a.png 1\nb.png 0\n", [("a.png", 1), ("b.png", 0)], id="order of the lines"),
        pytest.param("a.png 1\n\n  \nb.png 0", [("a.png", 1), ("b.png", 0)], id="blank lines and no end"),
        pytest.param("a.png 1\r\nb.png\t0\r\n", [("a.png", 1), ("b.png", 0)], id="CRLF and tabs"),
        pytest.param("\ufeffa.png 1\n", [("a.png", 1)], id="byte order mark"),
        pytest.param("with a space.png 3\n", [("with a space.png", 3)], id="spaces in the path"),
        pytest.param("a.png 1\na.png 1\n", [("a.png", 1), ("a.png", 1)], id="an image twice counts twice"),
    ],
)
def test_list(tmp_path: Path, paint: Paint, text: str, expected: list[tuple[str, int]]) -> None:
    for name in ("a.png", "b.png", "with a space.png"):
        paint(name)
    (tmp_path / "val_list.txt").write_bytes(text.encode())
    assert found(tmp_path / "val_list.txt") == expected


def test_list_with_a_root_folder(tmp_path: Path, paint: Paint) -> None:
    path = paint("images/val/a.png")
    (tmp_path / "val_list.txt").write_text(f"val/a.png 0\n{path} 1\n")
    dataset = read_dataset(tmp_path / "val_list.txt", tmp_path / "images")
    assert [sample.path for sample in dataset.samples] == [path, path]
    assert dataset.lines == (1, 2)


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        pytest.param(b"a.png 0\na.png\n", 2, "`a.png` has no label", id="no label"),
        pytest.param(b"a.png x\n", 1, "`x` is not a label", id="a word for a label"),
        pytest.param(b"a.png -1\n", 1, "`-1` is not a label", id="negative label"),
        pytest.param(b"a.png 1.0\n", 1, "`1.0` is not a label", id="fraction for a label"),
        pytest.param("a.png ²\n".encode(), 1, "`²` is not a label", id="a digit that int does not read"),
        pytest.param(b"\na.png 0\nmissing.png 0\n", 3, "no such image", id="missing image, blank lines counted"),
        pytest.param(b"a.png 0\n\xff\xfe 0\n", 2, "is not UTF-8 text", id="not UTF-8"),
        pytest.param(b"\n\n", 0, "holds no images", id="empty list"),
    ],
)
def test_list_refused(tmp_path: Path, paint: Paint, content: bytes, line: int, message: str) -> None:
    paint("a.png")
    file = tmp_path / "val_list.txt"
    file.write_bytes(content)
    with pytest.raises(ConfigError) as refusal:
        read_dataset(file)
    assert (refusal.value.path, refusal.value.line) == (str(file), line)
    assert message in refusal.value.message


def test_folder_refused(tmp_path: Path, paint: Paint) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read_dataset(tmp_path / "nowhere")
    paint("flat/a.png")
    with pytest.raises(ConfigError, match="no class folders"):
        read_dataset(tmp_path / "flat")
    paint("half/a/1.png")
    (tmp_path / "half/b").mkdir()
    with pytest.raises(ConfigError, match="half/b: this class has no image"):
        read_dataset(tmp_path / "half")
    with pytest.raises(ConfigError, match="root folder goes with a list"):
        read_dataset(tmp_path / "half", tmp_path)
    (tmp_path / "list.txt").write_text("a.png 0\n")
    with pytest.raises(ConfigError, match="no such folder"):
        read_dataset(tmp_path / "list.txt", tmp_path / "nowhere")


def test_labels_out_of_range(tmp_path: Path, paint: Paint) -> None:
    paint("a.png")
    file = tmp_path / "val_list.txt"
    file.write_text("a.png 2\n\na.png 3\n")
    dataset = read_dataset(file)
    dataset.check_labels(4)
    with pytest.raises(ConfigError, match="label 3 is out of range: the model has 3 classes") as refusal:
        dataset.check_labels(3)
    assert (refusal.value.path, refusal.value.line) == (str(file), 3)
