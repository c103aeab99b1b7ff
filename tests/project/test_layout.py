"""Where the helpers of a tree lie, and how each file imports them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.project.conftest import Write, contents
from translator import translate_project
from translator.project.discover import read_tree
from translator.project.layout import helper_places
from translator.ruleset.model import RuleSet

GUARD = 'if __name__ == "__main__":\n    main()\n'


@pytest.mark.parametrize(("files", "places"), [
    pytest.param({"train.py": "from models.net import Net\n", "models/net.py": ""},
                 {"train.py": "h in .", "models/net.py": ".h in models"}, id="imported through a folder"),
    pytest.param({"train.py": "from models import net\n", "models/net.py": ""},
                 {"train.py": "h in .", "models/net.py": ".h in models"}, id="taken from a folder"),
    pytest.param({"train.py": "import a.b.net as n\n", "a/b/net.py": "", "a/b/other.py": ""},
                 {"train.py": "h in .", "a/b/net.py": "..h in a", "a/b/other.py": "..h in a"}, id="deep"),
    pytest.param({"models/net.py": "from .ops import f\n", "models/ops.py": ""},
                 {"models/net.py": ".h in models", "models/ops.py": ".h in models"}, id="relative imports"),
    pytest.param({"train.py": "import os\n", "tools/run.py": "import run2\n", "tools/run2.py": ""},
                 {"train.py": "h in .", "tools/run.py": "h in tools", "tools/run2.py": "h in tools"}, id="scripts"),
    pytest.param({"p/__init__.py": "", "p/train.py": GUARD, "p/net.py": "", "p/used.py": GUARD,
                  "p/relative.py": "from .net import x\n" + GUARD, "q.py": "from p import (used,\n  net)\n"},
                 {"p/__init__.py": ".h in p", "p/train.py": "h in p", "p/net.py": ".h in p", "p/used.py": ".h in p",
                  "p/relative.py": ".h in p", "q.py": "h in ."}, id="a script in a package"),
    pytest.param({"p/__init__.py": "", "p/a.ipynb": "{}"}, {"p/__init__.py": ".h in p", "p/a.ipynb": "h in p"},
                 id="a notebook in a package"),
])  # fmt: skip
def test_places(files: dict[str, str | bytes], places: dict[str, str], write: Write) -> None:
    found = helper_places(read_tree(str(write(files))), "h")
    assert {place: f"{helper.module} in {helper.folder}" for place, helper in found.items()} == places


def test_a_folder_without_init_runs(write: Write, rules: RuleSet, tmp_path: Path) -> None:
    split = "import torch\ndef f(x: torch.Tensor):\n    return x.split(2)\n"
    src = write({
        "train.py": f"from models.net import f as g\n{split}\nprint(len(f(torch.ones(4))), len(g(torch.ones(6))))\n",
        "models/net.py": split,
    })  # fmt: skip
    translate_project(src, tmp_path / "out", rules=rules)
    assert {name for name in contents(tmp_path / "out") if "helpers" in name} == {
        "paddle_helpers.py", "models/paddle_helpers.py",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "train.py"], cwd=tmp_path / "out", capture_output=True, text=True, check=False
    )
    assert done.stdout == "2 3\n", done.stderr
