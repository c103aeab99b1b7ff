"""What is seen of the values in a file, and that looking changes nothing."""

from __future__ import annotations

import builtins
import contextlib
import importlib
import io
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from translator.core import ConfigError, WorkerError
from translator.workers.instrument import LOOK, instrumented
from translator.workers.launch import Worker
from translator.workers.observation import Observer

PROGRAMS = {
    "order of evaluation": """
        def say(x): print(x); return x
        say([1, 2, 3])[say(0)] = say(5) + say(6) * say(7)
        a, (b, *c) = say(1), say((2, 3, 4))
        print(a, b, c, say(1) < say(3) < say(2) < say(9), say(0) and say(1) or say(2))
        """,
    "scopes": """
        x = [y * z for y in range(3) for z in range(y) if (last := y) > 1]
        def outer():
            n = 0
            def inner():
                nonlocal n
                n += 1
                return n
            return [inner() for _ in range(3)], (lambda k, d=n: k + d)(2)
        class Private:
            __hidden = 3
            def get(self): return self.__hidden
        print(x, last, outer(), Private().get(), {k: v for k, v in zip('ab', x)})
        """,
    "super and class cells": """
        class Base:
            def __init__(self, k): self.k = k
            @property
            def twice(self): return self.k * 2
        class Derived(Base):
            def __init__(self): super().__init__(4)
            @property
            def twice(self): return super().twice + 1
            def name(self): return __class__.__name__
        print(Derived().twice, Derived().name())
        """,
    "slices, stars, strings": """
        def f(*a, k=1, **m): return a, k, m
        s = list(range(9))
        print(f(*s[1:3], k=s[-1], **{'q': s[::2]}), f"{s[0]!r:>{s[3]}}", s[slice(*s[:2])])
        class Index:
            def __getitem__(self, i): return i
        print(Index()[1:s[2], ..., None, *s[:1]])
        """,
    "generators, async, match, del": """
        import asyncio
        def numbers():
            got = yield 1
            yield from (got, got)
        g = numbers(); next(g); print(g.send(5), list(g))
        async def later(x): return x
        async def main(): return [await later(i) async for i in aiter_()], await later(3)
        async def aiter_():
            for i in range(2): yield i
        print(asyncio.run(main()))
        match {'a': [1, 2]}:
            case {'a': [first, *rest]} if first == 1: print(first, rest)
        t = {'k': 1, 'l': 2}
        del t['k'], first
        print(t, 'first' in globals())
        """,
    "decorators, annotations, dataclasses": """
        from __future__ import annotations
        import dataclasses, functools
        @functools.lru_cache(maxsize=None)
        def cached(n: Missing) -> Missing:
            'text'
            return n
        @dataclasses.dataclass
        class Point(object, metaclass=type):
            x: Missing = dataclasses.field(default=3)
            y: int = 2
        print(cached(1), cached.__wrapped__.__doc__, Point(), Point.__annotations__)
        """,
    "frames": """
        import sys
        def where(): return sys._getframe(1).f_lineno, sys._getframe(1).f_code.co_name
        def f():
            a = 1
            return where(), sorted(locals())
        print(f(), (lambda: where())())
        """,
}


def printed(code: Any) -> str:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(code, {"__name__": "__main__"})
    return out.getvalue()


@pytest.mark.parametrize("text", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_looking_changes_nothing(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    source, places = textwrap.dedent(text), []
    monkeypatch.setattr(builtins, LOOK, lambda _, value: value, raising=False)
    wrapped = instrumented(source.encode(), "program.py", lambda place: places.append(place) or len(places))
    assert printed(wrapped) == printed(compile(source, "program.py", "exec", dont_inherit=True))
    assert len(places) > 5


def test_an_error_is_at_its_own_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builtins, LOOK, lambda _, value: value, raising=False)
    code = instrumented(
        b"def f(x):\n    y = (x\n         .real)\n    return y.nothing\nf(1)\n", "p.py", lambda place: 0
    )
    with pytest.raises(AttributeError) as raised:
        exec(code, {})
    assert [entry.lineno for entry in raised.traceback][-1] == 3  # counts from 0


class Fake:
    """Stands for a framework."""

    unobserved = (bytes,)

    def is_tensor(self, value: object) -> bool:
        return isinstance(value, complex)

    def dtype(self, value: object) -> str:
        return "complex128"


SEEN = """\
import collections
class Block: pass
def helper(v, w=None):
    return v
def f(flag):
    a = helper(Block())
    b = helper((1, 'x', [2.5]), w={'k': Block})
    c = [helper(i) for i in (1, True)]
    d = f"{helper(3)}"
    e = helper(b'bytes') if flag else never.ran
    return a, collections.OrderedDict(), c.append
"""


@pytest.fixture
def observer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Observer]:
    (tmp_path / "seen_module.py").write_text(SEEN)
    monkeypatch.syspath_prepend(str(tmp_path))
    found = Observer(Fake(), [tmp_path])  # type: ignore[arg-type]
    with found.watching():
        importlib.import_module("seen_module").f(True)
    yield found
    sys.modules.pop("seen_module")


def text_of(info: Any) -> str:
    if info is None:
        return "?"
    items = ", ".join(text_of(item) for item in info["items"])
    return (f"{info['name']}[{items}]" if items else info["name"]) + (f" @ {info['dtype']}" if info["dtype"] else "")


def seen(observer: Observer, text: str) -> set[str] | None:
    """The types at the only place where ``text`` stands; None when nothing is told."""
    (file,) = observer.facts()["files"]
    found = {}
    for facts in file["facts"]:
        line, column, _, end = facts["place"]
        found.setdefault(SEEN.splitlines()[line - 1][column:end], []).append({text_of(t) for t in facts["types"]})
    (types,) = found.get(text, [None])
    return types


@pytest.mark.parametrize(
    ("text", "types"),
    [
        pytest.param("helper(Block())", {"seen_module.Block"}, id="a class of the file"),
        pytest.param("helper((1, 'x', [2.5]), w={'k': Block})", {"tuple[int, str, list[float]]"}, id="a tuple"),
        pytest.param("helper(i)", {"int", "bool"}, id="in a comprehension, several"),
        pytest.param("collections.OrderedDict()", {"collections.OrderedDict"}, id="of the library"),
        pytest.param("flag", {"bool"}, id="a name"),
        pytest.param("w", {"None", "dict[type[seen_module.Block]]"}, id="a parameter at the entry"),
        pytest.param("helper(3)", None, id="nothing inside f-strings"),
        pytest.param("helper(b'bytes')", None, id="a class that says nothing"),
        pytest.param("c.append", None, id="a method"),
        pytest.param("never.ran", None, id="what did not run"),
    ],
)
def test_types(observer: Observer, text: str, types: set[str] | None) -> None:
    found = {"flag": (5, 6, 5, 10), "w": (3, 14, 3, 15)}
    if text in found:
        (file,) = observer.facts()["files"]
        (facts,) = [one for one in file["facts"] if tuple(one["place"]) == found[text]]
        assert {text_of(info) for info in facts["types"]} == types
    else:
        assert seen(observer, text) == types


def test_bases(observer: Observer) -> None:
    assert observer.facts()["bases"] == {"seen_module.Block": [], "collections.OrderedDict": ["dict"]}


NET = """\
import torch
from torch import nn
def make(kind, *a): return kind(*a)
class Net(nn.Module):
    def __init__(self, broken=False):
        super().__init__()
        self.broken = broken
        self.layers = {"a": make(nn.Conv2d, 3, 4, 1)}
        self.conv = self.layers["a"]
        self.gain = nn.Parameter(torch.ones(1))
    def forward(self, x):
        if self.broken:
            raise ValueError("broken")
        y = self.layers["a"](x)
        return self.gain * y, y.shape, y.size(0), y.dtype
"""


@pytest.fixture
def net(tmp_path: Path) -> Path:
    path = tmp_path / "net.py"
    path.write_text(NET)
    return path


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    import numpy as np

    from translator.workers.tensors import Tensor, write_tensors

    write_tensors(tmp_path / "inputs", {"input": Tensor("float32", np.ones((2, 3, 5, 5), np.float32))})
    return tmp_path / "inputs"


def test_a_model(net: Path, inputs: Path) -> None:
    with Worker("torch") as worker:
        found = worker.call("observe", entry=f"{net}:Net", inputs=inputs, roots=[str(net)])["observed"]
    (file,) = found["files"]
    lines = NET.splitlines()
    types = {
        lines[line - 1][column:end]: [text_of(info) for info in facts["types"]]
        for facts in file["facts"]
        for line, column, _, end in [facts["place"]]
    }
    assert types["make(nn.Conv2d, 3, 4, 1)"] == ["torch.nn.Conv2d"]
    assert types["nn.Conv2d"] == ["type[torch.nn.Conv2d]"]
    assert types['self.layers["a"](x)'] == ["torch.Tensor @ float32"]
    assert types["y.shape"] == ["torch.Size"]
    assert types["y.size(0)"] == ["int"]
    assert types["y.dtype"] == ["torch.dtype"]
    assert "self.gain" not in types, "the target may lay a parameter out otherwise"
    assert file["modules"] == ["net"]
    assert found["bases"]["net.Net"] == ["torch.nn.Module"]


def test_two_models(net: Path, inputs: Path) -> None:
    net.write_text(NET + "class Other(Net):\n    def forward(self, x):\n        return super().forward(x)[0].numel()\n")
    with Worker("torch") as worker:
        one = worker.call("observe", entry=f"{net}:Net", inputs=inputs, roots=[str(net)])["observed"]
        both = worker.call("observe", entry=f"{net}:Other", inputs=inputs, roots=[str(net)])["observed"]
    assert len(one["files"][0]["facts"]) < len(both["files"][0]["facts"])
    (file,) = both["files"]
    assert file["modules"] == ["entry_net", "net"]
    assert both["bases"]["entry_net.Other"] == ["entry_net.Net", "torch.nn.Module"]


@pytest.mark.parametrize(
    ("entry", "error", "text"),
    [
        pytest.param("Nett", ConfigError, "no `Nett` there", id="no such model"),
        pytest.param("Net(broken=True)", WorkerError, r"net\.py:13: .*ValueError: broken", id="raises"),
    ],
)
def test_refused(net: Path, inputs: Path, entry: str, error: type[Exception], text: str) -> None:
    with Worker("torch") as worker, pytest.raises(error, match=text):
        worker.call("observe", entry=f"{net}:{entry}", inputs=inputs, roots=[str(net)])
