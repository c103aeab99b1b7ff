"""Reversible operations on one source tensor, parsed from the text of a rule's ``weights:``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from translator.core import CheckpointError, RuleError

WORDS = {"identity": 0, "transpose": 0, "flatten": 0, "drop": 0, "rename": 1, "split": 2}


@dataclass(frozen=True, slots=True)
class Atom:
    """One word of an operation with its names: ``rename _mean``."""

    word: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """What happens to one source tensor on its way to the target, word after word.

    ``identity``, ``transpose`` (the last two axes), ``rename X``, ``split a b c`` (equal parts along axis 0),
    ``flatten`` (all axes into one) and ``drop``, joined by commas: ``transpose, rename head_weight``.
    """

    text: str
    atoms: tuple[Atom, ...]

    @property
    def drops(self) -> bool:
        """Whether the target has no such tensor."""
        return any(atom.word == "drop" for atom in self.atoms)

    def names(self, name: str) -> tuple[str, ...]:
        """What the tensors are called in the target, relative to their owner."""
        found: tuple[str, ...] = (name,)
        for atom in self.atoms:
            found = () if atom.word == "drop" else atom.names or found
        return found

    def apply(self, array: NDArray[Any]) -> list[NDArray[Any]]:
        """The target's arrays, one for each of ``names``.

        Raises:
            CheckpointError: the array has too few axes, or cannot be split evenly.
        """
        arrays = [array]
        for atom in self.atoms:
            if atom.word == "drop":
                return []
            if atom.word == "split":
                arrays = _split(arrays[0], len(atom.names))
            elif atom.word == "transpose":
                arrays = [_transpose(part) for part in arrays]
            elif atom.word == "flatten":
                arrays = [part.reshape(-1) for part in arrays]
        return arrays

    def undo(self, arrays: list[NDArray[Any]], shape: tuple[int, ...]) -> NDArray[Any]:
        """The source's array from the target's; ``shape`` is the source's."""
        shapes = self._shapes(shape)
        for atom, before in zip(reversed(self.atoms), reversed(shapes), strict=True):
            if atom.word == "split":
                arrays = [np.concatenate(arrays, axis=0)]
            elif atom.word == "transpose":
                arrays = [_transpose(part) for part in arrays]
            elif atom.word == "flatten":
                arrays = [part.reshape(before) for part in arrays]
        return arrays[0]

    def shapes(self, shape: tuple[int, ...]) -> list[tuple[int, ...]]:
        """Shapes of the target's arrays for a source array of ``shape``."""
        empty = np.broadcast_to(np.empty((), dtype=np.bool_), shape)
        return [tuple(part.shape) for part in self.apply(empty)]

    def _shapes(self, shape: tuple[int, ...]) -> list[tuple[int, ...]]:
        """The shape that each atom gets."""
        return [
            (Operation("", self.atoms[:count]).shapes(shape) or [shape])[0] if count else shape
            for count in range(len(self.atoms))
        ]


def _transpose(array: NDArray[Any]) -> NDArray[Any]:
    if array.ndim < 2:
        raise CheckpointError(f"cannot transpose a tensor of shape {list(array.shape)}")
    return np.swapaxes(array, -1, -2)


def _split(array: NDArray[Any], parts: int) -> list[NDArray[Any]]:
    if array.ndim == 0 or array.shape[0] % parts:
        raise CheckpointError(f"cannot split a tensor of shape {list(array.shape)} into {parts} along axis 0")
    return np.split(array, parts, axis=0)


def parse_operation(text: str, origin: str = "") -> Operation:
    """Read an operation.

    Raises:
        RuleError: an unknown word, the wrong number of names, or words that cannot be combined.
    """
    atoms = []
    for part in text.split(","):
        word, *names = part.split() if part.strip() else [""]
        wanted = WORDS.get(word)
        if wanted is None:
            raise RuleError(
                f"unknown weight operation `{word}` in `{text}`", path=origin, hint=f"one of {', '.join(WORDS)}"
            )
        if (wanted < 2 and len(names) != wanted) or (wanted == 2 and len(names) < 2):
            raise RuleError(
                f"`{word}` takes {('no name', 'one name', 'two names or more')[wanted]}: `{text}`", path=origin
            )
        atoms.append(Atom(word, tuple(names)))
    words = [atom.word for atom in atoms]
    if words.count("split") > 1 or ("drop" in words and len(words) > 1) or ("split" in words and "rename" in words):
        raise RuleError(f"these weight operations cannot be combined: `{text}`", path=origin)
    return Operation(text, tuple(atoms))
