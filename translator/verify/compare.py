"""Compare two arrays, and say how far apart they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from translator.workers.tensors import Tensor

Verdict = Literal["ok", "own", "inherited", "suspect", "failed"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One tensor on both sides.

    Args:
        name: which input and which part of the output: ``normal`` or ``ones out.1``, or ``train`` for a buffer.
        path: of the module or buffer; empty for the model itself.
        max_rel: the largest ``|a - b| / |a|`` where ``a`` is not tiny against the scale.
        scale: the largest magnitude in the source.
        noise: float32 error measured against float64, the larger of both sides; None when it could not be.
        limit: what ``max_abs`` was judged by.
        verdict: ``own`` when the inputs agree and this does not, ``inherited`` when the inputs do not agree either,
            ``suspect`` when the difference is within the bar but more than rounding explains.
        note: what numbers do not say, e.g. that the module ran on one side only.
        values: of the source and of the target, where each is one number.
    """

    name: str
    path: str
    class_name: str
    source_shape: tuple[int, ...]
    target_shape: tuple[int, ...]
    dtype: str
    max_abs: float
    mean_abs: float
    max_rel: float
    scale: float
    noise: float | None
    limit: float
    verdict: Verdict
    note: str = ""
    values: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Distance:
    """How far apart two arrays are; infinite when their shapes or types do not allow to tell."""

    max_abs: float
    mean_abs: float
    max_rel: float
    scale: float
    note: str = ""


def distance(source: Tensor, target: Tensor) -> Distance:
    """Element by element; a NaN equals a NaN at the same place only, an infinity the same infinity."""
    infinite = float("inf")
    a, b = source.values(), target.values()
    scale = largest(a)
    if a.shape != b.shape:
        return Distance(infinite, infinite, infinite, scale, f"shape {list(a.shape)} became {list(b.shape)}")
    if kind(a) != kind(b) or (kind(a) == "float" and source.dtype != target.dtype):
        return Distance(infinite, infinite, infinite, scale, f"{source.dtype} became {target.dtype}")
    if not a.size or np.array_equal(a, b):
        return Distance(0.0, 0.0, 0.0, scale)
    wide = widest(a)
    size = np.abs(wide)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        difference = np.abs(wide - widest(b))
        if not np.isfinite(difference).all():
            same = (a == b) | (np.isnan(a) & np.isnan(b))
            difference = np.where(same, 0.0, np.where(np.isnan(difference), infinite, difference))
        odd = "not a number, or infinite, on one side only" if np.isinf(difference).any() else ""
        relative = np.divide(difference, size, out=np.zeros_like(difference), where=size > 1e-6 * scale)
    relative = np.where(difference == infinite, infinite, relative) if odd else relative
    return Distance(float(difference.max()), float(difference.mean()), float(np.nanmax(relative)), scale, odd)


def kind(array: NDArray[Any]) -> str:
    """Float, complex, or whole numbers of any width and truth values."""
    return {"f": "float", "c": "complex"}.get(array.dtype.kind, "whole")


def widest(array: NDArray[Any]) -> NDArray[Any]:
    """The numbers with enough digits for subtracting."""
    return array.astype(np.complex128 if array.dtype.kind == "c" else np.float64)


def largest(array: NDArray[Any]) -> float:
    """The largest finite magnitude, 0 for none."""
    size = np.abs(array if array.dtype.kind in "fc" else widest(array))
    top = float(np.max(size, initial=0.0))
    return top if np.isfinite(top) else float(np.max(size, initial=0.0, where=np.isfinite(size)))
