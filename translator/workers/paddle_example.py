"""The ``example`` operation of the paddle worker: paddle's random functions on the shared stream of numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

import numpy as np
import paddle

from translator.workers.example import Layers, Stream, constructing, given_weights, loaded_helpers, run_example
from translator.workers.framework import Framework

Draw = Callable[..., Any]


def example(
    framework: Framework, code: str, names: list[str], output: str, weights: str | None, helpers: dict[str, str]
) -> dict[str, Any]:
    """Run a translated example in paddle; ``helpers`` holds the text of the helper module by its name."""
    paddle.seed(0)
    for name, text in helpers.items():
        loaded_helpers(name, text)
    stream = Stream()
    layers = Layers(framework, given_weights(weights), stream)
    with constructing(framework, code, ("paddle.", *(f"{name}." for name in helpers)), layers), seeded(stream):
        return run_example(framework, code, names, output, layers)


@contextmanager
def seeded(stream: Stream) -> Iterator[None]:
    """Random functions overwrite what they made with numbers of ``stream``, in call order."""
    random = stream.random
    with ExitStack() as stack:

        def patch(owner: Any, name: str, values: Draw) -> None:
            if hasattr(owner, name):
                stack.enter_context(mock.patch.object(owner, name, _drawing(getattr(owner, name), values, stream)))

        def normal(one: Any, *_: Any, **__: Any) -> Any:
            return random.standard_normal(tuple(one.shape))

        def uniform(one: Any, *_: Any, **__: Any) -> Any:
            return random.random(tuple(one.shape))

        def whole(one: Any, *arguments: Any, **keywords: Any) -> Any:
            return random.integers(*_bounds(arguments, keywords), tuple(one.shape))

        for name in ("randn", "randn_like", "standard_normal"):
            patch(paddle, name, normal)
        for name in ("rand", "rand_like"):
            patch(paddle, name, uniform)
        patch(paddle, "uniform", lambda one, *a, **k: _between(uniform(one), a[2:], k))
        patch(paddle, "randint", whole)
        patch(paddle, "randint_like", lambda one, _, *a, **k: whole(one, *a, **k))
        patch(paddle, "randperm", lambda one, *a, **k: random.permutation(one.shape[0]))
        patch(paddle, "normal", lambda one, mean=0.0, std=1.0, *a, **k: _array(mean) + _array(std) * normal(one))
        patch(paddle, "bernoulli", lambda one, x, p=None, *a, **k: uniform(one) < _array(x if p is None else p))
        tensor = paddle.Tensor
        patch(tensor, "normal_", lambda one, _, mean=0.0, std=1.0, *a, **k: mean + std * normal(one))
        patch(tensor, "uniform_", lambda one, _, *a, **k: _between(uniform(one), a, k))
        patch(tensor, "bernoulli_", lambda one, _, p=0.5, *a, **k: uniform(one) < _array(p))
        patch(tensor, "exponential_", lambda one, _, lam=1.0, *a, **k: -np.log(1 - uniform(one)) / lam)
        patch(tensor, "random_", lambda one, _, *a, **k: whole(one, *a, **k))
        yield


def _between(values: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    low = arguments[0] if arguments else keywords.get("min", keywords.get("low", -1.0))
    high = arguments[1] if len(arguments) > 1 else keywords.get("max", keywords.get("high", 1.0))
    return low + (high - low) * values


def _array(value: Any) -> Any:
    return value.numpy() if isinstance(value, paddle.Tensor) else value


def _bounds(arguments: tuple[Any, ...], keywords: dict[str, Any]) -> tuple[int, int]:
    low = keywords.get("low", arguments[0] if arguments else 0)
    high = keywords.get("high", arguments[1] if len(arguments) > 1 else None)
    return (0, int(low)) if high is None else (int(low), int(high))


def _drawing(original: Any, values: Draw, stream: Stream) -> Any:
    """``original``, whose result then gets its numbers from the stream."""

    def wrapped(*arguments: Any, **keywords: Any) -> Any:
        if stream.stands:
            return original(*arguments, **keywords)
        with stream.standing():
            result = original(*arguments, **keywords)
        array = np.asarray(values(result, *arguments, **keywords))
        with paddle.no_grad():
            paddle.assign(paddle.to_tensor(array).astype(result.dtype), result)
        return result

    return wrapped
