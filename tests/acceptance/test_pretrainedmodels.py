"""Thirteen real networks, each translated as one file and proven from the command line, with no edit by hand."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

NETWORKS = Path(__file__).parents[2] / "build" / "third_party" / "pretrainedmodels" / "models"

# file, a builder of it with random weights, and the size of image that the file itself states
CASES = [
    ("bninception", "bninception(pretrained=None)", 224),
    ("cafferesnet", "cafferesnet101(pretrained=None)", 224),
    ("dpn", "dpn68(pretrained=None)", 224),
    ("fbresnet", "fbresnet152(pretrained=None)", 224),
    ("inceptionresnetv2", "inceptionresnetv2(pretrained=None)", 299),
    ("inceptionv4", "inceptionv4(pretrained=None)", 299),
    ("nasnet", "nasnetalarge(num_classes=1000, pretrained=None)", 331),
    ("nasnet_mobile", "nasnetamobile(num_classes=1000, pretrained=None)", 224),
    ("pnasnet", "pnasnet5large(num_classes=1000, pretrained=None)", 331),
    ("polynet", "polynet(pretrained=None)", 331),
    ("senet", "se_resnext50_32x4d(pretrained=None)", 224),
    ("vggm", "vggm(pretrained=None)", 221),
    ("xception", "xception(pretrained=None)", 299),
]


def translate(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "translator", *arguments], capture_output=True, text=True, check=False)


@pytest.mark.slow
@pytest.mark.network
@pytest.mark.parametrize(("name", "entry", "size"), CASES, ids=[name for name, _, _ in CASES])
def test_translates_and_verifies(name: str, entry: str, size: int, tmp_path: Path) -> None:
    source, output, report = NETWORKS / f"{name}.py", tmp_path / f"{name}.py", tmp_path / "report.json"
    if not source.exists():
        pytest.skip("the source of pretrainedmodels 0.7.4 could not be fetched")

    written = translate(str(source), "-o", str(output))
    assert written.returncode in (0, 1), written.stderr  # 1: something off the model's path was left, and says so

    shape = f"1x3x{size}x{size}"
    proof = translate(
        "verify", f"{source}:{entry}", f"{output}:{entry}", "--input", shape, "--json", str(report)
    )  # fmt: skip
    assert proof.returncode == 0, proof.stdout + proof.stderr

    checks = {check["name"]: check for check in json.loads(report.read_text())["verification"]["checks"]}
    assert {name: check["status"] for name, check in checks.items()} == {"forward": "passed", "layers": "passed"}
    assert max(c["max_abs"] for c in checks["forward"]["comparisons"]) <= 1e-4
    assert min(c["scale"] for c in checks["forward"]["comparisons"]) > 0.1  # outputs near zero would prove nothing
