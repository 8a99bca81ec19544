"""The sweep and the map in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from core.instruments.trainability.trainability import Window
from tests.browser.page import Visit, assert_sound, enter, lines, no_call, query, scrub, settle

pytestmark = pytest.mark.slow

LINK = "sweep?data=article&lr=0.001&lr=1&epochs=100&rates=20&seeds=2"


def test_the_budget_is_scrubbed_seeds_are_kept_in_the_link_and_the_best_rate_opens_the_lab(
    visit: Visit, server: str
) -> None:
    page = visit(f"{server}/{LINK}")
    seen = []
    with no_call(page):
        for moment in (2, 8, 10_000):
            scrub(page, moment)
            seen.append(tuple(lines(page, "Loss against 20 learning rates")))
    assert len(set(seen)) == 3
    enter(page, "Seeds", "4")
    assert query(page)["seeds"] == ["4"]
    expect(page.get_by_text("20 learning rates of 4 seeds")).to_be_visible()
    page.reload()
    expect(page.get_by_text("20 learning rates of 4 seeds")).to_be_visible()
    page.get_by_text("side by side").click()
    page.wait_for_function("() => !location.pathname.includes('sweep')")
    settle(page)
    assert len(query(page)["lr"]) == 3
    expect(page.locator(".lane-title")).to_have_count(3)


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    box = page.locator("[data-testid=stVegaLiteChart] svg.marks image").first.bounding_box()
    assert box
    (x1, y1), (x2, y2) = ((box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in (start, end))
    page.mouse.move(x1, y1)
    page.mouse.down()
    page.mouse.move(x2, y2, steps=8)
    page.mouse.up()


def test_a_box_on_the_map_zooms_in_and_another_further(visit: Visit, server: str) -> None:
    page = visit(f"{server}/map")
    before = Window()
    for _ in range(2):
        address = page.url
        drag(page, (0.3, 0.3), (0.6, 0.5))
        page.wait_for_function("old => location.href !== old", arg=address)
        settle(page)
        (word,) = query(page)["window"]
        piece = Window.from_word(word)
        assert before.left < piece.left < piece.right < before.right
        assert before.low < piece.low < piece.high < before.high
        before = piece
    page.get_by_role("button", name="The whole map").click()
    settle(page)
    expect(page.get_by_role("button", name="The whole map")).to_be_disabled()


PAGES = [LINK, f"{LINK}&map=1", f"{LINK}&map=3", "map", "range-test", "update-rules", "schedules", "self-choosing"]


@pytest.mark.parametrize("address", PAGES)
def test_the_page_fits_a_phone_and_a_projector(visit: Visit, server: str, address: str) -> None:
    page = visit(f"{server}/{address}", width=390, theme="dark")
    assert_sound(page)
    page.set_viewport_size({"width": 1440, "height": 1000})
    assert_sound(page)
