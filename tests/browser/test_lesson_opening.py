"""How each lesson opens, in a real browser: the picture stands beside its question and stays where it is."""

from __future__ import annotations

import pytest

from core.story.lessons import LESSONS
from tests.browser.page import Visit, settle

pytestmark = pytest.mark.slow

SCROLLED = "document.querySelector('[data-testid=stMain]').scrollTop"
DRAWN = ".st-key-situation :is([data-testid=stVegaLiteChart], .stage[data-ready]) svg.marks, .st-key-situation .loop"
PLACES = """() => {
  const situation = document.querySelector('.st-key-situation'), form = situation.querySelector('[data-testid=stForm]');
  const outcome = situation.querySelector('[class*=st-key-outcome-]');
  const picture = situation.querySelector('[data-testid=stVegaLiteChart], .stage, .loop').getBoundingClientRect();
  const text = (form ?? outcome).getBoundingClientRect();
  return { top: picture.top, right: picture.right, bottom: picture.bottom, text: { left: text.left, top: text.top } };
}"""


@pytest.mark.parametrize("link", [lesson.url for lesson in LESSONS])
@pytest.mark.parametrize("width", [390, 1000, 1280])
def test_the_picture_and_the_page_stay_where_they_are_when_one_commits(
    visit: Visit, server: str, link: str, width: int
) -> None:
    page = visit(f"{server}/{link}", width=width, charts=0)
    form = page.locator(".st-key-situation [data-testid=stForm]")
    form.wait_for()
    page.wait_for_selector(f":is({DRAWN})", timeout=60_000)
    settle(page)
    if form.get_by_role("radio").count():
        form.locator("[data-testid=stRadioGroup] label").first.click()
    else:
        form.get_by_placeholder("a number").fill("5")
    commit = form.get_by_role("button", name="Commit")
    commit.scroll_into_view_if_needed()
    scrolled, before = page.evaluate(SCROLLED), page.evaluate(PLACES)
    if width >= 1000:
        assert before["right"] <= before["text"]["left"], "the picture stands beside the question"
    else:
        assert before["bottom"] <= before["text"]["top"], "the picture stands above the question"
    commit.click()
    page.wait_for_selector(".st-key-situation [class*=st-key-outcome-]")
    page.wait_for_selector(f":is({DRAWN})", timeout=60_000)
    settle(page)
    assert abs(page.evaluate(SCROLLED) - scrolled) <= 2
    after = page.evaluate(PLACES)
    assert abs(after["top"] - before["top"]) <= 2
    assert abs(after["text"]["top"] - before["text"]["top"]) <= 2, "what was predicted stands where it was asked"
