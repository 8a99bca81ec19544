"""Answers and places outlive a reload: a browser keeps them, on every lesson, until one starts again."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.page import Visit

pytestmark = pytest.mark.slow


def answered(page: Page) -> None:
    page.get_by_placeholder("a number").fill("4.2")
    page.get_by_role("button", name="Commit").click()
    expect(page.get_by_text("You predicted").first).to_be_visible()
    page.wait_for_function("() => (localStorage.getItem('lesson-answers') || '').includes('4.2')")


def test_an_answer_is_there_after_a_reload_and_gone_once_one_starts_again(visit: Visit, server: str) -> None:
    page = visit(f"{server}/one-step", charts=0)
    answered(page)
    page.reload()
    expect(page.get_by_text("You predicted").first).to_be_visible()
    expect(page.get_by_text("Predicted right: 1 of 1").first).to_be_visible()
    page.goto(f"{server}/fog")
    expect(page.get_by_text("Predicted right: 1 of 1").first).to_be_visible()
    page.get_by_role("button", name="Start all lessons again").click()
    expect(page.get_by_text("No prediction yet").first).to_be_visible()
    page.wait_for_function("() => !localStorage.getItem('lesson-answers').includes('4.2')")
    page.reload()
    expect(page.get_by_text("No prediction yet").first).to_be_visible()


def test_the_place_in_a_walk_is_there_after_a_reload_and_gone_once_one_starts_again(visit: Visit, server: str) -> None:
    page = visit(f"{server}/one-step", charts=0)
    answered(page)
    for step in (2, 3):
        page.get_by_role("button", name="Next step").click()
        expect(page.get_by_text(f"after {step} steps")).to_be_visible()
    page.wait_for_function("() => localStorage.getItem('lesson-answers').includes('\"one-step-walk\":3')")
    page.reload()
    expect(page.get_by_text("after 3 steps")).to_be_visible()
    page.get_by_role("button", name="Start all lessons again").click()
    expect(page.get_by_text("No prediction yet").first).to_be_visible()
    page.wait_for_function("() => !localStorage.getItem('lesson-answers').includes('-walk')")


def test_the_walk_in_the_fog_is_there_after_a_reload(visit: Visit, server: str) -> None:
    page = visit(f"{server}/fog?gate=0", charts=0)
    page.get_by_role("button", name="Walk ten steps").click()
    expect(page.get_by_text("at step 10", exact=True)).to_be_visible()
    page.get_by_role("button", name="Lift the fog").click()
    expect(page.get_by_role("button", name="Back into the fog")).to_be_visible()
    page.wait_for_function("() => localStorage.getItem('lesson-answers').includes('-lifted\":1')")
    page.reload()
    expect(page.get_by_text("at step 10", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Back into the fog")).to_be_visible()


def test_what_else_a_browser_has_stored_is_no_answer_and_no_error(visit: Visit, server: str) -> None:
    page = visit(f"{server}/one-step", charts=0)
    wrong = '{"answers": {"one-step": [[], 1]}, "quiz": ["x"], "places": {"one-step-walk": -7}}'
    for stored in (wrong, '{"answers": 3, "places": 3}', "no JSON", "[1]"):
        page.evaluate("stored => localStorage.setItem('lesson-answers', stored)", stored)
        page.reload()
        expect(page.get_by_role("button", name="Commit")).to_be_visible()
        expect(page.get_by_text("No prediction yet").first).to_be_visible()
    answered(page)
