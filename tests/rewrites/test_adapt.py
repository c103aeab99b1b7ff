"""Classes and functions as values, starred arguments, classes that extend a layer."""

from __future__ import annotations

import pytest

from tests.conftest import Translate

HEAD = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n"


def lines(text: str) -> str:
    """The text below the imports."""
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith(("import ", "from paddle")))


@pytest.mark.parametrize(("before", "after"), [
    pytest.param("K = {'n': nn.BatchNorm2d}", "K = {'n': BatchNorm2d}", id="in a container"),
    pytest.param("f(partial(nn.BatchNorm2d, eps=1e-3))", "f(partial(BatchNorm2d, eps=1e-3))", id="with some arguments"),
    pytest.param("def f(norm=nn.BatchNorm2d): return norm", "def f(norm=BatchNorm2d): return norm", id="given away"),
    pytest.param("def f(norm=nn.BatchNorm2d): norm(3, eps=1)", "def f(norm=BatchNorm2d): norm(3, eps=1)",
                 id="called with arguments that are others in the target"),
    pytest.param("NORM = nn.BatchNorm2d", "NORM = BatchNorm2d", id="a name of the module, which others can import"),
    pytest.param("f(F.relu)", "f(nn_functional_relu)", id="a function"),
    pytest.param("f(nn.Identity)", "f(nn.Identity)", id="a class that takes the same needs none"),
    pytest.param("m == nn.ReLU", "m == ReLU", id="compared: adapters equal the class"),
    pytest.param("type(m) is nn.ReLU", "type(m) == ReLU", id="identity: the adapter equals the class and is another"),
    pytest.param("nn.ReLU is not m.__class__", "ReLU != m.__class__", id="identity the other way round"),
    pytest.param("type(m)is  nn.ReLU is not k", "type(m)==  ReLU != k", id="identity in a chain, with its spaces"),
    pytest.param("type(m) is nn.Identity", "type(m) is nn.Identity", id="identity of a class that takes the same"),
    pytest.param("isinstance(m, nn.ReLU)", "isinstance(m, nn.ReLU)", id="asked for: instances are of the class"),
    pytest.param("nn.Conv2d(*sizes, **options)", "Conv2d(*sizes, **options)", id="starred arguments"),
    pytest.param("torch.cat(xs,  # all\n          **options)", "cat(xs,  # all\n          **options)",
                 id="a function with starred arguments, laid out as before"),
    pytest.param("def f(xs, out=None): return torch.cat(xs, out=out)", "def f(xs, out=None): return cat(xs, out=out)",
                 id="a parameter that may be the default"),
    pytest.param("def f(xs, *, out=None): return torch.cat(xs, out=out)",
                 "def f(xs, *, out=None): return cat(xs, out=out)", id="a named one"),
])  # fmt: skip
def test_adapters(before: str, after: str, translate: Translate) -> None:
    translation = translate(f"{HEAD}{before}\n")
    assert (lines(translation.text), translation.codes) == (f"{after}\n", [])


@pytest.mark.parametrize("before", [
    pytest.param("def f(xs, out): return torch.cat(xs, out=out)", id="a parameter without a default"),
    pytest.param("def f(xs, out=0): return torch.cat(xs, out=out)", id="another default"),
    pytest.param("def f(xs, out=None): return torch.cat(xs, out=out.data)", id="another value"),
    pytest.param("def f(xs, y=None): return torch.cat(xs, out=z)", id="of another function or none"),
])  # fmt: skip
def test_what_is_refused_and_cannot_be_the_default_stays(before: str, translate: Translate) -> None:
    assert "T303" in translate(f"{HEAD}{before}\n").codes


@pytest.mark.parametrize(("before", "after"), [
    pytest.param("def f(c, norm=nn.BatchNorm2d):\n    return norm(c)\n",
                 "def f(c, norm=nn.BatchNorm2D):\n    return norm(c)\n", id="a default that is called plainly"),
    pytest.param("def f(c, norm=None):\n    if norm is None:\n        norm = nn.BatchNorm2d\n    return norm(c)\n",
                 "def f(c, norm=None):\n    if norm is None:\n        norm = nn.BatchNorm2D\n    return norm(c)\n",
                 id="a variable that may hold something else, too"),
    pytest.param("def f(c, norm=None):\n    norm = norm or nn.BatchNorm2d\n    return norm(c)\n",
                 "def f(c, norm=None):\n    norm = norm or nn.BatchNorm2D\n    return norm(c)\n", id="behind `or`"),
    pytest.param("def f(c, n): return n(c)\ndef g(c): return f(c, nn.BatchNorm2d)\n",
                 "def f(c, n): return n(c)\ndef g(c): return f(c, nn.BatchNorm2D)\n", id="through another function"),
    pytest.param("class A(nn.Module):\n    def a(self): self._n = nn.ReLU\n    def b(self): self._n()\n",
                 "class A(nn.Layer):\n    def a(self): self._n = nn.ReLU\n    def b(self): self._n()\n",
                 id="a private attribute"),
])  # fmt: skip
def test_translated_at_the_reference_when_every_use_is_in_view(before: str, after: str, translate: Translate) -> None:
    translation = translate(f"{HEAD}{before}")
    assert (lines(translation.text), translation.codes, translation.helpers) == (after, [], ())


@pytest.mark.parametrize(("before", "after", "helpers"), [
    pytest.param("class A(nn.BatchNorm2d): ...\n", "class A(BatchNorm2d): ...\n", ("BatchNorm2d",),
                 id="constructed by others with the source's arguments"),
    pytest.param("class A(nn.BatchNorm2d):\n    def __init__(self, c): super().__init__(c, eps=1e-3)\n",
                 "class A(nn.BatchNorm2D):\n    def __init__(self, c): super().__init__(c, epsilon=1e-3)\n", (),
                 id="constructs its base with arguments in view"),
    pytest.param("class A(nn.BatchNorm2d):\n    def __init__(self, **k): super().__init__(3, **k)\n",
                 "class A(BatchNorm2d):\n    def __init__(self, **k): super().__init__(3, **k)\n", ("BatchNorm2d",),
                 id="hands arguments on"),
    pytest.param("class A(nn.Sequential):\n    def __init__(self, *k):\n        super().__init__(*k)\n",
                 "class A(nn.Sequential):\n    def __init__(self, *k):\n        super().__init__(*k)\n", (),
                 id="a base that takes the same"),
    pytest.param("class A(nn.BatchNorm2d): ...\nclass B(A):\n    def __init__(self): super().__init__(3, eps=1)\n",
                 "class A(BatchNorm2d): ...\nclass B(A):\n    def __init__(self): super().__init__(3, eps=1)\n",
                 ("BatchNorm2d",), id="the constructor of an extended adapter takes the source's arguments"),
])  # fmt: skip
def test_classes_that_extend_a_layer(before: str, after: str, helpers: tuple[str, ...], translate: Translate) -> None:
    translation = translate(HEAD + before)
    assert (lines(translation.text), translation.codes, translation.helpers) == (after, [], helpers)


@pytest.mark.parametrize(("before", "code"), [
    pytest.param("f(torch.ones)", "T306", id="a rule that says more than an adapter can"),
    pytest.param("torch.ones(2, **k)", "T302", id="starred arguments of one"),
    pytest.param("class A(nn.ReLU, metaclass=M): ...", "T306", id="a class with a metaclass of its own"),
    pytest.param("class A(nn.ReLU):\n    def f(self): super().extra(1)", "T304", id="an unknown method of the base"),
])  # fmt: skip
def test_left_alone(before: str, code: str, translate: Translate) -> None:
    translation = translate(f"{HEAD}{before}\n")
    assert translation.codes == [code]


def test_an_adapter_whose_name_is_taken_gets_another(translate: Translate) -> None:
    translation = translate("from torch.nn import ReLU\nf(ReLU, ReLU())\n")
    assert translation.text == (
        "from paddle.nn import ReLU\nfrom paddle_helpers import ReLU as paddle_ReLU\nf(paddle_ReLU, ReLU())\n"
    )


def test_attributes_of_the_extended_layer_are_set_by_their_new_names(translate: Translate) -> None:
    before = "class A(nn.BatchNorm2d):\n    def f(self, x):\n        self.running_mean = x\n        self.mine = x\n"
    after = "class A(BatchNorm2d):\n    def f(self, x):\n        self._mean = x\n        self.mine = x\n"
    assert lines(translate(HEAD + before).text) == after
