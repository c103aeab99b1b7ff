"""Batches of data sets."""

from __future__ import annotations

from typing import Any

import numpy as np
import paddle


def batches_of(dataset: Any, sampler: Any, batch_size: int, shuffle: bool | None, drop_last: bool) -> Any:
    """Batches of the indices that ``sampler`` gives; without one, of all indices of the data set."""
    if sampler is not None:
        return paddle.io.BatchSampler(sampler=sampler, batch_size=batch_size, drop_last=drop_last)
    return paddle.io.BatchSampler(dataset, shuffle=bool(shuffle), batch_size=batch_size, drop_last=drop_last)


def collated(batch: list[Any]) -> Any:
    """Samples as one batch: numbers and arrays become tensors, in lists and dictionaries, too."""
    return _as_tensors(paddle.io.dataloader.collate.default_collate_fn(batch))


def _as_tensors(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return paddle.to_tensor(value)
    if isinstance(value, dict):
        return {key: _as_tensors(one) for key, one in value.items()}
    return [_as_tensors(one) for one in value] if isinstance(value, list) else value


def pad_sequence(
    sequences: list[paddle.Tensor], batch_first: bool = False, padding_value: float = 0.0, padding_side: str = "right"
) -> paddle.Tensor:
    """Tensors (length, ...) as one tensor (longest, batch, ...), or (batch, longest, ...)."""
    longest = max(one.shape[0] for one in sequences)
    rows = []
    for one in sequences:
        rest = paddle.full([longest - one.shape[0], *one.shape[1:]], padding_value, one.dtype)
        rows.append(paddle.concat([one, rest] if padding_side == "right" else [rest, one]))
    return paddle.stack(rows, 0 if batch_first else 1)
