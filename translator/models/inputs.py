"""What each builder's model is given: stated in a small YAML table, or found by trying.

```yaml
inputs:
  default: [1, 3, 224, 224]            # the shape of the one argument
  inception_v3: 1x3x299x299            # or its text form, as `--input` takes it
  "vit_*": [1, 3, 224, 224]            # a pattern; an exact name goes first, then the one with most letters
  raft_*: [[1, 3, 128, 128], [1, 3, 128, 128]]     # several arguments
  ssd*: ["[3x320x320,3x256x300]"]      # one argument that is a list of tensors
```
"""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from translator.core import ConfigError, WorkerError
from translator.models.result import Builder
from translator.scratch import Scratch
from translator.verify.inputs import Input, parse_input, write_inputs
from translator.workers.launch import Worker

FILE = "inputs.yaml"
DEFAULT = "default"
USAGE = "write `inputs: {default: [1, 3, 224, 224], name: 1x3x64x64}`"
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
    """The inputs that a file states, by name or pattern, in its order."""

    stated: Mapping[str, tuple[Input, ...]] = field(default_factory=dict)

    def find(self, name: str) -> tuple[Input, ...] | None:
        """Those of a builder: by its name, by the pattern with most letters, by default; None where none is stated."""
        if name in self.stated and name != DEFAULT:
            return self.stated[name]
        patterns = [key for key in self.stated if key != DEFAULT and fnmatch.fnmatchcase(name, key)]
        best = max(patterns, key=lambda key: sum(letter not in "*?[]" for letter in key), default=DEFAULT)
        return self.stated.get(best)


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
    unknown = [key for key, _ in whole if key.value != "inputs"]
    if unknown or len(whole) != 1:
        line = unknown[0].start_mark.line + 1 if unknown else 1
        raise ConfigError("a table has one key, `inputs`", path=str(path), line=line, hint=USAGE)
    stated: dict[str, tuple[Input, ...]] = {}
    for key, value in _pairs(whole[0][1], path):
        line = value.start_mark.line + 1
        try:
            stated[str(key.value)] = arguments_of(yaml.load(yaml.serialize(value), Loader=yaml.SafeLoader))
        except ConfigError as error:
            raise ConfigError(f"`{key.value}`: {error.message}", path=str(path), line=line, hint=error.hint) from error
    return Table(stated)


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
