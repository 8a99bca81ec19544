"""The story in a real browser: a learner walks it from the first question to the end of the quiz."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from pages.lesson import LESSONS
from tests.browser.conftest import settle

Visit = Callable[..., Page]
LINKS = [lesson.url for lesson in LESSONS]


def predict(page: Page, question: str, answer: str) -> None:
    """Commit to a choice, by its text, or to a number."""
    form = page.locator(f".st-key-question-{question}")
    if form.get_by_role("radio").count():
        form.get_by_text(answer, exact=True).click()
    else:
        form.get_by_placeholder("a number").fill(answer)
    form.get_by_role("button", name="Commit").click()
    page.wait_for_selector(f".st-key-outcome-{question}")
    settle(page)


def test_a_link_to_a_lesson_opens_it_in_a_fresh_browser(visit: Visit, server: str) -> None:
    page = visit(f"{server}/one-step?gate=0&rate=0.125")
    expect(page.get_by_label("learning rate", exact=True)).to_have_value("0.125")
    expect(page.get_by_text("Lands on the best w in one step")).to_be_visible()


def test_the_first_lesson_is_predicted_walked_and_stepped_back(visit: Visit, server: str) -> None:
    page = visit(f"{server}/one-step", charts=0)
    expect(page.get_by_role("button", name="Next step")).to_have_count(0)
    predict(page, "one-step", "4.2")
    expect(page.get_by_text("Predicted right: 1 of 1").first).to_be_visible()
    expect(page.locator(".formula", has_text="update")).to_contain_text("4.2")
    page.get_by_role("button", name="Next step").click()
    expect(page.get_by_text("after 2 steps")).to_be_visible()
    page.get_by_role("button", name="Step back").click()
    expect(page.get_by_text("after 1 step")).to_be_visible()
    predict(page, "one-step-bounce", "It explodes")
    expect(page.get_by_text("it always comes back to 1")).to_be_visible()
    expect(page.get_by_text("Predicted right: 1 of 2").first).to_be_visible()


def test_the_lab_keeps_its_experiment_while_a_lesson_is_read(visit: Visit, server: str) -> None:
    page = visit(f"{server}/?lr=0.02&lr=0.03")
    page.get_by_role("button", name="The story").click()
    page.get_by_role("menuitem", name="One step by hand").click()
    page.wait_for_url("**/one-step")
    settle(page)
    page.get_by_role("link", name="Compare").click()
    page.wait_for_url("**/?lr=0.02&lr=0.03")


def test_questions_stay_off_from_lesson_to_lesson(visit: Visit, server: str) -> None:
    page = visit(f"{server}/one-step?gate=0")
    page.get_by_role("button", name="The story").click()
    page.get_by_role("menuitem", name="One step by hand").click()
    settle(page)
    expect(page.get_by_role("button", name="Commit")).to_have_count(0)


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize(("width", "theme"), [(390, "light"), (1440, "dark")])
def test_every_lesson_fits_a_phone_and_a_projector(
    visit: Visit, server: str, link: str, width: int, theme: str
) -> None:
    page = visit(f"{server}/{link}?gate=0", width=width, theme=theme)
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= width
    assert page.locator("[data-testid=stVegaLiteChart]:not([aria-label])").count() == 0


def test_a_lesson_is_walked_by_keyboard_alone(visit: Visit, server: str) -> None:
    page = visit(f"{server}/one-step", charts=0)
    tab_to(page, page.get_by_placeholder("a number"))
    page.keyboard.type("4.2")
    page.keyboard.press("Enter")
    page.wait_for_selector(".st-key-outcome-one-step")
    settle(page)
    tab_to(page, page.get_by_role("button", name="Next step"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("after 2 steps")).to_be_visible()
    tab_to(page, page.get_by_role("radio").first)
    page.keyboard.press("ArrowDown")
    tab_to(page, page.get_by_role("button", name="Commit").first)
    page.keyboard.press("Enter")
    page.wait_for_selector(".st-key-outcome-one-step-bounce")


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until the focus is there."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError("Tab never came there")
