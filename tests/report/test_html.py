"""The page: complete, closed to the outside, and safe whatever the source contains."""

from __future__ import annotations

import math
import re
from html.parser import HTMLParser
from types import ModuleType

import pytest

from translator.core import Counts
from translator.report import html, model
from translator.report.markup import Mark, words_changed
from translator.report.markup import html as marked

HOSTILE = (
    "x = '</script><script>alert(1)</script><b onclick=\"alert(2)\">'  # <img src=x onerror=alert(3)> & {{ 7 * 7 }}\n"
)
VOID = {"meta", "col", "input", "br", "link", "img"}


class Page(HTMLParser):
    """Tags with their attributes, the text, and whether every element is closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def attributes(self, name: str) -> list[str]:
        return [value for _, attrs in self.tags for key, value in attrs.items() if key == name and value is not None]


@pytest.fixture(scope="module")
def failed(reports: ModuleType) -> Page:
    found = model.Translation.model_validate(reports.translation(diagnostics=(reports.UNKNOWN_RECEIVER,)))
    return Page(html.render(reports.report(14, translations=(found,))))


def test_well_formed(failed: Page) -> None:
    assert failed.open == []
    ids = failed.attributes("id")
    assert len(set(ids)) == len(ids)


def test_every_link_leads_somewhere_on_the_page(failed: Page) -> None:
    links = failed.attributes("href") + failed.attributes("xlink:href")
    assert {"#layer-15", "#code", "#f0-s13"} <= set(links)
    assert [link for link in links if not link.startswith("#")] == []
    assert [link for link in links if link[1:] not in failed.attributes("id")] == []


@pytest.mark.parametrize(
    ("max_abs", "limit", "percent"),
    [
        pytest.param(1e-4, 1e-4, 100, id="at the limit"),
        pytest.param(1e-8, 1e-4, 50, id="half of eight decades"),
        pytest.param(0.0, 1e-4, 0, id="equal"),
        pytest.param(5e-324, 1e3, 0, id="a quotient too small for a float"),
        pytest.param(math.nan, 1e-4, 100, id="not a number"),
    ],
)
def test_bars_reach_as_far_as_the_error(max_abs: float, limit: float, percent: int) -> None:
    assert html.fill(max_abs, limit) == percent


def test_nothing_comes_from_outside(failed: Page) -> None:
    assert [tag for tag, _ in failed.tags if tag in ("link", "img", "iframe", "object")] == []
    assert failed.attributes("src") == []
    style = html.asset("report.css") + html.asset("report.js")
    assert re.findall(r"https?:|@import|url\(", style) == []
    policy = next(a["content"] for _, a in failed.tags if a.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert policy.startswith("default-src 'none'")
    assert "unsafe-inline" not in policy.partition("script-src")[2]


def test_says_what_matters(failed: Page, reports: ModuleType) -> None:
    for said in (
        "Not proven",
        "First fault:",
        "its inputs agree and its output does not",
        "rules/torch-paddle/nn/layers.yaml:40",
        "left as it was: cannot tell that `cfg.root` is a tensor",
        "annotate it (`root: torch.Tensor`)",
        "classifier.weight",
        "transpose",
        "10 × 512 → 512 × 10",
        "96.11 %",
        "3/digit-0.png",
        "torch.nn.Conv2d",
        "3.1e-01",
        "translate fire.py -o fire_paddle.py --verify fire.py:Fire --report report.html",
        "2.13.0",
    ):
        assert said in failed.text, said


def test_every_line_of_both_texts_is_there(failed: Page, reports: ModuleType) -> None:
    for line in (reports.translation().source + reports.translation().text).splitlines():
        assert line.strip() in failed.text


def test_proven_page_has_no_fault(reports: ModuleType) -> None:
    page = Page(html.render(reports.report()))
    assert "Proven" in page.text
    assert "First fault" not in page.text


@pytest.mark.parametrize(
    ("report", "absent"),
    [
        pytest.param(model.Report(), ["layers", "code", "rules", "weights", "evaluation"], id="empty"),
        pytest.param(
            model.Report(translations=(model.Translation(path="a.py", source="", text=""),)),
            ["layers", "weights", "evaluation"],
            id="an empty file",
        ),
    ],
)
def test_parts_that_did_not_run_have_no_tab(report: model.Report, absent: list[str]) -> None:
    page = Page(html.render(report))
    assert page.open == []
    assert not set(absent) & set(page.attributes("id"))
    assert "Not verified" in page.text


def test_left_sites_make_a_translation_incomplete(reports: ModuleType) -> None:
    left = reports.translation(counts=Counts(2, 1, 0, {"T301": 1}))
    page = Page(html.render(model.Report(translations=(model.Translation.model_validate(left),))))
    assert page.text.count("Incomplete") == 2
    assert "Proven" not in page.text


def test_hostile_text_stays_text(reports: ModuleType) -> None:
    source = HOSTILE + "f(</textarea>\n"
    hostile = reports.UNKNOWN_RECEIVER
    position = {"path": HOSTILE, "line": 1, "column": 2, "end_line": 1, "end_column": 20}
    found = model.Diagnostic.model_validate(hostile).model_copy(
        update={"message": HOSTILE, "hint": HOSTILE, "label": HOSTILE, "position": model.Position(**position)}
    )
    layer = reports.layers(3)[0].model_copy(update={"path": HOSTILE, "class_name": "$<b>", "verdict": "own"})
    check = model.Check(name="layers", status="failed", comparisons=(layer, *reports.layers(3)[1:]), reason=HOSTILE)
    report = reports.report(
        command=HOSTILE,
        translations=(model.Translation(path=HOSTILE, source=source, text=source, diagnostics=(found,)),),
        verification=reports.verification().model_copy(update={"checks": (check,), "source": HOSTILE}),
        versions={HOSTILE: HOSTILE},
    )
    page = Page(html.render(report))
    assert page.open == []
    assert [tag for tag, _ in page.tags if tag in ("script", "b", "img", "textarea")].count("script") == 1
    assert page.attributes("onclick") == page.attributes("onerror") == []
    assert HOSTILE.strip() in page.text
    assert "49" not in page.text.partition(HOSTILE.strip())[0]


def test_the_same_report_gives_the_same_bytes(reports: ModuleType) -> None:
    assert html.render(reports.report(3)) == html.render(reports.report(3))


def test_errors_that_are_no_numbers_are_drawn_at_the_top(reports: ModuleType) -> None:
    first, *rest = reports.layers(5)
    odd = first.model_copy(update={"max_abs": float("inf"), "noise": None, "limit": 0.0, "verdict": "failed"})
    check = model.Check(name="layers", status="failed", comparisons=(odd, *rest))
    page = Page(
        html.render(reports.report(verification=reports.verification().model_copy(update={"checks": (check,)})))
    )
    assert "#layer-0" in page.attributes("xlink:href")
    assert "inf" in page.text


@pytest.mark.parametrize(
    ("line", "marks", "expected"),
    [
        pytest.param("a<b", [], "a&lt;b", id="escaped"),
        pytest.param("abc", [Mark(1, 2, "x")], 'a<span class="x">b</span>c', id="one mark"),
        pytest.param(
            "abcd",
            [Mark(0, 3, "e"), Mark(1, 4, "x")],
            '<span class="e">a</span><span class="e x">bc</span><span class="x">d</span>',
            id="marks that overlap",
        ),
        pytest.param("ab", [Mark(1, 99, "x")], 'a<span class="x">b</span>', id="a mark past the end"),
    ],
)
def test_marks(line: str, marks: list[Mark], expected: str) -> None:
    assert marked(line, marks) == expected


def test_words_that_changed() -> None:
    before, after = words_changed("x = torch.cat(a, dim=1)", "x = paddle.concat(a, axis=1)")
    assert [(m.start, m.end) for m in before] == [(4, 9), (10, 13), (17, 20)]
    assert [(m.start, m.end) for m in after] == [(4, 10), (11, 17), (21, 25)]


@pytest.mark.parametrize(
    ("status", "rows", "is_noted"),
    [pytest.param("passed", 3, True, id="passed"), pytest.param("failed", 6, False, id="failed: all")],
)
def test_a_short_page_has_one_row_a_layer_of_what_passed(
    reports: ModuleType, status: str, rows: int, is_noted: bool
) -> None:
    first = reports.layers(3)
    nearer = tuple(one.model_copy(update={"max_abs": one.limit, "name": "nearer"}) for one in first)
    check = model.Check(name="layers", status=status, comparisons=(*first, *nearer))
    found = reports.report(verification=reports.verification().model_copy(update={"checks": (check,)}))
    page = html.render(found, is_short=True)
    assert page.count('<tr id="layer-') == rows
    assert page.count("<small>nearer</small>") == 3, "the one nearest to its limit stays"
    assert ("the JSON report has all 6" in page) == is_noted
    assert html.render(found).count('<tr id="layer-') == 6
