"""Layers of detection and classification networks that paddle.vision does not have in this form."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable

import paddle

Layer = Callable[..., paddle.nn.Layer]


class FrozenBatchNorm2d(paddle.nn.Layer):
    """Batch normalisation with fixed statistics and fixed scale, all of them buffers."""

    def __init__(self, num_features: int, eps: float = 1e-5) -> None:
        super().__init__()
        self.eps = eps
        for name in ("weight", "running_var"):
            self.register_buffer(name, paddle.ones([num_features]))
        for name in ("bias", "running_mean"):
            self.register_buffer(name, paddle.zeros([num_features]))

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        """The normalised input (batch, channels, height, width)."""
        scale = (self.weight * (self.running_var + self.eps).rsqrt()).reshape([1, -1, 1, 1])
        return x * scale + (self.bias.reshape([1, -1, 1, 1]) - self.running_mean.reshape([1, -1, 1, 1]) * scale)


def stochastic_depth(x: paddle.Tensor, p: float, mode: str, training: bool = True) -> paddle.Tensor:
    """``x``, or zeros with probability ``p``; what stays is divided by its probability.

    Args:
        mode: ``batch`` for all or nothing, ``row`` for each element of the first axis.

    Raises:
        ValueError: another mode, or ``p`` is no probability.
    """
    if not 0 <= p <= 1:
        raise ValueError(f"drop probability has to be between 0 and 1, but got {p}")
    if mode not in ("batch", "row"):
        raise ValueError(f"mode has to be either 'batch' or 'row', but got {mode}")
    if not training or p == 0:
        return x
    shape = [x.shape[0] if mode == "row" else 1] + [1] * (x.ndim - 1)
    stays = paddle.bernoulli(paddle.full(shape, 1 - p, x.dtype))
    return x * (stays / (1 - p) if p < 1 else stays)


class StochasticDepth(paddle.nn.Layer):
    """``stochastic_depth`` as a layer; nothing is dropped in eval mode."""

    def __init__(self, p: float, mode: str) -> None:
        super().__init__()
        self.p, self.mode = p, mode

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        """``x``, or what ``stochastic_depth`` makes of it."""
        return stochastic_depth(x, self.p, self.mode, self.training)


def drop_block2d(
    x: paddle.Tensor, p: float, block_size: int, eps: float = 1e-6, training: bool = True
) -> paddle.Tensor:
    """``x`` (batch, channels, height, width) without blocks of pixels; what stays is enlarged to make up for them.

    Args:
        p: the probability that a pixel is dropped.
        block_size: side of a block, odd; no more than the smallest side of ``x``.
        eps: added to the number of pixels that stay.

    Raises:
        ValueError: ``p`` is no probability, the block is even, or ``x`` has other axes.
    """
    return _without_blocks(x, p, block_size, eps, training, 2)


def drop_block3d(
    x: paddle.Tensor, p: float, block_size: int, eps: float = 1e-6, training: bool = True
) -> paddle.Tensor:
    """``drop_block2d`` of (batch, channels, depth, height, width)."""
    return _without_blocks(x, p, block_size, eps, training, 3)


def _without_blocks(
    x: paddle.Tensor, p: float, block_size: int, eps: float, training: bool, axes: int
) -> paddle.Tensor:
    if not 0 <= p <= 1:
        raise ValueError(f"drop probability has to be between 0 and 1, but got {p}.")
    if x.ndim != axes + 2:
        raise ValueError(f"input should be {axes + 2} dimensional. Got {x.ndim} dimensions.")
    if not training or p == 0:
        return x
    sides = x.shape[2:]
    size = min(block_size, *sides)
    if size % 2 == 0:
        raise ValueError(f"block size should be odd. Got {size} which is even.")
    inner = [side - size + 1 for side in sides]
    chance = p * math.prod(sides) / (size**axes * math.prod(inner))
    centres = paddle.bernoulli(paddle.full([*x.shape[:2], *inner], chance, x.dtype))
    centres = paddle.nn.functional.pad(centres, [size // 2] * 2 * axes, data_format="NCHW" if axes == 2 else "NCDHW")
    pool = paddle.nn.functional.max_pool2d if axes == 2 else paddle.nn.functional.max_pool3d
    stays = 1 - pool(centres, size, 1, size // 2)
    return x * stays * (stays.size / (eps + stays.sum()))


class DropBlock2d(paddle.nn.Layer):
    """``drop_block2d`` as a layer; nothing is dropped in eval mode."""

    def __init__(self, p: float, block_size: int, eps: float = 1e-6) -> None:
        super().__init__()
        self.p, self.block_size, self.eps = p, block_size, eps

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        """``x``, or what ``drop_block2d`` makes of it."""
        return drop_block2d(x, self.p, self.block_size, self.eps, self.training)


class DropBlock3d(paddle.nn.Layer):
    """``drop_block3d`` as a layer; nothing is dropped in eval mode."""

    def __init__(self, p: float, block_size: int, eps: float = 1e-6) -> None:
        super().__init__()
        self.p, self.block_size, self.eps = p, block_size, eps

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        """``x``, or what ``drop_block3d`` makes of it."""
        return drop_block3d(x, self.p, self.block_size, self.eps, self.training)


class SqueezeExcitation(paddle.nn.Layer):
    """Scale each channel by what two convolutions of the channels' means say.

    Args:
        activation: makes the layer between them; ``scale_activation`` the last one.
    """

    def __init__(
        self,
        input_channels: int,
        squeeze_channels: int,
        activation: Layer = paddle.nn.ReLU,
        scale_activation: Layer = paddle.nn.Sigmoid,
    ) -> None:
        super().__init__()
        self.avgpool = paddle.nn.AdaptiveAvgPool2D(1)
        self.fc1 = paddle.nn.Conv2D(input_channels, squeeze_channels, 1)
        self.fc2 = paddle.nn.Conv2D(squeeze_channels, input_channels, 1)
        self.activation, self.scale_activation = activation(), scale_activation()

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        """The scaled input (batch, channels, height, width)."""
        return x * self.scale_activation(self.fc2(self.activation(self.fc1(self.avgpool(x)))))


class Conv2dNormActivation(paddle.nn.Sequential):
    """A convolution, then a normalisation and an activation where they are given.

    Args:
        padding: half of the dilated kernel by default, which keeps the size.
        norm_layer: makes the normalisation of the output's channels; None for none.
        activation_layer: makes the activation; None for none.
        bias: of the convolution; by default where there is no normalisation.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, int] = 3,
        stride: int | tuple[int, int] = 1,
        padding: int | tuple[int, int] | str | None = None,
        groups: int = 1,
        norm_layer: Layer | None = paddle.nn.BatchNorm2D,
        activation_layer: Layer | None = paddle.nn.ReLU,
        dilation: int | tuple[int, int] = 1,
        bias: bool | None = None,
    ) -> None:
        if padding is None:
            kernel = kernel_size if isinstance(kernel_size, tuple | list) else (kernel_size,) * 2
            apart = dilation if isinstance(dilation, tuple | list) else (dilation,) * 2
            padding = [(k - 1) // 2 * d for k, d in zip(kernel, apart, strict=True)]
        has_bias = norm_layer is None if bias is None else bias
        layers: list[paddle.nn.Layer] = [
            paddle.nn.Conv2D(
                in_channels, out_channels, kernel_size, stride, padding, dilation, groups,
                bias_attr=None if has_bias else False,
            )
        ]  # fmt: skip
        if norm_layer is not None:
            layers.append(norm_layer(out_channels))
        if activation_layer is not None:
            layers.append(activation_layer())
        super().__init__(*layers)
        self.out_channels = out_channels


class MLP(paddle.nn.Sequential):
    """Linear maps with a normalisation, an activation and a dropout behind each but the last, which has a dropout.

    Args:
        hidden_channels: outputs of each map.
        norm_layer: makes a normalisation; None for none.
        activation_layer: makes an activation; None for none.
    """

    def __init__(
        self,
        in_channels: int,
        hidden_channels: list[int],
        norm_layer: Layer | None = None,
        activation_layer: Layer | None = paddle.nn.ReLU,
        bias: bool = True,
        dropout: float = 0.0,
    ) -> None:
        layers: list[paddle.nn.Layer] = []
        for number, channels in enumerate(hidden_channels):
            is_last = number == len(hidden_channels) - 1
            layers.append(paddle.nn.Linear(in_channels, channels, bias_attr=None if bias else False))
            if norm_layer is not None and not is_last:
                layers.append(norm_layer(channels))
            if activation_layer is not None and not is_last:
                layers.append(activation_layer())
            layers.append(paddle.nn.Dropout(dropout))
            in_channels = channels
        super().__init__(*layers)


class Permute(paddle.nn.Layer):
    """Another order of the axes."""

    def __init__(self, dims: list[int]) -> None:
        super().__init__()
        self.dims = dims

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        """``x`` with its axes in the order ``dims``."""
        return x.transpose(list(self.dims))


class LastLevelMaxPool(paddle.nn.Layer):
    """One more map for a feature pyramid: every second pixel of the smallest one."""

    def forward(
        self, x: list[paddle.Tensor], y: list[paddle.Tensor], names: list[str]
    ) -> tuple[list[paddle.Tensor], list[str]]:
        """The maps and their names, with one more of each."""
        return [*x, paddle.nn.functional.max_pool2d(x[-1], 1, 2, 0)], [*names, "pool"]


class FeaturePyramidNetwork(paddle.nn.Layer):
    """Add to each feature map the next smaller one, enlarged, so that all have the same number of channels.

    Args:
        in_channels_list: channels of each input, the largest map first.
        out_channels: channels of each output.
        extra_blocks: makes more maps of the results.
        norm_layer: makes a normalisation behind each convolution; None for none.
    """

    def __init__(
        self,
        in_channels_list: list[int],
        out_channels: int,
        extra_blocks: paddle.nn.Layer | None = None,
        norm_layer: Layer | None = None,
    ) -> None:
        super().__init__()

        def block(channels: int, kernel: int) -> paddle.nn.Layer:
            return Conv2dNormActivation(channels, out_channels, kernel, norm_layer=norm_layer, activation_layer=None)

        self.inner_blocks = paddle.nn.LayerList([block(channels, 1) for channels in in_channels_list])
        self.layer_blocks = paddle.nn.LayerList([block(out_channels, 3) for _ in in_channels_list])
        self.extra_blocks = extra_blocks

    def forward(self, x: dict[str, paddle.Tensor]) -> OrderedDict[str, paddle.Tensor]:
        """The maps by the names that they came with."""
        names, maps = list(x), list(x.values())
        last = self.inner_blocks[len(maps) - 1](maps[-1])
        results = [self.layer_blocks[len(maps) - 1](last)]
        for number in range(len(maps) - 2, -1, -1):
            inner = self.inner_blocks[number](maps[number])
            last = inner + paddle.nn.functional.interpolate(last, inner.shape[-2:], mode="nearest")
            results.insert(0, self.layer_blocks[number](last))
        if self.extra_blocks is not None:
            results, names = self.extra_blocks(results, maps, names)
        return OrderedDict(zip(names, results, strict=True))
