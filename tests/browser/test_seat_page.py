"""What a student's phone shows, through a whole lesson: in a real browser, against a room that the test tells."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, expect
from starlette.applications import Starlette

from room.plan import read_plan
from room.rooms import Rooms
from room.routes import Routes
from room.store import Store, in_folder
from tests.browser.fake_room import CODE, FakeRoom, served, serving
from tests.browser.page import assert_no_faults

pytestmark = pytest.mark.slow

SENT = "Sent: {}. You may still change it."
CHOICE = {
    "kind": "choice", "title": "One step by hand", "ask": "<p>The rate is <strong>0.25</strong>. What does w do?</p>",
    "choices": ["It reaches 5, only faster", "It jumps from side to side for ever", "It explodes"],
}  # fmt: skip
OF_CHOICE = {
    "kind": "choice", "right": 1, "whys": ["From 1 straight to 9.", "Exactly.", "Not at this rate."],
    "outcome": "<p>w goes 1, 9, 1, 9.</p>", "counts": [[8, 7, 9], [2, 20, 2]], "moved": None, "gain": 0.5, "few": False,
}  # fmt: skip
NUMBER = {"kind": "number", "title": "One step by hand", "ask": "<p>Where is w after one step?</p>"}
OF_NUMBER = {
    "kind": "number", "answer": 4.2, "outcome": "<p>w = 1 + 3.2</p>", "values": [3.2, 4.2, 4.2, 4.2, 5.0],
    "said": "3 of 5 answers are right, to within 2 %.", "few": False,
}  # fmt: skip
RATE = {
    "kind": "rate", "title": "The class as a sweep", "ask": "<p>Train, and see.</p>", "low": 1e-5, "high": 1.0,
    "stops": [1e-5, 1e-4, 0.001, 0.01, 0.05, 0.1, 1.0], "chooses": False,
}  # fmt: skip
OF_RATE = {
    "kind": "rate", "points": [[1e-5, 40.0], [1e-3, 9.0], [0.01, 0.1], [0.05, 1e-9], [0.5, None]], "best": 0.05,
    "limit": 0.0845, "few": False,
}  # fmt: skip
CURVE = {
    "rate": 0.01, "verdict": "Good", "role": "good", "words": "The loss falls to the end.", "left": False,
    "points": [[0, 0.9], [0.5, 0.4], [1, 0.1]], "low": "10⁻⁷", "high": "100", "epochs": 1000,
}  # fmt: skip


@pytest.fixture
def room() -> Iterator[FakeRoom]:
    with serving(FakeRoom()) as room:
        yield room


class Phone:
    """A phone of 360 × 640, and what it complained of."""

    def __init__(self, browser: Browser, theme: str = "light") -> None:
        self.context = browser.new_context(
            viewport={"width": 360, "height": 640}, color_scheme=theme, is_mobile=True, has_touch=True
        )  # type: ignore[arg-type]
        self.page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _note(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:  # a refusal, which the test wants
            self.complaints.append(message.text)


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    phone = Phone(browser)
    yield phone.page
    phone.context.close()
    assert phone.complaints == []


@pytest.fixture
def seat(phone: Page, room: FakeRoom) -> Page:
    """A phone that has joined, in the lobby."""
    phone.goto(f"{room.url}/r/{CODE}")
    expect(phone.get_by_text("The first question comes soon.")).to_be_visible()
    return phone


def choice(page: Page, words: str) -> Locator:
    return page.get_by_role("radio", name=words)


def note(page: Page) -> Locator:
    """The bar at the bottom: of what is not as it should be."""
    return page.locator("#note")


def said(page: Page) -> Locator:
    """The line above the question."""
    return page.locator("#phase")


def test_a_code_is_asked_for_and_taken_in_small_letters(phone: Page, room: FakeRoom) -> None:
    phone.goto(f"{room.url}/r/")
    field = phone.get_by_label("The code on the big screen")
    field.fill("ab3")
    phone.get_by_role("button", name="Join").click()
    expect(phone.get_by_role("status").first).to_contain_text("five letters or digits")
    field.fill("zzzzz")
    field.press("Enter")
    expect(phone.get_by_text("There is no room ZZZZZ.")).to_be_visible()
    phone.get_by_label("The code on the big screen").fill(CODE.lower())
    phone.get_by_role("button", name="Join").click()
    expect(phone.get_by_role("heading", name="Brave Otter")).to_be_visible()
    expect(phone.get_by_text("4821").last).to_be_visible()
    expect(phone.get_by_text("bring your seat back").last).to_be_visible()


def test_one_votes_changes_the_vote_votes_again_and_sees_both(seat: Page, room: FakeRoom) -> None:
    room.tell(phase="open", asked=CHOICE)
    choice(seat, "It explodes").check()
    expect(said(seat)).to_have_text(SENT.format("C"))
    choice(seat, "It reaches 5").check()
    expect(said(seat)).to_have_text(SENT.format("A"))
    assert [sent["value"] for sent in room.heard] == [2, 0]
    room.tell(frozen=True)
    expect(seat.get_by_text("Please wait a moment: answers are paused.")).to_be_visible()
    expect(choice(seat, "It explodes")).to_be_disabled()
    room.tell(phase="closed", frozen=False)
    expect(seat.get_by_text("Closed: no more answers.")).to_be_visible()
    room.tell(phase="discuss")
    expect(seat.get_by_text("Talk with your neighbour: convince each other. Then vote again.")).to_be_visible()
    expect(choice(seat, "It reaches 5")).to_be_checked()
    room.tell(phase="open", round=2)
    expect(seat.get_by_text("Your first answer: A.")).to_be_visible()
    expect(choice(seat, "It reaches 5")).not_to_be_checked()
    choice(seat, "It jumps").check()
    expect(said(seat)).to_have_text(SENT.format("B"))
    assert room.heard[-1] == {"step": 0, "round": 2, "value": 1}
    assert seat.locator(".bar").count() == 0, "no tally before it is told"
    room.tell(phase="revealed", result=OF_CHOICE)
    expect(seat.get_by_text("✓ Right: B")).to_be_visible()
    expect(seat.get_by_text("Exactly.")).to_be_visible()
    expect(seat.get_by_text("You: first A, then B.")).to_be_visible()
    expect(seat.get_by_text("w goes 1, 9, 1, 9.")).to_be_visible()
    votes = seat.get_by_role("listitem").filter(has_text="It jumps")
    expect(votes).to_contain_text("first vote 7")
    expect(votes).to_contain_text("second vote 20")


def test_of_few_answers_no_vote_is_shown(seat: Page, room: FakeRoom) -> None:
    room.tell(phase="revealed", asked=CHOICE, result=OF_CHOICE | {"counts": [None], "few": True})
    expect(seat.get_by_text("The answer is B.")).to_be_visible()
    expect(seat.get_by_text("Fewer than five answers")).to_be_visible()
    assert seat.locator(".bar").count() == 0


def test_what_others_do_moves_neither_the_focus_nor_what_is_typed(seat: Page, room: FakeRoom) -> None:
    with seat.expect_response("**/mine"):  # what is this seat's own has come
        room.tell(phase="open", asked=NUMBER)
    seat.get_by_label("Your number").press_sequentially("4,")
    for count in range(1, 4):
        room.tell(count=count, seats=20 + count)
        seat.wait_for_timeout(60)
    seat.keyboard.type("2")
    expect(seat.get_by_label("Your number")).to_have_value("4,2")
    room.tell(phase="open", asked=CHOICE, step=1)
    choice(seat, "It reaches 5").focus()
    seat.keyboard.press("ArrowDown")
    seat.keyboard.press("ArrowDown")
    expect(said(seat)).to_have_text(SENT.format("C"))
    assert [sent["value"] for sent in room.heard] == [2], "what the arrows pass over is not sent"
    room.tell(count=9)
    expect(choice(seat, "It explodes")).to_be_focused()
    room.tell(phase="closed")
    expect(seat.get_by_role("heading", name="One step by hand")).to_be_focused()


def test_a_number_is_sent_with_a_comma_and_with_a_minus_that_some_keys_lack(seat: Page, room: FakeRoom) -> None:
    room.tell(phase="open", asked=NUMBER)
    field = seat.get_by_label("Your number")
    assert field.get_attribute("inputmode") == "decimal"
    field.fill("about four")
    seat.get_by_role("button", name="Send").click()
    expect(seat.get_by_role("alert")).to_have_text("Write a number, as 0.08 or −2.5.")
    field.fill("2,2")
    seat.get_by_role("button", name="Change the sign").click()
    seat.get_by_role("button", name="Send").click()
    expect(said(seat)).to_have_text(SENT.format("−2.2"))
    assert room.heard == [{"step": 0, "round": 1, "value": -2.2}]
    room.mine["judged"] = {"right": False, "why": "That is downhill."}
    room.tell(phase="revealed", result=OF_NUMBER)
    expect(seat.get_by_text("✗ You: −2.2. The answer is 4.2.")).to_be_visible()
    expect(seat.get_by_text("That is downhill.")).to_be_visible()
    expect(seat.get_by_text("3 of 5 answers are right, to within 2 %.")).to_be_visible()


def test_a_rate_is_guessed_above_zero_without_a_sign(seat: Page, room: FakeRoom) -> None:
    room.tell(phase="open", asked=NUMBER | {"positive": True})
    field = seat.get_by_label("Your number")
    expect(seat.get_by_role("button", name="Change the sign")).to_have_count(0)
    field.fill("-0,1")
    seat.get_by_role("button", name="Send").click()
    expect(seat.get_by_role("alert")).to_have_text("Write a number above 0, as 0.08.")
    field.fill("0,1")
    seat.get_by_role("button", name="Send").click()
    expect(said(seat)).to_have_text(SENT.format("0.1"))
    assert [sent["value"] for sent in room.heard] == [0.1]


def test_what_was_sent_is_said_in_the_place_of_what_to_do_and_covers_nothing(seat: Page, room: FakeRoom) -> None:
    room.tell(phase="open", asked=CHOICE)
    expect(said(seat)).to_have_text("Choose an answer.")
    before = choice(seat, "It explodes").bounding_box()
    choice(seat, "It explodes").check()
    expect(said(seat)).to_have_text(SENT.format("C"))
    assert choice(seat, "It explodes").bounding_box() == before, "nothing moves under the thumb"
    expect(note(seat)).to_be_hidden()


def test_one_trains_at_the_dealt_rate_then_at_a_chosen_one(seat: Page, room: FakeRoom) -> None:
    room.mine["rate"] = 0.01
    room.trained = CURVE
    room.tell(phase="open", asked=RATE)
    expect(seat.get_by_text("0.01", exact=True)).to_be_visible()
    seat.get_by_role("button", name="Train").click()
    expect(seat.get_by_role("img", name="Loss against epoch at learning rate 0.01: Good.")).to_be_in_viewport()
    expect(seat.get_by_text("The loss falls to the end.")).to_be_visible()
    expect(seat.get_by_role("button", name="Train")).to_have_count(0)
    assert room.heard == [{"step": 0, "round": 1, "value": None}]
    room.trained = CURVE | {"rate": 0.05}
    room.tell(round=2, asked=RATE | {"chooses": True})
    slider = seat.get_by_role("slider", name="Your learning rate")
    assert slider.get_attribute("aria-valuetext") == "0.01", "it begins at one's own"
    slider.press("ArrowRight")
    seat.get_by_role("button", name="Train").click()
    expect(said(seat)).to_have_text(SENT.format("rate 0.05"))
    assert room.heard[-1] == {"step": 0, "round": 2, "value": 0.05}
    assert seat.get_by_role("img").count() == 1, "the class's runs are not shown before they are told"
    room.tell(phase="revealed", result=OF_RATE)
    picture = seat.get_by_role("img", name="Final loss against learning rate: 5 runs of the class.")
    expect(picture).to_contain_text("you")
    expect(seat.get_by_text("The lowest loss came at rate 0.05.")).to_be_visible()
    expect(seat.get_by_text("the limit, 0.0845")).to_be_visible()


def test_an_answer_that_is_not_stored_is_kept_through_a_reload_and_sent_again(seat: Page, room: FakeRoom) -> None:
    room.fails = 503
    room.tell(phase="open", asked=CHOICE)
    choice(seat, "It jumps").check()
    expect(note(seat)).to_have_text("Not stored yet: B. It is sent again every 2 seconds.")
    expect(choice(seat, "It jumps")).to_be_checked()
    seat.reload()
    expect(note(seat)).to_have_text("Not stored yet: B. It is sent again every 2 seconds.")
    room.fails = 0
    expect(said(seat)).to_have_text(SENT.format("B"))
    assert room.heard == [{"step": 0, "round": 1, "value": 1}]
    assert room.sent >= 3


def test_an_answer_that_comes_too_late_is_called_so_and_the_stored_one_stands(seat: Page, room: FakeRoom) -> None:
    room.tell(phase="open", asked=CHOICE)
    choice(seat, "It jumps").check()
    expect(said(seat)).to_have_text(SENT.format("B"))
    room.fails = 409
    choice(seat, "It explodes").check()
    expect(note(seat)).to_have_text("This step is closed. Your answer: B.")
    expect(choice(seat, "It jumps")).to_be_checked()


def test_an_answer_of_the_first_vote_is_not_taken_for_one_of_the_second(seat: Page, room: FakeRoom) -> None:
    room.fails = 503
    room.tell(phase="open", asked=CHOICE)
    choice(seat, "It jumps").check()
    expect(note(seat)).to_contain_text("Not stored yet: B.")
    room.tell(round=2)
    expect(note(seat)).to_have_text("Your last answer was not stored in time.")
    expect(choice(seat, "It jumps")).not_to_be_checked()
    room.fails = 0
    choice(seat, "It explodes").check()
    expect(said(seat)).to_have_text(SENT.format("C"))
    assert room.heard == [{"step": 0, "round": 2, "value": 2}]


def test_a_lost_connection_is_told_and_what_was_missed_is_caught_up(seat: Page, room: FakeRoom) -> None:
    room.tell(phase="open", asked=CHOICE)
    expect(choice(seat, "It jumps")).to_be_visible()
    room.away = True
    expect(note(seat)).to_have_text("Connection lost, trying again.")
    choice(seat, "It jumps").check()
    expect(note(seat)).to_contain_text("Your answer is kept, and sent as soon as it is back.")
    room.away = False
    expect(said(seat)).to_have_text(SENT.format("B"))
    room.away = True
    expect(note(seat)).to_have_text("Connection lost, trying again.")
    room.tell(phase="closed")
    room.away = False
    expect(seat.get_by_text("Closed: no more answers.")).to_be_visible()
    expect(said(seat)).to_have_text("Closed: no more answers. Look at the big screen. Your answer: B.")
    expect(note(seat)).to_be_hidden()


def test_an_old_word_of_ones_own_does_not_undo_an_answer_that_was_stored_meanwhile(seat: Page, room: FakeRoom) -> None:
    with seat.expect_response("**/mine"):
        room.tell(phase="open", asked=CHOICE)
    room.slow = 1.5
    with seat.expect_response("**/mine"):  # the old word
        with seat.expect_request("**/mine"):
            room.tell(seats=11)
        choice(seat, "It jumps").check()
        expect(said(seat)).to_have_text(SENT.format("B"))
    with seat.expect_response("**/mine"):  # it is asked for again
        expect(choice(seat, "It jumps")).to_be_checked()
    expect(choice(seat, "It jumps")).to_be_checked()
    expect(said(seat)).to_have_text(SENT.format("B"))


def test_what_is_ones_own_is_there_after_a_reload(seat: Page, room: FakeRoom) -> None:
    room.mine |= {"rate": 0.01, "curve": CURVE, "answers": {"1": None}}
    room.tell(phase="revealed", asked=RATE, result=OF_RATE)
    for _ in range(3):
        seat.reload()
        expect(seat.get_by_role("img", name="Loss against epoch at learning rate 0.01: Good.")).to_be_visible()
        expect(seat.get_by_role("img", name="Final loss against learning rate")).to_contain_text("you")


def test_a_phone_that_comes_late_is_told_which_step_it_joins(phone: Page, room: FakeRoom) -> None:
    room.tell(step=1, phase="open", asked=CHOICE)
    phone.goto(f"{room.url}/r/{CODE}")
    expect(phone.get_by_text("You join at step 2 of 3. Choose an answer.")).to_be_visible()
    phone.reload()
    expect(phone.get_by_text("Choose an answer.", exact=True)).to_be_visible()
    phone.context.clear_cookies()
    phone.evaluate("sessionStorage.clear()")
    phone.reload()
    expect(phone.get_by_text("You join at step 2 of 3.")).to_be_visible()
    room.tell(phase="closed")
    expect(phone.get_by_text("Closed: no more answers.")).to_be_visible()
    expect(phone.get_by_text("You join")).to_have_count(0)


def test_one_comes_back_by_name_and_digits(seat: Page, room: FakeRoom) -> None:
    seat.locator("#me > summary").click()
    seat.get_by_text("I had another seat before").click()
    seat.get_by_label("Adjective").select_option("Calm")
    seat.get_by_label("Animal").select_option("Fox")
    seat.get_by_label("Digits").fill("9999")
    seat.get_by_role("button", name="Come back").click()
    expect(seat.get_by_role("alert")).to_have_text("No seat has this name and these digits.")
    seat.get_by_label("Digits").fill("1234")
    seat.get_by_role("button", name="Come back").click()
    expect(seat.get_by_role("heading", name="Calm Fox")).to_be_visible()
    expect(seat.get_by_label("Digits")).to_be_hidden()


def test_a_removed_seat_is_told_so_and_may_come_again(seat: Page, room: FakeRoom) -> None:
    room.tell(phase="open", asked=CHOICE)
    expect(choice(seat, "It jumps")).to_be_visible()
    room.seated = False
    room.tell(seats=11)
    expect(seat.get_by_text("You have no seat here any more")).to_be_visible()
    room.tell(phase="lobby", asked=None)
    seat.get_by_role("button", name="Come again").click()
    expect(seat.get_by_role("heading", name="Calm Otter")).to_be_visible()


def test_who_shares_a_group_is_told_so_and_sees_the_groups_answer(seat: Page, room: FakeRoom) -> None:
    room.mine["group"] = "group 3"
    room.tell(phase="open", asked=CHOICE)
    expect(seat.get_by_text("You are in group 3: it has one answer, the last that is sent.")).to_be_visible()
    room.mine["answers"] = {"1": 2}
    room.tell(count=1)
    expect(choice(seat, "It explodes")).to_be_checked()


def test_trouble_is_told_and_a_room_that_is_erased_is_over(seat: Page, room: FakeRoom) -> None:
    room.tell(trouble="The disk is full.")
    expect(note(seat)).to_have_text("The disk is full.")
    room.tell(trouble="", phase="ended")
    expect(seat.get_by_role("heading", name="Thank you, Brave Otter")).to_be_visible()
    expect(seat.get_by_role("link", name="Try it yourself in the lab")).to_have_attribute("href", "../")
    room.tell(gone=True)
    expect(seat.get_by_text("This room is closed")).to_be_visible()


@pytest.fixture
def rooms(tmp_path: Path) -> Iterator[Rooms]:
    rooms = Rooms(Store(in_folder(tmp_path)))
    yield rooms
    rooms.store.close()


@pytest.fixture
def lab(rooms: Rooms) -> Iterator[str]:
    """The address of the class room's own routes."""
    with served(Starlette(routes=Routes(lambda: rooms).all())) as url:
        yield url


def test_a_lesson_in_a_real_room(rooms: Rooms, lab: str, phone: Page) -> None:
    steps = ["vote:one_step/one-step-bounce:0", "vote:one_step/one-step:0", "sweep:lr=1e-05&lr=1"]
    code, _ = rooms.create(read_plan(steps))
    others = [rooms.join(code).token for _ in range(5)]

    def do(*actions: str) -> None:
        for action in actions:
            rooms.do(code, action)

    def answer(step: int, value: float | None) -> None:
        for token in others:
            rooms.answer(code, token, step, 1, value)

    phone.goto(f"{lab}/r/{code.lower()}")
    expect(phone.get_by_text("The first question comes soon.")).to_be_visible()
    name, digits = rooms.store.seats(code)[-1].name, phone.locator(".digits").inner_text()
    do("open")
    answer(0, 0)
    choice(phone, "It explodes").check()
    expect(said(phone)).to_have_text(SENT.format("C"))
    do("close", "discuss", "again")
    expect(phone.get_by_text("Vote again.", exact=True)).to_be_visible()
    choice(phone, "It jumps").check()
    expect(said(phone)).to_have_text(SENT.format("B"))
    do("close", "reveal")
    expect(phone.get_by_text("✓ Right: B")).to_be_visible()
    expect(phone.get_by_role("listitem").first).to_contain_text("first vote 5")
    do("next", "open")
    answer(1, 4.2)
    phone.get_by_label("Your number").fill("3,2")
    phone.get_by_role("button", name="Send").click()
    expect(said(phone)).to_have_text(SENT.format("3.2"))
    do("close", "reveal")
    expect(phone.get_by_text("That is the step itself")).to_be_visible()
    expect(phone.get_by_text("5 of 6 answers are right, to within 2 %.")).to_be_visible()
    do("next", "open")
    answer(2, None)
    phone.get_by_role("button", name="Train").click()
    expect(phone.get_by_role("img", name="Loss against epoch")).to_be_visible()
    do("close", "reveal")
    expect(phone.get_by_role("img", name="Final loss against learning rate: 6 runs")).to_contain_text("you")
    phone.context.clear_cookies()
    phone.reload()
    expect(phone.locator("#name")).not_to_have_text(name)
    phone.locator("#me > summary").click()
    phone.get_by_text("I had another seat before").click()
    for label, word in zip(("Adjective", "Animal"), name.split(), strict=True):
        phone.get_by_label(label).select_option(word)
    phone.get_by_label("Digits").fill(digits)
    phone.get_by_role("button", name="Come back").click()
    expect(phone.locator("#name")).to_have_text(name)
    expect(phone.get_by_role("img", name="Loss against epoch")).to_be_visible()
    rooms.store.remove(code, len(others))
    expect(phone.get_by_text("You have no seat here any more")).to_be_visible()
    rooms.store.erase(code)
    phone.reload()
    expect(phone.get_by_text("There is no room with this code.")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_no_serious_fault_no_text_is_pale_and_nothing_is_wider_than_the_phone(
    browser: Browser, room: FakeRoom, theme: str
) -> None:
    phone = Phone(browser, theme)
    page = phone.page

    def look(words: str) -> None:
        expect(page.get_by_text(words).first).to_be_visible()
        assert_no_faults(page, words)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, words

    page.goto(f"{room.url}/r/")
    look("The code on the big screen")
    page.goto(f"{room.url}/r/{CODE}")
    look("The first question comes soon.")
    page.locator("#me > summary").click()
    page.get_by_text("I had another seat before").click()
    look("Come back")
    room.tell(phase="open", asked=CHOICE)
    choice(page, "It jumps").check()
    look(SENT.format("B"))
    room.tell(frozen=True)
    look("Please wait a moment")
    room.tell(phase="discuss", frozen=False)
    look("Talk with your neighbour")
    room.tell(phase="revealed", round=2, result=OF_CHOICE)
    look("You: first" if "2" in room.mine["answers"] else "Right: B")
    room.tell(step=1, round=1, phase="open", asked=NUMBER)
    look("Your number")
    room.mine["rate"] = 0.01
    room.trained = CURVE
    room.tell(step=2, phase="open", asked=RATE)
    page.get_by_role("button", name="Train").click()
    look("The loss falls to the end.")
    room.tell(round=2, asked=RATE | {"chooses": True})
    look("Choose a rate, and train.")
    room.tell(phase="revealed", result=OF_RATE)
    look("The lowest loss came at rate 0.05.")
    room.away = True
    look("Connection lost, trying again.")
    phone.context.close()
    assert phone.complaints == []
