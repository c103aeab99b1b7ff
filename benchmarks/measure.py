"""One measurement in one fresh process: ``python measure.py CONTESTANT FOLDER OUTPUT`` prints it as JSON.

It imports nothing of this project but the translator itself, so that PaConvert's own environment can run it. Time is
processor time of the process: what else the machine does at the same moment weighs least on it. Loading rule tables
and importing modules is reported apart, in ``load``; reading the files is part of neither.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

Texts = dict[Path, str]


def translate(folder: Path, output: Path) -> tuple[float, float]:
    """This translator, file by file."""
    start = time.process_time()
    from translator.engine.translate import translate_source
    from translator.ruleset.load import load_rules

    rules = load_rules()
    loaded = time.process_time() - start
    return loaded, _each(folder, output, lambda path, text: translate_source(text, path=str(path), rules=rules).text)


def libcst(folder: Path, output: Path) -> tuple[float, float]:
    """The library alone: parse, visit with a transformer that changes nothing, print."""
    start = time.process_time()
    import libcst as cst

    loaded = time.process_time() - start
    return loaded, _each(folder, output, lambda _, text: cst.parse_module(text).visit(cst.CSTTransformer()).code)


def paconvert(folder: Path, output: Path) -> tuple[float, float]:
    """PaConvert as it comes: converts a folder, then lays it out with black and isort."""
    return _paconvert(folder, output, no_format=False)


def paconvert_no_format(folder: Path, output: Path) -> tuple[float, float]:
    """PaConvert with ``--no_format``: the tree is printed as it is."""
    return _paconvert(folder, output, no_format=True)


def _paconvert(folder: Path, output: Path, *, no_format: bool) -> tuple[float, float]:
    start = time.process_time()
    from paconvert.converter import Converter

    log = output.parent / f"{output.name}.log"
    with contextlib.redirect_stdout(io.StringIO()):
        converter = Converter(log_dir=str(log), log_level="WARNING", no_format=no_format)
        loaded = time.process_time() - start
        start = time.process_time()
        converter.run(str(folder), str(output))
        return loaded, time.process_time() - start


def _each(folder: Path, output: Path, convert: Callable[[Path, str], str]) -> float:
    texts = {path: path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.py"))}
    start = time.process_time()
    results = {path: convert(path, text) for path, text in texts.items()}
    spent = time.process_time() - start
    for path, text in results.items():
        place = output / path.relative_to(folder)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    return spent


CONTESTANTS: dict[str, Callable[[Path, Path], tuple[float, float]]] = {
    function.__name__: function for function in (translate, libcst, paconvert, paconvert_no_format)
}


def main() -> None:
    """Run one contestant on one folder."""
    name, folder, output = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    output.mkdir(parents=True, exist_ok=True)
    loaded, spent = CONTESTANTS[name](folder, output)
    print(json.dumps({"load": loaded, "seconds": spent}))


if __name__ == "__main__":
    main()
