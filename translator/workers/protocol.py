"""What the translator and a worker say to each other: one JSON object a line, tensors in files."""

from __future__ import annotations

from typing import Any, Literal, TypedDict

FrameworkName = Literal["torch", "paddle"]
FailureKind = Literal["config", "checkpoint", "worker"]


class Request(TypedDict):
    """One call: an operation's name and its keyword arguments."""

    operation: str
    arguments: dict[str, Any]


class Failure(TypedDict):
    """Why an operation did not work; becomes the exception of that kind on the caller's side."""

    kind: FailureKind
    message: str
    path: str
    line: int
    hint: str


class Answer(TypedDict):
    """The reply to one request: a result, or a failure."""

    result: dict[str, Any]
    failure: Failure | None


class ParameterInfo(TypedDict):
    """One tensor of a model.

    ``path`` is its name in the state dict, ``owner`` the path of the module that holds it, ``classes`` that module's
    classes by public qualified name (most derived first), ``name`` its name there, ``tied_to`` the path of an earlier
    tensor that shares its memory, or an empty string.
    """

    path: str
    owner: str
    classes: list[str]
    name: str
    shape: list[int]
    dtype: str
    kind: Literal["parameter", "buffer"]
    persistent: bool
    trainable: bool
    tied_to: str


class TensorInfo(TypedDict):
    """One captured tensor: ``name`` inside the value (``0``, ``out.1``), ``key`` in the tensor folder."""

    name: str
    key: str
    shape: list[int]
    dtype: str


class CallInfo(TypedDict):
    """One call of a module in a forward pass; ``parent`` is the place in the list of the call around it, or -1."""

    path: str
    index: int
    class_name: str
    parent: int
    inputs: list[TensorInfo]
    outputs: list[TensorInfo]


class PlaceInfo(TypedDict):
    """A range of lines in the user's code; line 0 means unknown."""

    path: str
    line: int
    end_line: int


class ModuleInfo(TypedDict):
    """One module of a model: where it was constructed, where each buffer was registered, and its plain settings."""

    path: str
    classes: list[str]
    constructed: PlaceInfo
    registered: dict[str, PlaceInfo]
    settings: dict[str, Any]
    forward: PlaceInfo


class BuilderInfo(TypedDict):
    """A function that gives a model.

    ``function`` is its name in ``module``, which stands in ``file``; ``arguments`` keep it from loading a checkpoint;
    one that is not ``is_sure`` may give anything else.
    """

    name: str
    module: str
    file: str
    is_package: bool
    function: str
    arguments: dict[str, Any]
    is_sure: bool


class LineInfo(TypedDict):
    """One executed statement: its lines, and tensors that were new or changed just before it ran."""

    line: int
    end_line: int
    changed: dict[str, str]


class FrameInfo(TypedDict):
    """One traced call of a Python function: ``parent`` and ``event`` say which statement called it, -1 at the root."""

    path: str
    function: str
    parent: int
    event: int
    lines: list[LineInfo]
    returned: dict[str, str]


class ValueInfo(TypedDict):
    """The type of a value: its class by qualified name, and the types of a container's items where they are known.

    A ``tuple`` has the type of each item, a ``list`` or ``dict`` the one type of its elements or values, a ``type`` the
    class that the value is. ``dtype`` is that of a tensor, or empty.
    """

    name: str
    items: list[ValueInfo | None]
    dtype: str


class RangeFacts(TypedDict):
    """Every type that one expression gave; ``place`` is line, column, end line, end column as ``ast`` counts them."""

    place: list[int]
    types: list[ValueInfo]


class FileFacts(TypedDict):
    """What was seen in one file; ``modules`` are the names it is imported by, ``digest`` is its content's SHA-256."""

    path: str
    modules: list[str]
    digest: str
    facts: list[RangeFacts]


class Observed(TypedDict):
    """What one run showed; ``bases`` gives the further classes of each class that was seen, nearest first."""

    files: list[FileFacts]
    bases: dict[str, list[str]]
