"""torchvision's compiled operators in plain torch, where its library does not load beside this torch."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import torch

from translator.workers.torch_regions import ps_roi_align, ps_roi_pool, roi_align, roi_pool
from translator.workers.torch_sampling import deform_conv2d

PACKAGE = "torchvision"


def define_operators() -> Any:
    """Define the operators, now and for a torchvision that is imported later; they live as long as what is returned."""
    library = torch.library.Library(PACKAGE, "FRAGMENT")
    found = importlib.util.find_spec(PACKAGE)
    if found is None or compiled_operators_load(Path(found.origin or "").parent):
        return library
    for schema, function in OPERATORS.items():
        library.define(schema)
        for key in ("CPU", "CUDA") if function is nms else ("CompositeImplicitAutograd",):
            library.impl(schema.partition("(")[0], function, key)
    if PACKAGE in sys.modules:
        announce_operators(sys.modules[PACKAGE])
    else:
        sys.meta_path.insert(0, Announcement())
    return library


def compiled_operators_load(folder: Path) -> bool:
    """Load torchvision's own library as its import would; False when there is none, or for another torch."""
    for path in folder.glob("_C*.so"):
        try:
            torch.ops.load_library(str(path))
        except OSError:
            continue
        return True
    return False


class Announcement(importlib.abc.MetaPathFinder):
    """Waits until torchvision is imported, whatever imports it, and tells it that its operators are there."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Where the package lies, with a loader that announces the operators once it has run."""
        if name != PACKAGE:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is None or spec.loader is None:
            return None
        run = spec.loader.exec_module

        def run_and_announce(module: ModuleType) -> None:
            run(module)
            announce_operators(module)

        spec.loader.exec_module = run_and_announce  # type: ignore[method-assign]
        return spec


def announce_operators(package: ModuleType) -> None:
    """Make the package's question for its operators say yes, wherever that function has been imported to."""
    question = package.__dict__["extension"]._has_ops
    yes: CodeType = (lambda: True).__code__
    question.__code__ = yes


def nms(boxes: Any, scores: Any, threshold: float) -> Any:
    """Indices of the boxes that survive greedy non-maximum suppression, best first; boxes are (x1, y1, x2, y2)."""
    order = scores.argsort(descending=True, stable=True)
    corners = boxes[order].T.contiguous()
    areas = (corners[2] - corners[0]) * (corners[3] - corners[1])
    places, kept = torch.arange(len(order), device=boxes.device), []
    while len(places):
        best, rest = places[0], places[1:]
        kept.append(best)
        low, high = (
            torch.maximum(corners[:2, best, None], corners[:2, rest]),
            torch.minimum(corners[2:, best, None], corners[2:, rest]),
        )
        overlap = (high - low).clamp(min=0).prod(0)
        places = rest[~(overlap / (areas[best] + areas[rest] - overlap) > threshold)]
    return order[torch.stack(kept)] if kept else order


def no_cuda_version() -> int:
    """What torchvision takes for a library without CUDA."""
    return -1


REGIONS = "Tensor input, Tensor rois, float spatial_scale, int pooled_height, int pooled_width"
OPERATORS: dict[str, Callable[..., Any]] = {
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor": nms,
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor": nms,
    f"roi_align({REGIONS}, int sampling_ratio, bool aligned) -> Tensor": roi_align,
    f"roi_pool({REGIONS}) -> (Tensor, Tensor)": roi_pool,
    f"ps_roi_align({REGIONS}, int sampling_ratio) -> (Tensor, Tensor)": ps_roi_align,
    f"ps_roi_pool({REGIONS}) -> (Tensor, Tensor)": ps_roi_pool,
    "deform_conv2d(Tensor input, Tensor weight, Tensor offset, Tensor mask, Tensor bias, int stride_h, int stride_w, "
    "int pad_h, int pad_w, int dilation_h, int dilation_w, int groups, int offset_groups, bool use_mask) "
    "-> Tensor": deform_conv2d,
    "_cuda_version() -> int": no_cuda_version,
}
