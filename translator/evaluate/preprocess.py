"""The one way from an image file to a tensor, so that both models see the same numbers. Pillow and numpy only.

Resize the short side, crop the centre, scale, normalise, order the channels: the steps of ImageNet evaluation.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from translator.core import ConfigError

Interpolation = Literal["nearest", "bilinear", "bicubic", "lanczos", "box", "hamming"]
ChannelOrder = Literal["RGB", "BGR"]
Number = TypeVar("Number", int, float)
Triple = tuple[float, float, float]

RESAMPLING: dict[str, Image.Resampling] = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
    "box": Image.Resampling.BOX,
    "hamming": Image.Resampling.HAMMING,
}
IMAGENET_MEAN: Triple = (0.485, 0.456, 0.406)
IMAGENET_STD: Triple = (0.229, 0.224, 0.225)


@dataclass(frozen=True, slots=True)
class Preprocess:
    """What is done to each image; the defaults are those of ImageNet evaluation.

    The tensor is ``(pixels * scale - mean) / std`` in float32, channels first.

    Args:
        resize: length of the short side in pixels after resizing; the long side keeps the ratio, rounded down, as
            torchvision does. None leaves the size.
        crop: side in pixels of the square that is cut from the centre, or (height, width). None keeps everything.
        interpolation: Pillow's resampling filter, which smooths when it shrinks an image.
        scale: factor of the 8-bit pixel values; 1/255 brings them to 0..1, 1 leaves them at 0..255.
        mean: subtracted after scaling, one number a channel in the order of ``channels``, in scaled units.
        std: divided by, likewise; above zero.
        channels: ``RGB``, or ``BGR`` for networks that come from Caffe.

    Raises:
        ConfigError: a size below 1, a crop larger than the resized short side, a std of zero, an unknown name.
    """

    resize: int | None = 256
    crop: int | tuple[int, int] | None = 224
    interpolation: Interpolation = "bilinear"
    scale: float = 1 / 255
    mean: Triple = IMAGENET_MEAN
    std: Triple = IMAGENET_STD
    channels: ChannelOrder = "RGB"

    def __post_init__(self) -> None:
        sizes = [side for side in (self.resize, *(self.crop_size or ())) if side is not None]
        if any(side < 1 for side in sizes):
            raise ConfigError("resize and crop are sizes in pixels, from 1 up")
        if self.resize is not None and self.crop_size is not None and min(self.crop_size) > self.resize:
            raise ConfigError(f"the crop {self.crop} is larger than the resized short side {self.resize}")
        if self.interpolation not in RESAMPLING:
            raise ConfigError(f"no interpolation `{self.interpolation}`; there are {', '.join(RESAMPLING)}")
        if self.channels not in ("RGB", "BGR"):
            raise ConfigError(f"no channel order `{self.channels}`; there are RGB and BGR")
        numbers: list[float] = [self.scale, *self.mean, *self.std]
        if len(numbers) != 7 or not all(np.isfinite(numbers)):
            raise ConfigError("mean and std are three finite numbers each, scale is one")
        if min(self.std) <= 0 or self.scale <= 0:
            raise ConfigError("std and scale are above zero")

    @property
    def crop_size(self) -> tuple[int, int] | None:
        """Height and width of the crop in pixels."""
        return (self.crop, self.crop) if isinstance(self.crop, int) else self.crop

    def settings(self) -> dict[str, Any]:
        """All settings by name, for reports and for the key of a resumable run."""
        return asdict(self)

    def read(self, path: Path) -> NDArray[np.float32]:
        """The tensor of an image file: float32, shape (3, height, width).

        An alpha channel is dropped, grey becomes three equal channels, an EXIF rotation is not applied: as torchvision
        does.

        Raises:
            ConfigError: missing, not an image, truncated, of more than 8 bits a channel, or smaller than the crop.
        """
        try:
            with Image.open(path) as image:
                return self.tensor(image)
        except ConfigError as error:
            raise ConfigError(error.message, path=str(path), hint=error.hint) from error
        except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as error:
            raise ConfigError(f"cannot be read as an image: {error}", path=str(path)) from error

    def tensor(self, image: Image.Image) -> NDArray[np.float32]:
        """The tensor of an open image: float32, shape (3, height, width).

        Raises:
            ConfigError: of more than 8 bits a channel, or smaller than the crop.
        """
        if image.mode.startswith(("I", "F")):
            raise ConfigError(f"more than 8 bits a channel (mode {image.mode})", hint="convert it to 8 bits first")
        pixels = np.asarray(self._cropped(self._resized(image.convert("RGB"))), dtype=np.float32)
        if self.channels == "BGR":
            pixels = pixels[:, :, ::-1]
        scaled = pixels * np.float32(self.scale)
        normalised = (scaled - np.asarray(self.mean, np.float32)) / np.asarray(self.std, np.float32)
        return np.ascontiguousarray(normalised.transpose(2, 0, 1))

    def _resized(self, image: Image.Image) -> Image.Image:
        if self.resize is None or min(image.size) == self.resize:
            return image
        short = min(image.size)
        width, height = (self.resize if side == short else int(self.resize * side / short) for side in image.size)
        return image.resize((width, height), RESAMPLING[self.interpolation])

    def _cropped(self, image: Image.Image) -> Image.Image:
        if self.crop_size is None:
            return image
        height, width = self.crop_size
        if image.height < height or image.width < width:
            raise ConfigError(f"{image.width}x{image.height} pixels are less than the crop of {width}x{height}")
        left, top = round((image.width - width) / 2), round((image.height - height) / 2)
        return image.crop((left, top, left + width, top + height))


def parse_preprocess(
    *, resize: int, crop: str, interpolation: str, scale: float, mean: str, std: str, channels: str
) -> Preprocess:
    """The settings as they are written on a command line.

    Args:
        resize: in pixels; 0 leaves the size.
        crop: a side or ``HEIGHTxWIDTH`` in pixels; ``0`` keeps everything.
        mean: three numbers separated by commas; ``std`` likewise.

    Raises:
        ConfigError: a value that cannot be read, or that :class:`Preprocess` refuses.
    """
    sides = _numbers(crop, "x", int, "--crop", "224, 224x192, or 0 for no crop")
    if len(sides) > 2:
        raise ConfigError(f"`{crop}` is no size for --crop", hint="write 224, 224x192, or 0 for no crop")
    means, stds = (
        _numbers(text, ",", float, name, "three numbers: 0.5,0.5,0.5")
        for text, name in ((mean, "--mean"), (std, "--std"))
    )
    return Preprocess(
        resize=resize or None,
        crop=(sides[0] or None) if len(sides) == 1 else (sides[0], sides[1]),
        interpolation=interpolation,  # type: ignore[arg-type]  # checked there
        scale=scale,
        mean=means,  # type: ignore[arg-type]
        std=stds,  # type: ignore[arg-type]
        channels=channels,  # type: ignore[arg-type]
    )


def _numbers(text: str, separator: str, kind: type[Number], name: str, usage: str) -> tuple[Number, ...]:
    try:
        return tuple(kind(part) for part in text.split(separator))
    except ValueError as error:
        raise ConfigError(f"`{text}` cannot be read for {name}", hint=f"write {usage}") from error
