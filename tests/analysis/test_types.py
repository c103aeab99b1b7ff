"""What is known of a receiver decides: translated on a fact, on an assumption with a note, or left with a warning."""

from __future__ import annotations

import pytest

from tests.conftest import Translate

CLASS = "import torch\nimport torch.nn as nn\n\n\nclass Net(nn.Module):\n"


def body(source: str) -> str:
    return source.replace("import torch\n", "").replace("import paddle\n", "")


@pytest.mark.parametrize("source", [
    pytest.param("n = cfg.size()", id="a configuration"), pytest.param("k = config.type('k')", id="a lookup"),
    pytest.param("y = my_obj.view(3)", id="an object"), pytest.param("y = numpy_array.max(0)", id="an array"),
])  # fmt: skip
def test_unknown_receivers_are_left_and_reported(source: str, translate: Translate) -> None:
    translation = translate(f"import torch\n{source}\ntorch.relu(x)\n")
    assert source in translation.text
    assert translation.codes == ["T301"]
    assert "cannot tell that" in translation.diagnostics[0].message


@pytest.mark.parametrize("source", [
    pytest.param("parts = 'a b'.split(2)", id="a string"), pytest.param("parts = f'{x}'.split(2)", id="an f-string"),
    pytest.param("parts = str(x).split(2)", id="a conversion to text"), pytest.param("k = [1, 2].max(0)", id="a list"),
    pytest.param("k = {}.size(0)", id="a dict"), pytest.param("def f(s: str): return s.split(2)",
                 id="an annotated string"),
    pytest.param("class C:\n    def size(self, i): ...\nC().size(0)", id="an object of this file"),
    pytest.param("class C:\n    def view(self, i): ...\ndef f(c: C): return c.view(0)",
                 id="an annotated object of this file"),
    pytest.param("for s in ['a b']:\n    s.split(2)", id="an element of a list"), pytest.param("len(x).max(0)",
                 id="a number"),
    pytest.param("x = cfg.shape", id="an attribute of anything"),
])  # fmt: skip
def test_other_objects_are_not_touched(source: str, translate: Translate) -> None:
    translation = translate(f"import torch\n{source}\ntorch.relu(x)\n")
    assert source in translation.text
    assert translation.codes == []


@pytest.mark.parametrize("source", [
    pytest.param("torch.relu(a).view(3)", id="the result of a call"),
    pytest.param("y = torch.relu(a)\ny.view(3)", id="a variable"),
    pytest.param("def f(x: torch.Tensor): x.view(3)", id="an annotation"),
    pytest.param("def f(x: 'torch.Tensor'): x.view(3)", id="a quoted annotation"),
    pytest.param("def f(x: Optional[torch.Tensor] = None): x.view(3)", id="an optional"),
    pytest.param("def f(x: torch.Tensor | None): x.view(3)", id="a union with None"),
    pytest.param("def f(x: Union[torch.Tensor, None]): x.view(3)", id="a Union"),
    pytest.param("def f(xs: list[torch.Tensor]): xs[0].view(3)", id="an element"),
    pytest.param("def f(xs: List[torch.Tensor]):\n    for x in xs: x.view(3)", id="a loop over them"),
    pytest.param("def f(xs: Dict[str, torch.Tensor]): xs['a'].view(3)", id="a value of a dict"),
    pytest.param("def f(xs: Dict[str, torch.Tensor]):\n    for k, x in xs.items(): x.view(3)", id="a loop over items"),
    pytest.param("def f(x: tuple[int, torch.Tensor]): x[1].view(3)", id="a place of a tuple"),
    pytest.param("def f(x: tuple[int, torch.Tensor]):\n    n, y = x\n    y.view(3)", id="an unpacked tuple"),
    pytest.param("def f(x: torch.Tensor): (x + 1).view(3)", id="arithmetic"),
    pytest.param("def f(x: torch.Tensor): (2 * x[0]).view(3)", id="an index"),
    pytest.param("def f(x: torch.Tensor): (-x).view(3)", id="a sign"),
    pytest.param("def f(x: torch.Tensor): (x > 0).view(3)", id="a comparison"),
    pytest.param("def f(x: torch.Tensor): (x if a else torch.relu(x)).view(3)", id="a condition"),
    pytest.param("def f(x: torch.Tensor): (y := x).view(3)", id="a walrus"),
    pytest.param("def f(x: torch.Tensor): [y.view(3) for y in x]", id="a comprehension"),
    pytest.param("def f(x: torch.Tensor):\n    for y in x: y.view(3)", id="rows"),
    pytest.param("def f(x: torch.Tensor):\n    for i, (y, z) in enumerate(zip(x, [1])): y.view(3)",
                 id="zipped and counted"),
    pytest.param("def f(x: torch.Tensor):\n    y = x\n    if a:\n        y = torch.relu(x)\n    y.view(3)",
                 id="branches that agree"),
    pytest.param("def f(x: torch.Tensor):\n    y = None\n    if a:\n        y = x\n    y.view(3)",
                 id="None on the other branch"),
    pytest.param("def f(x: torch.Tensor):\n    y = 'a'\n    if a:\n        y = x\n    else:\n        return\n"
                 "    y.view(3)",
                 id="a branch that ends"),
    pytest.param("def f(x: torch.Tensor):\n    while a:\n        y = x.view(3)\n        x = torch.relu(y)",
                 id="a loop"),
    pytest.param("def f(x: torch.Tensor):\n    try:\n        y = x\n    except E:\n        y = torch.relu(x)\n"
                 "    y.view(3)",
                 id="a try"),
    pytest.param("def f(x: torch.Tensor):\n    with a as b:\n        y = x\n    y.view(3)", id="a with"),
    pytest.param("def g(): return torch.relu(a)\ng().view(3)", id="a function of the file"),
    pytest.param("def g() -> torch.Tensor: ...\ng().view(3)", id="its stated result"),
    pytest.param("def f(x: torch.Tensor):\n    def g(): return x.view(3)\n    return g()", id="a closure"),
    pytest.param("def f(x):\n    if isinstance(x, torch.Tensor): x.view(3)", id="a check"),
    pytest.param("def f(x):\n    if a and isinstance(x, torch.Tensor) and x.view(3): pass\n"
                 "    y = x.view(3) if isinstance(x, torch.Tensor) else 0",
                 id="a check in a condition"),
    pytest.param("class A(nn.Module):\n    def __init__(self):\n        self.c = nn.Conv2d(1, 2, 3)\n"
                 "    def g(self): self.c(a).view(3)",
                 id="a layer of a class"),
    pytest.param("class A(nn.Module):\n    c: nn.Conv2d\n    def g(self): self.c(a).view(3)", id="a stated layer"),
    pytest.param("class A(nn.Module):\n    def __init__(self):\n        self.c = nn.Conv2d(1, 2, 3)\nclass B(A):\n"
                 "    def g(self): self.c(a).view(3)",
                 id="a layer of the base"),
    pytest.param("class A(nn.Module):\n    def h(self): return torch.relu(a)\n    def g(self): self.h().view(3)",
                 id="a method"),
    pytest.param("class A(nn.Module):\n    @property\n    def h(self): return torch.relu(a)\n"
                 "    def g(self): self.h.view(3)",
                 id="a property"),
    pytest.param("class A(nn.Module):\n    @staticmethod\n    def h(): return torch.relu(a)\n"
                 "    def g(self): self.h().view(3)",
                 id="a static method"),
    pytest.param("class A(nn.Module):\n    def forward(self, x: int): return torch.relu(x)\ndef g(): A()(1).view(3)",
                 id="the layer's forward"),
    pytest.param("class A(nn.Module):\n    def __init__(self):\n        self.s = nn.Sequential(nn.ReLU())\n"
                 "    def g(self): self.s(a).view(3)",
                 id="a sequence of layers"),
    pytest.param("class A(nn.Module):\n    def g(self, x: torch.Tensor):\n        self.y = x\n"
                 "    def h(self): self.y.view(3)",
                 id="an attribute"),
    pytest.param("def f(m: nn.LSTM):\n    out, (h, c) = m(a)\n    c.view(3)", id="a layer's tuple"),
    pytest.param("def f(x: torch.Tensor):\n    v, i = x.max(1)\n    v.view(3); i.view(3)", id="a method's tuple"),
    pytest.param("async def f(x: torch.Tensor): await x.view(3)", id="a coroutine's parameter"),
    pytest.param("f = lambda: torch.relu(a).view(3)", id="a lambda"),
    pytest.param("def f(x: torch.Tensor, *, y: torch.Tensor): (x @ y).view(3)", id="a keyword parameter"),
    pytest.param("match torch.relu(a):\n    case _: torch.relu(b).view(3)", id="a match"),
])  # fmt: skip
def test_known_tensors_are_translated(source: str, translate: Translate) -> None:
    translation = translate(f"import torch\nimport torch.nn as nn\n{source}\n")
    assert ".view(3)" not in translation.text
    assert ".reshape([3])" in translation.text
    assert set(translation.codes) <= {"T403"}


@pytest.mark.parametrize("source", [
    pytest.param("class A(nn.Module):\n    def forward(self, x): return x.view(3)", id="a parameter of forward"),
    pytest.param("def f(x): return x.view(3)\nf(torch.relu(a))", id="a parameter learnt from a call"),
    pytest.param("def f(*, x): return x.view(3)\nf(x=torch.relu(a))", id="by keyword"),
    pytest.param("class A(nn.Module):\n    def forward(self, x): return self.h(x)\n"
                 "    def h(self, y): return y.view(3)",
                 id="handed on"),
    pytest.param("def f(x): return x.permute(1).view(3)", id="a method that only tensors have"),
])  # fmt: skip
def test_weak_facts_are_marked(source: str, translate: Translate) -> None:
    translation = translate(f"import torch\nimport torch.nn as nn\n{source}\n")
    assert ".reshape([3])" in translation.text
    assert set(translation.codes) == {"T201"}
    assert translation.counts.assumed == translation.codes.count("T201")


@pytest.mark.parametrize("source", [
    pytest.param("def f(x: torch.Tensor, y: str):\n    z = x if a else y\n    z.view(3)", id="a condition"),
    pytest.param("def f(x: torch.Tensor):\n    y = 'a'\n    if a:\n        y = x\n    y.view(3)", id="branches"),
    pytest.param("def f(x: torch.Tensor):\n    y = 'a'\n    for i in b:\n        y = x\n    y.view(3)", id="a loop"),
    pytest.param("def f(x): x.view(3)\nf(torch.relu(a))\nf('a')", id="calls"),
    pytest.param("class A(nn.Module):\n    def __init__(self):\n        self.x = 'a'\n    def g(self):\n"
                 "        self.x = torch.relu(a)\n"
                 "    def h(self): self.x.view(3)", id="assignments"),
    pytest.param("def f(x: torch.Tensor | str): x.view(3)", id="a union"),
])  # fmt: skip
def test_facts_that_disagree_are_no_facts(source: str, translate: Translate) -> None:
    translation = translate(f"import torch\nimport torch.nn as nn\n{source}\n")
    assert ".view(3)" in translation.text
    assert translation.codes == ["T301"]


@pytest.mark.parametrize(("before", "after"), [
    pytest.param("x.size(0)", "x.shape[0]", id="an expression"), pytest.param("x.size()", "x.shape",
                 id="chosen by number"),
    pytest.param("x.size(dim=-1)", "x.shape[-1]", id="by keyword"), pytest.param("x.shape", "x.shape", id="the same"),
    pytest.param("x.view(torch.float32)", "x.view(paddle.float32)", id="chosen by type"),
    pytest.param("x.view(*x.size())", "x.reshape([*x.shape])", id="starred"),
    pytest.param("x.view(x.size())", "x.reshape(x.shape)", id="a size is a sequence"),
    pytest.param("x.view(x.size(0), -1)", "x.reshape([x.shape[0], -1])", id="nested"),
    pytest.param("x.view((2, 3))", "x.reshape((2, 3))", id="a tuple"), pytest.param("x.view([2, 3])",
                 "x.reshape([2, 3])", id="a list"),
    pytest.param("x.bool()", "x.astype('bool')", id="a constant argument"), pytest.param("x.data", "x.detach()",
                 id="an attribute"),
    pytest.param("x.mean(1, True)", "x.mean(1, True)", id="positions"), pytest.param("x.mean(dim=1)", "x.mean(axis=1)",
                 id="keywords"),
    pytest.param("x.max(1)", "(x.max(axis=1, keepdim=False), x.argmax(axis=1, keepdim=False))", id="two results"),
    pytest.param("x.max(1)[0]", "(x.max(axis=1, keepdim=False), x.argmax(axis=1, keepdim=False))[0]",
                 id="and one of them"),
    pytest.param("x.relu_()", "paddle.nn.functional.relu_(x)", id="a method that is a function"),
    pytest.param("x.type(torch.float32).view(2).permute(1, 0)",
                 "x.astype(paddle.float32).reshape([2]).transpose([1, 0])", id="a chain"),
])  # fmt: skip
def test_members_of_tensors(before: str, after: str, translate: Translate) -> None:
    translation = translate(f"import torch\ndef f(x: torch.Tensor): return {before}\n")
    assert translation.text == f"import paddle\ndef f(x: paddle.Tensor): return {after}\n"
    assert translation.codes == []


@pytest.mark.parametrize(("source", "code"), [
    pytest.param("x.unknown(3)", "T304", id="a method without a rule"), pytest.param("x.max(y)", "T310",
                 id="a type decides"),
    pytest.param("x.mean(1, dtype=torch.float32)", "T303", id="a refused argument"), pytest.param("x.view(y)", "T310",
                 id="one size or several"),
    pytest.param("f(x).max(1)", "T301", id="an unknown receiver"), pytest.param("x.mean(1, 2, 3, 4)", "T307",
                 id="too many arguments"),
    pytest.param("torch.relu(x).max(1)", "T308", id="the receiver would run twice"), pytest.param("x.mean(*y)", "T302",
                 id="starred"),
])  # fmt: skip
def test_members_that_are_left(source: str, code: str, translate: Translate) -> None:
    translation = translate(f"import torch\ndef g(x: torch.Tensor, y): return {source}\n")
    assert code in translation.codes
    assert source.rpartition("(")[0].replace("torch.relu(x)", "") in translation.text


def test_an_attribute_that_cannot_be_assigned(translate: Translate) -> None:
    translation = translate("import torch\ndef f(x: torch.Tensor):\n    x.data = 3\n    x.shape = 3\n")
    assert translation.codes == ["T311"]
    assert "x.data = 3" in translation.text


@pytest.mark.parametrize(("before", "after"), [
    pytest.param("for m in self.modules():\n            if isinstance(m, nn.Linear): m.weight.data.view(3)", "T309",
                 id="another layout is told"),
    pytest.param("for m in self.modules():\n            if isinstance(m, nn.Conv2d): m.weight.data.view(3)",
                 "m.weight.detach().reshape([3])",
                 id="a parameter of the layer that it is"),
    pytest.param("for m in self.modules():\n            if isinstance(m, (nn.Conv2d, nn.Linear)): m.bias.view(3)",
                 "m.bias.reshape([3])",
                 id="one of several layers"),
    pytest.param("for m in self.modules():\n            if isinstance(m, nn.BatchNorm2d): m.running_mean.view(3)",
                 "m._mean.reshape([3])",
                 id="a buffer by its new name"),
    pytest.param("for m in self.modules():\n            m.parameters()", "m.parameters()", id="a method of layers"),
])  # fmt: skip
def test_checks_in_loops_over_layers(before: str, after: str, translate: Translate) -> None:
    translation = translate(f"{CLASS}    def __init__(self):\n        super().__init__()\n        {before}\n")
    assert after in (translation.codes if after.startswith("T3") else translation.text)
    assert translation.codes == ([after] if after.startswith("T3") else [])


def test_layer_lists(translate: Translate) -> None:
    translation = translate(
        CLASS + "    def __init__(self):\n        super().__init__()\n"
        "        self.layers = nn.ModuleList([nn.Conv2d(1, 2, 3)])\n        self.layers.append(nn.ReLU(True))\n"
        "    def g(self, x: torch.Tensor):\n        for layer in self.layers:\n            x = layer(x)\n"
        "        return x.view(3)\n"
    )
    assert "nn.LayerList([nn.Conv2D(1, 2, 3)])" in translation.text
    assert "x.reshape([3])" in translation.text
    assert set(translation.codes) <= {"T201"}


def test_names_of_arguments_are_the_function_s_own(translate: Translate) -> None:
    translation = translate("import torch\ndef f(x, n=torch.relu(a)): return x.view(n)\nf('a', 3)\n")
    assert "x.view(n)" in translation.text


@pytest.mark.parametrize(("use", "code"), [
    pytest.param("Kind.MASK.size(0)", [], id="a member is of the enumeration"),
    pytest.param("Kind.MASK.value.size(0)", ["T301"], id="its value is not known"),
])  # fmt: skip
def test_members_of_enumerations(use: str, code: list[str], translate: Translate) -> None:
    head = "import enum\nimport torch\n\n\nclass Kind(enum.Enum):\n    MASK = torch.relu(torch.ones(2))\n\n\n"
    translation = translate(f"{head}n = {use}\n")
    assert (translation.text.splitlines()[-1], translation.codes) == (f"n = {use}", code)


@pytest.mark.parametrize(("source", "codes"), [
    pytest.param("def f(x: torch.Tensor): return x.unknown", ["T304"], id="of a tensor"),
    pytest.param("def f(m: nn.Conv2d): return m.unknown", ["T304"], id="of a layer"),
    pytest.param("def f(m: nn.Conv2d): return m.unknown(3)", ["T304"], id="a method of a layer"),
    pytest.param("def f(x: torch.Tensor):\n    x.unknown = 3\n    return x.unknown", [], id="set on it"),
    pytest.param("def f(x: torch.Tensor, y):\n    y.unknown = 3\n    return x.unknown", [], id="set on something"),
    pytest.param("def f(x: torch.Tensor):\n    setattr(x, 'unknown', 3)\n    return x.unknown", [], id="set by name"),
    pytest.param("class A(nn.Conv2d):\n    pass\ndef f(m: A): return m.unknown", [], id="of the user's class"),
    pytest.param("def f(m: nn.Module): return m.unknown", [], id="of any layer"),
    pytest.param("class A(nn.Module):\n    def forward(self, x): return x.unknown", [], id="of what may be a tensor"),
    pytest.param("def f(m: nn.ModuleList): return m.unknown", [], id="a layer in a list"),
    pytest.param("def f(x: torch.Tensor): return x.__doc__", [], id="of every object"),
])  # fmt: skip
def test_attributes_without_a_rule(source: str, codes: list[str], translate: Translate) -> None:
    translation = translate(f"import torch\nimport torch.nn as nn\n{source}\n")
    assert translation.codes == codes
    assert all("unknown" in found.message for found in translation.diagnostics)
