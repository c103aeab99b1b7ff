"""The receiver rule: a name that tensors share with others is touched on a known tensor only."""

from __future__ import annotations

import pytest

from tests.conftest import Translate

START = "import torch\nimport torch.nn as nn\n"


@pytest.mark.parametrize("source", [
    pytest.param("import numpy as np\ny = np.zeros(3).view(3)", id="a new array"),
    pytest.param("import numpy as np\ny = np.asarray(a).astype('f4').max(0).size(0)", id="what is made of arrays"),
    pytest.param("import numpy as np\nfor row in np.ones((2, 3)): row.view(3)", id="rows of an array"),
    pytest.param("import numpy as np\ny = (np.ones(3) * 2 + 1)[1:].view(3)", id="arithmetic of arrays"),
    pytest.param("import numpy\ndef f(x: numpy.ndarray): return x.view(3)", id="an annotated array"),
    pytest.param("import numpy as np\ndef f(x):\n    if isinstance(x, np.ndarray): x.view(3)", id="a checked array"),
    pytest.param("from PIL import Image\nimg = Image.open(p)\nw = img.size(0)", id="an image"),
    pytest.param("from PIL import Image\ndef f(img: Image.Image): return img.convert('L').size(0)", id="of an image"),
    pytest.param("from pathlib import Path\ny = Path('a').parent.view(3)", id="a path"),
    pytest.param("import argparse\nargs = argparse.ArgumentParser().parse_args()\ny = args.sub.view(3)",
                 id="a namespace of arguments"),
    pytest.param("import logging\nlog = logging.getLogger(__name__)\nlog.view(3)", id="a logger"),
    pytest.param("import re\nm = re.match('a', s)\ny = m.group(1).split(2)", id="a match"),
    pytest.param("import json\ncfg = json.load(f)\ny = cfg['a']['b'].view(3)", id="read from JSON"),
    pytest.param("with open(p) as f:\n    for line in f: line.split(2)", id="lines of a file"),
    pytest.param("import random\nn = random.randint(1, 2).size(0)", id="a random number"),
    pytest.param("import time\nt = time.time().max(0)", id="a time"),
    pytest.param("import os\nfor name in os.listdir(p): name.split(2)", id="names of files"),
    pytest.param("import csv\nfor row in csv.reader(f): row['a'].split(2)", id="rows of a table"),
    pytest.param("s = 'a {}'.format(1)\ns.split(2)", id="a formatted text"),
    pytest.param("s = ','.join(x)\ns.split(2)", id="a joined text"),
    pytest.param("for k, v in {'a': 'b'}.items(): v.split(2)", id="texts of a dict"),
    pytest.param("parts = name.split('.')", id="no tensor is split at a text"),
    pytest.param("parts = name.split()", id="nor without a size"),
    pytest.param("def f(n=3): return n.size(0)", id="a default that is a number"),
    pytest.param("def f(*names: str): return [n.split(2) for n in names]", id="annotated arguments"),
    pytest.param("from collections import Counter\nn = Counter(a)['a'].max(0)", id="counts"),
    pytest.param("from enum import Enum\nclass A(Enum):\n    def view(self, i): ...\nA(1).view(3)", id="an enum"),
    pytest.param("class A:\n    def __init__(self): self.name = 'a'\n    def g(self): return self.name.split(2)",
                 id="a text of an object"),
    pytest.param("from typing import Literal\ndef f(x: Literal['a', 'b']): return x.split(2)", id="a literal text"),
    pytest.param("def f(x: 'list[str]'): return x[0].split(2), x.sort(), x.copy()", id="a list"),
    pytest.param("def view(x, n): ...\nview(3, 3)", id="a function of that name"),
    pytest.param("class A:\n    cat = 3\n    def relu(self): return self.cat\nA().relu()", id="members of those names"),
    pytest.param("def f(cat, relu): return relu(cat)", id="parameters of those names"),
    pytest.param("nn2 = {'relu': 1}\ny = nn2['relu']", id="keys of those names"),
    pytest.param("s = opt.state_dict(), m.eval()", id="what reads the same whatever it is"),
])  # fmt: skip
def test_what_is_no_tensor_is_not_touched(source: str, translate: Translate) -> None:
    translation = translate(f"{START}{source}\ntorch.relu(a)\n")
    assert source in translation.text
    assert translation.codes == []


@pytest.mark.parametrize("source", [
    pytest.param("import numpy as np\ny = np.max(x).view(3)", id="what numpy passes on to a tensor's own method"),
    pytest.param("from somewhere import make\ny = make().view(3)", id="a function of another package"),
    pytest.param("import pickle\ny = pickle.load(f).view(3)", id="what was saved"),
    pytest.param("import queue\ny = q.get().view(3)", id="what was handed over"),
    pytest.param("from copy import deepcopy\ny = deepcopy(x).view(3)", id="a copy of the unknown"),
    pytest.param("from .here import Thing\ndef f(x: Thing): return x.view(3)", id="of a module not in view"),
    pytest.param("y = {'a': 1, 'b': x}['b'].view(3)", id="a value beside others"),
    pytest.param("y = [1, x][1].view(3)", id="an element beside others"),
    pytest.param("def f(x: 'torch.Tensor | str'):\n    if isinstance(x, int): pass\n    x.view(3)",
                 id="a check that decides nothing"),
    pytest.param("def f(x):\n    if not isinstance(x, str): x.view(3)", id="not a text is not yet a tensor"),
])  # fmt: skip
def test_what_may_be_a_tensor_is_left_and_reported(source: str, translate: Translate) -> None:
    translation = translate(f"{START}{source}\ntorch.relu(a)\n")
    assert ".view(3)" in translation.text
    assert [code for code in translation.codes if code != "T101"] == ["T301"]


@pytest.mark.parametrize(("source", "codes"), [
    pytest.param("def f(x: torch.Tensor):\n    x = unknown(x)\n    return x.view(3)", [], id="an annotated parameter"),
    pytest.param("y: torch.Tensor = unknown()\ny.view(3)", [], id="an annotated variable"),
    pytest.param("def f():\n    y: torch.Tensor\n    y = unknown()\n    y.view(3)", [], id="annotated before"),
    pytest.param("class A(nn.Module):\n    c: torch.Tensor\n    def __init__(self): self.c = unknown()\n"
                 "    def g(self): self.c.view(3)", [], id="an annotated attribute"),
    pytest.param("class A(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
                 "        self.register_buffer('b', unknown())\n    def g(self): self.b.view(3)", [], id="a buffer"),
    pytest.param("x.mean(dim=1)\nx.view(3)", ["T201", "T201"], id="an argument that only tensors' methods have"),
    pytest.param("x.permute(1, 0)\nx.view(3)", ["T201", "T201"], id="a method that only tensors have, before"),
    pytest.param("def f(x):\n    y = torch.flatten(x)\n    return x.view(3)", ["T201"], id="passed where tensors go"),
    pytest.param("def f(x, y):\n    z = x @ y\n    return x.view(3)", ["T201"], id="an operand of @"),
    pytest.param("def f(m=None):\n    if m is None: m = torch.relu(a)\n    m.view(3)", ["T201"], id="a stand-in"),
])  # fmt: skip
def test_what_is_a_tensor_is_translated(source: str, codes: list[str], translate: Translate) -> None:
    translation = translate(f"{START}{source}\n")
    assert ".reshape([3])" in translation.text
    assert ".view(3)" not in translation.text
    assert translation.codes == codes


@pytest.mark.parametrize("body", [
    pytest.param("if mode == 'train': pass", id="compared with a text"),
    pytest.param("for _ in range(mode): pass", id="counted to"),
    pytest.param("y = x[:mode]", id="a bound of a slice"),
    pytest.param("if mode: pass", id="a flag"),
    pytest.param("y = 1 if not mode else 2", id="a negated flag"),
    pytest.param("for k in mode.items(): pass", id="a dict"),
    pytest.param("y = mode['a']", id="by key"),
    pytest.param("y = mode(x)", id="called"),
])  # fmt: skip
def test_parameters_of_forward_that_are_no_tensors(body: str, translate: Translate) -> None:
    source = f"{START}class A(nn.Module):\n    def forward(self, x, mode):\n        {body}\n        mode.view(3)\n"
    translation = translate(source)
    assert "mode.view(3)" in translation.text
    assert "T301" in translation.codes
