"""Every code of the table: one input that gives it, and what it says."""

from __future__ import annotations

import pytest

from tests.conftest import Translate
from translator.codes import CODES
from translator.core import Severity
from translator.engine.translate import translate_source
from translator.ruleset.model import RuleSet

CASES = {
    "T101": ("import torch\nfrom .a import b\n", "2:1", "translate the package as a whole"),
    "T102": ("try:\n    import torch\nexcept E:\n    torch = 0\ntorch.relu(x)\n", "2:5", "one meaning"),
    "T103": ("from torch import *\nf()\n", "1:1", "write the names out"),
    "T201": ("import torch\ndef f(x): x.permute(1)\n", "2:11", "annotate `x`"),
    "T204": ("import torch\nhasattr(torch, 'a')\n", "2:1", "write a rule for it"),
    "T301": ("import torch\na.size(0)\n", "2:1", "annotate it (`a: torch.Tensor`)"),
    "T302": ("import torch\ntorch.ones(2, **x)\n", "2:1", "write the arguments out"),
    "T303": ("import torch\ntorch.cat([x], out=y)\n", "2:1", "assign the result instead"),
    "T304": ("import torch\ntorch.a\n", "2:1", "write a rule for `torch.a`"),
    "T305": ("import torch\ntorch.cuda.synchronize()\n", "2:1", "remove the call"),
    "T306": ("import torch\nf(torch.ones)\n", "2:3", "call it here"),
    "T307": ("import torch\ntorch.cat()\n", "2:1", "check the call"),
    "T308": ("import torch\ntorch.square_twice(f())\n", "2:1", "assign it to a variable first"),
    "T309": ("import torch.nn as nn\ndef f(m: nn.Linear): m.weight[0]\n", "2:22", "check by hand"),
    "T310": ("import torch\ntorch.ones(s)\n", "2:1", "annotate it, or write the sizes out"),
    "T311": ("import torch\ndef f(x: torch.Tensor): x.data = 1\n", "2:25", "write it as a call"),
    "T312": ("import torch\ngetattr(torch, a)\n", "2:1", "write a table"),
    "T401": (
        "import torch\ndef f(x: torch.Tensor):\n    a, b = x.split(2)\n    a += b\n    return x\n",
        "4:5",
        "into `x` itself",
    ),
    "T403": (
        "import torch\nclass A(torch.nn.Module):\n    def __init__(self):\n        self.x = torch.ones(2)\n",
        "4:9",
        "register it",
    ),
    "T404": ("import torch\ndef f(x: torch.Tensor): (x > 0) * torch.ones(2)\n", "2:25", "assign the operands"),
    "T402": (
        "import torch\ndef f(x: torch.Tensor):\n    g(x, inplace=True)\n    return x\n",
        "3:5",
        "assign the result",
    ),
}
# a bug, which test_sites plants; a file of a project, see tests/project; a run, see tests/analysis/test_observed
NOT_HERE = {"T001", "T002", "T003", "T104", "T202", "T203", "T204"}


def test_every_code_has_a_case() -> None:
    assert set(CASES) | NOT_HERE == set(CODES)


@pytest.mark.parametrize("code", CASES)
def test_codes(code: str, translate: Translate) -> None:
    source, place, hint = CASES[code]
    (found,) = translate(source).diagnostics
    assert (found.code, str(found.position)) == (code, f"model.py:{place}")
    assert found.severity is CODES[code].severity
    assert hint in found.hint
    assert found.message[0].islower() or found.message[0] == "`"
    assert not found.message.endswith(".")


def test_a_type_comment_that_is_no_annotation_stays_and_is_reported(translate: Translate) -> None:
    source = (
        "import torch\ndef f(xs):\n    for x in xs:  # type: torch.Tensor\n        y = x  # type: ignore[torch]\n"
        "    return torch.relu(y)\n"
    )
    translation = translate(source)
    assert [(d.code, str(d.position)) for d in translation.diagnostics] == [("T311", "model.py:3:27")]
    assert "# type: torch.Tensor" in translation.text


def test_diagnostics_name_rule_and_api(translate: Translate) -> None:
    (found,) = translate("import torch\ntorch.concat([x], out=y)\n").diagnostics
    assert found.api == "torch.cat"
    assert found.rule_origin.startswith("tests/packs/torch-paddle-small/rules.yaml:")


def test_the_table_reads_well() -> None:
    for code, entry in CODES.items():
        assert entry.title[0].islower(), code
        assert entry.explanation.endswith("."), code
        assert all(len(line) <= 120 for line in entry.explanation.splitlines()), code
    assert {code for code, entry in CODES.items() if entry.severity is Severity.NOTE} == {
        "T201",
        "T202",
        "T203",
        "T204",
        "T403",
    }


def test_translating_is_deterministic(rules: RuleSet) -> None:
    source = "".join(source for source, _, _ in CASES.values() if "*\n" not in source)
    assert translate_source(source, rules=rules) == translate_source(source, rules=rules)
