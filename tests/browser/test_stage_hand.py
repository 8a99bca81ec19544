"""The stage follows the hand: by mouse, keys, touch and typing, without the server until the hand rests."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from core import Experiment, diagnose, train
from core.drawing.deck import family
from core.drawing.frames import moments
from core.drawing.lanes import heading
from core.words import number
from tests.browser.page import Visit, enter, query, scrub, settle, told
from tests.browser.stage import drag, drags, field, handle, middle, rates, seen, slider, watch

pytestmark = pytest.mark.slow

REST = 600  # ms, and what clocks may differ by
OF_A_LANE = ("rate", "slider", "words", "curve", "gauge", "meter", "numbers", "alt", "evidence")


def note_requests(page: Page) -> list[str]:
    """All that is asked of anybody by another way than the socket, from now on."""
    asked: list[str] = []
    page.on("request", lambda request: None if request.url.startswith("data:") else asked.append(request.url))
    return asked


def assert_followed(before: dict[str, Any], after: dict[str, Any], lane: int) -> None:
    """All that is this lane's has moved, what is the others' and every axis has not."""
    for part in OF_A_LANE:
        assert after["cards"][lane][part] != before["cards"][lane][part], part
    for part in ("data", "contour", "weights", "link"):
        assert after[part] != before[part], part
    assert after["stays"] == before["stays"]
    others = [k for k in range(len(before["cards"])) if k != lane]
    assert [after["cards"][k] for k in others] == [before["cards"][k] for k in others]


def test_a_dragged_handle_moves_all_that_is_its_lanes_and_asks_the_server_once_when_the_hand_rests(
    visit: Visit, server: str, tmp_path: Path
) -> None:
    page = visit(server, height=2400)
    scrub(page, 20)
    before, asked = seen(page), page.evaluate("window.asked")
    assert before["stays"]["moment"] != "epoch 1,000 of 1,000"
    watch(page)
    requests = note_requests(page)
    with told(page):
        drag(page, "B", -150)
    moves = drags(page)
    assert len(moves) >= 5
    assert_followed(before, moves[-1]["seen"], 1)
    assert all(move["seen"]["stays"] == before["stays"] for move in moves), "an axis, the epoch or the page moved"
    seen_rates = [float(move["seen"]["cards"][1]["rate"]) for move in moves]
    assert seen_rates == sorted(seen_rates, reverse=True)
    assert requests == []
    assert page.evaluate("window.asked") == asked + 1
    assert page.evaluate("window.askedAt") - moves[-1]["from"] >= REST - 1

    now = seen(page)
    assert now["cards"] == moves[-1]["seen"]["cards"], "what the server says moves nothing"
    assert now["stays"] == before["stays"]
    assert [float(rate) for rate in query(page)["lr"]] == rates(page) == [1e-6, seen_rates[-1], 1.0]
    page.get_by_role("button", name="Export").click()
    page.locator("summary").filter(has_text="Numbers").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="CSV", exact=True).click()
    waiting.value.save_as(tmp_path / "runs.csv")
    lines = (tmp_path / "runs.csv").read_text().splitlines()
    assert {float(row["learning_rate"]) for row in csv.DictReader(lines)} == set(rates(page))


def test_arrow_keys_move_a_rate_by_one_stop_on_its_slider_and_on_its_handle(visit: Visit, server: str) -> None:
    page = visit(server, height=2400)
    stops = [
        rate for rate in family(Experiment()).learning_rates if rate <= 1.5
    ]  # those with room beside the highest lane
    before = seen(page)
    for place in (slider(page, "B"), handle(page, "B")):
        with told(page):
            place.focus()
            page.keyboard.press("ArrowRight")
        assert rates(page)[1] == stops[stops.index(0.01) + 1] == 0.012
        assert_followed(before, seen(page), 1)
        with told(page):
            page.keyboard.press("ArrowLeft")
        assert seen(page)["cards"] == before["cards"]
        expect(place).to_be_focused()
    with told(page):
        page.keyboard.press("PageUp")
    assert rates(page)[1] == stops[stops.index(0.01) + 5]
    with told(page):
        page.keyboard.press("Home")
    assert rates(page)[1] == min(stops)
    with told(page):
        page.keyboard.press("End")
    assert rates(page)[1] == max(stops)


def test_a_slider_held_by_the_mouse_shows_its_rate_everywhere_while_it_is_held(visit: Visit, server: str) -> None:
    page = visit(server, height=2400)
    before = seen(page)
    watch(page)
    x, y = middle(slider(page, "B"))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 40, y, steps=20)
    page.wait_for_function("() => window.drags.length > 0")
    held = drags(page)[-1]["seen"]
    assert_followed(before, held, 1)
    rate = float(held["cards"][1]["rate"])
    assert held["cards"][1]["words"] == number(rate)
    assert held["handles"][1]["words"].startswith(f"{number(rate)}, ")
    with told(page):
        page.mouse.up()
    assert float(query(page)["lr"][1]) == rates(page)[1] < 0.01


def test_pictures_below_the_screen_are_as_those_above_once_the_hand_pauses(visit: Visit, server: str) -> None:
    page = visit(server, height=600)
    before = seen(page)
    with told(page):
        drag(page, "B", -150)
    settle(page)
    after, opened = seen(page), seen(visit(page.url, height=2400))
    for part in ("data", "contour", "weights"):
        assert before[part] != after[part] == opened[part]


def test_a_finger_drags_a_handle_and_the_page_does_not_scroll(visit: Visit, server: str) -> None:
    page = visit(server, width=390, height=844, has_touch=True, is_mobile=True)
    before = seen(page)
    watch(page)
    finger = page.context.new_cdp_session(page)
    x, y = middle(handle(page, "B"), 0.1)
    finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for step in range(1, 21):
        at = {"x": x - 5 * step, "y": y - 2 * step}
        finger.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [at]})
    with told(page):
        finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert len(drags(page)) >= 3
    after = seen(page)
    assert after["stays"] == before["stays"]
    assert after["handles"][1]["left"] != before["handles"][1]["left"]
    assert 1e-6 < rates(page)[1] < 0.001
    assert float(query(page)["lr"][1]) == rates(page)[1]


def test_a_typed_rate_is_taken_as_people_write_it_and_what_can_not_be_is_said_in_words(
    visit: Visit, server: str
) -> None:
    page = visit(server)
    typed = field(page, "B")
    refusal = page.locator('.stage .card[data-lane="B"] .refusal')
    for text, rate in (("0,02", "0.02"), ("3e-2", "0.03"), ("5·10^-3", "0.005"), ("0.0123", "0.0123")):
        enter(page, "Learning rate of lane B", text)
        assert query(page)["lr"][1] == rate
        assert typed.input_value() == rate
        assert not seen(page)["cards"][1]["pending"], "a rate that the deck has not is trained and joins"
    address = page.url
    for text, words in (
        ("", "A number is needed"),
        ("fast", "“fast” is not a number"),
        ("1,000", "1,000 may mean 1000 or 1"),
        ("0", "must be above 0"),
        ("-1", "must be above 0"),
        ("1e9", "must be from 1e-12 to 1e6"),
    ):
        typed.fill(text)
        typed.press("Enter")
        expect(refusal).to_contain_text(words)
        expect(typed).to_have_attribute("aria-invalid", "true")
        assert page.url == address
        typed.press("Escape")
        expect(refusal).to_be_hidden()
        assert typed.input_value() == "0.0123"


def test_the_arrows_of_a_number_step_over_round_rates(visit: Visit, server: str) -> None:
    page = visit(server)
    typed = field(page, "B")
    typed.focus()
    values = []
    with told(page):
        for _ in range(7):
            typed.press("ArrowUp")
            values.append(typed.input_value())
    assert values == ["0.015", "0.02", "0.03", "0.05", "0.07", "0.1", "0.15"]
    with told(page):
        for value in ("0.1", "0.07", "0.05", "0.03", "0.02", "0.015", "0.01", "0.007"):
            typed.press("ArrowDown")
            assert typed.input_value() == value
    assert query(page)["lr"][1] == "0.007"


# Steps a slider through all its stops, and says what is seen at each, once it is drawn.
ALL_STOPS = """async ([lane, moment]) => {
  const slider = document.querySelector(`.stage .card[data-lane="${lane}"] input[type=range]`), seen = [];
  for (let stop = 0; stop <= slider.max; stop += 1) {
    if (slider.value !== String(stop)) {
      const count = window.drags.length;
      slider.value = stop;
      slider.dispatchEvent(new Event('input'));
      while (window.drags.length === count) await new Promise(requestAnimationFrame);
    }
    const { cards, stays } = window.drags.length ? window.drags.at(-1).seen : {};
    if (cards) seen.push({ ...cards['ABC'.indexOf(lane)], stays });
  }
  return seen;
}"""


def test_the_words_and_numbers_of_every_rate_of_the_deck_are_those_of_its_run(visit: Visit, server: str) -> None:
    history = train(family(Experiment()))
    told_of = dict(zip(history.experiment.learning_rates, diagnose(history), strict=True))
    places = {rate: k for k, rate in enumerate(history.experiment.learning_rates)}
    page = visit(server)
    watch(page)
    found = page.evaluate(ALL_STOPS, ["B", 0])
    slid = {float(card["rate"]): card for card in found}
    assert all(card["stays"] == found[0]["stays"] for card in found)
    for rate in sorted(set(told_of) - set(slid)):  # beyond the slider, which shows six decades
        enter(page, "Learning rate of lane B", repr(rate))
        slid[rate] = seen(page)["cards"][1]
    assert set(slid) == set(told_of)
    assert history.parameters is not None
    for rate, card in slid.items():
        said, k = told_of[rate], places[rate]
        assert (card["verdict"], card["role"]) == (heading(said), said.role), rate
        assert card["why"] == f"{said.title}. {said.reason}".replace("**", ""), rate
        assert card["evidence"].endswith(said.evidence.replace("**", "")), rate
        assert card["advice"] == f"→ {said.advice}".replace("**", ""), rate
        values = {"loss": history.loss[k, -1], "w": history.parameters[k, -1, 0], "b": history.parameters[k, -1, 1]}
        for name, value in values.items():
            with np.errstate(over="ignore"):
                single = np.float32(value)
            if np.isfinite(single):
                assert card["numbers"][name] == number(float(single)), (rate, name)
            else:
                assert card["numbers"][name] in (
                    "overflow",
                    "above 3.4\u00a0×\u00a010³⁸",
                    "below −3.4\u00a0×\u00a010³⁸",
                ), (rate, name)


def test_on_the_first_visit_the_run_plays_once_from_epoch_0(visit: Visit, server: str) -> None:
    """And never again in this browser; nor with reduced motion, as all other tests are."""
    page = visit(server, reduced_motion="no-preference")  # which waits until it has come to rest
    output, steps = page.locator(".play-bar output"), "performance.getEntriesByName('stage:scrub').length"
    assert page.evaluate(steps) >= len(moments(1000, 30)) - 1
    assert output.inner_text() == "epoch 1,000 of 1,000"
    page.reload()
    page.wait_for_selector(".stage[data-ready]")
    settle(page)
    assert page.evaluate(steps) == 0
    assert output.inner_text() == "epoch 1,000 of 1,000"


@pytest.mark.parametrize("rate", ["0.0845", "0.06", "0.12"])
def test_no_lanes_line_crosses_the_words_of_the_limit(visit: Visit, server: str, rate: str) -> None:
    page = visit(f"{server}/?lr=1e-06&lr={rate}&lr=1")
    words = page.locator(".ruler svg text", has_text="limit 0.08452").last.bounding_box()
    assert words
    lines = [line.bounding_box() for line in page.locator(".handle i").all()]
    middles = [line["x"] + line["width"] / 2 for line in lines if line]
    assert len(middles) == 3
    assert not [x for x in middles if words["x"] < x < words["x"] + words["width"]]
