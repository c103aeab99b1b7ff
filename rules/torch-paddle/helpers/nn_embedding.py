"""Embeddings of bags of indices."""

from __future__ import annotations

import paddle


def embedding_bag(
    x: paddle.Tensor,
    weight: paddle.Tensor,
    offsets: paddle.Tensor | None = None,
    mode: str = "mean",
    per_sample_weights: paddle.Tensor | None = None,
    include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> paddle.Tensor:
    """Sum, mean or maximum of the embeddings of each bag: (bags, features); zeros for an empty bag.

    Args:
        x: indices, a bag a row; or all bags one after the other, which begin at ``offsets``.
        weight: the embedding of each index.
        mode: ``sum``, ``mean`` or ``max``.
        per_sample_weights: of each index, for ``sum``.
        include_last_offset: whether the last offset is the number of indices.
        padding_idx: an index that does not count.
    """
    if offsets is None:
        bags = paddle.arange(x.shape[0]).unsqueeze(1).expand(x.shape).reshape([-1])
        number = x.shape[0]
    else:
        starts = offsets[:-1] if include_last_offset else offsets
        number = starts.shape[0]
        bags = (paddle.arange(x.shape[0]).unsqueeze(1) >= starts.unsqueeze(0)).astype("int64").sum(1) - 1
    indices = x.reshape([-1])
    factors = paddle.ones(indices.shape, weight.dtype)
    if per_sample_weights is not None:
        factors = per_sample_weights.reshape([-1])
    counted = paddle.ones(indices.shape, "bool") if padding_idx is None else indices != padding_idx
    rows = paddle.nn.functional.embedding(indices, weight)
    belongs = paddle.logical_and(bags.unsqueeze(0) == paddle.arange(number).unsqueeze(1), counted.unsqueeze(0))
    if mode == "max":
        low = paddle.full([], float("-inf"), weight.dtype)
        best = paddle.where(belongs.unsqueeze(-1), rows.unsqueeze(0), low).max(1)
        return paddle.where(belongs.any(1).unsqueeze(-1), best, paddle.zeros([], weight.dtype))
    shares = belongs.astype(weight.dtype)
    total = paddle.matmul(shares * factors.unsqueeze(0), rows)
    return total / shares.sum(1, keepdim=True).clip(min=1.0) if mode == "mean" else total


class EmbeddingBag(paddle.nn.Layer):
    """``embedding_bag`` with a weight of its own; see there for the arguments."""

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        mode: str = "mean",
        include_last_offset: bool = False,
        padding_idx: int | None = None,
    ) -> None:
        super().__init__()
        self.num_embeddings, self.embedding_dim, self.mode = num_embeddings, embedding_dim, mode
        self.include_last_offset = include_last_offset
        self.padding_idx = padding_idx if padding_idx is None else padding_idx % num_embeddings
        self.weight = paddle.nn.Parameter(paddle.randn([num_embeddings, embedding_dim]))
        if self.padding_idx is not None:
            with paddle.no_grad():
                self.weight[self.padding_idx] = 0.0

    def forward(
        self,
        x: paddle.Tensor,
        offsets: paddle.Tensor | None = None,
        per_sample_weights: paddle.Tensor | None = None,
    ) -> paddle.Tensor:
        """One embedding for each bag: (bags, embedding_dim)."""
        last, padding = self.include_last_offset, self.padding_idx
        return embedding_bag(x, self.weight, offsets, self.mode, per_sample_weights, last, padding)
