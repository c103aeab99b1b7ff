"""The helper that loads converted checkpoints: a path, the cache that `translate weights` fills, or a clear error."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from translator.ruleset.load import default_pack
from translator.weights.convert import checkpoints_folder

paddle = pytest.importorskip("paddle", reason="paddle is not installed")
URL = "https://example.org/models/net-1a2b.pth"


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Any]:
    monkeypatch.setenv("TRANSLATE_HOME", str(tmp_path / "home"))
    spec = importlib.util.spec_from_file_location("checkpoints", default_pack() / "helpers" / "checkpoints.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    loaded: Callable[..., Any] = module.load_converted_checkpoint
    return loaded


def saved(path: Path, value: float) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    paddle.save({"weight": paddle.full([2], value)}, str(path))
    return path


def test_loads_a_path(load: Callable[..., Any], tmp_path: Path) -> None:
    path = saved(tmp_path / "mine.pdparams", 3.0)
    assert load(str(path))["weight"].tolist() == [3.0, 3.0]
    assert load(path)["weight"].tolist() == [3.0, 3.0]


def test_loads_what_the_weights_command_put_into_the_cache(load: Callable[..., Any]) -> None:
    saved(checkpoints_folder() / "net-1a2b.pdparams", 4.0)
    assert load(URL)["weight"].tolist() == [4.0, 4.0]
    assert load(URL + "?download=1", progress=False)["weight"].tolist() == [4.0, 4.0]
    assert load("https://example.org/other", file_name="net-1a2b.pth")["weight"].tolist() == [4.0, 4.0]


def test_looks_into_the_given_folder_first(load: Callable[..., Any], tmp_path: Path) -> None:
    saved(checkpoints_folder() / "net-1a2b.pdparams", 4.0)
    saved(tmp_path / "models" / "net-1a2b.pdparams", 5.0)
    assert load(URL, str(tmp_path / "models"))["weight"].tolist() == [5.0, 5.0]


def test_the_folder_is_the_one_below_home_by_default(
    monkeypatch: pytest.MonkeyPatch, load: Callable[..., Any], tmp_path: Path
) -> None:
    monkeypatch.delenv("TRANSLATE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    saved(checkpoints_folder() / "net-1a2b.pdparams", 6.0)
    assert checkpoints_folder() == tmp_path / ".cache" / "translate" / "checkpoints"
    assert load(URL)["weight"].tolist() == [6.0, 6.0]


def test_a_missing_checkpoint_says_which_file_and_what_makes_it(load: Callable[..., Any]) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        load(URL)
    message = str(caught.value)
    assert "net-1a2b.pdparams" in message
    assert str(checkpoints_folder()) in message
    assert "translate weights net-1a2b.pth -o net-1a2b.pdparams --source ENTRY --target ENTRY" in message
