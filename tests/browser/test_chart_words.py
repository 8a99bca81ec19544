"""The words of every chart are readable: none on another, on a curve or cut off, and labels on their grid lines."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser
from streamlit.testing.v1 import AppTest

from core.export.chart_files import Drawing, picture
from tests.browser.page import CHARTS, Visit, settle
from tests.pages.app import open_takeaway

pytestmark = pytest.mark.slow

CASES = Path(__file__).parents[1] / "core" / "instruments"  # what real users have
CHECK = (Path(__file__).parent / "chart_words.js").read_text()
LABS = ("network", "sweep", "range_test", "schedules", "update_rules", "self_choosing", "trainability")
LESSONS = (
    "one_step",
    "fog",
    "from_scratch",
    "too_high_too_low",
    "backpropagation",
    "input_hidden_output",
    "without_gradients",
    "what_made_it_deep",
)
PAGES = (*(f"lab/{name}/page.py" for name in ("compare", *LABS)), *(f"learn/{name}.py" for name in LESSONS))


@pytest.mark.parametrize("page", PAGES)
def test_the_words_of_a_pages_charts_stand_clear(browser: Browser, page: str) -> None:
    app = open_takeaway(page, gate="0")
    assert faults_of(browser, app) == {}


# Of the logs people have: one run, validation, names that are long, a range test, a loss below 0, what became NaN.
LOGS = (
    "yolov8_results.csv",
    "r_keras_long.csv",
    "curve-range_test.csv",
    "curve-negative_nll.csv",
    "curve-jumps_up_never_back.csv",
    "curve-val_only_nan.csv",
    "made-wandb_csv.txt",
)


@pytest.mark.parametrize("log", LOGS)
def test_the_words_of_the_charts_of_a_log_stand_clear(browser: Browser, log: str) -> None:
    app = open_takeaway("lab/diagnose/page.py")
    app.text_area(key="log-text").set_value((CASES / "log" / "cases" / log).read_text("utf-8")).run()
    assert not app.exception
    assert faults_of(browser, app) == {}


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("table", ["sep_line.csv", "dollars.csv"])
def test_the_words_of_the_charts_of_ones_own_table_stand_clear(
    visit: Visit, server: str, table: str, width: int
) -> None:
    page = visit(f"{server}/data", width=width, charts=0)
    page.get_by_text("A table", exact=True).click()
    page.locator("input[type=file]").set_input_files(CASES / "own_data" / "tables" / table)
    page.get_by_text("Compare learning rates on it").click(timeout=60_000)
    page.wait_for_selector(CHARTS, timeout=60_000)
    settle(page)
    assert "data=upload%3A" in page.url
    faults = [chart.evaluate(CHECK) for chart in page.locator(".stage svg.marks").all()]
    assert len(faults) >= 3
    # A curve that leaves slowly, late, still runs through its own words.
    assert [each for found in faults for each in found if "left at epoch" not in each] == []


def faults_of(browser: Browser, app: AppTest) -> dict[tuple[str, int], list[str]]:
    """What is wrong with the words of the charts the page has drawn, by chart and width."""
    drawings: list[Drawing] = list(app.session_state["drawn-charts"].values())
    assert drawings
    sheet, faults = browser.new_page(), {}
    for drawing in drawings:
        for width in (900, 340):
            sheet.set_content(picture(drawing, "svg", "light", width).decode())
            found = sheet.locator("svg").evaluate(CHECK)
            # So narrow it is drawn on a phone, whose page has its title and holds what is above and below the chart.
            faults[drawing.key, width] = [each for each in found if width > 400 or not each.startswith("cut")]
    return {where: found for where, found in faults.items() if found}


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize(
    "link", ["", "?lr=2.4311e-05&lr=0.0845&lr=0.05&lr=0.01&epochs=100", "?data=penguins&lr=1e-9&lr=1e3"]
)
def test_the_words_of_the_stages_charts_stand_clear(visit: Visit, server: str, link: str, width: int) -> None:
    page = visit(f"{server}/{link}", width=width)
    charts = page.locator(".stage svg.marks")
    assert charts.count() >= 3
    faults = [chart.evaluate(CHECK) for chart in charts.all()]
    assert [each for found in faults for each in found] == []
