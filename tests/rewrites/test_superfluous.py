"""What code of the source's own packages loads is there in the target; what others load is theirs."""

from __future__ import annotations

import pytest

from translator.engine.translate import translate_source
from translator.ruleset.load import load_rules

RULES = load_rules()
HEADER = "import torch\n\n\ndef load(name):\n    "


def translated(body: str, module: str) -> str:
    text = translate_source(HEADER + body.replace("\n", "\n    ") + "\n", rules=RULES, module=module).text
    return text.partition("def load(name):\n    ")[2].strip().replace("\n    ", "\n")


@pytest.mark.parametrize(
    ("body", "after"),
    [
        pytest.param(
            "path = find(name)\ntorch.ops.load_library(path)\nreturn True",
            "return True",
            id="with the path that it needs",
        ),
        pytest.param(
            "path = find(name)\ntorch.ops.load_library(path)\nreturn path",
            "path = find(name)\nreturn path",
            id="a path that something else reads stays",
        ),
        pytest.param(
            "if name:\n    path = find(name)\n    torch.ops.load_library(path)",
            "if name:\n    pass",
            id="a block without it",
        ),
        pytest.param(
            "return torch.ops.load_library(name)",
            "return load_library(name)",
            id="a value that is used is no statement",
        ),
    ],
)
def test_of_a_source_package(body: str, after: str) -> None:
    assert translated(body, "torchvision.extension") == after


@pytest.mark.parametrize("module", ["", "mine.extension"])
def test_of_others(module: str) -> None:
    body = "path = find(name)\ntorch.ops.load_library(path)"
    assert translated(body, module) == "path = find(name)\nload_library(path)"
