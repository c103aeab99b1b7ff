"""From an image file to numbers: each setting does what it says, and torchvision does the same."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from translator.core import ConfigError
from translator.evaluate.preprocess import Preprocess, parse_preprocess

Paint = Callable[..., Path]

PLAIN: dict[str, Any] = {"resize": None, "crop": None, "scale": 1.0, "mean": (0.0,) * 3, "std": (1.0,) * 3}


def test_imagenet_defaults(paint: Paint) -> None:
    tensor = Preprocess().read(paint("a.png", (255, 0, 51), size=(300, 600)))
    assert (tensor.shape, tensor.dtype.name) == ((3, 224, 224), "float32")
    expected = [(1 - 0.485) / 0.229, -0.456 / 0.224, (0.2 - 0.406) / 0.225]
    assert np.abs(tensor - np.array(expected).reshape(3, 1, 1)).max() < 1e-6


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        pytest.param({}, [10, 20, 30], id="nothing done"),
        pytest.param({"channels": "BGR"}, [30, 20, 10], id="channels turned round"),
        pytest.param({"scale": 0.5}, [5, 10, 15], id="scaled"),
        pytest.param({"mean": (1.0, 2.0, 3.0), "scale": 0.5}, [4, 8, 12], id="mean is in scaled units"),
        pytest.param({"mean": (1.0, 2.0, 3.0), "channels": "BGR"}, [29, 18, 7], id="mean is in the order of channels"),
        pytest.param({"std": (2.0, 4.0, 5.0)}, [5, 5, 6], id="divided by std"),
    ],
)
def test_values(paint: Paint, settings: dict[str, Any], expected: list[float]) -> None:
    tensor = Preprocess(**{**PLAIN, **settings}).read(paint("a.png"))
    assert tensor[:, 0, 0].tolist() == expected
    assert tensor.flags["C_CONTIGUOUS"]


@pytest.mark.parametrize(
    ("size", "settings", "shape"),
    [
        pytest.param((40, 20), {"resize": 10}, (3, 10, 20), id="short side, landscape"),
        pytest.param((20, 41), {"resize": 10}, (3, 20, 10), id="short side, portrait, long side rounded down"),
        pytest.param((5, 5), {"resize": 10}, (3, 10, 10), id="enlarged"),
        pytest.param((40, 20), {"crop": 8}, (3, 8, 8), id="crop without resize"),
        pytest.param((40, 20), {"crop": (6, 10)}, (3, 6, 10), id="crop is height, width"),
        pytest.param((40, 20), {}, (3, 20, 40), id="neither"),
    ],
)
def test_sizes(paint: Paint, size: tuple[int, int], settings: dict[str, Any], shape: tuple[int, ...]) -> None:
    assert Preprocess(**{**PLAIN, **settings}).read(paint("a.png", size=size)).shape == shape


def test_crop_is_the_centre(tmp_path: Path) -> None:
    pixels = np.zeros((7, 9, 3), np.uint8)
    pixels[2:5, 3:6] = 200
    Image.fromarray(pixels).save(tmp_path / "a.png")
    assert (Preprocess(**{**PLAIN, "crop": 3}).read(tmp_path / "a.png") == 200).all()


@pytest.mark.parametrize(
    ("mode", "colour", "expected"),
    [
        pytest.param("L", 7, [7, 7, 7], id="grey becomes three channels"),
        pytest.param("RGBA", (1, 2, 3, 0), [1, 2, 3], id="alpha is dropped"),
        pytest.param("1", 1, [255, 255, 255], id="black and white"),
    ],
)
def test_modes(paint: Paint, mode: str, colour: Any, expected: list[int]) -> None:
    assert Preprocess(**PLAIN).read(paint("a.png", colour, mode=mode))[:, 0, 0].tolist() == expected


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        pytest.param({"resize": 0}, "from 1 up", id="no size"),
        pytest.param({"crop": (0, 3)}, "from 1 up", id="no height"),
        pytest.param({"resize": 100, "crop": 101}, "larger than the resized", id="crop above resize"),
        pytest.param({"interpolation": "cubic"}, "no interpolation `cubic`", id="unknown filter"),
        pytest.param({"channels": "RBG"}, "no channel order", id="unknown order"),
        pytest.param({"std": (1.0, 0.0, 1.0)}, "above zero", id="std of zero"),
        pytest.param({"scale": 0.0}, "above zero", id="scale of zero"),
        pytest.param({"mean": (1.0, 2.0)}, "three finite numbers", id="two means"),
        pytest.param({"mean": (1.0, float("nan"), 2.0)}, "three finite numbers", id="NaN"),
    ],
)
def test_settings_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Preprocess(**settings)


def test_images_refused(tmp_path: Path, paint: Paint) -> None:
    (tmp_path / "text.png").write_text("no image")
    whole = paint("whole.png", size=(64, 64)).read_bytes()
    (tmp_path / "torn.png").write_bytes(whole[: len(whole) // 2])
    paint("deep.png", 300, mode="I;16")
    paint("small.png", size=(7, 30))
    for name, message in [
        ("missing.png", "cannot be read as an image"),
        ("text.png", "cannot be read as an image"),
        ("torn.png", "cannot be read as an image"),
        ("deep.png", "more than 8 bits a channel"),
        ("small.png", "7x30 pixels are less than the crop of 8x8"),
    ]:
        with pytest.raises(ConfigError, match=message) as refusal:
            Preprocess(**{**PLAIN, "crop": 8}).read(tmp_path / name)
        assert refusal.value.path == str(tmp_path / name)


TORCHVISION = """
import sys
import numpy, torch
library = torch.library.Library("torchvision", "FRAGMENT")
for name in ("nms", "qnms"):  # a torchvision whose compiled operators do not fit this torch still has its transforms
    if not hasattr(torch.ops.torchvision, name):
        library.define(name + "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
from PIL import Image
from torchvision import transforms
steps = [transforms.Resize(256), transforms.CenterCrop(224), transforms.ToTensor(),
         transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])]
image = Image.open(sys.argv[1]).convert("RGB")
numpy.save(sys.argv[2], transforms.Compose(steps)(image).numpy())
"""


@pytest.mark.skipif(find_spec("torchvision") is None, reason="torchvision is not installed")
@pytest.mark.parametrize("size", [(333, 501), (640, 257), (100, 80)], ids=str)
def test_same_numbers_as_torchvision(tmp_path: Path, size: tuple[int, int]) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    command = [sys.executable, "-c", TORCHVISION, str(tmp_path / "a.png"), str(tmp_path / "a.npy")]
    subprocess.run(command, check=True, timeout=120)
    assert np.abs(np.load(tmp_path / "a.npy") - Preprocess().read(tmp_path / "a.png")).max() < 1e-6


WRITTEN = {
    "resize": 256,
    "crop": "224",
    "interpolation": "bilinear",
    "scale": 1 / 255,
    "mean": "0.485,0.456,0.406",
    "std": "0.229,0.224,0.225",
    "channels": "RGB",
}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param({}, {}, id="the defaults of both agree"),
        pytest.param({"resize": 0}, {"resize": None}, id="0 leaves the size"),
        pytest.param({"crop": "0"}, {"crop": None}, id="0 keeps everything"),
        pytest.param({"crop": "224x192"}, {"crop": (224, 192)}, id="height and width"),
        pytest.param({"mean": "1, 2,3e-1"}, {"mean": (1.0, 2.0, 0.3)}, id="numbers"),
    ],
)
def test_written_settings(written: dict[str, Any], expected: dict[str, Any]) -> None:
    assert parse_preprocess(**{**WRITTEN, **written}) == Preprocess(**expected)
