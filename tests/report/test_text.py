"""Plain text: diagnostics with carets, counts, the certificate, one line a diagnostic."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from types import ModuleType

import pytest

from translator.core import Counts, Diagnostic, Position, Severity, Translation
from translator.report import concise, text


def found(place: Position, **changed: str) -> Diagnostic:
    return Diagnostic("T304", Severity.WARNING, place, "no rule", **changed)


def shown(line: str, start: int, end: int, **changed: str) -> list[str]:
    """The source line and the carets under it, without the gutter."""
    place = Position("a.py", 1, start, 1, end)
    return [row[4:] for row in text.diagnostic(found(place, **changed), [line]).splitlines()[3:5]]


def test_diagnostic_as_rustc_shows_it() -> None:
    lines = [""] * 40 + ["        n = cfg.root.size(0)"]
    diagnostic = Diagnostic(
        "T301",
        Severity.WARNING,
        Position("model.py", 41, 12, 41, 28),
        "left as it was: cannot tell that `cfg.root` is a tensor",
        api="torch.Tensor.size",
        rule_origin="rules/torch-paddle/tensor.yaml:212",
        label="`size` also exists on objects that are not tensors",
        hint="annotate it (`root: torch.Tensor`), or run with `--observe MODEL`",
    )
    assert text.diagnostic(diagnostic, lines) == (
        "warning[T301]: left as it was: cannot tell that `cfg.root` is a tensor\n"
        "  --> model.py:41:13\n"
        "   |\n"
        "41 |         n = cfg.root.size(0)\n"
        "   |             ^^^^^^^^^^^^^^^^ `size` also exists on objects that are not tensors\n"
        "   = rule: torch.Tensor.size (rules/torch-paddle/tensor.yaml:212)\n"
        "   = help: annotate it (`root: torch.Tensor`), or run with `--observe MODEL`\n"
    )


@pytest.mark.parametrize(
    ("line", "start", "end", "code", "carets"),
    [
        pytest.param("x = f(1)", 4, 8, "x = f(1)", "    ^^^^", id="carets under the range"),
        pytest.param("\tf(1)", 1, 5, "    f(1)", "    ^^^^", id="a tab takes four columns"),
        pytest.param("名 = f(1)", 4, 8, "名 = f(1)", "     ^^^^", id="wide characters take two columns"),
        pytest.param("e\u0301 = f()", 5, 8, "e\u0301 = f()", "    ^^^", id="combining characters take none"),
        pytest.param("f()", 0, 0, "f()", "^", id="an empty range still has a caret"),
        pytest.param("f()   ", 3, 6, "f()", "   ^", id="trailing blanks are not underlined"),
    ],
)
def test_carets(line: str, start: int, end: int, code: str, carets: str) -> None:
    assert shown(line, start, end) == [code, carets]


def test_a_range_over_several_lines_is_marked_to_the_end_of_the_first() -> None:
    block = text.diagnostic(found(Position("a.py", 1, 4, 2, 3)), ["x = f(1,", "   2)"])
    assert block.splitlines()[3:] == ["1 | x = f(1,", "  |     ^^^^"]


def test_a_very_long_line_is_cut_around_the_range() -> None:
    line = "a" * 500 + "f(1)" + "b" * 500
    code, carets = shown(line, 500, 504)
    assert len(code) < 180
    assert code[carets.index("^") : carets.rindex("^") + 1] == "f(1)"
    assert code.startswith("... ")
    assert code.endswith(" ...")


def test_a_form_feed_does_not_start_a_line() -> None:
    source = "import os\n\x0c\nf()\n"
    translation = Translation("a.py", source, source, (found(Position("a.py", 3, 0, 3, 3)),))
    assert "3 | f()\n  | ^^^\n" in text.render(translation)


def test_no_source_line_no_gutter() -> None:
    assert text.diagnostic(found(Position("a.py", 9)), []) == "warning[T304]: no rule\n --> a.py:9:1\n"


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        pytest.param(Counts(), "nothing to translate", id="no site"),
        pytest.param(Counts(1, 1), "1 site: 1 translated (1 certain, 0 assumed), 0 left", id="singular"),
        pytest.param(
            Counts(42, 38, 2, {"T302": 1, "T301": 1}),
            "42 sites: 40 translated (38 certain, 2 assumed), 2 left (T301 1, T302 1)",
            id="left is counted by code",
        ),
    ],
)
def test_counts(counts: Counts, expected: str) -> None:
    assert text.counts_line(counts) == expected


def test_summary_adds_files_up(reports: ModuleType) -> None:
    one = reports.translation(counts=Counts(3, 1, 1, {"T301": 1}), diagnostics=(reports.UNKNOWN_RECEIVER,))
    two = replace(one, counts=Counts(1, 0, 0, {"T304": 1}), diagnostics=())
    expected = "2 files: 4 sites: 2 translated (1 certain, 1 assumed), 2 left (T301 1, T304 1)\n1 warning\n"
    assert text.summary([one, two]) == expected


def test_render_shows_diagnostics_then_the_summary(reports: ModuleType) -> None:
    shown = text.render(
        reports.translation(diagnostics=(reports.UNKNOWN_RECEIVER,), counts=Counts(1, 0, 0, {"T301": 1}))
    )
    assert shown.startswith("warning[T301]: ")
    assert shown.endswith("\nfire.py: 1 site: 0 translated (0 certain, 0 assumed), 1 left (T301 1)\n1 warning\n")


def test_concise(reports: ModuleType) -> None:
    one = replace(reports.UNKNOWN_RECEIVER, message="two\nlines")
    assert concise.render(reports.translation(diagnostics=(one,))) == "fire.py:38:12: T301 two lines\n"
    assert concise.render(reports.translation()) == ""


def test_certificate_of_a_proven_run(reports: ModuleType) -> None:
    lines = text.certificate(reports.report()).splitlines()
    assert lines[0] == "certificate: proven"
    assert [line.split()[0:2] for line in lines[1:5]] == [
        ["translation", "passed"],
        ["weights", "passed"],
        ["forward", "passed"],
        ["layers", "passed"],
    ]
    assert "  backward     not run  not asked for" in lines
    assert "  training     not run" in lines
    assert "0 of 360 predictions flipped" in lines[7]
    assert lines[-1] == "  versions: translator 0.1.0, python 3.11.2, torch 2.13.0, paddle 3.3.1"


def test_certificate_of_a_fault_names_it(reports: ModuleType) -> None:
    shown = text.certificate(reports.report(14))
    assert shown.startswith("certificate: not proven\n")
    assert "layers       failed   15 inherited, 14 ok, 1 own\n" in shown
    assert "first fault: features.4.expand3x3 (Conv2d): its inputs agree" in shown
    assert "    source: fire.py:13:9\n    output: fire_paddle.py:13:9\n    rule: torch.nn.Conv2d (" in shown


def test_a_plain_translation_loads_nothing_heavy() -> None:
    code = (
        "import sys, translator.report.text, translator.report.concise;"
        "print([m for m in ('pydantic', 'jinja2', 'matplotlib', 'numpy', 'rich', 'libcst') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
