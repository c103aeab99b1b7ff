"""Layers that one expression of paddle cannot say."""

from __future__ import annotations

import copy

import paddle


class PaddedEmbedding(paddle.nn.Embedding):
    """An embedding whose row ``padding_idx`` begins at zero and gets no gradient, and is looked up like any other.

    Args:
        num_embeddings: rows.
        embedding_dim: columns.
        padding_idx: the row that training leaves alone; None for none.
    """

    def __init__(self, num_embeddings: int, embedding_dim: int, padding_idx: int | None = None) -> None:
        super().__init__(num_embeddings, embedding_dim)
        self.padding_idx = padding_idx if padding_idx is None else padding_idx % num_embeddings
        if self.padding_idx is not None:
            with paddle.no_grad():
                self.weight[self.padding_idx] = 0.0

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        """Rows of the weight: shape of ``x`` and one more axis of ``embedding_dim``."""
        rows = paddle.nn.functional.embedding(x, self.weight)
        if self.padding_idx is None:
            return rows
        return paddle.where((x == self.padding_idx).unsqueeze(-1), rows.detach(), rows)


class PlainGroupNorm(paddle.nn.Layer):
    """Group normalisation without weight and bias; the gradient of paddle 3.3's own is wrong then on CPUs.

    Args:
        num_groups: groups of channels that share mean and variance.
        num_channels: of the input's second axis.
        epsilon: is added to the variance.
    """

    def __init__(self, num_groups: int, num_channels: int, epsilon: float = 1e-5) -> None:
        super().__init__()
        self.num_groups, self.num_channels, self.epsilon = num_groups, num_channels, epsilon

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        """The normalised input, of the same shape (batch, channels, ...)."""
        return group_norm(x, self.num_groups, epsilon=self.epsilon)


def group_norm(
    x: paddle.Tensor,
    num_groups: int,
    weight: paddle.Tensor | None = None,
    bias: paddle.Tensor | None = None,
    epsilon: float = 1e-5,
) -> paddle.Tensor:
    """Normalise (batch, channels, ...) in groups of channels; see ``PlainGroupNorm`` for why not by paddle's own."""
    if weight is not None:
        return paddle.nn.functional.group_norm(x, num_groups, epsilon, weight, bias)
    grouped = x.reshape([x.shape[0], num_groups, -1])
    normal = paddle.nn.functional.layer_norm(grouped, grouped.shape[-1:], epsilon=epsilon).reshape(x.shape)
    return normal if bias is None else normal + bias.reshape([-1, *[1] * (x.ndim - 2)])


class RMSNorm(paddle.nn.Layer):
    """Divide by the root of the mean square over the last axes, then scale.

    Args:
        normalized_shape: sizes of the last axes.
        eps: is added to the mean square; the resolution of the input's type by default.
        elementwise_affine: whether there is a weight.
    """

    def __init__(
        self,
        normalized_shape: int | list[int] | tuple[int, ...],
        eps: float | None = None,
        elementwise_affine: bool = True,
    ) -> None:
        super().__init__()
        shape = [normalized_shape] if isinstance(normalized_shape, int) else list(normalized_shape)
        self.normalized_shape, self.eps = tuple(shape), eps
        self.weight = paddle.nn.Parameter(paddle.ones(shape)) if elementwise_affine else None

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        """The normalised input, of the same shape."""
        return rms_norm(x, self.normalized_shape, self.weight, self.eps)


def rms_norm(
    x: paddle.Tensor,
    normalized_shape: list[int] | tuple[int, ...],
    weight: paddle.Tensor | None = None,
    eps: float | None = None,
) -> paddle.Tensor:
    """``x`` over the root of its mean square on the last axes, times ``weight``; paddle's own needs a GPU."""
    axes = list(range(-len(normalized_shape), 0))
    small = paddle.finfo(x.dtype).eps if eps is None else eps
    normal = x * paddle.rsqrt(x.square().mean(axes, keepdim=True) + small)
    return normal if weight is None else normal * weight


class LSTMCell(paddle.nn.LSTMCell):
    """paddle's cell with the plain result ``(h, c)``."""

    def forward(
        self, inputs: paddle.Tensor, states: tuple[paddle.Tensor, paddle.Tensor] | None = None
    ) -> tuple[paddle.Tensor, paddle.Tensor]:
        """One step: (batch, input_size) and two states (batch, hidden_size), zeros by default."""
        return super().forward(inputs, states)[1]


class GRUCell(paddle.nn.GRUCell):
    """paddle's cell with the plain result ``h``."""

    def forward(self, inputs: paddle.Tensor, states: paddle.Tensor | None = None) -> paddle.Tensor:
        """One step: (batch, input_size) and a state (batch, hidden_size), zeros by default."""
        return super().forward(inputs, states)[0]


class RNNCell(paddle.nn.SimpleRNNCell):
    """paddle's cell with the plain result ``h``."""

    def forward(self, inputs: paddle.Tensor, states: paddle.Tensor | None = None) -> paddle.Tensor:
        """One step: (batch, input_size) and a state (batch, hidden_size), zeros by default."""
        return super().forward(inputs, states)[0]


def repeated(x, count):
    """``x`` as a tuple; what is not a sequence stands in it ``count`` times."""
    return (x,) * count if isinstance(x, int | float) else tuple(x)


def fused_with_norm(conv, bn, transpose=False):
    """A copy of a convolution that also does what the batch normalisation behind it does in eval mode.

    Args:
        transpose: whether output channels are the weight's second axis.
    """
    fused = copy.deepcopy(conv)
    scale = paddle.rsqrt(bn._variance + bn._epsilon) * (1.0 if bn.weight is None else bn.weight)
    with paddle.no_grad():
        bias = (0.0 if conv.bias is None else conv.bias) - bn._mean
        bias = bias * scale + (0.0 if bn.bias is None else bn.bias)
        shape = [1, -1] if transpose else [-1, 1]
        weight = conv.weight * scale.reshape([*shape, *[1] * (conv.weight.ndim - 2)])
    fused.weight = paddle.nn.Parameter(weight, trainable=not conv.weight.stop_gradient)
    fused.bias = paddle.nn.Parameter(bias)
    return fused
