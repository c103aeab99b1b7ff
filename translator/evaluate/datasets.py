"""Labelled images on disk: an ImageNet-style folder, or a list of ``path label`` lines."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from translator.core import ConfigError

IMAGE_SUFFIXES = frozenset({".bmp", ".gif", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp"})
LIST_USAGE = "each line is `path label`, the path relative to the root folder, the label a number from 0"


@dataclass(frozen=True, slots=True)
class Sample:
    """One image and its class, a number from 0."""

    path: Path
    label: int


@dataclass(frozen=True, slots=True)
class Dataset:
    """Labelled images in a fixed order.

    Args:
        origin: the folder or list file that was read.
        samples: the images, in the order in which they are evaluated.
        classes: names of the classes by label; empty for a list, which holds no names.
        lines: for a list, the line (from 1) of each sample; empty for a folder.
    """

    origin: Path
    samples: tuple[Sample, ...]
    classes: tuple[str, ...] = ()
    lines: tuple[int, ...] = ()

    def error(self, index: int, message: str, hint: str = "") -> ConfigError:
        """What is wrong with one sample, naming the image and, for a list, its line."""
        image = self.samples[index].path
        if not self.lines:
            return ConfigError(message, path=str(image), hint=hint)
        return ConfigError(f"{image}: {message}", path=str(self.origin), line=self.lines[index], hint=hint)

    def check_labels(self, classes: int) -> None:
        """Check that a model with that many outputs can name every label.

        Raises:
            ConfigError: a label is ``classes`` or more; names the first.
        """
        for index, sample in enumerate(self.samples):
            if sample.label >= classes:
                raise self.error(
                    index,
                    f"label {sample.label} is out of range: the model has {classes} classes",
                    "labels count from 0; give the model's ENTRY the data's number of classes",
                )


def read_dataset(data: Path, root: Path | None = None) -> Dataset:
    """Read a folder ``DIR/<class>/<image>``, or a list file of ``path label`` lines.

    Args:
        data: the folder or the list file.
        root: folder that the paths of a list are relative to; the list's own folder by default.

    Raises:
        ConfigError: nothing there, a bad line, a missing image, no image at all, or ``root`` with a folder.
    """
    if data.is_dir():
        if root is not None:
            raise ConfigError("a root folder goes with a list file, not with a folder of classes", path=str(data))
        return read_folder(data)
    return read_list(data, root)


def read_folder(folder: Path) -> Dataset:
    """Read ``folder/<class>/**/<image>``; labels are the places of the sorted class names, as torchvision counts them.

    Files that have no image suffix, and names that begin with a dot, are skipped.

    Raises:
        ConfigError: no class folders, or one without an image.
    """
    classes = sorted(entry.name for entry in folder.iterdir() if entry.is_dir() and not entry.name.startswith("."))
    if not classes:
        raise ConfigError("no class folders there", path=str(folder), hint="lay images out as DIR/<class>/<image>")
    samples: list[Sample] = []
    for label, name in enumerate(classes):
        images = [path for path in sorted((folder / name).rglob("*")) if is_image(path)]
        if not images:
            raise ConfigError("this class has no image", path=str(folder / name))
        samples += [Sample(path, label) for path in images]
    return Dataset(folder, tuple(samples), tuple(classes))


def is_image(path: Path) -> bool:
    """Whether the name is that of an image file."""
    return path.suffix.lower() in IMAGE_SUFFIXES and not path.name.startswith(".") and path.is_file()


def read_list(file: Path, root: Path | None = None) -> Dataset:
    """Read a list of ``path label`` lines; the path may hold spaces, blank lines are skipped.

    Raises:
        ConfigError: cannot be read, a bad line, a missing image, or no line at all; names file and line.
    """
    folder = file.parent if root is None else root
    if not folder.is_dir():
        raise ConfigError("no such folder", path=str(folder))
    samples: list[Sample] = []
    lines: list[int] = []
    for number, text in enumerate(read_lines(file), start=1):
        if text.strip():
            samples.append(parse_line(text, folder, file, number))
            lines.append(number)
    if not samples:
        raise ConfigError("holds no images", path=str(file), hint=LIST_USAGE)
    return Dataset(file, tuple(samples), lines=tuple(lines))


def read_lines(file: Path) -> list[str]:
    """The lines of a UTF-8 text file, with or without a byte order mark."""
    try:
        return file.read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ConfigError("is not UTF-8 text", path=str(file), line=line, hint=LIST_USAGE) from error
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", path=str(file)) from error


def parse_line(text: str, folder: Path, file: Path, number: int) -> Sample:
    """One ``path label`` line."""
    parts = text.strip().rsplit(maxsplit=1)
    if len(parts) != 2:
        raise ConfigError(f"`{text.strip()}` has no label", path=str(file), line=number, hint=LIST_USAGE)
    if not (parts[1].isascii() and parts[1].isdigit()):
        raise ConfigError(f"`{parts[1]}` is not a label", path=str(file), line=number, hint=LIST_USAGE)
    path = folder / parts[0]
    if not path.is_file():
        raise ConfigError(f"no such image: {path}", path=str(file), line=number, hint="give the root folder")
    return Sample(path, int(parts[1]))
