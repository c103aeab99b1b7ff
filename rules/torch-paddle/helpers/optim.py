"""Optimizers whose groups of parameters have settings of their own, and schedulers that are given an optimizer."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, MutableMapping
from typing import Any

import paddle

OF_THE_OPTIMIZER = frozenset(
    {
        "alpha", "amsgrad", "betas", "dampening", "eps", "lr_decay", "maximize", "momentum", "nesterov", "rho",
        "weight_decay",
    }
)  # fmt: skip


def parameter_groups(parameters: Iterable[Any], learning_rate: float) -> list[Any]:
    """Parameters, or groups of them, as an optimizer here takes them.

    Args:
        parameters: tensors, or dictionaries with ``params`` and settings of their own; a group's ``lr`` is absolute.
        learning_rate: the optimizer's; a group's ``learning_rate`` is a multiple of it.

    Raises:
        ValueError: a group has a setting that only a whole optimizer has here.
    """
    given = list(parameters)
    if not any(isinstance(group, dict) for group in given):
        return given
    groups = (_group(group, learning_rate) for group in given)
    return [group for group in groups if group["params"]]


def _group(group: dict[str, Any], learning_rate: float) -> dict[str, Any]:
    made = dict(group, params=_listed(group["params"]))
    if "lr" in made:
        made["learning_rate"] = made.pop("lr") / learning_rate
    unknown = sorted(set(made) & OF_THE_OPTIMIZER - {"weight_decay"})
    if unknown:
        raise ValueError(f"a group cannot have a `{unknown[0]}` of its own")
    return made


def _listed(parameters: Any) -> list[paddle.Tensor]:
    return [parameters] if isinstance(parameters, paddle.Tensor) else list(parameters)


class ParameterGroup(MutableMapping[str, Any]):
    """A group of an optimizer's parameters as a dictionary: ``params``, ``lr``, and what else was set."""

    def __init__(self, optimizer: paddle.optimizer.Optimizer, settings: dict[str, Any]) -> None:
        self.optimizer, self.settings = optimizer, settings

    def __getitem__(self, key: str) -> Any:
        if key == "lr":
            return self.optimizer.get_lr() * self._multiple
        return self.settings[key]

    def __setitem__(self, key: str, value: Any) -> None:
        if key == "lr":
            self._set_rate(value)
        elif key in OF_THE_OPTIMIZER:
            raise KeyError(f"`{key}` cannot be changed after the optimizer is made")
        else:
            self.settings[key] = value

    def __delitem__(self, key: str) -> None:
        del self.settings[key]

    def __iter__(self) -> Iterator[str]:
        own = {"learning_rate", *self.optimizer._default_dict}
        return iter(["lr", *(key for key in self.settings if key not in own)])

    def __len__(self) -> int:
        return len(list(iter(self)))

    @property
    def _multiple(self) -> float:
        """The group's learning rate as a multiple of the optimizer's."""
        params = self.settings["params"]
        return params[0].optimize_attr["learning_rate"] if params else 1.0

    def _set_rate(self, value: float) -> None:
        of_optimizer, multiple = self.optimizer.get_lr(), 1.0
        if of_optimizer and len(param_groups(self.optimizer)) > 1:
            multiple = value / of_optimizer
        elif isinstance(self.optimizer._learning_rate, paddle.optimizer.lr.LRScheduler):
            self.optimizer._learning_rate.last_lr = value
        else:
            self.optimizer.set_lr(value)
        for one in self.settings["params"]:
            one.optimize_attr["learning_rate"] = multiple


def param_groups(optimizer: paddle.optimizer.Optimizer) -> list[Any]:
    """The optimizer's groups of parameters; what is set in them is set in the optimizer."""
    if isinstance(optimizer, Optimizer):
        return optimizer.current_groups()
    held = optimizer._param_groups
    if not held or not isinstance(held[0], dict):
        held = [vars(optimizer).setdefault("only_group", {"params": held})]
    return [ParameterGroup(optimizer, group) for group in held]


def add_param_group(optimizer: paddle.optimizer.Optimizer, param_group: dict[str, Any]) -> None:
    """Let the optimizer train more parameters, with settings of their own."""
    if isinstance(optimizer, Optimizer):
        optimizer.add_group(param_group)
        return
    held = optimizer._param_groups
    if held and not isinstance(held[0], dict):
        optimizer._param_groups = []
        optimizer._add_param_group({"params": held})
        optimizer._parameter_list = optimizer._param_groups
    optimizer._add_param_group(_group(param_group, optimizer.get_lr()))


class Optimizer(paddle.optimizer.Optimizer):
    """Base of optimizers whose ``step`` is written in Python: groups with all settings, and a state for each parameter.

    Args:
        params: parameters, or groups of them.
        defaults: settings of groups that have none of their own.
    """

    def __init__(self, params: Iterable[Any], defaults: dict[str, Any]) -> None:
        self.defaults, self.state = defaults, defaultdict(dict)
        self.groups: list[dict[str, Any]] = []
        self._learning_rate: Any = defaults.get("lr", 0.0)
        given = list(params)
        for group in given if given and isinstance(given[0], dict) else [{"params": given}]:
            self.add_group(group)

    @property
    def _param_groups(self) -> list[dict[str, Any]]:
        return self.groups

    def add_group(self, group: dict[str, Any]) -> None:
        """Train more parameters."""
        self.groups.append({**self.defaults, **group, "params": _listed(group["params"])})

    def current_groups(self) -> list[dict[str, Any]]:
        """The groups, with the learning rates that a scheduler gives now."""
        scheduler = self._learning_rate
        if isinstance(scheduler, paddle.optimizer.lr.LRScheduler):
            for group in self.groups:
                group["lr"] = group.setdefault("initial_lr", group["lr"]) * scheduler() / scheduler.base_lr
        return self.groups

    def get_lr(self) -> float:
        """The learning rate of the first group."""
        return self.current_groups()[0]["lr"]

    def set_lr(self, value: float) -> None:
        """Set the learning rate of every group."""
        for group in self.groups:
            group["lr"] = value

    def clear_grad(self, set_to_zero: bool = False) -> None:
        """Forget the gradients of all parameters."""
        for group in self.groups:
            for one in group["params"]:
                one.clear_gradient(set_to_zero)

    def state_dict(self) -> dict[str, Any]:
        """What ``set_state_dict`` restores; a parameter goes by its number."""
        numbers = {id(one): i for i, one in enumerate(one for group in self.groups for one in group["params"])}
        groups = [{**group, "params": [numbers[id(one)] for one in group["params"]]} for group in self.current_groups()]
        return {"state": {numbers[id(one)]: held for one, held in self.state.items()}, "param_groups": groups}

    def set_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restore settings and states."""
        every = [one for group in self.groups for one in group["params"]]
        self.state.update({every[number]: dict(held) for number, held in state_dict["state"].items()})
        for group, saved in zip(self.groups, state_dict["param_groups"], strict=True):
            group.update({key: value for key, value in saved.items() if key != "params"})

    def step(self, closure: Any = None) -> Any:
        """One update of all parameters."""
        raise NotImplementedError


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


class LRScheduler(paddle.optimizer.lr.LRScheduler):
    """Base of schedulers that are given an optimizer, and whose ``get_lr`` gives one rate for each group.

    Attributes:
        base_lrs: the learning rates of the groups before any scheduler changed them.
    """

    def __init__(self, optimizer: paddle.optimizer.Optimizer, last_epoch: int = -1) -> None:
        self.optimizer = optimizer
        self.base_lrs = [group.setdefault("initial_lr", group["lr"]) for group in param_groups(optimizer)]
        super().__init__(initial_rate(optimizer), last_epoch)
        optimizer.set_lr_scheduler(self)

    def step(self, epoch: int | None = None) -> None:
        """Go to the next epoch, or to this one."""
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        first, *others = self.get_lr()
        self.last_lr = first
        for group, rate in zip(param_groups(self.optimizer)[1:], others, strict=False):
            for one in group["params"]:
                one.optimize_attr["learning_rate"] = rate / first if first else 1.0

    def get_lr(self) -> list[float]:
        """The learning rate of each group at ``last_epoch``."""
        raise NotImplementedError


class OneCycleLR(paddle.optimizer.lr.OneCycleLR):
    """paddle's schedule, which also moves the momentum of the optimizer, against the learning rate.

    Args:
        optimizer: one with a momentum.
        base_momentum: where the learning rate is highest; ``max_momentum`` where it is lowest.

    Raises:
        ValueError: the optimizer has no momentum.
    """

    def __init__(
        self,
        optimizer: paddle.optimizer.Optimizer,
        max_lr: float,
        total_steps: int,
        pct_start: float = 0.3,
        anneal_strategy: str = "cos",
        base_momentum: float = 0.85,
        max_momentum: float = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
    ) -> None:
        if not hasattr(optimizer, "_momentum"):
            raise ValueError("optimizer must support momentum with `cycle_momentum` option enabled")
        self.optimizer, self.cycle = optimizer, (base_momentum, max_momentum)
        self.up, self.total = pct_start * total_steps - 1, total_steps - 1
        self.is_linear = anneal_strategy == "linear"
        end = max_lr / div_factor / final_div_factor
        super().__init__(
            max_lr, total_steps, div_factor, end, phase_pct=pct_start, anneal_strategy=anneal_strategy
        )  # fmt: skip
        optimizer.set_lr_scheduler(self)

    def step(self, epoch: int | None = None) -> None:
        """Go to the next step, or to this one."""
        super().step(epoch)
        low, high = self.cycle
        rises = self.last_epoch > self.up
        start, end = (low, high) if rises else (high, low)
        done = (self.last_epoch - self.up) / (self.total - self.up) if rises else self.last_epoch / self.up
        share = done if self.is_linear else (1 - math.cos(math.pi * done)) / 2
        self.optimizer._momentum = start + (end - start) * share
