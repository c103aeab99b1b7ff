"""Run the source model once, to learn what stands in the values of its files."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from translator.analysis.observed import Observations, read_observations
from translator.verify.models import input_array
from translator.workers.launch import Worker
from translator.workers.tensors import Tensor, write_tensors


def observe(
    entry: str,
    roots: Sequence[Path],
    *,
    input_shape: tuple[int, ...] = (1, 3, 224, 224),
    device: str = "cpu",
    seed: int = 0,
    python: str | None = None,
) -> Observations:
    """Build the model of an ENTRY, run one forward in evaluation mode, and note the type of every value.

    Args:
        roots: files, and folders of files, to note values of; what else is imported runs as it is.
        python: the interpreter that has the source framework.

    Raises:
        ConfigError: the ENTRY, the device or the interpreter is wrong.
        WorkerError: the model cannot be built, or does not take this input.
    """
    with tempfile.TemporaryDirectory(prefix="translate-observe-") as folder:
        inputs = Path(folder) / "inputs"
        write_tensors(inputs, {"input": Tensor("float32", input_array("normal", input_shape, seed))})
        with Worker("torch", python=python, device=device) as worker:
            found = worker.call("observe", entry=entry, inputs=inputs, roots=[str(root) for root in roots])
    return read_observations(found["observed"])
