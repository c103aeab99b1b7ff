"""Rule tables that do not grow, and a translation that is checked against every promise."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.command import Command
from tests.soundness import problems
from translator.analysis.world import World
from translator.core import Translation
from translator.engine.translate import summarize_source, translate_source
from translator.project.translate import translate_project
from translator.ruleset.load import load_rules
from translator.ruleset.model import RuleSet

PACKS = Path(__file__).parent / "packs"
Translate = Callable[..., Translation]
TranslateTree = Callable[..., dict[str, Translation]]


@pytest.fixture(scope="session")
def rules(tmp_path_factory: pytest.TempPathFactory) -> RuleSet:
    """A small table of torch and paddle."""
    return _loaded("torch-paddle-small", tmp_path_factory)


@pytest.fixture(scope="session")
def toy_rules(tmp_path_factory: pytest.TempPathFactory) -> RuleSet:
    """The table of two frameworks that do not exist."""
    return _loaded("lime-plum", tmp_path_factory)


def _loaded(pack: str, tmp_path_factory: pytest.TempPathFactory) -> RuleSet:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRANSLATE_HOME", str(tmp_path_factory.mktemp("home")))
        return load_rules(pack=PACKS / pack)


@pytest.fixture(scope="session")
def translate(rules: RuleSet) -> Translate:
    """Translates with the small table; fails when any promise is broken."""
    return _checked(rules)


@pytest.fixture(scope="session")
def translate_toy(toy_rules: RuleSet) -> Translate:
    """The same with the table of the invented frameworks."""
    return _checked(toy_rules)


@pytest.fixture(scope="session")
def translate_tree(rules: RuleSet) -> TranslateTree:
    """Translates the modules of a tree, by their dotted names; one with others below it is a package."""

    def translate(tree: dict[str, str], *, suffix: str = "") -> dict[str, Translation]:
        packages = {name.rpartition(".")[0] for name in tree}
        world = World(
            {n: summarize_source(t, module=n, is_package=n in packages, rules=rules) for n, t in tree.items()}
        )
        found = {}
        for name, text in tree.items():
            path, is_package = f"{name.replace('.', '/')}.py", name in packages
            found[name] = translate_source(
                text, path=path, rules=rules, suffix=suffix, module=name, is_package=is_package, world=world
            )
            assert problems(found[name], rules, suffix, world) == [], found[name].text
        return found

    return translate


def _checked(rules: RuleSet) -> Translate:
    def translate(source: str, *, suffix: str = "", path: str = "model.py") -> Translation:
        translation = translate_source(source, path=path, rules=rules, suffix=suffix)
        assert problems(translation, rules, suffix) == [], translation.text
        return translation

    return translate


@pytest.fixture(scope="session")
def torchvision_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package ``paddlevision``: ``torchvision.models`` and all that it needs.

    It takes half a minute, so tests that use it are marked slow, and share it.
    """
    if find_spec("torchvision") is None:
        pytest.skip("torchvision is not installed")
    folder = tmp_path_factory.mktemp("torchvision")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRANSLATE_HOME", str(tmp_path_factory.mktemp("home")))
        translate_project("torchvision.models", folder / "paddlevision", closure=True, name="paddlevision")
    return folder


@pytest.fixture(scope="module")
def command_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the rules that were read are remembered, for all of these tests."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def command(
    command_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> Command:
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("TRANSLATE_HOME", str(command_home))
    return Command(folder, monkeypatch, capsysbinary)
