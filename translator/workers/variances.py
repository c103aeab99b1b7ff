"""What running variances would be if they were updated by the biased variance of each batch."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

import numpy as np

from translator.workers.framework import Framework
from translator.workers.naming import flatten


@contextmanager
def biased_variances(framework: Framework, model: Any) -> Any:
    """Each ``running_var`` as the biased variance would update it: times (n - 1) / n for n values a channel."""
    results: dict[str, Any] = {}
    open_calls: dict[int, tuple[Any, int]] = {}
    ends: list[Callable[[], None]] = []

    def before(module: Any, arguments: Any, keywords: Any) -> None:
        given = next(flatten([arguments, keywords], framework.is_tensor))[1]
        old = framework.export(module.running_var).values().copy()
        open_calls[id(module)] = (old, int(np.prod(framework.export(given).shape)) // old.size)

    def finisher(path: str) -> Callable[[Any, Any], None]:
        def after(module: Any, _: Any) -> None:
            old, count = open_calls[id(module)]
            new = framework.export(module.running_var).values()
            rate = module.momentum if module.momentum is not None else 1 / max(int(module.num_batches_tracked), 1)
            kept = old * (1 - rate)
            biased = kept + (new - kept) * (count - 1) / count
            # a module used twice: carry the difference of the first use through the decay of the second
            earlier = results.get(path)
            results[path] = biased if earlier is None else biased + (earlier - old) * (1 - rate)

        return after

    for path, module in framework.modules(model):
        if getattr(module, "running_var", None) is not None and hasattr(module, "momentum"):
            name = f"{path}.running_var" if path else "running_var"
            ends += [framework.before(module, before), framework.after(module, finisher(name))]
    try:
        yield results
    finally:
        for end in ends:
            end()
