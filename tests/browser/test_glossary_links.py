"""A term that a page explains, in a real browser: by mouse, by keyboard, and by the entry it leads to."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from core.story.glossary import GLOSSARY, look_up
from tests.browser.page import Visit, assert_sound, settle

pytestmark = pytest.mark.slow

NOTE = "each => getComputedStyle(each, '::after').content"
ANCHORS = "() => [...document.querySelectorAll('.st-key-glossary h4')].map(each => each.id)"


def test_a_term_is_explained_on_hover_and_on_focus_and_leads_to_its_entry(visit: Visit, server: str) -> None:
    page = visit(f"{server}/one-step")
    meaning = look_up("gradient").meaning
    term = page.get_by_role("link", name="gradient", exact=True)
    expect(term).to_have_attribute("title", meaning)
    assert term.evaluate(NOTE) == "none"
    page.get_by_role("link", name="loss", exact=True).focus()
    page.keyboard.press("Tab")
    expect(term).to_be_focused()
    assert meaning in term.evaluate(NOTE)
    with page.context.expect_page() as opened:
        page.keyboard.press("Enter")
    settle(opened.value)
    assert 0 < opened.value.locator("#gradient").bounding_box()["y"] < 200  # just below the navigation


@pytest.mark.parametrize("width", [390, 1440])
def test_every_entry_has_its_place_and_all_fit_the_screen(visit: Visit, server: str, width: int) -> None:
    page = visit(f"{server}/glossary", width=width, charts=0)
    assert_sound(page, charts=0)
    assert page.evaluate(ANCHORS) == [term.anchor for term in GLOSSARY]
