"""Calls and names in every place that an expression can stand; everything around them stays as it is."""

from __future__ import annotations

import pytest

from tests.conftest import Translate
from translator.engine.translate import translate_source
from translator.ruleset.model import RuleSet


@pytest.mark.parametrize(("before", "after"), [
    pytest.param("torch.cat([a, b], 1)", "paddle.concat([a, b], 1)", id="same positions stay positional"),
    pytest.param("torch.cat([a], dim=1)", "paddle.concat([a], axis=1)", id="a keyword is renamed"),
    pytest.param("torch.cat(dim=1, tensors=[a])", "paddle.concat(axis=1, x=[a])", id="keywords keep their order"),
    pytest.param("torch.concat([a])", "paddle.concat([a])", id="another name of the API"),
    pytest.param("torch.nn.BatchNorm2d(8, 1e-3)", "paddle.nn.BatchNorm2D(8, epsilon=1e-3)",
                 id="a position becomes a keyword"),
    pytest.param("torch.nn.BatchNorm2d(8, momentum=0.01)", "paddle.nn.BatchNorm2D(8, momentum=0.99)",
                 id="literals are computed"),
    pytest.param("torch.nn.BatchNorm2d(8, momentum=m)", "paddle.nn.BatchNorm2D(8, momentum=1 - m)",
                 id="names are written out"),
    pytest.param("torch.nn.BatchNorm2d(8, affine=a)", "paddle.nn.BatchNorm2D(8, weight_attr=a, bias_attr=a)",
                 id="one becomes two"),
    pytest.param("torch.nn.AvgPool2d(2)", "paddle.nn.AvgPool2D(2, exclusive=False)",
                 id="a differing default is spelled out"),
    pytest.param("torch.nn.AvgPool2d(2, count_include_pad=c)", "paddle.nn.AvgPool2D(2, exclusive=not c)",
                 id="or computed"),
    pytest.param("torch.nn.ReLU(inplace=True)", "paddle.nn.ReLU()", id="what cannot matter is dropped"),
    pytest.param("torch.nn.ReLU(True)", "paddle.nn.ReLU()", id="by position, too"),
    pytest.param("torch.cat([a], out=None)", "paddle.concat([a])", id="a refused argument that says its default"),
    pytest.param("torch.ones(2, 3).view(6)", "paddle.ones([2, 3]).reshape([6])", id="nested sites compose"),
    pytest.param("torch.ones(2, *s, dtype=torch.float32)", "paddle.ones([2, *s], dtype=paddle.float32)",
                 id="starred sizes"),
    pytest.param("torch.ones((2, 3))", "paddle.ones((2, 3))", id="one sequence of sizes"),
    pytest.param("torch.ones(2,\n           3)", "paddle.ones([2,\n           3])", id="line breaks between sizes"),
    pytest.param("torch.add(a, b) * c", "(a + b) * c", id="an operator in an operator"),
    pytest.param("-torch.add(a, b)", "-(a + b)", id="below a sign"),
    pytest.param("torch.add(a or b, c if d else e)", "(a or b) + (c if d else e)", id="operands keep together"),
    pytest.param("torch.add(a, b).view(3)", "(a + b).reshape([3])", id="as a receiver"),
    pytest.param("f(torch.add(a, b), k=torch.add(c, d))", "f(a + b, k=c + d)", id="between commas"),
    pytest.param("[torch.add(a, b)]", "[a + b]", id="in a list"),
    pytest.param("x[torch.add(a, b)]", "x[a + b]", id="as an index"),
    pytest.param("[*torch.add(a, b)]", "[*(a + b)]", id="starred"),
    pytest.param("torch.square_twice(a)", "a * a", id="a name used twice"),
    pytest.param("(torch.add(a, b))", "(a + b)", id="the author's parentheses"),
    pytest.param("torch . cat ( [a] , dim = 1 )", "paddle . concat ( [a] , axis = 1 )", id="unusual white space"),
    pytest.param("(torch\n .cat([a])\n .view(3))", "(paddle\n .concat([a])\n .reshape([3]))", id="a chain over lines"),
    pytest.param("(torch\n .relu(a))", "(paddle.nn.functional\n .relu(a))", id="a chain with a longer name"),
    pytest.param("f'{torch.cat([a], dim=1)!r:>{torch.relu(w)}}'",
                 "f'{paddle.concat([a], axis=1)!r:>{paddle.nn.functional.relu(w)}}'",
                 id="an f-string with a format"),
    pytest.param('f"""\n{torch.cat([a],\n dim=1)} 日 {torch.relu(x)}"""',
                 'f"""\n{paddle.concat([a],\n axis=1)} 日 {paddle.nn.functional.relu(x)}"""',
                 id="an f-string over lines"),
    pytest.param("'a' f'{torch.relu(x)}' \"b\"", "'a' f'{paddle.nn.functional.relu(x)}' \"b\"", id="joined strings"),
    pytest.param("lambda z=torch.relu(a): torch.cat([z], dim=1)",
                 "lambda z=paddle.nn.functional.relu(a): paddle.concat([z], axis=1)", id="a lambda"),
    pytest.param("[torch.cat([t], dim=1) for t in xs if torch.relu(t)]",
                 "[paddle.concat([t], axis=1) for t in xs if paddle.nn.functional.relu(t)]", id="a comprehension"),
    pytest.param("{k: torch.relu(v) for k, v in {**torch.relu(d)}.items()}",
                 "{k: paddle.nn.functional.relu(v) for k, v in {**paddle.nn.functional.relu(d)}.items()}", id="a dict"),
    pytest.param("torch.relu(a) if torch.cat([b], dim=1) else torch.relu(c)",
                 "paddle.nn.functional.relu(a) if paddle.concat([b], axis=1) else paddle.nn.functional.relu(c)",
                 id="a condition"),
    pytest.param("f(*xs, k=torch.cat([a], dim=1), *ys)", "f(*xs, k=paddle.concat([a], axis=1), *ys)",
                 id="a keyword before a star"),
    pytest.param("f(torch.relu(a), *torch.relu(b), **torch.relu(c))",
                 "f(paddle.nn.functional.relu(a), *paddle.nn.functional.relu(b), **paddle.nn.functional.relu(c))",
                 id="stars"),
    pytest.param("a < torch.relu(b) < c", "a < paddle.nn.functional.relu(b) < c", id="a comparison"),
    pytest.param("x[torch.relu(i):, ..., None]", "x[paddle.nn.functional.relu(i):, ..., None]", id="a slice"),
    pytest.param("not torch.relu(a) and b", "not paddle.nn.functional.relu(a) and b", id="a boolean operator"),
    pytest.param("(y := torch.cat([a], dim=1)).view(3)", "(y := paddle.concat([a], axis=1)).reshape([3])",
                 id="a walrus"),
    pytest.param("torch.float32", "paddle.float32", id="a constant"),
    pytest.param("torch.pi", "3.141592653589793", id="a constant whose rule is an expression"),
    pytest.param("torch.nn.Identity", "paddle.nn.Identity", id="a class with the same arguments as a value"),
    pytest.param("isinstance(x, (torch.Tensor, torch.nn.Conv2d))", "isinstance(x, (paddle.Tensor, paddle.nn.Conv2D))",
                 id="a check"),
    pytest.param("'é', torch.cat(['日本'], dim=1), 'ü', torch.relu(x)",
                 "'é', paddle.concat(['日本'], axis=1), 'ü', paddle.nn.functional.relu(x)",
                 id="wide characters on the line"),
])  # fmt: skip
def test_translated(before: str, after: str, translate: Translate) -> None:
    translation = translate(f"import torch\nv = {before}\n")
    assert translation.text.removeprefix("import paddle\n") == f"v = {after}\n"
    assert translation.codes == []


@pytest.mark.parametrize(("before", "after"), [
    pytest.param("@torch.no_grad()\ndef f(x=torch.relu(a)) -> torch.Tensor:\n    pass\n",
                 "@paddle.no_grad()\ndef f(x=paddle.nn.functional.relu(a)) -> paddle.Tensor:\n    pass\n"
                 "", id="a definition"),
    pytest.param("@torch.no_grad\nclass A(torch.nn.Module, metaclass=M):\n    pass\n",
                 "@paddle.no_grad\nclass A(paddle.nn.Layer, metaclass=M):\n    pass\n", id="a class"),
    pytest.param("with torch.no_grad(), open(p) as f:\n    pass\n", "with paddle.no_grad(), open(p) as f:\n    pass\n",
                 id="a context"),
    pytest.param("for i in torch.relu(x):\n    pass\nelse:\n    torch.relu(y)\n",
                 "for i in paddle.nn.functional.relu(x):\n    pass\nelse:\n    paddle.nn.functional.relu(y)\n"
                 "", id="a loop"),
    pytest.param("async def f():\n    await torch.cat([x], dim=1)\n    async with torch.no_grad():\n"
                 "        yield torch.relu(x)\n",
                 "async def f():\n    await paddle.concat([x], axis=1)\n    async with paddle.no_grad():\n"
                 "        yield paddle.nn.functional.relu(x)\n", id="a coroutine"),
    pytest.param("match x:\n    case torch.Tensor(shape=s):\n        torch.relu(x)\n"
                 "    case [torch.float32, *r] if torch.relu(r):\n        pass\n",
                 "match x:\n    case paddle.Tensor(shape=s):\n        paddle.nn.functional.relu(x)\n"
                 "    case [paddle.float32, *r] if paddle.nn.functional.relu(r):\n        pass\n", id="patterns"),
    pytest.param("try:\n    torch.relu(x)\nexcept torch.float32 as e:\n    raise torch.relu(e)\nfinally:\n"
                 "    assert torch.relu(x), 'no'\n",
                 "try:\n    paddle.nn.functional.relu(x)\nexcept paddle.float32 as e:\n"
                 "    raise paddle.nn.functional.relu(e)\n"
                 "finally:\n    assert paddle.nn.functional.relu(x), 'no'\n", id="a try"),
    pytest.param("x[torch.relu(i)] += torch.cat([y], dim=1)\ndel x[torch.relu(i)]\n",
                 "x[paddle.nn.functional.relu(i)] += paddle.concat([y], axis=1)\n"
                 "del x[paddle.nn.functional.relu(i)]\n", id="targets"),
    pytest.param("x: torch.Tensor = torch.cat(\n    [a, b],\n    dim=1,\n)\n",
                 "x: paddle.Tensor = paddle.concat(\n    [a, b],\n    axis=1,\n)\n", id="the layout of arguments"),
])  # fmt: skip
def test_statements(before: str, after: str, translate: Translate) -> None:
    translation = translate(f"import torch\n{before}")
    assert (translation.text, translation.codes) == (f"import paddle\n{after}", [])


@pytest.mark.parametrize(("before", "after"), [
    pytest.param("y = torch.cat(\n    [a,  # first\n     b],  # second\n    # the axis\n    dim=1,  # last\n)  # end\n",
                 "y = paddle.concat(\n    [a,  # first\n     b],  # second\n    # the axis\n    axis=1,  # last\n"
                 ")  # end\n",
                 id="inside arguments that stay"),
    pytest.param("if x:\n    y = torch.nn.ReLU(  # keep\n        inplace=True,  # me\n    )  # end\n",
                 "if x:\n    # keep\n    # me\n    y = paddle.nn.ReLU()  # end\n", id="inside arguments that go"),
    pytest.param("y = torch.add(a,  # one\n              b)\n", "# one\ny = a + b\n",
                 id="inside an expression that is another"),
    pytest.param("y = (torch  # here\n     .relu(x))\n", "y = (paddle.nn.functional  # here\n     .relu(x))\n",
                 id="at the dots"),
    pytest.param("y = torch.add('#', b)  # a # in a string\n", "y = '#' + b  # a # in a string\n", id="that are none"),
])  # fmt: skip
def test_comments_stay(before: str, after: str, translate: Translate) -> None:
    translated = translate(f"import torch\n{before}").text.removeprefix("import paddle\n")
    assert translated == after


@pytest.mark.parametrize(("source", "code"), [
    pytest.param("torch.ones(2, **options)", "T302", id="starred arguments hide which is which"),
    pytest.param("torch.cat([a], out=b)", "T303", id="an argument without counterpart"),
    pytest.param("torch.nn.ReLU(f())", "T303", id="without the argument its call would not happen"),
    pytest.param("torch.unknown(a)", "T304", id="no rule"),
    pytest.param("torch.cuda.synchronize()", "T305", id="known and impossible"),
    pytest.param("torch.ones", "T306", id="a function as a value whose calls decide what it becomes"),
    pytest.param("torch.cat()", "T307", id="too few arguments"),
    pytest.param("torch.relu(a, b, c)", "T307", id="too many"),
    pytest.param("torch.relu(a, sideways=True)", "T307", id="an unknown one"),
    pytest.param("torch.square_twice(f(a))", "T308", id="an effect would happen twice"),
    pytest.param("torch.ones(s)", "T310", id="a number or a sequence of sizes"),
])  # fmt: skip
def test_left_alone(source: str, code: str, translate: Translate) -> None:
    translation = translate(f"import torch\nx = {source}\n")
    assert (translation.text, translation.codes) == (f"import torch\nx = {source}\n", [code])


@pytest.mark.parametrize(
    "statement", ["torch.backends.cudnn.benchmark = True", "torch.unknown = 3", "torch.unknown.x += 1"]
)
def test_targets_without_a_rule_are_named(statement: str, translate: Translate) -> None:
    translation = translate(f"import torch\n{statement}\n")
    assert (translation.text, translation.codes) == (translation.source, ["T304"])
    assert f"`{statement.partition(' ')[0]}`" in translation.diagnostics[0].message


def test_what_is_around_a_left_call_is_translated(translate: Translate) -> None:
    translation = translate("import torch\ny = torch.relu(torch.unknown(torch.cat([x], dim=1)))\n")
    assert translation.text.endswith("y = paddle.nn.functional.relu(torch.unknown(paddle.concat([x], axis=1)))\n")
    assert translation.codes == ["T304"]


def test_a_rewrite_that_fails_costs_its_own_site_only(rules: RuleSet, monkeypatch: pytest.MonkeyPatch) -> None:
    from translator.rewrites import REWRITES

    def failing(*_: object) -> None:
        raise ZeroDivisionError("oh")

    monkeypatch.setitem(REWRITES, "sizes_as_list", failing)
    translation = translate_source("import torch\ny = torch.cat([torch.ones(2)], dim=1)\n", rules=rules)
    assert translation.text == "import paddle\nimport torch\ny = paddle.concat([torch.ones(2)], axis=1)\n"
    assert translation.codes == ["T001"]
    assert "ZeroDivisionError: oh" in translation.diagnostics[0].message


@pytest.mark.parametrize("result", ["1 +", "x = 3", "yield"])
def test_a_rewrite_that_writes_nonsense_is_taken_back(
    result: str, rules: RuleSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    import libcst as cst

    from translator.analysis.sites import Site
    from translator.rewrites import REWRITES, Edit

    monkeypatch.setitem(REWRITES, "sizes_as_list", lambda site, _: Edit(site, lambda node: cst.Name(result)))
    assert Site
    source = "import torch\ny = torch.cat([x], dim=1)\nz = torch.ones(2)\n"
    translation = translate_source(source, rules=rules)
    assert translation.codes == ["T001"]
    assert translation.text == "import paddle\nimport torch\ny = paddle.concat([x], axis=1)\nz = torch.ones(2)\n"
