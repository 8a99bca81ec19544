"""Update rules, schedules and rates that choose themselves in a real browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import settle
from tests.browser.test_compare import lines, query, scrub

pytestmark = pytest.mark.slow

Visit = Callable[..., Page]
WAY = "Adam at learning rate"


def shapes(page: Page, words: str) -> list[str]:
    """Where and how the points (arrows, squares, the ball) of one chart are drawn."""
    chart = page.locator(f'[data-testid=stVegaLiteChart][aria-label^="{words}"]').first
    return chart.locator("svg.marks g.mark-symbol path").evaluate_all(
        "paths => paths.map(path => path.getAttribute('transform') + path.getAttribute('d'))"
    )


def test_the_scrubber_moves_ways_arrows_and_squares_without_a_call_to_the_server(visit: Visit, server: str) -> None:
    page = visit(f"{server}/update-rules")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    seen = []
    for step in (1, 10, 60):
        scrub(page, step)
        seen.append((tuple(shapes(page, WAY)), tuple(lines(page, "Height against step"))))
    assert len(set(seen)) == 3
    assert sent == []


def test_a_turned_ravine_and_rates_of_ones_own_are_kept_in_the_link(visit: Visit, server: str) -> None:
    page = visit(f"{server}/update-rules")
    page.get_by_role("radio", name="turned ravine").click()
    page.get_by_role("radio", name="My own").click()
    settle(page)
    field = page.get_by_role("spinbutton", name="Learning rate").first
    field.fill("0.05")
    field.press("Enter")
    page.wait_for_function("() => location.search.includes('rate-sgd=0.05')")
    page.reload()
    expect(page.get_by_text("Higher than it began").first).to_be_visible(timeout=20_000)
    assert query(page)["surface"] == ["turned ravine"]


def test_another_schedule_is_raced_and_both_charts_stand_over_one_axis(visit: Visit, server: str) -> None:
    page = visit(f"{server}/schedules")
    page.get_by_role("radio", name="Cosine", exact=True).click()
    page.wait_for_function("() => location.search.includes('schedule=cosine')")
    settle(page)
    expect(page.get_by_text("Cosine:").first).to_be_visible(timeout=20_000)
    frames = [
        page.locator(f'[data-testid=stVegaLiteChart][aria-label^="{words}"] svg.marks .background').first.bounding_box()
        for words in ("Loss against epoch", "The learning rate against epoch")
    ]
    (loss, rate) = frames
    assert loss and rate
    assert loss["x"] == pytest.approx(rate["x"], abs=1)
    assert loss["width"] == pytest.approx(rate["width"], abs=1)
