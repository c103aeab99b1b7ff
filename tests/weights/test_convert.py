from __future__ import annotations

from pathlib import Path

import pytest

from translator.core import CheckpointError, ConfigError
from translator.ruleset.load import load_rules
from translator.weights.convert import checkpoints_folder, convert_checkpoint
from translator.workers.launch import Worker

SOURCE = """
import torch.nn as nn
class Net(nn.Module):
    def __init__(self, width=4):
        super().__init__()
        self.conv = nn.Conv2d(3, width, 3)
        self.norm = nn.BatchNorm2d(width)
        self.fc = nn.Linear(4, 4)
def saved(path):
    import torch
    torch.manual_seed(0)
    net = Net()
    net.norm.num_batches_tracked.fill_(41)
    net.fc.half()
    torch.save({"state_dict": net.state_dict()}, path)
    return net
"""
TARGET = SOURCE.partition("def saved")[0].replace("torch", "paddle").replace("Module", "Layer").replace("2d", "2D")


@pytest.fixture(scope="module")
def saved(tmp_path_factory) -> bytes:
    folder = tmp_path_factory.mktemp("saved")
    (folder / "source_net.py").write_text(SOURCE)
    with Worker("torch") as worker:
        worker.call("open", entry=f"{folder}/source_net.py:saved({str(folder / 'net.pth')!r})")
    return (folder / "net.pth").read_bytes()


@pytest.fixture
def home(tmp_path: Path, monkeypatch, saved: bytes) -> Path:
    monkeypatch.setenv("TRANSLATE_HOME", str(tmp_path / "home"))
    (tmp_path / "source_net.py").write_text(SOURCE)
    (tmp_path / "target_net.py").write_text(TARGET)
    (tmp_path / "net.pth").write_bytes(saved)
    return tmp_path


def convert(home: Path, checkpoint: str, output: str, **more):
    entries = {"source_entry": f"{home}/source_net.py:Net", "target_entry": f"{home}/target_net.py:Net"}
    return convert_checkpoint(home / checkpoint, home / output, ruleset=load_rules(), **{**entries, **more})


def test_there_and_back_bit_for_bit(home: Path) -> None:
    done = convert(home, "net.pth", "net.pdparams", map_path=home / "map.yaml")
    assert (done.tensors, done.notes) == (8, ("took the tensors under `state_dict`",))
    assert done.cached == checkpoints_folder() / "net.pdparams"
    assert done.cached.read_bytes() == done.output.read_bytes()
    convert(home, "net.pdparams", "again.safetensors", reverse=True, map_path=home / "map.yaml")
    convert(home, "again.safetensors", "twice.pdparams", map_path=home / "second.yaml")
    assert (home / "twice.pdparams").read_bytes() == (home / "net.pdparams").read_bytes()
    assert (home / "second.yaml").read_bytes() == (home / "map.yaml").read_bytes(), "the dropped counter came back"


@pytest.mark.parametrize(
    ("more", "error", "text"),
    [
        pytest.param(
            {"target_entry": "{0}/target_net.py:Net(width=5)"}, CheckpointError, "conv.weight would be", id="model"
        ),
        pytest.param({"source_entry": "{0}/source_net.py:Nett"}, ConfigError, "no `Nett` there", id="entry"),
    ],
)
def test_nothing_is_written_when_it_fails(home: Path, more: dict[str, str], error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        convert(
            home, "net.pth", "net.pdparams", map_path=home / "m.yaml", **{k: v.format(home) for k, v in more.items()}
        )
    files = {path.name for path in home.iterdir() if path.is_file()}
    assert files == {"net.pth", "source_net.py", "target_net.py"}
    assert not checkpoints_folder().exists()


def test_the_checkpoint_is_never_overwritten(home: Path) -> None:
    with pytest.raises(ConfigError, match="would overwrite the checkpoint"):
        convert(home, "net.pth", "net.pth")


def test_a_truncated_checkpoint(home: Path) -> None:
    whole = (home / "net.pth").read_bytes()
    (home / "net.pth").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(CheckpointError, match="truncated"):
        convert(home, "net.pth", "net.pdparams")
    assert not (home / "net.pdparams").exists()
