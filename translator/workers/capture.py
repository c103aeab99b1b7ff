"""Record the inputs and outputs of every call of every module in one forward pass."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from translator.workers.framework import Framework
from translator.workers.naming import flatten, public_name
from translator.workers.protocol import CallInfo, TensorInfo
from translator.workers.tensors import TensorWriter


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

    def before(self, module: Any, arguments: Any, keywords: Any) -> None:
        """Begin a call: count it and store what goes in."""
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
        call["inputs"] = [*self._store(arguments, f"{number}.in"), *self._store(keywords, f"{number}.in")]

    def after(self, module: Any, output: Any) -> None:
        """End a call: store what comes out."""
        number = self._open.pop()
        self.calls[number]["outputs"] = self._store(output, f"{number}.out")

    def _store(self, value: Any, prefix: str) -> list[TensorInfo]:
        stored = []
        for name, tensor in flatten(value, self.framework.is_tensor):
            bits = self.framework.export(tensor)
            key = f"{prefix}.{name}"
            self.writer.add(key, bits)
            stored.append(TensorInfo(name=name, key=key, shape=list(bits.shape), dtype=bits.dtype))
        return stored


@contextmanager
def recording(framework: Framework, model: Any, writer: TensorWriter) -> Iterator[Recorder]:
    """Record every call inside the block."""
    recorder = Recorder(framework, model, writer)
    ends = []
    for _, module in framework.modules(model):
        ends += [framework.before(module, recorder.before), framework.after(module, recorder.after)]
    try:
        yield recorder
    finally:
        for end in ends:
            end()
