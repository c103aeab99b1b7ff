"""Optimizers and schedulers that are set up in another order."""


def parameter_groups(parameters, learning_rate):
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
    groups = []
    for group in given:
        made = dict(group, params=_listed(group["params"]))
        if "lr" in made:
            made["learning_rate"] = made.pop("lr") / learning_rate
        unknown = sorted(set(made) - {"params", "learning_rate", "weight_decay", "grad_clip", "name"})
        if unknown:
            raise ValueError(f"a group cannot have a `{unknown[0]}` of its own")
        if made["params"]:
            groups.append(made)
    return groups


def scheduled(optimizer, scheduler):
    """Let ``scheduler`` set the learning rate of ``optimizer`` from now on; gives the scheduler."""
    optimizer.set_lr_scheduler(scheduler)
    return scheduler


def _listed(parameters):
    return [parameters] if hasattr(parameters, "stop_gradient") else list(parameters)
