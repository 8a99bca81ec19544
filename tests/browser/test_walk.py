"""One walk in a real browser over each kind of page: make test's, where the other files here are make test-slow's."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.page import CHARTS, Visit, assert_sound, query, settle

COMPARE = "?data=penguins&lr=1e-05&lr=0.01&epochs=50"
GRID = "data=article&lr=0.001&lr=0.1&epochs=50&rates=20&seeds=1"
LINKS = [
    "network?data=xor&hidden=3&epochs=40&lr=0.1&lr=1",
    f"sweep?{GRID}",
    f"range-test?{GRID}",
    f"schedules?{GRID}&schedule=linear",
    "update-rules",
    "self-choosing",
    "map",
    "one-step?gate=0",
]
LOG = "step,loss\n" + "".join(f"{step},{0.9**step}\n" for step in range(60))


def test_every_kind_of_page_is_drawn_told_in_words_and_fits_a_phone(visit: Visit, server: str) -> None:
    """A small run on each; the first is the first request that its server gets.

    `visit` sees to it that no page runs into an error or asks another host for anything.
    """
    page = visit(f"{server}/{COMPARE}", width=390, height=844)
    assert query(page)["data"] == ["penguins"]
    expect(page.locator(".lane-title")).to_have_count(2)
    expect(page.get_by_text("Units decide.")).to_be_visible()
    assert_sound(page)
    for link in LINKS:
        page.goto(f"{server}/{link}")
        page.wait_for_selector(CHARTS, timeout=60_000)
        assert_sound(page)
    page.goto(f"{server}/diagnose")
    page.get_by_label("Paste a log").fill(LOG)
    page.get_by_role("button", name="Read it").click()
    page.wait_for_selector(CHARTS)
    assert_sound(page)
    page.goto(f"{server}/data")
    page.wait_for_selector(".points-editor svg[aria-label^='5 points']")
    assert_sound(page, charts=0)
    page.goto(f"{server}/{COMPARE}&present=1")
    page.locator(".slides .next:not([disabled])").wait_for()
    settle(page)  # a click while the bar is drawn anew would be lost
    page.locator(".slides .next").click()
    expect(page.locator(".slides .title")).to_have_text("The ruler")
    assert_sound(page)
