"""All that a class can do together, in one lesson: host's and hall's browsers, a phone of 360 x 640, and five more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from core.story.mystery import mystery
from tests.browser.page import Visit, assert_no_faults, assert_sound
from tests.browser.test_class_room import Phone, click, main

pytestmark = pytest.mark.slow

PLAN = ("vote:one_step/one-step-bounce:0", "sweep:lr=1e-05&lr=1", "limit:data=article", "mystery:17", "fog:ravine:20")
RIGHT = [mystery(17, place).question.right for place in range(10)]


@pytest.fixture
def phone(browser: Browser, server: str) -> Iterator[Page]:
    """A phone of some years, held upright."""
    context = browser.new_context(viewport={"width": 360, "height": 640}, has_touch=True)
    page, errors = context.new_page(), []
    page.on("pageerror", lambda error: errors.append(error))
    yield page
    context.close()
    assert errors == []


def test_a_class_goes_through_all_five_activities(server: str, visit: Visit, phone: Page):
    host = visit(f"{server}/class-room?{'&'.join(f'plan={step}' for step in map(_escaped, PLAN))}", charts=0)
    click(host, "Open a room")
    expect(main(host)).to_contain_text("0 in the room")
    code = host.url[-5:]
    hall = visit(f"{server}/hall?room={code}", charts=0)
    phone.goto(f"{server}/r/{code}")
    others = [Phone(server, code) for _ in range(5)]
    expect(main(hall)).to_contain_text("6 in the room")

    def all_answer(step: int, value: Any) -> None:
        for other in others:
            other.answer(step, 1, value)

    def reveal(words: str) -> None:
        """Close, reveal, and look at both pages and the phone."""
        click(host, "Close")
        click(host, "Reveal")
        for page in (host, hall):
            expect(main(page)).to_contain_text(words)
            assert_sound(page, charts=0)
        assert_no_faults(phone, words)
        click(host, "Next step")
        expect(phone.locator("#phase")).to_contain_text("comes soon" if "walks" not in words else "ended")

    click(host, "Open")
    phone.locator("label", has_text="from side to side").click()
    all_answer(0, 1)
    expect(main(hall)).to_contain_text("6 of 6 have answered")
    reveal("each step is exactly twice the way to 5")

    click(host, "Open")
    phone.get_by_role("button", name="Train").click()
    expect(phone.locator(".run")).to_contain_text("Your run at")
    all_answer(1, None)
    expect(main(hall)).to_contain_text("6 of 6 have trained")
    reveal("The best rate of the class is")

    click(host, "Open")
    phone.get_by_label("Your number").fill("0,08")
    phone.get_by_role("button", name="Send").click()
    all_answer(2, 0.2)
    expect(main(hall)).to_contain_text("6 of 6 have answered")
    reveal("1 of 6 guesses")

    click(host, "Open")
    for place, right in enumerate(RIGHT):
        expect(phone.locator(".race h2")).to_have_text(f"Curve {place + 1} of 10")
        phone.locator(".race label").nth(right).click()
        if place < 9:
            phone.get_by_role("button", name="Next").click()
    all_answer(3, [0] * 10)
    expect(main(hall)).to_contain_text("6 of 6 have told all ten")
    click(host, "Close")
    click(host, "Reveal")
    expect(phone.locator(".judged")).to_have_text("10 of 10 right. Place 1 of 6.")
    click(host, "Undo")
    click(host, "Undo")
    reveal("The best was right about 10 of 10")

    click(host, "Open")
    expect(phone.locator(".height")).to_contain_text("Height 18 after 0 steps")
    slider = phone.get_by_label("Learning rate of the next step")
    for rate, steps in (("0.05", "1 step"), ("1", "2 steps")):
        value = phone.locator(".race output")
        while value.inner_text() != rate:
            slider.press("ArrowRight" if float(value.inner_text()) < float(rate) else "ArrowLeft")
        phone.get_by_role("button", name="One step").press("Enter")
        expect(phone.locator(".height")).to_contain_text(f"after {steps}")
        expect(phone.get_by_role("button", name="One step")).to_be_focused()
    expect(phone.locator(".race")).to_contain_text("You reached the bottom, height 0.01 or lower, in 2 steps.")
    all_answer(4, [[0.05, 5]])
    expect(main(hall)).to_contain_text("6 of 6 are on their way")
    reveal("1 of 6 walks reached the bottom, the best in 2 steps.")


def _escaped(step: str) -> str:
    return step.replace("&", "%26").replace("=", "%3D")
