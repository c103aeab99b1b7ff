"""Inputs of builders: from a table, and by trying."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.models.conftest import Write
from translator.core import ConfigError, WorkerError
from translator.models.inputs import Table, find_table, inputs_of, read_table
from translator.models.result import Builder
from translator.verify.inputs import Input, parse_input
from translator.workers.launch import Worker

TABLE = """\
inputs:
  default: [1, 3, 224, 224]
  inception_v3: 1x3x299x299
  "vit_*": [2, 3, 8, 8]
  "vit_h*": [1, 3, 9, 9]
  vit_h_14: [1, 3, 10, 10]
  raft: [[1, 3, 128, 128], 1x16:int64<9]
  ssd: ["[3x4x4,3x5x5]"]
"""


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("resnet", ["1x3x224x224"]),
        ("default", ["1x3x224x224"]),
        ("inception_v3", ["1x3x299x299"]),
        ("vit_b", ["2x3x8x8"]),
        ("vit_h_15", ["1x3x9x9"]),
        ("vit_h_14", ["1x3x10x10"]),
        ("raft", ["1x3x128x128", "1x16:int64<9"]),
        ("ssd", ["[3x4x4,3x5x5]"]),
    ],
)
def test_stated(tmp_path: Path, name: str, wanted: list[str]) -> None:
    (tmp_path / "inputs.yaml").write_text(TABLE)
    found = read_table(tmp_path / "inputs.yaml").find(name)
    assert found is not None
    assert [str(one) for one in found] == wanted


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        pytest.param("vit_b", "zoo.nets:net(weights=None, size=(8, 8))", id="added"),
        pytest.param("vit_h", "zoo.nets:net(weights='own', depth=2)", id="in place of one"),
        pytest.param("resnet", "zoo.nets:net(weights=None)", id="none stated"),
    ],
)
def test_arguments_of_builders(tmp_path: Path, name: str, wanted: str) -> None:
    text = 'arguments:\n  "vit_*": {size: [8, 8]}\n  vit_h: {weights: own, depth: 2}\n'
    (tmp_path / "inputs.yaml").write_text(text)
    builder = Builder(name, "zoo", "zoo.nets:net(weights=None)", "out/nets.py:net(weights=None)")
    found = read_table(tmp_path / "inputs.yaml").given_to(builder)
    assert found.source == wanted
    assert found.target == wanted.replace("zoo.nets", "out/nets.py")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("", "inputs.yaml:1: is no table of inputs", id="empty"),
        pytest.param("- 1\n", "inputs.yaml:1: is no table of inputs", id="a list"),
        pytest.param(
            "inputs: {}\nmore: 1\n", "inputs.yaml:2: a table has the keys `inputs` and `arguments`", id="another key"
        ),
        pytest.param("inputs:\n  a: 1x\n", "inputs.yaml:2: `a`: `1x` is no input", id="no shape"),
        pytest.param("inputs:\n  a: 3\n", "inputs.yaml:2: `a`: `3` is no input", id="a number"),
        pytest.param("inputs:\n  a: [1, 0]\n", "inputs.yaml:2: `a`: .* is no input", id="a size of 0"),
        pytest.param("inputs:\n  a: []\n", "inputs.yaml:2: `a`: .* is no input", id="no argument"),
        pytest.param(
            "arguments:\n  a: [1]\n", "inputs.yaml:2: `a`: .* are no arguments of a builder", id="no keywords"
        ),
        pytest.param("inputs:\n  a: [1\n", "inputs.yaml:3: not valid YAML", id="no YAML"),
    ],
)
def test_wrong(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "inputs.yaml").write_text(text)
    with pytest.raises(ConfigError, match=reason):
        read_table(tmp_path / "inputs.yaml")


@pytest.mark.parametrize("place", ["pkg/models", "pkg", "."])
def test_a_table_in_or_beside_the_package(tmp_path: Path, place: str) -> None:
    (tmp_path / "pkg" / "models").mkdir(parents=True)
    assert find_table(tmp_path / "pkg" / "models", tmp_path / "pkg").find("a") is None
    (tmp_path / place / "inputs.yaml").write_text("inputs: {a: [3]}\n")
    assert find_table(tmp_path / "pkg" / "models", tmp_path / "pkg").find("a") == (Input((3,)),)


NETS = """
import torch
from torch import nn


class Of(nn.Module):
    def __init__(self, forward):
        super().__init__()
        self.forward = forward


def image(): return nn.Conv2d(3, 1, 3)
def small(): return Of(lambda x: x.reshape(1, 3, 64, 64))
def clip(): return nn.Conv3d(3, 1, 3)
def two(): return Of(lambda a, b: a + b)
def several(): return Of(lambda images: images[0].reshape(3 * 320 * 320))
def words(): return nn.Embedding(10, 2)
def none(): return Of(lambda a, b, c: a)
"""


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("image", ["1x3x224x224"]),
        ("small", ["1x3x64x64"]),
        ("clip", ["1x3x16x112x112"]),
        ("two", ["1x3x128x128", "1x3x128x128"]),
        ("several", ["[3x320x320,3x256x300]"]),
        ("words", ["1x16:int64"]),
    ],
)
def test_found_by_trying(write: Write, source_worker: Worker, name: str, wanted: list[str]) -> None:
    folder = write({"tried_nets.py": NETS})
    builder = Builder(name, "", f"{folder}/tried_nets.py:{name}", "")
    assert inputs_of(builder, Table(), None) is None
    assert inputs_of(builder, Table({"default": (Input((7,)),)}), source_worker) == (Input((7,)),), "stated goes first"
    found = inputs_of(builder, Table(), source_worker)
    assert found == tuple(map(parse_input, wanted))


def test_nothing_fits(write: Write, source_worker: Worker) -> None:
    folder = write({"tried_nets.py": NETS})
    builder = Builder("none", "", f"{folder}/tried_nets.py:none", "")
    with pytest.raises(WorkerError, match=r"takes none of the inputs .*missing 2 required positional") as raised:
        inputs_of(builder, Table(), source_worker)
    assert raised.value.hint == "state them in a file: `--inputs FILE`"
