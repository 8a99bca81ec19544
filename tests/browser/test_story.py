"""The story in a real browser: a learner walks it from the first question to the end of the quiz."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from core.story import (
    backpropagation,
    catapult,
    falling_rate,
    fog,
    from_scratch,
    input_hidden_output,
    maps,
    mystery,
    one_step,
    too_high_too_low,
    torch_backpropagation,
    what_made_it_deep,
    without_gradients,
)
from core.story.lessons import LESSONS
from core.story.question import ChoiceQuestion, Question
from tests.browser.page import Visit, assert_sound, open_help, settle

pytestmark = pytest.mark.slow

PICTURE = "[data-testid=stVegaLiteChart]"


def predict(page: Page, question: Question, answer: float | None = None) -> None:
    """Commit to an answer: a number, or the place of a choice; without one, to the right answer."""
    if isinstance(question, ChoiceQuestion):
        choose(page, question.key, question.right if answer is None else int(answer))
        return
    form = page.locator(f".st-key-question-{question.key}")
    form.get_by_placeholder("a number").fill(f"{question.answer if answer is None else answer:.9g}")
    commit(page, question.key)


def choose(page: Page, key: str, place: int) -> None:
    """Commit to a choice by its place."""
    page.locator(f".st-key-question-{key} [data-testid=stRadioGroup] label").nth(place).click()
    commit(page, key)


def commit(page: Page, key: str) -> None:
    page.locator(f".st-key-question-{key}").get_by_role("button", name="Commit").click()
    page.wait_for_selector(f".st-key-outcome-{key}")
    settle(page)


def press(page: Page, label: str) -> None:
    page.get_by_role("button", name=label, exact=True).click()
    settle(page)


def go_on(page: Page, title: str) -> None:
    """Follow the link at the lesson's foot."""
    page.get_by_role("link", name=title).click()
    expect(page.get_by_role("heading", level=2, name=title)).to_be_visible()
    settle(page)


def to_the_first_lesson(page: Page) -> None:
    """By the menu at the top."""
    page.get_by_role("button", name="Lessons").click()
    page.get_by_role("menuitem", name="One step by hand").click()
    page.wait_for_url("**/one-step*")
    settle(page)


def test_a_link_opens_its_lesson_and_keeps_questions_off_from_lesson_to_lesson(visit: Visit, server: str) -> None:
    page = visit(f"{server}/one-step?gate=0&rate=0.125")
    expect(page.get_by_label("learning rate", exact=True)).to_have_value("0.125")
    expect(page.get_by_text("Lands on the best w in one step")).to_be_visible()
    to_the_first_lesson(page)
    expect(page.get_by_role("button", name="Commit")).to_have_count(0)


def test_the_lab_keeps_its_experiment_while_a_lesson_is_read(visit: Visit, server: str) -> None:
    page = visit(f"{server}/?lr=0.02&lr=0.03")
    to_the_first_lesson(page)
    page.get_by_role("link", name="Compare").click()
    page.wait_for_url("**/?lr=0.02&lr=0.03")


@pytest.mark.parametrize("link", [lesson.url for lesson in LESSONS])
def test_every_lesson_fits_a_phone_and_a_projector(visit: Visit, server: str, link: str) -> None:
    page = visit(f"{server}/{link}?gate=0", width=390)
    assert_sound(page)
    page.set_viewport_size({"width": 1440, "height": 1000})
    assert_sound(page)


def test_a_lesson_is_predicted_and_walked_by_keyboard_alone(visit: Visit, server: str) -> None:
    page = visit(f"{server}/one-step", charts=0)
    expect(page.get_by_role("button", name="Next step")).to_have_count(0)
    tab_to(page, page.get_by_placeholder("a number"))
    page.keyboard.type("4.2")
    page.keyboard.press("Enter")
    page.wait_for_selector(".st-key-outcome-one-step")
    settle(page)
    expect(page.get_by_text("Predicted right: 1 of 1").first).to_be_visible()
    expect(page.locator(".formula", has_text="update")).to_contain_text("4.2")
    tab_to(page, page.get_by_role("button", name="Next step"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("after 2 steps")).to_be_visible()
    settle(page)
    page.get_by_role("button", name="Step back").press("Enter")
    expect(page.get_by_text("after 1 step")).to_be_visible()
    settle(page)
    tab_to(page, page.get_by_role("radio").first)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    tab_to(page, page.get_by_role("button", name="Commit").first)
    page.keyboard.press("Enter")
    expect(page.locator(".st-key-outcome-one-step-bounce")).to_contain_text("it always comes back to 1")
    expect(page.get_by_text("Predicted right: 1 of 2").first).to_be_visible()


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until the focus is there."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError("Tab never came there")


def test_a_learner_walks_the_whole_story(visit: Visit, server: str) -> None:
    """Every lesson in one session: predict, walk, step back, lift the fog, time a step, finish the quiz."""
    page = visit(server)
    open_help(page, "New here? The lessons")
    page.get_by_role("link", name="New here? The lessons").click()
    settle(page)

    first, bounce, half = one_step.questions()
    predict(page, first, -2.2)  # the one wrong answer of this walk
    expect(page.get_by_text("the minus turns it downhill")).to_be_visible()
    press(page, "Next step")
    press(page, "Step back")
    predict(page, bounce)
    predict(page, half)

    go_on(page, "A mountain in fog")
    steep, limit, level = fog.questions()
    predict(page, steep)
    page.get_by_role("radio", name="ravine").click()
    settle(page)
    press(page, "Walk ten steps")
    press(page, "Step back")
    expect(page.get_by_text("at step 9")).to_be_visible()
    assert not page.locator(f"{PICTURE}[aria-label^=Map]").count()
    press(page, "Lift the fog")
    expect(page.locator(f"{PICTURE}[aria-label^=Map]")).to_be_visible()
    predict(page, limit)
    predict(page, level)

    go_on(page, "From scratch")
    predict(page, from_scratch.loop_question())
    press(page, "Next line")
    press(page, "Previous line")
    for question in from_scratch.flat_questions():
        predict(page, question)

    go_on(page, "Too high, too low")
    for question in (too_high_too_low.article_question(), too_high_too_low.limit_question()):
        predict(page, question)
    for question in (maps.question(), catapult.question()):
        predict(page, question)

    go_on(page, "Backpropagation is not gradient descent")
    predict(page, backpropagation.gradient_question())
    predict(page, backpropagation.rule_question())
    loops = (torch_backpropagation.run_loop(), torch_backpropagation.run_loop("zero_grad"))
    predict(page, backpropagation.piling_question(*loops))
    press(page, "Next call")

    go_on(page, "Input, hidden, output")
    for question in input_hidden_output.questions():
        predict(page, question)

    go_on(page, "Without gradients")
    predict(page, without_gradients.two_numbers(without_gradients.race(2)))
    arrivals = [without_gradients.arrival(numbers) for numbers in (2, without_gradients.MANY)]
    predict(page, without_gradients.many_numbers(*arrivals))
    page.get_by_role("button", name="Time it on this machine").click()
    page.wait_for_selector(".st-key-question-without-scale", timeout=60_000)
    settle(page)
    choose(page, "without-scale", 0)  # which is right, the machine decides

    go_on(page, "What made it deep")
    predict(page, what_made_it_deep.swap_question())
    predict(page, falling_rate.schedule_question())
    before = score(page)
    seed = int(re.findall(r"quiz (\d+)", page.locator(".st-key-lesson").inner_text())[0])
    for place in range(mystery.COUNT):
        predict(page, mystery.mystery(seed, place).question)
        press(page, "Next curve" if place + 1 < mystery.COUNT else "How it went")
    expect(page.get_by_text("10 of 10 right")).to_be_visible()
    right, asked = score(page)
    assert (right - before[0], asked - before[1]) == (mystery.COUNT, mystery.COUNT)
    assert asked - right in (1, 2)  # the one wrong answer, and the machine's


def score(page: Page) -> tuple[int, int]:
    """(right, asked) of the session's predictions, as the lesson's head tells it."""
    right, asked = re.findall(r"Predicted right: (\d+) of (\d+)", page.locator(".st-key-lesson").inner_text())[0]
    return int(right), int(asked)
