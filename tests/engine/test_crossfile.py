"""Several files: what one defines or passes on is known in the others; imports between them hold."""

from __future__ import annotations

import pytest

from tests.conftest import TranslateTree

OTHER = (
    "import torch\n"
    "from torch import nn\n"
    "from typing import NamedTuple\n"
    "_SIZES = (1, 2)\n"
    "Act = nn.ReLU\n"
    "class Pair(NamedTuple):\n"
    "    x: torch.Tensor\n"
    "    n: int\n"
    "class Block(nn.Module):\n"
    "    def __init__(self, n):\n"
    "        super().__init__()\n"
    "        self.conv = nn.Conv2d(n, n, 3)\n"
    "        self.n = n\n"
    "    def forward(self, x): return self.conv(x)\n"
    "    def pair(self, x) -> Pair: ...\n"
    "    @property\n"
    "    def gain(self) -> torch.Tensor: ...\n"
    "class Deep(Block): ...\n"
    "class Config:\n"
    "    def size(self, n): return n\n"
    "def blocks(n): return nn.ModuleList([Block(n)])\n"
    "def stack(xs) -> torch.Tensor: ...\n"
)


@pytest.mark.parametrize(("before", "after"), [
    pytest.param("from .other import Block\nclass Net(Block):\n    def forward(self, x): return x.view(2)\n",
                 "from .other import Block\nclass Net(Block):\n    def forward(self, x): return x.reshape([2])\n",
                 id="a base class"),
    pytest.param("from p import other\nclass Net(other.Deep):\n    def f(self): return self.modules()\n",
                 "from p import other\nclass Net(other.Deep):\n    def f(self): return self.sublayers()\n",
                 id="a base class of a base class"),
    pytest.param("from .other import Block\ndef f(): return Block(3)(1).view(2)\n",
                 "from .other import Block\ndef f(): return Block(3)(1).reshape([2])\n", id="calling a layer"),
    pytest.param("from .other import stack\ny = stack([]).view(2)\n",
                 "from .other import stack\ny = stack([]).reshape([2])\n",
                 id="a function's result"),
    pytest.param("from .other import blocks\nfor b in blocks(3): b(1).view(2)\n",
                 "from .other import blocks\nfor b in blocks(3): b(1).reshape([2])\n", id="a list of layers"),
    pytest.param("from .other import Pair\ndef f(p: Pair): return p.x.view(2), p.n.view(2)\n",
                 "from .other import Pair\ndef f(p: Pair): return p.x.reshape([2]), p.n.view(2)\n",
                 id="an annotation of a tuple's class"),
    pytest.param("from .other import Block\ndef f(b: Block): return b.pair(1).x.view(2), b.gain.view(2), b.n.view(2)\n",
                 "from .other import Block\ndef f(b: Block): return b.pair(1).x.reshape([2]), b.gain.reshape([2]), "
                 "b.n.view(2)\n", id="methods, properties, attributes"),
    pytest.param("from .other import Block\ndef f(m):\n    if isinstance(m, Block): m.conv(1).view(2)\n",
                 "from .other import Block\ndef f(m):\n    if isinstance(m, Block): m.conv(1).reshape([2])\n",
                 id="isinstance"),
    pytest.param("from .other import Act\ny = Act()(1).view(2)\n",
                 "from .other import Act\ny = Act()(1).reshape([2])\n",
                 id="an alias of a layer"),
    pytest.param("from .other import Config\nConfig().size(2)\n", "from .other import Config\nConfig().size(2)\n",
                 id="an object of the user's"),
    pytest.param("from .other import _SIZES\nfor n in _SIZES: n.size(2)\n",
                 "from .other import _SIZES\nfor n in _SIZES: n.size(2)\n",
                 id="a constant"),
    pytest.param("from . import other as o\nclass A:\n    def __init__(self): self.b = o.Block(3)\n"
                 "    def f(self, x): return self.b(x).view(2)\n",
                 "from . import other as o\nclass A:\n    def __init__(self): self.b = o.Block(3)\n"
                 "    def f(self, x): return self.b(x).reshape([2])\n", id="an attribute"),
])  # fmt: skip
def test_what_other_files_define_is_known(before: str, after: str, translate_tree: TranslateTree) -> None:
    found = translate_tree({"p": "", "p.other": OTHER, "p.net": before})["p.net"]
    assert found.text == after
    assert set(found.codes) <= {"T201", "T301"}


@pytest.mark.parametrize(("common", "before", "after"), [
    pytest.param("from torch import nn\n", "from .common import nn\nnn.Conv2d(1, 2, 3)\n",
                 "from .common import nn\nnn.Conv2D(1, 2, 3)\n", id="a module"),
    pytest.param("from torch.nn import Conv2d as Base\n", "from .common import Base\nBase(1, 2, 3)\n",
                 "from .common import Base\nBase(1, 2, 3)\n", id="a class under another name"),
    pytest.param("from torch.nn import Conv2d\n",
                 "from .common import Conv2d as C, Conv2d\nC(1, 2, 3), Conv2d(1, 2, 3)\n",
                 "from .common import Conv2d as C, Conv2d\nC(1, 2, 3), Conv2d(1, 2, 3)\n", id="a class keeps its name"),
    pytest.param("import torch\n", "from .common import torch\ntorch.cat([1], dim=1)\n",
                 "import paddle\nfrom .common import torch\npaddle.concat([1], axis=1)\n", id="the package"),
    pytest.param("import torch.nn as nn\n", "from p import common\ncommon.nn.ReLU()\n",
                 "import paddle\nfrom p import common\npaddle.nn.ReLU()\n", id="through the module"),
    pytest.param("from torch.nn import *\n", "from .common import *\nReLU(), Conv2d(1, 2, 3)\n",
                 "from .common import *\nReLU(), Conv2d(1, 2, 3)\n", id="through two stars"),
    pytest.param("from torch import nn, Tensor\n",
                 "from .common import *\ndef f(x: Tensor): return x.view(2), nn.ReLU()\n",
                 "from .common import *\ndef f(x: Tensor): return x.reshape([2]), nn.ReLU()\n",
                 id="a type from a star"),
    pytest.param("from torch.nn import *\n", "from .common import Conv2d\nConv2d(1, 2, 3)\n",
                 "from .common import Conv2d\nConv2d(1, 2, 3)\n", id="by name from a star"),
    pytest.param("from torch import nn\n", "from .common import nn\nnn.ReLU(), nn.Unknown()\n",
                 "import torch\nfrom .common import nn\nnn.ReLU(), torch.nn.Unknown()\n",
                 id="what is left is written out"),
    pytest.param("from torch.nn.init import zeros_\n", "from .common import zeros_\nzeros_(1)\n",
                 "from paddle_helpers import zeros_\nfrom .common import zeros_\nzeros_(1)\n", id="a helper"),
])  # fmt: skip
def test_names_of_the_framework_that_other_files_pass_on(
    common: str, before: str, after: str, translate_tree: TranslateTree
) -> None:
    found = translate_tree({"p": "", "p.common": common, "p.net": before})
    assert found["p.net"].text == after
    assert set(found["p.net"].codes) <= {"T304"}
    assert found["p.common"].codes == []


@pytest.mark.parametrize(("common", "after"), [
    pytest.param("from torch import nn\n", "from paddle import nn\n", id="a module"),
    pytest.param("from torch.nn import ReLU as Conv2d\nimport torch\n", "from paddle.nn import ReLU as Conv2d\n",
                 id="only what is taken"),
    pytest.param("from torch.nn import Conv2d\n", "from paddle.nn import Conv2D as Conv2d\n", id="under its name"),
    pytest.param("from torch.nn import *\n", "from paddle.nn import Conv2D as Conv2d\n", id="from a star"),
    pytest.param("try:\n    from torch.nn import Conv2d\nexcept ImportError:\n    Conv2d = None\n",
                 "try:\n    from torch.nn import Conv2d\nexcept ImportError:\n    Conv2d = None\n",
                 id="of two meanings"),
])  # fmt: skip
def test_what_others_take_stays(common: str, after: str, translate_tree: TranslateTree) -> None:
    tree = {"p": "", "p.common": common, "p.net": "from .common import Conv2d, nn\n"}
    assert translate_tree(tree)["p.common"].text == after


def test_a_translated_package_is_not_the_frameworks(translate_tree: TranslateTree) -> None:
    """The source framework's own package can be the one that is translated."""
    tree = {
        "torchvision": "from . import ops, io\n",
        "torchvision.ops": "from .boxes import nms\n",
        "torchvision.ops.boxes": "def nms(): ...\n",
        "torchvision.net": "import torch\nimport torchvision\nfrom torchvision.ops import nms\n"
        "from .ops.boxes import nms as n\n"
        "nms(), n(), torchvision.ops.nms()\ntorchvision.io.read()\ntorch.ones(2)\n",
    }
    found = translate_tree(tree)["torchvision.net"]
    assert found.codes == ["T304"]
    assert found.text == tree["torchvision.net"].replace("import torch\n", "import paddle\n").replace(
        "torch.ones(2)", "paddle.ones([2])"
    )


def test_a_module_that_is_not_translated_along_is_reported(translate_tree: TranslateTree) -> None:
    tree = {"p": "", "p.net": "import torch\nfrom .missing import f\nfrom . import also\ntorch.ones(2)\n"}
    assert translate_tree(tree)["p.net"].codes == ["T101", "T101"]


def test_files_that_do_not_name_the_framework_are_read_for_what_they_take(translate_tree: TranslateTree) -> None:
    tree = {"p": "", "p.other": OTHER, "p.util": "from .other import stack\ny = stack([]).view(2)\ncfg.size(2)\n"}
    found = translate_tree(tree)["p.util"]
    assert (found.text, found.codes) == (tree["p.util"].replace("view(2)", "reshape([2])"), [])
