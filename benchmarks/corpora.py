"""What is measured on: real model code from the package registry, fetched once into ``build/`` and never committed."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "benchmarks"
THIRD_PARTY = ROOT / "build" / "third_party"
PACKAGES = {"torchvision": "0.28.0", "timm": "1.0.31"}
PACONVERT = "3.3.0"


class MissingError(Exception):
    """Something that a measurement needs cannot be had; the message says what and why."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """Python files below one folder; nothing else lies there."""

    name: str
    folder: Path

    @property
    def files(self) -> list[Path]:
        """Every file, in a fixed order."""
        return sorted(self.folder.rglob("*.py"))

    @property
    def lines(self) -> int:
        """How many lines the files have together."""
        return sum(len(path.read_text(encoding="utf-8").splitlines()) for path in self.files)


def model_code() -> list[Corpus]:
    """``torchvision/models`` and ``timm/models``, the code that speed is measured on."""
    return [stage(f"{name}-{version}-models", package(name) / "models") for name, version in PACKAGES.items()]


def packages() -> list[Corpus]:
    """The whole packages under their own names, which coverage is counted on."""
    return [
        replace(stage(name, package(name), BUILD / f"{name}-{version}"), name=f"{name}-{version}")
        for name, version in PACKAGES.items()
    ]


def package(name: str) -> Path:
    """The unpacked source of a package.

    Raises:
        MissingError: the package registry cannot be reached.
    """
    version = PACKAGES[name]
    target = THIRD_PARTY / f"{name}-{version}"
    if not (target / ".complete").exists():
        wheels = THIRD_PARTY / "wheels"
        _run([sys.executable, "-m", "pip", "download", "-qq", "--no-deps", "--dest", str(wheels), f"{name}=={version}"])
        shutil.rmtree(target, ignore_errors=True)
        with zipfile.ZipFile(next(wheels.glob(f"{name}-{version}-*.whl"))) as wheel:
            wheel.extractall(target, [member for member in wheel.namelist() if member.endswith(".py")])
        (target / ".complete").touch()
    return target / name


def stage(name: str, source: Path, into: Path = BUILD / "corpus") -> Corpus:
    """Copy the Python files below a folder and nothing else: a converter of folders takes the rest along."""
    target = into / name
    shutil.rmtree(target, ignore_errors=True)
    for path in sorted(source.rglob("*.py")):
        copy = target / path.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    return Corpus(name, target)


def paconvert_python() -> str:
    """The interpreter of an environment that holds PaConvert and what it demands; it needs no framework.

    Raises:
        MissingError: it cannot be installed.
    """
    folder = ROOT / "build" / f"paconvert-{PACONVERT}"
    python = folder / "bin" / "python"
    if not (folder / ".complete").exists():
        _run([sys.executable, "-m", "venv", "--clear", str(folder)])
        _run([str(python), "-m", "pip", "install", "-qq", f"paconvert=={PACONVERT}"])
        (folder / ".complete").touch()
    return str(python)


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.strip()] or [f"exit {done.returncode}"]
        raise MissingError(f"`{' '.join(command[1:])}` failed: {said[-1]}")
