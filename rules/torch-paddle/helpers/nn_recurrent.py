"""Recurrent layers without biases, or with a projection of the state."""

from __future__ import annotations

from typing import Any

import paddle


def _without_biases(layer: paddle.nn.Layer) -> None:
    """Take the biases out of the layer's parameters; they stay zero."""
    for part in layer.sublayers(include_self=True):
        for name in [name for name in part._parameters if name.startswith("bias")]:
            bias = part._parameters.pop(name)
            with paddle.no_grad():
                bias.zero_()
            object.__setattr__(part, name, bias)  # it still takes a gradient, since paddle's operator gives one


class BiaslessLSTM(paddle.nn.LSTM):
    """paddle's layer with biases that are zero and no parameters."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        _without_biases(self)


class BiaslessGRU(paddle.nn.GRU):
    """paddle's layer with biases that are zero and no parameters."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        _without_biases(self)


class BiaslessRNN(paddle.nn.SimpleRNN):
    """paddle's layer with biases that are zero and no parameters."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        _without_biases(self)


class ProjectedLSTM(paddle.nn.LSTM):
    """paddle's layer with ``proj_size``; its parameters under the names that torch gives them.

    The weight of the projection is transposed: ``weight_hr_l0`` has the shape (hidden_size, proj_size).
    """

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self._parameters.clear()
        self.could_use_cudnn = False
        for number, layer in enumerate(self):
            cells = [layer.cell] if hasattr(layer, "cell") else [layer.cell_fw, layer.cell_bw]
            for suffix, cell in zip(("", "_reverse"), cells, strict=False):
                for name, inner in (("ih", "ih"), ("hh", "hh"), ("hr", "ho"))[: 3 if self.proj_size else 2]:
                    setattr(self, f"weight_{name}_l{number}{suffix}", getattr(cell, f"weight_{inner}"))
                for name in ("ih", "hh"):
                    setattr(self, f"bias_{name}_l{number}{suffix}", getattr(cell, f"bias_{name}"))
