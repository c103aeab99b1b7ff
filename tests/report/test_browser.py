"""The page in headless Chromium, used as a person uses it: tabs, filters, sorting, links, folds, the keyboard."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from translator.report import html, model

pytestmark = pytest.mark.browser
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--window-size=1400,1000",
)  # fmt: skip


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    selenium = pytest.importorskip("selenium", reason="selenium is not installed")
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    if browser is None or driver is None:
        pytest.skip("no chromium, or no chromedriver, on this machine")
    assert selenium
    from selenium.webdriver import Chrome, ChromeOptions
    from selenium.webdriver.chrome.service import Service

    options = ChromeOptions()
    options.binary_location = browser
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    with Chrome(options=options, service=Service(driver)) as found:
        found.set_page_load_timeout(60)
        yield found


@pytest.fixture
def page(chromium: Any, reports: ModuleType, tmp_path: Path) -> Iterator[Any]:
    """The report of a run whose layer 14 is at fault, freshly opened; it must not log an error."""
    found = model.Translation.model_validate(reports.translation(diagnostics=(reports.UNKNOWN_RECEIVER,)))
    yield opened(chromium, reports.report(14, translations=(found,)), tmp_path)
    assert [entry["message"] for entry in chromium.get_log("browser")] == []


def opened(chromium: Any, report: model.Report, folder: Path) -> Any:
    file = folder / "report.html"
    file.write_text(html.render(report), encoding="utf-8")
    chromium.get(file.as_uri())
    return chromium


def one(page: Any, selector: str) -> Any:
    return page.find_element("css selector", selector)


def visible(page: Any, selector: str) -> list[Any]:
    script = "return [...document.querySelectorAll(arguments[0])].filter((element) => element.checkVisibility())"
    return list(page.execute_script(script, selector))


def panel(page: Any) -> list[str]:
    return [element.get_attribute("id") for element in visible(page, "[role=tabpanel]")]


def layers(page: Any) -> list[str]:
    script = "return arguments[0].map((cell) => cell.firstChild.textContent.trim())"
    return list(page.execute_script(script, visible(page, "#layers-table tbody th")))


def test_the_fault_is_in_view_at_once(page: Any) -> None:
    fault = one(page, ".fault")
    assert fault.is_displayed()
    assert fault.rect["y"] + fault.rect["height"] < 1000
    assert "features.4.expand3x3" in fault.text


def test_tabs(page: Any) -> None:
    assert panel(page) == ["layers"]
    for tab in page.find_elements("css selector", "[role=tab]"):
        tab.click()
        assert panel(page) == [tab.get_attribute("aria-controls")]
        assert tab.get_attribute("aria-selected") == "true"


def test_tabs_by_keyboard(page: Any) -> None:
    from selenium.webdriver.common.keys import Keys

    one(page, "#tab-layers").send_keys(Keys.ARROW_RIGHT)
    assert panel(page) == ["code"]
    page.switch_to.active_element.send_keys(Keys.ARROW_LEFT)
    assert panel(page) == ["layers"]


def test_the_fault_leads_to_its_row(page: Any) -> None:
    one(page, ".fault h2 a").click()
    row = one(page, "#layers-table tr.target")
    assert row.get_attribute("id") == "layer-15"
    assert page.switch_to.active_element == row
    assert 0 < page.execute_script("return arguments[0].getBoundingClientRect().top", row) < 1000


def test_a_point_of_the_plot_leads_to_its_row(page: Any) -> None:
    page.find_elements("css selector", "figure svg a")[3].click()
    assert one(page, "tr.target").get_attribute("id").startswith("layer-")


def test_only_not_ok(page: Any) -> None:
    assert len(layers(page)) == 31
    one(page, "#layers [data-hide=ok]").click()
    assert len(layers(page)) == 17
    assert "features.0.squeeze" not in layers(page)
    assert one(page, "#layers output").text == "17 of 31 shown"


def test_find_and_check(page: Any) -> None:
    one(page, "#layers input[type=search]").send_keys("features.2 expand1x1")
    assert layers(page) == ["features.2.expand1x1"]
    one(page, "#layers input[type=search]").clear()
    one(page, "#layers select option:nth-child(2)").click()
    assert layers(page) == ["features.9.expand3x3"]


def test_a_link_to_a_filtered_row_shows_it(page: Any) -> None:
    one(page, "#layers input[type=search]").send_keys("features.2")
    one(page, ".fault h2 a").click()
    assert one(page, "#layer-15").is_displayed()


def test_sorting(page: Any) -> None:
    heading = next(b for b in page.find_elements("css selector", "#layers button.sort") if b.text == "max abs")
    heading.click()
    assert layers(page)[0] == "features.4.expand3x3"
    assert one(page, "#layers th[aria-sort=descending]").text.startswith("max abs")
    heading.click()
    assert layers(page)[-1] == "features.4.expand3x3"
    page.find_elements("css selector", "#layers button.sort")[0].click()
    assert layers(page)[:2] == ["features.9.expand3x3", "features.0.squeeze"]


def test_code_lines_stand_opposite_each_other(page: Any) -> None:
    one(page, "#tab-code").click()
    source, output = one(page, "#f0-s13"), one(page, "#f0-o13")
    assert source.rect["y"] == output.rect["y"]
    row = source.find_element("xpath", "..")
    assert "nn.Conv2d" in row.text
    assert "nn.Conv2D" in row.text
    assert "first fault: features.4.expand3x3" in row.text
    assert len(visible(page, ".diagnostic.warning")) == 1


def test_folds(page: Any) -> None:
    one(page, "#tab-code").click()
    assert not one(page, "#f0-s27").is_displayed()
    one(page, ".opener button").click()
    assert one(page, "#f0-s27").is_displayed()
    one(page, ".opener button").click()
    assert not one(page, "#f0-s27").is_displayed()
    one(page, "#unfold").click()
    assert one(page, "#f0-s27").is_displayed()


def test_a_link_into_a_fold_opens_it(page: Any) -> None:
    page.execute_script("location.hash = '#f0-s27'")
    from selenium.webdriver.support.wait import WebDriverWait

    WebDriverWait(page, 5).until(lambda _: one(page, "#f0-s27").is_displayed())


def test_from_rule_to_line_and_back(page: Any) -> None:
    one(page, "#tab-rules").click()
    conv = next(r for r in page.find_elements("css selector", "#rules-table tbody tr") if "torch.nn.Conv2d" in r.text)
    conv.find_elements("css selector", ".places a")[2].click()
    assert panel(page) == ["code"]
    row = one(page, "tr.target")
    assert "expand3x3" in row.text
    row.find_element("css selector", ".chip.certain").click()
    assert panel(page) == ["rules"]
    assert "torch.nn.Conv2d" in one(page, "tr.target").text


def test_next_change(page: Any) -> None:
    one(page, "#tab-code").click()
    seen = []
    for _ in range(3):
        one(page, "#next-change").click()
        seen.append(one(page, "tr.target .no").text)
    assert seen == ["1", "5", "10"]


def test_weights_filter(page: Any) -> None:
    one(page, "#tab-weights").click()
    one(page, "#weights [data-hide=same]").click()
    assert [row.text.split()[0] for row in visible(page, "#weights-table tbody tr")] == ["classifier.weight"]


def test_a_narrow_window_does_not_scroll_sideways(page: Any) -> None:
    page.set_window_size(520, 900)
    try:
        for tab in page.find_elements("css selector", "[role=tab]"):
            page.execute_script("arguments[0].click()", tab)
            wide, window = page.execute_script("return [document.documentElement.scrollWidth, innerWidth]")
            assert wide <= window, tab.text
    finally:
        page.set_window_size(1400, 1000)


def test_hostile_text_does_not_run(chromium: Any, reports: ModuleType, tmp_path: Path) -> None:
    source = "x = '</script><script>document.title = 1</script><img src=x onerror=\"document.title = 2\">'\n"
    translation = model.Translation(path="<b>.py", source=source, text=source)
    found = opened(chromium, reports.report(3, translations=(translation,), command=source), tmp_path)
    assert found.title.startswith("Not proven")
    one(found, "#tab-code").click()
    assert source.strip() in one(found, "#code").text
    assert [entry["message"] for entry in chromium.get_log("browser")] == []


def test_readable_without_scripts(chromium: Any, reports: ModuleType, tmp_path: Path) -> None:
    chromium.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        found = opened(chromium, reports.report(3), tmp_path)
        assert panel(found) == ["layers", "code", "rules", "weights", "evaluation", "reproduce"]
        assert one(found, "#f0-s27").is_displayed()
    finally:
        chromium.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_nine_hundred_layers_are_quick(chromium: Any, reports: ModuleType, tmp_path: Path) -> None:
    found = opened(chromium, reports.report(500, 900), tmp_path)
    ready = found.execute_script("return performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd")
    assert ready < 5000
    heading = next(b for b in found.find_elements("css selector", "#layers button.sort") if b.text == "max abs")
    heading.click()
    assert layers(found)[0] == "features.166.expand3x3"
