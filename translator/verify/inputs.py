"""What the models are given, and the numbers in it.

``1x3x224x224`` and ``1x16:int64<1000`` name a tensor, ``[3x320x320,3x256x300]`` a list of tensors that is one argument.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from translator.core import ConfigError
from translator.workers.tensors import Tensor, TensorFolder, write_tensors

FLOATS = ("float32", "float64", "float16")
INTEGERS = {"int64": 10, "int32": 10, "int16": 10, "int8": 10, "uint8": 10, "bool": 2}  # with the bound by default
NUDGE = 4  # roundings of float32, either way
USAGE = (
    "write the shape as 1x3x224x224, integers as 1x16:int64<1000 (drawn from 0 to 999), "
    "a list of tensors as [3x320x320,3x256x300]"
)

_INPUT = re.compile(r"(?P<shape>\d+(?:x\d+)*)(?::(?P<dtype>[a-z]+\d*)(?:<(?P<below>\d+))?)?")


@dataclass(frozen=True, slots=True)
class Input:
    """One argument of the models: a tensor, or a list of tensors.

    Args:
        shape: of the tensor; the first axis of the first input is the batch.
        below: whole numbers are drawn from 0 up to this, which is left out; None for floats.
        items: the tensors of a list, which has no shape of its own; its length is its batch.
    """

    shape: tuple[int, ...] = ()
    dtype: str = "float32"
    below: int | None = None
    items: tuple[Input, ...] = ()

    def __str__(self) -> str:
        if self.items:
            return f"[{','.join(map(str, self.items))}]"
        bound = f"<{self.below}" if self.below is not None and self.dtype != "bool" else ""
        kind = f":{self.dtype}{bound}" if self.dtype != "float32" else ""
        return "x".join(map(str, self.shape)) + kind

    @property
    def batch(self) -> int:
        """The number of samples, where this is what the batch is."""
        return len(self.items) or self.shape[0]

    def with_batch(self, batch: int) -> Input:
        """The same with another number of samples; a list repeats its items."""
        if self.items:
            return replace(self, items=tuple(self.items[number % len(self.items)] for number in range(batch)))
        return replace(self, shape=(batch, *self.shape[1:]))

    def array(self, name: str, seed: int, number: int = 0, item: int = 0) -> Any:
        """The numbers of that name: ``ones``, or ``normal`` for floats from a normal and integers from a uniform draw.

        Args:
            number: which argument this is, ``item`` which one of its list; each has a draw of its own.
        """
        if name == "ones":
            one = 1 if self.below is None else min(1, self.below - 1)
            return np.full(self.shape, one, self.dtype)
        random = np.random.default_rng([seed, number, item] if item else [seed, number] if number else seed)
        if self.below is None:
            return random.standard_normal(self.shape, dtype=np.float32).astype(self.dtype)
        return random.integers(0, self.below, self.shape).astype(self.dtype)


IMAGE = Input((1, 3, 224, 224))


def parse_input(text: str) -> Input:
    """Read an input as the command line has it.

    Raises:
        ConfigError: it is none, a size is 0, a type is unknown, its bound does not fit, or a list holds no tensor.
    """
    plain = text.replace(" ", "")
    if plain.startswith("[") and plain.endswith("]"):
        return Input(items=tuple(_parse_tensor(item) for item in plain[1:-1].split(",")))
    return _parse_tensor(plain)


def _parse_tensor(text: str) -> Input:
    found = _INPUT.fullmatch(text)
    shape = tuple(int(size) for size in found["shape"].split("x")) if found else ()
    if found is None or not all(shape):
        raise ConfigError(f"`{text}` is no input", hint=USAGE)
    dtype = found["dtype"] or "float32"
    if dtype in FLOATS:
        if found["below"]:
            raise ConfigError(f"`{text}` is no input: {dtype} has no bound", hint=USAGE)
        return Input(shape, dtype)
    if dtype not in INTEGERS:
        raise ConfigError(f"`{dtype}` is no type of an input", hint=", ".join((*FLOATS, *INTEGERS)))
    below = int(found["below"] or INTEGERS[dtype])
    most = 2 if dtype == "bool" else np.iinfo(dtype).max
    if not 1 <= below <= most:
        raise ConfigError(f"`{text}` is no input: {dtype} has no numbers below {below}", hint=USAGE)
    return Input(shape, dtype, below)


def batched(inputs: Sequence[Input], batch: int) -> tuple[Input, ...]:
    """The inputs with another batch: the first one, and all others that have as many samples."""
    old = inputs[0].batch
    return tuple(one.with_batch(batch) if one.batch == old else one for one in inputs)


def write_inputs(place: Path, inputs: Sequence[Input], name: str, seed: int) -> Path:
    """Write the arguments of a forward into a folder: ``ones``, ``normal``, or ``both`` in one batch.

    A tensor is called ``input0`` by its place among the arguments, an item of a list ``input0.1``.
    """
    tensors = {}
    for number, one in enumerate(inputs):
        for key, array in _arrays(one, inputs[0].batch, name, seed, number).items():
            tensors[f"input{number}{key}"] = Tensor(str(array.dtype), array)
    write_tensors(place, tensors)
    return place


def write_nudged(place: Path, inputs: Path, seed: int) -> Path:
    """Write the arguments of a forward again, each fraction up to ``NUDGE`` roundings of float32 away."""
    random = np.random.default_rng(seed)
    tensors = {}
    for name, tensor in TensorFolder(inputs).items():
        steps = random.integers(-NUDGE, NUDGE + 1, tensor.shape) * np.finfo(np.float32).eps
        is_nudged = tensor.dtype == "float32"
        tensors[name] = tensor.with_array((tensor.array * (1 + steps)).astype(np.float32)) if is_nudged else tensor
    write_tensors(place, tensors)
    return place


def _arrays(one: Input, batch: int, name: str, seed: int, number: int) -> dict[str, Any]:
    """The arrays of an argument by what is added to its name."""
    if one.items:
        names = ["normal", "ones"] if name == "both" and one.batch == batch else ["normal" if name == "both" else name]
        arrays = [part.array(kind, seed, number, item) for kind in names for item, part in enumerate(one.items)]
        return {f".{item}": array for item, array in enumerate(arrays)}
    if name != "both":
        return {"": one.array(name, seed, number)}
    normal = one.array("normal", seed, number)
    return {"": np.concatenate([normal, one.array("ones", seed, number)]) if one.shape[0] == batch else normal}
