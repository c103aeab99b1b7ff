"""Small images on disk, and models that are functions of them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

Paint = Callable[..., Path]

SOURCE = """
import torch
class Net(torch.nn.Module):
    def __init__(self, classes=8):
        super().__init__()
        self.conv = torch.nn.Conv2d(3, 8, 3)
        self.fc = torch.nn.Linear(8, classes)
    def forward(self, x):
        return self.fc(torch.relu(self.conv(x)).mean((2, 3)))
"""
TARGET = """
import paddle
class Net(paddle.nn.Layer):
    def __init__(self, classes=8):
        super().__init__()
        self.conv = paddle.nn.Conv2D(3, 8, 3)
        self.fc = paddle.nn.Linear(8, classes)
    def forward(self, x):
        return self.fc(paddle.nn.functional.relu(self.conv(x)).mean([2, 3]))
"""
SAVE = """
import sys
sys.path.insert(0, sys.argv[1])
import torch, source
torch.manual_seed(0)
net = source.Net()
torch.nn.init.normal_(net.fc.weight)
torch.save(net.state_dict(), sys.argv[1] + "/weights.pth")
"""


@pytest.fixture
def paint(tmp_path: Path) -> Paint:
    """Writes a one-coloured image below the test's folder and gives its path."""

    def write(
        name: str, colour: tuple[int, ...] | int = (10, 20, 30), size: tuple[int, int] = (8, 8), mode: str = "RGB"
    ) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new(mode, size, colour).save(path)
        return path

    return write


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with both networks and a checkpoint of the source."""
    folder = tmp_path_factory.mktemp("models")
    (folder / "source.py").write_text(SOURCE)
    (folder / "target.py").write_text(TARGET)
    (folder / "broken.py").write_text(TARGET.replace("paddle.nn.functional.relu", ""))
    subprocess.run([sys.executable, "-c", SAVE, str(folder)], check=True, timeout=120)
    return folder


@pytest.fixture
def data(tmp_path: Path, paint: Paint) -> Path:
    for index in range(24):
        paint(f"data/{index % 8}/{index}.png", (index * 10, 255 - index * 9, (index * 53) % 256), size=(20, 16))
    return tmp_path / "data"
