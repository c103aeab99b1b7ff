from __future__ import annotations

import os
import signal
import stat
import sys
from pathlib import Path

import numpy as np
import pytest

from translator.core import CheckpointError, ConfigError, WorkerError
from translator.workers.launch import Worker
from translator.workers.tensors import Tensor, TensorFolder, write_tensors

MODEL = """
import torch
class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = torch.nn.Linear(4, 4)
        self.again = self.fc
        self.register_buffer("scale", torch.ones(1), persistent=False)
        print("printed by the model")
    def forward(self, x):
        return {"out": self.again(self.fc(x)) * self.scale, "parts": [x]}
def dies(): import os; os._exit(7)
def killed(): import os; os.kill(os.getpid(), 9)
"""
TYPES = ["float32", "float64", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool"]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "model_in_worker.py"
    path.write_text(MODEL)
    return path


def all_types() -> dict[str, Tensor]:
    random = np.random.default_rng(0)
    arrays = {name: random.integers(0, 2, (3, 2)).astype({"bfloat16": "uint16"}.get(name, name)) for name in TYPES}
    arrays["bfloat16"] = random.integers(0, 2**16, (3, 2)).astype(np.uint16)
    return {**{name: Tensor(name, array) for name, array in arrays.items()}, "scalar": Tensor("int64", np.array(5))}


@pytest.mark.parametrize(
    ("side", "suffix"),
    [("torch", ".pth"), ("torch", ".safetensors"), ("paddle", ".pdparams"), ("paddle", ".safetensors")],
)
def test_every_type_survives_bit_for_bit(request, tmp_path: Path, side: str, suffix: str) -> None:
    worker: Worker = request.getfixturevalue(f"{side}_worker")
    write_tensors(tmp_path / "given", all_types())
    worker.call("save", tensors=tmp_path / "given", output=tmp_path / f"x{suffix}")
    worker.call("read", checkpoint=tmp_path / f"x{suffix}", output=tmp_path / "again")
    again = TensorFolder(tmp_path / "again")
    assert {name for name, tensor in all_types().items() if not again[name].same_bits(tensor)} == set()


def test_listing(torch_worker: Worker, model: Path, capfd) -> None:
    opened = torch_worker.call("open", entry=f"{model}:Net")
    assert opened == {"class_name": "Net", "file": str(model), "modules": 2}
    infos = {info["path"]: info for info in torch_worker.call("parameters")["parameters"]}
    assert infos["fc.weight"]["classes"] == ["torch.nn.Linear", "torch.nn.Module"]
    assert infos["again.weight"]["tied_to"] == "fc.weight"
    assert (infos["scale"]["kind"], infos["scale"]["persistent"]) == ("buffer", False)


def test_what_the_model_prints_goes_to_stderr(model: Path, capsys) -> None:
    with Worker("torch") as worker:
        worker.call("open", entry=f"{model}:Net")
    captured = capsys.readouterr()
    assert "printed by the model" in captured.err
    assert captured.out == ""


def test_calls_are_captured_with_their_places(torch_worker: Worker, model: Path, tmp_path: Path) -> None:
    torch_worker.call("open", entry=f"{model}:Net")
    write_tensors(tmp_path / "in", {"x": Tensor("float32", np.ones((1, 4), np.float32))})
    calls = torch_worker.call("forward", inputs=tmp_path / "in", output=tmp_path / "out")["calls"]
    assert [(call["path"], call["index"], call["parent"]) for call in calls] == [
        ("", 0, -1),
        ("fc", 0, 0),
        ("fc", 1, 0),
    ]
    assert [info["name"] for info in calls[0]["outputs"]] == ["out", "parts.0"]
    captured = TensorFolder(tmp_path / "out")
    assert captured["1.out."].same_bits(captured["2.in.0"])
    modules = {info["path"]: info for info in torch_worker.call("modules")["modules"]}
    assert modules["fc"]["constructed"] == {"path": str(model), "line": 6, "end_line": 6}


def test_random_weights_are_the_same_for_the_same_seed(torch_worker: Worker, model: Path, tmp_path: Path) -> None:
    write_tensors(tmp_path / "in", {"x": Tensor("float32", np.ones((2, 4), np.float32))})
    states = []
    for number, seed in enumerate((1, 1, 2)):
        torch_worker.call("open", entry=f"{model}:Net")
        torch_worker.call("randomise", seed=seed, inputs=tmp_path / "in", output=tmp_path / f"s{number}")
        states.append(TensorFolder(tmp_path / f"s{number}")["fc.weight"])
    assert states[0].same_bits(states[1])
    assert not states[0].same_bits(states[2])
    assert np.abs(states[0].array).min() > 0


def test_predict(torch_worker: Worker, model: Path, tmp_path: Path) -> None:
    torch_worker.call("open", entry=f"{model}:Net")
    np.save(tmp_path / "batch.npy", np.ones((5, 4), np.float32))
    torch_worker.call("predict", inputs=tmp_path / "batch.npy", output=tmp_path / "logits.npy")
    assert np.load(tmp_path / "logits.npy").shape == (5, 4)


@pytest.mark.parametrize(
    ("content", "notes"),
    [
        pytest.param("{'a': t}", [], id="plain"),
        pytest.param("{'state_dict': {'a': t}, 'epoch': 3}", ["took the tensors under `state_dict`"], id="wrapped"),
        pytest.param(
            "{'model': {'module.a': t}}",
            ["took the tensors under `model`", "removed the prefix `module.`"],
            id="parallel",
        ),
    ],
)
def test_wrapped_checkpoints(torch_worker: Worker, tmp_path: Path, content: str, notes: list[str]) -> None:
    save_with_torch(torch_worker, tmp_path, content)
    read = torch_worker.call("read", checkpoint=tmp_path / "x.pth", output=tmp_path / "read")
    assert (read["names"], read["notes"]) == (["a"], notes)


def save_with_torch(worker: Worker, folder: Path, content: str) -> None:
    (folder / "saver.py").write_text(
        f"import torch, argparse\nclass Net(torch.nn.Module): pass\nt = torch.ones(2)\n"
        f"torch.save({content}, {str(folder / 'x.pth')!r})\n"
    )
    worker.call("open", entry=f"{folder}/saver.py:Net")


@pytest.mark.parametrize(
    ("content", "text"),
    [
        pytest.param("{'a': t, 'args': argparse.Namespace(lr=1)}", "needs more than tensors", id="unsafe pickle"),
        pytest.param("[1, 2]", "holds list, not a state dict", id="no state dict"),
        pytest.param("{'epoch': 3}", "holds no tensors", id="no tensors"),
    ],
)
def test_refused_checkpoints(torch_worker: Worker, tmp_path: Path, content: str, text: str) -> None:
    save_with_torch(torch_worker, tmp_path, content)
    with pytest.raises(CheckpointError, match=text):
        torch_worker.call("read", checkpoint=tmp_path / "x.pth", output=tmp_path / "read")


@pytest.mark.parametrize("suffix", [".pth", ".safetensors", ".pdparams"])
@pytest.mark.parametrize("keep", [0, 10, 0.5])
def test_truncated_checkpoints(request, tmp_path: Path, suffix: str, keep: float) -> None:
    worker: Worker = request.getfixturevalue("paddle_worker" if suffix == ".pdparams" else "torch_worker")
    write_tensors(tmp_path / "given", all_types())
    path = tmp_path / f"x{suffix}"
    worker.call("save", tensors=tmp_path / "given", output=path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * keep) if keep < 1 else int(keep)])
    with pytest.raises(CheckpointError, match=r"truncated|not a whole|unpickled"):
        worker.call("read", checkpoint=path, output=tmp_path / "read")


def test_a_paddle_pickle_that_runs_code(paddle_worker: Worker, tmp_path: Path) -> None:
    path = tmp_path / "evil.pdparams"
    path.write_bytes(b"cos\nsystem\n(S'touch " + str(tmp_path / "ran").encode() + b"'\ntR.")
    with pytest.raises(CheckpointError, match=r"needs more than tensors to be unpickled \(os.system\)"):
        paddle_worker.call("read", checkpoint=path, output=tmp_path / "read")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("checkpoint", "error", "text"),
    [
        pytest.param("missing.pth", CheckpointError, "no such file", id="missing"),
        pytest.param("model.onnx", ConfigError, r"torch checkpoints end in \.pth", id="format"),
    ],
)
def test_no_checkpoint(
    torch_worker: Worker, tmp_path: Path, checkpoint: str, error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=text):
        torch_worker.call("read", checkpoint=tmp_path / checkpoint, output=tmp_path / "read")


def test_loading_is_strict_and_names_what_is_wrong(torch_worker: Worker, model: Path, tmp_path: Path) -> None:
    torch_worker.call("open", entry=f"{model}:Net")
    tensors = {
        "fc.weight": Tensor("float32", np.zeros((4, 5), np.float32)),
        "more": Tensor("float32", np.zeros(1, np.float32)),
    }
    write_tensors(tmp_path / "given", tensors)
    with pytest.raises(CheckpointError) as caught:
        torch_worker.call("load", tensors=tmp_path / "given")
    assert "fc.bias is missing" in caught.value.message
    assert "more is not in the model" in caught.value.message
    assert "fc.weight is [4, 5], the model's is [4, 4]" in caught.value.message


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        pytest.param("dies", "ended with exit code 7 during `open`", id="exit"),
        pytest.param("killed", "was killed by SIGKILL during `open`", id="signal"),
    ],
)
def test_a_worker_that_dies(model: Path, entry: str, text: str) -> None:
    with Worker("torch") as worker:
        with pytest.raises(WorkerError, match=text):
            worker.call("open", entry=f"{model}:{entry}")
        with pytest.raises(WorkerError, match="the torch worker"):
            worker.call("versions")


def test_a_worker_killed_from_outside() -> None:
    with Worker("torch") as worker:
        os.kill(worker._process.pid, signal.SIGTERM)
        with pytest.raises(WorkerError, match="was killed by SIGTERM"):
            worker.call("versions")


def test_an_interpreter_without_the_framework(tmp_path: Path) -> None:
    bare = tmp_path / "bare-python"
    bare.write_text(f'#!/bin/sh\nexec {sys._base_executable} -S "$@"\n')
    bare.chmod(bare.stat().st_mode | stat.S_IXUSR)
    with pytest.raises(WorkerError, match="is not installed for") as caught:
        Worker("torch", python=str(bare))
    assert "--source-python" in caught.value.hint


def test_an_unknown_operation(torch_worker: Worker) -> None:
    with pytest.raises(ConfigError, match="cannot `_opened`"):
        torch_worker.call("_opened")


KEEPING = """import paddle


class Net(paddle.nn.Layer):
    def __init__(self):
        super().__init__()
        self.sizes = [paddle.ones([1, 2]), None]

    def forward(self, x):
        return paddle.concat([x * 0.1, self.sizes[0]])
"""


def test_tensors_that_a_model_keeps_in_lists_are_wide_in_float64(paddle_worker: Worker, tmp_path: Path) -> None:
    (tmp_path / "keeping.py").write_text(KEEPING)
    write_tensors(tmp_path / "given", {"input0": Tensor("float32", np.ones((1, 2), np.float32))})
    paddle_worker.call("open", entry=f"{tmp_path}/keeping.py:Net")
    for _ in range(2):  # and narrow again afterwards
        ran = paddle_worker.call("forward", inputs=tmp_path / "given", output=tmp_path / "capture")
        found = paddle_worker.call(
            "noise", inputs=tmp_path / "given", capture=tmp_path / "capture", exact=tmp_path / "exact"
        )
        assert (ran["error"], found["error"]) == (None, None)
        assert 0 < found["noise"]["0.out."] < 1e-7


NORMED = """import torch


class Net(torch.nn.Module):
    def __init__(self, eps):
        super().__init__()
        self.fc, self.norm = torch.nn.Linear(4, 3), torch.nn.BatchNorm1d(3, eps=eps)
        torch.nn.init.ones_(self.fc.weight)

    def forward(self, x):
        return self.norm(self.fc(x) * 1e-3) + self.norm.eps
"""


def test_epsilons_are_those_of_float32_in_float64(torch_worker: Worker, tmp_path: Path) -> None:
    (tmp_path / "normed.py").write_text(NORMED)
    given = np.random.default_rng(0).standard_normal((5, 4)).astype(np.float32)
    write_tensors(tmp_path / "given", {"input0": Tensor("float32", given)})
    asked = {"inputs": [str(tmp_path / "given")], "optimizer": "sgd", "rate": 0.25, "seed": 0, "capture": ""}
    losses = []
    for eps in (1e-3, float(np.float32(1e-3))):
        torch_worker.call("open", entry=f"{tmp_path}/normed.py:Net(eps={eps!r})")
        losses.append(torch_worker.call("exact_steps", **asked)["losses"])
        settings = {one["path"]: one["settings"] for one in torch_worker.call("modules")["modules"]}
        assert settings["norm"]["eps"] == eps, "and the model has its own again"
    assert losses[0] == losses[1]
