"""Checks of a rule table: each planted fault is found, and nothing else is."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent

import pytest

from translator.core import ConfigError
from translator.ruleset.check import check_rules
from translator.ruleset.inventory import load_inventory
from translator.ruleset.load import load_rules

PACKS = Path(__file__).parent.parent / "packs"
INVENTORY = {
    "names": {
        "plum.Grid": "(values=None)",
        "plum.Grid.turn": "(angle, axis=0, *, copy=False)",
        "plum.join": "(parts, axis=0, name=None)",
        "plum.old": "(x)",
        "plum.sum": "(x, axis=None, **more)",
        "plum.units.Part": "()",
        "plum.units.Part.run": "(x)",
        "plum.units.Wide": "()",
    },
    "bases": {"plum.units.Wide": ["plum.units.Part"]},
    "aliases": {"plum.old": ["dim0"]},
}
HELPERS = "def turned(x, angle=90):\n    return x\nclass Turner:\n    def __init__(self, angle): ...\nclass Any: ...\n"
TYPES = "- {api: lime.Grid, to: plum.Grid}\n- {api: lime.parts.Part, to: plum.units.Part}\n"


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    folder = tmp_path / "lime-plum"
    (folder / "helpers").mkdir(parents=True)
    (folder / "inventory").mkdir()
    (folder / "pack.yaml").write_text((PACKS / "lime-plum" / "pack.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "helpers" / "turning.py").write_text(HELPERS, encoding="utf-8")
    (folder / "inventory" / "1.0.3.json").write_text(json.dumps(INVENTORY), encoding="utf-8")
    (folder / "types.yaml").write_text(TYPES, encoding="utf-8")
    return folder


def problems(pack: Path, rules: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("TRANSLATE_NO_CACHE", "1")
    (pack / "rules.yaml").write_text(dedent(rules), encoding="utf-8")
    return [problem.message for problem in check_rules(load_rules(pack=pack))]


@pytest.mark.parametrize(
    "rule",
    [
        pytest.param(
            "{signature: '(parts, dim=0)', to: plum.join, args: {dim: axis}}", id="names, keywords and order agree"
        ),
        pytest.param(
            "{signature: '(dim, parts)', to: plum.join, args: {dim: axis}, positional: 0}", id="keywords in any order"
        ),
        pytest.param("{signature: '(x, weird=1)', to: plum.sum, positional: 1}", id="a target that takes any keyword"),
        pytest.param("{signature: '(dim0)', to: plum.old}", id="a keyword that only the wrapper takes"),
        pytest.param("{signature: '(x, k)', to: 'plum.join([{x}], axis={k})'}", id="an expression"),
        pytest.param(
            "{signature: '(x, k)', to: 'plum.join([{x}])', drop: {k: no effect}}",
            id="a parameter dropped with a reason",
        ),
        pytest.param("{signature: '(x)', to: turned, helper: turned}", id="a helper"),
        pytest.param("{signature: '(angle)', to: Turner, helper: Turner}", id="a helper's class"),
        pytest.param("{signature: '(what)', to: Any, helper: Any}", id="a helper's class that states no constructor"),
        pytest.param("{signature: '(x)', to: 'int({x})'}", id="what every Python has"),
        pytest.param("{signature: '(x)', to: '{x} * {x}', once: 'turned({x})'}", id="a helper that takes it once"),
        pytest.param("{to: plum.Grid}", id="a type"),
        pytest.param(
            "{to: plum.old, overloads: [{signature: '(k)', when: {k: =None}, refuse: {k: why}}, {signature: '(x)'}]}",
            id="an overload that only refuses",
        ),
    ],
)
def test_accepted(pack: Path, rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = f"- {{api: lime.f, example: 'out = 1', {rule[1:]}\n"
    assert problems(pack, text, monkeypatch) == []


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        pytest.param("{to: plum.jion}", "`plum.jion` is not in plum 1.0.3", id="a misspelled name"),
        pytest.param(
            "{signature: '(x, keep=False)', to: plum.old}",
            "`plum.old` takes no `keep`",
            id="an argument it does not take",
        ),
        pytest.param(
            "{signature: '(x)', to: plum.old, defaults: {keep: '1'}}",
            "`plum.old` takes no `keep`",
            id="a default it does not take",
        ),
        pytest.param(
            "{signature: '(x)', to: plum.old, args: {x: ['x = {x}', 'y = {x}']}}",
            "`plum.old` takes no `y`",
            id="a computed keyword",
        ),
        pytest.param(
            "{signature: '(parts, name=None, dim=0)', to: plum.join, args: {dim: axis}}",
            "argument 2 of `plum.join` is `axis`, not `name`: write `positional: 1`",
            id="another order",
        ),
        pytest.param(
            "{signature: '(x)', to: 'plum.nothing({x})'}", "`plum.nothing` is not in plum 1.0.3", id="in an expression"
        ),
        pytest.param(
            "{signature: '(x)', to: 'plum.old({x}, y=1)'}", "`plum.old` takes no `y`", id="a keyword in an expression"
        ),
        pytest.param(
            "{signature: '(x)', to: 'plum.old({x}, 1)'}",
            "`plum.old` takes 1 arguments by position, not 2",
            id="too many arguments",
        ),
        pytest.param(
            "{signature: '(x, k)', to: 'plum.old({x})'}", "parameter `k` is not handled", id="a forgotten parameter"
        ),
        pytest.param(
            "{signature: '(x)', to: missing, helper: missing}", "no helper is called `missing`", id="no such helper"
        ),
        pytest.param(
            "{signature: '(x)', to: '{x} * {x}', once: 'doubled({x})'}",
            "no helper is called `doubled`",
            id="no such helper to take it once",
        ),
        pytest.param(
            "{signature: '(x)', to: '{x} * {x}', once: 'turned({x}, {x})'}",
            "`once` has `{x}` twice",
            id="twice again",
        ),
        pytest.param(
            "{signature: '(x)', to: 'turned({x}, speed=2)'}", "`turned` takes no `speed`", id="a helper's keyword"
        ),
        pytest.param(
            "{signature: '(*, speed)', to: Turner, helper: Turner}",
            "`Turner` takes no `speed`",
            id="a keyword of a helper's class",
        ),
    ],
)
def test_found(pack: Path, rule: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = f"- {{api: lime.f, example: 'out = 1', {rule[1:]}\n"
    assert f"`lime.f`: {message}" in problems(pack, text, monkeypatch)


def test_members_are_those_of_the_owners_class_and_its_bases(pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = """\
    - {api: lime.Grid.spin, signature: (angle), to: .turn, example: out = 1}
    - {api: lime.Grid.swirl, signature: (angle), to: .tunr, example: out = 1}
    - {api: lime.Grid.twirl, signature: (angle), to: "{self}.turn({angle}, kopy=True)", example: out = 1}
    - {api: lime.parts.Wide, to: plum.units.Wide}
    - {api: lime.parts.Wide.go, signature: (x), to: .run, example: out = 1}
    - {api: lime.parts.Wide.stop, signature: (), to: .halt, example: out = 1}
    """
    assert problems(pack, text, monkeypatch) == [
        "`lime.Grid.swirl`: `plum.Grid.tunr` is not in plum 1.0.3",
        "`lime.Grid.twirl`: `plum.Grid.turn` takes no `kopy`",
        "`lime.parts.Wide.stop`: `plum.units.Wide.halt` is not in plum 1.0.3",
    ]


def test_entries_are_sorted_and_have_examples(pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = """\
    - {api: lime.b, signature: (x), to: plum.old}
    - {api: lime.a, signature: (x), to: plum.old, example: out = 1}
    - {api: lime.c, status: unsupported, note: there is none}
    """
    assert problems(pack, text, monkeypatch) == [
        "`lime.b`: no example",
        "`lime.a` stands behind `lime.b`: entries are sorted by api",
    ]


def test_without_an_inventory_names_are_not_checked(pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (pack / "inventory" / "1.0.3.json").unlink()
    text = "- {api: lime.f, signature: (x), to: plum.jion}\n"
    assert problems(pack, text, monkeypatch) == ["`lime.f`: no example"]


def test_the_newest_inventory_of_a_release_is_taken(pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRANSLATE_NO_CACHE", "1")
    (pack / "inventory" / "1.0.10.json").write_text(json.dumps(INVENTORY), encoding="utf-8")
    (pack / "inventory" / "1.1.json").write_text(json.dumps(INVENTORY), encoding="utf-8")
    (pack / "rules.yaml").write_text("", encoding="utf-8")
    found = load_inventory(load_rules(pack=pack).pack)
    assert found is not None
    assert found.release == "1.0.10"


def test_a_broken_inventory_is_one_clear_error(pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (pack / "inventory" / "1.0.3.json").write_text("{", encoding="utf-8")
    with pytest.raises(ConfigError, match="not an inventory"):
        problems(pack, "- {api: lime.f, to: plum.join}\n", monkeypatch)
