from __future__ import annotations

from pathlib import Path

import pytest

from translator.core import CheckpointError, ConfigError
from translator.ruleset.load import load_rules
from translator.weights.convert import checkpoints_folder, convert_checkpoint
from translator.workers.launch import Worker
from translator.workers.tensors import TensorFolder

NORM = ("weight", "bias", "_mean", "_variance")

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


OLDER = """
import torch
import torch.nn as nn
from torch.hub import load_state_dict_from_url
class Net(nn.Module):
    _version = 2
    def __init__(self, pretrained=False):
        super().__init__()
        self.fc = nn.Linear(2, 3)
        self.norm = nn.BatchNorm1d(3)
        if pretrained:
            state = load_state_dict_from_url("https://example.org/files/dotted-1a2b3c4d.pth?x=1", progress=False)
            self.load_state_dict({name.replace("n.orm", "norm"): value for name, value in state.items()})
    def _load_from_state_dict(self, state_dict, prefix, metadata, *rest):
        if metadata.get("version", None) in (None, 1) and prefix + "old.weight" in state_dict:
            state_dict[prefix + "fc.weight"] = -state_dict.pop(prefix + "old.weight")
        super()._load_from_state_dict(state_dict, prefix, metadata, *rest)
def saved(folder, version=None):
    torch.manual_seed(0)
    net = Net()
    state = net.state_dict()
    torch.save(state, folder + "/new.pth")
    first = {name.replace("fc.weight", "old.weight"): value for name, value in state.items()}
    torch.save(first, folder + "/first.pth")
    dotted = {name.replace("norm", "n.orm"): value for name, value in state.items()}
    torch.save(dotted, folder + "/dotted-1a2b3c4d.pth")
    torch.save(dotted, folder + "/other.pth")
    return net
"""
OLDER_TARGET = """
import paddle.nn as nn
class Net(nn.Layer):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(2, 3)
        self.norm = nn.BatchNorm1D(3)
"""


@pytest.fixture(scope="module")
def older(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("older")
    (folder / "source_older.py").write_text(OLDER)
    (folder / "target_older.py").write_text(OLDER_TARGET)
    with Worker("torch") as worker:
        worker.call("open", entry=f"{folder}/source_older.py:saved({str(folder)!r})")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRANSLATE_HOME", str(folder / "home"))
        assert convert_older(folder, "new.pth", "new.pdparams").notes == ()
    return folder


def convert_older(folder: Path, checkpoint: str, output: str, source: str = "Net"):
    entries = {"source_entry": f"{folder}/source_older.py:{source}", "target_entry": f"{folder}/target_older.py:Net"}
    return convert_checkpoint(folder / checkpoint, folder / output, ruleset=load_rules(), **entries)


def test_the_models_own_loading_brings_an_older_checkpoint_up_to_date(older: Path, monkeypatch) -> None:
    monkeypatch.setenv("TRANSLATE_HOME", str(older / "home"))
    assert convert_older(older, "first.pth", "first.pdparams").notes == (
        "the model's own loading brought it up to date",
    )
    with Worker("paddle") as worker:
        for name in ("new", "first"):
            worker.call("read", checkpoint=older / f"{name}.pdparams", output=older / name)
    new, first = TensorFolder(older / "new"), TensorFolder(older / "first")
    assert sorted(new) == sorted(first) == sorted(["fc.bias", "fc.weight", *("norm." + n for n in NORM)])
    assert (first["fc.weight"].array == -new["fc.weight"].array).all(), "the hook that negates ran"


def test_a_builder_loads_the_checkpoint_in_the_place_of_its_download(older: Path, monkeypatch) -> None:
    """What renames names outside any hook is the builder; it gets the file instead of fetching it."""
    monkeypatch.setenv("TRANSLATE_HOME", str(older / "home"))
    done = convert_older(older, "dotted-1a2b3c4d.pth", "dotted.pdparams", "Net(pretrained=True)")
    assert done.notes == ("the builder loaded it itself",)
    assert (older / "dotted.pdparams").read_bytes() == (older / "new.pdparams").read_bytes()


def test_names_that_nothing_renames_are_an_error_with_a_remedy(older: Path, monkeypatch) -> None:
    monkeypatch.setenv("TRANSLATE_HOME", str(older / "home"))
    with pytest.raises(CheckpointError, match=r"norm.weight is missing.*n.orm.weight is not in the model") as caught:
        convert_older(older, "other.pth", "other.pdparams")
    assert "--source" in caught.value.hint
    assert "pretrained=True" in caught.value.hint
