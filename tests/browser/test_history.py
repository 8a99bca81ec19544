"""The history of what was looked at: kept by the browser, listed, returned to, compared, exported and forgotten."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.page import Visit, assert_accessible, settle

pytestmark = pytest.mark.slow
FIRST, SECOND = "compare?epochs=77&lr=0.001&lr=0.01", "network?data=xor&hidden=3&epochs=40&lr=0.1&lr=1"
KEPT = "JSON.parse(localStorage.getItem('experiment-history') || '[]')"


def kept(page: Page, count: int) -> None:
    page.wait_for_function(f"() => {KEPT}.length === {count}")


def look_at(page: Page, server: str, link: str, count: int) -> None:
    page.goto(f"{server}/{link}")
    page.wait_for_selector("[data-testid=stMain] h2")
    kept(page, count)


def opened(page: Page) -> Locator:
    page.get_by_role("button", name="History").click()
    return page.get_by_role("dialog", name="History")


def test_what_was_looked_at_is_listed_after_a_reload_and_a_click_returns_to_it(visit: Visit, server: str) -> None:
    page = visit(f"{server}/{FIRST}")
    kept(page, 1)
    look_at(page, server, SECOND, 2)
    page.reload()
    page.wait_for_selector("[data-testid=stMain] h2")
    rows = opened(page).get_by_role("listitem")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("Network")
    expect(rows.first).to_contain_text("epochs: 40")
    expect(rows.last).to_contain_text("A Too low; B ")
    rows.last.get_by_role("link", name="Compare").click()
    expect(page.get_by_role("heading", name="Learning-Rate Lab")).to_be_visible()
    page.wait_for_function("() => location.search.includes('epochs=77')")


def test_two_are_compared_one_is_pinned_all_are_exported_and_forgotten(visit: Visit, server: str) -> None:
    page = visit(f"{server}/{FIRST}")
    kept(page, 1)
    look_at(page, server, FIRST.replace("77", "88"), 2)
    settle(page)
    drawer = opened(page)
    for box in drawer.get_by_role("checkbox").all():
        box.check()
    expect(drawer.get_by_role("row", name="epochs 88 77")).to_be_visible()
    expect(drawer.get_by_role("rowheader")).to_have_text(["epochs", "verdicts"])
    for picture in drawer.locator("th svg").all():
        lines = picture.locator("polyline")
        expect(lines).to_have_count(2)
        assert len(set(lines.evaluate_all("lines => lines.map((line) => line.getAttribute('stroke'))"))) == 2
        assert all(line.bounding_box() for line in lines.all()), "it is drawn"
    expect(drawer.locator("li svg")).to_have_count(2)
    assert_accessible(page)
    drawer.get_by_role("button", name="Pin", exact=True).last.click()
    expect(drawer.get_by_role("listitem").first).to_contain_text("epochs: 77")
    with page.expect_download() as waits:
        drawer.get_by_role("button", name="Export as links").click()
    links = Path(waits.value.path()).read_text()
    assert f"{server}/compare?" in links and "epochs=77" in links and "epochs=88" in links
    drawer.get_by_role("button", name="Forget all").click()
    expect(drawer.get_by_text("All is forgotten.")).to_be_visible()
    assert page.evaluate(KEPT) == []
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    expect(page.get_by_role("button", name="History")).to_be_focused()


def test_what_else_is_stored_there_is_never_a_link_nor_markup_and_the_oldest_goes(visit: Visit, server: str) -> None:
    page = visit(f"{server}/{FIRST}")
    kept(page, 1)
    good = {
        "page": "<b>x</b>",
        "href": "compare?epochs=1",
        "settings": [["<i>a</i>", "b"]],
        "verdicts": ["<img src=x>"],
    }
    bad = [
        good | {"href": "javascript:alert(1)"},
        good | {"href": "https://example.org/compare?x=1"},
        good | {"href": "compare?" + "x" * 5000},
        good | {"page": "x" * 301},
        good | {"settings": [["a"]]},
        good | {"verdicts": "no list"},
        good | {"curves": ["0,1 <b>"]},
        good | {"curves": ["0,1"] * 9},
        7,
        None,
    ]
    page.evaluate("text => localStorage.setItem('experiment-history', text)", json.dumps([*bad, good]))
    drawer = opened(page)
    expect(drawer.get_by_role("listitem")).to_have_count(1)
    expect(drawer.get_by_role("link", name="<b>x</b>")).to_be_visible()
    assert drawer.locator("img, b, i").count() == 0
    page.keyboard.press("Escape")
    many = [good | {"href": f"compare?epochs={k + 1}"} for k in range(50)]
    page.evaluate("text => localStorage.setItem('experiment-history', text)", json.dumps(many))
    page.goto(f"{server}/{FIRST}")
    page.wait_for_function(f"() => {KEPT}[0].href.includes('epochs=77')")
    assert [entry["href"] for entry in page.evaluate(KEPT)][1:] == [entry["href"] for entry in many[:49]]
    page.evaluate("localStorage.setItem('experiment-history', 'no JSON')")
    page.reload()
    page.wait_for_selector("[data-testid=stMain] h2")
    kept_now = opened(page)
    expect(kept_now).to_be_visible()
