"""The presets that translated weights come with, on real images: the numbers of the source's, without the source."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.alone import run_alone, run_source

pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("paddle", reason="paddle is not installed")
datasets = pytest.importorskip("sklearn.datasets", reason="scikit-learn, which has two photographs, is not installed")
pytestmark = pytest.mark.slow

LEVEL = 1 / 255  # of an image of whole numbers

PROGRAM = """
import sys
import numpy as np
from PIL import Image
import torchvision.models as models
from torchvision.transforms import InterpolationMode, functional as F
from torchvision.transforms._presets import ImageClassification, ObjectDetection, SemanticSegmentation

framework, photograph, output = sys.argv[1:]
if framework == "torch":
    from torch import as_tensor as tensor
else:
    from paddle import to_tensor as tensor

image = Image.open(photograph)
pixels = np.ascontiguousarray(np.asarray(image).transpose(2, 0, 1))
IMAGES = {
    "image": image,
    "whole": tensor(pixels),
    "float": tensor((pixels / 255).astype("float32")),
    "batch": tensor(np.stack([pixels, pixels[:, ::-1]])),
}
PRESETS = {
    "resnet50": models.ResNet50_Weights.IMAGENET1K_V2.transforms(),
    "vit_b_16": models.ViT_B_16_Weights.IMAGENET1K_SWAG_E2E_V1.transforms(),
    "efficientnet_b0": models.get_weight("EfficientNet_B0_Weights.DEFAULT").transforms(),
    "plain": ImageClassification(crop_size=64, resize_size=80, antialias=False),
    "nearest": ImageClassification(crop_size=64, resize_size=80, interpolation=InterpolationMode.NEAREST),
    "padded": ImageClassification(crop_size=150, resize_size=100),
    "detection": models.detection.FasterRCNN_ResNet50_FPN_Weights.DEFAULT.transforms(),
    "segmentation": models.segmentation.FCN_ResNet50_Weights.DEFAULT.transforms(),
    "as it is": SemanticSegmentation(resize_size=None),
}
found = {}
for preset, apply in PRESETS.items():
    for name, given in IMAGES.items():
        found[f"{preset} {name}"] = apply(given)
flow = models.optical_flow.Raft_Large_Weights.DEFAULT.transforms()
for name, given in IMAGES.items():
    found[f"flow 1 {name}"], found[f"flow 2 {name}"] = flow(given, given)
    found[f"exact {name}"] = F.resize(given, [77, 91], interpolation=InterpolationMode.NEAREST_EXACT)
    if name in ("image", "float"):  # paddle flips no tensors of small whole numbers
        found[f"flipped {name}"] = F.hflip(F.vflip(given))
    found[f"cropped {name}"] = F.crop(given, 5, 7, 30, 20)
    found[f"bordered {name}"] = F.pad(given, [1, 2, 3, 4], fill=7)
    found[f"gray {name}"] = F.rgb_to_grayscale(given, num_output_channels=3)
    found[f"bright {name}"] = F.adjust_brightness(given, 1.3)
    found[f"inverted {name}"] = F.invert(given)
video = tensor(np.stack([pixels, pixels[:, ::-1], pixels[:, :, ::-1]]))
found["video r3d_18"] = models.video.R3D_18_Weights.DEFAULT.transforms()(video)
found["video mvit"] = models.video.MViT_V2_S_Weights.DEFAULT.transforms()(video[None])
found["to_tensor"] = F.to_tensor(image)
found["to_tensor gray"] = F.to_tensor(image.convert("L"))
found["to_tensor mode 1"] = F.to_tensor(image.convert("1"))
found["to_tensor whole array"] = F.to_tensor(np.asarray(image))
found["to_tensor float array"] = F.to_tensor(np.asarray(image).astype("float32"))
found["pil_to_tensor"] = F.pil_to_tensor(image)
found["to_pil_image"] = F.to_pil_image(IMAGES["whole"])
found["to_pil_image float"] = F.to_pil_image(IMAGES["float"])
described = {name: [repr(preset), preset.describe()] for name, preset in PRESETS.items()}
print(described)
np.savez(output, **{name: np.asarray(value) for name, value in found.items()})
"""


def test_presets_give_the_numbers_of_the_source(torchvision_models: Path, tmp_path: Path) -> None:
    Image.fromarray(datasets.load_sample_image("china.jpg")).crop((100, 60, 260, 170)).save(tmp_path / "image.png")
    image, of_source, of_output = (tmp_path / name for name in ("image.png", "torch.npz", "paddle.npz"))
    described = run_source(PROGRAM, "torch", image, of_source)
    assert (
        run_alone(PROGRAM.replace("torchvision", "paddlevision"), torchvision_models, "paddle", image, of_output)
        == described
    )
    expected, found = np.load(of_source), np.load(of_output)
    assert found.files == expected.files
    assert [name for name in expected.files if not is_same(name, expected[name], found[name])] == []


def is_same(name: str, expected: np.ndarray, found: np.ndarray) -> bool:
    """Equal to the rounding of float32; images of whole numbers are rounded after they are resized.

    Of values up to 255 both frameworks are off by 5e-5 at most, so that one in 10,000 lies near enough to the middle of
    two whole numbers to become the other one.
    """
    if expected.shape != found.shape or expected.dtype != found.dtype:
        return False
    if expected.dtype == np.uint8:
        return bool((expected == found).all())
    difference = np.abs(expected - found)
    other = difference > 1e-5
    is_rounded = any(word in name for word in ("whole", "batch", "video"))
    few = other.mean() < 1 / 10_000 and difference.max() < 1.01 * LEVEL / 0.2
    return not other.any() or (is_rounded and bool(few))
