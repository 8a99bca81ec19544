"""What the hand does on the stage, and what is read off it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page

SEEN = Path(__file__).with_suffix(".js").read_text()
# Keeps what is seen after each movement, and when it was made.
WATCH = f"""() => {{
  const seen = {SEEN}
  window.drags = [];
  new PerformanceObserver((list) => list.getEntriesByName('stage:drag').forEach((drag) => {{
    window.drags.push({{ from: drag.startTime, took: drag.duration, seen: seen() }});
  }})).observe({{ type: 'measure' }});
}}"""


def seen(page: Page) -> dict[str, Any]:
    """What a visitor sees now."""
    found: dict[str, Any] = page.evaluate(SEEN)
    return found


def rates(page: Page) -> list[float]:
    """The lanes' learning rates, as their fields say."""
    return [float(card["rate"]) for card in seen(page)["cards"]]


def card(page: Page, lane: str) -> Locator:
    return page.locator(f'.stage .card[data-lane="{lane}"]')


def slider(page: Page, lane: str) -> Locator:
    return card(page, lane).locator("input[type=range]")


def field(page: Page, lane: str) -> Locator:
    return card(page, lane).locator("input.number")


def handle(page: Page, lane: str) -> Locator:
    return page.locator(f'.stage [data-handle="{lane}"]')


def middle(place: Locator, down: float = 0.5) -> tuple[float, float]:
    """Where the middle of an element is on the screen; down: the share of its height."""
    box = place.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + down * box["height"]


def watch(page: Page) -> None:
    """From now on keep what is seen after each movement of a rate."""
    page.evaluate(WATCH)


def drags(page: Page) -> list[dict[str, Any]]:
    """The movements since `watch`: from and took, ms; seen, what was there then."""
    found: list[dict[str, Any]] = page.evaluate("window.drags")
    return found


def drag(page: Page, lane: str, by: float, steps: int = 30) -> None:
    """Drag the handle of a lane so many pixels with the mouse, and let it go."""
    x, y = middle(handle(page, lane), 0.1)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + by, y, steps=steps)
    page.mouse.up()


def click_chart(page: Page, chart: str, across: float, down: float) -> None:
    """Click a chart of the stage at these shares of its width and height."""
    place = page.locator(f".stage .{chart} svg.marks")
    place.scroll_into_view_if_needed()
    box = place.bounding_box()
    assert box
    page.mouse.click(box["x"] + across * box["width"], box["y"] + down * box["height"])
