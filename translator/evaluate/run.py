"""Evaluate both models on one data set: the same tensors to both, top-1 and top-5 within the gate, flips listed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from translator.core import ConfigError
from translator.evaluate.datasets import Dataset, read_dataset
from translator.evaluate.metrics import Accuracy, Flip, correct, predictions, within_gate
from translator.evaluate.models import Pair
from translator.evaluate.preprocess import Preprocess
from translator.evaluate.resume import Batch, Hits, Journal, digest, open_journal
from translator.ruleset.model import RuleSet
from translator.scratch import Scratch

FEWEST_CLASSES_FOR_TOP5 = 6
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What both models make of one data set.

    Args:
        images: how many were evaluated.
        batch_size: images a batch; the last batch may be smaller.
        difference_top1: absolute difference of the two shares, 0 to 1; likewise top5, None where top-5 says nothing.
        gate: the largest difference allowed, as a share: 0.002 is 0.2 %.
        passed: every difference is within the gate.
        flips: the images whose prediction differs, in the order of the data.
        seconds: time spent on all batches, those of interrupted runs included.
        preprocess: the settings of the preprocessing, by name.
    """

    images: int
    batch_size: int
    source: Accuracy
    target: Accuracy
    difference_top1: float
    difference_top5: float | None
    gate: float
    passed: bool
    flips: tuple[Flip, ...]
    seconds: float
    preprocess: dict[str, Any]


class Predictor(Protocol):
    """One model, ready to classify."""

    def predict(self, batch: Path) -> NDArray[Any]:
        """Logits (batch, classes) of the images in a ``.npy`` file: float32, shape (batch, 3, height, width)."""


# Opens the source's and the target's model; the stack closes them, the folder is for temporary files.
OpenModels = Callable[[ExitStack, Path], tuple[Predictor, Predictor]]


def evaluate(
    source: str,
    target: str,
    *,
    data: Path,
    weights: Path,
    ruleset: RuleSet,
    preprocess: Preprocess,
    root: Path | None = None,
    batch_size: int = 32,
    source_device: str = "cpu",
    target_device: str = "cpu",
    gate: float = 0.002,
    source_python: str | None = None,
    target_python: str | None = None,
    state: Path | None = None,
    progress: Progress | None = None,
) -> Evaluation:
    """Evaluate the source's and the target's model on the same tensors.

    Args:
        source: ENTRY of the source's model; ``target`` of the target's.
        data: a folder ``DIR/<class>/<image>``, or a list file of ``path label`` lines.
        weights: checkpoint of the source; the target's weights are mapped from it by ``ruleset``.
        root: folder that the paths of a list are relative to; the list's own folder by default.
        gate: the largest difference of top-1 and of top-5 that passes, as a share of the images: 0.002 is 0.2 %.
        state: file that keeps each finished batch; a run with the same models, checkpoint, data and settings goes on
            from it, any other starts anew.
        progress: called with (images done, images in all) at the start and after every batch.

    Raises:
        ConfigError: wrong data, an unreadable image, a label out of range, a wrong ENTRY, device or setting.
        CheckpointError: the checkpoint cannot be read, or does not fit either model.
        WorkerError: a framework's process or the user's model failed.
    """
    if batch_size < 1:
        raise ConfigError(f"a batch has at least one image, not {batch_size}")
    if not 0 <= gate <= 1:
        raise ConfigError(f"the gate is a share of the images from 0 to 1, not {gate}")
    dataset = read_dataset(data, root)
    models = Pair(source, target, weights, ruleset, source_device, target_device, source_python, target_python)
    journal = open_journal(state, key_of(models, dataset, preprocess, batch_size) if state else "")
    batches = run_batches(models, dataset, preprocess, batch_size=batch_size, journal=journal, progress=progress)
    return summarise(batches, dataset, preprocess, batch_size, gate)


def key_of(models: Pair, dataset: Dataset, preprocess: Preprocess, batch_size: int) -> str:
    """A digest of all that decides the results of the batches; images by their path, size and time of change."""
    rules = [f"{rule.api} {sorted(rule.weights.items())}" for rule in models.ruleset.rules()]
    images = [f"{sample.path} {sample.label} {stamp(sample.path)}" for sample in dataset.samples]
    settings = json.dumps([preprocess.settings(), batch_size, models.names(), rules, images])
    return digest([settings, *models.files()])


def stamp(path: Path) -> str:
    """Size and time of change of a file, which tell that it was replaced without reading it."""
    status = path.stat()
    return f"{status.st_size} {status.st_mtime_ns}"


def run_batches(
    open_models: OpenModels,
    dataset: Dataset,
    preprocess: Preprocess,
    *,
    batch_size: int,
    journal: Journal,
    progress: Progress | None = None,
) -> list[Batch]:
    """Run the batches that ``journal`` does not hold yet, and give all of them in order.

    Raises:
        ConfigError: an unreadable image, images of different sizes, a label out of range, a negative batch size, or
            models whose outputs are not logits of the same classes.
    """
    starts = range(0, len(dataset.samples), batch_size)
    images = sum(batch.images for batch in journal.finished.values())
    report = progress or (lambda done, total: None)
    report(images, len(dataset.samples))
    with ExitStack() as stack:
        models: tuple[Predictor, Predictor] | None = None
        folder = stack.enter_context(Scratch("eval")).path
        threads = stack.enter_context(ThreadPoolExecutor(thread_name_prefix="images"))
        for index, start in enumerate(starts):
            if index in journal.finished:
                continue
            models = models or open_models(stack, folder)
            batch = run_batch(models, dataset, preprocess, index, range(start, start + batch_size), folder, threads)
            journal.add(batch)
            images += batch.images
            report(images, len(dataset.samples))
    return [journal.finished[index] for index in range(len(starts))]


def run_batch(
    models: tuple[Predictor, Predictor],
    dataset: Dataset,
    preprocess: Preprocess,
    index: int,
    places: range,
    folder: Path,
    threads: ThreadPoolExecutor,
) -> Batch:
    """Read the images at ``places``, write them to one file, and give that file to both models."""
    began = time.perf_counter()
    places = range(places.start, min(places.stop, len(dataset.samples)))
    file = folder / "batch.npy"
    np.save(file, read_images(dataset, preprocess, places, threads))
    source, target = (logits_of(model, file, name) for model, name in zip(models, ("source", "target"), strict=True))
    if source.shape != target.shape or len(source) != len(places):
        raise ConfigError(
            f"for {len(places)} images the logits are {source.shape} in the source, {target.shape} in the target"
        )
    classes = source.shape[1]
    if index == 0:
        dataset.check_labels(classes)
    labels = np.array([dataset.samples[place].label for place in places], dtype=np.int64)
    return Batch(
        index=index,
        images=len(places),
        classes=classes,
        source=Hits(correct(source, labels, 1), correct(source, labels, 5)),
        target=Hits(correct(target, labels, 1), correct(target, labels, 5)),
        flips=tuple(flipped(places, source, target)),
        seconds=time.perf_counter() - began,
    )


def read_images(
    dataset: Dataset, preprocess: Preprocess, places: range, threads: ThreadPoolExecutor
) -> NDArray[np.float32]:
    """The images at ``places`` as one array: float32, shape (batch, 3, height, width)."""

    def read(place: int) -> NDArray[np.float32]:
        try:
            return preprocess.read(dataset.samples[place].path)
        except ConfigError as error:
            raise dataset.error(place, error.message, error.hint) from error

    images = list(threads.map(read, places))
    for place, image in zip(places, images, strict=True):
        if image.shape != images[0].shape:
            sizes = " and ".join(f"{each.shape[2]}x{each.shape[1]}" for each in (images[0], image))
            raise dataset.error(place, f"images of one batch differ in size: {sizes} pixels", "set a crop")
    return np.stack(images)


def logits_of(model: Predictor, file: Path, name: str) -> NDArray[Any]:
    """A model's logits for a batch file; ConfigError when they have not the shape (batch, classes)."""
    logits = model.predict(file)
    if logits.ndim != 2 or logits.shape[1] < 1:
        raise ConfigError(f"the {name} gave an output of shape {logits.shape}, not logits (batch, classes)")
    return logits


def flipped(places: range, source: NDArray[Any], target: NDArray[Any]) -> Iterator[tuple[int, int, int]]:
    """(index of the sample, source's prediction, target's prediction) where the two differ."""
    for place, one, other in zip(places, predictions(source).tolist(), predictions(target).tolist(), strict=True):
        if one != other:
            yield place, one, other


def summarise(
    batches: list[Batch], dataset: Dataset, preprocess: Preprocess, batch_size: int, gate: float
) -> Evaluation:
    """Add up the batches and judge the differences by the gate."""
    images = sum(batch.images for batch in batches)
    with_top5 = batches[0].classes >= FEWEST_CLASSES_FOR_TOP5
    source = Hits(sum(batch.source.top1 for batch in batches), sum(batch.source.top5 for batch in batches))
    target = Hits(sum(batch.target.top1 for batch in batches), sum(batch.target.top5 for batch in batches))
    passed = within_gate(source.top1, target.top1, images, gate)
    if with_top5:
        passed = passed and within_gate(source.top5, target.top5, images, gate)
    return Evaluation(
        images=images,
        batch_size=batch_size,
        source=Accuracy(source.top1 / images, source.top5 / images if with_top5 else None),
        target=Accuracy(target.top1 / images, target.top5 / images if with_top5 else None),
        difference_top1=abs(source.top1 - target.top1) / images,
        difference_top5=abs(source.top5 - target.top5) / images if with_top5 else None,
        gate=gate,
        passed=passed,
        flips=tuple(flip_of(dataset, *flip) for batch in batches for flip in batch.flips),
        seconds=sum(batch.seconds for batch in batches),
        preprocess=preprocess.settings(),
    )


def flip_of(dataset: Dataset, place: int, source: int, target: int) -> Flip:
    """A flip with the image's path and label."""
    sample = dataset.samples[place]
    return Flip(str(sample.path), sample.label, source, target)
