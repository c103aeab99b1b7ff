"""Convert a checkpoint between the frameworks, and prove that nothing was lost."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from translator.core import CheckpointError, ConfigError
from translator.ruleset.model import RuleSet
from translator.scratch import Scratch
from translator.weights.mapfile import read_map, write_map
from translator.weights.mapping import WeightMap, pair
from translator.workers.launch import Worker
from translator.workers.tensors import Replacing, Tensor, TensorFolder, TensorWriter


@dataclass(frozen=True, slots=True)
class Conversion:
    """A finished conversion.

    Args:
        cached: the copy that ``pretrained=True`` of the output finds; None on the way back.
        notes: what was unwrapped on the way in.
    """

    checkpoint: Path
    output: Path
    weight_map: WeightMap
    tensors: int
    values: int
    notes: tuple[str, ...] = ()
    cached: Path | None = None


def checkpoints_folder() -> Path:
    """Where a translation's output looks for checkpoints: ``$TRANSLATE_HOME`` or ``~/.cache/translate``."""
    home = os.environ.get("TRANSLATE_HOME")
    return (Path(home) if home else Path.home() / ".cache" / "translate") / "checkpoints"


def convert_checkpoint(
    checkpoint: Path,
    output: Path,
    *,
    source_entry: str,
    target_entry: str,
    ruleset: RuleSet,
    map_path: Path | None = None,
    reverse: bool = False,
    source_python: str | None = None,
    target_python: str | None = None,
) -> Conversion:
    """Convert a checkpoint of the source model for the target model, or back with ``reverse``.

    The file that was written is read again and mapped back: every bit must be the checkpoint's. With ``reverse``,
    ``map_path`` of an earlier conversion gives back the tensors that were dropped then.

    Raises:
        CheckpointError: the checkpoint cannot be read, does not fit the model, or did not survive the round trip.
        ConfigError: an ENTRY or a path is wrong.
        WorkerError: a framework's process failed.
    """
    if checkpoint.resolve() == output.resolve():
        raise ConfigError("the output would overwrite the checkpoint", path=str(output))
    with (
        Scratch("weights") as scratch,
        Worker("torch", python=source_python) as source,
        Worker("paddle", python=target_python) as target,
    ):
        if not reverse:
            source.call("offer", checkpoint=checkpoint)
        weight_map = _mapped(source, target, source_entry, target_entry, ruleset)
        if reverse and map_path is not None and map_path.is_file():
            weight_map = _with_dropped(weight_map, read_map(map_path))
        reader, writer = (target, source) if reverse else (source, target)
        given = scratch.path / "given"
        notes = reader.call("read" if reverse else "read_current", checkpoint=checkpoint, output=given)["notes"]
        tensors = TensorFolder(given)
        weight_map = weight_map if reverse else weight_map.recording(tensors)
        count, values = _write(weight_map.inverse() if reverse else weight_map, tensors, writer, output, scratch.path)
    if map_path is not None and not reverse:
        write_map(weight_map, map_path)
    cached = None if reverse else _cache(checkpoint, output)
    return Conversion(checkpoint, output, weight_map, count, values, tuple(notes), cached)


def _mapped(source: Worker, target: Worker, source_entry: str, target_entry: str, ruleset: RuleSet) -> WeightMap:
    source.call("open", entry=source_entry)
    target.call("open", entry=target_entry)
    return pair(source.call("parameters")["parameters"], target.call("parameters")["parameters"], ruleset)


def _write(weight_map: WeightMap, tensors: TensorFolder, writer: Worker, output: Path, folder: Path) -> tuple[int, int]:
    """Map, load strictly, save, read again, map back, compare; how many tensors and numbers went through."""
    count = values = 0
    with TensorWriter(folder / "mapped") as mapped:
        for name, tensor in weight_map.stream(tensors):
            mapped.add(name, tensor)
            count, values = count + 1, values + tensor.array.size
    writer.call("load", tensors=folder / "mapped")
    with Replacing(output) as temporary:
        draft = temporary.with_name(f"{temporary.name}{output.suffix}")
        try:
            writer.call("save", tensors=folder / "mapped", output=draft)
            writer.call("read", checkpoint=draft, output=folder / "again")
            check_round_trip(tensors, weight_map.inverse().apply(TensorFolder(folder / "again")))
            os.replace(draft, temporary)
        finally:
            draft.unlink(missing_ok=True)
    os.chmod(output, 0o644)
    return count, values


def check_round_trip(given: Mapping[str, Tensor], again: Mapping[str, Tensor]) -> None:
    """Raise CheckpointError naming the first tensor whose bits did not come back."""
    for name in given:
        if name not in again or not given[name].same_bits(again[name]):
            raise CheckpointError(f"{name} did not come back bit for bit; nothing was written")


def _with_dropped(weight_map: WeightMap, earlier: WeightMap) -> WeightMap:
    values = {step.source: step.dropped for step in earlier.steps if step.dropped is not None}
    return weight_map.recording(values)


def _cache(checkpoint: Path, output: Path) -> Path:
    path = checkpoints_folder() / f"{checkpoint.stem}.pdparams"
    if output.suffix == ".pdparams" and path.resolve() != output.resolve():
        with Replacing(path) as temporary:
            shutil.copyfile(output, temporary)
    return path
