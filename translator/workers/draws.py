"""Random values for a model's tensors that make faults visible; numpy only, the same on every machine."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

CHANNEL_SCALES = (1e-2, 1.0)
LEAST_SPREAD = 0.25


def generator(seed: int, path: str) -> np.random.Generator:
    """Independent of the order in which tensors are drawn: seeded by the seed and the tensor's path."""
    digest = hashlib.sha256(f"{seed}:{path}".encode()).digest()
    return np.random.default_rng(np.frombuffer(digest, dtype=np.uint32).tolist())


def draw(seed: int, path: str, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Values for one parameter: nothing at zero, no two channels alike.

    A bias is 0.5 to 1.5, one in ten of them negative: mostly positive, since a deep net that clips half of every layer
    multiplies its own rounding errors. Another vector (a norm's weight, a gate) is 0.5 to 1.5 and for one channel in 16
    four times that, so that activations which clip large values are told from those that do not; a matrix or kernel is
    normal with variance 1 / fan-in and a scale of its own for each output channel, anything else normal with deviation
    0.5.
    """
    random = generator(seed, path)
    name = path.rsplit(".", 1)[-1]
    if "bias" in name and len(shape) <= 1:
        return np.asarray(random.uniform(0.5, 1.5, shape) * np.where(random.random(shape) < 0.9, 1.0, -1.0))
    if len(shape) <= 1:
        return random.uniform(0.5, 1.5, shape) * loud_channels(random, shape)
    if "weight" not in name:
        return random.normal(0.0, 0.5, shape)
    fan_in = max(int(np.prod(shape[1:])), 1)
    return random.normal(0.0, fan_in**-0.5, shape) * channel_scales(random, shape)


def projection(seed: int, name: str, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """What an output is multiplied with, so that its mean is a loss in which every element has a say of its own."""
    return generator(seed, f"projection of {name}").standard_normal(shape)


def loud_channels(random: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """4 for one channel in 16, at least for one of two or more, and 1 for the others."""
    gains = np.ones(shape)
    if gains.size > 1:
        gains[random.permutation(gains.size)[: max(1, gains.size // 16)]] = 4.0
    return gains


def channel_scales(random: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """One scale an output channel, log-uniform: kernels over two decades, matrices over half a one."""
    low, high = CHANNEL_SCALES if len(shape) > 2 else (0.3, 1.0)
    scales = np.exp(random.uniform(np.log(low), np.log(high), shape[0]))
    return scales.reshape(-1, *[1] * (len(shape) - 1))


def running_statistics(
    random: np.random.Generator, mean: NDArray[Any], variance: NDArray[Any], sizes: NDArray[Any] | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Running statistics near what arrives, but not equal to it; where nothing varies, variances from 1e-4 to 1.

    A channel spreads by a quarter of its size at least: one that hardly varies, as in maps of a few pixels, would be
    divided by next to nothing, and its rounding errors with it, far above what any trained network shows.

    Args:
        sizes: of what is added up for each channel; its mean, where that is not known.
    """
    spread = np.exp(random.uniform(np.log(1e-4), 0.0, variance.shape))
    least = (LEAST_SPREAD * (mean if sizes is None else sizes)) ** 2
    base = np.maximum(np.where(variance > 1e-10, variance, spread), least)
    shift = random.normal(0.0, 0.3, mean.shape) * np.sqrt(base)
    return mean + shift, base * random.uniform(0.7, 1.4, base.shape)
