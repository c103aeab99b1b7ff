"""Mutated real files: no crash, no broken promise; and what such files have shown, as small as it gets."""

from __future__ import annotations

import importlib.util
import random
from pathlib import Path

import pytest

from benchmarks.fuzz import run
from benchmarks.mutations import MUTATIONS, is_python, mutated
from tests.soundness import problems
from translator.engine.translate import translate_source
from translator.ruleset.load import load_rules

FOUND = importlib.util.find_spec("torchvision")
TORCHVISION = Path(FOUND.origin).parent if FOUND and FOUND.origin else None


@pytest.mark.skipif(TORCHVISION is None, reason="torchvision is not installed")
def test_a_sample() -> None:
    assert TORCHVISION is not None
    files = sorted(path for path in TORCHVISION.rglob("*.py") if "torch" in path.read_text(encoding="utf-8"))
    found = run(range(150), files)
    assert found.findings == {}
    assert found.codes["T001"] == 0
    assert found.edited > 60
    assert set(found.mutations) >= set(MUTATIONS) - {"other_import", "enclose"}


def test_a_seed_is_a_text() -> None:
    text = "import torch\n\n\ndef f(x):\n    return torch.relu(x)  # why\n"
    texts = [mutated(text, random.Random(seed), [text]) for seed in range(40)]
    assert texts == [mutated(text, random.Random(seed), [text]) for seed in range(40)]
    assert sum(is_python(new) for new, _ in texts) >= 35
    assert len({new for new, _ in texts}) >= 30


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("import torch\ndef \u210c(x: torch.Tensor):\n    return x + \u210c(x.view(2))\n", id="ligatures"),
        pytest.param("import os\rimport torch\r\nx = torch.ones(2)\n", id="removed between two line ends"),
        pytest.param("import a\rimport torch\r\nx = 1\n", id="unused between two line ends"),
        pytest.param(
            "from torch import nn\nx = nn.Oops(nn.ReLU())\ntorch = 3\n", id="written out where the name is taken"
        ),
        pytest.param(
            "from torch import nn\ndef f(torch):\n    return nn.Oops(nn.ReLU(), torch)\n",
            id="written out below a parameter of the name",
        ),
        pytest.param("from torch import nn\nx = nn.Oops(nn.ReLU())\nprint(torch)\n", id="written out, name not bound"),
        pytest.param("import a\rfrom torch import nn, Tensor\n\nx: Tensor\n", id="mixed line ends around an import"),
        pytest.param(
            "import torch\n@(\n    torch.jit.unused  # why\n)\ndef f(): pass\n", id="decorator in parentheses"
        ),
        pytest.param(
            "from torch import (\n    no_such,\n    Tensor,\n    float32\n    ,\n)\nx: Tensor = no_such()\n",
            id="comma below a name",
        ),
        pytest.param(
            "import torch\n@torch.jit.unused\ndef f():\n    torch._C._log_api_usage_once('f')\n", id="last line goes"
        ),
        pytest.param("import torch\nclass A:\n    def g(x): return torch.f(x)\n", id="one line of a method"),
    ],
)
def test_mended(source: str) -> None:
    rules = load_rules()
    translation = translate_source(source, rules=rules)
    assert problems(translation, rules) == []
    assert "T001" not in translation.codes
