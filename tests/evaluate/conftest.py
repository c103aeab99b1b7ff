"""Small images on disk, and models that are functions of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

Paint = Callable[..., Path]


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
