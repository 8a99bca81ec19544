"""How decks come to the stage: by address, inside the page, of an upload, late, or not at all."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from core import Experiment, diagnose, train
from core.drawing.lanes import heading
from tests.browser.conftest import start_server
from tests.browser.page import NOTES, Visit, enter, no_call, query, settle, told
from tests.browser.stage import drag, drags, rates, seen, slider, watch

pytestmark = pytest.mark.slow

EVIL = "<b>evil</b><img src=//evil.example onerror=alert(1)>"
LOST: dict[str, tuple[Callable[[Route], None], str]] = {
    "no network": (lambda route: route.abort(), "The lab could not be reached"),
    "404": (lambda route: route.fulfill(status=404, body="<html>Not here</html>"), "The lab answered 404"),
    "500 with a reason": (
        lambda route: route.fulfill(status=500, body=f"This deck can't be made now: {EVIL}."),
        f"This deck can't be made now: {EVIL}",
    ),
    "something else": (
        lambda route: route.fulfill(status=200, body="hello"),
        "The answer of the lab was cut short, or is none of its own",
    ),
}
STATUS = ".stage .status"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A tab that may complain: these tests take its decks away."""
    with closing(browser.new_context(viewport={"width": 1280, "height": 1000}, reduced_motion="reduce")) as context:
        context.add_init_script(NOTES)
        yield context.new_page()


def set_epochs(page: Page, epochs: int) -> None:
    field = page.get_by_role("spinbutton", name="Epochs")
    field.fill(str(epochs))
    field.press("Enter")
    page.wait_for_function("epochs => location.search.includes(`epochs=${epochs}`)", arg=epochs)
    settle(page)


def drawn_and_then_lost(page: Page, server: str, how: str) -> tuple[dict, str]:
    """What the first page shows, whose next decks don't come; and what is to be said of that."""
    answer, words = LOST[how]
    page.goto(server)
    page.wait_for_selector(".stage[data-ready]")
    settle(page)
    before = seen(page)
    page.route("**/deck?**", answer)
    return before, words


@pytest.mark.parametrize("how", LOST)
def test_a_lost_deck_is_told_the_last_picture_stays_and_can_be_asked_for_again(
    page: Page, server: str, how: str
) -> None:
    before, words = drawn_and_then_lost(page, server, how)
    set_epochs(page, 50)
    expect(page.locator(STATUS)).to_contain_text(f"{words}. What you see is of the settings before.")
    slider(page, "B").press("ArrowRight")  # it can't be moved: its runs are of other settings
    settle(page)
    after = seen(page)
    assert after["cards"] == before["cards"] and after["stays"] == before["stays"]
    assert page.locator(".stage b:text-is('evil'), img[src*=evil]").count() == 0
    page.unroute("**/deck?**")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".play-bar output")).to_have_text("epoch 50 of 50")
    expect(page.locator(STATUS)).to_be_hidden()


@pytest.mark.parametrize("how", LOST)
def test_a_rate_that_can_not_be_fetched_is_told_with_its_lane_and_can_be_asked_for_again(
    page: Page, server: str, how: str
) -> None:
    seen_before, words = drawn_and_then_lost(page, server, how)
    before = seen_before["cards"]
    enter(page, "Learning rate of lane B", "0.0123")
    expect(page.locator(STATUS)).to_contain_text(f"Lane B: {words}.")
    after = seen(page)["cards"]
    assert after[1]["pending"]
    assert after[1]["verdict"] == "Not trained"
    for lane in (0, 2):
        assert {**after[lane], "slider": ""} == {**before[lane], "slider": ""}  # which has one stop more
    page.unroute("**/deck?**")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator('.stage .card[data-lane="B"]:not(.pending) .verdict')).to_contain_text("Learns slowly")
    expect(page.locator(STATUS)).to_be_hidden()


def test_a_first_visit_without_a_deck_says_so_and_draws_when_it_comes(page: Page, server: str) -> None:
    page.route("**/deck?**", lambda route: route.abort())
    page.goto(server)
    expect(page.locator(STATUS)).to_contain_text("The lab could not be reached")
    page.unroute("**/deck?**")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".stage .card .loss svg.marks")).to_have_count(3)


def status_of(url: str) -> tuple[int, str, str]:
    """Status, kind and text of an answer."""
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            return answer.status, answer.headers["Content-Type"], ""
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, refusal.headers["Content-Type"], refusal.read().decode()


def test_hostile_words_in_a_decks_address_are_repaired_or_refused_without_being_repeated(server: str) -> None:
    """As the words of a page's link are; an answer is never HTML."""
    evil = quote(EVIL)
    for words in (f"data={evil}", f"lr={evil}", f"epochs={evil}&alone=on", f"{evil}={evil}", f"deck={evil}&start=nan"):
        status, kind, _ = status_of(f"{server}/deck?{words}")
        assert (status, kind) == (200, "application/octet-stream"), words
    for words in (f"axis={evil}", "axis=5_-7", "data=upload%3Aabc", "data=circles&hidden=3"):
        status, kind, told = status_of(f"{server}/deck?{words}")
        assert 400 <= status < 500 and kind.startswith("text/plain"), words
        assert "<" not in told and told.endswith("."), words


def test_without_the_labs_own_server_the_deck_and_what_draws_it_come_with_the_page(browser: Browser) -> None:
    process, url = start_server(script="pages/frame.py")
    asked: list[str] = []
    try:
        with closing(browser.new_context(reduced_motion="reduce", viewport={"width": 1280, "height": 2400})) as context:
            context.add_init_script(NOTES)
            page = context.new_page()
            page.on("request", lambda request: asked.append(request.url))
            page.goto(url)
            page.wait_for_selector(".stage[data-ready]", timeout=60_000)
            settle(page)
            assert not [each for each in asked if "/deck?" in each or "/stage/" in each]
            watch(page)
            with told(page):
                drag(page, "B", -100)
            assert len(drags(page)) > 3
            assert float(query(page)["lr"][1]) == rates(page)[1] < 0.01
            enter(page, "Learning rate of lane B", "0.0123")
            history = train(Experiment(learning_rates=(1e-6, 0.0123, 1.0)))
            assert [card["verdict"] for card in seen(page)["cards"]] == [heading(said) for said in diagnose(history)]
            set_epochs(page, 50)
            expect(page.locator(".play-bar output")).to_have_text("epoch 50 of 50")
    finally:
        process.terminate()
        process.wait(20)


ROWS = "".join(f"{150 + k},{0.7 * k + k % 3}\n" for k in range(40))


def test_the_deck_of_an_upload_comes_with_the_page_and_another_rate_when_the_hand_rests(
    visit: Visit, server: str
) -> None:
    page = visit(f"{server}/data", charts=0)
    page.get_by_text("A table", exact=True).click()
    file = {"name": "people.csv", "mimeType": "text/csv", "buffer": f"height,weight\n{ROWS}".encode()}
    page.locator("input[type=file]").set_input_files([file])
    expect(page.get_by_text("people.csv: 40 rows, 2 columns")).to_be_visible(timeout=30_000)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_text("Compare learning rates on it").click()
    page.wait_for_selector(".stage[data-ready] .card svg.marks", timeout=60_000)
    settle(page)
    before = seen(page)
    with no_call(page):
        slider(page, "A").focus()
        page.keyboard.press("ArrowRight")
        assert seen(page)["cards"][0]["rate"] != before["cards"][0]["rate"]
    page.wait_for_function("() => location.search.includes('lr=')")
    settle(page)
    enter(page, "Learning rate of lane B", "0.01234")
    page.wait_for_selector('.stage .card[data-lane="B"]:not(.pending)')
    assert rates(page)[1] == 0.01234 == float(query(page)["lr"][1])
    expect(page.get_by_role("button", name="Pin lane A")).to_be_disabled()
    assert not [each for each in asked if "/deck?" in each]
