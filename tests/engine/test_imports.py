"""Imports: kept as the author wrote them, led to the target, removed when unused, added only if needed."""

from __future__ import annotations

import pytest

from tests.conftest import Translate
from translator.engine.translate import translate_source
from translator.ruleset.model import RuleSet

USE = "torch.cat([x], dim=1)\n"
USED = "paddle.concat([x], axis=1)\n"


@pytest.mark.parametrize(("before", "after"), [
    pytest.param(f"import torch\n{USE}", f"import paddle\n{USED}", id="a package"),
    pytest.param("import torch as t\nt.cat([x])\n", "import paddle as t\nt.concat([x])\n", id="under another name"),
    pytest.param("import torch.nn as nn\nnn.ReLU()\n", "import paddle.nn as nn\nnn.ReLU()\n", id="a module by a name"),
    pytest.param("import torch.nn\ntorch.nn.ReLU()\n", "import paddle.nn\npaddle.nn.ReLU()\n",
                 id="a module by its path"),
    pytest.param("from torch import nn\nnn.ReLU()\n", "from paddle import nn\nnn.ReLU()\n",
                 id="a module from its package"),
    pytest.param("from torch import optim\nf(optim.x)\n", "from torch import optim\nf(optim.x)\n",
                 id="left with what is left"),
    pytest.param("from torch.nn import Conv2d as C\nC(1, 2, 3)\n", "from paddle.nn import Conv2D as C\nC(1, 2, 3)\n",
                 id="a class under another name"),
    pytest.param("from torch.nn import Conv2d\nConv2d(1, 2, 3)\n", "from paddle.nn import Conv2D\nConv2D(1, 2, 3)\n",
                 id="a class takes its new name"),
    pytest.param("from torch import cat, relu\ncat(x), relu(x)\n",
                 "from paddle import concat\nfrom paddle.nn.functional import relu\nconcat(x), relu(x)\n"
                 "", id="to two modules"),
    pytest.param("import torch.nn.functional as F\nfrom torch.nn import functional\nF.relu(x)\nfunctional.relu(x)\n",
                 "import paddle.nn.functional as F\nfrom paddle.nn import functional\nF.relu(x)\nfunctional.relu(x)\n",
                 id="one module by two names"),
    pytest.param("import torch.nn.functional as F\ndef f(x: F, y: 'F' = 1): F.relu(x)\n",
                 "import paddle.nn.functional as F\ndef f(x: F, y: 'F' = 1): F.relu(x)\n",
                 id="a module in an annotation says nothing"),
    pytest.param(f"import a, torch\na.b\n{USE}", f"import a, paddle\na.b\n{USED}", id="beside another package"),
    pytest.param("x = 1; import torch as t, os; t.cat([x])\n", "x = 1; import paddle as t, os; t.concat([x])\n",
                 id="between semicolons"),
    pytest.param("if a: import torch; torch.cat([x])\n", "if a: import paddle; paddle.concat([x])\n",
                 id="behind a colon"),
    pytest.param("import torch \\\n    as t\nt.cat([x])\n", "import paddle \\\n    as t\nt.concat([x])\n",
                 id="over two lines"),
    pytest.param("def f(x):\n    import torch\n    return torch.cat([x])\n",
                 "def f(x):\n    import paddle\n    return paddle.concat([x])\n", id="inside a function"),
    pytest.param("try:\n    from torch import concat as c\nexcept ImportError:\n    from torch import cat as c\n"
                 "c([x])\n",
                 "try:\n    from paddle import concat as c\nexcept ImportError:\n    from paddle import concat as c\n"
                 "c([x])\n",
                 id="two names of one API under try"),
    pytest.param(f"import os\nimport torch\nimport torch.nn as nn\n{USE}", f"import os\nimport paddle\n{USED}",
                 id="unused ones go"),
    pytest.param("from torch import nn, Tensor, cat\nnn.ReLU()\n", "from paddle import nn\nnn.ReLU()\n",
                 id="unused names go"),
    pytest.param("from torch import Tensor, cat, nn\nnn.ReLU()\n", "from paddle import nn\nnn.ReLU()\n",
                 id="from the front, too"),
    pytest.param("if x:\n    import torch\n", "if x:\n    pass\n", id="a block keeps a statement"),
    pytest.param("try:\n    import os\n    import torch\nexcept ImportError:\n    pass\n",
                 "try:\n    import os\nexcept ImportError:\n    pass\n", id="and only where it would be empty"),
    pytest.param("import torch.nn as nn\n\nx = 1\n", "\nx = 1\n", id="nothing but the line goes"),
    pytest.param("from torch.nn import Conv2d\nConv2D = 3\nConv2d(1, 2, 3)\n",
                 "import paddle\nConv2D = 3\npaddle.nn.Conv2D(1, 2, 3)\n"
                 "", id="a new name that is taken is written in full"),
    pytest.param('"""Doc."""\nfrom __future__ import annotations\ndef f():\n    from torch import relu\n'
                 '    paddle = relu(1)\n',
                 '"""Doc."""\nfrom __future__ import annotations\ndef f():\n'
                 "    from paddle.nn.functional import relu\n    paddle = relu(1)\n"
                 "", id="a local of the target's name"),
    pytest.param("#!/usr/bin/env python\nimport torch.nn.init as init\ninit.zeros_(x)\n",
                 "#!/usr/bin/env python\nfrom paddle_helpers import zeros_\nzeros_(x)\n", id="helpers are imported"),
])  # fmt: skip
def test_imports(before: str, after: str, translate: Translate) -> None:
    assert translate(before).text == after


@pytest.mark.parametrize(("before", "after"), [
    pytest.param("from torch.nn import (  # layers\n    Conv2d,  # convolution\n    # the activation\n"
                 "    ReLU,  # last\n)\n"
                 "Conv2d(1, 2, 3), ReLU()\n",
                 "from paddle.nn import (  # layers\n    Conv2D,  # convolution\n    # the activation\n"
                 "    ReLU,  # last\n)\n"
                 "Conv2D(1, 2, 3), ReLU()\n", id="kept in their places"),
    pytest.param("from torch.nn import (\n    Conv2d,  # convolution\n    Unused,\n    ReLU,\n)\n"
                 "Conv2d(1, 2, 3), ReLU()\n",
                 "from paddle.nn import (\n    Conv2D,  # convolution\n    ReLU,\n)\nConv2D(1, 2, 3), ReLU()\n",
                 id="only the unused line goes"),
    pytest.param("if a:\n    from torch.nn import (\n        Conv2d,  # convolution\n        Unused,  # old\n    )\n"
                 "Conv2d(1, 2, 3)\n",
                 "if a:\n    # old\n    from paddle.nn import (\n        Conv2D,  # convolution\n    )\n"
                 "Conv2D(1, 2, 3)\n",
                 id="the comment of an unused name moves up"),
    pytest.param("from torch.nn import (  # layers\n    Conv2d,  # convolution\n)\nx = 1\n",
                 "# layers\n# convolution\nx = 1\n",
                 id="comments of a removed statement stay"),
    pytest.param("import torch  # the framework\nx = 1\n", "# the framework\nx = 1\n",
                 id="a comment behind a removed import stays"),
    pytest.param("from torch.nn import (  # layers\n    Linear as L,  # l\n    Other\n)\nL(1, 2), Other()\n",
                 "# layers\n# l\nfrom paddle.nn import Linear as L\nfrom torch.nn import Other\nL(1, 2), Other()\n",
                 id="a statement that falls apart"),
])  # fmt: skip
def test_comments_of_imports_stay(before: str, after: str, translate: Translate) -> None:
    assert translate(before).text == after


@pytest.mark.parametrize(("before", "after"), [
    pytest.param("import torch.nn as nn\nnn.ReLU(), nn.Unknown()\n",
                 "import paddle.nn as nn\nimport torch\nnn.ReLU(), torch.nn.Unknown()\n", id="under one alias"),
    pytest.param("from torch import nn\nnn.ReLU(), nn.Unknown()\n",
                 "from paddle import nn\nimport torch\nnn.ReLU(), torch.nn.Unknown()\n", id="from its package"),
    pytest.param("import torch\ntorch.cat([x]), torch.unknown()\n",
                 "import paddle\nimport torch\npaddle.concat([x]), torch.unknown()\n", id="in one package"),
    pytest.param("import torch.nn as nn\nnn.Unknown()\n", "import torch.nn as nn\nnn.Unknown()\n",
                 id="nothing translated"),
    pytest.param("import torch\nimport torch.nn as nn\nnn.ReLU(), nn.Unknown(), torch.unknown()\n",
                 "import torch\nimport paddle.nn as nn\nnn.ReLU(), torch.nn.Unknown(), torch.unknown()\n",
                 id="the import that is needed is there"),
    pytest.param("import torch.nn as nn\nnn.ReLU(), nn.Unknown()\nfrom torch import cat\ncat([x])\n",
                 "import paddle.nn as nn\nimport torch\nnn.ReLU(), torch.nn.Unknown()\nfrom paddle import concat\n"
                 "concat([x])\n",
                 id="and stands before its use"),
    pytest.param("import torch\nimport torch.nn as nn\ntorch.relu(x), nn.ReLU(), nn.Unknown(), torch.unknown()\n",
                 "import paddle\nimport torch\nimport paddle.nn as nn\n"
                 "paddle.nn.functional.relu(x), nn.ReLU(), torch.nn.Unknown(), torch.unknown()\n", id="once"),
    pytest.param("import torch.nn as nn; nn.ReLU(), nn.Unknown()\n",
                 "import torch\nimport paddle.nn as nn; nn.ReLU(), torch.nn.Unknown()\n", id="also on a shared line"),
    pytest.param("def f():\n    import torch\n    torch.cat(x)\ndef g():\n    import torch\n    torch.unknown(x)\n",
                 "def f():\n    import paddle\n    paddle.concat(x)\ndef g():\n    import torch\n"
                 "    torch.unknown(x)\n",
                 id="each function has its own"),
])  # fmt: skip
def test_what_is_left_is_written_in_full_and_imported(before: str, after: str, translate: Translate) -> None:
    translation = translate(before)
    assert translation.text == after
    assert set(translation.codes) == {"T304"}


@pytest.mark.parametrize("source", [
    pytest.param("try:\n    import torch\nexcept ImportError:\n    torch = None\ny = torch.cat([x]) if torch else x\n",
                 id="None instead"),
    pytest.param("try:\n    from torch.a import load\nexcept ImportError:\n    from torch.b import load\nload(x)\n",
                 id="two meanings"),
    pytest.param("import torch\ndel torch\n", id="deleted"),
    pytest.param("import torch\ntorch = torch.cat\n", id="assigned"),
    pytest.param("import torch\ndef f():\n    global torch\n    torch = 3\ntorch.cat(x)\n", id="assigned elsewhere"),
])  # fmt: skip
def test_a_name_of_two_meanings_is_left_with_its_import(source: str, translate: Translate) -> None:
    translation = translate(source)
    assert translation.text == source
    assert set(translation.codes) == {"T102"}


@pytest.mark.parametrize(("before", "after"), [
    pytest.param("from torch.nn import *\nReLU(), Conv2d(1, 2, 3), LSTM(1, 2)\n",
                 "from paddle.nn import Conv2D, LSTM, ReLU\nReLU(), Conv2D(1, 2, 3), LSTM(1, 2)\n", id="layers"),
    pytest.param("from torch import *\nfrom torch.nn import *\ny = cat([ReLU()])\n",
                 "from paddle import concat\nfrom paddle.nn import ReLU\ny = concat([ReLU()])\n", id="two of them"),
    pytest.param("from torch.nn import *\nfunctional.relu(1)\n",
                 "from paddle.nn import functional\nfunctional.relu(1)\n", id="a module"),
    pytest.param("from torch.nn import *\ndef f(ReLU): return ReLU()\nlen(''), __name__\n",
                 "def f(ReLU): return ReLU()\nlen(''), __name__\n", id="what is bound otherwise is not brought"),
    pytest.param("from torch.nn import *  # all\nReLU()\n", "from paddle.nn import ReLU  # all\nReLU()\n",
                 id="a comment stays"),
    pytest.param("__all__ = ['ReLU']\nfrom torch.nn import *\n",
                 "__all__ = ['ReLU']\nfrom paddle.nn import ReLU\n", id="for others"),
])  # fmt: skip
def test_star_imports(before: str, after: str, translate: Translate) -> None:
    translation = translate(before)
    assert (translation.text, translation.codes) == (after, [])


@pytest.mark.parametrize(("before", "after", "codes"), [
    pytest.param("from torch import *\ncat([x])\n", "from torch import *\nfrom paddle import concat\nconcat([x])\n",
                 ["T103"], id="a name that may come from it"),
    pytest.param("from torch import *\ncat([1], out=2)\n", "from torch import cat\ncat([1], out=2)\n", ["T303"],
                 id="a name that is left is imported alone"),
])  # fmt: skip
def test_star_imports_that_stay(before: str, after: str, codes: list[str], translate: Translate) -> None:
    translation = translate(before)
    assert (translation.text, translation.codes) == (after, codes)


@pytest.mark.parametrize(("before", "after", "codes"), [
    pytest.param("from torch.nn import Conv2d, ReLU\n__all__ = ['Conv2d']\n",
                 "from paddle.nn import Conv2D as Conv2d\n__all__ = ['Conv2d']\n", [], id="by the name that is listed"),
    pytest.param("from torch import nn\n__all__ = ['nn']\nnn.ReLU(), nn.Unknown()\n",
                 "from paddle import nn\nimport torch\n__all__ = ['nn']\nnn.ReLU(), torch.nn.Unknown()\n", ["T304"],
                 id="a module that is used, too"),
    pytest.param("import torch\n__all__ = ['torch']\n", "import paddle as torch\n__all__ = ['torch']\n", [],
                 id="the package"),
    pytest.param("import torch\n__all__ = ['torch']\nx = torch.ones(2)\ntorch.unknown()\n",
                 "import torch\nimport paddle\n__all__ = ['torch']\nx = paddle.ones([2])\ntorch.unknown()\n",
                 ["T102", "T304"], id="the package with what is left"),
    pytest.param("from torch.nn.init import zeros_\n__all__ = ['zeros_']\n",
                 "from paddle_helpers import zeros_\n__all__ = ['zeros_']\n", [], id="a helper"),
    pytest.param("from torch import unknown\n__all__ = ['unknown']\n",
                 "from torch import unknown\n__all__ = ['unknown']\n", ["T102"], id="what has no translation"),
    pytest.param("from torch.nn import ReLU\n__all__ = []\n__all__ += ['ReLU']\n",
                 "from paddle.nn import ReLU\n__all__ = []\n__all__ += ['ReLU']\n", [], id="added to the list"),
    pytest.param("from torch.nn import ReLU as ReLU\n", "from paddle.nn import ReLU as ReLU\n", [],
                 id="imported as itself"),
])  # fmt: skip
def test_names_that_others_take_stay(before: str, after: str, codes: list[str], translate: Translate) -> None:
    translation = translate(before)
    assert (translation.text, translation.codes) == (after, codes)


def test_a_package_passes_on_what_it_does_not_use(translate: Translate) -> None:
    source = "import torch\nfrom torch.nn import Conv2d, ReLU\nfrom torch import _private\nReLU()\n"
    translation = translate(source, path="pkg/__init__.py")
    assert translation.text == "from paddle.nn import Conv2D as Conv2d, ReLU\nReLU()\n"


def test_an_import_of_the_own_package_is_reported(translate: Translate) -> None:
    translation = translate("import torch\nfrom .blocks import Block\nfrom . import ops\ntorch.cat([x])\n")
    assert translation.codes == ["T101", "T101"]
    assert "`.blocks`" in translation.diagnostics[0].message


def test_without_the_framework_relative_imports_are_nobodys_business(translate: Translate) -> None:
    assert translate("from .blocks import Block\n").codes == []


@pytest.mark.parametrize("source", [
    pytest.param("def f(torch, x):\n    return torch.cat([x])\n", id="a parameter"),
    pytest.param("torch = load()\ntorch.cat([x])\n", id="a variable"),
    pytest.param("from mine import torch\ntorch.cat([x])\n", id="another import"),
    pytest.param("from . import torch\ntorch.cat([x])\n", id="a neighbour"),
    pytest.param("class torch:\n    cat = staticmethod(sum)\ntorch.cat([x])\n", id="a class"),
    pytest.param("for torch in xs:\n    torch.cat([x])\n", id="a loop variable"),
    pytest.param("f = lambda torch: torch.cat([1])\n", id="a lambda's parameter"),
    pytest.param("ys = [torch.cat([1]) for torch in xs]\n", id="a comprehension's variable"),
    pytest.param("with a as torch:\n    torch.cat([x])\n", id="a context's value"),
    pytest.param("import torchmetrics\ntorchmetrics.cat(x)\n", id="a package whose name begins alike"),
    pytest.param("x = 'import torch'  # torch.cat\n", id="words in strings and comments"),
    pytest.param("x.torch.cat([1])\n", id="an attribute"),
    pytest.param("f(torch=1)\n", id="a keyword"),
])  # fmt: skip
def test_what_is_not_the_framework_is_not_touched(source: str, translate: Translate) -> None:
    translation = translate(source)
    assert (translation.text, translation.codes) == (source, [])


@pytest.mark.parametrize(("before", "after"), [
    pytest.param("import torch\ndef f(torch, x):\n    return torch.cat([x])\ntorch.cat([y])\n",
                 "import paddle\ndef f(torch, x):\n    return torch.cat([x])\npaddle.concat([y])\n"
                 "", id="a parameter shadows"),
    pytest.param("import torch\nys = [torch.cat([1]) for torch in torch.cat([x])]\n",
                 "import paddle\nys = [torch.cat([1]) for torch in paddle.concat([x])]\n"
                 "", id="its own container does not"),
    pytest.param("import torch\nclass A:\n    cat = torch.cat([x])\n    def f(self, cat):\n        return cat([x])\n",
                 "import paddle\nclass A:\n    cat = paddle.concat([x])\n    def f(self, cat):\n"
                 "        return cat([x])\n",
                 id="members of a class do not"),
    pytest.param("import torch\ndef f():\n    def g():\n        return torch.cat([x])\n    torch = 3\n",
                 "def f():\n    def g():\n        return torch.cat([x])\n    torch = 3\n"
                 "", id="a variable of the function around"),
])  # fmt: skip
def test_shadowing(before: str, after: str, translate: Translate) -> None:
    assert translate(before).text == after


@pytest.mark.parametrize(("before", "after"), [
    pytest.param("def split(x): ...\ndef f(x: torch.Tensor): return split(x.split(2))\n",
                 "def split(x): ...\ndef f(x: paddle.Tensor): return split(paddle_split(x, 2, 0))\n"
                 "", id="a function of that name"),
    pytest.param("def f(x: torch.Tensor, split): return x.split(split)\n",
                 "def f(x: paddle.Tensor, split): return paddle_split(x, split, 0)\n", id="a parameter of that name"),
])  # fmt: skip
def test_a_helper_whose_name_is_taken_gets_another(before: str, after: str, translate: Translate) -> None:
    translation = translate(f"import torch\n{before}")
    assert translation.text == f"import paddle\nfrom paddle_helpers import split as paddle_split\n{after}"
    assert translation.helpers == ("split",)


def test_a_helper_takes_the_place_of_the_name_it_stands_for(translate: Translate) -> None:
    translation = translate("from torch.nn.init import zeros_\nzeros_(x)\nzeros_(k=y)\n")
    assert translation.text == "from paddle_helpers import zeros_\nimport torch\nzeros_(x)\ntorch.nn.init.zeros_(k=y)\n"
    assert translation.codes == ["T307"]


@pytest.mark.parametrize("place", [".paddle_helpers", "...paddle_helpers", "pkg.paddle_helpers"])
def test_helpers_of_a_package_lie_where_the_caller_says(place: str, rules: RuleSet) -> None:
    translation = translate_source(
        "import torch\ndef f(x: torch.Tensor): return x.split(2)\n", rules=rules, helper_module=place
    )
    assert (
        translation.text
        == f"import paddle\nfrom {place} import split\ndef f(x: paddle.Tensor): return split(x, 2, 0)\n"
    )


@pytest.mark.parametrize(("before", "after"), [
    pytest.param('x = cast("torch.Tensor", y)\n', 'x = cast("paddle.Tensor", y)\n', id="cast"),
    pytest.param('x = typing.cast("nn.Conv2d", y)\n', 'x = typing.cast("nn.Conv2D", y)\n', id="cast by its module"),
    pytest.param("x = cast(nn.Linear, y)\n", "x = cast(nn.Linear, y)\n", id="cast without quotes"),
    pytest.param('T = TypeVar("T", bound="nn.Module")\n', 'T = TypeVar("T", bound="nn.Layer")\n', id="a bound"),
    pytest.param('T = TypeVar("T", "nn.Module", \'nn.Conv2d\')\n', 'T = TypeVar("T", "nn.Layer", \'nn.Conv2D\')\n',
                 id="constraints"),
    pytest.param('M = NewType("M", "nn.Module")\n', 'M = NewType("M", "nn.Layer")\n', id="a new type"),
    pytest.param('P = NamedTuple("P", [("nn", "nn.Module")])\n', 'P = NamedTuple("P", [("nn", "nn.Layer")])\n',
                 id="fields of a tuple"),
    pytest.param('Xs = Optional[List["torch.Tensor"]]\n', 'Xs = Optional[List["paddle.Tensor"]]\n', id="an alias"),
    pytest.param('X: TypeAlias = "torch.Tensor"\n', 'X: TypeAlias = "paddle.Tensor"\n', id="an alias that says so"),
    pytest.param('x = y.cast("nn.Module"), d["torch.Tensor"], f("nn.Module")\n',
                 'x = y.cast("nn.Module"), d["torch.Tensor"], f("nn.Module")\n', id="strings that are no types"),
])  # fmt: skip
def test_types_in_quotes(before: str, after: str, translate: Translate) -> None:
    head = "import torch\nfrom torch import nn\nimport typing\nfrom typing import *\nz: nn.Module = torch.ones(2)\n"
    translation = translate(head + before)
    assert translation.text.splitlines(keepends=True)[-1] == after


@pytest.mark.parametrize("before", [
    pytest.param('x: "torch." "Tensor" = f()\n', id="joined"),
    pytest.param('x = cast("torch.\\x54ensor", y)\n', id="with an escape"),
    pytest.param('def f(x: """\n    torch.Tensor\n"""): ...\n', id="over lines"),
])  # fmt: skip
def test_types_in_quotes_that_cannot_be_read_in_place(before: str, translate: Translate) -> None:
    translation = translate(f"import torch\ntorch.ones(2)\n{before}")
    assert translation.text == f"import paddle\npaddle.ones([2])\n{before}"
    assert translation.codes == ["T311"]


@pytest.mark.parametrize(("before", "after", "codes"), [
    pytest.param("try:\n    from torch.nn import ReLU as R\nexcept ImportError:\n    from torch.old import ReLU as R\n"
                 "R()\n",
                 "try:\n    from paddle.nn import ReLU as R\nexcept ImportError:\n    from paddle.nn import ReLU as R\n"
                 "R()\n", [], id="of the framework's releases"),
    pytest.param("def f():\n    try:\n        from torch.nn.functional import relu\n"
                 "    except (ImportError, OSError):\n        from mine import relu\n    return relu(1)\n",
                 "def f():\n    try:\n        from paddle.nn.functional import relu\n"
                 "    except (ImportError, OSError):\n        from mine import relu\n    return relu(1)\n", [],
                 id="of another package"),
    pytest.param("try:\n    from torch.new import relu\nexcept ImportError:\n    from torch import relu\nrelu(x)\n",
                 "try:\n    from torch.new import relu\nexcept ImportError:\n    from torch import relu\nrelu(x)\n",
                 ["T102"], id="the first is not known"),
    pytest.param("try:\n    from torch import relu\nexcept ValueError:\n    from mine import relu\nrelu(x)\n",
                 "try:\n    from torch import relu\nexcept ValueError:\n    from mine import relu\nrelu(x)\n",
                 ["T102"], id="not for a failed import"),
])  # fmt: skip
def test_imports_for_other_releases(before: str, after: str, codes: list[str], translate: Translate) -> None:
    translation = translate(before)
    assert translation.text == after
    assert sorted(set(translation.codes)) == codes


def test_the_import_of_a_class_stays_where_some_of_its_calls_are_expressions() -> None:
    source = "from torch import Tensor\ndef f(x: Tensor) -> Tensor:\n    return Tensor([1.0])\n"
    assert translate_source(source).text == (
        "from paddle import Tensor\nimport paddle\ndef f(x: Tensor) -> Tensor:\n"
        "    return paddle.to_tensor([1.0], dtype=paddle.float32)\n"
    )


def test_a_name_like_that_of_a_builtin_is_the_imported_one(translate: Translate) -> None:
    translation = translate("from torch import super\nclass A:\n    def f(self): return super().f()\n")
    assert translation.codes == ["T304"]
