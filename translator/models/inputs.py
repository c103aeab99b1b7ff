"""What each builder and its model are given: stated in a small YAML table, or inputs found by trying.

```yaml
inputs:
  default: [1, 3, 224, 224]            # the shape of the one argument
  inception_v3: 1x3x299x299            # or its text form, as `--input` takes it
  "vit_*": [1, 3, 224, 224]            # a pattern; an exact name goes first, then the one with most letters
  raft_*: [[1, 3, 128, 128], [1, 3, 128, 128]]     # several arguments
  ssd*: ["[3x320x320,3x256x300]"]      # one argument that is a list of tensors
arguments:
  vit_h_14: {image_size: 56}           # of the builder; more of them are added to the ENTRYs of both sides
```
"""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import yaml

from translator.core import ConfigError, WorkerError
from translator.models.result import Builder
from translator.scratch import Scratch
from translator.verify.inputs import Input, parse_input, write_inputs
from translator.workers.entry import parse_entry
from translator.workers.launch import Worker

Value = TypeVar("Value")
FILE = "inputs.yaml"
DEFAULT = "default"
USAGE = "write `inputs: {default: [1, 3, 224, 224], name: 1x3x64x64}`"
OF_BUILDERS = "write `arguments: {name: {num_classes: 10}}`"
REMEDY = "state them in a file: `--inputs FILE`"
LADDER = tuple(
    tuple(parse_input(text) for text in texts)
    for texts in (
        ("1x3x224x224",),
        ("1x3x64x64",),
        ("1x3x32x32",),
        ("1x3x299x299",),
        ("1x3x384x384",),
        ("1x1x28x28",),
        ("1x3x16x112x112",),
        ("1x3x16x224x224",),
        ("1x3x128x128", "1x3x128x128"),
        ("[3x320x320,3x256x300]",),
        ("1x16:int64",),
    )
)


@dataclass(frozen=True, slots=True)
class Table:
    """The inputs that a file states, and the keyword arguments of builders, by name or pattern, in its order."""

    stated: Mapping[str, tuple[Input, ...]] = field(default_factory=dict)
    arguments: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def find(self, name: str) -> tuple[Input, ...] | None:
        """The inputs of a builder; None where none are stated."""
        return closest(self.stated, name)

    def given_to(self, builder: Builder) -> Builder:
        """The builder with the arguments that are stated for it in the ENTRYs of both sides."""
        more = closest(self.arguments, builder.name)
        if not more:
            return builder
        source, target = (with_arguments(entry, more) for entry in (builder.source, builder.target))
        return replace(builder, source=source, target=target)


def closest(table: Mapping[str, Value], name: str) -> Value | None:
    """The value of a name, else of the pattern with most letters, else the default; None where there is none."""
    if name in table and name != DEFAULT:
        return table[name]
    patterns = [key for key in table if key != DEFAULT and fnmatch.fnmatchcase(name, key)]
    best = max(patterns, key=lambda key: sum(letter not in "*?[]" for letter in key), default=DEFAULT)
    return table.get(best)


def read_table(path: Path) -> Table:
    """Read a table.

    Raises:
        ConfigError: it cannot be read, or a value is no input; names file and line.
    """
    try:
        text = path.read_text(encoding="utf-8")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read: {error}", path=str(path), hint=USAGE) from error
    except yaml.YAMLError as error:
        mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", "") or "it cannot be read"
        line = mark.line + 1 if mark else 1
        raise ConfigError(f"not valid YAML: {problem}", path=str(path), line=line, hint=USAGE) from error
    whole = _pairs(node, path)
    unknown = [key for key, _ in whole if key.value not in ("inputs", "arguments")]
    if unknown or not whole:
        line = unknown[0].start_mark.line + 1 if unknown else 1
        raise ConfigError("a table has the keys `inputs` and `arguments`", path=str(path), line=line, hint=USAGE)
    parts = {str(key.value): value for key, value in whole}
    return Table(_values(parts.get("inputs"), path, arguments_of), _values(parts.get("arguments"), path, keywords_of))


def _values(node: yaml.Node | None, path: Path, read: Callable[[object], Value]) -> dict[str, Value]:
    """What a part of the table states for each name; nothing where there is no such part."""
    found: dict[str, Value] = {}
    for key, value in _pairs(node, path) if node is not None else []:
        line = value.start_mark.line + 1
        try:
            found[str(key.value)] = read(yaml.load(yaml.serialize(value), Loader=yaml.SafeLoader))
        except ConfigError as error:
            raise ConfigError(f"`{key.value}`: {error.message}", path=str(path), line=line, hint=error.hint) from error
    return found


def _pairs(node: yaml.Node | None, path: Path) -> list[tuple[Any, Any]]:
    if not isinstance(node, yaml.MappingNode):
        line = node.start_mark.line + 1 if node is not None else 1
        raise ConfigError("is no table of inputs", path=str(path), line=line, hint=USAGE)
    return list(node.value)


def arguments_of(value: object) -> tuple[Input, ...]:
    """The arguments that a value of the table states: a shape, a text, or a list of several of those.

    Raises:
        ConfigError: it is none of them.
    """
    if isinstance(value, list) and value and not all(isinstance(item, int) for item in value):
        return tuple(_argument(item) for item in value)
    return (_argument(value),)


def keywords_of(value: object) -> dict[str, Any]:
    """The keyword arguments that a value of the table states; a list is given as a tuple.

    Raises:
        ConfigError: it is no mapping of names.
    """
    if isinstance(value, dict) and value and all(isinstance(key, str) and key.isidentifier() for key in value):
        return {key: tuple(item) if isinstance(item, list) else item for key, item in value.items()}
    raise ConfigError(f"`{value}` are no arguments of a builder", hint=OF_BUILDERS)


def with_arguments(entry: str, more: Mapping[str, Any]) -> str:
    """An ENTRY with keyword arguments added to its own, or in their place."""
    known = parse_entry(entry)
    words = [*map(repr, known.arguments), *(f"{key}={value!r}" for key, value in {**known.keywords, **more}.items())]
    return f"{known.place}:{known.name}({', '.join(words)})"


def _argument(value: object) -> Input:
    if isinstance(value, list) and value and all(isinstance(size, int) and size > 0 for size in value):
        return Input(tuple(value))
    if isinstance(value, str):
        return parse_input(value)
    raise ConfigError(f"`{value}` is no input", hint=USAGE)


def find_table(source: Path, package: Path) -> Table:
    """The table beside a package or in it; an empty one where there is none.

    Args:
        source: the package that was named; ``package`` is the outermost one around it.

    Raises:
        ConfigError: the table is wrong.
    """
    inner = source if source.is_dir() else source.parent
    folders = [inner, *(folder for folder in inner.parents if folder.is_relative_to(package)), package.parent]
    places = (folder / FILE for folder in dict.fromkeys(folders))
    return next((read_table(place) for place in places if place.is_file()), Table())


def inputs_of(builder: Builder, table: Table, worker: Worker | None) -> tuple[Input, ...] | None:
    """The arguments of a builder's forward.

    Args:
        worker: of the source framework, in which the inputs are tried that ``table`` does not state; without it None
            is given for them.

    Raises:
        ConfigError, WorkerError: the source model cannot be built, or takes none of the inputs that are tried.
    """
    stated = table.find(builder.name)
    if stated is not None or worker is None:
        return stated
    worker.call("open", entry=builder.source)
    error: Any = None
    with Scratch("inputs") as scratch:
        for number, inputs in enumerate(LADDER):
            given = write_inputs(scratch.path / str(number), inputs, "normal", 0)
            error = worker.call("attempt", inputs=given)["error"]
            if error is None:
                return inputs
    tried = ", ".join(" ".join(map(str, inputs)) for inputs in LADDER)
    last = f"{error['path']}:{error['line']}: {error['message']}" if error["path"] else error["message"]
    raise WorkerError(f"it takes none of the inputs that were tried ({tried}); the last one: {last}", hint=REMEDY)
