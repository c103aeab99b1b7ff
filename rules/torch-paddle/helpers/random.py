"""Sequences of random numbers apart from the global one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import paddle


class Generator:
    """A sequence of random numbers of its own, for ``drawn_from``; without a seed, the same one every time."""

    def __init__(self) -> None:
        self.manual_seed(67280421310721)

    def manual_seed(self, seed: int) -> Generator:
        """Start the sequence of a seed."""
        self.number = seed
        before = _state()
        paddle.seed(seed)
        np.random.seed(seed % 2**32)
        self.state = _state()
        _restore(before)
        return self

    def seed(self) -> int:
        """Start a sequence that nobody knows before; gives its seed."""
        return self.manual_seed(int(np.random.SeedSequence().generate_state(1)[0])).number

    def initial_seed(self) -> int:
        """The seed that the sequence began with."""
        return self.number


def drawn_from(generator: Generator | None, draw: Callable[[], Any]) -> Any:
    """What ``draw`` gives when the global random functions take their numbers from ``generator``."""
    if generator is None:
        return draw()
    before = _state()
    _restore(generator.state)
    try:
        return draw()
    finally:
        generator.state = _state()
        _restore(before)


def _state() -> tuple[Any, Any]:
    return paddle.get_rng_state(), np.random.get_state()


def _restore(state: tuple[Any, Any]) -> None:
    paddle.set_rng_state(state[0])
    np.random.set_state(state[1])
