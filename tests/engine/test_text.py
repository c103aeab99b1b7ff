"""Bytes around the changes: line ends, tabs, form feeds, marks, wide characters; and where each line came from."""

from __future__ import annotations

import pytest

from tests.conftest import Translate
from tests.soundness import problems
from translator.core import Certainty, SourceError, Translation
from translator.engine.splice import Splice
from translator.engine.translate import read_source, translate_source
from translator.ruleset.model import RuleSet


@pytest.mark.parametrize(("before", "after"), [
    pytest.param("import torch\r\nx = torch.cat(\r\n    [a],  # one\r\n    dim=1)\r\n",
                 "import paddle\r\nx = paddle.concat(\r\n    [a],  # one\r\n    axis=1)\r\n", id="CRLF"),
    pytest.param("import torch\r\nx = torch.add(a,  # one\r\n  b)\r\ny = torch.unknown(torch.relu(x))\r\n",
                 "import paddle\r\nimport torch\r\n# one\r\nx = a + b\r\n"
                 "y = torch.unknown(paddle.nn.functional.relu(x))\r\n",
                 id="new lines end with CRLF, too"),
    pytest.param("import torch\rx = torch.cat([a], dim=1)\r", "import paddle\rx = paddle.concat([a], axis=1)\r",
                 id="CR"),
    pytest.param("import torch\nif a:\n\tx = torch.cat([a],\tdim=1)\n\tif b:\n\t\ttorch.add(x,  # c\n\t\t\ty)\n",
                 "import paddle\nif a:\n\tx = paddle.concat([a],\taxis=1)\n\tif b:\n\t\t# c\n\t\tx + y\n", id="tabs"),
    pytest.param("import torch\n\x0c\nx = 'a\x0cb'; y = torch.cat([x], dim=1)\n\x0cz = torch.cat([x], dim=2)\n",
                 "import paddle\n\x0c\nx = 'a\x0cb'; y = paddle.concat([x], axis=1)\n"
                 "\x0cz = paddle.concat([x], axis=2)\n", id="form feeds"),
    pytest.param("import torch\nx = 'a\u2028b\x85c\x1cd'; y = torch.cat([x], dim=1)\nz = torch.cat([x], dim=2)\n",
                 "import paddle\nx = 'a\u2028b\x85c\x1cd'; y = paddle.concat([x], axis=1)\n"
                 "z = paddle.concat([x], axis=2)\n",
                 id="what other tools take for line ends"),
    pytest.param("\ufeffimport torch\nx = torch.cat([a], dim=1)\n",
                 "\ufeffimport paddle\nx = paddle.concat([a], axis=1)\n",
                 id="a byte order mark"),
    pytest.param("import torch\nx = torch.cat([a], dim=1)", "import paddle\nx = paddle.concat([a], axis=1)",
                 id="no line end at the end"),
    pytest.param("import torch.nn as nn\nx = nn.Unknown()\ny = nn.ReLU()",
                 "import paddle.nn as nn\nimport torch\nx = torch.nn.Unknown()\n"
                 "y = nn.ReLU()", id="no line end, and a new line"),
    pytest.param("import torch\n名 = '日本'; y = torch.cat([名, 'é'], dim=1)  # 注\n",
                 "import paddle\n名 = '日本'; y = paddle.concat([名, 'é'], axis=1)  # 注\n"
                 "", id="wide characters before a call"),
    pytest.param("# -*- coding: utf-8 -*-\nimport torch\ntorch.relu('é')\n",
                 "# -*- coding: utf-8 -*-\nimport paddle\npaddle.nn.functional.relu('é')\n", id="an encoding line"),
    pytest.param("import torch\nx = torch.cat([a], dim=1)\\\n    .view(3)\n",
                 "import paddle\nx = paddle.concat([a], axis=1)\\\n    .reshape([3])\n",
                 id="a backslash"),
    pytest.param("import torch\n\n\n\nx = torch.cat([a], dim=1)   \n\n\n",
                 "import paddle\n\n\n\nx = paddle.concat([a], axis=1)   \n\n\n",
                 id="blank lines and trailing blanks"),
])  # fmt: skip
def test_bytes_around_changes_are_the_authors(before: str, after: str, translate: Translate) -> None:
    assert translate(before).text == after


@pytest.mark.parametrize("source", [
    pytest.param("", id="an empty file"), pytest.param("\n\n", id="blank lines"), pytest.param("x = 1", id="one line"),
    pytest.param("'torch'\x0c\n", id="a form feed"), pytest.param("# torch\r\n", id="a comment"),
    pytest.param("\ufeff", id="a mark alone"), pytest.param("x = 'a\u2028b'\ny = 2\n", id="odd line ends"),
])  # fmt: skip
def test_files_without_the_framework_stay_as_they_are(source: str, translate: Translate) -> None:
    translation = translate(source)
    assert (translation.text, translation.codes, translation.edits) == (source, [], ())


def test_every_output_line_knows_its_source_line(translate: Translate) -> None:
    translation = translate(
        '"""Doc."""\nimport torch\nimport torch.nn as nn\nfrom torch import optim\n\nx = torch.cat(\n    [a],\n'
        "    dim=1)\n"
        "y = torch.add(x,  # c\n              x)\nz = nn.Unknown(nn.ReLU())\n"
    )
    assert list(zip(translation.line_map, translation.text.splitlines(), strict=True)) == [
        (1, '"""Doc."""'), (2, "import paddle"), (3, "import paddle.nn as nn"), (0, "import torch"), (5, ""),
        (6, "x = paddle.concat("), (7, "    [a],"), (8, "    axis=1)"), (0, "# c"), (9, "y = x + x"),
        (11, "z = torch.nn.Unknown(nn.ReLU())"),
    ]  # fmt: skip


def test_edits_say_where_they_were_and_where_they_went(translate: Translate) -> None:
    translation = translate(
        "from torch.nn import init\nimport torch\n'日'; x = torch.cat(\n  [torch.relu(a)], dim=1)\n"
        "def f(y): y.permute(1)\n"
    )
    found = [
        (e.api, str(e.position), e.position.end_line, e.position.end_column, e.certainty, e.output_line)
        for e in translation.edits
    ]
    assert found == [
        ("torch.relu", "model.py:4:4", 4, 16, Certainty.CERTAIN, 2),
        ("torch.cat", "model.py:3:10", 4, 25, Certainty.CERTAIN, 2),
        ("torch.Tensor.permute", "model.py:5:11", 5, 22, Certainty.ASSUMED, 4),
    ]
    assert all(edit.rule_origin.rpartition(":")[2].isdigit() for edit in translation.edits)


def test_counts(translate: Translate) -> None:
    counts = translate(
        "import torch\ntorch.relu(a)\ntorch.unknown()\ntorch.ones(2, **x)\ndef f(y): y.permute(1)\n"
    ).counts
    assert (counts.sites, counts.certain, counts.assumed, counts.left) == (4, 1, 1, {"T304": 1, "T302": 1})


@pytest.mark.parametrize(("source", "line"), [
    pytest.param("import torch\ndef f(:\n", 2, id="a syntax error"),
    pytest.param("import torch\n\nreturn torch.cat([x])\n", 3, id="return outside a function"),
    pytest.param("import torch\nx = torch.cat((yield))\n", 2, id="yield outside a function"),
    pytest.param("import torch\nprint 'x'\n", 2, id="Python 2"),
    pytest.param("import torch\nx = '\n", 2, id="an open string"),
    pytest.param("import torch\n  x = 1\n", 2, id="an indent"),
    pytest.param("import torch\0\n", 1, id="a null byte"),
    pytest.param("import torch\nx = " + "(" * 500 + ")" * 500 + "\n", 2, id="too deep"),
])  # fmt: skip
def test_what_is_not_python_is_one_clear_line(source: str, line: int, rules: RuleSet) -> None:
    with pytest.raises(SourceError) as caught:
        translate_source(source, path="bad.py", rules=rules)
    assert str(caught.value).startswith(f"bad.py:{line}: ") or (line == 2 and "bad.py:1: " in str(caught.value))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "content", [b"x = 1\ny = '\xff'\n", b"\xff\xfeimport torch", b"# -*- coding: latin-1 -*-\nx = '\xe9'\n"]
)
def test_files_that_are_not_utf8_name_the_line(content: bytes, tmp_path: object) -> None:
    from pathlib import Path

    path = Path(str(tmp_path)) / "x.py"
    path.write_bytes(content)
    with pytest.raises(SourceError, match="not UTF-8") as caught:
        read_source(path)
    assert caught.value.line == content[: content.index(b"\xff" if b"\xff" in content else b"\xe9")].count(b"\n") + 1


def test_deep_nesting(translate: Translate) -> None:
    expression = "x"
    for _ in range(60):
        expression = f"torch.cat([{expression}], dim=1)"
    assert translate(f"import torch\ny = {expression}\n").text.count("paddle.concat") == 60


def test_a_long_chain(translate: Translate) -> None:
    assert translate("import torch\ny = torch.ones(2)" + ".view(2)" * 150 + "\n").text.count(".reshape([2])") == 150


def test_very_long_files(rules: RuleSet) -> None:
    block = (
        "def f{0}(x: torch.Tensor):\n    # {0}\n    y = torch.cat([x], dim=1)  # c{0}\n    return y.view(2, -1)\n\n\n"
    )
    source = "import torch\n\n\n" + "".join(block.format(i) for i in range(1500))
    translation = translate_source(source, rules=rules)
    assert translation.text.count("paddle.concat([x], axis=1)") == translation.text.count(".reshape([2, -1])") == 1500
    assert isinstance(translation, Translation)
    small = translate_source("import torch\n\n\n" + block.format(7), rules=rules)
    assert problems(small, rules) == []
    assert translation.line_map == tuple(range(1, source.count("\n") + 1))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("\\\nimport torch\n", "\\\npass\n", id="an import that goes"),
        pytest.param("if x:\n    y = 1; \\\n    import torch\n", "if x:\n    y = 1; \\\n    pass\n", id="in a block"),
        pytest.param(
            "import torch\n\\\ny = torch.add(a,  # c\n b)\n",
            "# c\n\\\ny = a + b\n",
            id="a comment that moves",
        ),
    ],
)
def test_lines_joined_by_a_backslash(before: str, after: str, translate: Translate) -> None:
    assert translate(before).text == after


def test_broken_imports_leave_the_file(rules: RuleSet, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = [Splice(0, 0, "(")], []
    monkeypatch.setattr("translator.engine.translate.import_splices", lambda *_: broken)
    source = "import torch\ny = torch.relu(x)\n"
    translation = translate_source(source, rules=rules)
    assert translation.text == source
    assert translation.codes == ["T001", "T001"]
