"""Intermediate results of a model, by the paths of its layers."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Any, Self

import paddle

Nodes = Iterable[str] | Mapping[str, str]


def create_feature_extractor(
    model: paddle.nn.Layer,
    return_nodes: Nodes | None = None,
    train_return_nodes: Nodes | None = None,
    eval_return_nodes: Nodes | None = None,
) -> paddle.nn.Layer:
    """A layer that runs ``model`` and gives the results of some of its layers.

    Args:
        return_nodes: paths of layers, ``layer4`` or ``layer4.1.relu_1`` for the second call of a layer without layers
            in it; to the names of the results, or the paths are the names.
        train_return_nodes: the same for training mode; with ``eval_return_nodes``, instead of ``return_nodes``.

    Raises:
        ValueError: no nodes, or both kinds of them; a node is no layer of the model.
    """
    is_one, is_both = return_nodes is not None, None not in (train_return_nodes, eval_return_nodes)
    if is_one == is_both or is_one != (train_return_nodes is None) or is_one != (eval_return_nodes is None):
        raise ValueError("give `return_nodes`, or `train_return_nodes` and `eval_return_nodes`")
    train, evaluate = (return_nodes, return_nodes) if is_one else (train_return_nodes, eval_return_nodes)
    return _Features(model, _named(train or ()), _named(evaluate or ()))


def _named(nodes: Nodes) -> dict[str, str]:
    pairs = nodes.items() if isinstance(nodes, Mapping) else ((node, node) for node in nodes)
    found = {str(node): str(name) for node, name in pairs}
    if not found:
        raise ValueError("there is no node to return")
    return found


class _Features(paddle.nn.Layer):
    """The layers of a model by their own names; a forward that gives an OrderedDict of results."""

    def __init__(self, model: paddle.nn.Layer, train: dict[str, str], evaluate: dict[str, str]) -> None:
        super().__init__()
        object.__setattr__(self, "_model", model)
        self._wanted = {True: train, False: evaluate}
        self._places = {node: _place(model, node) for node in {**train, **evaluate}}
        for name, layer in model.named_children():
            self.add_sublayer(name, layer)
        for name, parameter in model.named_parameters(include_sublayers=False):
            self.add_parameter(name, parameter)
        for name, buffer in model.named_buffers(include_sublayers=False):
            self.register_buffer(name, buffer)
        self.training = model.training

    def train(self) -> Self:
        """Give the results that are wanted in training mode."""
        super().train()
        self._model.train()
        return self

    def eval(self) -> Self:
        """Give the results that are wanted in evaluation mode."""
        super().eval()
        self._model.eval()
        return self

    def forward(self, *args: Any, **kwargs: Any) -> OrderedDict[str, Any]:
        """The results by their names.

        Raises:
            RuntimeError: a layer did not run, or one that has layers in it ran more than once.
        """
        wanted = self._wanted[self.training]
        calls: dict[str, list[Any]] = {self._places[node][0]: [] for node in wanted}
        hooks = [_layer(self._model, path).register_forward_post_hook(_collects(made)) for path, made in calls.items()]
        try:
            self._model(*args, **kwargs)
        finally:
            for hook in hooks:
                hook.remove()
        return OrderedDict((name, self._result(node, calls)) for node, name in wanted.items())

    def _result(self, node: str, calls: dict[str, list[Any]]) -> Any:
        path, number = self._places[node]
        made = calls[path]
        if number >= len(made):
            raise RuntimeError(f"`{node}` did not run in this forward")
        if len(made) > 1 and list(_layer(self._model, path).children()):
            raise RuntimeError(f"`{path}` ran {len(made)} times: name the layers in it that are meant")
        return made[number]


def _collects(made: list[Any]) -> Any:
    def hook(layer: paddle.nn.Layer, inputs: Any, output: Any) -> None:
        made.append(output)

    return hook


def _layer(model: paddle.nn.Layer, path: str) -> paddle.nn.Layer:
    for name in path.split("."):
        model = dict(model.named_children())[name]
    return model


def _place(model: paddle.nn.Layer, node: str) -> tuple[str, int]:
    """The path of a node's layer, and which of its calls is meant.

    Raises:
        ValueError: it is no layer of the model.
    """
    paths = {name for name, _ in model.named_sublayers()}
    again = re.fullmatch(r"(.+)_(\d+)", node)
    if node in paths:
        return node, 0
    if again is not None and again[1] in paths and not list(_layer(model, again[1]).children()):
        return again[1], int(again[2])
    raise ValueError(f"`{node}` is no layer of the model: what stands between layers has to be returned by forward")


class IntermediateLayerGetter(paddle.nn.Layer):
    """The children of a model one after the other, up to the last whose result is wanted.

    Args:
        return_layers: names of children, to the names of their results.

    Raises:
        ValueError: the model has no child of one of these names.
    """

    def __init__(self, model: paddle.nn.Layer, return_layers: Mapping[str, str]) -> None:
        super().__init__()
        children = OrderedDict(model.named_children())
        if not set(return_layers) <= set(children):
            raise ValueError("return_layers are not present in model")
        last = max(list(children).index(name) for name in return_layers)
        for name, layer in list(children.items())[: last + 1]:
            self.add_sublayer(name, layer)
        self.return_layers = return_layers

    def forward(self, x: Any) -> OrderedDict[str, Any]:
        """The wanted results by their names."""
        found: OrderedDict[str, Any] = OrderedDict()
        for name, layer in self.named_children():
            x = layer(x)
            if name in self.return_layers:
                found[self.return_layers[name]] = x
        return found
