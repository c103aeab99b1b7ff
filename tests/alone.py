"""Programs in processes of their own: on the source, and on the output where the source framework does not exist."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

# All that the output may need is the target, numpy and Pillow. The target brings others along for itself.
REFUSED = ("torch", "torchvision", "scipy", "sklearn", "pandas", "matplotlib", "cv2", "libcst", "translator", "timm")

_START = f"""
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {REFUSED!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Refuse())
"""

_OPERATORS = """
from translator.workers.torch_operators import define_operators
operators = define_operators()
"""


def run_source(program: str, *arguments: object) -> str:
    """What a program prints that uses the source framework, with torchvision's operators where their library fails.

    Raises:
        AssertionError: it failed; says what it wrote.
    """
    return _output([_OPERATORS + program, *map(str, arguments)], Path.cwd(), dict(os.environ))


def run_alone(program: str, folder: Path, *arguments: object, home: Path | None = None) -> str:
    """What a program prints, with ``folder`` as its working folder and the first place of its imports.

    Args:
        home: what ``TRANSLATE_HOME`` is, where converted checkpoints are looked for; by default ``folder``.

    Raises:
        AssertionError: it failed; says what it wrote.
    """
    environment = {"PATH": os.environ["PATH"], "OMP_NUM_THREADS": "1", "TRANSLATE_HOME": str(home or folder)}
    return _output([_START + program, *map(str, arguments)], folder, environment)


def _output(arguments: list[str], folder: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, "-c", *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
