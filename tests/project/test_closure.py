"""``--closure``: exactly the modules that are needed, and of the packages on the way as much as those take."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.project.conftest import Write, contents
from translator import translate_project
from translator.project.closure import closed
from translator.project.discover import read_tree
from translator.project.result import FileResult
from translator.ruleset.model import RuleSet

WORLD = {
    "pkg/__init__.py": (
        '"""All of it."""\nimport torch\n\nfrom . import native  # loads a library\nfrom pkg import (\n    datasets,\n'
        "    models,  # the models\n)\n\ntry:\n    from .version import __version__\nexcept ImportError:\n    pass\n\n"
        'BACKEND = "PIL"\n\n\ndef tracing():\n    return torch.no_such_name()\n'
    ),
    "pkg/native.py": "raise SystemExit('a compiled library is missing')\n",
    "pkg/version.py": "__version__ = '1'\n",
    "pkg/datasets/__init__.py": "from .. import native\n",
    "pkg/models/__init__.py": (
        "from .net import *\nfrom .other import Other, helper as _helper\nfrom ._api import get, put\n"
    ),
    "pkg/models/_api.py": "def get():\n    return 'got'\n\n\ndef put(): ...\n",
    "pkg/models/other.py": "from .. import native\nclass Other: ...\ndef helper(): ...\n",
    "pkg/models/net.py": (
        "import torch\nfrom ._api import get\nfrom ..ops import scale, SIZE\nfrom .. import utils\n"
        "__all__ = ['Net']\n\n\nclass Net(torch.nn.Module):\n    def forward(self, x: torch.Tensor):\n"
        "        return torch.cat([utils.same(x), x * scale(SIZE)])\n"
    ),
    "pkg/ops/__init__.py": (
        "import os\nimport sys\nfrom .boxes import *\nfrom .misc import scale\nfrom ..datasets import Everything\n\n"
        "WIDTH = 2\nSIZE = WIDTH * 2\nUNUSED = Everything()\nos.environ.setdefault('PKG', '1')\n"
        "Everything.register(SIZE)\n"
    ),
    "pkg/ops/boxes.py": "from .. import native\ndef nms(): ...\n",
    "pkg/ops/misc.py": "def scale(n):\n    return n\n",
    "pkg/utils/__init__.py": "from .text import *\nfrom .paint import *\n",
    "pkg/utils/text.py": "def same(x):\n    return x\n",
    "pkg/utils/paint.py": "from .. import native\n__all__ = ['draw']\ndef draw(): ...\n",
}  # fmt: skip


def modules(src: str) -> set[str]:
    return set(closed(read_tree(src, is_whole=True)).modules())


def test_a_module_of_a_package_whose_inits_import_the_world(write: Write, rules: RuleSet, tmp_path: Path) -> None:
    src = write(WORLD)
    seen: list[FileResult] = []
    translate_project(
        src / "pkg" / "models" / "net.py", tmp_path / "out", rules=rules, closure=True, on_file=seen.append
    )
    found = contents(tmp_path / "out")
    assert set(found) == {
        "pkg/__init__.py", "pkg/models/__init__.py", "pkg/models/_api.py", "pkg/models/net.py", "pkg/ops/__init__.py",
        "pkg/ops/misc.py", "pkg/utils/__init__.py", "pkg/utils/text.py",
    }  # fmt: skip
    assert found["pkg/__init__.py"] == '"""All of it."""\n\nfrom pkg import models\n'
    assert found["pkg/models/__init__.py"] == "from .net import *\nfrom ._api import get, put\n"
    assert found["pkg/utils/__init__.py"] == "from .text import *\n"
    assert found["pkg/ops/__init__.py"] == (
        "import os\nfrom .misc import scale\n\nWIDTH = 2\nSIZE = WIDTH * 2\nos.environ.setdefault('PKG', '1')\n"
    )
    notes = {r.place: d.message.partition(": ")[2] for r in seen for d in r.translation.diagnostics}
    assert notes == {
        "pkg/__init__.py": "`torch`, `native`, `datasets`, `__version__`, `BACKEND`, `tracing`",
        "pkg/models/__init__.py": "`Other`, `_helper`",
        "pkg/ops/__init__.py": "`sys`, `Everything`, `UNUSED`",
        "pkg/utils/__init__.py": "statements",
    }


def test_the_output_runs_and_the_source_does_not(write: Write, rules: RuleSet, tmp_path: Path) -> None:
    src = write(WORLD)
    translate_project(src / "pkg" / "models" / "net.py", tmp_path / "out", rules=rules, closure=True)
    program = "import paddle, pkg.models; print(list(pkg.models.Net()(paddle.ones([2])).shape), pkg.models.get())"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path / "out", capture_output=True, text=True, check=False
    )
    assert done.stdout == "[4] got\n", done.stderr


def test_by_its_name_it_is_the_same(
    write: Write, rules: RuleSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    src = write(WORLD)
    monkeypatch.syspath_prepend(src)
    translate_project("pkg.models.net", tmp_path / "one", rules=rules, closure=True)
    translate_project(src / "pkg" / "models" / "net.py", tmp_path / "other", rules=rules, closure=True)
    assert contents(tmp_path / "one") == contents(tmp_path / "other")


def test_a_package_that_was_named_stays_whole(write: Write, rules: RuleSet, tmp_path: Path) -> None:
    src = write(WORLD)
    translate_project(src / "pkg" / "ops", tmp_path / "out", rules=rules, closure=True)
    found = contents(tmp_path / "out")
    assert found["pkg/ops/__init__.py"] == WORLD["pkg/ops/__init__.py"]
    assert {"pkg/native.py", "pkg/ops/boxes.py", "pkg/datasets/__init__.py"} <= set(found)
    assert not any(name.startswith("pkg/models") for name in found)


NAMES = {"pkg/__init__.py": "", "pkg/a/__init__.py": "", "pkg/a/b.py": "x = 1\n", "pkg/c.py": "y = 2\n"}


@pytest.mark.parametrize(("code", "needed"), [
    pytest.param("import pkg.a.b", {"pkg", "pkg.a", "pkg.a.b"}, id="a module by its path"),
    pytest.param("import pkg.a.b as m", {"pkg", "pkg.a", "pkg.a.b"}, id="under another name"),
    pytest.param("import pkg\npkg.a.b.x", {"pkg", "pkg.a", "pkg.a.b"}, id="through attributes"),
    pytest.param("from pkg import a\na.b.x", {"pkg", "pkg.a", "pkg.a.b"}, id="through attributes of a name"),
    pytest.param("from pkg.a import b", {"pkg", "pkg.a", "pkg.a.b"}, id="a module from its package"),
    pytest.param("from pkg.a.b import x", {"pkg", "pkg.a", "pkg.a.b"}, id="a name of a module"),
    pytest.param("def f():\n    import pkg.c", {"pkg", "pkg.c"}, id="inside a function"),
    pytest.param("try:\n    import pkg.c\nexcept ImportError:\n    pass", {"pkg", "pkg.c"}, id="under try"),
    pytest.param("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from pkg import c", {"pkg", "pkg.c"},
                 id="for types"),
    pytest.param("from importlib import import_module\nimport_module('pkg.c')", {"pkg", "pkg.c"},
                 id="by a name in a string"),
    pytest.param("import numpy, os.path", set(), id="what is not ours"),
    pytest.param("from pkg import nothing", {"pkg"}, id="a name that nobody knows"),
])  # fmt: skip
def test_imports_are_followed(code: str, needed: set[str], write: Write) -> None:
    src = write({**NAMES, "run.py": code})
    assert modules(str(src / "run.py")) == {"run", *needed}


@pytest.mark.parametrize(("init", "code", "needed"), [
    pytest.param("from .a.b import x", "from pkg import x", {"pkg.a", "pkg.a.b"}, id="a name that is passed on"),
    pytest.param("from . import c", "from pkg import c", {"pkg.c"}, id="a module that is passed on"),
    pytest.param("from . import c as a", "import pkg\npkg.a.y", {"pkg.c"}, id="by another name"),
    pytest.param("from .a import b as c", "from pkg import c", {"pkg.a", "pkg.a.b"}, id="a name hides a module"),
    pytest.param("from .a.b import *\nfrom .c import *", "from pkg import y", {"pkg.c"}, id="by a star import"),
    pytest.param("from .a.b import x\nfrom .c import y", "from pkg import *", {"pkg.a", "pkg.a.b", "pkg.c"},
                 id="all of it"),
    pytest.param("from .a.b import x\nfrom .c import y", "import pkg\ngetattr(pkg, n)", {"pkg.a", "pkg.a.b", "pkg.c"},
                 id="a package that is passed around"),
    pytest.param("def f():\n    return g()\ndef g():\n    from .c import y\n", "from pkg import f", {"pkg.c"},
                 id="what a definition needs in turn"),
    pytest.param("if True:\n    from .c import y", "from pkg import y", {"pkg.c"}, id="in a block"),
    pytest.param("from . import c; from .a import b", "from pkg import b", {"pkg.a", "pkg.a.b"}, id="on one line"),
    pytest.param("def __getattr__(name):\n    from . import c\n", "from pkg import lazy", {"pkg.c"}, id="made later"),
    pytest.param("from .c import c", "import pkg\npkg.c.y", {"pkg.c"}, id="a name like that of its own module"),
])  # fmt: skip
def test_names_of_packages_are_followed(init: str, code: str, needed: set[str], write: Write) -> None:
    src = write({**NAMES, "pkg/__init__.py": init, "run.py": code})
    assert modules(str(src / "run.py")) == {"run", "pkg", *needed}


@pytest.mark.parametrize(("init", "kept"), [
    pytest.param("import os; from . import c; from .a import b\n", "from .a import b\n", id="on one line"),
    pytest.param("# of the file\nX = 1\n# about c\nfrom . import c\n# about b\nfrom .a import b\n",
                 "# of the file\n# about b\nfrom .a import b\n",
                 id="comments go with what they stand above"),
    pytest.param("from .a import b\r\nfrom . import c\r\nX = 1\r\n", "from .a import b\r\n", id="line ends"),
    pytest.param("from __future__ import annotations\nfrom .a import b\n@c\ndef f(): ...\n",
                 "from __future__ import annotations\nfrom .a import b\n", id="decorators"),
    pytest.param("from . import c\nfrom .a import b\nif b:\n    print(b)\nc.go()\n",
                 "from .a import b\nif b:\n    print(b)\n",
                 id="what runs, and needs nothing more"),
    pytest.param("from .a import b\nfrom . import c\ndel c\n", "from .a import b\n", id="what runs, and needs more"),
])  # fmt: skip
def test_what_is_kept_of_an_init(init: str, kept: str, write: Write) -> None:
    src = write({**NAMES, "pkg/__init__.py": init, "run.py": "from pkg import b"})
    (cut,) = (
        f.cut for f in closed(read_tree(str(src / "run.py"), is_whole=True)).files if f.place == "pkg/__init__.py"
    )
    assert cut is not None
    assert cut.text == kept
    lines = init.splitlines()
    assert all(line in lines[number - 1] for number, line in zip(cut.lines, cut.text.splitlines(), strict=True))


def test_places_are_those_of_the_whole_file(write: Write, rules: RuleSet) -> None:
    init = "from . import c\n\n\ndef unused(): ...\n\n\nimport torch\ndef f(v):\n    return torch.no_such_name(v)\n"
    src = write({**NAMES, "pkg/__init__.py": init, "run.py": "from pkg import f"})
    seen: list[FileResult] = []
    translate_project(src / "run.py", rules=rules, closure=True, on_file=seen.append)
    (found,) = (r.translation for r in seen if r.place == "pkg/__init__.py")
    assert [(d.code, d.position.line) for d in found.diagnostics if d.code != "T102"] == [("T203", 1), ("T304", 9)]
    assert found.source == init


def test_names_that_come_through_the_tree_hold(write: Write, rules: RuleSet, tmp_path: Path) -> None:
    """What a module passes on leads to the target, by its name, in a package of the framework's own as well."""
    src = write({
        "torchvision/__init__.py": "",
        "torchvision/compat.py": "try:\n    from torch import square_twice\nexcept ImportError:\n    pass\n",
        "torchvision/net.py": "from .compat import square_twice\ndef f(x, g=square_twice):\n    return g(x)\n",
    })  # fmt: skip
    translate_project(src / "torchvision" / "net.py", tmp_path / "out", rules=rules, closure=True)
    found = contents(tmp_path / "out")
    assert "import torch\n" not in "".join(found.values())
    assert found["torchvision/compat.py"].startswith("from .paddle_helpers import square_twice\n")
    program = "import paddle, torchvision.net; print(list(torchvision.net.f(paddle.ones([2])).shape))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path / "out", capture_output=True, text=True, check=False
    )
    assert done.stdout == "[2]\n", done.stderr


WITHOUT = """
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "torch":
            raise ImportError(name)
sys.meta_path.insert(0, Refuse())
import paddle, torchvision.models
net = torchvision.models.resnet18()
net.eval()
print(torchvision.__file__.startswith(sys.argv[1]), list(net(paddle.ones([1, 3, 64, 64])).shape))
"""


@pytest.mark.slow
@pytest.mark.skipif(find_spec("torchvision") is None, reason="torchvision is not installed")
def test_a_network_of_an_installed_package_runs_without_its_framework(tmp_path: Path) -> None:
    found = translate_project("torchvision.models.resnet", tmp_path / "out", closure=True)
    assert {f.place for f in found.files} >= {"torchvision/models/resnet.py", "torchvision/__init__.py"}
    assert not any(f.place.startswith("torchvision/datasets") for f in found.files)
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, str(tmp_path)],
        cwd=tmp_path / "out",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "True [1, 1000]\n", done.stderr
    assert str(tmp_path) not in "".join(contents(tmp_path / "out").values())
