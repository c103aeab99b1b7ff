"""What a run showed counts where the source says nothing, is marked as assumed, and never wins over the source."""

from __future__ import annotations

import ast
import hashlib
from typing import Any

import pytest

from translator.analysis.observed import Observations, read_observations
from translator.core import Translation
from translator.engine.translate import translate_source

HEAD = "import torch\nfrom torch import nn\n"


def info(text: str) -> dict[str, Any]:
    """A worker's record of a type: ``list[torch.Tensor]``, ``torch.Tensor @ int64``."""

    def of(node: ast.expr) -> dict[str, Any]:
        if isinstance(node, ast.Subscript):
            parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            return {"name": ast.unparse(node.value), "items": [of(part) for part in parts], "dtype": ""}
        name, _, dtype = ast.unparse(node).partition(" @ ")
        return {"name": name, "items": [], "dtype": dtype}

    return of(ast.parse(text, mode="eval").body)


def observed(source: str, types: dict[str, list[str]], bases: dict[str, list[str]] | None = None) -> Observations:
    """A record in which every expression of these texts had these types; parameters by their bare names."""
    facts = []
    for node in ast.walk(ast.parse(source)):
        text = node.arg if isinstance(node, ast.arg) else ast.unparse(node) if isinstance(node, ast.expr) else ""
        if text in types and not isinstance(getattr(node, "ctx", None), ast.Store):
            place = [node.lineno, node.col_offset, node.end_lineno, node.end_col_offset]
            facts.append({"place": place, "types": [info(t) for t in types[text]]})
    digest = hashlib.sha256(source.encode()).hexdigest()
    file = {"path": "net.py", "modules": ["pkg.net"], "digest": digest, "facts": facts}
    return read_observations({"files": [file], "bases": bases or {}})


def translate(code: str, types: dict[str, list[str]], bases: dict[str, list[str]] | None = None) -> Translation:
    source = HEAD + code
    return translate_source(source, observed=observed(source, types, bases))


def body(translation: Translation) -> str:
    return "\n".join(line for line in translation.text.splitlines() if "import" not in line)


@pytest.mark.parametrize(
    ("code", "types", "after"),
    [
        pytest.param(
            "def f(x): return x.size(0)", {"x": ["torch.Tensor"]}, "def f(x): return x.shape[0]", id="a receiver"
        ),
        pytest.param(
            "def f(c): return c['a'].view(3)",
            {"c['a']": ["torch.Tensor"]},
            "def f(c): return c['a'].reshape([3])",
            id="an element of an unknown container",
        ),
        pytest.param(
            "def f(x, n): return torch.ones(2).view(n)",
            {"n": ["int"]},
            "def f(x, n): return paddle.ones([2]).reshape([n])",
            id="an argument that decides",
        ),
        pytest.param(
            "def f(x, n): return torch.ones(2).view(n)",
            {"n": ["tuple[int, int]"]},
            "def f(x, n): return paddle.ones([2]).reshape(n)",
            id="an argument that decides otherwise",
        ),
        pytest.param(
            "def f(x, n):\n    if n:\n        return x.size(0)\n    return x.view(3)",
            {"n": ["bool"], "x": ["torch.Tensor"]},
            "def f(x, n):\n    if n:\n        return x.shape[0]\n    return x.reshape([3])",
            id="a parameter holds on the paths that did not run",
        ),
        pytest.param(
            "def f(m): return m.running_var.add(m.eps)",
            {"m": ["torch.nn.BatchNorm1d"]},
            "def f(m): return m._variance + m._epsilon",
            id="a layer of the framework",
        ),
        pytest.param(
            "def f(x): return [y.size(0) for y in x]",
            {"x": ["list[torch.Tensor]"]},
            "def f(x): return [y.shape[0] for y in x]",
            id="the elements of a list",
        ),
    ],
)
def test_known_by_observation(code: str, types: dict[str, list[str]], after: str) -> None:
    translation = translate(code, types)
    assert body(translation) == after
    assert translation.counts.assumed > 0
    assert translation.counts.left == {}
    assert all("observed" in d.message for d in translation.diagnostics if d.code == "T201")


@pytest.mark.parametrize(
    ("types", "after"),
    [
        pytest.param(["torch.Tensor @ int64"], "x.astype(y.dtype) + y", id="whole numbers meet fractions"),
        pytest.param(["torch.Tensor @ float64"], "x + y", id="fractions of some width"),
        pytest.param(["torch.Tensor @ int64", "torch.Tensor @ float32"], "x + y", id="several"),
    ],
)
def test_dtypes(types: list[str], after: str) -> None:
    code = "def f(x):\n    y = torch.rand(2)\n    return x + y"
    assert body(translate(code, {"x": types})).splitlines()[-1] == f"    return {after}"


@pytest.mark.parametrize(
    ("types", "bases"),
    [
        pytest.param({"x": ["numpy.ndarray"]}, {"numpy.ndarray": []}, id="an array"),
        pytest.param({"x": ["str"]}, {}, id="a string"),
        pytest.param({"x": ["pkg.config.Config"]}, {"pkg.config.Config": ["dict"]}, id="a configuration"),
    ],
)
def test_what_is_no_tensor_is_the_users(types: dict[str, list[str]], bases: dict[str, list[str]]) -> None:
    translation = translate("def f(x): return x.size(0), x.max(0)", types, bases)
    assert (body(translation), translation.codes) == ("def f(x): return x.size(0), x.max(0)", [])


@pytest.mark.parametrize(
    "types",
    [
        pytest.param({}, id="nothing was seen"),
        pytest.param({"x": ["torch.Tensor", "str"]}, id="executions disagree"),
        pytest.param({"x": ["None"]}, id="None alone says what is missing"),
        pytest.param({"x": ["torch.something.Odd"]}, id="a class that no rule speaks of"),
        pytest.param({"x.size": ["torch.Tensor"]}, id="another expression"),
    ],
)
def test_no_fact(types: dict[str, list[str]]) -> None:
    translation = translate("def f(x): return x.max(0)", types)
    assert (body(translation), translation.codes) == ("def f(x): return x.max(0)", ["T301"])


@pytest.mark.parametrize(
    ("types", "bases"),
    [
        pytest.param(["torch.Tensor", "None"], {}, id="or None"),
        pytest.param(["pkg.other.Sub"], {"pkg.other.Sub": ["torch.Tensor"]}, id="of a class of its own"),
    ],
)
def test_tensors_all_the_same(types: list[str], bases: dict[str, list[str]]) -> None:
    assert body(translate("def f(x): return x.size(0)", {"x": types}, bases)) == "def f(x): return x.shape[0]"


def test_a_class_of_the_file() -> None:
    code = "class Box:\n    def size(self, i): return i\ndef f(x): return x.size(0)"
    translation = translate(code, {"x": ["pkg.net.Box"]}, {"pkg.net.Box": []})
    assert (body(translation), translation.codes) == (code, [])


def test_several_kinds_of_layers_are_layers() -> None:
    seen = {"m": ["torch.nn.Conv2d", "pkg.net.Own"]}
    translation = translate("def f(m): return m.named_parameters()", seen, {"pkg.net.Own": ["torch.nn.Module"]})
    assert "`m` as `torch.nn.Module` observed" in translation.diagnostics[0].message


@pytest.mark.parametrize(
    ("code", "types", "at"),
    [
        pytest.param("def f(n: int):\n    return n", {"n": ["torch.Tensor"]}, "4:12", id="an annotation"),
        pytest.param(
            "class N(nn.Module):\n    def forward(self, y):\n        return y.size(0)",
            {"y": ["list[torch.Tensor]"]},
            "5:16",
            id="an argument of forward",
        ),
    ],
)
def test_the_source_wins(code: str, types: dict[str, list[str]], at: str) -> None:
    plain, translation = translate_source(HEAD + code), translate(code, types)
    assert translation.text == plain.text
    (note,) = [d for d in translation.diagnostics if d.code == "T202"]
    assert f"{note.position.line}:{note.position.column + 1}" == at
    assert note.severity.value == "note"


@pytest.mark.parametrize(
    ("code", "types"),
    [
        pytest.param("def f(m: nn.Module):\n    return m", {"m": ["torch.nn.Conv2d"]}, id="a class below"),
        pytest.param("def f(n: float):\n    return n", {"n": ["int"]}, id="a narrower number"),
        pytest.param("def f(n: list):\n    return n", {"n": ["tuple[int]"]}, id="another sequence"),
        pytest.param("def f(n: list):\n    return n", {"n": ["torch.Size"]}, id="a sequence of the framework's"),
        pytest.param("def f(n: Other):\n    return n", {"n": ["int"]}, id="a class that is not in view"),
        pytest.param("def f(n):\n    return f'{n:>{n}}'", {"n": ["int"]}, id="in an f-string"),
    ],
)
def test_no_contradiction(code: str, types: dict[str, list[str]]) -> None:
    assert "T202" not in translate(code, types, {"torch.Size": ["tuple"]}).codes


def test_what_is_certain_stays_certain() -> None:
    code = "def f(x: torch.Tensor, n: int):\n    x += 1\n    return x.view(n, x.size(0)).max()"
    seen = {"x": ["torch.Tensor"], "n": ["int"], "x.size(0)": ["int"]}
    with_facts = translate(code, seen)
    assert with_facts.counts == translate_source(HEAD + code).counts
    assert with_facts.counts.assumed == 0


def test_a_text_that_was_changed_since_has_no_facts() -> None:
    source = HEAD + "def f(x): return x.max(0)"
    seen = observed(source, {"x": ["torch.Tensor"]})
    assert translate_source(source, observed=seen).codes == ["T201"]
    assert translate_source("\n" + source, observed=seen).codes == ["T301"]


def test_a_byte_order_mark() -> None:
    source = HEAD + "def f(x): return x.max(0)"
    seen = observed(source, {"x": ["torch.Tensor"]})
    (facts,) = seen.files.values()
    marked = "\ufeff" + source
    seen = Observations({hashlib.sha256(marked.encode()).hexdigest(): facts})
    assert translate_source(marked, observed=seen).codes == ["T201"]
