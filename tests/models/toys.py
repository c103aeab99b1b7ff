"""A package of tiny networks in both frameworks, written by hand, with builders that fail in every way."""

from __future__ import annotations

from pathlib import Path

from translator.models.result import Builder

NET = """
from {framework} import nn


class Net(nn.{module}):
    def __init__(self, width, scale=1.0):
        super().__init__()
        self.first = nn.Linear(6, width)
        self.relu = nn.ReLU()
        self.last = nn.Linear(width, 3)
        self.scale = scale

    def forward(self, x):
        return self.last(self.relu(self.first(x)) * self.scale)
"""
BUILDERS = """
import os
import signal
import time

from .net import Net


def small():
    return Net(4)


def wide():
    return Net(32)


def raises():
    raise ValueError("no net today")


def differs():
    return Net(8, {scale})


def ill_shaped():
    return Net({width})


def dies():
    os.kill(os.getpid(), signal.SIGKILL)


class Sleeper(Net):
    def forward(self, x):
        time.sleep({sleep})
        return super().forward(x)


def sleeps():
    return Sleeper(4)
"""
TORCH = {"framework": "torch", "module": "Module", "scale": "1.0", "width": "8", "sleep": "0"}
PADDLE = {"framework": "paddle", "module": "Layer", "scale": "1.01", "width": "9", "sleep": "60"}


def write(folder: Path) -> None:
    """``toy`` and ``toy_paddle`` below ``folder``."""
    for package, words in (("toy", TORCH), ("toy_paddle", PADDLE)):
        place = folder / package
        place.mkdir(parents=True)
        (place / "__init__.py").write_text("")
        (place / "net.py").write_text(NET.format(**words))
        (place / "nets.py").write_text(BUILDERS.format(**words))
        (place / "unused.py").write_text("x = 1\n")


def builder(folder: Path, name: str, family: str = "toy") -> Builder:
    """A builder of both packages."""
    return Builder(name, family, f"{folder}/toy/nets.py:{name}", f"{folder}/toy_paddle/nets.py:{name}")
