"""Type comments: read as annotations, and translated where they stand; what is no annotation stays, and is told."""

from __future__ import annotations

import pytest

from tests.conftest import Translate

HEAD = "import torch\nfrom torch import Tensor\nfrom typing import *\n"


@pytest.mark.parametrize(("before", "after"), [
    pytest.param("def f(x, n):\n    # type: (torch.Tensor, int) -> Tensor\n    return x.view(n, 3)\n",
                 "def f(x, n):\n    # type: (paddle.Tensor, int) -> Tensor\n    return x.reshape([n, 3])\n",
                 id="below the header"),
    pytest.param("def f(x):  # type: (List[torch.nn.Conv2d]) -> int\n    return 1\n",
                 "def f(x):  # type: (List[paddle.nn.Conv2D]) -> int\n    return 1\n", id="behind the header"),
    pytest.param("class A:\n    def f(self, x):\n        # type: (Tensor) -> Tensor\n        return x.view(3)\n",
                 "class A:\n    def f(self, x):\n        # type: (Tensor) -> Tensor\n        return x.reshape([3])\n",
                 id="without self"),
    pytest.param("def f(self, x, *xs, k=1, **o):\n    # type: (int, int, Tensor, Tensor, Tensor) -> int\n"
                 "    xs[0].view(1), k.view(2), o['a'].view(3)\n",
                 "def f(self, x, *xs, k=1, **o):\n    # type: (int, int, Tensor, Tensor, Tensor) -> int\n"
                 "    xs[0].reshape([1]), k.reshape([2]), o['a'].reshape([3])\n", id="every kind of parameter"),
    pytest.param("def f(a,  # type: Tensor\n      b=None,  # type: Optional[List[torch.Tensor]]  # noqa\n      c=1):\n"
                 "    # type: (...) -> torch.Tensor\n    return a.view(1), b[0].view(2)\n",
                 "def f(a,  # type: Tensor\n      b=None,  # type: Optional[List[paddle.Tensor]]  # noqa\n      c=1):\n"
                 "    # type: (...) -> paddle.Tensor\n    return a.reshape([1]), b[0].reshape([2])\n",
                 id="behind each parameter"),
    pytest.param("def f(x):\n    y = g(x)  # type: torch.Tensor\n    return y.view(3)\n",
                 "def f(x):\n    y = g(x)  # type: paddle.Tensor\n    return y.reshape([3])\n", id="behind a value"),
    pytest.param("class A(torch.nn.Module):\n    def g(self):\n        self.y = h()  # type: 'Tensor'\n"
                 "        self.y.view(3)\n",
                 "class A(paddle.nn.Layer):\n    def g(self):\n        self.y = h()  # type: 'Tensor'\n"
                 "        self.y.reshape([3])\n", id="behind an attribute, in quotes"),
    pytest.param("ü, x = 1, 2; y = g('ü')  # type: torch.Tensor\ny.view(3)\n",
                 "ü, x = 1, 2; y = g('ü')  # type: paddle.Tensor\ny.reshape([3])\n", id="behind letters of two bytes"),
])  # fmt: skip
def test_read(before: str, after: str, translate: Translate) -> None:
    translation = translate(HEAD + before)
    assert translation.text.endswith(after)
    assert [code for code in translation.codes if code != "T403"] == []


@pytest.mark.parametrize("comment", [
    pytest.param("def f(x, y):\n    # type: (torch.Tensor) -> int\n    ...\n", id="of too few parameters"),
    pytest.param("def f(x: int):\n    # type: (torch.Tensor) -> int\n    ...\n", id="beside annotations"),
    pytest.param("def f(x):\n    # type: (torch.Tensor -> int\n    ...\n", id="that is not Python"),
    pytest.param("for x in y:  # type: torch.Tensor\n    ...\n", id="of a loop"),
    pytest.param("x = y = z  # type: torch.Tensor\n", id="of two targets"),
    pytest.param("x, y = z  # type: torch.Tensor, int\n", id="of a tuple"),
    pytest.param("f(x)  # type: torch.Tensor\n", id="of nothing"),
])  # fmt: skip
def test_left(comment: str, translate: Translate) -> None:
    translation = translate(HEAD + comment)
    assert translation.text.endswith(comment)
    assert translation.codes == ["T311"]


def test_a_comment_in_a_text_is_none(translate: Translate) -> None:
    source = HEAD + 'x = """\n# type: torch.Tensor\n"""\n'
    assert translate(source).codes == []
