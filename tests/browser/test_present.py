"""Slides for a hall, in a real browser: one at a time, large, stepped through without the server."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import settle

Visit = Callable[..., Page]
COMPARE = (
    "Learning-Rate Lab",
    "The curves",
    "What happened",
    "The ruler: every learning rate in between",
    "The data and each line",
    "The loss over (w, b)",
    "w against the epoch",
    "What ran",
)
# All text that is seen, and how large it is drawn.
TEXT = """() => {
  const seen = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, holder = node.parentElement, range = document.createRange();
    range.selectNodeContents(node);
    const box = range.getBoundingClientRect();
    const drawn = holder.getScreenCTM?.(), scale = drawn ? Math.hypot(drawn.a, drawn.b) : 1;
    if (node.textContent.trim() && box.width && box.height && !holder.closest('style, script'))
      seen.push([node.textContent.trim(), scale * parseFloat(getComputedStyle(holder).fontSize)]);
  }
  return seen;
}"""


def title(page: Page) -> str:
    return page.locator(".slides .title").inner_text()


def present(visit: Visit, server: str, link: str = "?present=1", **options: object) -> Page:
    """The link at the size of a projector's screen."""
    page = visit(f"{server}/{link}", **({"width": 1440, "height": 900, "charts": 0} | options))
    page.wait_for_selector(".slides .next:not([disabled])")
    settle(page)
    return page


def step(page: Page, key: str = "ArrowRight") -> None:
    page.keyboard.press(key)
    page.wait_for_timeout(600)


def count(page: Page) -> int:
    return int(page.locator(".slides output").inner_text().split("/")[1])


def test_arrow_keys_step_through_one_slide_after_another(visit: Visit, server: str) -> None:
    page = present(visit, server)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    page.on("websocket", lambda socket: socket.on("framesent", lambda _: sent.append("frame")))
    seen = [title(page)]
    for key in ("ArrowRight", "PageDown") * 3 + ("ArrowRight",):
        step(page, key)
        seen.append(title(page))
    assert tuple(seen) == COMPARE
    step(page, "ArrowRight")
    assert title(page) == COMPARE[-1]  # and no further
    step(page, "PageUp")
    step(page, "ArrowLeft")
    assert title(page) == COMPARE[-3]
    step(page, "Home")
    assert title(page) == COMPARE[0]
    step(page, "End")
    assert title(page) == COMPARE[-1]
    assert sent == []


@pytest.mark.parametrize(("link", "theme"), [("?present=1", "light"), ("network?present=1", "dark")])
def test_every_slide_is_read_from_the_last_row(visit: Visit, server: str, link: str, theme: str) -> None:
    page = present(visit, server, link, theme=theme)
    for _ in range(count(page)):
        small = [(words, size) for words, size in page.evaluate(TEXT) if size < 23.9]
        assert small == [], title(page)
        main = page.locator("[data-testid=stMain]")
        assert main.evaluate("main => main.scrollWidth <= main.clientWidth"), title(page)
        step(page)


def test_esc_leaves_and_the_page_is_whole_again(visit: Visit, server: str) -> None:
    page = present(visit, server)
    assert parse_qs(urlsplit(page.url).query)["present"] == ["1"]
    page.keyboard.press("Escape")
    page.wait_for_function("() => !location.search.includes('present')")
    settle(page)
    expect(page.locator(".slides")).to_have_count(0)
    expect(page.get_by_text("The ruler: every learning rate in between")).to_be_visible()
    expect(page.locator(".lane-title")).to_have_count(3)
