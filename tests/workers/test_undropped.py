from __future__ import annotations

import sys
from types import ModuleType

import pytest

from translator.workers.undropped import is_named, undropped


@pytest.mark.parametrize(
    ("name", "depth", "expected"),
    [
        pytest.param("dropout", False, True, id="dropout"),
        pytest.param("feature_alpha_dropout", False, True, id="of whole features"),
        pytest.param("drop_path", False, False, id="depth is not dropout"),
        pytest.param("drop_path", True, True, id="depth"),
        pytest.param("stochastic_depth", True, True, id="by its first name"),
        pytest.param("drop_last_batch", True, False, id="another word"),
        pytest.param("dropout_rate", True, False, id="a function that is only named after it"),
    ],
)
def test_names(name: str, depth: bool, expected: bool) -> None:
    assert is_named(name, depth) is expected


class DropPathTimm:
    """A layer."""

    def __init__(self) -> None:
        self.training, self.dropout, self.drop_last, self.p = True, 0.5, True, 0.5

    def eval(self) -> None:
        self.training = False


def drop_path(x: int, rate: float) -> int:
    return 0


def test_a_function_under_another_name_and_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("user_module_of_test")
    module.shortened = drop_path  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    layer = DropPathTimm()
    with undropped([layer], depth=True):
        assert module.shortened(3, rate=0.5) == 3
        assert (layer.training, layer.dropout, layer.drop_last, layer.p) == (False, 0, True, 0.5)
    assert module.shortened(3, 0.5) == 0
    assert layer.dropout == 0.5
