"""Data for several processes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sized

import numpy as np
import paddle


class DistributedSampler(paddle.io.Sampler):
    """The indices of a data set that one of several processes takes.

    Args:
        num_replicas: processes; all that run by default.
        rank: the number of this process among them.
        seed: of the shuffling, which is the same in all processes and another one in each epoch.
        drop_last: leave indices out, so that all processes have as many; else the first ones are taken again.
    """

    def __init__(
        self,
        dataset: Sized,
        num_replicas: int | None = None,
        rank: int | None = None,
        shuffle: bool = True,
        seed: int = 0,
        drop_last: bool = False,
    ) -> None:
        super().__init__(dataset)
        self.dataset, self.shuffle, self.seed, self.drop_last, self.epoch = dataset, shuffle, seed, drop_last, 0
        self.num_replicas = paddle.distributed.get_world_size() if num_replicas is None else num_replicas
        self.rank = paddle.distributed.get_rank() if rank is None else rank
        if not 0 <= self.rank < self.num_replicas:
            raise ValueError(f"invalid rank {self.rank}: it is to be between 0 and {self.num_replicas - 1}")
        parts = len(dataset) / self.num_replicas
        self.num_samples = math.floor(parts) if drop_last else math.ceil(parts)
        self.total_size = self.num_samples * self.num_replicas

    def __iter__(self) -> Iterator[int]:
        indices = list(range(len(self.dataset)))
        if self.shuffle:
            np.random.default_rng(self.seed + self.epoch).shuffle(indices)
        if len(indices) < self.total_size:
            indices *= math.ceil(self.total_size / len(indices))
        return iter(indices[self.rank : self.total_size : self.num_replicas])

    def __len__(self) -> int:
        return self.num_samples

    def set_epoch(self, epoch: int) -> None:
        """Shuffle in another order from now on."""
        self.epoch = epoch


def all_gather_objects(object_list: list[object], obj: object) -> None:
    """Fill the list with the object of every process."""
    found: list[object] = []
    paddle.distributed.all_gather_object(found, obj)
    object_list[:] = found


def with_rank(function: Callable[..., None], *arguments: object) -> None:
    """Call ``function`` with the number of this process first."""
    function(paddle.distributed.get_rank(), *arguments)
