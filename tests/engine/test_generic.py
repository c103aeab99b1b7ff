"""Two invented frameworks: what works for them rests on nothing but a pack of rules."""

from __future__ import annotations

import pytest

from tests.conftest import Translate
from translator.project.write import write_translation
from translator.ruleset.helper_module import helper_module
from translator.ruleset.model import RuleSet

BEFORE = '''\
"""A garden."""
import lime
import lime.parts as parts
from lime.core import Grid
from limeview import show as display


class Bed(parts.Part):
    def __init__(self, width: int):
        super().__init__()
        self.mixer = parts.Mixer(width, bias=False)  # no bias
        self.weeds = parts.Weed(3)

    def forward(self, x):
        rows = x.size(0)
        x = self.mixer(x).fold(rows, -1).turn(90, clockwise=True)
        return lime.join([x, lime.sharpen(x)],  # both
                         side=1)


def total(grid: "Grid") -> int:
    lime.seed(3)
    return grid.size(1) + other.size(1)


for part in Bed(3).parts():
    if isinstance(part, parts.Mixer):
        display(part.count)
        part.weight[0]
'''
AFTER = '''\
"""A garden."""
import plum
import plum.units as parts
from plum import Field
from plum.view import display
from plum_extras import sharpen


class Bed(parts.Unit):
    def __init__(self, width: int):
        super().__init__()
        self.mixer = parts.Blend(width, shift=False)  # no bias
        import lime
        self.weeds = lime.parts.Weed(3)

    def forward(self, x):
        rows = x.extent[0]
        x = self.mixer(x).bend([rows, -1]).rotate(90, counter=False)
        return plum.weld([x, sharpen(x)],  # both
                         edge=1)


def total(grid: "Field") -> int:
    import lime
    lime.seed(3)
    return grid.extent[1] + other.size(1)


for part in Bed(3).units():
    if isinstance(part, parts.Blend):
        display(part._count)
        part.weight[0]
'''


def test_a_file_of_another_framework(translate_toy: Translate) -> None:
    translation = translate_toy(BEFORE)
    assert translation.text == AFTER
    assert [(d.position.line, d.code) for d in translation.diagnostics] == [
        (12, "T304"), (15, "T201"), (22, "T305"), (23, "T301"), (29, "T309"),
    ]  # fmt: skip
    assert translation.helpers == ("sharpen",)


@pytest.mark.parametrize(
    "source",
    ["import torch\ntorch.cat([x])\n", "def f(lime): return lime.join([x])\n", "import plum\nplum.weld([x])\n"],
)
def test_other_frameworks_are_not_its_business(source: str, translate_toy: Translate) -> None:
    translation = translate_toy(source)
    assert (translation.text, translation.codes) == (source, [])


def test_its_helpers_come_along(toy_rules: RuleSet, translate_toy: Translate, tmp_path: object) -> None:
    from pathlib import Path

    write_translation(translate_toy(BEFORE), Path(str(tmp_path)) / "out.py", toy_rules)
    assert "def sharpen" in (Path(str(tmp_path)) / "plum_extras.py").read_text(encoding="utf-8")
    assert "def sharpen(grid: plum.Field)" in helper_module(["sharpen"], toy_rules)
