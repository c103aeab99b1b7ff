"""Intermediate results by the paths of layers: what is no layer, what did not run, and what ran twice is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

paddle = pytest.importorskip("paddle", reason="paddle is not installed")


class Net(paddle.nn.Layer):  # type: ignore[misc]
    """A block that runs twice, and a layer that never runs."""

    def __init__(self) -> None:
        super().__init__()
        self.block = paddle.nn.Sequential(paddle.nn.Linear(2, 2), paddle.nn.ReLU())
        self.never = paddle.nn.ReLU()

    def forward(self, x: Any) -> Any:
        """The block's result of its own result."""
        return self.block(self.block(x))


@pytest.fixture(scope="module")
def helpers(helper_file: Callable[[str], Any]) -> Any:
    return helper_file("vision_features")


@pytest.mark.parametrize("nodes", [
    pytest.param({}, id="nothing"),
    pytest.param({"return_nodes": []}, id="an empty list"),
    pytest.param({"return_nodes": ["block"], "train_return_nodes": ["block"]}, id="both kinds"),
    pytest.param({"train_return_nodes": ["block"]}, id="of one mode only"),
    pytest.param({"return_nodes": ["add"]}, id="no layer"),
    pytest.param({"return_nodes": ["block_1"]}, id="a second call of what has layers in it"),
])  # fmt: skip
def test_refused(nodes: dict[str, Any], helpers: Any) -> None:
    with pytest.raises(ValueError, match=r"give|no node|no layer"):
        helpers.create_feature_extractor(Net(), **nodes)


@pytest.mark.parametrize(("node", "why"), [
    pytest.param("never", "`never` did not run", id="that did not run"),
    pytest.param("block.1_2", "did not run", id="a third call"),
    pytest.param("block", "ran 2 times", id="that ran twice"),
])  # fmt: skip
def test_found_while_it_runs(node: str, why: str, helpers: Any) -> None:
    features = helpers.create_feature_extractor(Net(), [node])
    with pytest.raises(RuntimeError, match=why):
        features(paddle.ones([1, 2]))


def test_the_hooks_go_and_the_parameters_stay(helpers: Any) -> None:
    net = Net()
    features = helpers.create_feature_extractor(net, {"block.1": "first", "block.1_1": "second"})
    found = features(paddle.ones([1, 2]))
    assert list(found) == ["first", "second"]
    assert not net.block[1]._forward_post_hooks
    assert list(features.state_dict()) == list(net.state_dict())


def test_children_that_are_not_there(helpers: Any) -> None:
    with pytest.raises(ValueError, match="return_layers are not present in model"):
        helpers.IntermediateLayerGetter(Net(), {"head": "out"})
