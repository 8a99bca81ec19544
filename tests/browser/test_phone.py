"""On a phone: every page in two taps."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from core.story.lessons import LESSONS
from tests.browser.page import Visit, settle

pytestmark = pytest.mark.slow

NAV = "[data-testid=stSidebarNavLink]"


@pytest.mark.parametrize("begin", ["", "one-step"])
def test_every_page_is_reached_in_two_taps_and_then_seen(visit: Visit, server: str, begin: str) -> None:
    page = visit(f"{server}/{begin}", width=390, height=844, has_touch=True, charts=0)
    page.locator("[data-testid=stExpandSidebarButton]").tap()
    links = page.locator(NAV)
    expect(links.last).to_be_visible()
    addresses = links.evaluate_all("links => links.map(link => link.pathname.slice(1))")
    assert {lesson.url for lesson in LESSONS} <= set(addresses)
    assert {"", "network", "sweep", "range-test", "map", "update-rules", "schedules", "diagnose", "data"} <= set(
        addresses
    )
    page.locator(NAV, has_text="A mountain in fog").tap()
    expect(page.get_by_role("heading", level=2, name="A mountain in fog")).to_be_in_viewport()
    settle(page)
    expect(links.first).not_to_be_in_viewport()
