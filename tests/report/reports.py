"""Reports built by hand: small and certain, for tests of the formats and for looking at the page."""

from __future__ import annotations

import math
import re
from typing import Any

from translator.core import AppliedEdit, Certainty, Counts, Diagnostic, Position, Severity, Translation
from translator.report import model

SOURCE = '''\
import torch
import torch.nn as nn


class Fire(nn.Module):
    """Squeeze, then expand."""

    def __init__(self, inplanes: int, squeeze: int, expand: int) -> None:
        super().__init__()
        self.squeeze = nn.Conv2d(inplanes, squeeze, kernel_size=1)
        self.activation = nn.ReLU(inplace=True)  # in place: saves memory
        self.expand1x1 = nn.Conv2d(squeeze, expand, kernel_size=1)
        self.expand3x3 = nn.Conv2d(squeeze, expand, kernel_size=3, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.activation(self.squeeze(x))
        return torch.cat(
            [self.activation(self.expand1x1(x)), self.activation(self.expand3x3(x))], 1
        )


def describe(cfg, names):
    # nothing here is the framework's
    lines = []
    for name in names:
        value = getattr(cfg, name)
        if value is None:
            continue
        text = str(value).strip()
        if not text:
            text = "empty"
        lines.append(f"{name}: {text}")
    lines.sort()
    return "\\n".join(lines)


def batch(cfg):
    return cfg.root.size(0)
'''

REPLACED = {
    "torch.cat": ("paddle.concat", "torch.cat", "rules/torch-paddle/shape.yaml:12"),
    "torch.Tensor": ("paddle.Tensor", "torch.Tensor", "rules/torch-paddle/tensor.yaml:3"),
    "nn.Module": ("nn.Layer", "torch.nn.Module", "rules/torch-paddle/nn/containers.yaml:1"),
    "nn.Conv2d": ("nn.Conv2D", "torch.nn.Conv2d", "rules/torch-paddle/nn/layers.yaml:40"),
    "nn.ReLU(inplace=True)": ("nn.ReLU()", "torch.nn.ReLU", "rules/torch-paddle/nn/layers.yaml:210"),
    "import torch.nn as nn": ("import paddle.nn as nn", "torch.nn", "rules/torch-paddle/pack.yaml:9"),
    "import torch": ("import paddle", "torch", "rules/torch-paddle/pack.yaml:8"),
}


def translation(source: str = SOURCE, path: str = "fire.py", **changed: Any) -> Translation:
    """Translate by replacing words, line by line: enough to have edits, a line map and a diagnostic."""
    edits, out = [], []
    pattern = re.compile("|".join(re.escape(word) for word in REPLACED))
    for number, line in enumerate(source.splitlines(), 1):
        for found in pattern.finditer(line):
            place = Position(path, number, found.start(), number, found.end())
            _, api, origin = REPLACED[found[0]]
            edits.append(AppliedEdit(place, api, origin, Certainty.CERTAIN, number, number))
        out.append(pattern.sub(lambda found: REPLACED[found[0]][0], line))
    values: dict[str, Any] = {
        "path": path,
        "source": source,
        "text": "\n".join(out) + "\n",
        "edits": tuple(edits),
        "counts": Counts(sites=len(edits), certain=len(edits)),
        "line_map": tuple(range(1, len(out) + 1)),
    }
    return Translation(**{**values, **changed})


UNKNOWN_RECEIVER = Diagnostic(
    code="T301",
    severity=Severity.WARNING,
    position=Position("fire.py", 38, 11, 38, 27),
    message="left as it was: cannot tell that `cfg.root` is a tensor",
    api="torch.Tensor.size",
    rule_origin="rules/torch-paddle/tensor.yaml:212",
    label="`size` also exists on objects that are not tensors",
    hint="annotate it (`root: torch.Tensor`), or run with `--observe MODEL`",
)


def layers(number: int, fault: int | None = None, *, verdict: str = "own") -> list[model.Comparison]:
    """Layers whose error grows slowly; from the fault on it is large, and inherited after it."""
    out = []
    for index in range(number):
        noise = 1e-7 * (1 + index / number * 8)
        bad = fault is not None and index >= fault
        error = (0.31 if index == fault else 0.05) if bad else noise * (1.5 + math.sin(index))
        kind = index % 3
        name = f"features.{index // 3}.{('squeeze', 'expand1x1', 'expand3x3')[kind]}"
        shape = (1, 16 * (kind + 1), 55, 55)
        found = "ok" if not bad else verdict if index == fault else "inherited"
        out.append(
            model.Comparison(
                name="normal",
                path=name,
                class_name="torch.nn.Conv2d",
                source_shape=shape,
                target_shape=shape,
                dtype="float32",
                max_abs=error,
                mean_abs=error / 9,
                max_rel=error / 2,
                scale=1.4,
                noise=noise,
                limit=1e-4,
                verdict=found,
            )
        )
    return out


def verification(number: int = 30, fault: int | None = None) -> model.Verification:
    """A proven run, or one whose layer ``fault`` is the first that went wrong."""
    compared = layers(number, fault)
    status = "passed" if fault is None else "failed"
    blame = None
    if fault is not None:
        blame = model.Blame(
            path=compared[fault].path,
            class_name="Conv2d",
            source_position=model.Position(path="fire.py", line=13, column=8, end_line=13, end_column=77),
            output_position=model.Position(path="fire_paddle.py", line=13, column=8, end_line=13, end_column=77),
            rule_api="torch.nn.Conv2d",
            rule_origin="rules/torch-paddle/nn/layers.yaml:40",
            source_code="        self.expand3x3 = nn.Conv2d(squeeze, expand, kernel_size=3, padding=1)",
            reason="its inputs agree and its output does not: max abs error 0.31, limit 1e-04",
        )
    return model.Verification(
        source="fire.py:Fire",
        target="fire_paddle.py:Fire",
        versions={"torch": "2.13.0", "paddle": "3.3.1"},
        devices={"source": "cpu", "target": "cpu"},
        inputs=(model.Input(shape=(1, 3, 224, 224)), model.Input(shape=(1, 16), dtype="int64", below=1000)),
        seed=0,
        weights="random, with random batch-norm statistics",
        checks=(
            model.Check(name="forward", status=status, comparisons=tuple(compared[-1:])),
            model.Check(name="layers", status=status, comparisons=tuple(compared)),
            model.Check(name="backward", status="not run", reason="not asked for"),
        ),
        blame=blame,
        proven=fault is None,
    )


def weights(number: int = 10) -> model.Weights:
    """Convolutions that are copied and one linear layer that is transposed."""
    copied = [
        model.WeightStep(
            sources=(f"features.{i}.squeeze.weight",), targets=(f"features.{i}.squeeze.weight",), operation="identity",
            source_shapes=((16, 96, 1, 1),), target_shapes=((16, 96, 1, 1),),
        )
        for i in range(number)
    ]  # fmt: skip
    turned = model.WeightStep(
        sources=("classifier.weight",), targets=("classifier.weight",), operation="transpose",
        source_shapes=((10, 512),), target_shapes=((512, 10),),
        reason="torch.nn.Linear (rules/torch-paddle/nn/layers.yaml:88)",
    )  # fmt: skip
    return model.Weights(steps=(*copied, turned))


def evaluation(flips: int = 2) -> model.Evaluation:
    """360 images of which a few flipped."""
    share = 0.9611 - flips / 360
    return model.Evaluation(
        images=360,
        batch_size=32,
        source=model.Accuracy(top1=0.9611, top5=0.9972),
        target=model.Accuracy(top1=share, top5=0.9972),
        difference_top1=0.9611 - share,
        difference_top5=0.0,
        gate=0.002,
        passed=flips == 0,
        flips=tuple(
            model.Flip(path=f"3/digit-{i}.png", label=3, source_prediction=3, target_prediction=8) for i in range(flips)
        ),
        seconds=3.2,
        preprocess={"resize": 64, "crop": 56, "mean": [0.485, 0.456, 0.406]},
    )


def report(fault: int | None = None, number: int = 30, **changed: Any) -> model.Report:
    """The whole chain: proven, or with the first fault at layer ``fault``."""
    values: dict[str, Any] = {
        "command": "translate fire.py -o fire_paddle.py --verify fire.py:Fire --report report.html",
        "translations": (model.Translation.model_validate(translation()),),
        "weights": weights(),
        "verification": verification(number, fault),
        "evaluation": evaluation(0 if fault is None else 2),
        "versions": {"translator": "0.1.0", "python": "3.11.2", "torch": "2.13.0", "paddle": "3.3.1"},
    }
    return model.Report(**{**values, **changed})
