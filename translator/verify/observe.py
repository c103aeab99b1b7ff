"""Run the source model once, to learn what stands in the values of its files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from translator.analysis.observed import Observations, read_observations
from translator.scratch import Scratch
from translator.verify.inputs import IMAGE, Input, write_inputs
from translator.workers.launch import Worker


def observe(
    entries: Sequence[str],
    roots: Sequence[Path],
    *,
    inputs: Sequence[Input] = (IMAGE,),
    device: str = "cpu",
    seed: int = 0,
    python: str | None = None,
) -> Observations:
    """Build the model of each ENTRY, run one forward in evaluation mode, and note the type of every value.

    Args:
        roots: files, and folders of files, to note values of; what else is imported runs as it is.
        inputs: the arguments of the forward.
        python: the interpreter that has the source framework.

    Raises:
        ConfigError: the ENTRY, the device or the interpreter is wrong.
        WorkerError: the model cannot be built, or does not take this input.
    """
    with Scratch("observe") as scratch:
        given = write_inputs(scratch.path / "inputs", inputs, "normal", seed)
        with Worker("torch", python=python, device=device) as worker:
            found = {}
            for entry in entries:
                found = worker.call("observe", entry=entry, inputs=given, roots=[str(root) for root in roots])
    return read_observations(found["observed"])
