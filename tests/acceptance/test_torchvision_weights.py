"""Checkpoints of torchvision's own names, converted and loaded by ``weights=`` without the source framework."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.alone import run_alone, run_source

pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("paddle", reason="paddle is not installed")
pytestmark = pytest.mark.slow

# some of each family: where the builder stands, and what makes it build all that a checkpoint holds
UNTRAINED = {"weights_backbone": None}
NETWORKS: dict[str, tuple[str, dict[str, Any]]] = {
    "resnet18": ("", {}),
    "mnasnet0_5": ("", {}),  # asks for the version of what it loads
    "densenet121": ("", {}),  # renames its checkpoint's old names itself
    "googlenet": ("", {}),  # with weights it transforms its input, and drops the auxiliary heads that it has loaded
    "quantized_shufflenet_v2_x0_5": (".quantization", {}),
    "lraspp_mobilenet_v3_large": (".segmentation", UNTRAINED),
    "deeplabv3_mobilenet_v3_large": (".segmentation", UNTRAINED | {"aux_loss": True}),
    "fasterrcnn_mobilenet_v3_large_320_fpn": (".detection", UNTRAINED),  # with weights its norms are frozen ones
    "mc3_18": (".video", {}),
    "raft_small": (".optical_flow", {}),
}
ARGUMENTS = {name: arguments for name, (_, arguments) in NETWORKS.items()}
SOURCE = {"densenet121": {"weights": "DEFAULT"}}  # what ENTRY has there instead

# What both programs begin with: what a network computes; of detection, the maps of features.
COMPUTED = """
import json, sys
import numpy as np
import torchvision.models as models

SHAPES = {"mc3_18": [(1, 3, 4, 32, 32)], "raft_small": [(1, 3, 128, 128)] * 2}
folder, networks = sys.argv[1], json.loads(sys.argv[2])

def computed(name, model, tensor):
    numbers = np.random.default_rng(0)
    inputs = [tensor(numbers.random(shape, "float32")) for shape in SHAPES.get(name, [(1, 3, 64, 64)])]
    model.eval()
    outputs = (model.backbone if name.startswith("fasterrcnn") else model)(*inputs)
    outputs = outputs.values() if isinstance(outputs, dict) else outputs if isinstance(outputs, list) else [outputs]
    return [output.detach().numpy() for output in outputs]
"""

SAVED = r"""
import os, re
import torch

torch.hub.set_dir(folder)
os.mkdir(f"{folder}/checkpoints")
for name, arguments in networks.items():
    torch.manual_seed(0)
    state = models.get_model(name, **arguments).state_dict()
    for path, value in state.items():
        if path.endswith("running_var"):
            value.uniform_(0.5, 1.5)
        elif value.dim() > 1:
            value.normal_(0, value[0].numel() ** -0.5)
        elif value.is_floating_point():
            value.normal_(float(path.endswith("weight")), 0.1)
    if name == "densenet121":  # as the published file is: older than counters, versions and names without dots
        state = {
            re.sub(r"(denselayer\d+\.(?:norm|conv))([12])", r"\1.\2", path): value
            for path, value in state.items() if not path.endswith("num_batches_tracked")
        }
    file = models.get_model_weights(name.removeprefix("quantized_")).DEFAULT.url.rpartition("/")[2]
    torch.save(state, f"{folder}/checkpoints/{file}")
    model = models.get_model(name, weights="DEFAULT", progress=False)  # loads it from there
    np.savez(f"{folder}/{name}.npz", *computed(name, model, torch.from_numpy))
    print(name, file)
"""

LOADED = """
import paddle

def worst(model):
    expected = np.load(f"{folder}/{name}.npz").values()
    pairs = zip(computed(name, model, paddle.to_tensor), expected, strict=True)
    return np.max([np.abs(ours - theirs).max() / np.abs(theirs).max() for ours, theirs in pairs])

for name in networks:
    print(name, worst(models.get_model(name, weights="DEFAULT", progress=False)))
name = "resnet18"
for weights in ("IMAGENET1K_V1", models.ResNet18_Weights.DEFAULT, models.get_weight("ResNet18_Weights.IMAGENET1K_V1")):
    print(name, worst(models.resnet18(weights=weights)))
model = models.resnet18()
model.set_state_dict(models.ResNet18_Weights.DEFAULT.get_state_dict(progress=True, check_hash=True))
print(name, worst(model))
try:
    models.resnet50(weights="IMAGENET1K_V2")
except FileNotFoundError as error:
    print(str(error))
"""


@pytest.fixture(scope="module")
def converted(torchvision_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with checkpoints, what the networks compute with them, and below ``home`` the converted ones."""
    folder = tmp_path_factory.mktemp("checkpoints")
    files = dict(line.split() for line in run_source(COMPUTED + SAVED, folder, json.dumps(ARGUMENTS)).splitlines())
    for name, (module, arguments) in NETWORKS.items():
        package = f"{torchvision_models}/paddlevision/models{module.replace('.', '/')}"
        words = [str(folder / "checkpoints" / files[name]), "-o", str(folder / f"{name}.pdparams")]
        words += ["--source", f"torchvision.models{module}:{_entry(name, SOURCE.get(name, arguments))}"]
        words += ["--target", f"{package}:{_entry(name, arguments)}"]
        done = subprocess.run(
            [sys.executable, "-m", "translator", "weights", *words],
            env=os.environ | {"TRANSLATE_HOME": str(folder / "home")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    return folder


def _entry(name: str, arguments: Mapping[str, Any]) -> str:
    return f"{name.removeprefix('quantized_')}({', '.join(f'{key}={value!r}' for key, value in arguments.items())})"


def test_weights_load_what_was_converted(torchvision_models: Path, converted: Path) -> None:
    program = (COMPUTED + LOADED).replace("torchvision", "paddlevision")
    printed = run_alone(program, torchvision_models, converted, json.dumps(ARGUMENTS), home=converted / "home")
    *lines, missing = printed.splitlines()
    assert [line.split()[0] for line in lines] == [*NETWORKS, *["resnet18"] * 4]
    assert [line for line in lines if not float(line.split()[1]) <= 1e-5] == []
    assert missing.startswith("no converted checkpoint resnet50-11ad3fa6.pdparams in ")
    command = "translate weights resnet50-11ad3fa6.pth -o resnet50-11ad3fa6.pdparams --source ENTRY --target ENTRY"
    assert command in missing
