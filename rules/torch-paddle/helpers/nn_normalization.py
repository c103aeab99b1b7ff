"""Normalisation that paddle's layers do not have."""

from __future__ import annotations

import paddle


class BatchStatistics(paddle.nn.Layer):
    """Batch normalisation by the statistics of the batch, in evaluation too.

    Args:
        num_features: channels, the input's second axis.
        epsilon: is added to the variance.
        affine: whether there are a weight and a bias.
    """

    def __init__(self, num_features: int, epsilon: float = 1e-5, affine: bool = True) -> None:
        super().__init__()
        self.num_features, self.epsilon = num_features, epsilon
        self.weight = paddle.nn.Parameter(paddle.ones([num_features])) if affine else None
        self.bias = paddle.nn.Parameter(paddle.zeros([num_features])) if affine else None

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        """The normalised input, of the same shape (batch, channels, ...)."""
        axes = [axis for axis in range(x.ndim) if axis != 1]
        shape = [1, -1, *[1] * (x.ndim - 2)]
        mean = x.mean(axes, keepdim=True)
        normal = (x - mean) * paddle.rsqrt((x - mean).square().mean(axes, keepdim=True) + self.epsilon)
        if self.weight is None:
            return normal
        return normal * self.weight.reshape(shape) + self.bias.reshape(shape)
