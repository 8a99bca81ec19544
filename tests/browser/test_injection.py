"""Other people's words in a real browser: from a link or a file, they stay text wherever they are shown.

`visit` and `offline` see to it that no page opens a dialog, runs into an error or asks another host for anything.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from core.experiment.fields import shorten
from tests.browser.page import CHART, CHARTS, Visit, settle

pytestmark = pytest.mark.slow


HTML = "<img src=//evil.example onerror=alert(1)>"
MARKDOWN = "![i](//evil.example) [evil](//evil.example) **evil** :red[evil]"
SCRIPT = "<script>alert(1)</script><b>evil</b>"
# Elements that lead to the words' host, that would run them, or that are made of them.
MADE_OF_THEM = """() => [...document.querySelectorAll('body *')].filter((each) =>
    [each.src, each.href?.baseVal ?? each.href].some((to) => to && URL.parse(to, location)?.hostname === 'evil.example')
    || each.getAttributeNames().some((name) => name.startsWith('on'))
    || each.textContent === 'evil').map((each) => each.outerHTML)"""


def assert_only_text(page: Page) -> None:
    """Nothing on the page is made of the hostile words."""
    settle(page)
    assert page.evaluate(MADE_OF_THEM) == []


def upload(page: Page, name: str, content: str | bytes) -> None:
    """Give the page's field for files this one."""
    buffer = content if isinstance(content, bytes) else content.encode()
    page.locator("input[type=file]").set_input_files([{"name": name, "mimeType": "text/csv", "buffer": buffer}])


def at_tables(page: Page) -> Page:
    page.get_by_text("A table", exact=True).click()
    return page


def show_tooltip(page: Page) -> None:
    """Rest the mouse on the last point of the last chart; again, where the page moved under it meanwhile."""
    tooltip = page.locator("#vg-tooltip-element")
    for _ in range(5):
        settle(page)
        page.mouse.move(0, 0)
        page.locator(f"{CHARTS} .mark-symbol path").last.hover(force=True)
        settle(page)
        if tooltip.is_visible():
            return
    expect(tooltip).to_be_visible()


def choose_y(page: Page, name: str) -> None:
    page.get_by_role("combobox", name="y, what is to be predicted").click()
    page.get_by_role("option", name=name, exact=True).click()
    settle(page)


HOSTILE_FIELDS = {
    "": ("data", "optimizer", "epochs"),
    "update-rules": ("surface", "momentum", "steps"),
    "one-step": ("x", "rate", "half"),
}


def test_words_of_a_link_are_told_as_text(visit: Visit, server: str) -> None:
    """By an experiment's fields, a page's own, and a lesson's."""
    for path, fields in HOSTILE_FIELDS.items():
        hostile = dict(zip(fields, (HTML, MARKDOWN, SCRIPT), strict=True))
        page = visit(f"{server}/{path}?{urlencode({'gate': '0'} | hostile)}")
        for field, word in hostile.items():
            told = page.locator("[data-testid=stText]").filter(has_text=field).filter(has_text=shorten(word))
            expect(told.first).to_be_visible()
        assert_only_text(page)


def test_names_of_columns_files_and_classes_are_text_on_the_pages_and_in_the_report(
    visit: Visit, server: str, offline: Callable[[Path], Page], tmp_path: Path
) -> None:
    rows = "".join(f"{k % 7},{k * k % 11},{(SCRIPT, MARKDOWN)[k % 2]}\n" for k in range(40))
    page = at_tables(visit(f"{server}/data", charts=0))
    upload(page, f"{HTML}{MARKDOWN}.csv", f"{HTML},{MARKDOWN},{SCRIPT}\n{rows}")
    expect(page.get_by_text(f"{HTML}{MARKDOWN}.csv: 40 rows, 3 columns")).to_be_visible(timeout=30_000)
    assert_only_text(page)
    page.get_by_text("Train a network on it").click()
    page.wait_for_selector(CHARTS, timeout=60_000)
    show_tooltip(page)
    assert_only_text(page)
    page.get_by_role("button", name="Export").click()
    page.get_by_text("A report, for a lecture without a network").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="One HTML file").click()
    waiting.value.save_as(tmp_path / "report.html")
    page = offline(tmp_path / "report.html")
    page.wait_for_selector("[data-drawn]")
    assert page.evaluate(MADE_OF_THEM) == []


def test_the_name_of_a_log_is_text(visit: Visit, server: str) -> None:
    page = visit(f"{server}/diagnose", charts=0)
    name = f"{HTML}{MARKDOWN}"
    upload(page, f"{name}.csv", "step,loss\n" + "".join(f"{step},{0.9**step}\n" for step in range(80)))
    page.wait_for_selector(CHARTS, timeout=60_000)
    expect(page.get_by_text(shorten(name), exact=True)).to_be_visible()
    assert_only_text(page)


def workbook(sheet_name: str) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = sheet_name
    for row in (["x", "y"], [1, 2], [2, 5], [3, 7]):
        sheet.append(row)
    book.create_sheet("other")
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


FIELDS_OF_VEGA = ("a.b[0]'\"\\", "datum['c']")  # what Vega reads as a way into a table, or can't read at all


def test_names_in_tables_are_text_to_excel_to_spreadsheets_and_to_vega(visit: Visit, server: str) -> None:
    page = at_tables(visit(f"{server}/data", charts=0))
    upload(page, "book.xlsx", workbook("<img src=x onerror=alert(1)>"))
    expect(page.get_by_text('Read was the sheet "<img src=x onerror=alert(1)>"; 1 more was not.')).to_be_visible()
    assert_only_text(page)

    # The preview offers no download of words that a spreadsheet would calculate.
    upload(page, "sums.csv", "=1+1,@y\n1,2\n2,5\n3,7\n")
    expect(page.get_by_text("sums.csv: 3 rows, 2 columns")).to_be_visible()
    settle(page)
    preview = page.locator("[data-testid=stDataFrame]")
    preview.hover()
    expect(page.get_by_role("button", name="Download as CSV")).to_have_count(0)
    expect(page.locator("[data-testid=stElementToolbar]")).to_be_hidden()

    first, second = (name.replace('"', '""') for name in FIELDS_OF_VEGA)
    rows = "".join(f"{k},{0.7 * k + k % 3}\n" for k in range(40))
    upload(page, "people.csv", f'"{first}","{second}"\n{rows}')
    for y in reversed(FIELDS_OF_VEGA):
        expect(page.get_by_text("people.csv: 40 rows, 2 columns")).to_be_visible()
        settle(page)
        if y == FIELDS_OF_VEGA[0]:
            choose_y(page, y)
        page.get_by_text("Compare learning rates on it").click()
        chart = page.locator(CHART).filter(has_text="datum c").first
        expect(chart).to_contain_text("a b 0")
        settle(page)
        assert chart.locator(".mark-symbol path").count() >= 40
        page.get_by_role("link", name="My data").first.click()
