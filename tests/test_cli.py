"""The command line of a translation: options, streams, formats, exit codes, and one clear line for each mistake."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command import Command
from translator.codes import CODES

ROOT = Path(__file__).resolve().parents[1]
CLEAN = "import torch\n\n\ndef f(x: torch.Tensor):\n    return torch.cat([x], dim=1)\n"
CLEAN_AFTER = (
    CLEAN.replace("torch.Tensor", "paddle.Tensor")
    .replace("torch.cat([x], dim=1)", "paddle.concat([x], axis=1)")
    .replace("import torch", "import paddle")
)
NET = """\
from operator import itemgetter
import torch


class Net(torch.nn.Module):
    def forward(self, x):
        value = itemgetter("a")({"a": x})
        return value.view(3, -1)
"""
LEFT = "import torch\n\nn = cfg.root.view(0)\ny = torch.no_such_name(n)\n"


def test_a_file_to_a_file(command: Command) -> None:
    command.write("net.py", CLEAN)
    done = command("net.py", "-o", "out/net_paddle.py")
    assert (done.status, done.out) == (0, "")
    assert (command.folder / "out" / "net_paddle.py").read_text(encoding="utf-8") == CLEAN_AFTER
    assert "net.py: 2 sites: 2 translated (2 certain, 0 assumed), 0 left" in done.err


def test_without_output_it_goes_to_stdout(command: Command) -> None:
    command.write("net.py", CLEAN)
    done = command("net.py")
    assert (done.status, done.out) == (0, CLEAN_AFTER)
    assert command.names() == {"net.py"}


def test_stdin(command: Command) -> None:
    done = command("-", stdin=CLEAN)
    assert (done.status, done.out) == (0, CLEAN_AFTER)
    assert "<stdin>" in done.err


@pytest.mark.parametrize(
    "source", ["import torch\r\nx = torch.cat([a], dim=1)\r\n", "\ufeffimport torch\nx = torch.cat(['é'], dim=1)"]
)
def test_bytes_go_through_unchanged(source: str, command: Command) -> None:
    after = (
        source.replace("import torch", "import paddle")
        .replace("torch.cat", "paddle.concat")
        .replace("dim", "axis")
        .encode()
    )
    command.write("net.py", source)
    assert command("net.py", "-o", "out.py").status == 0
    assert (command.folder / "out.py").read_bytes() == after
    assert command("-", stdin=source).out.encode() == after


def test_what_is_left_is_exit_1_with_a_file_all_the_same(command: Command) -> None:
    command.write("net.py", LEFT)
    done = command("net.py", "-o", "out.py")
    assert done.status == 1
    assert (command.folder / "out.py").read_text(encoding="utf-8") == LEFT
    assert (
        "warning[T301]: left as it was: cannot tell that `cfg.root` is a tensor\n --> net.py:3:5\n  |\n"
        "3 | n = cfg.root.view(0)\n"
        "  |     ^^^^^^^^^^^^^^^^ `view` also exists on objects that are not tensors\n" in done.err
    )
    assert "1 left" in done.err or "2 left (T301 1, T304 1)" in done.err


def test_notes_alone_are_exit_0(command: Command) -> None:
    done = command("-", stdin="import torch\ndef f(x): return x.permute(1, 0)\n")
    assert done.status == 0
    assert "note[T201]" in done.err


def test_check_writes_nothing(command: Command) -> None:
    command.write("net.py", LEFT)
    done = command("net.py", "--check", "-o", "out.py")
    assert (done.status, done.out, command.names()) == (1, "", {"net.py"})
    assert "T304" in done.err


def test_diff_writes_nothing(command: Command) -> None:
    command.write("net.py", CLEAN.rstrip("\n"))
    done = command("net.py", "--diff", "-o", "out.py")
    assert (done.status, command.names()) == (0, {"net.py"})
    assert done.out.startswith("--- net.py\n+++ out.py\n@@ ")
    assert "-import torch\n+import paddle\n" in done.out
    assert "\\ No newline at end of file\n" in done.out


def test_concise_lines(command: Command) -> None:
    command.write("net.py", LEFT)
    done = command("net.py", "--check", "--format", "concise")
    assert done.err.splitlines() == [
        "net.py:3:5: T301 left as it was: cannot tell that `cfg.root` is a tensor",
        "net.py:4:5: T304 no rule for `torch.no_such_name`",
    ]


def test_json_is_one_object_on_stdout(command: Command) -> None:
    command.write("net.py", LEFT)
    done = command("net.py", "-o", "out.py", "--format", "json")
    (translation,) = json.loads(done.out)["translations"]
    assert [d["code"] for d in translation["diagnostics"]] == ["T301", "T304"]
    assert translation["diagnostics"][0]["position"]["line"] == 3
    assert done.status == 1
    assert (command.folder / "out.py").exists()


def test_observe(command: Command) -> None:
    command.write("net.py", NET)
    assert "value.view(3, -1)" in command("net.py").out
    done = command("net.py", "--observe", "Net", "--input", "3x4")
    assert done.status == 0
    assert "value.reshape([3, -1])" in done.out
    assert "note[T201]: `view` translated: `value` as `torch.Tensor` observed" in done.err
    assert done.err.startswith("observed: ")


def test_verify_a_module_of_a_package(command: Command) -> None:
    (command.folder / "pkg").mkdir()
    command.write("pkg/__init__.py", "")
    command.write("pkg/ops.py", "import torch\n\n\ndef stem():\n    return torch.nn.Conv2d(3, 4, 3)\n")
    net = NET.replace("from operator import itemgetter", "from .ops import stem").replace("NET", "")
    lines = [
        *net.splitlines()[:5],
        "    def __init__(self):",
        "        super().__init__()",
        "        self.stem = stem()",
    ]
    command.write(
        "pkg/net.py", "\n".join([*lines, "    def forward(self, x):", "        return self.stem(x).view(-1)", ""])
    )
    assert command("pkg", "-o", "out").status == 0
    done = command("verify", "pkg.net:Net", "out.net:Net", "--input", "2x3x6x6", "--json", "found.json")
    assert (done.status, done.out.splitlines()[0]) == (0, "certificate: proven"), done.out + done.err
    found = json.loads((command.folder / "found.json").read_text(encoding="utf-8"))
    assert found["verification"]["inputs"] == [{"shape": [2, 3, 6, 6], "dtype": "float32", "below": None, "items": []}]
    assert found["translations"][0]["counts"]["left"] == {}


@pytest.mark.parametrize("options", [["pkg"], ["pkg/net.py", "--closure"]], ids=["package", "closure"])
def test_observe_a_package(options: list[str], command: Command) -> None:
    (command.folder / "pkg").mkdir()
    command.write("pkg/__init__.py", "")
    command.write("pkg/ops.py", "import torch\n\n\ndef flat(values):\n    (x,) = values\n    return x.view(3, -1)\n")
    net = NET.replace('value = itemgetter("a")({"a": x})', "value = flat({x})").replace("value.view(3, -1)", "value")
    command.write("pkg/net.py", net.replace("from operator import itemgetter", "from .ops import flat"))
    done = command(*options, "-o", "out", "--observe", "pkg.net:Net", "--input", "3x4")
    assert done.status == 0, done.err
    (ops,) = (command.folder / "out").rglob("ops.py")
    assert "return x.reshape([3, -1])" in ops.read_text(encoding="utf-8")
    assert "`view` translated: `x` as `torch.Tensor` observed" in done.err


def test_suffix(command: Command) -> None:
    command.write(
        "net.py", "import torch.nn as nn\n\n\nclass Net(nn.Module):\n    pass\n\n\ndef build():\n    return Net()\n"
    )
    done = command("net.py", "--suffix", "_ours")
    assert "class Net_ours(nn.Layer):" in done.out
    assert "def build_ours():\n    return Net_ours()\n" in done.out


def test_rules_of_ones_own(command: Command) -> None:
    command.write("net.py", LEFT.replace("n = cfg.root.view(0)\n", ""))
    command.write("my.yaml", "- api: torch.no_such_name\n  signature: (x)\n  to: 'abs({x})'\n")
    done = command("net.py", "--rules", "my.yaml")
    assert (done.status, done.out) == (0, "\ny = abs(n)\n")


@pytest.mark.parametrize(("files", "arguments", "says"), [
    pytest.param({"a.py": b"x = '\xff'\n"}, ["a.py", "-o", "o.py"], "a.py:1: not UTF-8", id="not UTF-8"),
    pytest.param({"a.py": "import torch\ndef f(:\n"}, ["a.py", "-o", "o.py"], "a.py:2: not valid Python",
                 id="a syntax error"),
    pytest.param({}, ["a.py", "-o", "o.py"], "a.py: cannot read: No such file", id="a missing file"),
    pytest.param({}, [".", "-o", "out"], ".: holds no Python file and no notebook", id="a folder without source"),
    pytest.param({"a.py": CLEAN}, ["."], ".: is no single module", id="a folder to stdout"),
    pytest.param({"a.py": CLEAN}, [".", "-o", "a.py"], "the output of a project is a folder", id="a folder to a file"),
    pytest.param({"a.py": CLEAN}, [".", "--diff", "--format", "json"], "exclude each other", id="two things on stdout"),
    pytest.param({"a.py": CLEAN}, [".", "-o", "out", "--report", "r.html"], "are for single files", id="no page"),
    pytest.param({}, ["-", "--closure"], "--closure needs SRC as a file", id="a closure of stdin"),
    pytest.param({"a.py": CLEAN}, [".", "-o", "out", "--backend", "mpi"], "`mpi` is no backend", id="no backend"),
    pytest.param({"a.py": CLEAN}, [".", "-o", "out", "--jobs", "0"], "`0` is no number of processes", id="no process"),
    pytest.param({}, ["no.such.module", "-o", "out"], "no such file, folder or module", id="an unknown module"),
    pytest.param({"a.py": CLEAN}, ["a.py", "-o", "a.py"], "a.py: the output would replace the input",
                 id="the output is the input"),
    pytest.param({"a.py": CLEAN}, ["a.py", "-o", "./x/../a.py"], "the output would replace the input",
                 id="by another path"),
    pytest.param({"a.py": CLEAN}, ["a.py", "-o", "."], "the output is a folder", id="the output is a folder"),
    pytest.param({"a.py": CLEAN, "f": ""}, ["a.py", "-o", "f/o.py"], "cannot write", id="the output is below a file"),
    pytest.param({"a.py": CLEAN}, ["a.py", "-o", "paddle_helpers.py"], "the name of the helper module",
                 id="the helpers' name"),
    pytest.param({"a.py": CLEAN, "r.yaml": "- api: [\n"}, ["a.py", "--rules", "r.yaml", "-o", "o.py"],
                 "r.yaml:2: not YAML", id="broken YAML"),
    pytest.param({"a.py": CLEAN, "r.yaml": "- api: torch.a\n  x: 1\n"}, ["a.py", "--rules", "r.yaml", "-o", "o.py"],
                 "r.yaml:2: `x`", id="a wrong rule"),
    pytest.param({"a.py": CLEAN}, ["a.py", "--rules", "r.yaml", "-o", "o.py"], "r.yaml: cannot read the rules",
                 id="missing rules"),
    pytest.param({"a.py": CLEAN}, ["a.py", "--format", "xml", "-o", "o.py"], "`xml` is no format",
                 id="an unknown format"),
    pytest.param({"a.py": CLEAN}, ["a.py", "--suffix", "-x y", "-o", "o.py"], "cannot be part of a name",
                 id="a suffix that is no name"),
    pytest.param({"a.py": CLEAN}, ["a.py", "-o", "b.py", "--check", "--verify", "f"],
                 "--verify needs SRC and OUT as files", id="verify what is not written"),
    pytest.param({"a.py": CLEAN}, ["a.py", "-o", "b.py", "--verify", "c.py:f"], "`c.py:f` is not in SRC",
                 id="verify another file"),
    pytest.param({"a.py": CLEAN}, ["a.py", "-o", "b.py", "--weights", "net.pth"], "--weights is for --verify",
                 id="weights without verify"),
    pytest.param({"a.py": CLEAN}, ["a.py", "--verify", "a.py:f"], "--verify needs SRC and OUT as files",
                 id="a proof without a file"),
    pytest.param({"a.py": CLEAN}, ["a.py", "-o", "b.py", "--observe", "g"], "a.py: no `g` there",
                 id="observe a model that is not there"),
    pytest.param({"a.py": CLEAN}, ["a.py", "-o", "b.py", "--observe", "f"], "`f` raised TypeError",
                 id="observe a model that cannot be built"),
    pytest.param({"a.py": CLEAN, "b.py": NET}, ["a.py", "-o", "c.py", "--observe", "b.py:Net"],
                 "a.py: `b.py:Net` ran without what is there", id="observe another file"),
    pytest.param({"a.py": CLEAN}, ["verify", "a.py:f", "b.py:f", "--input", "1x3:int64<0"],
                 "`1x3:int64<0` is no input: int64 has no numbers below 0", id="an input without numbers"),
    pytest.param({"a.py": CLEAN}, ["verify", "a.py:f", "b.py:f", "--input", "1x3", "--input", "1x3:text"],
                 "`text` is no type of an input", id="an input of an unknown type"),
    pytest.param({}, ["-", "-o", "o.py", "--observe", "f"], "-: --observe needs SRC as a file or folder",
                 id="observe stdin"),
    pytest.param({}, ["-", "-o", "o.py"], "<stdin>:2: not UTF-8", id="stdin that is not UTF-8"),
    pytest.param({}, ["rules", "coverage", "no.such.module"], "no.such.module: there is no such file, folder or module",
                 id="coverage of nothing"),
    pytest.param({"a.py": CLEAN}, ["rules", "coverage", "a.py", "--format", "xml"], "`xml` is no format",
                 id="coverage in an unknown format"),
    pytest.param({}, ["explain", "T999"], "there is no code `T999`", id="an unknown code"),
    pytest.param({}, ["rules", "show", "torch.no_such"], "no rule for `torch.no_such`", id="an unknown API"),
])  # fmt: skip
def test_mistakes_are_one_clear_line(
    files: dict[str, str | bytes], arguments: list[str], says: str, command: Command
) -> None:
    for name, content in files.items():
        command.write(name, content)
    done = command(*arguments, stdin=b"x = 1\ny = '\xff'\n")
    first, *rest = done.err.splitlines()
    assert (done.status, done.out) == (2, "")
    assert first.startswith("error: ")
    assert says in first
    assert [line for line in rest if not line.startswith("  = help: ")] == []
    assert command.names() == set(files)
    assert all(
        (command.folder / name).read_bytes() == (c.encode() if isinstance(c, str) else c) for name, c in files.items()
    )


@pytest.mark.parametrize(
    "arguments", [["a.py", "--no-such-option"], ["a.py", "-o"], ["a.py", "b.py"], ["rules", "dance"]]
)
def test_wrong_usage_is_exit_2(arguments: list[str], command: Command) -> None:
    command.write("a.py", CLEAN)
    done = command(*arguments)
    assert (done.status, done.out, command.names()) == (2, "", {"a.py"})
    assert "Error" in done.err


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file(command: Command) -> None:
    command.write("a.py", CLEAN).chmod(0)
    done = command("a.py", "-o", "o.py")
    assert (done.status, command.names()) == (2, {"a.py"})
    assert "Permission denied" in done.err


def test_a_file_that_cannot_be_read(command: Command) -> None:
    (command.folder / "a.py").symlink_to("a.py")
    done = command("a.py", "-o", "o.py")
    assert (done.status, command.names()) == (2, {"a.py"})
    assert "error: a.py: cannot read: " in done.err


def test_an_old_output_survives_a_mistake(command: Command) -> None:
    command.write("a.py", "def f(:\n")
    command.write("o.py", "old\n")
    assert command("a.py", "-o", "o.py").status == 2
    assert (command.folder / "o.py").read_text(encoding="utf-8") == "old\n"


@pytest.mark.parametrize("code", [*CODES, "t301"])
def test_explain(code: str, command: Command) -> None:
    done = command("explain", code)
    assert done.status == 0
    assert done.out.startswith(
        f"{code.upper()} ({CODES[code.upper()].severity.value}): {CODES[code.upper()].title}\n\n"
    )


def test_version_and_help(command: Command) -> None:
    assert command("--help").out.count("translate FILE -o OUT") == 1
    assert "--suffix" in command("source", "--help").out


def test_rules_list_and_show(command: Command) -> None:
    listed = command("rules", "list", "torch.cat")
    assert listed.status == 0
    assert listed.out.split()[:2] == ["torch.cat", "paddle.concat"]
    shown = command("rules", "show", "torch.cat")
    assert shown.out.splitlines()[1] == "- api: torch.cat"


@pytest.mark.parametrize(
    ("form", "says"),
    [
        pytest.param(
            "text", "net.py: 2 sites: 0 translated (0 certain, 0 assumed), 2 left (T301 1, T304 1)", id="text"
        ),
        pytest.param("concise", "net.py:3:5: T301 torch.Tensor.view", id="concise"),
        pytest.param("json", '"translator-coverage-1"', id="json"),
    ],
)
def test_rules_coverage(form: str, says: str, command: Command) -> None:
    command.write("net.py", LEFT)
    done = command("rules", "coverage", "net.py", "--format", form)
    assert (done.status, done.err, command.names()) == (1, "", {"net.py"})
    assert says in done.out


def test_rules_coverage_of_what_is_whole(command: Command) -> None:
    command.write("net.py", CLEAN)
    done = command("rules", "coverage", ".", "--apis", 3)
    assert (done.status, done.out.splitlines()[-1]) == (0, ".: 2 sites: 2 translated (2 certain, 0 assumed), 0 left")


def test_a_closed_pipe_is_no_error(command: Command) -> None:
    command.write("long.py", "import torch\n" + "x = torch.cat([a], dim=1)\n" * 20_000)
    program = f"{sys.executable} -m translator long.py 2> err | head -n 1; echo ${{PIPESTATUS[0]}}"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TRANSLATE_HOME": str(command.folder.parent / "home")}
    done = subprocess.run(
        ["bash", "-c", program],
        cwd=command.folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=200,
        check=True,
    )
    assert done.stdout.splitlines() == ["import paddle", "0"]
    assert "Traceback" not in (command.folder / "err").read_text(encoding="utf-8")
