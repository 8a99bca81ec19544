"""The page that reads a log, in a real browser: what is pasted, uploaded and drawn, and that it stays text."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.page import CHARTS, Visit, assert_sound, settle

pytestmark = pytest.mark.slow

NAMES = ("<img src=x onerror=alert(1)>", "**bold** [a](http://b.example)")
LOG = "run,step,loss,val_loss,lr\n" + "".join(
    f"{name},{10 * step},{(3 - place) * 0.9**step + 0.1},{2 + step / 50},{0.01 * 10**place}\n"
    for place, name in enumerate(NAMES)
    for step in range(60)
)


def paste(page: Page, text: str) -> None:
    page.get_by_label("Paste a log").fill(text)
    page.get_by_role("button", name="Read it").click()
    page.wait_for_selector(CHARTS, timeout=60_000)
    settle(page)


def test_a_pasted_log_is_drawn_fits_a_phone_and_a_projector_and_its_names_stay_text(visit: Visit, server: str) -> None:
    page = visit(f"{server}/diagnose", width=390, theme="dark", charts=0)
    paste(page, LOG)
    for name in NAMES:
        expect(page.get_by_text(name, exact=True)).to_be_visible()
    assert page.locator("[data-testid=stMain] img[src=x], [data-testid=stMain] a[href*='b.example']").count() == 0
    lines = page.locator(f"{CHARTS} .mark-line path").evaluate_all(
        "all => all.map(one => one.getAttribute('d').length)"
    )
    assert len(lines) >= 4, "two runs, and the validation loss of each"
    assert min(lines) > 20
    assert_sound(page, charts=2)
    page.set_viewport_size({"width": 1440, "height": 1000})
    assert_sound(page, charts=2)


def test_an_uploaded_file_is_read_an_example_takes_its_place_and_what_is_no_log_gets_a_sentence(
    visit: Visit, server: str
) -> None:
    page = visit(f"{server}/diagnose", charts=0)
    rows = "".join(f"{step},{0.9**step}\n" for step in range(80))
    file = {"name": "monday.csv", "mimeType": "text/csv", "buffer": f"step,loss\n{rows}".encode("utf-16")}
    page.locator("input[type=file]").set_input_files([file])
    page.wait_for_selector(CHARTS, timeout=60_000)
    settle(page)
    expect(page.get_by_text("monday", exact=True)).to_be_visible()
    expect(page.get_by_text("The loss falls steadily.")).to_be_visible()
    page.get_by_role("button", name="Four rates from Weights & Biases").click()
    expect(page.get_by_text("Of 4 rates, 3 ended lowest")).to_be_visible()
    expect(page.get_by_text("monday", exact=True)).to_have_count(0)
    book = {"name": "book.xlsx", "mimeType": "application/zip", "buffer": b"PK\x03\x04\x14\x00\x06\x00"}
    page.locator("input[type=file]").set_input_files([book])
    expect(page.get_by_text("This workbook is damaged")).to_be_visible()
