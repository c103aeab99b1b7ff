"""Quantizable networks in floats: the layers that stand where int8 would begin and end, and fusing before it.

paddle has no int8 layers that take the place of such networks' own; what would need them says so.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import paddle


class FloatFunctional(paddle.nn.Layer):
    """Operations of tensors as methods of a layer, whose result passes ``activation_post_process``."""

    def __init__(self) -> None:
        super().__init__()
        self.activation_post_process = paddle.nn.Identity()

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        """Not to be called.

        Raises:
            RuntimeError: always.
        """
        raise RuntimeError("FloatFunctional is not called itself: use one of its operations")

    def add(self, x: paddle.Tensor, y: paddle.Tensor) -> paddle.Tensor:
        """``x + y``."""
        return self.activation_post_process(paddle.add(x, y))

    def add_scalar(self, x: paddle.Tensor, y: float) -> paddle.Tensor:
        """``x + y`` for a number, which no observer sees."""
        return x + y

    def mul(self, x: paddle.Tensor, y: paddle.Tensor) -> paddle.Tensor:
        """``x * y``."""
        return self.activation_post_process(paddle.multiply(x, y))

    def mul_scalar(self, x: paddle.Tensor, y: float) -> paddle.Tensor:
        """``x * y`` for a number, which no observer sees."""
        return x * y

    def cat(self, x: Sequence[paddle.Tensor], dim: int = 0) -> paddle.Tensor:
        """The tensors one after the other along ``dim``."""
        return self.activation_post_process(paddle.concat(x, axis=dim))

    def add_relu(self, x: paddle.Tensor, y: paddle.Tensor) -> paddle.Tensor:
        """``x + y``, and 0 where that is negative."""
        return self.activation_post_process(paddle.nn.functional.relu(paddle.add(x, y)))

    def matmul(self, x: paddle.Tensor, y: paddle.Tensor) -> paddle.Tensor:
        """The matrix product."""
        return self.activation_post_process(paddle.matmul(x, y))


class _Stub(paddle.nn.Layer):
    """Gives what it gets.

    Args:
        qconfig: how to quantize here; kept, if there is one.
    """

    def __init__(self, qconfig: Any = None) -> None:
        super().__init__()
        if qconfig:
            self.qconfig = qconfig

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        """``x`` itself."""
        return x


class QuantStub(_Stub):
    """Where int8 would begin."""


class DeQuantStub(_Stub):
    """Where int8 would end."""


class QuantWrapper(paddle.nn.Layer):
    """A layer between a ``QuantStub`` and a ``DeQuantStub``."""

    def __init__(self, module: paddle.nn.Layer) -> None:
        super().__init__()
        qconfig = getattr(module, "qconfig", None)
        self.quant, self.dequant, self.module = QuantStub(qconfig), DeQuantStub(qconfig), module
        (self.train if module.training else self.eval)()

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        """What the layer makes of ``x``."""
        return self.dequant(self.module(self.quant(x)))


class QConfig(NamedTuple):
    """How to quantize: what observes activations, and what observes weights."""

    activation: Any
    weight: Any


@dataclass(frozen=True)
class Observer:
    """The name of a way to observe values, for a ``QConfig``; nothing in paddle can be made of it."""

    name: str


def default_config(kind: str, backend: str) -> QConfig:
    """The configuration that is usual for an engine.

    Args:
        kind: ``qat`` for training with quantization, ``ptq`` for after training.

    Raises:
        ValueError: no such engine.
    """
    if backend not in ("fbgemm", "x86", "qnnpack", "onednn"):
        raise ValueError(f"Quantized backend not supported: {backend}")
    return QConfig(Observer(f"{kind} activation for {backend}"), Observer(f"{kind} weight for {backend}"))


def use_quantized_engine(name: str) -> None:
    """Choose the kernels for int8; there are none.

    Raises:
        RuntimeError: any other name than ``none``.
    """
    if name != "none":
        raise RuntimeError(f"quantized engine {name} is not supported: paddle has none")


def unquantized(layer: paddle.nn.Layer, inplace: bool = False) -> paddle.nn.Layer:
    """The layer, or a copy of it, where nothing in it has a ``qconfig``: then there is nothing to quantize.

    Raises:
        NotImplementedError: something has one.
    """
    if any(getattr(each, "qconfig", None) is not None for each in layer.sublayers(include_self=True)):
        raise NotImplementedError(
            "paddle has no int8 layers for a network of this kind; take the network in floats, "
            "and quantize it with paddle.quantization (QuantConfig with PTQ or QAT)"
        )
    return layer if inplace else copy.deepcopy(layer)


def fuse_layers(
    model: paddle.nn.Layer, modules_to_fuse: Sequence[Any], is_training: bool, inplace: bool = False
) -> paddle.nn.Layer:
    """Put each convolution, its norm and its activation into one layer, and identities where the others were.

    Args:
        modules_to_fuse: the paths of the layers of one group, or a list of such groups.
        is_training: whether the norms stay norms, to be trained; else they go into the weights.
        inplace: whether ``model`` itself is changed, not a copy.

    Returns:
        The model with the fused layers; in evaluation it gives what it gave before.

    Raises:
        AssertionError: layers of these types, or in different modes, cannot be fused.
    """
    model = model if inplace else copy.deepcopy(model)
    is_one = all(isinstance(path, str) for path in modules_to_fuse)
    for paths in [modules_to_fuse] if is_one else modules_to_fuse:
        fused = _fused_layer([_layer_at(model, path) for path in paths], is_training)
        for path, layer in zip(paths, (fused, *[paddle.nn.Identity() for _ in paths[1:]]), strict=True):
            owner, _, name = path.rpartition(".")
            setattr(_layer_at(model, owner), name, layer)
    return model


def _layer_at(model: paddle.nn.Layer, path: str) -> Any:
    for name in filter(None, path.split(".")):
        model = getattr(model, name)
    return model


def _fused_layer(layers: list[Any], is_training: bool) -> paddle.nn.Layer:
    """One layer for a group: the first with the norm in its weights, or a row of what is left."""
    kinds = "".join(next((kind for kind, types in _FUSABLE.items() if isinstance(each, types)), "?") for each in layers)
    if kinds not in ("cn", "cnr", "cr", "ln", "lr", "nr", "tn"):
        raise AssertionError(f"did not find fuser method for: {tuple(type(each) for each in layers)}")
    if "n" not in kinds[1:]:
        return paddle.nn.Sequential(*layers)
    if len({each.training for each in layers}) > 1:
        raise AssertionError("the layers have to be in the same mode, all of them in training or none")
    if is_training:
        if kinds == "tn":
            raise NotImplementedError("transposed convolutions cannot be fused for training")
        return paddle.nn.Sequential(*layers)
    if layers[0].training:
        raise AssertionError("fusing a norm into weights works in evaluation only: call eval() first")
    folded = _folded_norm(layers[0], layers[1], kinds[0])
    return paddle.nn.Sequential(folded, *layers[2:]) if len(layers) > 2 else folded


def _folded_norm(layer: Any, norm: Any, kind: str) -> Any:
    """A copy of the layer that does what it and the norm did one after the other."""
    scale = norm.weight / (norm._variance + norm._epsilon).sqrt()
    axis = 0 if kind == "c" else 1  # matrices and transposed kernels have the outputs second
    shape = [-1 if i == axis else 1 for i in range(layer.weight.ndim)]
    bias = paddle.zeros_like(norm._mean) if layer.bias is None else layer.bias
    made = copy.deepcopy(layer)
    made.weight = paddle.nn.Parameter((layer.weight * scale.reshape(shape)).detach())
    made.bias = paddle.nn.Parameter(((bias - norm._mean) * scale + norm.bias).detach())
    return made


_FUSABLE = {
    "c": (paddle.nn.Conv1D, paddle.nn.Conv2D, paddle.nn.Conv3D),
    "t": (paddle.nn.Conv1DTranspose, paddle.nn.Conv2DTranspose, paddle.nn.Conv3DTranspose),
    "l": (paddle.nn.Linear,),
    "n": (paddle.nn.BatchNorm1D, paddle.nn.BatchNorm2D, paddle.nn.BatchNorm3D),
    "r": (paddle.nn.ReLU,),
}
