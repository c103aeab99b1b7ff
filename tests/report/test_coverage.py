"""Which sites of a project are certain, assumed and left: counted once, told in three forms."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from translator.core import ConfigError, Counts, Translation
from translator.project.coverage import Coverage, cover
from translator.report import coverage
from translator.ruleset.load import load_rules

FILES = {
    "pkg/__init__.py": "",
    "pkg/net.py": (
        "import torch\nfrom .ops import half\n\n\ndef f(x: torch.Tensor, cfg):\n"
        "    return torch.cat([half(x)], 1), cfg.view(0), cfg.view(1), torch.no_such(x)\n"
    ),
    "pkg/ops.py": "import torch\n\n\ndef half(x):\n    return x.permute(1, 0)\n",
    "pkg/plain.py": "x = 1\n",
    "pkg/bad.py": "x = = 1\n",
    "pkg/data.txt": "torch.cat",
}
WHY = "left as it was: cannot tell that `cfg` is a tensor: `view` also exists on objects that are not tensors"
RULE = "write a rule for `torch.no_such` and give it with `--rules`"


@pytest.fixture
def found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Coverage:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return cover("pkg", load_rules())


def test_counts(found: Coverage) -> None:
    assert [Path(file.path).name for file in found.files] == ["__init__.py", "bad.py", "net.py", "ops.py", "plain.py"]
    assert found.counts == Counts(6, 2, 1, {"T301": 2, "T304": 1})
    assert found.codes == {"T201": 1, "T301": 2, "T304": 1}
    assert found.apis == {"T301": {"torch.Tensor.view": 2}, "T304": {"torch.no_such": 1}}
    assert [file.failed for file in found.files if file.failed] == ["pkg/bad.py:1:1: not valid Python: invalid syntax"]


def test_sites(found: Coverage) -> None:
    net, ops = found.files[2:4]
    assert [(str(s.position), s.code) for s in net.left] == [
        ("pkg/net.py:6:37", "T301"), ("pkg/net.py:6:50", "T301"), ("pkg/net.py:6:63", "T304"),
    ]  # fmt: skip
    assert [(str(s.position), s.code, s.api) for s in ops.assumed] == [
        ("pkg/ops.py:5:12", "T201", "torch.Tensor.permute")
    ]


def test_text(found: Coverage) -> None:
    assert coverage.render(found, apis=1) == (
        "pkg/bad.py: cannot be read: pkg/bad.py:1:1: not valid Python: invalid syntax\n"
        "pkg/net.py: 5 sites: 2 translated (2 certain, 0 assumed), 3 left (T301 2, T304 1)\n"
        "  pkg/net.py:6:37: T301 torch.Tensor.view\n"
        "  pkg/net.py:6:50: T301 torch.Tensor.view\n"
        "  pkg/net.py:6:63: T304 torch.no_such\n"
        "pkg/ops.py: 1 site: 1 translated (0 certain, 1 assumed), 0 left\n"
        "T301: torch.Tensor.view 2\n"
        "T304: torch.no_such 1\n"
        "pkg: 5 files, 2 with sites, 1 that cannot be read\n"
        "pkg: 6 sites: 3 translated (2 certain, 1 assumed), 3 left (T301 2, T304 1)\n"
        "notes, and imports that are left: T201 1\n"
    )


def test_concise(found: Coverage) -> None:
    assert coverage.concise(found).splitlines() == [
        "pkg/net.py:6:37: T301 torch.Tensor.view",
        "pkg/net.py:6:50: T301 torch.Tensor.view",
        "pkg/net.py:6:63: T304 torch.no_such",
        "pkg/bad.py:1:1: not valid Python: invalid syntax",
    ]


def test_json(found: Coverage) -> None:
    read = json.loads(coverage.json(found))
    assert (read["format"], read["source"]) == ("translator-coverage-1", "pkg")
    assert read["counts"] == {"sites": 6, "certain": 2, "assumed": 1, "left": {"T301": 2, "T304": 1}}
    assert read["files"][2]["left"][0] == {
        "position": {"path": "pkg/net.py", "line": 6, "column": 36, "end_line": 6, "end_column": 47},
        "code": "T301",
        "api": "torch.Tensor.view",
        "reason": WHY,
        "hint": "annotate it (`cfg: torch.Tensor`)",
    }
    assert read["apis"]["T304"] == {"torch.no_such": 1}


def test_markdown(found: Coverage) -> None:
    assert coverage.markdown(found).splitlines() == [
        "`pkg`: 6 sites: 3 translated (2 certain, 1 assumed), 3 left (T301 2, T304 1).",
        "",
        "### `net.py`",
        "",
        "| lines | API | why it stays | instead |",
        "|---|---|---|---|",
        f"| 6 | `torch.Tensor.view` (T301) | {WHY} | annotate it (`cfg: torch.Tensor`) |",
        f"| 6 | `torch.no_such` (T304) | no rule for `torch.no_such` | {RULE} |",
    ]


def test_every_translation_can_be_judged(found: Coverage) -> None:
    seen: list[Translation] = []
    again = cover("pkg", load_rules(), on_translation=seen.append)
    assert again == found
    assert [t.counts for t in seen] == [f.counts for f in found.files]


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        cover(str(tmp_path / "nothing.py"), load_rules())
