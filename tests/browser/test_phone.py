"""On a phone: every page in two taps."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from core.story.lessons import LESSONS
from tests.browser.page import Visit, settle

pytestmark = pytest.mark.slow

# What is wider than its place: [what, how wide it is, its place], but for what is scrolled with a shade at its edge.
CUT = """() => [...document.querySelectorAll('[data-testid=stMain] *, [data-testid=stMain]')].filter((each) => {
  const style = getComputedStyle(each), told = style.backgroundImage.includes('gradient');
  return each.offsetParent && each.clientWidth > 30 && each.scrollWidth > each.clientWidth + 2
    && style.overflowX !== 'visible' && !told && !each.closest('.rows thead, .katex-mathml');
}).map((each) => [each.outerHTML.slice(0, 80), each.scrollWidth, each.clientWidth])"""
NAV = "[data-testid=stSidebarNavLink]"


@pytest.mark.parametrize("begin", ["", "one-step"])
def test_every_page_is_reached_in_two_taps_and_then_seen(visit: Visit, server: str, begin: str) -> None:
    page = visit(f"{server}/{begin}", width=390, height=844, has_touch=True, charts=0)
    page.locator("[data-testid=stExpandSidebarButton]").tap()
    links = page.locator(NAV)
    expect(links.last).to_be_visible()
    addresses = links.evaluate_all("links => links.map(link => link.pathname.slice(1))")
    assert {lesson.url for lesson in LESSONS} <= set(addresses)
    assert {
        "",
        "network",
        "sweep",
        "range-test",
        "map",
        "update-rules",
        "schedules",
        "diagnose",
        "data",
        "papers",
    } <= set(addresses)
    page.locator(NAV, has_text="A mountain in fog").tap()
    expect(page.get_by_role("heading", level=2, name="A mountain in fog")).to_be_in_viewport()
    settle(page)
    expect(links.first).not_to_be_in_viewport()


@pytest.mark.parametrize("link", ["range-test", "self-choosing", "too-high-too-low?gate=0", "backpropagation?gate=0"])
def test_no_table_formula_or_link_is_cut_without_a_hint(visit: Visit, server: str, link: str) -> None:
    page = visit(f"{server}/{link}", width=390, height=844, charts=1)
    expect(page.locator("table").first).to_be_visible(timeout=120_000)
    settle(page)
    assert page.evaluate(CUT) == []


def test_a_wide_table_is_a_card_for_each_row_with_every_number_named(visit: Visit, server: str) -> None:
    page = visit(f"{server}/range-test", width=390, height=844, charts=1)
    row = page.locator(".rows tbody tr").first
    expect(row).to_be_visible(timeout=120_000)
    cells = row.locator("td")
    heights = [box["y"] for cell in cells.all() if (box := cell.bounding_box())]
    assert len(heights) > 3 and heights == sorted(set(heights))
    named = cells.evaluate_all("cells => cells.slice(1).map(cell => getComputedStyle(cell, '::before').content)")
    heads = page.locator(".rows th").all_inner_texts()
    assert [name.split('"')[1] for name in named] == heads[1:]
    page.set_viewport_size({"width": 1280, "height": 900})
    level = {round(box["y"]) for cell in cells.all() if (box := cell.bounding_box())}
    assert len(level) == 1


def test_on_a_phone_the_play_bar_alone_stays_in_sight(visit: Visit, server: str) -> None:
    page = visit(f"{server}/network?data=circles&epochs=200", width=390, height=844)
    bar, axis = page.locator(".play-bar"), page.get_by_text("linear axis")
    expect(axis).to_be_in_viewport()
    page.locator("[data-testid=stMain]").evaluate("main => main.scrollTo(0, 900)")
    settle(page)
    box = bar.bounding_box()
    assert box and box["y"] >= 60 and box["y"] + box["height"] < 115
    assert bar.evaluate("b => b.contains(document.elementFromPoint(195, 85))"), "nothing lies over it"
    expect(axis).not_to_be_in_viewport()
