"""Schedulers that are given an optimizer, and may share it."""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

import paddle


def initial_rate(optimizer: paddle.optimizer.Optimizer) -> float:
    """The learning rate that the optimizer had before any scheduler changed it."""
    return vars(optimizer).setdefault("initial_rate", optimizer.get_lr())


def scheduled(
    optimizer: paddle.optimizer.Optimizer, scheduler: type[Any] | paddle.optimizer.lr.LRScheduler, *settings: Any
) -> Any:
    """Let a scheduler set the optimizer's learning rate from now on; several of them multiply their factors.

    Args:
        scheduler: its class, which is given the optimizer's learning rate and ``settings``; or the scheduler itself.
    """
    rate = initial_rate(optimizer)
    made = scheduler(rate, *settings) if isinstance(scheduler, type) else scheduler
    before = optimizer._learning_rate
    if isinstance(before, Together):
        before.schedulers.append(made)
    elif isinstance(before, paddle.optimizer.lr.LRScheduler):
        optimizer.set_lr_scheduler(Together([before, made]))
    else:
        optimizer.set_lr_scheduler(made)
    return made


class Together(paddle.optimizer.lr.LRScheduler):
    """Schedulers of one optimizer: their factors are multiplied, and ``step`` moves all of them on."""

    def __init__(self, schedulers: list[paddle.optimizer.lr.LRScheduler]) -> None:
        self.schedulers = list(schedulers)
        self.base_lr = self.schedulers[0].base_lr

    def __call__(self) -> float:
        """The learning rate now."""
        return self.last_lr

    @property
    def last_lr(self) -> float:
        """The learning rate now."""
        rate = self.base_lr
        for one in self.schedulers:
            rate *= one.last_lr / one.base_lr
        return rate

    def step(self, epoch: int | None = None) -> None:
        """Move every scheduler on."""
        for one in self.schedulers:
            one.step(epoch)

    def state_dict(self) -> dict[str, Any]:
        """The states of all schedulers."""
        return {"schedulers": [one.state_dict() for one in self.schedulers]}

    def set_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restore what ``state_dict`` gave."""
        for one, state in zip(self.schedulers, state_dict["schedulers"], strict=True):
            one.set_state_dict(state)


class OneAfterTheOther(paddle.optimizer.lr.LRScheduler):
    """Schedulers of one optimizer that take turns.

    Args:
        milestones: the epochs at which the second, third ... scheduler begins.
    """

    def __init__(
        self,
        optimizer: paddle.optimizer.Optimizer,
        schedulers: list[paddle.optimizer.lr.LRScheduler],
        milestones: list[int],
    ) -> None:
        self.schedulers, self.milestones = list(schedulers), list(milestones)
        super().__init__(initial_rate(optimizer))
        optimizer.set_lr_scheduler(self)

    def step(self, epoch: int | None = None) -> None:
        """Move the scheduler on whose turn it is."""
        self.last_epoch += 1
        number = bisect_right(self.milestones, self.last_epoch)
        one = self.schedulers[number]
        if number and self.milestones[number - 1] == self.last_epoch:
            one.step(0)
        elif self.last_epoch:
            one.step()
        self.last_lr = one.last_lr

    def state_dict(self) -> dict[str, Any]:
        """The states of all schedulers, and whose turn it is."""
        states = [one.state_dict() for one in self.schedulers]
        return {"last_epoch": self.last_epoch, "last_lr": self.last_lr, "schedulers": states}

    def set_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restore what ``state_dict`` gave."""
        self.last_epoch, self.last_lr = state_dict["last_epoch"], state_dict["last_lr"]
        for one, state in zip(self.schedulers, state_dict["schedulers"], strict=True):
            one.set_state_dict(state)
