"""A class room from the lecturer's first click to the second vote: the host's page, the hall's, and a class of six."""

from __future__ import annotations

import json
import re
import urllib.request
from http.cookiejar import CookieJar
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.page import Visit, assert_accessible, assert_sound, settle

pytestmark = pytest.mark.slow


class Phone:
    """A seat, by HTTP: its cookie is all it has."""

    def __init__(self, server: str, code: str) -> None:
        self._room = f"{server}/room/{code}"
        self._open = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar())).open
        self._post("join", {})

    def vote(self, round: int, value: int) -> None:
        self.answer(0, round, value)

    def answer(self, step: int, round: int, value: Any) -> None:
        self._post("answer", {"step": step, "round": round, "value": value})

    def _post(self, path: str, body: dict[str, Any]) -> None:
        content = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self._room}/{path}", json.dumps(body).encode(), content)
        with self._open(request, timeout=30) as answer:
            assert answer.status in (200, 204)


def click(host: Page, name: str) -> None:
    host.get_by_role("button", name=name, exact=True).click()


def main(page: Page) -> Any:
    return page.get_by_test_id("stMain")


@pytest.fixture
def room(server: str, visit: Visit) -> tuple[Page, str]:
    """The host's page of a room that was opened by a click, with a plan that came by link; its code."""
    host = visit(f"{server}/class-room?plan=vote:one_step/one-step-bounce:0", charts=0)
    click(host, "Open a room")
    host.wait_for_url(re.compile(r"room=\w{5}$"))
    expect(main(host)).to_contain_text("0 in the room")
    return host, host.url[-5:]


def test_one_click_opens_a_room_and_a_class_votes_discusses_and_votes_again(room, server, visit):
    host, code = room
    hall = visit(f"{server}/hall?room={code}", charts=0)
    expect(hall.get_by_role("img", name="QR code of this room")).to_be_visible()
    class_of_six = [Phone(server, code) for _ in range(6)]
    for page in (host, hall):
        expect(main(page)).to_contain_text("6 in the room")
    click(host, "Open")
    expect(main(hall)).to_contain_text("It jumps from side to side for ever")
    for place, phone in enumerate(class_of_six):
        phone.vote(1, place % 2)
        expect(main(hall)).to_contain_text(f"{place + 1} of 6 have answered")
    click(host, "Close")
    expect(main(hall)).to_contain_text("Closed")
    expect(main(host)).to_contain_text("let them discuss")
    click(host, "Discuss")
    expect(main(hall)).to_contain_text("find somebody with another answer")
    click(host, "Vote again")
    expect(main(hall)).to_contain_text("second vote")
    for place, phone in enumerate(class_of_six):
        phone.vote(2, 0 if place == 0 else 1)
    expect(main(host)).to_contain_text("6 of 6 have answered")
    assert hall.locator(".stage .chart svg").count() == 0  # no tally before it is told
    click(host, "Close")
    click(host, "Reveal")
    chart = hall.get_by_role("img", name="first vote: A 3, B 3, C 0; second vote: A 1, B 5, C 0")
    expect(chart).to_be_visible()
    expect(main(hall)).to_contain_text("2 of 3 who were wrong changed to the right answer")
    sizes = hall.evaluate(
        "[...document.querySelectorAll('[data-testid=stMain] :is(p, li, b, span, h2, text)')]"
        ".filter((each) => each.checkVisibility() && each.textContent.trim())"
        ".map((each) => parseFloat(getComputedStyle(each).fontSize))"
    )
    assert min(sizes) >= 24


LONG = "vote:backpropagation/backprop-rule:0"  # a question, its reasons and its outcome have more words than most


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080)])
def test_a_long_question_fills_the_halls_screen_and_fits_it_to_the_reveal(server, visit, size):
    host = visit(f"{server}/class-room?plan={LONG}", charts=0)
    click(host, "Open a room")
    host.wait_for_url(re.compile(r"room=\w{5}$"))
    hall = visit(f"{server}/hall?room={host.url[-5:]}", charts=0)
    hall.set_viewport_size({"width": size[0], "height": size[1]})
    phones = [Phone(server, host.url[-5:]) for _ in range(6)]

    def vote(round: int) -> None:
        for place, phone in enumerate(phones):
            phone.vote(round, place % (3 - round))

    def beyond() -> int:
        settle(hall)
        return int(main(hall).evaluate("(page) => page.scrollHeight - page.clientHeight"))

    click(host, "Open")
    expect(main(hall)).to_contain_text("0 of 6 have answered")
    assert beyond() == 0
    filled = hall.locator(".hall-now").evaluate("(now) => now.getBoundingClientRect().bottom / innerHeight")
    assert filled > 0.9
    vote(1)
    click(host, "Close")
    click(host, "Discuss")
    expect(main(hall)).to_contain_text("find somebody with another answer")
    assert beyond() == 0
    click(host, "Vote again")
    expect(main(hall)).to_contain_text("second vote")
    vote(2)
    click(host, "Close")
    click(host, "Reveal")
    expect(hall.get_by_role("img", name="How the class voted")).to_be_visible()
    assert beyond() == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_both_pages_are_for_everybody_in_the_lobby_while_open_and_once_revealed(room, server, visit, theme):
    host, code = room
    pages = [host, visit(f"{server}/hall?room={code}", charts=0, theme=theme)]
    host.emulate_media(color_scheme=theme)
    phones = [Phone(server, code) for _ in range(6)]
    for phase in ("lobby", "open", "revealed"):
        if phase == "open":
            click(host, "Open")
            expect(main(pages[1])).to_contain_text("0 of 6 have answered")
            for place, phone in enumerate(phones):
                phone.vote(1, place % 2)
            expect(main(host)).to_contain_text("6 of 6 have answered")
        if phase == "revealed":
            click(host, "Close")
            click(host, "Reveal")
            expect(main(pages[1])).to_contain_text("✓ right")
        for page in pages:
            assert_accessible(page)
            for width in (1280, 390):
                page.set_viewport_size({"width": width, "height": 800})
                assert_sound(page, charts=phase == "revealed")
            page.set_viewport_size({"width": 1280, "height": 720})


def test_another_browser_is_no_host_and_says_so(room, server, visit):
    _, code = room
    other = visit(f"{server}/class-room?room={code}", charts=0)
    expect(main(other)).to_contain_text("is led from another browser")
    assert other.get_by_role("button", name="Open", exact=True).count() == 0
    assert other.get_by_role("link", name="Take a seat").get_attribute("href") == f"{server}/r/{code}"


def test_the_secret_link_makes_another_device_a_host(room, server, visit):
    host, code = room
    host.get_by_role("button", name="Another device").click()
    secret = host.locator("[data-testid=stPopoverBody] code").inner_text()
    other = visit(secret, charts=0)
    assert other.url == f"{server}/class-room?room={code}"
    click(other, "Open")
    expect(main(host)).to_contain_text("0 of 0 have answered")


def test_erase_now_takes_the_room_away_from_everybody(room, server, visit):
    host, code = room
    hall = visit(f"{server}/hall?room={code}", charts=0)
    host.get_by_role("tab", name="Afterwards").click()
    click(host, "Erase now")
    click(host, "Erase this room")
    expect(main(host)).to_contain_text(f"Room {code} is erased")
    expect(main(hall)).to_contain_text(f"There is no room {code}. It was erased")
    expect(main(hall)).not_to_contain_text(f"/r/{code}")
