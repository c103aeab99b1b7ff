"""Dependencies on the source framework become those on the target; all else stays as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.project.conftest import Write, contents
from translator import translate_project
from translator.core import Translation
from translator.project.dependencies import with_dependencies
from translator.project.result import FileResult
from translator.ruleset.model import RuleSet

NEW = "paddlepaddle>=2.6"


def translated(text: str, name: str, rules: RuleSet) -> Translation:
    return with_dependencies(Translation(name, text, text), rules.pack)


@pytest.mark.parametrize(("before", "after"), [
    pytest.param("torch\n", f"{NEW}\n", id="a name"),
    pytest.param("torch>=1.8,<3\nnumpy==1.2\n", f"{NEW}\nnumpy==1.2\n", id="with a version"),
    pytest.param("Torch[opt] == 2.0 # why\n", f"{NEW} # why\n", id="with an extra and a comment"),
    pytest.param('torch>=2; python_version < "3.13"\n', f'{NEW}; python_version < "3.13"\n', id="with a marker"),
    pytest.param("torch @ https://host/torch.whl\n", f"{NEW}\n", id="from an address"),
    pytest.param("torch==2.0 \\\n    --hash=sha256:ab \\\n    --hash=sha256:cd\nnumpy\n", f"{NEW}\nnumpy\n",
                 id="with hashes"),
    pytest.param("torch\ntorchvision  # for images\nnumpy\n", f"{NEW}\n  # for images\nnumpy\n".replace("  #", "#"),
                 id="two become one"),
    pytest.param("torch\r\nnumpy\r\n", f"{NEW}\r\nnumpy\r\n", id="line ends"),
    pytest.param("torch", NEW, id="no end of line"),
    pytest.param("# torch\n\n-r other.txt\n--pre\n./torch\nnumpy  # not torch\n", None, id="what is none"),
    pytest.param("", None, id="nothing"),
])  # fmt: skip
def test_requirements(before: str, after: str | None, rules: RuleSet) -> None:
    found = translated(before, "requirements.txt", rules)
    assert (found.text, found.diagnostics) == (before if after is None else after, ())


@pytest.mark.parametrize(("line", "name"), [
    ("torchaudio>=2", "torchaudio"), ("pytorch-lightning", "pytorch-lightning"),
    ("--extra-index-url https://host/torch/cpu", "--extra-index-url https://host/torch/cpu"),
])  # fmt: skip
def test_what_has_no_counterpart_stays_with_a_warning(line: str, name: str, rules: RuleSet) -> None:
    found = translated(f"numpy\n{line}\n", "requirements-dev.txt", rules)
    assert found.text == f"numpy\n{line}\n"
    (said,) = found.diagnostics
    assert (said.code, str(said.position)) == ("T104", "requirements-dev.txt:2:1")
    assert f"`{name}`" in said.message


PROJECT = """\
[build-system]
requires = ["setuptools", "torch"]

[project]
name = "torch-net"  # mine
keywords = ["torch"]
dependencies = [
    "numpy>=1",  # arrays
    "torch>=1.8",  # tensors
    'torchvision',
]

[project.optional-dependencies]
all = ["torch[opt]; sys_platform == 'linux'", "rich"]

[dependency-groups]
test = ["pytest", {include-group = "torch"}, "torch"]

[tool.poetry.dependencies]
python = "^3.11"
torch = {version = "^2.0", source = "pytorch"}
numpy = "*"

[tool.other]
torch = "^2"
"""


def test_a_project_file(rules: RuleSet) -> None:
    assert translated(PROJECT, "pyproject.toml", rules).text == PROJECT.replace(
        '"setuptools", "torch"', f'"setuptools", "{NEW}"'
    ).replace('"torch>=1.8"', f'"{NEW}"').replace("    'torchvision',\n", "").replace(
        "\"torch[opt]; sys_platform == 'linux'\"", f'"{NEW}; sys_platform == \\"linux\\""'
    ).replace('"}, "torch"]', f'"}}, "{NEW}"]').replace(
        'torch = {version = "^2.0", source = "pytorch"}\nnumpy = "*"\n', 'numpy = "*"\npaddlepaddle = ">=2.6"\n'
    )


def test_a_project_file_without_the_framework_stays(rules: RuleSet) -> None:
    text = '[project]\nname="a"\ndependencies=["numpy" ,]\n'
    assert translated(text, "pyproject.toml", rules).text == text


def test_a_configuration(rules: RuleSet) -> None:
    text = (
        "[metadata]\nname = torch\n\n[options]\npython_requires = >=3.8\ninstall_requires =\n    numpy\n"
        "    # tensors\n    torch>=1.8\n    torchvision\n\nsetup_requires = torch\n\n[options.extras_require]\n"
        "all = torch>=2\ntest =\n    pytest\n    torchaudio\n\n[flake8]\nignore =\n    torch\n"
    )
    found = translated(text, "setup.cfg", rules)
    assert found.text == text.replace("    torch>=1.8\n    torchvision\n", f"    {NEW}\n").replace(
        "setup_requires = torch\n", f"setup_requires = {NEW}\n"
    ).replace("all = torch>=2\n", f"all = {NEW}\n")
    assert [str(d.position) for d in found.diagnostics] == ["setup.cfg:18:1"]


def test_a_setup_file(rules: RuleSet) -> None:
    text = (
        "from setuptools import setup\nNEEDED = ['torch>=1.8', \"numpy\"]\nsetup(name='torch', keywords=['torch'],\n"
        "      install_requires=NEEDED + ['torchaudio'], extras_require={'torch': ['torch>=2']}, url='torch')\n"
    )
    found = translated(text, "setup.py", rules)
    assert found.text == text.replace("'torch>=1.8'", f"'{NEW}'").replace("'torch>=2'", f"'{NEW}'")
    assert [(d.code, d.position.line) for d in found.diagnostics] == [("T104", 4)]


def test_a_project_with_its_dependencies(write: Write, rules: RuleSet, tmp_path: Path) -> None:
    setup = "import torch\nfrom setuptools import setup\nx = torch.cat([a])\nsetup(install_requires=['torch'])\n"
    src = write({
        "requirements.txt": "torch\n", "docs/requirements_docs.txt": "torch\n", "notes.txt": "torch\n",
        "pyproject.toml": "[project\n", "setup.py": setup,
    })  # fmt: skip
    seen: list[FileResult] = []
    found = translate_project(src, tmp_path / "out", rules=rules, on_file=seen.append)
    assert contents(tmp_path / "out") == {
        "requirements.txt": f"{NEW}\n", "docs/requirements_docs.txt": f"{NEW}\n", "notes.txt": "torch\n",
        "pyproject.toml": "[project\n",
        "setup.py": f"import paddle\nfrom setuptools import setup\nx = paddle.concat([a])\n"
                    f"setup(install_requires=['{NEW}'])\n",
    }  # fmt: skip
    assert [(f.place, f.status.value) for f in found.files if f.status.value != "translated"] == [
        ("notes.txt", "copied"), ("pyproject.toml", "failed"),
    ]  # fmt: skip
    assert [(d.code, d.position.line) for r in seen for d in r.translation.diagnostics] == [("T002", 1)]
