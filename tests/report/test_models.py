"""The table of all builders: counts that are honest, as text, JSON and a page."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from translator.models.result import Builder, Outcome
from translator.report import models, models_html, models_text
from translator.report.models import Models, models_part

jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")

GIB = 2**30
FAULT = "layers: layer1.0 (torch.nn.Conv2d, ones): differs by 1.00e+00, 1.00e-05 is allowed <b>"


def outcome(name: str, family: str, states: str, **more: object) -> Outcome:
    """``states``: built, loaded, forward, training."""
    words = {"p": "passed", "f": "failed", "s": "suspect", "n": "not run", "d": "does not apply: wants targets"}
    built, loaded, *checks = (words[letter] for letter in states)
    builder = Builder(name, family, f"pkg.{family}:{name}", f"/elsewhere/out/{family}.py:{name}(weights=None)")
    return Outcome(builder, built, loaded, dict(zip(("forward", "training"), checks, strict=True)), **more)


OUTCOMES = [
    outcome("wide", "nets", "pppp", worst=2.5e-7, seconds=12.0, report="wide.html", reason="forward: 2 tensors"),
    outcome("boxes", "detection", "pppd", worst=0.0, seconds=3.25, report="boxes.html", is_reused=True),
    outcome("odd", "nets", "ppfn", worst=float("inf"), seconds=1.0, report="odd.html", reason=FAULT,
            source_line="pkg/nets.py:41", output_line="out/nets.py:43"),
    outcome("gone", "nets", "fnnn", reason="pkg/nets.py:7: `gone` raised ValueError: no net"),
    outcome("huge", "nets", "pppp", worst=1e-6, seconds=100.0, report="huge.html", need=2 * GIB, peak=3 * GIB),
]  # fmt: skip


@pytest.fixture
def found() -> Models:
    versions = {"torch": "2.13.0", "paddle": "3.3.1"}
    return models_part(
        OUTCOMES, "pkg", ("forward", "training"), versions=versions, seed=0, command="translate models pkg -o out"
    )


def test_text(found: Models) -> None:
    text = models_text.render(found)
    assert text == (
        "detection        built   loaded   forward  training    worst  seconds\n"
        "  boxes          ok      ok       ok       –               0      3.2  reused\n"
        "  1 of 1 proven  1/1     1/1      1/1      –\n"
        "\n"
        "nets             built   loaded   forward  training    worst  seconds\n"
        "  gone           FAILED  not run  not run  not run         -      0.0\n"
        "      pkg/nets.py:7: `gone` raised ValueError: no net\n"
        "  huge           ok      ok       ok       ok        1.0e-06    100.0\n"
        "  odd            ok      ok       FAILED   not run       inf      1.0\n"
        f"      {FAULT}\n"
        "      pkg/nets.py:41 -> out/nets.py:43\n"
        "  wide           ok      ok       ok       ok        2.5e-07     12.0\n"
        "  2 of 4 proven  3/4     3/4      2/4      2/4\n"
        "\n"
        "all              4/5     4/5      3/5      2/4\n"
        "pkg: 3 of 5 proven, 1 of them reused from an earlier run; 116 s of verification\n"
        "does not apply:\n"
        "  training: wants targets: boxes\n"
        "more memory than expected:\n"
        "  huge: 3.0 GB, 2.0 GB were expected\n"
    )


def test_one_line_a_builder() -> None:
    assert models_text.line(OUTCOMES[1]) == "boxes: built ok, loaded ok, forward ok, training –; worst 0; 3.2 s; reused"
    assert models_text.line(OUTCOMES[3]).endswith("worst -; 0.0 s; pkg/nets.py:7: `gone` raised ValueError: no net")


def test_what_does_not_apply_counts_nowhere(found: Models) -> None:
    assert {name: str(total) for name, total in found.families["detection"].items()} == {
        "built": "1/1", "loaded": "1/1", "forward": "1/1", "training": "–",
    }  # fmt: skip
    assert (found.totals["training"].passed, found.totals["training"].applies) == (2, 4)
    assert found.proven == 3


def test_json(found: Models) -> None:
    written = json.loads(models.render_json(found))
    schema = models.models_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(written, schema)
    assert Models.model_validate_json(models.render_json(found)) == found
    assert [model["name"] for model in written["models"]] == ["boxes", "gone", "huge", "odd", "wide"]
    odd = written["models"][3]
    assert (odd["worst"], odd["stages"]["training"]) == ("Infinity", {"status": "not run", "why": ""})
    assert written["models"][0]["stages"]["training"] == {"status": "does not apply", "why": "wants targets"}
    assert (written["proven"], written["totals"]["forward"]) == (3, {"passed": 3, "applies": 5})
    assert "/elsewhere" not in models.render_json(found), "it reads the same on every machine"


def test_an_entry_is_named_from_its_package_on(tmp_path: Path) -> None:
    (tmp_path / "out" / "models").mkdir(parents=True)
    for file in ("out/__init__.py", "out/models/__init__.py", "out/models/net.py"):
        (tmp_path / file).touch()
    assert models.entry(f"{tmp_path}/out/models/net.py:net(width=2)") == "out/models/net.py:net(width=2)"
    assert models.entry("pkg.models.net:net") == "pkg.models.net:net"


def test_page(found: Models) -> None:
    page = models_html.render(found)
    assert "<title>Not proven: pkg</title>" in page
    assert "3 of 5 models proven, 1 of them by an earlier run" in page
    assert page.index("pkg/nets.py:41 → out/nets.py:43") < page.index('<table class="data models">'), "faults are first"
    assert re.findall(r'<th scope="row"><a href="([^"]*)"', page) == [
        "boxes.html", "huge.html", "odd.html", "wide.html",
    ]  # fmt: skip
    assert "allowed &lt;b&gt;" in page
    assert 'title="does not apply: wants targets"' in page
    assert "<dt>training</dt><dd>wants targets <small>boxes</small></dd>" in page
    assert "<script" not in page
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page)


@pytest.mark.parametrize(
    ("outcomes", "verdict"),
    [
        pytest.param(OUTCOMES[:2], ("passed", "Proven"), id="what does not apply hinders nothing"),
        pytest.param(OUTCOMES[:3], ("failed", "Not proven"), id="a failure"),
        pytest.param([outcome("idle", "nets", "nnnn")], ("not run", "Incomplete"), id="what did not run is not proven"),
        pytest.param([], ("not run", "Nothing ran"), id="nothing"),
    ],
)
def test_verdict(outcomes: list[Outcome], verdict: tuple[str, str]) -> None:
    part = models_part(outcomes, "pkg", ("forward", "training"), versions={}, seed=0, command="")
    assert models_html.verdict(part) == verdict
    assert models_html.render(part)
    assert "s of verification\n" in models_text.render(part)
