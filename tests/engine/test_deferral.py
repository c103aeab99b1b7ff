"""The source framework is imported where it is still needed, and not with the module, where that can be."""

from __future__ import annotations

import pytest

from tests.conftest import Translate


@pytest.mark.parametrize(("before", "after"), [
    pytest.param("import torch\ndef f(x):\n    return torch.mystery(torch.relu(x))\n",
                 "import paddle\ndef f(x):\n    import torch\n"
                 "    return torch.mystery(paddle.nn.functional.relu(x))\n", id="in front of the first statement"),
    pytest.param('import torch\ndef f(x):\n    """Doc."""\n    # why\n    return torch.mystery(x)\n',
                 'def f(x):\n    """Doc."""\n    # why\n    import torch\n    return torch.mystery(x)\n',
                 id="behind docstring and comments"),
    pytest.param("from torch import mystery as m\nclass A:\n    def f(self):\n        def g():\n"
                 "            return m()\n",
                 "class A:\n    def f(self):\n        def g():\n            from torch import mystery as m\n"
                 "            return m()\n", id="in the innermost function"),
    pytest.param("import torch\ndef f(x):\n    try:\n        a()\n        y = torch.mystery(x)\n"
                 "        torch.mystery(y)\n"
                 "    except E:\n        torch.mystery(x)\n",
                 "def f(x):\n    try:\n        a()\n        import torch\n        y = torch.mystery(x)\n"
                 "        torch.mystery(y)\n    except E:\n        import torch\n        torch.mystery(x)\n",
                 id="once in each branch that needs it"),
    pytest.param("import torch\ndef f(x):\n    if x: pass\n    elif torch.mystery(x):\n        torch.mystery(1)\n",
                 "def f(x):\n    import torch\n    if x: pass\n    elif torch.mystery(x):\n        torch.mystery(1)\n",
                 id="in front of the whole statement where a branch continues it"),
    pytest.param("import torch.nn as nn\ndef f():\n    return nn.Mystery(), nn.ReLU()\n",
                 "import paddle.nn as nn\ndef f():\n    import torch\n    return torch.nn.Mystery(), nn.ReLU()\n",
                 id="written out in full beside the target of that name"),
    pytest.param("from torch import nn as nn\ndef f():\n    return nn.Mystery(), nn.ReLU()\n",
                 "from paddle import nn as nn\ndef f():\n    import torch\n    return torch.nn.Mystery(), nn.ReLU()\n",
                 id="beside a name that is there for others"),
])  # fmt: skip
def test_moved_into_functions(before: str, after: str, translate: Translate) -> None:
    translation = translate(before)
    assert translation.text == after
    assert set(translation.codes) == {"T304"}


@pytest.mark.parametrize("source", [
    pytest.param("import torch\ndef f(x): return torch.mystery(x)\n", id="no line for it"),
    pytest.param("import torch\ndef f(x=torch.mystery):\n    return x\n", id="a default is evaluated with the module"),
    pytest.param("import torch\nX = torch.mystery(3)\n", id="the module itself"),
    pytest.param("import torch\nclass A:\n    x = torch.mystery(3)\n", id="the body of a class"),
    pytest.param("import torch\nX = torch.mystery\ndef f(x):\n    return torch.mystery(x)\n", id="both"),
])  # fmt: skip
def test_left_at_the_top(source: str, translate: Translate) -> None:
    assert translate(source).text == source
