"""Train the PyTorch SqueezeNet on the digits set inside scikit-learn, in about half a minute on two cores.

The 1797 images are written as PNG files, enlarged from 8x8 to 48x48 pixels, three equal channels:
``DATA/train/<class>/<image>``, ``DATA/val/<class>/<image>`` and ``DATA/val_list.txt``. The split is fixed, and so is
the seed. Training reads them through the preprocessing that the evaluation uses.

SqueezeNet has no batch-norm: from PyTorch's default initialisation it does not learn at all, from He's it does, and
a larger learning rate kills the last ReLU for good.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from sklearn.datasets import load_digits
from torch import Tensor, nn

from translator.evaluate.datasets import read_dataset
from translator.evaluate.preprocess import Preprocess
from translator.files import write_atomically

SIDE = 48
HELD_OUT = 360
SEED = 0
EPOCHS = 6
BATCH = 32
LEARNING_RATE = 4e-4


def write_digits(folder: Path) -> None:
    """Write the digits as an ImageNet-style folder, and ``val_list.txt`` of the held-out ones."""
    digits = load_digits()
    held_out = set(np.random.default_rng(SEED).permutation(len(digits.target))[:HELD_OUT].tolist())
    lines = []
    for index, (pixels, label) in enumerate(zip(digits.images, digits.target, strict=True)):
        part = "val" if index in held_out else "train"
        path = folder / part / str(label) / f"{index:04d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        grey = Image.fromarray((pixels * (255 / 16)).round().astype(np.uint8))
        grey.resize((SIDE, SIDE), Image.Resampling.BILINEAR).convert("RGB").save(path)
        if part == "val":
            lines.append(f"{path.relative_to(folder).as_posix()} {label}\n")
    write_atomically(folder / "val_list.txt", "".join(lines))


def read_images(folder: Path) -> tuple[Tensor, Tensor]:
    """Images (count, 3, 48, 48) and labels (count,)."""
    preprocess = Preprocess(resize=SIDE, crop=SIDE)
    samples = read_dataset(folder).samples
    images = np.stack([preprocess.read(sample.path) for sample in samples])
    return torch.from_numpy(images), torch.tensor([sample.label for sample in samples])


def initialise(model: nn.Module) -> None:
    """He's initialisation, biases at zero."""
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_uniform_(module.weight)
            if module.bias is not None:
                nn.init.zeros_(module.bias)


def train(model: nn.Module, images: Tensor, labels: Tensor, epochs: int) -> None:
    """Adam with one cycle of the learning rate."""
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)
    steps = epochs * -(-len(labels) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, total_steps=steps, pct_start=0.2)
    model.train()
    for epoch in range(epochs):
        total, began = 0.0, time.perf_counter()
        for batch in torch.randperm(len(labels)).split(BATCH):
            loss = nn.functional.cross_entropy(model(images[batch]), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item() * len(batch)
        print(
            f"epoch {epoch + 1}/{epochs}: loss {total / len(labels):.4f}, {time.perf_counter() - began:.1f} s",
            flush=True,
        )


@torch.no_grad()
def accuracy(model: nn.Module, images: Tensor, labels: Tensor) -> float:
    """Top-1 share, 0 to 1."""
    model.eval()
    hits = [
        (model(x).argmax(1) == y).sum().item() for x, y in zip(images.split(BATCH), labels.split(BATCH), strict=True)
    ]
    return float(sum(hits)) / len(labels)


def main() -> int:
    """Write the images, train, save the checkpoint; 1 when the model did not learn."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder for the images")
    parser.add_argument("--output", type=Path, required=True, help="checkpoint to write, e.g. squeezenet_digits.pth")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    arguments = parser.parse_args()

    sys.path.insert(0, str(Path(__file__).resolve().parent / "source"))
    from squeezenet import squeezenet1_0

    write_digits(arguments.data)
    torch.manual_seed(SEED)
    torch.set_num_threads(1)  # the sums, and so the weights, do not depend on the machine
    torch.use_deterministic_algorithms(True)
    model = squeezenet1_0(num_classes=10)
    initialise(model)
    train(model, *read_images(arguments.data / "train"), arguments.epochs)
    share = accuracy(model, *read_images(arguments.data / "val"))
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    torch.save(model.state_dict(), arguments.output)
    print(f"top-1 on {HELD_OUT} held-out images: {share:.1%}; saved {arguments.output}")
    return 0 if share >= 0.9 else 1


if __name__ == "__main__":
    raise SystemExit(main())
