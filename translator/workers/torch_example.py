"""The ``example`` operation of the torch worker: torch's random functions on the shared stream of numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from importlib import import_module
from typing import Any
from unittest import mock

import numpy as np
import torch

from translator.workers.example import Layers, Stream, constructing, given_weights, run_example
from translator.workers.framework import Framework

Draw = Callable[..., Any]


def example(framework: Framework, code: str, names: list[str], output: str, weights: str | None) -> dict[str, Any]:
    """Run an example in torch; see ``run_example``."""
    torch.manual_seed(0)
    if "torchvision" in code:
        with suppress(ImportError):
            import_module("torchvision")  # its layers are counted, so they have to be known before one is made
    stream = Stream()
    layers = Layers(framework, given_weights(weights), stream)
    with constructing(framework, code, ("torch.", "torchvision."), layers), seeded(stream):
        return run_example(framework, code, names, output, layers)


@contextmanager
def seeded(stream: Stream) -> Iterator[None]:
    """Random functions overwrite what they made with numbers of ``stream``, in call order."""
    random = stream.random
    with ExitStack() as stack:

        def patch(owner: Any, name: str, values: Draw) -> None:
            stack.enter_context(mock.patch.object(owner, name, _drawing(getattr(owner, name), values, stream)))

        def normal(one: Any, *_: Any, **__: Any) -> Any:
            return random.standard_normal(tuple(one.shape))

        def uniform(one: Any, *_: Any, **__: Any) -> Any:
            return random.random(tuple(one.shape))

        def whole(one: Any, *arguments: Any, **keywords: Any) -> Any:
            return random.integers(*_bounds(arguments, keywords), tuple(one.shape))

        patch(torch, "randn", normal)
        patch(torch, "randn_like", normal)
        patch(torch, "rand", uniform)
        patch(torch, "rand_like", uniform)
        patch(torch, "randint", whole)
        patch(torch, "randint_like", lambda one, _, *a, **k: whole(one, *a, **k))
        patch(torch, "randperm", lambda one, *a, **k: random.permutation(one.numel()))
        patch(torch, "normal", lambda one, mean=0.0, std=1.0, *a, **k: _array(mean) + _array(std) * normal(one))
        patch(torch, "bernoulli", lambda one, p, *a, **k: uniform(one) < _array(a[0] if a else k.get("p", p)))
        tensor = torch.Tensor
        patch(tensor, "normal_", lambda one, _, mean=0.0, std=1.0, **k: mean + std * normal(one))
        patch(tensor, "uniform_", lambda one, _, low=0.0, high=1.0, **k: _between(uniform(one), low, high, k))
        patch(tensor, "bernoulli_", lambda one, _, p=0.5, **k: uniform(one) < _array(p))
        patch(tensor, "exponential_", lambda one, _, lambd=1.0, **k: -np.log(1 - uniform(one)) / lambd)
        patch(tensor, "random_", lambda one, _, *a, **k: whole(one, *a, **k) if a else one)
        yield


def _between(values: Any, low: float, high: float, keywords: dict[str, float]) -> Any:
    low, high = keywords.get("from", low), keywords.get("to", high)
    return low + (high - low) * values


def _array(value: Any) -> Any:
    return value.detach().cpu().numpy() if isinstance(value, torch.Tensor) else value


def _bounds(arguments: tuple[Any, ...], keywords: dict[str, Any]) -> tuple[int, int]:
    """``(high, size)`` or ``(low, high, size)``."""
    numbers = [a for a in arguments if isinstance(a, int)]
    low, high = (numbers[0], numbers[1]) if len(numbers) > 1 else (0, numbers[0] if numbers else 0)
    if "high" in keywords and numbers:
        low = numbers[0]
    return int(keywords.get("low", low)), int(keywords.get("high", high))


def _drawing(original: Any, values: Draw, stream: Stream) -> Any:
    """``original``, whose result then gets its numbers from the stream."""

    def wrapped(*arguments: Any, **keywords: Any) -> Any:
        if stream.stands:
            return original(*arguments, **keywords)
        with stream.standing():
            result = original(*arguments, **keywords)
        with torch.no_grad():
            result.copy_(torch.from_numpy(np.asarray(values(result, *arguments, **keywords))))
        return result

    return wrapped


def schemas(api: str) -> list[list[str]]:
    """Parameter names of each overload of the operator behind a function or tensor method, without ``self``."""
    is_method = api.startswith("torch.Tensor.")
    names = []
    for schema in torch._C._jit_get_schemas_for_operator(f"aten::{api.rpartition('.')[2]}"):
        given = [argument.name for argument in schema.arguments]
        first = [] if is_method else ["input"]
        names.append([*first, *given[1:]] if given[:1] == ["self"] else given)
    return names
