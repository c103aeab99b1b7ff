"""Inputs as the command line names them; models with several, with integers, with a fixed batch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.verify.conftest import Verify
from translator.core import ConfigError, WorkerError
from translator.verify.inputs import Input, batched, parse_input, write_inputs
from translator.workers.tensors import TensorFolder


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("1x3x224x224", Input((1, 3, 224, 224)), id="an image"),
        pytest.param("7", Input((7,)), id="one axis"),
        pytest.param("1x16:int64<1000", Input((1, 16), "int64", 1000), id="integers below a bound"),
        pytest.param("1x16:int64", Input((1, 16), "int64", 10), id="integers without one"),
        pytest.param("2x2:float64", Input((2, 2), "float64"), id="another float"),
        pytest.param("2x4:bool", Input((2, 4), "bool", 2), id="a mask"),
        pytest.param("2x4 : uint8 < 255", Input((2, 4), "uint8", 255), id="spaces"),
        pytest.param("[3x8x8,3x6x9]", Input(items=(Input((3, 8, 8)), Input((3, 6, 9)))), id="a list of images"),
        pytest.param("[ 5:int64<7 ]", Input(items=(Input((5,), "int64", 7),)), id="a list of one"),
    ],
)
def test_parsed(text: str, found: Input) -> None:
    assert parse_input(text) == found
    assert parse_input(str(found)) == found


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is no input"),
        ("1x0x3", "is no input"),
        ("1x-3", "is no input"),
        ("axb", "is no input"),
        ("[]", "`` is no input"),
        ("[3x8x8", "is no input"),
        ("[3x8x8,[3x8x8]]", r"`\[3x8x8\]` is no input"),
        ("[3x8x8,0]", "`0` is no input"),
        ("1x3:", "is no input"),
        ("1x3:int64<", "is no input"),
        ("1x3:complex64", "`complex64` is no type of an input"),
        ("1x3:float32<3", "float32 has no bound"),
        ("1x3:int64<0", "int64 has no numbers below 0"),
        ("1x3:uint8<300", "uint8 has no numbers below 300"),
    ],
)
def test_not_an_input(text: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        parse_input(text)


def test_numbers() -> None:
    ids = Input((50, 4), "int64", 7)
    drawn = ids.array("normal", 3)
    assert (drawn.dtype, drawn.min(), drawn.max()) == (np.int64, 0, 6)
    assert set(ids.array("ones", 3).ravel()) == {1}
    assert set(Input((2,), "int64", 1).array("ones", 0)) == {0}, "below 1 there is only 0"
    assert Input((3,), "bool", 2).array("normal", 0).dtype == bool
    assert Input((3,), "float16").array("normal", 0).dtype == np.float16
    first, second = Input((5,)).array("normal", 3), Input((5,)).array("normal", 3, number=1)
    assert not np.array_equal(first, second), "each argument has a draw of its own"
    assert np.array_equal(first, np.random.default_rng(3).standard_normal(5, dtype=np.float32))


def test_both_in_one_batch(tmp_path: Path) -> None:
    inputs = (Input((2, 3)), Input((2, 4), "int64", 9), Input((7,), "int64", 9))
    folder = TensorFolder(write_inputs(tmp_path / "both", inputs, "both", 0))
    assert [folder[name].shape for name in folder] == [(4, 3), (4, 4), (7,)]
    assert np.array_equal(folder["input0"].array[2:], np.ones((2, 3)))
    assert [one.shape for one in batched(inputs, 5)] == [(5, 3), (5, 4), (7,)]


def test_both_in_a_list(tmp_path: Path) -> None:
    inputs = (parse_input("[3x4x4,3x2x5]"), Input((2, 6)), parse_input("[7,7,7]"))
    folder = TensorFolder(write_inputs(tmp_path / "both", inputs, "both", 0))
    shapes = {name: folder[name].shape for name in folder}
    images = {"input0.0": (3, 4, 4), "input0.1": (3, 2, 5), "input0.2": (3, 4, 4), "input0.3": (3, 2, 5)}
    assert shapes == images | {"input1": (4, 6), "input2.0": (7,), "input2.1": (7,), "input2.2": (7,)}
    assert np.array_equal(folder["input0.2"].array, np.ones((3, 4, 4)))
    assert not np.array_equal(folder["input2.0"].array, folder["input2.1"].array), "each item has a draw of its own"
    assert [str(one) for one in batched(inputs, 3)] == ["[3x4x4,3x2x5,3x4x4]", "3x6", "[7,7,7]"]


SOURCE = """
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(1000, 6)
        self.conv = nn.Conv2d(3, 6, 3)
        self.norm = nn.BatchNorm2d(6)

    def forward(self, image, ids, mask):
        words = self.words(ids).mean(1) * mask.float()
        return self.norm(self.conv(image)) + words.reshape({batch}, 6, 1, 1)
"""
TARGET = """
import paddle
from paddle import nn


class Net(nn.Layer):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(1000, 6)
        self.conv = nn.Conv2D(3, 6, 3)
        self.norm = nn.BatchNorm2D(6{more})

    def forward(self, image, ids, mask):
        words = self.words(ids).mean(1) * mask.astype("float32")
        return self.norm(self.conv(image)) + words.reshape([{batch}, 6, 1, 1])
"""


LISTS = """
import {framework}
from {framework} import nn


class Net(nn.{module}):
    def __init__(self):
        super().__init__()
        self.conv = nn.{conv}(3, 6, 3)
        self.norm = nn.{norm}(6{more})

    def forward(self, images, scale):
        shortest = min(min(image.shape[1:]) for image in images)
        batch = {framework}.stack([image[:, :shortest, :shortest] for image in images])
        return {{"maps": [self.norm(self.conv(batch)) * scale, batch]}}
"""
TORCH = {"framework": "torch", "module": "Module", "conv": "Conv2d", "norm": "BatchNorm2d", "more": ""}
PADDLE = {"framework": "paddle", "module": "Layer", "conv": "Conv2D", "norm": "BatchNorm2D", "more": ""}


@pytest.mark.parametrize(
    ("more", "statuses"),
    [
        pytest.param("", {"forward": "passed", "layers": "passed"}, id="the same"),
        pytest.param(", epsilon=1e-3", {"forward": "failed", "layers": "failed"}, id="a fault"),
        pytest.param(", momentum=0.3", {"forward": "passed", "layers": "failed"}, id="a fault of training"),
    ],
)
def test_a_list_of_images(check_twin: Verify, tmp_path: Path, more: str, statuses: dict[str, str]) -> None:
    source = tmp_path / "lists.py"
    source.write_text(LISTS.format(**TORCH))
    output = LISTS.format(**{**PADDLE, "more": more})
    outcome = check_twin(output, source=source, inputs=[parse_input("[3x8x8,3x6x9]"), Input((1,))])
    assert outcome.statuses == statuses


def arguments(batch: int) -> list[Input]:
    return [Input((batch, 3, 8, 8)), Input((batch, 5), "int64", 1000), Input((batch, 6), "bool", 2)]


@pytest.mark.parametrize(
    ("batch", "size"),
    [
        pytest.param("image.shape[0]", 2, id="any batch"),
        pytest.param("image.shape[0]", 1, id="any batch, one sample"),
        pytest.param("1", 1, id="a batch of one"),
        pytest.param("2", 2, id="a batch of two"),
    ],
)
def test_several_inputs(check_twin: Verify, tmp_path: Path, batch: str, size: int) -> None:
    source = tmp_path / "several.py"
    source.write_text(SOURCE.replace("{batch}", batch))
    output = TARGET.replace("{batch}", batch).replace("{more}", "")
    outcome = check_twin(output, source=source, inputs=arguments(size))
    assert outcome.proven, [(check.name, check.reason) for check in outcome.checks]


def test_a_fault_behind_integers_is_found(check_twin: Verify, tmp_path: Path) -> None:
    source = tmp_path / "several.py"
    source.write_text(SOURCE.replace("{batch}", "1"))
    output = TARGET.replace("{batch}", "1").replace("{more}", "").replace("self.words(ids)", "self.words(ids % 900)")
    outcome = check_twin(output, source=source, inputs=arguments(1))
    assert outcome.statuses["forward"] == "failed"


def test_a_fixed_batch_hides_no_fault_of_training(check_twin: Verify, tmp_path: Path) -> None:
    source = tmp_path / "several.py"
    source.write_text(SOURCE.replace("{batch}", "1"))
    output = TARGET.replace("{batch}", "1").replace("{more}", ", momentum=0.3")
    outcome = check_twin(output, source=source, inputs=arguments(1))
    assert outcome.statuses == {"forward": "passed", "layers": "failed"}


def test_an_input_that_is_missing(check_twin: Verify, tmp_path: Path) -> None:
    source = tmp_path / "several.py"
    source.write_text(SOURCE.replace("{batch}", "1"))
    with pytest.raises(WorkerError, match="missing 1 required positional argument: 'mask'"):
        check_twin(TARGET.replace("{batch}", "1").replace("{more}", ""), source=source, inputs=arguments(1)[:2])
