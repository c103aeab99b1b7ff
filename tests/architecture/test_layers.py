"""What the import contracts cannot say: words, sizes, printing, and what a plain translation loads."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "translator"
WRITTEN = ("translator", "tests", "samples", "benchmarks", "rules", "docs")
FRAMEWORKS = {"torch", "torchvision", "paddle"}
HEAVY = {"torch", "paddle", "numpy", "PIL", "matplotlib", "jinja2", "safetensors", "joblib", "diskcache"}


def python_files(*folders: str) -> list[Path]:
    """Every Python file below these folders of the checkout that is not itself an input of the translator."""
    found = (path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return sorted(path for path in found if "fixtures" not in path.parts)


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imported(path: Path) -> Iterator[str]:
    """Top-level packages that a file imports anywhere, inside functions too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


@pytest.mark.parametrize("layer", ["ruleset", "analysis", "rewrites", "engine", "project"])
def test_knows_no_framework(layer: str) -> None:
    files = python_files(f"translator/{layer}")
    found = [
        f"{name_of(path)}:{number}: {line.strip()}"
        for path in files
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search("torch|paddle", line, re.IGNORECASE)
    ]
    assert files
    assert not found, "what depends on the frameworks belongs into the rule pack:\n" + "\n".join(found)


def test_frameworks_are_imported_by_their_workers_only() -> None:
    """The files of a worker carry its framework's name, and none imports two: both in one process crash on GPUs."""
    loaded = {path: FRAMEWORKS & set(imported(path)) for path in python_files("translator")}
    importers = {name_of(path): names - {"torchvision"} for path, names in loaded.items() if names}
    assert {"translator/workers/torch_worker.py", "translator/workers/paddle_worker.py"} <= set(importers)
    for file, names in importers.items():
        (framework,) = names
        assert re.fullmatch(rf"translator/workers/{framework}_\w+\.py", file)


def test_the_only_place_that_prints_is_the_command_line() -> None:
    found = [
        f"{name_of(path)}:{node.lineno}"
        for path in python_files("translator")
        if PACKAGE / "cli" not in path.parents
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert not found


def test_files_hold_one_concept() -> None:
    lengths = {name_of(p): len(p.read_text(encoding="utf-8").splitlines()) for p in python_files(*WRITTEN)}
    assert {name: length for name, length in lengths.items() if length > 450} == {}


def test_names_say_what_is_inside() -> None:
    vague = {"utils.py", "util.py", "common.py", "base.py", "helpers.py", "misc.py"}
    assert [name_of(path) for path in python_files("translator", "tests") if path.name in vague] == []


def test_a_plain_translation_loads_nothing_heavy(tmp_path: Path) -> None:
    """Start-up is most of the time that a single file takes."""
    source = tmp_path / "net.py"
    source.write_text("import torch\n\n\ndef f(x: torch.Tensor):\n    return torch.cat([x, x], 1)\n", encoding="utf-8")
    program = (
        "import sys\n"
        "from translator import cli\n"
        f"sys.argv = ['translate', {str(source)!r}, '-o', {str(tmp_path / 'out.py')!r}]\n"
        "try:\n    cli.main()\n"
        "finally:\n    sys.stdout.write(' '.join({name.partition('.')[0] for name in sys.modules}))\n"
    )
    environment = {"PYTHONPATH": str(ROOT), "TRANSLATE_HOME": str(tmp_path / "home"), "HOME": str(tmp_path)}
    for _ in ("fills the cache", "finds it full"):
        done = subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=120, check=True
        )
    assert "paddle.concat([x, x], 1)" in (tmp_path / "out.py").read_text(encoding="utf-8")
    assert HEAVY & set(done.stdout.split()) == set()
