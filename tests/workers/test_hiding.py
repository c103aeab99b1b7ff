"""Packages that a worker cannot import although they are installed."""

from __future__ import annotations

from pathlib import Path

from translator.workers.launch import Worker

MODEL = """
import importlib.metadata
import importlib.util
import paddle
try:
    import torch
    found = "torch"
except ImportError as error:
    found = f"{type(error).__name__}: {error}"
assert importlib.util.find_spec("torchvision") is None, found
assert importlib.metadata.version("numpy")
import json.tool


class Net(paddle.nn.Layer):
    pass


Net.__qualname__ = Net.__name__ = "".join(c if c.isalnum() else "_" for c in found)
"""


def test_what_is_hidden_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "hiding_net.py").write_text(MODEL)
    with Worker("paddle", hidden=("torch", "torchvision")) as worker:
        found = worker.call("open", entry=f"{tmp_path}/hiding_net.py:Net")
    assert found["class_name"] == "ModuleNotFoundError__No_module_named__torch_"
