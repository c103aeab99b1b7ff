"""Values that are known to be no tensor and no layer: of Python's own types, of modules that know neither."""

from __future__ import annotations

from translator.analysis.types import INT, NUMBERS, PLAIN
from translator.core import Type

ARRAY = "numpy.ndarray"
# modules of which no function and no class gives a tensor or a layer
_PLAIN_MODULES = frozenset(
    [
        "abc",
        "argparse",
        "bisect",
        "bz2",
        "cmath",
        "configparser",
        "csv",
        "datetime",
        "decimal",
        "enum",
        "errno",
        "fnmatch",
        "fractions",
        "getpass",
        "glob",
        "gzip",
        "hashlib",
        "html",
        "http",
        "importlib",
        "inspect",
        "io",
        "json",
        "logging",
        "lzma",
        "math",
        "numbers",
        "os",
        "pathlib",
        "pkgutil",
        "platform",
        "pprint",
        "random",
        "re",
        "shutil",
        "signal",
        "socket",
        "statistics",
        "string",
        "struct",
        "subprocess",
        "sys",
        "sysconfig",
        "tarfile",
        "tempfile",
        "textwrap",
        "time",
        "timeit",
        "traceback",
        "urllib",
        "uuid",
        "warnings",
        "xml",
        "zipfile",
        "zlib",
    ]
)
_PLAIN_PACKAGES = frozenset(
    [
        "numpy",
        "PIL",
        "pandas",
        "scipy",
        "cv2",
        "matplotlib",
        "skimage",
        "sklearn",
        "h5py",
        "lmdb",
        "yaml",
        "requests",
        "psutil",
        "regex",
        "accimage",
    ]
)


def is_plain_name(name: str) -> bool:
    """Whether a qualified name is of a module or package that knows nothing of tensors and layers."""
    root = name.partition(".")[0]
    return "." in name and (root in _PLAIN_MODULES or root in _PLAIN_PACKAGES)


def is_plain(fact: Type | None) -> bool:
    """Whether a value is known to be no tensor, no layer, and to hold none."""
    if fact is None:
        return False
    return fact.name in NUMBERS or fact.name in ("str", "bytes", "plain", "range") or is_plain_name(fact.name)


def part_of_plain(fact: Type, attribute: str = "") -> Type:
    """What an attribute, an element or a method of a plain value gives: another one."""
    if fact.name != ARRAY:
        return PLAIN
    known = {"shape": Type("tuple", (INT,)), "ndim": INT, "size": INT, "tolist": Type("list", (PLAIN,)), "dtype": PLAIN}
    return known.get(attribute, fact)
