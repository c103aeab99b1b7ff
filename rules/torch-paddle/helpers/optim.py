"""Groups of parameters with settings of their own."""

from __future__ import annotations

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


def param_groups(optimizer: paddle.optimizer.Optimizer) -> list[ParameterGroup]:
    """The optimizer's groups of parameters; what is set in them is set in the optimizer."""
    held = optimizer._param_groups
    if not held or not isinstance(held[0], dict):
        held = [vars(optimizer).setdefault("only_group", {"params": held})]
    return [ParameterGroup(optimizer, group) for group in held]


def add_param_group(optimizer: paddle.optimizer.Optimizer, param_group: dict[str, Any]) -> None:
    """Let the optimizer train more parameters, with settings of their own."""
    held = optimizer._param_groups
    if held and not isinstance(held[0], dict):
        optimizer._param_groups = []
        optimizer._add_param_group({"params": held})
        optimizer._parameter_list = optimizer._param_groups
    optimizer._add_param_group(_group(param_group, optimizer.get_lr()))
