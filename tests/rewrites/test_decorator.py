"""Decorators: renamed, called, or taken out with their line; and statements that say nothing."""

from __future__ import annotations

from textwrap import dedent

import pytest

from translator.engine.translate import translate_source


def translated(source: str) -> str:
    return translate_source(dedent(source)).text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("@torch.no_grad()\n", "@paddle.no_grad()\n", id="a call stays a call"),
        pytest.param("@torch.no_grad\n", "@paddle.no_grad()\n", id="without a call, called in the target"),
        pytest.param("@torch.no_grad  # why\n", "@paddle.no_grad()  # why\n", id="comment behind"),
        pytest.param("@torch.jit.script\n", "", id="taken out"),
        pytest.param("@torch.jit.script  # noqa\n", "# noqa\n", id="its comment stays"),
        pytest.param("@torch.jit.ignore(drop=True)\n", "", id="a call that gives a decorator is taken out"),
        pytest.param("@torch.compile(\n    fullgraph=True,  # why\n)\n", "# why\n", id="over several lines"),
        pytest.param("@torch.jit.export\n@torch.no_grad()\n", "@paddle.no_grad()\n", id="the one below stays"),
        pytest.param("@other\n@torch.jit.unused\n", "@other\n", id="the one above stays"),
    ],
)
def test_decorators(before: str, after: str) -> None:
    body = "def f(x):\n    return x\n"
    output = translated(f"import torch\n\n\n{before}{body}")
    rest = "import paddle\n\n\n" if "paddle" in after else "\n\n"
    assert output == f"{rest}{after}{body}"


def test_a_call_by_position_is_no_decorator() -> None:
    assert translated("import torch\nf = torch.no_grad(g)\n") == "import paddle\nf = paddle.no_grad()(g)\n"


LOG = "torch._C._log_api_usage_once"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(f"a = 1\n{LOG}('x')\nb = 2\n", "a = 1\nb = 2\n", id="with its line"),
        pytest.param(f"a = 1\n{LOG}('x')  # why\n", "a = 1\n# why\n", id="its comment stays"),
        pytest.param(f"if a:\n    {LOG}('x')\n", "if a:\n    pass\n", id="no block is left empty"),
        pytest.param(f"if a:\n    import torch\n    {LOG}('x')\n", "if a:\n    pass\n", id="nor with an import"),
        pytest.param(f"if a: {LOG}('x')\n", "if a: pass\n", id="on the line of its header"),
        pytest.param(f"a = 1; {LOG}('x'); b = 2\n", "a = 1; pass; b = 2\n", id="between semicolons"),
        pytest.param(f"{LOG}(\n    'x',  # why\n)\n", "# why\n", id="a comment inside moves above"),
        pytest.param(f"a = 1\nif not torch.jit.is_scripting():\n    {LOG}('x')\n", "a = 1\n", id="with its condition"),
        pytest.param(
            f"a = 1\nif not torch.jit.is_scripting() and not torch.jit.is_tracing():\n    # why\n    {LOG}('x')\n",
            "a = 1\n# why\n",
            id="with its conditions, but not with a comment",
        ),
        pytest.param(
            f"if a():\n    {LOG}('x')\n", "if a():\n    pass\n", id="not with a condition that does something"
        ),
        pytest.param(
            f"if torch.jit.is_scripting():\n    {LOG}('x')\nelse:\n    b()\n",
            "if False:\n    pass\nelse:\n    b()\n",
            id="nor with another branch",
        ),
        pytest.param("torch.fx.wrap('f')\n", "", id="a string says nothing"),
        pytest.param("torch.fx.wrap(g)\n", "", id="nor does a name"),
        pytest.param(f"a = {LOG}('x')\n", "a = None\n", id="a value is written out"),
        pytest.param("torch.jit.script(make())\n", "make()\n", id="a call does something"),
    ],
)
def test_statements_that_say_nothing(before: str, after: str) -> None:
    source = before if "import" in before else f"import torch\n{before}"
    assert translated(source) == after


def test_what_an_argument_does_is_not_lost() -> None:
    translation = translate_source(f"import torch\n{LOG}(make())\n")
    assert translation.codes == ["T303"]
    assert translation.text == translation.source


def test_an_edit_is_counted_and_placed() -> None:
    translation = translate_source(f"import torch\na = 1\n{LOG}('x')\n@torch.jit.script\ndef f(): ...\n")
    assert translation.counts.certain == 2
    assert [edit.position.line for edit in translation.edits] == [3, 4]
    assert translation.line_map == (2, 5)
