"""Builders of a package: registered, found among its functions, or named in a file."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.models.conftest import PLAIN, ZOO, Write
from translator.core import ConfigError, WorkerError
from translator.models.builders import find_builders
from translator.models.result import Builder
from translator.workers.launch import Worker

OUT = Path("build") / "made"
NOT_REGISTERED = {
    "needs": "it needs arguments: (width)",
    "nameless": "no module of the package has it under a name of its own",
}


def zoo(source: str) -> list[Builder]:
    """The builders of the registry; ``source`` gives the place of a module on the source side."""
    small, boxes = (source.format(m, f) for m, f in (("small", "small"), ("detection.boxes", "detection/boxes")))
    wide = "wide(weights_backbone=None, pretrained_head=False)"
    made = "build/made/models"
    return [
        Builder("boxes", "detection", f"{boxes}:boxes", f"{made}/detection/boxes.py:boxes"),
        Builder("tiny", "models", f"{small}:tiny(pretrained=False)", f"{made}/small.py:tiny(pretrained=False)"),
        Builder("wide_one", "models", f"{small}:{wide}", f"{made}/small.py:{wide}"),
    ]


@pytest.mark.parametrize(
    ("package", "source"),
    [
        pytest.param("zoo.models", "zoo.models.{0}", id="by its dotted name"),
        pytest.param("zoo/models", "zoo/models/{1}.py", id="by its path"),
    ],
)
def test_a_registry(write: Write, package: str, source: str) -> None:
    write(ZOO)
    with Worker("torch") as worker:  # of its own: the package of another folder may be loaded in the shared one
        found = find_builders(package, OUT, worker)
        assert list(found.builders) == zoo(source)
        assert found.left == NOT_REGISTERED
        assert found.missing == ("nameless", "needs")
        for builder in found.builders:
            worker.call("open", entry=builder.source)
        only = find_builders(package, OUT, worker, only=["t*", "boxes"])
        assert [one.name for one in only.builders] == ["boxes", "tiny"]
        with pytest.raises(ConfigError, match=r"no builder matches x\*"):
            find_builders(package, OUT, worker, only=["x*"])


def test_functions(write: Write) -> None:
    write(PLAIN)
    with Worker("torch") as worker:  # in the current folder, which ENTRYs are relative to
        found = find_builders("plain", Path("out"), worker)
        one = find_builders("plain/nets.py", Path("out"), worker, only=["quoted"])
    assert one.builders == (Builder("quoted", "nets", "plain/nets.py:quoted", "out/nets.py:quoted"),)
    assert list(found.builders) == [
        Builder("deep.more.small", "deep", "plain/deep/more.py:small", "out/deep/more.py:small"),
        Builder("nets.small", "plain", "plain/nets.py:small(weights=None)", "out/nets.py:small(weights=None)"),
        Builder("quoted", "plain", "plain/nets.py:quoted", "out/nets.py:quoted"),
        Builder("silent", "plain", "plain/nets.py:silent", "out/nets.py:silent"),
    ]
    assert found.left == {
        "plain.broken": "importing it raised ModuleNotFoundError: No module named 'no_such_package_at_all'",
        "number": "`number` gave int, not a model",
        "raises": "`raises` raised ValueError: never",
    }


def test_a_single_file(write: Write, source_worker: Worker) -> None:
    write({"one_net.py": "from torch import nn\n\n\ndef net() -> nn.Module:\n    return nn.Linear(2, 2)\n"})
    (found,) = find_builders("one_net.py", OUT, source_worker).builders
    assert found == Builder("net", "one_net", "one_net.py:net", "build/made/__init__.py:net")


@pytest.mark.parametrize(
    ("package", "error", "reason"),
    [
        pytest.param("no_such_zoo", ConfigError, "there is no such file, folder or module", id="nowhere"),
        pytest.param("folder", ConfigError, "is no package: it has no `__init__.py`", id="a folder"),
        pytest.param("raising", WorkerError, "raised ValueError: at import", id="it raises"),
        pytest.param("empty", ConfigError, "no builder was found", id="nothing in it"),
        pytest.param("listing", WorkerError, "`list_models` raised KeyError", id="its registry raises"),
    ],
)
def test_no_package(write: Write, source_worker: Worker, package: str, error: type[Exception], reason: str) -> None:
    write({
        "folder/net.py": "x = 1\n",
        "raising.py": "raise ValueError('at import')\n",
        "empty.py": "x = 1\n",
        "listing.py": "def list_models():\n    return {}['x']\n",
    })  # fmt: skip
    with pytest.raises(error, match=reason):
        find_builders(package, OUT, source_worker)


def test_names_without_functions_are_told(write: Write, source_worker: Worker) -> None:
    model = "from torch import nn\n\n\ndef a() -> nn.Module:\n    return nn.ReLU()\n"
    code = f"{model}\n\ndef list_models():\n    return ['a', 'b']\n"
    write({"half_zoo.py": code})
    found = find_builders("half_zoo", OUT, source_worker)
    assert [one.name for one in found.builders] == ["a"]
    assert found.missing == ("list_models()",)
    assert found.left["list_models()"] == "no mapping in the package has a function for each name that it gives"


def test_entries(write: Write, source_worker: Worker) -> None:
    folder = write(PLAIN)
    (folder / "entries").write_text(
        "two: plain.nets:small(width=2)\nlayer: plain/deep/more.py:small\nhead: plain:small\n"
    )
    found = find_builders("plain", Path("out"), source_worker, Path("entries"), ["two", "layer", "head"])
    assert list(found.builders) == [
        Builder("two", "plain", "plain.nets:small(width=2)", "out/nets.py:small(width=2)"),
        Builder("layer", "deep", "plain/deep/more.py:small", "out/deep/more.py:small"),
        Builder("head", "plain", "plain:small", "out/__init__.py:small"),
    ]
    (folder / "entries").write_text("# mine\nx: json.tool:main\n")
    with pytest.raises(ConfigError, match=r"entries:2: `json\.tool` is not of plain"):
        find_builders("plain", Path("out"), source_worker, Path("entries"))
    (folder / "entries").write_text("x: plain.none:main\n")
    with pytest.raises(ConfigError, match=r"entries:1: `plain\.none` is nowhere"):
        find_builders("plain", Path("out"), source_worker, Path("entries"))
    assert "plain" not in sys.modules, "nothing is imported here"
