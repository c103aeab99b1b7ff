"""Random programs: translating is deterministic, keeps every promise, and leaves other files alone."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.soundness import problems
from translator.core import SourceError
from translator.engine.translate import translate_source
from translator.ruleset.model import RuleSet

QUICK = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)

NAMES = st.sampled_from(["x", "y", "self.z", "cfg.size", "'é'", "3", "None", "(1, 2)", "日本"])
COMMENTS = st.sampled_from(["", "  # why", "  # torch.cat(x)", "  # 注"])
FORMS = (
    "torch.cat([{0}, {1}], dim=1)", "torch.cat([{0}], {1})", "torch.relu({0})", "torch.flatten({0}, start_dim={1})",
    "torch.add({0}, {1})", "torch.add({0}, {1}, alpha=2)", "torch.square_twice({0})", "torch.ones({0}, {1})",
    "torch.ones(*{0})", "torch.unknown({0}, k={1})", "torch.relu({0}).view({1}, -1)", "{0}.permute(1, 0)",
    "{0}.size({1})", "torch.relu({0}).max(1)[0]", "nn.ReLU({0})", "nn.Unknown({0})({1})", "F.relu({0}, inplace=True)",
    "nn.BatchNorm2d({0}, momentum=0.1)", "({0} + {1})", "({0} if {1} else {0})", "[{0} for q in {1}]", "x[{0}:{1}]",
    "(lambda torch: {0})({1})", "f'{{{0}!r}} {{{1}}}'", "{{{0}: {1}}}", "(-{0})", "({0}, *[{1}])", "({0}\n     )",
    "torch.cat(\n    [{0},  # one\n     {1}],\n    dim=1,  # two\n)", "torch.add({0},  # lost?\n    {1})",
    "nn.ReLU(  # kept\n    inplace={0}\n)", "(w := {0})",
)  # fmt: skip


def fits_in_string(text: str) -> bool:
    return not set("'\\#\n{}!:=\"") & set(text)


@st.composite
def expressions(draw: st.DrawFn, depth: int = 3) -> str:
    if depth == 0 or draw(st.booleans()):
        return draw(NAMES)
    form = draw(st.sampled_from(FORMS))
    first, second = draw(expressions(depth - 1)), draw(expressions(depth - 1))
    if form.startswith("f'") and not (fits_in_string(first) and fits_in_string(second)):
        return first
    return form.format(first, second)


STATEMENTS = (
    "v{0} = {1}",
    "def f{0}(x: torch.Tensor, y={1}):\n    return {2}",
    "if {1}:\n    print({2})",
    "class C{0}(nn.Module):\n    def forward(self, x):\n        return {1}",
    "{1}",
)


@st.composite
def programs(draw: st.DrawFn) -> str:
    lines = ["import torch", "import torch.nn as nn", "import torch.nn.functional as F", "", ""]
    for i in range(draw(st.integers(1, 4))):
        form = draw(st.sampled_from(STATEMENTS))
        lines.append(form.format(i, draw(expressions()), draw(expressions())) + draw(COMMENTS))
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    text = "\n".join(lines).replace("\n", newline)
    return draw(st.sampled_from(["", "\ufeff"])) + text + draw(st.sampled_from(["", newline]))


def is_python(source: str) -> bool:
    try:
        compile(source.removeprefix("\ufeff"), "x", "exec")
    except (SyntaxError, ValueError):
        return False
    return True


@QUICK
@given(source=programs().filter(is_python))
def test_every_promise_holds_for_random_programs(source: str, rules: RuleSet) -> None:
    translation = translate_source(source, rules=rules)
    assert problems(translation, rules) == [], translation.text
    assert "T001" not in translation.codes
    assert translate_source(source, rules=rules) == translation


@QUICK
@given(source=programs().filter(is_python))
def test_files_without_the_framework_come_back_as_they_are(source: str, rules: RuleSet) -> None:
    other = source.replace("torch", "numpy")
    translation = translate_source(other, rules=rules)
    assert (translation.text, translation.codes, translation.edits) == (other, [], ())


@QUICK
@given(source=programs().filter(is_python))
def test_what_is_translated_is_not_translated_again(source: str, rules: RuleSet) -> None:
    once = translate_source(source, rules=rules)
    again = translate_source(once.text, rules=rules)
    assert problems(again, rules) == []
    assert again.text.count("paddle.") >= once.text.count("paddle.")


@QUICK
@given(text=st.text(max_size=60), tail=st.sampled_from(["", "\nimport torch\n", "torch.cat([x])"]))
def test_any_text_is_translated_or_refused(text: str, tail: str, rules: RuleSet) -> None:
    try:
        translation = translate_source(text + tail, rules=rules)
    except SourceError:
        return
    assert problems(translation, rules) == []
