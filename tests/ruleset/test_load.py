"""Rule files: what is accepted, what is refused with file and line, what wins, what is remembered."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from translator import translate_source
from translator.core import ConfigError, RuleError
from translator.ruleset import load
from translator.ruleset.load import load_rules, parse_signature, rule_text
from translator.ruleset.model import Kind, RuleSet

PACK = Path(__file__).parents[1] / "packs" / "torch-paddle-small"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TRANSLATE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def loaded(text: str | bytes, folder: Path) -> RuleSet:
    """The small table with these rules over it."""
    file = folder / "my.yaml"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return load_rules([file], pack=PACK)


@pytest.mark.parametrize(("text", "line", "says"), [
    pytest.param("- api: torch.a\n  to: [\n", 3, "not YAML", id="broken YAML"),
    pytest.param("- api: torch.a\n  to: a: b\n", 2, "not YAML", id="two colons on a line"),
    pytest.param("\n- api: torch.a\n  tow: paddle.a\n", 3, "tow", id="unknown field"),
    pytest.param("- api: torch.a\n  signature: (x)\n  args: {y: z}\n", 1, "`y` is not a parameter",
                 id="unknown parameter in args"),
    pytest.param("- api: torch.a\n  signature: (x)\n  drop: {y: why}\n", 1, "`y` is not a parameter",
                 id="unknown parameter in drop"),
    pytest.param("- api: torch.a\n  signature: (x)\n  refuse: {y: why}\n", 1, "`y` is not a parameter",
                 id="unknown parameter in refuse"),
    pytest.param("- api: torch.a\n  signature: (x)\n  to: 'f({y})'\n", 1, "`y` is not a parameter", id="unknown hole"),
    pytest.param("- api: torch.a\n  signature: (x)\n  when: {y: int}\n", 1, "`y` is not a parameter",
                 id="unknown parameter in when"),
    pytest.param("- api: torch.a\n  to: 'f({x}'\n  signature: (x)\n", 1, "not an expression",
                 id="a template that does not parse"),
    pytest.param("# why\n\n- api: torch.a\n  signature: (x\n", 3, "is not a signature", id="bad signature"),
    pytest.param("- api: torch.a\n- api: torch.b\n- api: torch.a\n", 3, "has a rule already", id="the same api twice"),
    pytest.param("- api: torch.a\n- api: torch.b\n  also: [torch.a]\n", 2, "has a rule already",
                 id="an alias of what has a rule"),
    pytest.param("- api: torch.a\n  status: unsupported\n", 1, "needs a `note`", id="unsupported without a note"),
    pytest.param("- api: torch.a\n  status: maybe\n", 2, "status", id="unknown status"),
    pytest.param("- api: torch.a\n  args: {x: {y: z}}\n", 2, "args", id="an argument that is no text"),
    pytest.param("- api: torch.a\n  signature: (x)\n  args: {x: ['y']}\n", 1, "neither a keyword nor",
                 id="a list without expressions"),
    pytest.param("- to: paddle.a\n", 1, "api", id="no api"),
    pytest.param("- api: ''\n", 1, "api", id="empty api"),
    pytest.param("api: torch.a\n", 1, "a list of entries", id="no list"),
    pytest.param("- torch.a\n", 1, "", id="a list of texts"),
    pytest.param("- api: torch.a\n  to: !!python/object:os.system x\n", 2, "", id="a tag that would run code"),
    pytest.param(b"- api: torch.\xff\n", 1, "not UTF-8", id="not UTF-8"),
])  # fmt: skip
def test_wrong_entries_say_file_and_line(text: str | bytes, line: int, says: str, tmp_path: Path) -> None:
    with pytest.raises(RuleError) as caught:
        loaded(text, tmp_path)
    assert str(caught.value).startswith(f"{tmp_path / 'my.yaml'}:{line}: ")
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.hint


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot read the rules") as caught:
        load_rules([tmp_path / "none.yaml"], pack=PACK)
    assert str(tmp_path / "none.yaml") in str(caught.value)


def test_an_unknown_rewrite_is_named_when_it_is_needed(tmp_path: Path) -> None:
    rules = loaded("- api: torch.a\n  rewrite: magic\n  signature: (x)\n", tmp_path)
    with pytest.raises(RuleError, match="no rewrite `magic`") as caught:
        translate_source("import torch\ntorch.a(1)\n", rules=rules)
    assert str(caught.value).startswith(f"{tmp_path / 'my.yaml'}:1: ")


def test_an_empty_file_has_no_rules(tmp_path: Path) -> None:
    assert loaded("# later\n", tmp_path).by_api.keys() == load_rules(pack=PACK).by_api.keys()


def test_the_same_api_in_two_files_of_a_pack_is_refused(tmp_path: Path) -> None:
    shutil.copytree(PACK, tmp_path / "pack")
    (tmp_path / "pack" / "more.yaml").write_text("- api: torch.concat\n", encoding="utf-8")
    with pytest.raises(RuleError, match=r"`torch\.c(on)?cat` has a rule already") as caught:
        load_rules(pack=tmp_path / "pack")
    assert ".yaml:" in str(caught.value)


def test_a_wrong_pack_says_where(tmp_path: Path) -> None:
    shutil.copytree(PACK, tmp_path / "pack")
    (tmp_path / "pack" / "pack.yaml").write_text("source: torch\ntarget: 3\n", encoding="utf-8")
    with pytest.raises(RuleError) as caught:
        load_rules(pack=tmp_path / "pack")
    assert str(caught.value).startswith(f"{tmp_path / 'pack' / 'pack.yaml'}:")


def test_overlays_win_entry_by_entry(tmp_path: Path) -> None:
    first, second = tmp_path / "1.yaml", tmp_path / "2.yaml"
    first.write_text("- api: torch.cat\n  to: paddle.one\n- api: torch.relu\n  to: paddle.one\n", encoding="utf-8")
    second.write_text("- api: torch.cat\n  to: paddle.two\n", encoding="utf-8")
    rules = load_rules([first, second], pack=PACK)
    became = {api: rules.by_api[api].actions[0].to for api in ("torch.cat", "torch.relu", "torch.stack")}
    assert became == {"torch.cat": "paddle.two", "torch.relu": "paddle.one", "torch.stack": "paddle.stack"}
    assert rules.by_api["torch.cat"].origin == f"{second}:1"


def test_a_user_adds_an_api_without_python(tmp_path: Path) -> None:
    source = "import torch\ny = torch.mine(x, size=2)\n"
    assert translate_source(source, rules=load_rules(pack=PACK)).codes == ["T304"]
    rules = loaded("- api: torch.mine\n  signature: (x, size=1)\n  to: 'paddle.theirs({x}, {size} + 1)'\n", tmp_path)
    assert translate_source(source, rules=rules).text == "import paddle\ny = paddle.theirs(x, 2 + 1)\n"


def test_rules_are_remembered_by_content(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise AssertionError("read anew")

    known = loaded("- api: torch.a\n  to: paddle.a\n", tmp_path)
    assert len(list(home.rglob("*.pickle"))) == 1
    with monkeypatch.context() as patch:
        patch.setattr(load, "_build", refused)
        assert loaded("- api: torch.a\n  to: paddle.a\n", tmp_path) == known
    changed = loaded("- api: torch.a\n  to: paddle.b\n", tmp_path)
    assert changed.by_api["torch.a"].actions[0].to == "paddle.b"


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\x80\x04K\x01."])
def test_a_spoilt_memory_is_read_over(content: bytes, home: Path, tmp_path: Path) -> None:
    known = loaded("- api: torch.a\n", tmp_path)
    for file in home.rglob("*.pickle"):
        file.write_bytes(content)
    assert loaded("- api: torch.a\n", tmp_path) == known


def test_a_home_that_cannot_be_written_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocker = tmp_path / "file"
    blocker.write_text("", encoding="utf-8")
    monkeypatch.setenv("TRANSLATE_HOME", str(blocker / "below"))
    assert "torch.a" in loaded("- api: torch.a\n", tmp_path).by_api


def test_memory_can_be_switched_off(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRANSLATE_NO_CACHE", "1")
    load_rules(pack=PACK)
    assert not home.exists()


def test_the_built_in_table_loads() -> None:
    rules = load_rules()
    assert rules.pack.source == "torch"
    assert rules.get("torch.nn.modules.module.Module") is rules.get("torch.nn.Module")


def test_an_alias_of_a_rule_is_listed_once(rules: RuleSet) -> None:
    assert rules.get("torch.concat") is rules.get("torch.cat")
    assert [rule.api for rule in rules.rules()].count("torch.cat") == 1
    assert [rule.api for rule in rules.rules()] == sorted(rule.api for rule in rules.rules())


def test_a_rule_is_shown_as_its_file_has_it(tmp_path: Path) -> None:
    text = "- api: torch.a  # first\n  to: paddle.a\n- api: torch.b\n  # why\n  to: paddle.b\n"
    rules = loaded(text, tmp_path)
    assert rule_text(rules.by_api["torch.a"]) == "- api: torch.a  # first\n  to: paddle.a\n"
    assert rule_text(rules.by_api["torch.b"]) == "- api: torch.b\n  # why\n  to: paddle.b\n"


@pytest.mark.parametrize(("text", "parameters"), [
    pytest.param("()", [], id="none"),
    pytest.param("(a, b=1)", [("a", Kind.POSITIONAL, None), ("b", Kind.POSITIONAL, "1")], id="default"),
    pytest.param("(a, /, b)", [("a", Kind.POSITIONAL, None), ("b", Kind.POSITIONAL, None)], id="positional only"),
    pytest.param("(*s, k=None)", [("s", Kind.VARIADIC, None), ("k", Kind.KEYWORD, "None")], id="variadic"),
    pytest.param("(a, *, k, **kw)",
                 [("a", Kind.POSITIONAL, None), ("k", Kind.KEYWORD, None), ("kw", Kind.KEYWORDS, None)],
                 id="keywords"),
])  # fmt: skip
def test_signatures(text: str, parameters: list[tuple[str, Kind, str | None]]) -> None:
    assert [(p.name, p.kind, p.default) for p in parse_signature(text).parameters] == parameters


def test_no_default_among_several_packs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "rules_folder", lambda: tmp_path)
    with pytest.raises(ConfigError, match="0 rule packs found"):
        load.default_pack()
