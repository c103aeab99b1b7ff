"""Packages with builders, and one worker that looks into them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from translator.workers.launch import Worker

REGISTRY = """
KNOWN = {"sizes": 3}
BUILDERS = {}


def register(name=None):
    def add(function):
        BUILDERS[name or function.__name__] = function
        return function
    return add


def list_models():
    return sorted(BUILDERS)
"""
NETS = """
import torch
from torch import nn
from zoo.models._registry import register
from zoo.ops import double


class Net(nn.Module):
    def __init__(self, width=4):
        super().__init__()
        self.conv = nn.Conv2d(3, width, 3)
        self.norm = nn.BatchNorm2d(width)

    def forward(self, x):
        return double(torch.cat([self.norm(self.conv(x)), self.conv(x)], dim=1)).mean((2, 3))


@register()
def tiny(pretrained=True, **kwargs):
    return Net(**kwargs)


@register(name="wide_one")
def wide(*, weights=None, weights_backbone="IMAGENET", pretrained_head=True, weightless=3):
    assert weights_backbone is None and pretrained_head is False, "it would load a checkpoint"
    return Net(8)


def helper():
    raise SystemExit("is no builder")
"""
BOXES = """
import torch
from ..small import Net
from .._registry import register


class Boxes(Net):
    def forward(self, images):
        return [{"boxes": Net.forward(self, image[None])} for image in images]


@register()
def boxes():
    return Boxes()


@register()
def needs(width):
    return Net(width)


register(name="nameless")(lambda: Net())
"""
ZOO = {
    "zoo/__init__.py": "import zoo.ops\n",
    "zoo/ops.py": "def double(x):\n    return x * 2\n",
    "zoo/models/__init__.py": "from ._registry import list_models\nfrom .small import *\nfrom . import detection\n",
    "zoo/models/_registry.py": REGISTRY,
    "zoo/models/small.py": NETS,
    "zoo/models/detection/__init__.py": "from .boxes import *\n",
    "zoo/models/detection/boxes.py": BOXES,
}
FUNCTIONS = """
from typing import Any, Optional
import torch
from torch import nn


def small(width: int = 2, weights: Optional[str] = "best") -> nn.Linear:
    return nn.Linear(4, width)


def quoted() -> "nn.Module":
    return nn.Linear(5, 5)


def silent(**kwargs):
    return nn.ReLU()


def number():
    return 3


def raises():
    raise ValueError("never")


def annotated() -> int:
    raise SystemExit


def needs(width):
    raise SystemExit


def _private():
    raise SystemExit
"""
PLAIN = {
    "plain/__init__.py": "from .nets import small\n",
    "plain/nets.py": FUNCTIONS,
    "plain/deep/__init__.py": "",
    "plain/deep/more.py": "from torch import nn\n\n\ndef small() -> nn.Module:\n    return nn.Linear(6, 6)\n",
    "plain/broken.py": "import no_such_package_at_all\n",
    "plain/__main__.py": "raise SystemExit('started')\n",
}  # fmt: skip
Write = Callable[[dict[str, str]], Path]


@pytest.fixture(scope="session")
def source_worker() -> Iterator[Worker]:
    with Worker("torch") as worker:
        yield worker


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Writes files below the folder that becomes the current one."""

    def written(files: dict[str, str]) -> Path:
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
        monkeypatch.chdir(tmp_path)
        return tmp_path

    return written
