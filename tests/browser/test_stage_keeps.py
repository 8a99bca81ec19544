"""What one does on the stage can be undone, kept and taken away: undo, pins, lanes, one chart, copies, keys, locks."""

from __future__ import annotations

import re
from urllib.parse import quote, urlencode

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from core import MAX_LANES, Experiment, train
from core.words import number
from tests.browser.page import Visit, enter, no_call, query, scrub, settle, told
from tests.browser.stage import card, click_chart, drag, field, handle, rates, seen, slider

pytestmark = pytest.mark.slow

LANE_B = "Learning rate of lane B"


def undo(page: Page, key: str, button: str, by_key: bool) -> None:
    """One step back, or on, told to the server."""
    with told(page):
        if by_key:
            page.locator("body").press(key)
        else:
            page.get_by_role("button", name=button, exact=True).click()


@pytest.mark.parametrize("by_key", [True, False])
def test_undo_goes_back_over_rates_lanes_and_settings_and_redo_on_again(
    visit: Visit, server: str, by_key: bool
) -> None:
    page = visit(server, height=1400)
    expect(page.get_by_role("button", name="Undo", exact=True)).to_be_disabled()
    links = [query(page)]
    enter(page, LANE_B, "0.02")
    links.append(query(page))
    page.get_by_role("spinbutton", name="Epochs").fill("50")
    page.get_by_role("spinbutton", name="Epochs").press("Enter")
    page.wait_for_function("() => location.search.includes('epochs=50')")
    settle(page)
    expect(page.locator(".play-bar output")).to_have_text("epoch 50 of 50")
    page.locator("h2").first.click()  # out of the field, whose Ctrl+Z is the browser's
    links.append(query(page))
    with told(page):
        page.get_by_role("button", name="Remove lane C").click()
    links.append(query(page))
    for link in links[-2::-1]:
        undo(page, "Control+z", "Undo", by_key)
        assert query(page) == link
        assert rates(page) == [float(rate) for rate in link.get("lr", ("1e-6", "0.01", "1"))]
    expect(page.get_by_role("button", name="Undo", exact=True)).to_be_disabled()
    expect(page.locator(".play-bar output")).to_have_text("epoch 1,000 of 1,000")
    for link in links[1:]:
        undo(page, "Control+Shift+z", "Redo", by_key)
        assert query(page) == link
    expect(page.get_by_role("button", name="Redo")).to_be_disabled()
    expect(page.get_by_text("50 epochs by NumPy")).to_be_visible()


def test_the_browsers_way_back_and_on_are_the_stages_too(visit: Visit, server: str) -> None:
    page = visit(server)
    for rate in ("0.02", "0.03"):
        enter(page, LANE_B, rate)
    for go, shown in ((page.go_back, 0.02), (page.go_back, 0.01), (page.go_forward, 0.02), (page.go_forward, 0.03)):
        with told(page):
            go()
        assert rates(page)[1] == shown
        assert float(query(page).get("lr", ["", "0.01"])[1]) == shown


def test_a_pinned_run_stays_as_a_ghost_named_by_what_differs_three_at_most(visit: Visit, server: str) -> None:
    page = visit(server, height=1400)
    pins = page.locator(".stage .pinned")
    before = seen(page)["cards"][1]["curve"]
    with told(page):
        page.get_by_role("button", name="Pin lane B").click()
    expect(pins).to_have_count(1)
    assert len(query(page)["pin"]) == 1
    page.get_by_role("spinbutton", name="Epochs").fill("200")
    page.get_by_role("spinbutton", name="Epochs").press("Enter")
    page.wait_for_function("() => location.search.includes('epochs=200')")
    settle(page)
    expect(pins.first).to_contain_text("0.01")
    expect(pins.first).to_contain_text("1,000 epochs")
    assert "1" in page.locator(".stage .loss").first.locator("g.mark-text text").all_text_contents()
    ghosts = [card["curve"] for card in seen(page)["cards"]]
    assert all(len(curve) > len(before) for curve in ghosts), "the ghost is in every lane"
    for lane in "AC":
        with told(page):
            page.get_by_role("button", name=f"Pin lane {lane}").click()
    expect(pins).to_have_count(3)
    expect(page.get_by_role("button", name="Pin lane B")).to_be_disabled()
    address = page.url

    page = visit(address, height=1400)
    expect(page.locator(".stage .pinned")).to_have_count(3)
    assert [card["curve"] for card in seen(page)["cards"]] != ghosts
    with told(page):
        page.locator(".stage .pinned").first.get_by_role("button").click()
    expect(page.locator(".stage .pinned")).to_have_count(2)
    assert len(query(page)["pin"]) == 2
    expect(page.get_by_role("button", name="Pin lane B")).to_be_enabled()


def test_lanes_are_added_up_to_eight_and_removed_down_to_two(visit: Visit, server: str) -> None:
    page = visit(f"{server}/?epochs=50", height=2400)
    add = page.get_by_role("button", name="Add a lane")
    for count in range(4, MAX_LANES + 1):
        with told(page):
            add.click()
        expect(page.locator(".stage .card")).to_have_count(count)
        expect(page.locator(".stage .handle")).to_have_count(count)
        assert len(set(rates(page))) == count == len(query(page)["lr"])
    expect(add).to_be_disabled()
    assert all(card["curve"] for card in seen(page)["cards"])
    kept = rates(page)
    for gone in (3, 0, 0, 0, 0, 0):
        with told(page):
            page.locator(".stage .card .remove").nth(gone).click()
        del kept[gone]
        assert rates(page) == kept == [float(rate) for rate in query(page)["lr"]]
    for lane in "AB":
        expect(page.get_by_role("button", name=f"Remove lane {lane}")).to_be_disabled()


def test_one_chart_for_all_lanes_is_a_switch(visit: Visit, server: str) -> None:
    page = visit(server)
    switch, chart = page.get_by_role("button", name="One chart"), page.locator(".stage .together .chart")
    expect(chart).to_be_hidden()
    with no_call(page):
        switch.click()
        expect(switch).to_have_attribute("aria-pressed", "true")
        settle(page)
        for lane, rate in zip("ABC", ("10⁻⁶", "0.01", "1"), strict=True):
            expect(chart).to_have_attribute("aria-label", re.compile(f"Lane {lane}: .*learning rate {rate}:"))
        expect(page.locator(".stage .card .loss").first).to_be_hidden()
        whole = chart.locator("g.mark-line path").evaluate_all("all => all.map(path => path.getAttribute('d'))")
        scrub(page, 5)
        part = chart.locator("g.mark-line path").evaluate_all("all => all.map(path => path.getAttribute('d'))")
        assert part != whole
        switch.click()
        expect(chart).to_be_hidden()
        expect(page.locator(".stage .card .loss svg.marks").first).to_be_visible()


def test_the_mouse_over_one_curve_shows_the_losses_of_all_lanes_at_that_epoch(visit: Visit, server: str) -> None:
    page = visit(server, height=1400)
    history = train(Experiment())
    last = [card["numbers"]["loss"] for card in seen(page)["cards"]]
    box = page.locator(".stage .loss svg.marks").nth(1).bounding_box()
    assert box
    with no_call(page):
        page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.5 * box["height"])
        page.wait_for_function("() => document.querySelectorAll('.stage .card.hovered').length === 3")
        said = page.evaluate("getComputedStyle(document.querySelector('.stage')).getPropertyValue('--hovered')")
        epoch = int(said.strip('"').removeprefix("at epoch ").replace(",", ""))
        assert 0 < epoch < 1000
        shown = [card["numbers"]["loss"] for card in seen(page)["cards"]]
        losses, largest = history.loss[:, epoch], float(np.finfo(np.float32).max)  # of a deck, which has 32 bits
        assert shown == [
            number(float(np.float32(loss))) if loss < largest else f"above {number(3.4e38)}" for loss in losses
        ]
        page.mouse.move(5, 5)
        page.wait_for_function("() => !document.querySelector('.stage .card.hovered')")
        assert [card["numbers"]["loss"] for card in seen(page)["cards"]] == last


def test_a_picture_is_copied_as_png_or_where_that_is_refused_comes_as_a_file(visit: Visit, server: str) -> None:
    page = visit(server, height=2400, permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy the picture of lane B").click(force=True)
    expect(page.locator('.stage .card[data-lane="B"] .copy .icon')).to_have_attribute("data-drawn", "check")
    size = page.evaluate(
        """async () => {
            const [item] = await navigator.clipboard.read();
            const picture = await createImageBitmap(await item.getType('image/png'));
            return [picture.width, picture.height];
        }"""
    )
    chart = page.locator('.stage .card[data-lane="B"] .loss svg.marks').bounding_box()
    assert chart
    assert size == pytest.approx([2 * chart["width"], 2 * chart["height"]], abs=4), "two pixels a px"

    page.evaluate("() => { navigator.clipboard.write = () => Promise.reject(new Error('refused')); }")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Copy the picture of the loss").click(force=True)
    assert waiting.value.suggested_filename == "learning-rate-lab.png"
    with Image.open(waiting.value.path()) as picture:
        assert picture.format == "PNG"


def test_the_keys_are_listed_and_do_what_the_list_says(visit: Visit, server: str) -> None:
    page = visit(server)
    output, keys = page.locator(".play-bar output"), page.get_by_role("dialog", name="Keys")
    page.keyboard.press("?")
    expect(keys).to_be_visible()
    for words in ("play, pause", "an epoch back, an epoch on", "the next round rate", "undo", "redo"):
        expect(keys).to_contain_text(words)
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    settle(page)
    with no_call(page):
        page.keyboard.press("ArrowLeft")
        expect(output).to_have_text("epoch 999 of 1,000")
        page.keyboard.press("ArrowRight")
        expect(output).to_have_text("epoch 1,000 of 1,000")
        page.keyboard.press("Space")
        expect(page.get_by_role("button", name="Pause")).to_be_visible()
        page.keyboard.press("Space")
        expect(page.get_by_role("button", name="Play")).to_be_visible()
        page.get_by_role("button", name="Speed, now 1 times").click()
        expect(page.get_by_role("button", name="Speed, now 2 times")).to_be_visible()
        field(page, "B").focus()
        shown = output.inner_text()
        page.keyboard.press("?")
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("Space")
        expect(keys).to_be_hidden()
        assert output.inner_text() == shown, "in a field the keys are the field's"


def test_the_play_bar_stays_in_sight(visit: Visit, server: str) -> None:
    for width, height in ((1280, 700), (390, 844)):
        page = visit(server, width=width, height=height)
        page.locator(".stage .weights").scroll_into_view_if_needed()
        expect(page.locator(".stage .play-bar .play")).to_be_in_viewport()
        page.locator(".stage .play-bar .play").click(trial=True)  # nothing lies over it


def test_locked_rates_can_not_be_moved_and_a_locked_start_not_be_chosen(visit: Visit, server: str) -> None:
    page = visit(f"{server}/?lock=lr", height=2400)
    before = seen(page)["cards"]
    expect(field(page, "B")).to_be_disabled()
    for place in (slider(page, "B"), page.locator(".stage .add"), page.locator(".stage .pin").first):
        expect(place).to_be_hidden()
    drag(page, "B", -100)
    handle(page, "B").evaluate("handle => handle.focus()")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Control+z")
    settle(page)
    assert seen(page)["cards"] == before
    assert query(page) == {"lock": ["lr"]}
    with told(page):
        click_chart(page, "contour", 0.8, 0.25)
    assert "start" in query(page), "the start is not locked"

    for words in ("start", "all"):
        page = visit(f"{server}/?lock={words}", height=2400)
        expect(page.get_by_label("Start w")).to_be_hidden()
        with no_call(page):
            click_chart(page, "contour", 0.8, 0.25)
            settle(page)
        assert query(page) == {"lock": [words]}
    expect(card(page, "A")).to_contain_text("Too low")
    expect(slider(page, "A")).to_be_hidden()
    scrub(page, 3)
    expect(page.locator(".play-bar output")).to_have_text("epoch 3 of 1,000")


def test_hostile_words_of_a_pin_are_told_as_text_and_pin_nothing(visit: Visit, server: str) -> None:
    hostile = "<img src=//evil.example onerror=alert(1)>"
    page = visit(f"{server}/?{urlencode({'pin': hostile})}")
    expect(page.get_by_test_id("stText").filter(has_text="pin=")).to_contain_text("<img src")
    expect(page.locator(".stage .pinned")).to_have_count(0)
    page = visit(f"{server}/?pin={quote(urlencode({'lr': '0.02', 'data': hostile}))}")
    assert page.locator("img[src*=evil]").count() == 0
