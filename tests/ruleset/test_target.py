"""Templates: holes take nodes, parentheses where they are needed, literals folded."""

from __future__ import annotations

import libcst as cst
import pytest

from translator.ruleset.fold import fold
from translator.ruleset.target import is_template, parse_template


def filled(template: str, **nodes: str) -> str:
    values = {name: cst.parse_expression(text) for name, text in nodes.items()}
    return cst.Module([]).code_for_node(parse_template(template).fill(values, lambda name: name))


@pytest.mark.parametrize(("template", "nodes", "text"), [
    pytest.param("f({x})", {"x": "a"}, "f(a)", id="a name"),
    pytest.param("f({x})", {"x": "a + b"}, "f(a + b)", id="between parentheses an operator needs none"),
    pytest.param("f({x})", {"x": "(a + b)"}, "f(a + b)", id="and loses its own"),
    pytest.param("{x} * 2", {"x": "a + b"}, "(a + b) * 2", id="beside an operator it does"),
    pytest.param("{x} * 2", {"x": "f(a)"}, "f(a) * 2", id="a call never does"),
    pytest.param("{x}.y", {"x": "-a"}, "(-a).y", id="a receiver"),
    pytest.param("{x}.y", {"x": "a if b else c"}, "(a if b else c).y", id="a conditional receiver"),
    pytest.param("{x}[{i}]", {"x": "a", "i": "b + 1"}, "a[b + 1]", id="an index"),
    pytest.param("[{x}, {y}]", {"x": "a", "y": "lambda: 0"}, "[a, lambda: 0]", id="elements"),
    pytest.param("f(k={x})", {"x": "not a"}, "f(k=not a)", id="a keyword"),
    pytest.param("{x} + {x}", {"x": "a"}, "a + a", id="twice"),
])  # fmt: skip
def test_filled(template: str, nodes: dict[str, str], text: str) -> None:
    assert filled(template, **nodes) == text


def test_dotted_names_are_spelled_as_the_file_imports_them() -> None:
    node = parse_template("paddle.nn.relu({x}.paddle.y)").fill({"x": cst.Name("paddle")}, lambda name: name.upper())
    assert cst.Module([]).code_for_node(node) == "PADDLE.NN.RELU(paddle.paddle.y)"


def test_holes_are_counted() -> None:
    assert parse_template("{a} + {b} * {a}").holes == {"a": 2, "b": 1}


@pytest.mark.parametrize("text", ["f({x}", "", "{x} y", "x = 1"])
def test_what_is_no_expression(text: str) -> None:
    with pytest.raises(ValueError, match="is not an expression"):
        parse_template(text)


@pytest.mark.parametrize(
    ("text", "is_one"), [("a.b", False), (".a", False), ("a", False), ("{a}", True), ("a.b()", True), ("3.5", True)]
)
def test_what_is_a_template(text: str, is_one: bool) -> None:
    assert is_template(text) is is_one


@pytest.mark.parametrize(("text", "result"), [
    ("not True", "False"), ("1 - 0.1", "0.9"), ("1 - 0.01", "0.99"), ("-(-3)", "3"), ("not x", "not x"), ("1 - m",
        "1 - m"),
    ("2 + 3", "5"), ("1e-5", "1e-5"), ("0x10", "0x10"), ("'a' + 'b'", "'a' + 'b'"), ("2 * 3", "2 * 3"), ("a b", "a b"),
])  # fmt: skip
def test_literals_are_folded(text: str, result: str) -> None:
    assert fold(text) == result
