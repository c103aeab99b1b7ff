"""Summaries and the World: where a name leads that is imported or passed on, and what a translation depends on."""

from __future__ import annotations

import ast
import pickle
from collections.abc import Mapping

import pytest

from translator.analysis.summary import ModuleSummary
from translator.analysis.world import Place, World
from translator.core import Type
from translator.engine.translate import summarize_source
from translator.ruleset.model import RuleSet

TREE = {
    "p": "from .net import Net as Model\nfrom .alex import *\nfrom . import ops\nimport numpy\n",
    "p.net": "from .ops.misc import Block\nclass Net(Block):\n    def size(self): return 3\n",
    "p.alex": "__all__ = ['alex']\ndef alex() -> int: ...\nhidden = 1\n",
    "p.ops": "from .misc import *\nfrom .loop import turn\n__version__ = '1'\n",
    "p.ops.misc": "import torch.nn as nn\nfrom torch.nn import Conv2d as Conv\nclass Block(nn.Module): ...\n"
    "_SIZES = (1, 2)\n"
    "def make(): return Block()\n",
    "p.ops.loop": "from . import turn\nfrom ..ops import *\n",
}


def world_of(tree: Mapping[str, str], rules: RuleSet) -> World:
    """The World of a tree's files by their dotted names; a module with others below it is a package."""
    packages = {name.rpartition(".")[0] for name in tree}
    return World({n: summarize_source(t, module=n, is_package=n in packages, rules=rules) for n, t in tree.items()})


@pytest.fixture(scope="module")
def world(rules: RuleSet) -> World:
    return world_of(TREE, rules)


@pytest.mark.parametrize(("name", "defined"), [
    pytest.param("p.net.Net", "p.net.Net", id="where it stands"),
    pytest.param("p.Model", "p.net.Net", id="passed on under another name"),
    pytest.param("p.ops.Block", "p.ops.misc.Block", id="through a star import"),
    pytest.param("p.net.Block", "p.ops.misc.Block", id="imported by a module"),
    pytest.param("p.ops.make", "p.ops.misc.make", id="a function"),
    pytest.param("p.ops._SIZES", "p.ops._SIZES", id="stars bring no private names"),
    pytest.param("p.hidden", "p.hidden", id="nor what is not listed"),
    pytest.param("p.alex.alex", "p.alex.alex", id="a module of its function's name"),
    pytest.param("p.ops.nn.ReLU", "torch.nn.ReLU", id="out of the tree through a star"),
    pytest.param("p.ops.misc.Conv", "torch.nn.Conv2d", id="out of the tree under another name"),
    pytest.param("p.numpy.zeros", "numpy.zeros", id="a library"),
    pytest.param("p.ops.turn", "p.ops.turn", id="a cycle"),
    pytest.param("other.name", "other.name", id="of no tree"),
])  # fmt: skip
def test_a_name_leads_to_its_definition(name: str, defined: str, world: World) -> None:
    assert world.resolve(name) == defined


def test_what_a_module_binds_goes_before_its_submodule(world: World) -> None:
    assert world.member("p", "alex") == "p.alex.alex"
    assert world.member("p", "ops") == "p.ops"
    assert world.member("p.ops", "misc") == "p.ops.misc"


@pytest.mark.parametrize(("place", "level", "module", "absolute"), [
    pytest.param(Place("p.net"), 1, "ops", "p.ops", id="beside"),
    pytest.param(Place("p.ops.misc"), 2, "net", "p.net", id="above"),
    pytest.param(Place("p.ops", is_package=True), 1, "misc", "p.ops.misc", id="below a package"),
    pytest.param(Place("p.ops", is_package=True), 2, "", "p", id="the package above"),
    pytest.param(Place("net"), 1, "ops", "ops", id="beside a file of the top folder"),
    pytest.param(Place("p.net"), 3, "ops", "...ops", id="beyond the top"),
    pytest.param(Place(), 1, "ops", ".ops", id="a file alone"),
    pytest.param(Place("p.net"), 0, "os", "os", id="not relative"),
])  # fmt: skip
def test_relative_imports(place: Place, level: int, module: str, absolute: str) -> None:
    assert place.absolute(level, module) == absolute


def test_summaries_hold_qualified_types(world: World) -> None:
    assert world.settle(world.modules["p.ops.misc"].functions["make"].returns) == Type("p.ops.misc.Block")
    found = world.class_of("p.net.Net")
    assert found is not None
    assert found.bases == ("p.ops.misc.Block",)
    assert found.methods["size"].returns == Type("int")
    assert world.value_of("p.ops.misc._SIZES") == Type("tuple", (Type("int"), Type("int")))


def test_what_only_another_module_can_tell_is_looked_up(rules: RuleSet) -> None:
    tree = {
        "a": "from b import Net, make\nclass C:\n    def __init__(self):\n        self.n = Net()\n"
        "def f(): return make()\ndef g(): return h()\ndef h(): return g()\n",
        "b": "import c\nclass Net: ...\ndef make(): return c.build()\n",
        "c": "from b import Net\nfrom a import f\ndef build(): return f() or Net()\n",
    }
    world = world_of(tree, rules)
    found = world.class_of("a.C")
    assert found is not None
    assert world.settle(found.attributes["n"]) == Type("b.Net")
    assert world.settle(world.modules["a"].functions["f"].returns) is None


def test_summaries_and_worlds_are_picklable_and_hold_no_tree(world: World) -> None:
    copy = pickle.loads(pickle.dumps(world))
    assert copy.modules == world.modules
    assert copy.resolve("p.Model") == "p.net.Net"
    assert not any(isinstance(value, ast.AST) for summary in world.modules.values() for value in fields(summary))


def fields(summary: ModuleSummary) -> list[object]:
    return [getattr(summary, name) for name in ModuleSummary.__slots__]


@pytest.mark.parametrize(("before", "after", "same"), [
    pytest.param("def f(): return 1\n", "def f():\n    x = 2\n    return x\n", True, id="a body"),
    pytest.param("def f(): return 1\n", "def f(): return 'a'\n", False, id="a result"),
    pytest.param("def f(a): ...\n", "def f(a, b): ...\n", False, id="a parameter"),
    pytest.param("class A: x = 1\n", "class A: x = 'a'\n", False, id="an attribute"),
    pytest.param("class A: ...\n", "import b\nclass A(b.B): ...\n", False, id="a base"),
    pytest.param("from b import c\n", "from b import d as c\n", False, id="an import"),
    pytest.param("x = 1\n", "x = 2  # two\n", True, id="a value of the same type"),
    pytest.param("__all__ = ['f']\n", "__all__ = ['g']\n", False, id="what is listed"),
])  # fmt: skip
def test_the_digest_is_over_what_others_can_see(before: str, after: str, *, same: bool, rules: RuleSet) -> None:
    digests = {summarize_source(text, module="m", rules=rules).digest for text in (before, after)}
    assert (len(digests) == 1) is same


def test_a_translation_depends_on_what_its_imports_lead_to(rules: RuleSet) -> None:
    tree = {"a": "from b import f\n", "b": "from c import f\n", "c": "def f(): return 1\n", "d": "x = 1\n"}
    world = world_of(tree, rules)
    assert world.uses("a") == {"b", "c"}
    changed = world_of({**tree, "c": "def f(): return ''\n"}, rules)
    other = world_of({**tree, "d": "x = ''\n"}, rules)
    taken = world_of({**tree, "d": "import a\na.f()\n"}, rules)
    assert world.fingerprint("a") != changed.fingerprint("a")
    assert world.fingerprint("a") == other.fingerprint("a")
    assert world.fingerprint("a") != taken.fingerprint("a")
