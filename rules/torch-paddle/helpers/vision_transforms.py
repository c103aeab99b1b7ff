"""Transforms of Pillow images and of tensors (channels, height, width), where paddle.vision.transforms differs."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import paddle
from PIL import Image

SMOOTH = ("bilinear", "bicubic")


def get_dimensions(img: Any) -> list[int]:
    """Channels, height and width."""
    if isinstance(img, paddle.Tensor):
        return [1 if img.ndim == 2 else img.shape[-3], img.shape[-2], img.shape[-1]]
    return [len(img.getbands()), img.height, img.width]


def resize(
    img: Any,
    size: int | Sequence[int] | None,
    interpolation: str = "bilinear",
    max_size: int | None = None,
    antialias: bool | None = True,
) -> Any:
    """Resize to (height, width), or the shorter side to one number.

    Args:
        interpolation: ``nearest``, ``nearest-exact``, ``bilinear`` or ``bicubic``; for images also those of Pillow.
        max_size: of the longer side, where ``size`` is one number.
        antialias: smooth a tensor that is made smaller; images always are.
    """
    _, *given = get_dimensions(img)
    wanted = _resized(given, size, max_size)
    if wanted == given:
        return img
    if not isinstance(img, paddle.Tensor):
        return paddle.vision.transforms.resize(img, wanted, interpolation.partition("-")[0])
    batch = img if img.ndim == 4 else img.reshape([1, -1, *given])
    wide = batch if batch.is_floating_point() else batch.astype("float32")
    if interpolation == "nearest-exact":
        for axis, (old, new) in enumerate(zip(given, wanted, strict=True), 2):
            index = ((paddle.arange(new, dtype="float32") + 0.5) * (old / new)).floor().astype("int64")
            wide = paddle.index_select(wide, index.clip(max=old - 1), axis)
    else:
        more = {"antialias": True} if antialias and interpolation in SMOOTH else {}
        wide = paddle.nn.functional.interpolate(wide, wanted, None, interpolation, data_format="NCHW", **more)
    if not batch.is_floating_point():
        top = 255 if batch.dtype == paddle.uint8 and interpolation == "bicubic" else float("inf")
        wide = wide.clip(max=top, min=0 if top == 255 else -top).round().astype(batch.dtype)
    return wide.reshape([*img.shape[:-2], *wanted])


def _resized(given: list[int], size: int | Sequence[int] | None, max_size: int | None) -> list[int]:
    """Height and width that ``size`` means."""
    sides = [size] if isinstance(size, int) else list(size or [max_size])
    if len(sides) == 2:
        if max_size is not None:
            raise ValueError("max_size goes with one number for the shorter side")
        return [int(side) for side in sides]
    short, long = sorted(given)
    if size is None:
        new = [int(sides[0] * short / long), sides[0]]
    else:
        new = [sides[0], int(sides[0] * long / short)]
        if max_size is not None and max_size <= sides[0]:
            raise ValueError(f"max_size = {max_size} has to be more than the shorter side's {size}")
        if max_size is not None and new[1] > max_size:
            new = [int(max_size * new[0] / new[1]), max_size]
    return new if given[0] <= given[1] else new[::-1]


def center_crop(img: Any, output_size: int | Sequence[int]) -> Any:
    """The middle of an image, with a black border where the image is smaller."""
    height, width = [output_size] * 2 if isinstance(output_size, int) else (*output_size, *output_size)[:2]
    _, *given = get_dimensions(img)
    over = [max(height - given[0], 0), max(width - given[1], 0)]
    if any(over) and isinstance(img, paddle.Tensor):
        border = [over[1] // 2, (over[1] + 1) // 2, over[0] // 2, (over[0] + 1) // 2]
        wide = img if img.is_floating_point() else img.astype("int32")
        img = paddle.compat.nn.functional.pad(wide, border).astype(img.dtype)
    elif any(over):
        border = [over[1] // 2, over[0] // 2, (over[1] + 1) // 2, (over[0] + 1) // 2]
        img = paddle.vision.transforms.pad(img, border)
    _, *given = get_dimensions(img)
    top, left = (round((old - new) / 2.0) for old, new in zip(given, (height, width), strict=True))
    return crop(img, top, left, height, width)


def crop(img: Any, top: int, left: int, height: int, width: int) -> Any:
    """The part of an image that begins at (top, left)."""
    if isinstance(img, paddle.Tensor):
        return img[..., top : top + height, left : left + width]
    return img.crop((left, top, left + width, top + height))


def resized_crop(
    img: Any,
    top: int,
    left: int,
    height: int,
    width: int,
    size: int | Sequence[int],
    interpolation: str = "bilinear",
    antialias: bool | None = True,
) -> Any:
    """A part of an image, resized."""
    return resize(crop(img, top, left, height, width), size, interpolation, antialias=antialias)


def five_crop(img: Any, size: int | Sequence[int]) -> tuple[Any, ...]:
    """The four corners and the middle."""
    height, width = [size] * 2 if isinstance(size, int) else (*size, *size)[:2]
    _, rows, columns = get_dimensions(img)
    if height > rows or width > columns:
        raise ValueError(f"{(height, width)} is larger than the image, {(rows, columns)}")
    places = [(0, 0), (0, columns - width), (rows - height, 0), (rows - height, columns - width)]
    return *(crop(img, *place, height, width) for place in places), center_crop(img, [height, width])


def ten_crop(img: Any, size: int | Sequence[int], vertical_flip: bool = False) -> tuple[Any, ...]:
    """``five_crop`` of the image, and of the flipped image."""
    flip = paddle.vision.transforms.vflip if vertical_flip else paddle.vision.transforms.hflip
    return five_crop(img, size) + five_crop(flip(img), size)


def pil_to_tensor(pic: Image.Image) -> paddle.Tensor:
    """The numbers of an image as they are, (channels, height, width)."""
    array = np.array(pic, copy=True)
    return paddle.to_tensor(array.reshape(pic.height, pic.width, len(pic.getbands())).transpose(2, 0, 1).copy())


def convert_image_dtype(image: paddle.Tensor, dtype: paddle.dtype = paddle.float32) -> paddle.Tensor:
    """Another type, with the values scaled from its range to that of the other: 0 to 1 for fractions."""
    fractions = (paddle.float16, paddle.bfloat16, paddle.float32, paddle.float64)
    if image.dtype == dtype:
        return image
    if image.dtype in fractions and dtype in fractions:
        return image.astype(dtype)
    if dtype in fractions:
        return image.astype(dtype) / paddle.iinfo(image.dtype).max
    new = paddle.iinfo(dtype).max
    if image.dtype in fractions:
        if dtype == paddle.int64 or (dtype == paddle.int32 and image.dtype == paddle.float32):
            raise RuntimeError(f"{image.dtype} has too few digits for {dtype}")
        return (image * (new + 1.0 - 1e-3)).astype(dtype)
    old = paddle.iinfo(image.dtype).max
    if old > new:
        return (image.astype("int64") // ((old + 1) // (new + 1))).astype(dtype)
    return image.astype(dtype) * ((new + 1) // (old + 1))


def to_pil_image(pic: Any) -> Image.Image:
    """An image of a tensor (channels, height, width) or an array (height, width, channels); fractions times 255."""
    if isinstance(pic, paddle.Tensor):
        wide = pic * 255 if pic.is_floating_point() else pic
        array = (wide.astype("uint8") if pic.is_floating_point() else wide).numpy()
        array = array.transpose(1, 2, 0) if array.ndim == 3 else array
    else:
        array = np.asarray(pic)
    return Image.fromarray(array[:, :, 0] if array.ndim == 3 and array.shape[2] == 1 else array)


class _Transform(paddle.vision.transforms.BaseTransform):
    """A function of one image."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        super().__init__()
        self._apply_image = function


class Resize(_Transform):
    """``resize`` of every image; see there."""

    def __init__(self, size, interpolation="bilinear", max_size=None, antialias=True):
        super().__init__(lambda image: resize(image, size, interpolation, max_size, antialias))
        self.size, self.interpolation, self.max_size, self.antialias = size, interpolation, max_size, antialias


class CenterCrop(_Transform):
    """``center_crop`` of every image."""

    def __init__(self, size: int | Sequence[int]) -> None:
        super().__init__(lambda image: center_crop(image, size))
        self.size = size


class RandomResizedCrop(paddle.vision.transforms.BaseTransform):
    """A part of each image, of random size and shape, resized.

    Args:
        size: of the result, one number for both sides.
        scale: least and greatest share of the image's area; ``ratio`` of the width to the height.
    """

    def __init__(self, size, scale=(0.08, 1.0), ratio=(3 / 4, 4 / 3), interpolation="bilinear", antialias=True):
        super().__init__()
        sides = [size] if isinstance(size, int) else list(size)
        self.size = sides if len(sides) == 2 else sides * 2
        self.scale, self.ratio, self.interpolation, self.antialias = scale, ratio, interpolation, antialias

    def _apply_image(self, img):
        return resized_crop(img, *self._place(img), self.size, self.interpolation, self.antialias)

    def _place(self, img) -> tuple[int, int, int, int]:
        """Top, left, height and width: drawn, or the largest in the middle where ten draws do not fit."""
        _, height, width = get_dimensions(img)
        for _ in range(10):
            area = height * width * random.uniform(*self.scale)  # noqa: S311
            ratio = math.exp(random.uniform(*map(math.log, self.ratio)))  # noqa: S311
            h, w = round(math.sqrt(area / ratio)), round(math.sqrt(area * ratio))
            if 0 < w <= width and 0 < h <= height:
                return random.randint(0, height - h), random.randint(0, width - w), h, w  # noqa: S311
        ratio = min(max(width / height, min(self.ratio)), max(self.ratio))
        w, h = min(width, round(height * ratio)), min(height, round(width / ratio))
        return (height - h) // 2, (width - w) // 2, h, w


class ColorJitter(paddle.vision.transforms.BaseTransform):
    """Brightness, contrast, saturation and hue changed by random factors, in random order.

    Args:
        brightness: its factor is drawn from 1 - brightness to 1 + brightness, or from the pair that is given; so are
            those of ``contrast`` and ``saturation``; that of ``hue`` from -hue to hue.
    """

    def __init__(self, brightness=0, contrast=0, saturation=0, hue=0):
        super().__init__()
        functional = paddle.vision.transforms.functional
        changes = [functional.adjust_brightness, functional.adjust_contrast, functional.adjust_saturation]
        ranges = [_range(value, 1.0) for value in (brightness, contrast, saturation)]
        self.changes = list(zip([*changes, functional.adjust_hue], [*ranges, _range(hue, 0.0)], strict=True))
        self.brightness, self.contrast, self.saturation, self.hue = (around for _, around in self.changes)

    def _apply_image(self, img):
        for change, around in random.sample(self.changes, 4):
            if around is not None:
                img = change(img, random.uniform(*around))  # noqa: S311
        return img


def _range(value: Any, middle: float) -> tuple[float, float] | None:
    """From where to where a factor is drawn; None where it changes nothing."""
    if isinstance(value, int | float):
        if value < 0:
            raise ValueError(f"{value} is less than 0")
        low, high = middle - value, middle + value
        value = (max(low, 0.0) if middle else low, high)
    low, high = map(float, value)
    return None if low == high == middle else (low, high)


class PILToTensor(_Transform):
    """``pil_to_tensor`` of every image."""

    def __init__(self) -> None:
        super().__init__(pil_to_tensor)


class ConvertImageDtype(_Transform):
    """``convert_image_dtype`` of every tensor."""

    def __init__(self, dtype: paddle.dtype) -> None:
        super().__init__(lambda image: convert_image_dtype(image, dtype))
        self.dtype = dtype


class ToPILImage(_Transform):
    """``to_pil_image`` of every tensor or array."""

    def __init__(self) -> None:
        super().__init__(to_pil_image)


class FiveCrop(_Transform):
    """``five_crop`` of every image."""

    def __init__(self, size: int | Sequence[int]) -> None:
        super().__init__(lambda image: five_crop(image, size))
        self.size = size


class TenCrop(_Transform):
    """``ten_crop`` of every image."""

    def __init__(self, size: int | Sequence[int], vertical_flip: bool = False) -> None:
        super().__init__(lambda image: ten_crop(image, size, vertical_flip))
        self.size, self.vertical_flip = size, vertical_flip


class Lambda:
    """The user's own function; what it is given is not looked at."""

    def __init__(self, lambd: Callable[[Any], Any]) -> None:
        self.lambd = lambd

    def __call__(self, img: Any) -> Any:
        """What the function gives."""
        return self.lambd(img)


class RandomApply:
    """All of the transforms, or none."""

    def __init__(self, transforms: Sequence[Callable[[Any], Any]], p: float = 0.5) -> None:
        self.transforms, self.p = transforms, p

    def __call__(self, img: Any) -> Any:
        """The image, transformed with probability ``p``."""
        if random.random() < self.p:  # noqa: S311
            for transform in self.transforms:
                img = transform(img)
        return img


class RandomChoice:
    """One of the transforms."""

    def __init__(self, transforms: Sequence[Callable[[Any], Any]], p: Sequence[float] | None = None) -> None:
        self.transforms, self.p = transforms, p

    def __call__(self, img: Any) -> Any:
        """The image, transformed by one that is drawn with the weights ``p``."""
        return random.choices(self.transforms, self.p)[0](img)  # noqa: S311


class RandomOrder:
    """All of the transforms, in an order of its own for each image."""

    def __init__(self, transforms: Sequence[Callable[[Any], Any]]) -> None:
        self.transforms = transforms

    def __call__(self, img: Any) -> Any:
        """The image, transformed by all."""
        for transform in random.sample(list(self.transforms), len(self.transforms)):
            img = transform(img)
        return img


class RandomGrayscale(paddle.vision.transforms.BaseTransform):
    """Gray with as many channels as before, with probability ``p``."""

    def __init__(self, p: float = 0.1) -> None:
        super().__init__()
        self.p = p

    def _apply_image(self, img):
        if random.random() >= self.p:  # noqa: S311
            return img
        return paddle.vision.transforms.to_grayscale(img, get_dimensions(img)[0])
