"""What is known of a value: one line of source, and the type of what ``reveal`` is given there."""

from __future__ import annotations

import ast

import pytest

from translator.analysis.annotations import unquote
from translator.analysis.flow import analyse
from translator.analysis.text import SourceText
from translator.analysis.walk import walk
from translator.core import Type
from translator.ruleset.load import load_rules
from translator.ruleset.model import RuleSet

START = """import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor
from typing import Annotated, Any, Callable, Dict, Generator, Iterable, Iterator, List, Literal, NamedTuple, NewType
from typing import Optional, Protocol, Self, Sequence, Tuple, Type, TypeAlias, TypedDict, TypeVar, Union
"""
LAYER = "class A(nn.Module):\n    def __init__(self, n, layer=None):\n        super().__init__()\n"


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    """The built-in table."""
    return load_rules()


def written(fact: Type | None) -> str:
    """A type as an annotation would say it; ``?`` behind a weak fact, ``-`` for an unknown one."""
    if fact is None:
        return "-"
    inner = f"[{', '.join(map(written, fact.items))}]" if fact.items else ""
    name = {"torch.Tensor": "Tensor"}.get(fact.name, fact.name)
    return f"{name}{inner}{'?' if fact.assumed else ''}"


def revealed(source: str, rules: RuleSet) -> list[str]:
    """The types of the arguments of ``reveal`` in source order."""
    text = START + source + "\n"
    tree = ast.parse(text)
    unquote(tree, SourceText("model.py", text))
    types = analyse(tree, rules).types
    calls = [n for n in walk(tree) if isinstance(n, ast.Call) and getattr(n.func, "id", "") == "reveal"]
    return [written(types.get(call.args[0])) for call in calls]


def same(*lines: tuple[str, str]) -> list[object]:
    return [pytest.param(*line, id=line[0].replace("\n", "; ")) for line in lines]


@pytest.mark.parametrize(("source", "expected"), same(
    ("def f(x: Optional[Tensor]): reveal(x)", "Tensor"),
    ("def f(x: Union[Tensor, None]): reveal(x)", "Tensor"),
    ("def f(x: Tensor | None): reveal(x)", "Tensor"),
    ("def f(x: list[Tensor]): reveal(x[0])", "Tensor"),
    ("def f(x: List[Tensor]): reveal(x[-1])", "Tensor"),
    ("def f(x: Dict[str, Tensor]): reveal(x['a'])", "Tensor"),
    ("def f(x: Dict[str, int]):\n    for k in x: reveal(k)", "str"),
    ("def f(x: Dict[str, Tensor]):\n    for k, v in x.items(): reveal(k)", "str"),
    ("def f(x: Dict[str, Tensor]):\n    for k, v in x.items(): reveal(v)", "Tensor"),
    ("def f(x: Tuple[Tensor, ...]): reveal(x[3])", "Tensor"),
    ("def f(x: Tuple[int, Tensor]): reveal(x[1])", "Tensor"),
    ("def f(x: 'Tuple[int, Tensor]'): reveal(x[-1])", "Tensor"),
    ("def f(x: Sequence[Tensor]):\n    for y in x: reveal(y)", "Tensor"),
    ("def f(x: Iterable[Tensor]):\n    for y in x: reveal(y)", "Tensor"),
    ("def f(layer: Callable[..., nn.Module]): reveal(layer())", "torch.nn.Module"),
    ("def f(layer: Callable[[int], nn.Conv2d]): reveal(layer(3))", "torch.nn.Conv2d"),
    ("def f(g: Callable[..., Tensor]): reveal(g(1))", "Tensor"),
    ("def f(layer: Type[nn.Module]): reveal(layer())", "torch.nn.Module"),
    ("def f(layer: type[nn.Conv2d]): reveal(layer(1, 2, 3))", "torch.nn.Conv2d"),
    ("def f(layer: Optional[Callable[..., nn.Module]] = None): reveal(layer())", "torch.nn.Module"),
    ("Shape = Tuple[int, int]\ndef f(x: Shape): reveal(x)", "tuple[int, int]"),
    ("Pair: TypeAlias = 'Tuple[Tensor, Tensor]'\ndef f(x: Pair): reveal(x[0])", "Tensor"),
    ("Layers = Callable[..., nn.Module]\ndef f(x: Optional[Layers]): reveal(x())", "torch.nn.Module"),
    ("T = Tensor\ndef f(x: T): reveal(x)", "Tensor"),
    ("Id = NewType('Id', int)\ndef f(x: Id): reveal(x)", "int"),
    ("V = TypeVar('V', bound=Tensor)\ndef f(x: V): reveal(x)", "Tensor"),
    ("V = TypeVar('V', bound='nn.Module')\ndef f(x: V): reveal(x)", "torch.nn.Module"),
    ("class A(NamedTuple):\n    x: Tensor\n    n: int\ndef f(a: A): reveal(a.x)", "Tensor"),
    ("class A(NamedTuple):\n    x: Tensor\n    n: int\ndef f(a: A):\n    x, n = a\n    reveal(x)", "Tensor"),
    ("class A(NamedTuple):\n    x: Tensor\n    n: int\ndef f(a: A): reveal(a[1])", "int"),
    (("import collections\nA = collections.namedtuple('A', ['x', 'n'])\na = A(torch.relu(b), 3)\n"
     "reveal(a.x)"), "Tensor?"),
    (("from collections import namedtuple\nA = namedtuple('A', 'x n')\na = A(x=torch.relu(b), n=3)\n"
     "reveal(a.x)"), "Tensor?"),
    (("from dataclasses import dataclass\n@dataclass\nclass A:\n    x: Tensor\n    n: int = 3\n"
     "def f(a: A): reveal(a.x)"), "Tensor"),
    ("class A(TypedDict):\n    x: Tensor\n    n: int\ndef f(a: A): reveal(a['x'])", "Tensor"),
    ("class A:\n    def g(self) -> Self: ...\n    def h(self): return torch.relu(b)\nreveal(A().g().h())", "Tensor"),
    ("class A:\n    def g(self) -> 'A': ...\n    def h(self): return torch.relu(b)\nreveal(A().g().h())", "Tensor"),
    ("def f(x: Literal['a', 'b']): reveal(x)", "str"),
    ("def f(x: Literal[1, 2]): reveal(x)", "int"),
    ("class P(Protocol):\n    def g(self) -> Tensor: ...\ndef f(x: P): reveal(x.g())", "Tensor"),
    ("class A(nn.Module):\n    conv: nn.Conv2d\n    def g(self, x): reveal(self.conv)", "torch.nn.Conv2d"),
    ("def f(x: Annotated[Tensor, 'b c']): reveal(x)", "Tensor"),
    ("def f(x: Any): reveal(x)", "-"),
    ("def f(x: Union[Tensor, str]): reveal(x)", "-"),
    ("def f(*xs: Tensor): reveal(xs[0])", "Tensor"),
    ("def f(**xs: Tensor): reveal(xs['a'])", "Tensor"),
    ("def f() -> Iterator[Tensor]: ...\nfor x in f(): reveal(x)", "Tensor"),
    ("def f() -> Generator[Tensor, None, None]: ...\nfor x in f(): reveal(x)", "Tensor"),
    ("x: Tensor\nreveal(x)", "Tensor"),
    ("x: 'Tensor' = f()\nreveal(x)", "Tensor"),
    ("def f(x: Tensor):\n    x = g(x)\n    reveal(x)", "Tensor"),
    ("def f(x: Tensor):\n    x = 3\n    reveal(x)", "int"),
))  # fmt: skip
def test_annotations(source: str, expected: str, rules: RuleSet) -> None:
    assert revealed(source, rules) == [expected]


@pytest.mark.parametrize(("source", "expected"), same(
    ("def f(x: Tensor, y: Tensor):\n    a, *rest = [x, y]\n    reveal(rest)", "list[Tensor]"),
    ("def f(x: Tensor):\n    a, *rest = 1, x, x\n    reveal(rest)", "list[Tensor]"),
    ("def f(x: Tensor):\n    *rest, a = 1, 2, x\n    reveal(a)", "Tensor"),
    ("def f(x: Tensor):\n    a, (b, c) = 1, (x, 2)\n    reveal(b)", "Tensor"),
    ("def f(x: Tensor):\n    (a, b), c = (x, 1), 2\n    reveal(a)", "Tensor"),
    ("def f(x: Tensor):\n    [a, b] = x, 1\n    reveal(a)", "Tensor"),
    ("def f(x: Tensor):\n    a = b = x\n    reveal(b)", "Tensor"),
    ("def f(x: Tensor): [reveal(a) for a in x]", "Tensor"),
    ("def f(x): [reveal(a) for a in x if isinstance(a, Tensor)]", "Tensor"),
    ("def f(x): {k: reveal(a) for k, a in {'a': torch.relu(x)}.items()}", "Tensor"),
    ("def f(x: Tensor):\n    while (y := torch.relu(x)): reveal(y)", "Tensor"),
    ("def f(x: Tensor):\n    if (y := x) is not None: reveal(y)", "Tensor"),
    ("def f(x: Tensor):\n    outs = []\n    outs.append(torch.relu(x))\n    reveal(outs[-1])", "Tensor"),
    ("def f(x: Tensor):\n    outs = []\n    for i in range(3): outs.append(x)\n    reveal(outs)", "list[Tensor]"),
    ("def f(x: Tensor):\n    outs = list()\n    outs += [x]\n    reveal(outs[0])", "Tensor"),
    ("def f(x: Tensor):\n    outs = []\n    outs.extend([x])\n    reveal(outs[0])", "Tensor"),
    ("def f(x: Tensor):\n    outs = []\n    outs.insert(0, x)\n    reveal(outs[0])", "Tensor"),
    ("def f(x: Tensor):\n    outs = []\n    outs.append(x)\n    outs.append('a')\n    reveal(outs[0])", "-"),
    ("def f(x: Tensor):\n    d = {}\n    d['a'] = x\n    reveal(d['a'])", "Tensor"),
    ("def f(x: Tensor):\n    d = dict()\n    d['a'] = x\n    for v in d.values(): reveal(v)", "Tensor"),
    ("def f(x: Tensor):\n    d = dict(a=x)\n    reveal(d['a'])", "Tensor"),
    ("def f(x: Tensor):\n    d = {}\n    reveal(d.setdefault('a', x))", "Tensor"),
    ("def f(x: Tensor):\n    d = {'a': x}\n    reveal(d.get('a'))", "Tensor"),
    (("from collections import OrderedDict\ndef f(x: Tensor):\n    d = OrderedDict()\n    d['a'] = x\n    "
     "reveal(d['a'])"), "Tensor"),
    (("from collections import defaultdict\ndef f(x: Tensor):\n    d = defaultdict(list)\n    d['a'].append(x)\n"
     "    reveal(d['a'][0])"), "Tensor"),
    ("def f(x: List[Tensor]): reveal(sorted(x)[0])", "Tensor"),
    ("def f(x: List[Tensor]): reveal(list(reversed(x))[0])", "Tensor"),
    ("def f(x: List[Tensor]): reveal(next(iter(x)))", "Tensor"),
    ("def f(x: List[Tensor]): reveal(sum(x))", "Tensor"),
    ("def f(x: List[Tensor]): reveal(max(x))", "Tensor"),
    ("def f(x: List[Tensor]): reveal(x + x)", "list[Tensor]"),
    ("def f(x: List[Tensor]): reveal(x[::2])", "list[Tensor]"),
    ("def f(x: List[Tensor]): reveal(x * 2)", "list[Tensor]"),
    ("def f(x: Tensor): reveal([x] * 3)", "list[Tensor]"),
    ("def f(x: Tensor): reveal([*[x], x])", "list[Tensor]"),
    ("def f(x: Tensor): reveal((1, *(x, x)))", "tuple[int, Tensor, Tensor]"),
    ("def f(x: List[Tensor]):\n    for y in map(torch.relu, x): reveal(y)", "Tensor"),
    ("def f(x: List[Tensor]):\n    for y in map(lambda t: t + 1, x): reveal(y)", "Tensor"),
    ("def f(x: List[Tensor]):\n    for y in filter(None, x): reveal(y)", "Tensor"),
    ("def f(x: List[Tensor], y: List[int]):\n    for a, b in zip(x, y): reveal(a)", "Tensor"),
    ("def f(x: List[Tensor]):\n    for i, a in enumerate(x, 1): reveal(a)", "Tensor"),
    ("from functools import reduce\ndef f(x: List[Tensor]): reveal(reduce(lambda a, b: a + b, x))", "Tensor"),
    ("import functools, operator\ndef f(x: List[int]): reveal(functools.reduce(operator.mul, x, 1))", "int"),
    ("import itertools\ndef f(x: List[Tensor]):\n    for y in itertools.chain(x, x): reveal(y)", "Tensor"),
    (("from itertools import chain\ndef f(x: List[List[Tensor]]):\n    "
     "for y in chain.from_iterable(x): reveal(y)"), "Tensor"),
    (("from itertools import product\ndef f(x: List[Tensor], n: List[int]):\n    "
     "for a, b in product(x, n): reveal(b)"), "int"),
    ("def f(x: Tensor):\n    outs = torch.jit.annotate(List[Tensor], [])\n    reveal(outs)", "list[Tensor]"),
    ("def f(x: List[Tensor]):\n    y = x.pop()\n    reveal(y)", "Tensor"),
    ("def f(x: Tensor): reveal([y for y in [x]])", "list[Tensor]"),
    ("def f(x: Tensor): reveal(tuple(y for y in [x])[0])", "Tensor"),
    ("import copy\nm = nn.Conv2d(1, 2, 3)\nreveal(copy.deepcopy(m))", "torch.nn.Conv2d"),
    ("from copy import deepcopy\nx = torch.relu(a)\nreveal(deepcopy(x))", "Tensor"),
))  # fmt: skip
def test_containers(source: str, expected: str, rules: RuleSet) -> None:
    assert revealed(source, rules) == [expected]


@pytest.mark.parametrize(("source", "expected"), same(
    ("def f(x: Tensor): reveal(x.shape[0])", "int"),
    ("def f(x: Tensor): reveal(x.size(0))", "int"),
    ("def f(x: Tensor): reveal(x.size()[-1])", "int"),
    ("def f(x: Tensor):\n    b, c, h, w = x.shape\n    reveal(h)", "int"),
    ("def f(x: Tensor):\n    b, c, h, w = x.size()\n    reveal(h)", "int"),
    ("def f(x: Tensor):\n    b, *s = x.shape\n    reveal(s)", "list[int]"),
    ("def f(x: Tensor):\n    h, w = x.shape[-2:]\n    reveal(h)", "int"),
    ("def f(x: Tensor): reveal(x.shape[0] * x.shape[1])", "int"),
    ("def f(x: Tensor): reveal(x.shape[0] // 2)", "int"),
    ("def f(x: Tensor): reveal(x.shape[0] / 2)", "float"),
    ("def f(x: Tensor): reveal(x.shape[0] ** -0.5)", "float"),
    ("def f(x: Tensor): reveal((*x.shape[:2], 3))", "tuple[int]"),
    ("import math\ndef f(x: Tensor): reveal(math.prod(x.shape[1:]))", "int"),
    ("import math\nreveal(math.sqrt(2))", "float"),
    ("import math\nreveal(math.ceil(2.5))", "int"),
    ("import math\nreveal(math.pi)", "float"),
    ("reveal(7 % 3)", "int"), ("reveal(7 // 2.0)", "float"), ("reveal('a' % 3)", "str"), ("reveal(-1)", "int"),
    ("reveal(1 < 2)", "bool"), ("reveal(not a)", "bool"), ("reveal(len(a))", "int"), ("reveal(round(2.5))", "int"),
    ("reveal(round(2.5, 1))", "float"), ("reveal('a' + 'b')", "str"), ("reveal(abs(-2))", "int"),
    ("reveal(int(a))", "int"), ("reveal(min(1, 2))", "int"), ("reveal(max(1, 2.5))", "float"),
    ("reveal(sum([1, 2]))", "int"), ("reveal(divmod(7, 2)[0])", "int"), ("reveal([0] * 3)", "list[int]"),
    ("reveal(True and 1)", "-"), ("reveal(1 if a else 2.5)", "float"), ("reveal(1 | 2)", "int"), ("reveal(~1)", "int"),
    ("def f(x: Tensor): reveal(x if a else None)", "Tensor"),
    ("def f(x: Tensor): reveal(1 - x)", "Tensor"), ("def f(x: Tensor): reveal(x @ x)", "Tensor"),
    ("def f(x: Tensor): reveal(x > 0)", "Tensor"), ("def f(x: Tensor): reveal(~x)", "Tensor"),
    ("def f(x: Tensor): reveal(x is None)", "bool"), ("def f(x: Tensor): reveal(-x)", "Tensor"),
    ("def f(x: Tensor):\n    x += 1\n    reveal(x)", "Tensor"),
    ("def f(x: Tensor):\n    y = 0\n    for i in range(3): y += x\n    reveal(y)", "-"),
    ("def f(x: Tensor):\n    y = 0.\n    y = y + x\n    reveal(y)", "Tensor"),
    ("n = 3\ndef f(): reveal(n)", "int"), ("n = 3\ndef f():\n    global n\n    n = 4\n    reveal(n)", "int"),
    ("def f(n, dim=1): reveal(dim)", "int?"), ("def f(n, *, s='a'): reveal(s)", "str?"),
    ("class A:\n    expansion = 4\n    def g(self): reveal(self.expansion)", "int"),
    ("class A:\n    expansion = 4\nreveal(A.expansion)", "int"),
    ("reveal(f'{a}')", "str"), ("reveal(lambda: 1)", "callable[int]"),
    ("g = lambda t: torch.relu(t)\nreveal(g(a))", "Tensor"),
))  # fmt: skip
def test_values(source: str, expected: str, rules: RuleSet) -> None:
    assert revealed(source, rules) == [expected]


@pytest.mark.parametrize(("source", "expected"), same(
    ("def f(x):\n    assert isinstance(x, Tensor)\n    reveal(x)", "Tensor"),
    ("def f(x):\n    if not isinstance(x, Tensor): return\n    reveal(x)", "Tensor"),
    ("def f(x):\n    if not isinstance(x, Tensor): raise TypeError\n    reveal(x)", "Tensor"),
    ("def f(x):\n    if not isinstance(x, Tensor): x = torch.relu(x)\n    reveal(x)", "Tensor"),
    ("def f(x):\n    if torch.is_tensor(x): reveal(x)", "Tensor"),
    ("def f(x):\n    if not torch.is_tensor(x): raise TypeError\n    reveal(x)", "Tensor"),
    ("def f(x: Union[Tensor, str]):\n    if isinstance(x, str): return\n    reveal(x)", "Tensor"),
    ("def f(x: Union[Tensor, List[Tensor]]):\n    if isinstance(x, Tensor): x = [x]\n    reveal(x)", "list[Tensor]"),
    ("def f(x: Union[Tensor, List[Tensor]]):\n    y = x if isinstance(x, Tensor) else reveal(x)", "list[Tensor]"),
    ("def f(x: Union[int, Tuple[int, int]]):\n    if isinstance(x, int): x = (x, x)\n    reveal(x)", "tuple[int, int]"),
    ("def f(x):\n    if isinstance(x, Tensor) and a: reveal(x)", "Tensor"),
    ("def f(x):\n    if not isinstance(x, Tensor) or reveal(x): pass", "Tensor"),
    ("def f(x):\n    while not isinstance(x, Tensor): x = x()\n    reveal(x)", "Tensor"),
    ("def f(x):\n    if isinstance(x, (nn.Conv2d, nn.Linear)): reveal(x)", "torch.nn.Module"),
    ("def f(x):\n    if isinstance(x, (list, tuple)): pass\n    else: reveal(x)", "-"),
    ("class A:\n    __annotations__ = {'c': List[Tensor], **x, 'd': f}\n    def f(self): reveal(self.c[0])", "Tensor"),
    ("class A:\n    c = nn.ReLU()\nclass B:\n    c = nn.GELU()\ndef f(x: Union[A, B]): reveal(x.c)", "torch.nn.Module"),
    ("class A:\n    def __init__(self): self.c = 1\ndef f(x: Union[A, str]): reveal(x.c)", "-"),
    ("def f(x: nn.Module, c):\n    if isinstance(x, c): reveal(x)", "torch.nn.Module"),
    ("def f(x: Tensor):\n    if not isinstance(x, Tensor): reveal(x)", "-"),
    ("def f(x: nn.Module):\n    if not isinstance(x, nn.Linear): reveal(x)", "torch.nn.Module"),
    ("def f(x: Tensor):\n    if isinstance(x, torch.ByteTensor): reveal(x)", "Tensor"),
    ("def f(x):\n    if isinstance(x, torch.ByteTensor): reveal(x)", "Tensor"),
    ("def f(x=None):\n    if x is None: x = torch.relu(a)\n    reveal(x)", "Tensor?"),
    ("def f(x=None):\n    x = torch.relu(a) if x is None else x\n    reveal(x)", "Tensor?"),
    ("def f(x=None):\n    x = x or torch.relu(a)\n    reveal(x)", "Tensor?"),
    ("def f(x: Optional[Tensor] = None):\n    if x is not None: reveal(x)", "Tensor"),
    ("def f(x):\n    if isinstance(x.y, Tensor): reveal(x.y)", "Tensor"),
    ("def f(x):\n    match x:\n        case Tensor(): reveal(x)", "Tensor"),
    ("def f(x):\n    match x:\n        case Tensor() as y: reveal(y)", "Tensor"),
    ("def f(x: Tensor):\n    match x:\n        case y: reveal(y)", "Tensor"),
    ("def f(x: List[Tensor]):\n    match x:\n        case [a, *b]: reveal(a)", "Tensor"),
    ("def f(x: List[Tensor]):\n    match x:\n        case [a, *b]: reveal(b)", "list[Tensor]"),
    ("def f(x: Dict[str, Tensor]):\n    match x:\n        case {'a': a}: reveal(a)", "Tensor"),
    ("def f(x: Tensor):\n    y = x\n    del y\n    reveal(y)", "-"),
    ("def f(x: Tensor):\n    try: y = x\n    except E: raise\n    reveal(y)", "Tensor"),
    ("def f(x: Tensor):\n    try: y = x\n    finally: pass\n    reveal(y)", "Tensor"),
    ("def f(x: Tensor):\n    for i in a: break\n    else: y = x\n    reveal(x)", "Tensor"),
    ("def f(x: Tensor):\n    for i in a:\n        if i: x = 'a'; break\n    reveal(x)", "-"),
    ("def f(x: Tensor):\n    for i in a:\n        y = 'a'\n        continue\n        x = 'a'\n    reveal(x)", "Tensor"),
))  # fmt: skip
def test_narrowing(source: str, expected: str, rules: RuleSet) -> None:
    assert revealed(source, rules) == [expected]


@pytest.mark.parametrize(("source", "expected"), same(
    ("def g(x): return torch.relu(x)\nreveal(g(1))", "Tensor"),
    ("def g():\n    yield torch.relu(a)\nfor x in g(): reveal(x)", "Tensor"),
    ("def g():\n    yield from [torch.relu(a)]\nfor x in g(): reveal(x)", "Tensor"),
    (("from contextlib import contextmanager\n@contextmanager\ndef g():\n    yield torch.relu(a)\n"
     "with g() as x: reveal(x)"), "Tensor"),
    (("class C:\n    def __enter__(self): return torch.relu(a)\n    def __exit__(self, *e): ...\n"
     "with C() as x: reveal(x)"), "Tensor"),
    ("with open('a') as f: reveal(f.read())", "plain"),
    ("async def g(): return torch.relu(a)\nasync def f(): reveal(await g())", "Tensor"),
    ("class A:\n    @property\n    def h(self): return torch.relu(a)\nreveal(A().h)", "Tensor"),
    (("from functools import cached_property\nclass A:\n    @cached_property\n    "
     "def h(self): return torch.relu(a)\nreveal(A().h)"), "Tensor"),
    (("class A:\n    @classmethod\n    def h(cls): return cls()\n    def g(self): return torch.relu(a)\n"
     "reveal(A.h().g())"), "Tensor"),
    ("class A:\n    @staticmethod\n    def h(x): return torch.relu(x)\nreveal(A.h(1))", "Tensor"),
    ("class A:\n    def __call__(self, x): return torch.relu(x)\nreveal(A()(1))", "Tensor"),
    ("class A:\n    def __getitem__(self, i): return torch.relu(a)\nreveal(A()[0])", "Tensor"),
    ("class A:\n    def __iter__(self):\n        yield torch.relu(a)\nfor x in A(): reveal(x)", "Tensor"),
    ("class A:\n    def __len__(self): return 3\nreveal(len(A()))", "int"),
    ("def g(*xs): reveal(xs[0])\ng(torch.relu(a), torch.relu(b))", "Tensor?"),
    ("def g(**xs): reveal(xs['a'])\ng(a=torch.relu(a))", "Tensor?"),
    ("def g(x, *xs):\n    for y in xs: reveal(y)\ng(1, torch.relu(a))", "Tensor?"),
    ("def g(x, y): reveal(y)\ng(*(1, torch.relu(a)))", "Tensor?"),
    ("def f(x: Tensor):\n    def g(): reveal(x)\n    g()", "Tensor"),
    ("def f(x: Tensor):\n    def g(y): return y\n    reveal(g(x))", "Tensor?"),
    ("def f(x: Tensor):\n    g = lambda: x\n    reveal(g())", "Tensor"),
    ("def f(x: Tensor):\n    g = torch.relu\n    reveal(g(x))", "Tensor"),
    ("def f(x: Tensor):\n    g = x.flatten\n    reveal(g(1))", "-"),
    ("def g(): return torch.relu(a)\nh = g\nreveal(h())", "Tensor"),
    ("from functools import partial\nlayer = partial(nn.Conv2d, 3)\nreveal(layer(4, 5))", "torch.nn.Conv2d"),
    ("from functools import partial\ndef g(x): return torch.relu(x)\nreveal(partial(g, 3)())", "Tensor"),
    ("def g(): return torch.relu(a), 1\nx, n = g()\nreveal(x)", "Tensor"),
    ("def g():\n    if a: return torch.relu(a)\n    return None\nreveal(g())", "Tensor"),
    ("class A:\n    class B:\n        def g(self): return torch.relu(a)\nreveal(A.B().g())", "Tensor"),
    ("def f():\n    class B:\n        def g(self): return torch.relu(a)\n    reveal(B().g())", "Tensor"),
    (("class Base:\n    def g(self): return self.h()\nclass A(Base):\n    def h(self): return torch.relu(a)\n"
     "reveal(A().g())"), "-"),
))  # fmt: skip
def test_functions(source: str, expected: str, rules: RuleSet) -> None:
    assert revealed(source, rules) == [expected]


@pytest.mark.parametrize(("body", "expected"), same(
    ("self.c = nn.ModuleList([nn.Conv2d(1, 2, 3)])\n        reveal(self.c[0])", "torch.nn.Conv2d"),
    (("self.c = nn.ModuleList()\n        self.c.append(nn.Conv2d(1, 2, 3))\n        "
     "reveal(self.c[0])"), "torch.nn.Conv2d"),
    (("self.c = nn.ModuleList([nn.Conv2d(1, 2, 3) for i in range(3)])\n        "
     "for m in self.c: reveal(m)"), "torch.nn.Conv2d"),
    ("self.c = nn.ModuleList([nn.Conv2d(1, 2, 3), nn.ReLU()])\n        reveal(self.c[1])", "torch.nn.ReLU"),
    ("self.c = nn.ModuleList([nn.Conv2d(1, 2, 3), nn.ReLU()])\n        for m in self.c: reveal(m)", "torch.nn.Module"),
    ("self.c = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU())\n        reveal(self.c[0])", "torch.nn.Conv2d"),
    ("self.c = nn.Sequential(*[nn.Conv2d(1, 2, 3)])\n        reveal(self.c[0])", "torch.nn.Conv2d"),
    ("self.c = nn.ModuleDict({'a': nn.Conv2d(1, 2, 3)})\n        reveal(self.c['a'])", "torch.nn.Conv2d"),
    (("self.c = nn.ModuleDict()\n        self.c['a'] = nn.Conv2d(1, 2, 3)\n        "
     "for k, m in self.c.items(): reveal(m)"), "torch.nn.Conv2d"),
    (("self.c = nn.ModuleDict({'a': nn.Conv2d(1, 2, 3)})\n        "
     "for m in self.c.values(): reveal(m)"), "torch.nn.Conv2d"),
    (("self.c = nn.ModuleList([nn.Conv2d(1, 2, 3)])\n        "
     "for i, m in enumerate(self.c): reveal(m)"), "torch.nn.Conv2d"),
    (("self.c = nn.ModuleList([nn.Conv2d(1, 2, 3)])\n        "
     "for m, n in zip(self.c, self.c): reveal(n)"), "torch.nn.Conv2d"),
    (("layers = [nn.Conv2d(1, 2, 3)]\n        layers.append(nn.Conv2d(1, 2, 3))\n        "
     "self.c = nn.Sequential(*layers)\n        reveal(self.c[-1])"), "torch.nn.Conv2d"),
    ("self.p = nn.Parameter(torch.zeros(3))\n        reveal(self.p)", "Tensor"),
    ("self.p = nn.ParameterList([nn.Parameter(torch.zeros(3))])\n        reveal(self.p[0])", "Tensor"),
    ("self.register_buffer('b', torch.zeros(3))\n        reveal(self.b)", "Tensor"),
    ("self.register_parameter('b', None)\n        reveal(self.b)", "Tensor"),
    ("self.conv1 = nn.Conv2d(1, 2, 3)\n        reveal(getattr(self, 'conv1'))", "torch.nn.Conv2d"),
    (("self.conv1 = nn.Conv2d(1, 2, 3)\n        self.conv2 = nn.Conv2d(1, 2, 3)\n        "
     "for i in (1, 2): reveal(getattr(self, f'conv{i}'))"), "torch.nn.Conv2d"),
    ("self.conv1 = nn.Conv2d(1, 2, 3)\n        for i in range(3): reveal(getattr(self, f'conv{i}'))", "-"),
    ("setattr(self, 'c', nn.Conv2d(1, 2, 3))\n        reveal(self.c)", "torch.nn.Conv2d"),
    ("self.add_module('c', nn.Conv2d(1, 2, 3))\n        reveal(self.c)", "torch.nn.Conv2d"),
    ("self.c = nn.Conv2d(1, 2, 3) if n else nn.Identity()\n        reveal(self.c)", "torch.nn.Module"),
    ("self.c = None\n        if n: self.c = nn.Conv2d(1, 2, 3)\n        reveal(self.c)", "torch.nn.Conv2d"),
    ("self.act = F.relu\n        reveal(self.act(a))", "Tensor"),
    ("self.layer = layer or nn.Conv2d\n        reveal(self.layer(1, 2, 3))", "torch.nn.Module?"),
    (("self.c = self.make()\n        reveal(self.c)\n    "
     "def make(self): return nn.Sequential(nn.ReLU())"), "torch.nn.Sequential[torch.nn.ReLU]"),
))  # fmt: skip
def test_layers(body: str, expected: str, rules: RuleSet) -> None:
    assert revealed(LAYER + "        " + body, rules) == [expected]


@pytest.mark.parametrize(("source", "expected"), same(
    ("def f(x):\n    reveal(x)\n    x.permute(1, 0)", "Tensor?"),
    ("def f(x):\n    reveal(x)\n    x.reshape(3).permute(0)", "Tensor?"),
    ("def f(x):\n    reveal(x)\n    F.relu(x)", "Tensor?"),
    ("def f(x):\n    reveal(x)\n    F.relu(input=x)", "Tensor?"),
    ("def f(x, y):\n    reveal(x)\n    y @ x", "Tensor?"),
    ("def f(x):\n    reveal(x)\n    x = g(x)\n    x.permute(1, 0)", "-"),
    ("def f(x):\n    reveal(x)\n    x.permute(1, 0)\n    x.items()", "-"),
    ("def f(x):\n    reveal(x)\n    x.permute(1, 0) if x else 3", "-"),
    ("def f(x):\n    reveal(x)\n    x.size(0)", "-"),
    ("def f(x):\n    reveal(x)\n    g(x)", "-"),
    ("def f(x):\n    reveal(x)\n    def g(x): x.permute(1, 0)", "-"),
    ("def f(x='a'):\n    reveal(x)\n    x.permute(1, 0)", "str?"),
    ("def f(x: Any):\n    reveal(x)\n    x.permute(1, 0)", "-"),
    ("def f(g):\n    x = g()\n    reveal(x)\n    x.permute(1, 0)", "Tensor?"),
    ("def f(g):\n    x = g()\n    reveal(x)\n    x = g()\n    x.permute(1, 0)", "-"),
    ("def f(xs):\n    for x in xs:\n        reveal(x)\n        x.permute(1, 0)", "Tensor?"),
    ("def f(xs): return [(reveal(x), x.permute(1, 0)) for x in xs]", "Tensor?"),
    ("def f(xs): return {k: (reveal(x), x.permute(1)) for k, x in xs.items()}", "Tensor?"),
    ("def f(xs): return [(reveal(x), x.split(0)) for x in xs]", "-"),
    ("def f(x):\n    x.size(0)\n    reveal(x)", "Tensor?"),
    ("def f(x):\n    x.size(*y)\n    reveal(x)", "-"),
    ("def f(x):\n    reveal(x.size())", "-"),
    ("def f(x, n):\n    reveal(x.view(n, n, n))", "Tensor?"),
    ("def f(x, n):\n    reveal(x.view(n))", "-"),
    ("def f(x):\n    reveal(g(x).to(torch.float32))", "Tensor?"),
    ("def f(x):\n    reveal(g(x).to(x.y))", "-"),
    ("class B:\n    def view(self, n): ...\ndef f(x):\n    reveal(x.view(3))", "-"),
    ("def f(x):\n    x.permute(1, 0)\n    y = x\n    reveal(y)", "Tensor?"),
    ("class A(nn.Module):\n    def forward(self, x): reveal(x)", "Tensor?"),
    ("class A(nn.Module):\n    def forward(self, x, n=3): reveal(n)", "int?"),
    ("class A(nn.Module):\n    def forward(self, x, n=None): reveal(n)", "Tensor?"),
    ("class A(nn.Module):\n    def forward(self, x, n):\n        reveal(n)\n        if n == 'a': pass", "-"),
    ("class A(nn.Module):\n    def forward(self, x, n):\n        reveal(n)\n        x[:n]", "-"),
    ("class A(nn.Module):\n    def forward(self, x):\n        if not isinstance(x, Tensor): reveal(x)", "-"),
))  # fmt: skip
def test_uses_tell(source: str, expected: str, rules: RuleSet) -> None:
    assert revealed(source, rules) == [expected]
