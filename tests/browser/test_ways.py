"""The ways to a page: what people come for is found by its name in the navigation."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from core.story.lessons import LESSONS
from tests.browser.page import Visit, open_help, settle

pytestmark = pytest.mark.slow

# What somebody comes for: the labels to click from the first page, and words that are then on the page.
INTENTS = {
    "my run became NaN": (("Diagnose my run",), "Paste a log"),
    "Adam against SGD": (("Optimizers & schedules", "Optimizers on surfaces"), "Adam"),
    "warm-up": (("Optimizers & schedules", "Schedules"), "Warm-up"),
    "learning-rate finder": (("Find a rate", "Range test"), "Tools suggest a learning rate from one short run"),
    "the best rate for a network": (("Find a rate", "Sweep"), "Which learning rate?"),
    "line search": (("Optimizers & schedules", "Line search & adaptive steps"), "Exact line search"),
    "what is a learning rate": (("Lessons", "1. One step by hand"), "One step by hand"),
    "what does a term mean": (("?", "Glossary of all terms"), "Each term in one sentence"),
    "my CSV": (("My data",), "A table"),
    "vote with my class": (("Lessons", "Class room"), "Open a room"),
    "present in class": (("Present",), "Open it on your own device"),
    "get the code": (("Export",), "Python script"),
}


def labelled(page: Page, label: str) -> Locator:
    """What a reader can click under this label."""
    roles = [page.get_by_role(role, name=label, exact=True) for role in ("link", "button", "menuitem")]  # type: ignore[arg-type]
    return roles[0].or_(roles[1]).or_(roles[2]).first


@pytest.mark.parametrize("intent", INTENTS)
def test_what_people_come_for_is_found_by_its_name(visit: Visit, server: str, intent: str) -> None:
    page = visit(server)
    settle(page)  # what opens over a page closes where the page under it is still drawn
    labels, words = INTENTS[intent]
    for label in labels:
        if label == "?":
            open_help(page, labels[-1])
        else:
            labelled(page, label).click()
    expect(page.get_by_text(words).first).to_be_visible(timeout=60_000)


@pytest.mark.parametrize(("name", "group"), [("map", "Find a rate"), ("self-choosing", "Optimizers & schedules")])
def test_the_group_that_the_page_is_in_is_marked_and_no_other(visit: Visit, server: str, name: str, group: str) -> None:
    page = visit(f"{server}/{name}")
    sections = page.get_by_test_id("stTopNavSection").all()
    clear = "rgba(0, 0, 0, 0)"
    marked = [
        section.inner_text().strip()
        for section in sections
        if section.evaluate("each => getComputedStyle(each).backgroundColor") != clear
    ]
    assert marked == [group]


PLACES = """() => ['[data-testid=stMain] h2', '[data-testid=stTopNavLink]'].map((one) => {
  const { left, top } = document.querySelector(one).getBoundingClientRect();
  return [left, top];
})"""


@pytest.mark.parametrize("width", [1280, 1440])
def test_title_and_bar_have_one_place_on_pages_with_settings_and_without(visit: Visit, server: str, width: int) -> None:
    page = visit(server, width=width)
    first = page.evaluate(PLACES)
    for name in ("network", "sweep?data=article&rates=20&seeds=1", "schedules", "update-rules", "diagnose", "data"):
        page.goto(f"{server}/{name}")
        page.wait_for_selector("[data-testid=stMain] h2")
        settle(page)
        assert page.evaluate(PLACES) == first, name
    page.goto(server)
    page.wait_for_selector("[data-testid=stMain] h2")
    settle(page)
    page.get_by_test_id("stSidebarContent").hover()
    page.get_by_test_id("stSidebarCollapseButton").get_by_role("button").click()
    page.get_by_test_id("stExpandSidebarButton").wait_for()
    assert page.evaluate(PLACES) == first
    page.get_by_test_id("stExpandSidebarButton").click()
    expect(page.get_by_text("The article's three")).to_be_in_viewport()


def test_an_address_that_no_page_has_says_so_and_offers_all_pages(visit: Visit, server: str) -> None:
    page = visit(f"{server}/nonsense", charts=0)
    expect(page.get_by_role("heading", name="There is no such page")).to_be_visible()
    expect(page.get_by_text("No page of this lab has the address /nonsense.")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    offered = page.get_by_test_id("stMain").get_by_test_id("stPageLink-NavLink")
    expect(offered).to_have_count(13 + len(LESSONS))  # of the lab, the papers, the glossary and the class room
    offered.filter(has_text="My data").click()
    expect(page.get_by_role("heading", name="My data")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="There is no such page")).to_be_visible()
