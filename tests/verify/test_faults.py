"""Faults planted in a correct twin: each is found, and blamed on its very line."""

from __future__ import annotations

from dataclasses import replace

import pytest

from translator.core import AppliedEdit, Certainty, Position, Translation
from translator.ruleset.model import RuleSet


def line_of(text: str, snippet: str) -> int:
    lines = [number for number, line in enumerate(text.splitlines(keepends=True), 1) if snippet in line]
    assert len(lines) == 1, (snippet, lines)
    return lines[0]


def planted(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1, old
    return text.replace(old, new)


def test_the_clean_twin_is_proven(check_twin, output_text) -> None:
    outcome = check_twin(output_text)
    assert outcome.statuses == {"forward": "passed", "layers": "passed"}
    assert outcome.blame is None


def test_every_module_and_buffer_is_compared(check_twin, output_text) -> None:
    layers = check_twin(output_text).checks[1]
    normal = {c.path for c in layers.comparisons if c.name == "normal"}
    assert normal == {
        "",
        "stem",
        "stem.0",
        "stem.1",
        "stem.2",
        "stem.3",
        "stats",
        "block",
        "block.conv",
        "block.norm",
        "block.act",
        "pool",
        "drop",
        "square",
        "fc",
    }
    trained = {c.path for c in layers.comparisons if c.name == "train"}
    assert {"stem.1.running_var", "block.norm.running_mean", "stats.seen"} <= trained


FAULTS = [
    pytest.param(
        "paddle.concat([x, y], 1)",
        "paddle.concat([y, x], 1)",
        "torch.cat([x, y], 1)",
        "paddle.concat([y, x], 1)",
        id="swapped operands",
    ),
    pytest.param("F.softmax(x, 1)", "F.softmax(x, 0)", "F.softmax(x, 1)", "F.softmax(x, 0)", id="wrong axis"),
    pytest.param(
        "x = x.mean((2, 3))",
        "x = x.mean((1, 3))",
        "x = x.mean((2, 3))",
        "x = x.mean((1, 3))",
        id="wrong axis after which the output raises",
    ),
    pytest.param(
        "stride=1, padding=1, exclusive=False",
        "stride=1, padding=0, exclusive=False",
        "self.pool = ",
        "self.pool = ",
        id="padding",
    ),
    pytest.param(
        "nn.Conv2D(channels, channels, 3, padding=1)",
        'nn.Conv2D(channels, channels, 3, padding=1, padding_mode="reflect")',
        "self.conv = ",
        "self.conv = ",
        id="padding mode",
    ),
    pytest.param("epsilon=1e-3", "epsilon=1e-5", "self.norm = ", "self.norm = ", id="eps"),
    pytest.param(
        "nn.BatchNorm2D(8),",
        "nn.BatchNorm2D(8, epsilon=2e-5),",
        "nn.BatchNorm2d(8)",
        "nn.BatchNorm2D(8, ",
        id="an eps that is off by 1e-5",
    ),
    pytest.param(
        "        y = F.relu(y - 0.1)\n",
        "        y = y - 0.1\n",
        "y = F.relu(y - 0.1)",
        "y = y - 0.1",
        id="missing relu",
    ),
    pytest.param(
        "        y = F.relu(y - 0.1)\n", "", "y = F.relu(y - 0.1)", "x = paddle.concat([x, y], 1)", id="missing line"
    ),
    pytest.param(
        "return self.act(x)", "return x", "return self.act(x)", "        return x\n", id="missing module call"
    ),
    pytest.param(
        "            nn.ReLU(),\n            nn.MaxPool2D",
        "            nn.ReLU6(),\n            nn.MaxPool2D",
        "            nn.ReLU(),",
        "nn.ReLU6()",
        id="another layer",
    ),
    pytest.param(
        "            nn.BatchNorm2D(8),\n            nn.ReLU(),",
        "            nn.ReLU(),\n            nn.BatchNorm2D(8),",
        "nn.BatchNorm2d(8)",
        "            nn.ReLU(),",
        id="swapped layers",
    ),
    pytest.param(
        "        x = self.norm(x)\n        x = x + identity\n",
        "        x = x + identity\n        x = self.norm(x)\n",
        "x = self.norm(x)",
        "x = x + identity",
        id="swapped statements",
    ),
    pytest.param("momentum=0.8", "momentum=0.2", "self.norm = ", "self.norm = ", id="momentum"),
    pytest.param(
        "nn.BatchNorm2D(8),",
        "nn.BatchNorm2D(8, momentum=0.99),",
        "nn.BatchNorm2d(8)",
        "momentum=0.99",
        id="momentum of an unnamed layer",
    ),
    pytest.param("ceil_mode=True", "ceil_mode=False", "ceil_mode=True", "ceil_mode=False", id="ceil_mode"),
    pytest.param(
        "self.seen = self.seen * 0.5 + x.mean((0, 2, 3)) * 0.5",
        "self.seen = self.seen * 1.0",
        "self.seen = ",
        "self.seen = ",
        id="stale buffer",
    ),
    pytest.param("1), 0.25)", "1), 0.5)", '"center"', '"center"', id="wrong constant"),
    pytest.param(", exclusive=False", "", "self.pool = ", "self.pool = ", id="wrong default"),
    pytest.param(
        "F.avg_pool2d(x, 2, 1)", "F.avg_pool2d(x, 2)", "F.avg_pool2d", "F.avg_pool2d", id="wrong default in a call"
    ),
]


@pytest.mark.parametrize(("old", "new", "source_line", "output_line"), FAULTS)
def test_blamed_on_its_line(check_twin, source_text, output_text, old, new, source_line, output_line) -> None:
    outcome = check_twin(planted(output_text, old, new))
    assert not outcome.proven
    assert outcome.blame is not None
    assert outcome.blame.source_position.line == line_of(source_text, source_line)
    assert outcome.blame.output_position.line == line_of(outcome.output, output_line)


def test_an_untransposed_square_linear(check_twin, source_text, output_text, ruleset: RuleSet, tmp_path) -> None:
    linear = replace(ruleset.by_api["torch.nn.Linear"], weights={})
    wrong = replace(ruleset, by_api={**ruleset.by_api, "torch.nn.Linear": linear})
    # the last matrix is square too, or its shape would give the fault away
    source = tmp_path / "square_torch.py"
    source.write_text(planted(source_text, "num_classes=10", "num_classes=16"))
    outcome = check_twin(planted(output_text, "num_classes=10", "num_classes=16"), rules=wrong, source=source)
    assert outcome.statuses == {"forward": "failed", "layers": "failed"}
    assert outcome.blame.path == "square"
    assert outcome.blame.source_position.line == line_of(source_text, "self.square = ")
    assert outcome.blame.output_position.line == line_of(output_text, "self.square = ")
    assert "weight was mapped by `identity`" in outcome.blame.reason


def test_a_fault_inside_a_function_that_forward_calls(check_twin, source_text, output_text, tmp_path) -> None:
    helper = "def fold(x):\n    y = x * 2\n    y = y.clip({0}, 1.5)\n    return y + 1\n\n\nclass Block"
    source = tmp_path / "helper_torch.py"
    source.write_text(
        planted(planted(source_text, "class Block", helper.format(0.5)), "y = self.pool(x)", "y = fold(self.pool(x))")
    )
    output = planted(
        planted(output_text, "class Block", helper.format(0.25)), "y = self.pool(x)", "y = fold(self.pool(x))"
    )
    outcome = check_twin(output, source=source)
    assert outcome.blame.source_position.line == line_of(source.read_text(), "y.clip(")
    assert outcome.blame.output_position.line == line_of(output, "y.clip(")


def translated(source: str, output: str, path: str) -> Translation:
    """A translation whose line map is the identity, with one edit."""
    line = line_of(output, "self.pool = ")
    edit = AppliedEdit(
        Position(path, line_of(source, "self.pool = "), 20),
        "torch.nn.AvgPool2d",
        "pooling.yaml:7",
        Certainty.CERTAIN,
        line,
        line,
    )
    lines = len(output.splitlines())
    assert lines == len(source.splitlines())
    return Translation(path, source, output, edits=(edit,), line_map=tuple(range(1, lines + 1)))


def test_the_rule_is_named_even_when_the_output_was_edited_since(
    check_twin, source_text, output_text, small_source
) -> None:
    translation = translated(source_text, output_text, str(small_source))
    edited = "# a person\n# added lines\n" + planted(output_text, ", exclusive=False", "")
    blame = check_twin(edited, translation=translation).blame
    assert (blame.rule_api, blame.rule_origin) == ("torch.nn.AvgPool2d", "pooling.yaml:7")
    assert blame.source_position.line == line_of(source_text, "self.pool = ")
    assert blame.output_position.line == line_of(edited, "self.pool = ")


def test_without_a_translation_no_rule_is_named(check_twin, output_text) -> None:
    assert check_twin(planted(output_text, ", exclusive=False", "")).blame.rule_api == ""
