"""Names that a text looks up: translated where the text can only be one of a few, else left and told."""

from __future__ import annotations

import pytest

from tests.conftest import Translate

START = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n"
IMPORTS = "import paddle\nimport paddle.nn as nn\nimport paddle.nn.functional as F\n"


def translated(source: str, translate: Translate) -> tuple[str, list[str]]:
    translation = translate(START + source)
    text = "".join(line for line in translation.text.splitlines(True) if not line.startswith(("import ", "from ")))
    return text, translation.codes


@pytest.mark.parametrize(("before", "after"), [
    pytest.param("a = getattr(F, 'relu')\n", "a = nn_functional_relu\n", id="a constant"),
    pytest.param("n = 'relu'\na = getattr(F, n)\n", "n = 'relu'\na = nn_functional_relu\n",
                 id="a constant of the module"),
    pytest.param("def f():\n    n = 'relu'\n    return getattr(F, n)(x)\n",
                 "def f():\n    n = 'relu'\n    return F.relu(x)\n", id="a constant of the function"),
    pytest.param("a = getattr(F, 'relu')(x)\n", "a = F.relu(x)\n", id="called at once"),
    pytest.param("a = getattr(torch, 'cat')([x], dim=1)\n", "a = paddle.concat([x], axis=1)\n",
                 id="its arguments are translated"),
    pytest.param("a = getattr(torch, 'float32')\n", "a = paddle.float32\n", id="a value"),
    pytest.param("a = getattr(nn, 'Identity', None)\n", "a = nn.Identity\n", id="a default that is not needed"),
    pytest.param("a = nn.__dict__['Identity']\n", "a = nn.Identity\n", id="in the module's dict"),
    pytest.param("a = vars(nn)['Identity']()\n", "a = nn.Identity()\n", id="in its vars"),
    pytest.param("a = getattr(F, 'relu' if b else 'relu')\n", "a = nn_functional_relu\n", id="the same either way"),
    pytest.param("n = getattr(nn, f'{\"Identity\"}')\n", "n = nn.Identity\n", id="an f-string of constants"),
    pytest.param("class A(getattr(nn, 'Module')):\n    pass\n", "class A(nn.Layer):\n    pass\n", id="a base"),
    pytest.param("a = isinstance(m, getattr(nn, 'Conv2d'))\n", "a = isinstance(m, nn.Conv2D)\n", id="a check"),
])  # fmt: skip
def test_one_name(before: str, after: str, translate: Translate) -> None:
    assert translated(before, translate) == (after, [])


@pytest.mark.parametrize(("before", "after", "codes"), [
    pytest.param("a = getattr(nn, 'Identity' if b else 'ReLU')()\n",
                 'a = {"Identity": nn.Identity, "ReLU": nn.ReLU}[\'Identity\' if b else \'ReLU\']()\n', [],
                 id="one or the other"),
    pytest.param("for n in ('Identity', 'ReLU'):\n    a = getattr(nn, n)()\n",
                 "for n in ('Identity', 'ReLU'):\n    a = {\"Identity\": nn.Identity, \"ReLU\": nn.ReLU}[n]()\n", [],
                 id="those of a loop"),
    pytest.param("for d in range(2, 3):\n    a = getattr(nn, f'Conv{d}d')(1, 2, 3)\n",
                 "for d in range(2, 3):\n    a = nn.Conv2D(1, 2, 3)\n", [], id="a range of one"),
    pytest.param("N = {'a': 'Identity', 'b': 'ReLU'}\na = getattr(nn, N[k])()\n",
                 "N = {'a': 'Identity', 'b': 'ReLU'}\n"
                 'a = {"Identity": nn.Identity, "ReLU": nn.ReLU}[N[k]]()\n', [], id="the values of a dict"),
    pytest.param("a = getattr(nn, 'Identity' if b else 'ReLU', None)\n",
                 'a = {"Identity": nn.Identity, "ReLU": ReLU}.get(\'Identity\' if b else \'ReLU\', None)\n', [],
                 id="with a default"),
    pytest.param("def f(n):\n    return getattr(nn, n)()\nf('Identity'); f('ReLU')\n",
                 'def f(n):\n    return {"Identity": nn.Identity, "ReLU": nn.ReLU}[n]()\n'
                 "f('Identity'); f('ReLU')\n",
                 ["T201"], id="those of the calls in view"),
    pytest.param("def f(n: 'Literal[\"Identity\", \"ReLU\"]'):\n    return getattr(nn, n)()\n",
                 "def f(n: 'Literal[\"Identity\", \"ReLU\"]'):\n"
                 '    return {"Identity": nn.Identity, "ReLU": nn.ReLU}[n]()\n', [], id="those of the annotation"),
    pytest.param("class A(nn.Module):\n    def __init__(self, act='relu'):\n        super().__init__()\n"
                 "        self.act = act\n    def forward(self, x):\n        return getattr(F, self.act)(x)\n"
                 "A(act='relu')\n",
                 "class A(nn.Layer):\n    def __init__(self, act='relu'):\n        super().__init__()\n"
                 '        self.act = act\n    def forward(self, x):\n        return {"relu": F.relu}[self.act](x)\n'
                 "A(act='relu')\n", ["T201"], id="an attribute"),
])  # fmt: skip
def test_a_few_names(before: str, after: str, codes: list[str], translate: Translate) -> None:
    assert translated(before, translate) == (after, codes)


@pytest.mark.parametrize(("source", "code"), [
    pytest.param("a = getattr(torch, name)\n", "T312", id="any name"),
    pytest.param("def f(name):\n    return getattr(nn, name)\n", "T312", id="a parameter that nothing is passed to"),
    pytest.param("def f(name='relu'):\n    return getattr(F, name)\n", "T312", id="a default may be replaced"),
    pytest.param("def f(name):\n    return getattr(F, name)\nf('relu')\nf(other)\n", "T312", id="one unknown call"),
    pytest.param("a = getattr(nn, f'Conv{d}d')\n", "T312", id="an unknown part"),
    pytest.param("a = getattr(nn, 'Conv' + d)\n", "T312", id="a sum"),
    pytest.param("a = nn.__dict__[name]\n", "T312", id="any key"),
    pytest.param("a = getattr(torch, 'unknown')\n", "T304", id="no rule"),
    pytest.param("a = getattr(torch.cuda, 'synchronize')()\n", "T305", id="known and impossible"),
    pytest.param("a = hasattr(torch, name)\n", "T312", id="a question about any name"),
])  # fmt: skip
def test_names_that_are_not_known(source: str, code: str, translate: Translate) -> None:
    text, codes = translated(source, translate)
    assert codes == [code]
    assert text.replace("torch.nn.", "nn.").replace("torch.nn,", "nn,") == source


@pytest.mark.parametrize(("before", "after"), [
    pytest.param("a = hasattr(F, 'relu')\n", 'a = hasattr(F, "relu")\n', id="of the same name"),
    pytest.param("a = hasattr(torch, 'cat')\n", 'a = hasattr(paddle, "concat")\n', id="of another name"),
    pytest.param("a = hasattr(torch, 'square_twice')\n", "a = True\n", id="an expression is always there"),
    pytest.param("a = hasattr(x, 'relu'), getattr(x, 'cat')\n", "a = hasattr(x, 'relu'), getattr(x, 'cat')\n",
                 id="of another object"),
    pytest.param("def hasattr(*a): ...\nb = hasattr(F.relu, 'relu')\n",
                 "def hasattr(*a): ...\nb = hasattr(nn_functional_relu, 'relu')\n", id="another function of that name"),
])  # fmt: skip
def test_questions(before: str, after: str, translate: Translate) -> None:
    assert translated(before, translate) == (after, [])


@pytest.mark.parametrize(("before", "after"), [
    pytest.param("a = hasattr(torch, 'unknown')\n", "a = False\n", id="a name without a rule"),
    pytest.param("a = hasattr(torch.cuda, 'synchronize')\n", "a = False\n", id="what is impossible"),
    pytest.param("a = 'unknown' in dir(torch)\n", "a = False\n", id="in the list of names"),
    pytest.param("a = 'unknown' not in torch.__dict__\n", "a = True\n", id="not in the dictionary"),
    pytest.param("a = getattr(torch, 'unknown', None) or 3\n", "a = None or 3\n", id="the default"),
])  # fmt: skip
def test_what_nothing_stands_for_is_not_there(before: str, after: str, translate: Translate) -> None:
    translation = translate(f"import torch\n{before}")
    assert (translation.text, translation.codes) == (after, ["T204"])


@pytest.mark.parametrize("source", ["'relu' in dir(torch)", "'relu' in vars(torch)", "'cat' in torch.__dict__"])
def test_what_has_a_rule_is_there(source: str, translate: Translate) -> None:
    assert translate(f"import torch\na = {source}\n").text == "a = True\n"
