"""Where in the user's code each module was constructed and each buffer registered."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from translator.workers.protocol import PlaceInfo

OWN_FOLDER = str(Path(__file__).resolve().parent)
NOWHERE = PlaceInfo(path="", line=0, end_line=0)


class Constructions:
    """Places by the identity of the module; the model that is kept alive keeps these valid."""

    def __init__(self) -> None:
        self.modules: dict[int, PlaceInfo] = {}
        self.buffers: dict[tuple[int, str], PlaceInfo] = {}


@contextmanager
def watching(module_class: type[Any], framework_folder: str) -> Iterator[Constructions]:
    """Note for each construction the first frame outside the framework and the object's own ``__init__`` chain."""
    places = Constructions()
    init, register = module_class.__init__, module_class.register_buffer

    @functools.wraps(init)
    def noting_init(self: Any, *arguments: Any, **keywords: Any) -> None:
        places.modules[id(self)] = caller(self, framework_folder)
        init(self, *arguments, **keywords)

    @functools.wraps(register)
    def noting_register(self: Any, name: str, *arguments: Any, **keywords: Any) -> None:
        places.buffers[id(self), name] = caller(None, framework_folder)
        register(self, name, *arguments, **keywords)

    module_class.__init__, module_class.register_buffer = noting_init, noting_register
    try:
        yield places
    finally:
        module_class.__init__, module_class.register_buffer = init, register


def caller(constructed: Any, framework_folder: str) -> PlaceInfo:
    """The first frame above that is the user's and is not an ``__init__`` of ``constructed`` itself."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        code = frame.f_code
        own_init = constructed is not None and code.co_name == "__init__" and _first_argument(frame) is constructed
        ours = code.co_filename.startswith((framework_folder, OWN_FOLDER, "<")) or "start_worker.py" in code.co_filename
        if not own_init and not ours:
            return place_of(frame)
        frame = frame.f_back
    return NOWHERE


def _first_argument(frame: FrameType) -> Any:
    code = frame.f_code
    return frame.f_locals.get(code.co_varnames[0]) if code.co_argcount else None


def place_of(frame: FrameType) -> PlaceInfo:
    """The lines of the expression that a frame is executing; only its first line before Python 3.11."""
    line, end = frame.f_lineno, frame.f_lineno
    if hasattr(frame.f_code, "co_positions"):
        positions = list(frame.f_code.co_positions())[frame.f_lasti // 2]
        line, end = positions[0] or line, positions[1] or line
    return PlaceInfo(path=frame.f_code.co_filename, line=line, end_line=end)


def forward_place(module: Any, framework_folder: str) -> PlaceInfo:
    """The lines of a module's ``forward``; nowhere when it is the framework's own or not written in Python."""
    forward = inspect.unwrap(type(module).forward)
    code = getattr(forward, "__code__", None)
    if not isinstance(code, CodeType) or code.co_filename.startswith((framework_folder, "<")):
        return NOWHERE
    try:
        lines, first = inspect.getsourcelines(forward)
    except OSError:
        return NOWHERE
    return PlaceInfo(path=code.co_filename, line=first, end_line=first + len(lines) - 1)


def class_place(kind: type[Any]) -> PlaceInfo:
    """The line of a class statement."""
    try:
        _, first = inspect.getsourcelines(kind)
    except (OSError, TypeError):
        return NOWHERE
    return PlaceInfo(path=inspect.getsourcefile(kind) or "", line=first, end_line=first)
