"""Record the inputs and outputs of every call of every module in one forward pass."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from translator.workers.framework import Framework
from translator.workers.naming import flatten, public_name
from translator.workers.protocol import CallInfo, TensorInfo
from translator.workers.tensors import TensorWriter


class Hooks(Protocol):
    """What wants to know of the calls of modules."""

    def before(self, module: Any, arguments: Any, keywords: Any) -> Any:
        """A call begins; what is given back takes the place of arguments and keywords."""

    def after(self, module: Any, output: Any) -> None:
        """A call ends."""


class Recorder:
    """Hooks on every module; ``calls`` lists finished calls in the order in which they began.

    Inputs are stored before the call, because an in-place activation changes them.
    """

    def __init__(self, framework: Framework, model: Any, writer: TensorWriter) -> None:
        self.framework = framework
        self.paths = {id(module): path for path, module in framework.modules(model)}
        self.writer = writer
        self.calls: list[CallInfo] = []
        self._open: list[int] = []
        self._counts: dict[str, int] = {}

    def before(self, module: Any, arguments: Any, keywords: Any) -> Any:
        """Begin a call: count it and store what goes in."""
        number = self.begin(module)
        self.calls[number]["inputs"] = [*self._store(arguments, f"{number}.in"), *self._store(keywords, f"{number}.in")]

    def begin(self, module: Any) -> int:
        """Count a call, and give its number."""
        path = self.paths[id(module)]
        index = self._counts.get(path, 0)
        self._counts[path] = index + 1
        number = len(self.calls)
        parent = self._open[-1] if self._open else -1
        call = CallInfo(
            path=path, index=index, class_name=public_name(type(module)), parent=parent, inputs=[], outputs=[]
        )
        self.calls.append(call)
        self._open.append(number)
        return number

    def after(self, module: Any, output: Any) -> None:
        """End a call: store what comes out."""
        number = self._open.pop()
        self.calls[number]["outputs"] = self._store(output, f"{number}.out")

    def _store(self, value: Any, prefix: str, inside: str = "") -> list[TensorInfo]:
        stored = []
        for name, tensor in flatten(value, self.framework.is_tensor, inside):
            bits = self.framework.export(tensor)
            key = f"{prefix}.{name}"
            self.writer.add(key, bits)
            stored.append(TensorInfo(name=name, key=key, shape=list(bits.shape), dtype=bits.dtype))
        return stored


@contextmanager
def recording(framework: Framework, model: Any, writer: TensorWriter) -> Iterator[Recorder]:
    """Record every call inside the block."""
    recorder = Recorder(framework, model, writer)
    with hooked(framework, model, recorder):
        yield recorder


@contextmanager
def hooked(framework: Framework, model: Any, hooks: Hooks) -> Iterator[None]:
    """Every call of every module inside the block is told before and after."""
    ends = []
    for _, module in framework.modules(model):
        ends += [framework.before(module, hooks.before), framework.after(module, hooks.after)]
    try:
        yield
    finally:
        for end in ends:
            end()
