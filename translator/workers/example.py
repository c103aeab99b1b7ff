"""Run one rule's example in a framework: seeded draws, layers with given weights, and every assigned name exported."""

from __future__ import annotations

import functools
import linecache
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from translator.workers.draws import draw
from translator.workers.framework import Framework
from translator.workers.naming import class_names
from translator.workers.protocol import ParameterInfo
from translator.workers.tensors import Tensor, TensorFolder, TensorWriter

SEED = 20
FILE = "<example>"
MAKES_LAYERS = re.compile(r"\bnn\b|vision|helpers")  # a quick look: wrapping every constructor takes 15 ms


class Stream:
    """One sequence of random numbers, the same in both frameworks; it stands still in the framework's own code."""

    def __init__(self) -> None:
        self.random = np.random.default_rng(SEED)
        self.depth = 0

    @property
    def stands(self) -> bool:
        """Whether a framework's own constructor or random function runs: what it draws is overwritten anyway."""
        return self.depth > 0

    @contextmanager
    def standing(self) -> Iterator[None]:
        """The framework's own code runs, which may draw in several steps."""
        self.depth += 1
        try:
            yield
        finally:
            self.depth -= 1


class Layers:
    """The framework's layers that an example constructs, outermost only, in order; each gets its values at once.

    Args:
        given: values by ``number.path``; drawn from the path where there are none.
    """

    def __init__(self, framework: Framework, given: Mapping[str, Tensor] | None, stream: Stream) -> None:
        self.framework, self.given, self.stream = framework, given, stream
        self.made: list[Any] = []
        self.initial: dict[str, Tensor] = {}
        self.infos: list[ParameterInfo] = []
        self._filled: dict[int, Any] = {}
        self._seen: dict[object, str] = {}

    def finish(self, layer: Any) -> None:
        """Fill the tensors of a layer whose outermost constructor has just returned."""
        fresh = [(path, one) for path, one in tensors_of(self.framework, layer) if id(one) not in self._filled]
        if not fresh:
            return
        number = len(self.made)
        self.made.append(layer)
        for path, one in fresh:
            self._filled[id(one)] = one
            bits = self.framework.export(one)
            name = f"{number}.{path}"
            if self.given is not None:
                value = self.given.get(name)
                if value is not None and value.shape == bits.shape:
                    self.framework.assign(one, value)
            elif bits.dtype.startswith(("float", "bfloat")):
                self.framework.assign(one, Tensor("float32", drawn(name, bits.shape)))
        self._note(number, layer)

    def _note(self, number: int, layer: Any) -> None:
        """Remember what a layer's tensors are and hold now."""
        for path, module in self.framework.modules(layer, every_path=True):
            owner = f"{number}.{path}" if path else str(number)
            classes = class_names(type(module), self.framework.module_class)
            for owned in self.framework.owned(module):
                bits = self.framework.export(owned.tensor)
                name = f"{owner}.{owned.name}"
                first = self._seen.setdefault(self.framework.identity(owned.tensor), name)
                self.initial[name] = bits.with_array(bits.array.copy())
                self.infos.append(
                    ParameterInfo(
                        path=name,
                        owner=owner,
                        classes=classes,
                        name=owned.name,
                        shape=list(bits.shape),
                        dtype=bits.dtype,
                        kind="parameter" if owned.is_parameter else "buffer",
                        persistent=owned.persistent,
                        trainable=owned.trainable,
                        tied_to=first if first != name else "",
                    )
                )


def tensors_of(framework: Framework, layer: Any) -> list[tuple[str, Any]]:
    """Every parameter and buffer below a layer by path."""
    return [
        (f"{path}.{owned.name}" if path else owned.name, owned.tensor)
        for path, module in framework.modules(layer, every_path=True)
        for owned in framework.owned(module)
    ]


def drawn(name: str, shape: tuple[int, ...]) -> NDArray[Any]:
    """Values for one tensor of a layer; what is called a variance is positive."""
    values = draw(SEED, name, shape).astype(np.float32)
    return np.abs(values) + np.float32(0.3) if name.endswith("var") else values


@contextmanager
def constructing(framework: Framework, code: str, packages: Iterable[str], layers: Layers) -> Iterator[None]:
    """Tell ``layers`` of each layer of these packages when its outermost ``__init__`` has returned."""
    stream = layers.stream
    kept: list[tuple[type[Any], Any]] = []
    prefixes = tuple(packages) if MAKES_LAYERS.search(code) else ()

    def wrap(init: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(init)
        def counting(self: Any, *arguments: Any, **keywords: Any) -> None:
            stream.depth += 1
            try:
                init(self, *arguments, **keywords)
            finally:
                stream.depth -= 1
            if not stream.depth:
                layers.finish(self)

        return counting

    for kind in subclasses(framework.module_class) if prefixes else ():
        if "__init__" in vars(kind) and f"{kind.__module__}.".startswith(prefixes):
            kept.append((kind, kind.__init__))
            kind.__init__ = wrap(kind.__init__)
    try:
        yield
    finally:
        for kind, init in kept:
            kind.__init__ = init


def subclasses(kind: type[Any]) -> set[type[Any]]:
    """Every class below a class."""
    found: set[type[Any]] = set()
    pending = list(kind.__subclasses__())
    while pending:
        one = pending.pop()
        if one not in found:
            found.add(one)
            pending += one.__subclasses__()
    return found


def loaded_helpers(name: str, text: str) -> ModuleType | None:
    """The module of the pack's helpers, imported anew when its text is another one."""
    if not text:
        return None
    known = sys.modules.get(name)
    if known is not None and getattr(known, "__text__", None) == text:
        return known
    module = ModuleType(name)
    vars(module)["__text__"] = text
    sys.modules[name] = module
    try:
        exec(compile(text, f"<{name}>", "exec"), vars(module))  # noqa: S102 - the pack's own helpers
    except BaseException:
        del sys.modules[name]
        raise
    return module


def new_module() -> ModuleType:
    """A new module for an example, so that what looks up the module of a class finds it."""
    module = sys.modules["example"] = ModuleType("example")
    return module


def run_example(framework: Framework, code: str, names: Iterable[str], output: str, layers: Layers) -> dict[str, Any]:
    """Execute an example and export what it assigned.

    Returns:
        ``values`` by name (see ``encoded``), ``layers`` (infos), and where the tensors of layers and their gradients
        stand in the tensor folder: ``initial:PATH``, ``layer:PATH`` and ``gradient:PATH``.
    """
    space = vars(new_module())
    linecache.cache[FILE] = (len(code), None, code.splitlines(keepends=True), FILE)  # for what reads its own source
    exec(compile(code, FILE, "exec"), space)  # noqa: S102 - a rule's example, which the user asked to run
    with TensorWriter(Path(output)) as writer:
        encode = Encoder(framework, writer)
        values = {name: encode(space[name], name) for name in names if name in space}
        for name, bits in layers.initial.items():
            writer.add(f"initial:{name}", bits)
        for number, layer in enumerate(layers.made):
            for path, one in tensors_of(framework, layer):
                writer.add(f"layer:{number}.{path}", framework.export(one))
                if one.grad is not None:
                    writer.add(f"gradient:{number}.{path}", framework.export(one.grad))
    return {"values": values, "layers": layers.infos}


def given_weights(folder: str | None) -> TensorFolder | None:
    """The weights that the other side's layers had, mapped."""
    return TensorFolder(Path(folder)) if folder else None


class Encoder:
    """Values as JSON: numbers and text as they are, tensors by their key in the folder, containers item by item."""

    def __init__(self, framework: Framework, writer: TensorWriter) -> None:
        self.framework, self.writer = framework, writer

    def __call__(self, value: Any, key: str) -> dict[str, Any]:
        if self.framework.is_tensor(value):
            return self._tensor(value, key)
        if isinstance(value, np.ndarray | np.generic):
            self.writer.add(key, Tensor(str(value.dtype), np.asarray(value)))
            return {"kind": "array", "key": key}
        if isinstance(value, bool | int | str):
            kind = next(one for one in (bool, int, str) if isinstance(value, one))
            return {"kind": kind.__name__, "value": kind(value)}
        if isinstance(value, float | complex):
            return {"kind": "float" if isinstance(value, float) else "complex", "value": repr(value + 0)}
        if value is None or type(value).__name__ == "device":
            return {"kind": "None" if value is None else "str", "value": str(value)}
        if isinstance(value, Mapping):
            items = {str(name): self(item, f"{key}.{name}") for name, item in value.items()}
            return {"kind": "mapping", "items": items}
        if isinstance(value, list | tuple):
            return {"kind": "sequence", "items": [self(item, f"{key}.{i}") for i, item in enumerate(value)]}
        if isinstance(value, self.framework.module_class):
            return {"kind": "layer"}
        if type(value).__name__ == "dtype" or type(value).__name__ == "DataType":
            return {"kind": "dtype", "value": str(value).rpartition(".")[2].lower()}
        return {"kind": "opaque", "value": type(value).__name__}

    def _tensor(self, value: Any, key: str) -> dict[str, Any]:
        self.writer.add(key, self.framework.export(value))
        found: dict[str, Any] = {"kind": "tensor", "key": key}
        gradient = gradient_of(value)
        if gradient is not None:
            self.writer.add(f"{key}:gradient", self.framework.export(gradient))
            found["gradient"] = f"{key}:gradient"
        return found


def gradient_of(value: Any) -> Any:
    """The gradient that a leaf has gathered, or None."""
    return value.grad if value.is_leaf else None
