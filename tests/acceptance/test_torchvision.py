"""A small builder of each family of torchvision, translated with the whole package and proven from the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from translator.verify.run import CHECKS

pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("paddle", reason="paddle is not installed")

BUILDERS = {
    "mobilenet_v3_small": "models",
    "fasterrcnn_mobilenet_v3_large_320_fpn": "detection",
    "raft_small": "optical_flow",
    "quantized_shufflenet_v2_x0_5": "quantization",
    "lraspp_mobilenet_v3_large": "segmentation",
    "mc3_18": "video",
}
INPUTS = """\
inputs:
  default: [1, 3, 64, 64]
  fasterrcnn_*: ["[3x128x160,3x100x120]"]
  mc3_18: [1, 3, 4, 32, 32]
  raft_*: [1x3x128x128, 1x3x128x128]
arguments:
  fasterrcnn_*: {min_size: 128, max_size: 160, box_score_thresh: 0.005, rpn_post_nms_top_n_test: 8}
"""
WORST = {"detection": 160 * 1e-4}  # boxes are places in an image of that many pixels


@pytest.mark.slow
def test_each_family_is_proven(torchvision_models: Path, tmp_path: Path) -> None:
    output, table, inputs = torchvision_models / "paddlevision", tmp_path / "models.json", tmp_path / "inputs.yaml"
    inputs.write_text(INPUTS, encoding="utf-8")
    options = ["--inputs", str(inputs), "--checks", ",".join(CHECKS), "--json", str(table)]
    wanted = [word for name in BUILDERS for word in ("--only", name)]
    command = [sys.executable, "-m", "translator", "models", "torchvision.models", "-o", str(output), *options, *wanted]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr[-3000:]

    models = {model["name"]: model for model in json.loads(table.read_text(encoding="utf-8"))["models"]}
    assert {name: model["family"] for name, model in models.items()} == BUILDERS
    for name, model in models.items():
        assert model["proven"], name
        assert set(model["stages"]) == {"built", "loaded", *CHECKS}
        assert {model["stages"][stage]["status"] for stage in ("built", "loaded", "forward", "layers")} == {"passed"}
        assert 0 < model["worst"] <= WORST.get(model["family"], 1e-4)
    assert (output.with_name("paddlevision.proof") / models["mc3_18"]["report"]).is_file()
