"""Follow one module's forward line by line: which tensors each statement made or changed."""

from __future__ import annotations

import ast
import hashlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from types import FrameType
from typing import Any

from translator.workers.framework import Framework
from translator.workers.naming import flatten
from translator.workers.protocol import FrameInfo, LineInfo
from translator.workers.tensors import TensorWriter


class LineTracer:
    """A ``sys.settrace`` function for one call of one module, and for functions of the user that its forward calls.

    ``frames[0]`` is the forward itself. The state before a statement is the sum of ``changed`` up to it; tensors held
    by the module itself count as locals named ``self.x``.
    """

    def __init__(self, framework: Framework, module: Any, call: int, writer: TensorWriter) -> None:
        self.framework, self.module, self.writer = framework, module, writer
        self.frames: list[FrameInfo] = []
        self._countdown = call
        self._armed = False
        self._numbers: dict[FrameType, int] = {}
        self._states: dict[int, dict[str, str]] = {}

    def before(self, module: Any, arguments: Any, keywords: Any) -> None:
        """Hook: the next forward of the module is the one to follow when the count is reached."""
        self._armed = self._countdown == 0
        self._countdown -= 1

    def __call__(self, frame: FrameType, event: str, argument: Any) -> Any:
        """Decide for each new frame whether to follow it."""
        if event != "call" or frame.f_code.co_filename.startswith((self.framework.folder, "<")):
            return None
        if self._armed and not self.frames and self._is_forward(frame):
            return self._follow(frame, -1)
        parent = self._numbers.get(frame.f_back) if frame.f_back is not None else None
        return None if parent is None else self._follow(frame, parent)

    def _is_forward(self, frame: FrameType) -> bool:
        code = frame.f_code
        return code.co_name == "forward" and code.co_argcount > 0 and frame.f_locals[code.co_varnames[0]] is self.module

    def _follow(self, frame: FrameType, parent: int) -> Any:
        number = len(self.frames)
        event = len(self.frames[parent]["lines"]) - 1 if parent >= 0 else -1
        code = frame.f_code
        self.frames.append(
            FrameInfo(path=code.co_filename, function=code.co_name, parent=parent, event=event, lines=[], returned={})
        )
        self._numbers[frame] = number
        self._states[number] = {}
        return self._trace

    def _trace(self, frame: FrameType, event: str, argument: Any) -> Any:
        number = self._numbers[frame]
        lines = self.frames[number]["lines"]
        if event == "line":
            start, end = statement_lines(frame.f_code.co_filename).get(frame.f_lineno, (frame.f_lineno,) * 2)
            if not lines or lines[-1]["line"] != start:
                lines.append(LineInfo(line=start, end_line=end, changed=self._changes(frame, number, len(lines))))
        elif event == "return":
            self.frames[number]["returned"] = {
                **{f"return.{key}": value for key, value in self._stored(argument, f"{number}.return").items()},
                **self._changes(frame, number, len(lines)),
            }
            del self._numbers[frame]
        return self._trace

    def _changes(self, frame: FrameType, number: int, event: int) -> dict[str, str]:
        """Tensors that are new or different since the last look, by name, with their keys in the writer."""
        state = self._states[number]
        values = {name: value for name, value in frame.f_locals.items() if name != "self"}
        owned = {o.name: o.tensor for o in self.framework.owned(self.module)} if number == 0 else {}
        found = flatten({**values, "self": owned}, self.framework.is_tensor)
        changed = {}
        for name, tensor in found:
            bits = self.framework.export(tensor)
            digest = hashlib.blake2b(
                repr((bits.dtype, bits.shape)).encode() + bits.array.tobytes(), digest_size=16
            ).hexdigest()
            if state.get(name) != digest:
                state[name] = digest
                changed[name] = f"{number}.{event}.{name}"
                self.writer.add(changed[name], bits)
        return changed

    def _stored(self, value: Any, prefix: str) -> dict[str, str]:
        stored = {}
        for name, tensor in flatten(value, self.framework.is_tensor):
            stored[name] = f"{prefix}.{name}"
            self.writer.add(stored[name], self.framework.export(tensor))
        return stored


@contextmanager
def tracing(tracer: LineTracer) -> Iterator[None]:
    """Follow the module's forward inside the block; a debugger's own trace function is put back afterwards."""
    end = tracer.framework.before(tracer.module, tracer.before)
    previous = sys.gettrace()
    sys.settrace(tracer)
    try:
        yield
    finally:
        sys.settrace(previous)
        end()


@lru_cache(maxsize=64)
def statement_lines(path: str) -> dict[int, tuple[int, int]]:
    """For each line of a file the innermost statement on it: first and last line, of a compound one its header's."""
    try:
        tree = ast.parse(Path(path).read_bytes())
    except (OSError, SyntaxError):
        return {}
    lines: dict[int, tuple[int, int]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt):
            body = getattr(node, "body", None)
            end = body[0].lineno - 1 if body else node.end_lineno or node.lineno
            place = (node.lineno, max(end, node.lineno))
            lines.update(dict.fromkeys(range(place[0], place[1] + 1), place))
    return lines
