"""Checkpoints of torchvision's own names, converted and loaded by ``weights=`` without the source framework."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.alone import run_alone, run_source

pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("paddle", reason="paddle is not installed")
pytestmark = pytest.mark.slow

# network, and the ENTRY that reads its checkpoint
NETWORKS = {
    "resnet18": "resnet18",
    "mnasnet0_5": "mnasnet0_5",  # asks for the version of what it loads
    "densenet121": "densenet121(weights='DEFAULT')",  # renames its checkpoint's old names itself
}

SAVED = """
import re, sys
import numpy as np
import torch
import torchvision.models as models

folder = sys.argv[1]
given = torch.from_numpy(np.random.default_rng(0).standard_normal((1, 3, 64, 64)).astype("float32"))
for name in sys.argv[2:]:
    torch.manual_seed(0)
    model = models.get_model(name).eval()
    state = model.state_dict()
    for path, value in state.items():
        if value.is_floating_point():
            value.uniform_(0.5, 1.5) if path.endswith("running_var") else value.normal_(0, 0.05)
    np.save(f"{folder}/{name}.npy", model(given).detach().numpy())
    if name == "densenet121":  # as the published file is: older than counters, versions and names without dots
        state = {
            re.sub(r"(denselayer\\d+\\.(?:norm|conv))([12])", r"\\1.\\2", path): value
            for path, value in state.items() if not path.endswith("num_batches_tracked")
        }
    file = models.get_model_weights(name).DEFAULT.url.rpartition("/")[2]
    torch.save(state, f"{folder}/{file}")
    print(name, file)
"""

LOADED = """
import sys
import numpy as np
import paddle
import torchvision.models as models

folder = sys.argv[1]
given = paddle.to_tensor(np.random.default_rng(0).standard_normal((1, 3, 64, 64)).astype("float32"))
def difference(model):
    model.eval()
    return float(np.abs(model(given).numpy() - np.load(f"{folder}/{name}.npy")).max())

for name in sys.argv[2:]:
    print(name, difference(models.get_model(name, weights="DEFAULT", progress=False)))
name = "resnet18"
for weights in ("IMAGENET1K_V1", models.ResNet18_Weights.DEFAULT, models.get_weight("ResNet18_Weights.IMAGENET1K_V1")):
    print(name, difference(models.resnet18(weights=weights)))
model = models.resnet18()
model.set_state_dict(models.ResNet18_Weights.DEFAULT.get_state_dict(progress=True, check_hash=True))
print(name, difference(model))
try:
    models.resnet50(weights="IMAGENET1K_V2")
except FileNotFoundError as error:
    print(str(error))
"""


@pytest.fixture(scope="module")
def converted(torchvision_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with checkpoints, what the networks compute with them, and below ``home`` the converted ones."""
    folder = tmp_path_factory.mktemp("checkpoints")
    files = dict(line.split() for line in run_source(SAVED, folder, *NETWORKS).splitlines())
    for name, source in NETWORKS.items():
        arguments = [str(folder / files[name]), "-o", str(folder / f"{name}.pdparams")]
        arguments += ["--source", f"torchvision.models:{source}"]
        arguments += ["--target", f"{torchvision_models}/paddlevision/models:{name}"]
        done = subprocess.run(
            [sys.executable, "-m", "translator", "weights", *arguments],
            env=os.environ | {"TRANSLATE_HOME": str(folder / "home")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    return folder


def test_weights_load_what_was_converted(torchvision_models: Path, converted: Path) -> None:
    program, home = LOADED.replace("torchvision", "paddlevision"), converted / "home"
    *lines, missing = run_alone(program, torchvision_models, converted, *NETWORKS, home=home).splitlines()
    assert [line.split()[0] for line in lines] == [*NETWORKS, *["resnet18"] * 4]
    assert max(float(line.split()[1]) for line in lines) <= 1e-5
    assert min(np.abs(np.load(converted / f"{name}.npy")).max() for name in NETWORKS) > 0.05, "zeros prove nothing"
    assert missing.startswith("no converted checkpoint resnet50-11ad3fa6.pdparams in ")
    command = "translate weights resnet50-11ad3fa6.pth -o resnet50-11ad3fa6.pdparams --source ENTRY --target ENTRY"
    assert command in missing
