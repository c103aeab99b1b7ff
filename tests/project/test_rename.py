"""A package under a new name."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.project.conftest import Write, contents
from translator import translate_project
from translator.core import ConfigError, Translation
from translator.project.rename import renamed
from translator.ruleset.model import RuleSet


def after(text: str, names: dict[str, str]) -> str:
    return renamed(Translation("m.py", text, text), names).text


@pytest.mark.parametrize(
    ("before", "wanted"),
    [
        pytest.param("from pkg.ops import nms\n", "from new.ops import nms\n", id="from a module"),
        pytest.param("from  \\\n  pkg import ops\n", "from  \\\n  new import ops\n", id="over two lines"),
        pytest.param("from .pkg import pkg\n", "from .pkg import pkg\n", id="a relative one stays"),
        pytest.param("from pkgs.pkg import pkg\n", "from pkgs.pkg import pkg\n", id="another package stays"),
        pytest.param(
            "import pkg.models as m, os\nm.x  # of pkg\n", "import new.models as m, os\nm.x  # of pkg\n", id="as"
        ),
        pytest.param("import pkg\npkg.a.b(pkg.c)\n", "import new\nnew.a.b(new.c)\n", id="by the name of the package"),
        pytest.param(
            "def f():\n    import pkg.a\n    pkg.a.b\n", "def f():\n    import new.a\n    new.a.b\n", id="inside"
        ),
        pytest.param('import pkg\nx: "pkg.A" = pkg.B\n', 'import new\nx: "new.A" = new.B\n', id="quoted annotation"),
        pytest.param(
            'import pkg\n\ndef f():\n    """Of pkg.a."""\n    return "pkg.a", pkg\n',
            'import new\n\ndef f():\n    """Of pkg.a."""\n    return "pkg.a", new\n',
            id="a docstring and a text stay",
        ),
        pytest.param("import pkg\nx = é.pkg, pkg\n", "import new\nx = é.pkg, new\n", id="an attribute of that name"),
        pytest.param("import pkg\npkg = 1\n", "import new as pkg\npkg = 1\n", id="bound otherwise, too"),
        pytest.param(
            "import pkg.a\nnew = pkg.a\n", "import new.a, new as pkg\nnew = pkg.a\n", id="the new name is taken"
        ),
        pytest.param('import pkg\nx = f"{pkg.a}"\n', 'import new as pkg\nx = f"{pkg.a}"\n', id="in a formatted text"),
        pytest.param(
            "importlib.import_module(\"pkg.a\")\n__import__('pkg')\n",
            "importlib.import_module(\"new.a\")\n__import__('new')\n",
            id="a module by its text",
        ),
        pytest.param('sys.modules["pkg.a"].x\n', 'sys.modules["new.a"].x\n', id="a loaded module"),
        pytest.param(
            'f.__module__.startswith("pkg.a")\ngetattr(f, "__module__", "").startswith("pkg")\n',
            'f.__module__.startswith("new.a")\ngetattr(f, "__module__", "").startswith("new")\n',
            id="the module of something",
        ),
        pytest.param('f.__module__ == "pkg.a"\n', 'f.__module__ == "new.a"\n', id="compared"),
        pytest.param('name.startswith("pkg")\n', 'name.startswith("pkg")\n', id="any text stays"),
        pytest.param("import pkg\nno Python\n", "import pkg\nno Python\n", id="no Python"),
        pytest.param("\ufeffimport pkg\n", "\ufeffimport new\n", id="a byte order mark"),
    ],
)
def test_renamed(before: str, wanted: str) -> None:
    assert after(before, {"pkg": "new"}) == wanted


@pytest.mark.parametrize(
    ("before", "wanted"),
    [
        pytest.param("import layers\nlayers.x\n", "import new.layers as layers\nlayers.x\n", id="the module itself"),
        pytest.param("from layers import x\n", "from new.layers import x\n", id="from it"),
        pytest.param("import a.b\na.b.c\n", "import new.a.b, new.a as a\na.b.c\n", id="below it"),
    ],
)
def test_a_module_that_comes_to_lie_in_a_package(before: str, wanted: str) -> None:
    assert after(before, {"layers": "new.layers", "a": "new.a"}) == wanted


def test_a_notebook() -> None:
    cells = [
        {"cell_type": kind, "source": text, "metadata": {}, **({} if kind == "markdown" else {"outputs": []})}
        for kind, text in (("code", "!pip list\nimport pkg.a\n"), ("markdown", "of pkg"), ("code", "pkg.a.b\n"))
    ]
    text = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4})
    found = renamed(Translation("a.ipynb", text, text), {"pkg": "new"}).text
    wanted = ["!pip list\nimport new.a\n", "of pkg", "new.a.b\n"]
    assert ["".join(cell["source"]) for cell in json.loads(found)["cells"]] == wanted
    assert renamed(Translation("a.ipynb", "{pkg", "{pkg"), {"pkg": "new"}).text == "{pkg"


PACKAGE = {
    "pkg/__init__.py": "from pkg import models\n",
    "pkg/models/__init__.py": "from pkg.models.net import Net\nimport pkg.other\n",
    "pkg/models/net.py": (
        "import torch\nimport pkg.ops\nfrom torch import nn\n\n\nclass Net(nn.Module):\n"
        "    def forward(self, x):\n        return pkg.ops.scaled(torch.cat([x, x], dim=1))\n"
    ),
    "pkg/ops.py": "def scaled(x):\n    return x * 2, __name__\n",
    "pkg/other.py": "",
    "pkg/models/data.txt": "1\n",
}  # fmt: skip
PROGRAM = "import paddle, {name}; print({call}, [m for m in __import__('sys').modules if m.partition('.')[0] == 'pkg'])"


def run(folder: Path, name: str, call: str) -> str:
    command = [sys.executable, "-c", PROGRAM.format(name=name, call=call)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr
    return done.stdout.strip()


def test_a_package(write: Write, rules: RuleSet, tmp_path: Path) -> None:
    src = write(PACKAGE)
    out = tmp_path / "build" / "new"
    for is_first in (True, False):
        found = translate_project(src / "pkg" / "models", out, rules=rules, closure=True, name="new")
        assert any(file.is_written for file in found.files) == is_first, "a rerun writes nothing"
    made = contents(out)
    assert set(made) == {
        "__init__.py", "models/__init__.py", "models/data.txt", "models/net.py", "ops.py", "other.py"
    }  # fmt: skip
    assert made["models/net.py"].splitlines()[:2] == ["import paddle", "import new.ops"]
    assert not any("pkg" in text for text in made.values())
    call = "(lambda y, module: (list(y.shape), module))(*new.models.Net()(paddle.ones([2, 3])))"
    assert run(out.parent, "new", call) == "([2, 6], 'new.ops') []"


@pytest.mark.parametrize(
    ("src", "files", "call"),
    [
        pytest.param("nets.py", {"__init__.py", "layers.py"}, "new.net()", id="a file becomes the package"),
        pytest.param(".", {"nets.py", "layers.py"}, "__import__('new.nets').nets.net()", id="a folder"),
    ],
)
def test_modules_without_a_package(
    write: Write, rules: RuleSet, tmp_path: Path, src: str, files: set[str], call: str
) -> None:
    nets = "import layers\n\ndef net():\n    return layers.width()\n"
    folder = write({"nets.py": nets, "layers.py": "def width():\n    return __name__\n"})
    out = tmp_path / "new"
    translate_project(folder / src, out, rules=rules, closure=True, name="new")
    assert set(contents(out)) == files
    assert run(tmp_path, "new", call) == "new.layers []"


@pytest.mark.parametrize("taking", ["from pkg.a import pkg", "from .a import *"])
def test_the_name_of_the_package_that_another_module_takes(
    write: Write, rules: RuleSet, tmp_path: Path, taking: str
) -> None:
    folder = write({
        "pkg/__init__.py": "from . import b\n",
        "pkg/a.py": "import pkg\nimport pkg.c\n",
        "pkg/b.py": f"{taking}\n\ndef f():\n    return pkg.c.__name__\n",
        "pkg/c.py": "",
    })  # fmt: skip
    translate_project(folder / "pkg", tmp_path / "new", rules=rules, closure=True, name="new")
    assert contents(tmp_path / "new")["a.py"] == "import new as pkg\nimport new.c, new as pkg\n"
    assert run(tmp_path, "new", "new.b.f()") == "new.c []"


def test_helpers_lie_in_the_package(write: Write, rules: RuleSet, tmp_path: Path) -> None:
    code = "import torch\n\ndef f(x: torch.Tensor):\n    return x.split(2)\n"
    folder = write({"pkg/__init__.py": "", "pkg/a/__init__.py": code})
    translate_project(folder / "pkg", tmp_path / "new", rules=rules, closure=True, name="new")
    made = contents(tmp_path / "new")
    assert set(made) == {"__init__.py", "a/__init__.py", "paddle_helpers.py"}
    assert "from ..paddle_helpers import" in made["a/__init__.py"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("my-net", "cannot be imported"),
        ("class", "cannot be imported"),
        ("paddle", "the name of another package"),
        ("torch", "the name of another package"),
        ("json", "the name of another package"),
        ("pkg", "the name of the source"),
    ],
)
def test_a_name_that_cannot_be(write: Write, rules: RuleSet, tmp_path: Path, name: str, reason: str) -> None:
    src = write(PACKAGE)
    with pytest.raises(ConfigError, match=reason):
        translate_project(src / "pkg", tmp_path / "out", rules=rules, closure=True, name=name)
    assert not (tmp_path / "out").exists()


def test_an_output_in_a_package(write: Write, rules: RuleSet) -> None:
    src = write(PACKAGE)
    with pytest.raises(ConfigError, match="would be a part of the package around it"):
        translate_project(src / "pkg" / "models", src / "pkg" / "new", rules=rules, closure=True, name="new")
