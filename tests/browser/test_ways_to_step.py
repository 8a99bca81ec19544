"""Update rules, schedules and rates that choose themselves in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.page import CHART, Visit, lines, no_call, query, scrub, settle

pytestmark = pytest.mark.slow

WAY = "Adam at learning rate"


def shapes(page: Page, words: str) -> list[str]:
    """Where and how the points (arrows, squares, the ball) of one chart are drawn."""
    chart = page.locator(f'{CHART}[aria-label^="{words}"]').first
    return chart.locator("svg.marks g.mark-symbol path").evaluate_all(
        "paths => paths.map(path => path.getAttribute('transform') + path.getAttribute('d'))"
    )


def test_arrows_and_squares_move_without_a_call_and_surface_and_rates_are_kept_in_the_link(
    visit: Visit, server: str
) -> None:
    page = visit(f"{server}/update-rules")
    seen = []
    with no_call(page):
        for step in (1, 10, 60):
            scrub(page, step)
            seen.append((tuple(shapes(page, WAY)), tuple(lines(page, "Height against step"))))
    assert len({arrows for arrows, _ in seen}) == len({curves for _, curves in seen}) == 3
    page.get_by_role("radio", name="turned ravine").click()
    page.get_by_role("radio", name="My own").click()
    settle(page)
    field = page.get_by_role("spinbutton", name="Learning rate").first
    field.fill("0.05")
    field.press("Enter")
    page.wait_for_function("() => location.search.includes('rate-sgd=0.05')")
    page.reload()
    expect(page.get_by_text("Higher than it began").first).to_be_visible()
    assert query(page)["surface"] == ["turned ravine"]


def test_another_schedule_is_raced_and_both_charts_stand_over_one_axis(visit: Visit, server: str) -> None:
    page = visit(f"{server}/schedules")
    page.get_by_role("radio", name="Cosine", exact=True).click()
    page.wait_for_function("() => location.search.includes('schedule=cosine')")
    settle(page)
    expect(page.get_by_text("Cosine:").first).to_be_visible(timeout=20_000)
    frames = [
        page.locator(f'{CHART}[aria-label^="{words}"] svg.marks .background >> visible=true').first.bounding_box()
        for words in ("Loss against epoch", "The learning rate against epoch")
    ]
    (loss, rate) = frames
    assert loss and rate
    assert loss["x"] == pytest.approx(rate["x"], abs=1)
    assert loss["width"] == pytest.approx(rate["width"], abs=1)
