"""`--suffix`: public classes and builders get another name, everywhere they are used, and nothing else does."""

from __future__ import annotations

import pytest

from tests.conftest import Translate, TranslateTree


@pytest.mark.parametrize(("before", "after"), [
    pytest.param("class A: pass\nx = A()\n", "class A_new: pass\nx = A_new()\n", id="a class and its use"),
    pytest.param("def f(): pass\ny = f\n", "def f_new(): pass\ny = f_new\n", id="a function"),
    pytest.param("class _A: pass\ndef _f(): pass\n", "class _A: pass\ndef _f(): pass\n", id="private ones keep theirs"),
    pytest.param("__all__ = ['A', \"f\"]\nclass A: pass\ndef f(): pass\nclass B: pass\n",
                 "__all__ = ['A_new', \"f_new\"]\nclass A_new: pass\ndef f_new(): pass\nclass B: pass\n"
                 "", id="only what is exported"),
    pytest.param("__all__ = ['f']\nclass A: pass\ndef f(): return A()\ndef _g(): return 3\n",
                 "__all__ = ['f_new']\nclass A: pass\ndef f_new(): return A()\ndef _g(): return 3\n"
                 "", id="classes behind a builder stay"),
    pytest.param("class A: pass\nclass B(A): pass\n", "class A_new: pass\nclass B_new(A_new): pass\n", id="as a base"),
    pytest.param("class A: pass\ndef f(x: A) -> A: return isinstance(x, A)\n",
                 "class A_new: pass\ndef f_new(x: A_new) -> A_new: return isinstance(x, A_new)\n", id="in annotations"),
    pytest.param("class A: pass\ndef f(A): return A\n", "class A_new: pass\ndef f_new(A): return A\n",
                 id="a parameter of that name"),
    pytest.param("class A:\n    def f(self): return A\n    A = 3\n",
                 "class A_new:\n    def f(self): return A_new\n    A = 3\n", id="an attribute of that name"),
    pytest.param("def f(): pass\nx.f()\ng(f=1)\n", "def f_new(): pass\nx.f()\ng(f=1)\n", id="members and keywords"),
    pytest.param("@f\ndef f(): pass\n", "@f_new\ndef f_new(): pass\n", id="a decorator"),
    pytest.param("async def f(): pass\n", "async def f_new(): pass\n", id="a coroutine"),
    pytest.param("def f(): pass\nx = 'f'  # f\n", "def f_new(): pass\nx = 'f'  # f\n",
                 id="words in strings and comments"),
    pytest.param("if a:\n    def f(): pass\nelse:\n    def f(): pass\nf()\n",
                 "if a:\n    def f_new(): pass\nelse:\n    def f_new(): pass\nf_new()\n",
                 id="one of two definitions"),
    pytest.param("import torch\nclass A(torch.nn.Module):\n"
                 "    def f(self): return super(A, self).f(torch.cat([A], dim=1))\n",
                 "import paddle\nclass A_new(paddle.nn.Layer):\n"
                 "    def f(self): return super(A_new, self).f(paddle.concat([A_new], axis=1))\n",
                 id="inside what is translated"),
])  # fmt: skip
def test_suffix(before: str, after: str, translate: Translate) -> None:
    assert translate(before, suffix="_new").text == after


TREE = {
    "p": "from .net import Net, build as make\nfrom .net import _Private\n__all__ = ['Net', 'make']\n",
    "p.net": "__all__ = ['Net', 'build']\nclass Net:\n    class Inner: ...\n"
    "def build(): return Net()\nclass _Private: ...\n",
}


@pytest.mark.parametrize(("before", "after"), [
    pytest.param("from .net import Net\nx = Net()\n", "from .net import Net_new\nx = Net_new()\n", id="an import"),
    pytest.param("from p import Net as N, make\nx = N(), make()\n",
                 "from p import Net_new as N, make\nx = N(), make()\n",
                 id="under another name"),
    pytest.param("from . import net\nx = net.Net(net.Inner), net.Net.Inner\n",
                 "from . import net\nx = net.Net_new(net.Inner), net.Net_new.Inner\n", id="a member of a module"),
    pytest.param("import p.net\nx: p.net.Net = p.Net()\n", "import p.net\nx: p.net.Net_new = p.Net_new()\n",
                 id="a member of a module in a package"),
    pytest.param("from .net import *\n__all__ = ['Net']\nx = Net()\n",
                 "from .net import *\n__all__ = ['Net_new']\nx = Net_new()\n", id="a star import"),
    pytest.param("from .net import Net, _Private\ndef _f(Net): return Net, _Private\n",
                 "from .net import Net_new, _Private\ndef _f(Net): return Net, _Private\n",
                 id="a parameter of that name"),
    pytest.param("def _f():\n    from .net import build\n    return build()\n",
                 "def _f():\n    from .net import build_new\n    return build_new()\n", id="inside a function"),
])  # fmt: skip
def test_suffix_over_files(before: str, after: str, translate_tree: TranslateTree) -> None:
    found = translate_tree({**TREE, "p.use": before}, suffix="_new")
    assert found["p.use"].text == after
    assert found["p"].text == (
        "from .net import Net_new, build_new as make\nfrom .net import _Private\n__all__ = ['Net_new', 'make']\n"
    )
