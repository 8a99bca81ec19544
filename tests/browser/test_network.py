"""The network lab in a real browser: what is drawn, and what a click on it does."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from core import NETWORK_PRESETS, Experiment, train
from core.diagnosis.measures import measures
from core.instruments.network.events import events
from core.instruments.network.explain import WeightIndex, update
from core.words import LANE_LETTERS, change, number
from tests.browser.page import Visit, assert_sound, enter, no_call, query, scrub, settle

pytestmark = pytest.mark.slow

SMALL = Experiment(data="circles", hidden=(3, 2), learning_rates=(0.1, 1.0), epochs=60)


def address(server: str, experiment: Experiment) -> str:
    return f"{server}/network?{urlencode(experiment.to_query(), doseq=True)}"


def pictures(page: Page, lane: int = 0) -> list[str]:
    """The data URLs of the lane's pictures that can be seen."""
    images = page.locator(f'[aria-label^="Lane {LANE_LETTERS[lane]}: what the network says"] svg.marks image')
    return images.evaluate_all(
        "all => all.filter(one => one.getAttribute('width') !== '0').map(one => one.href.baseVal)"
    )


def drawing(page: Page) -> list[str]:
    """The widths of all weights that are drawn."""
    return page.locator(".diagram line.w").evaluate_all("all => all.map(one => one.getAttribute('stroke-width'))")


def test_the_play_bar_stays_in_sight_below_the_navigation(visit: Visit, server: str) -> None:
    page = visit(address(server, SMALL))
    page.evaluate("document.querySelector('[data-testid=stMain]').scrollTo(0, 800)")
    settle(page)
    bar = page.locator(".scrubber").bounding_box()
    below = page.get_by_test_id("stHeader").bounding_box()
    assert bar and below
    assert below["y"] + below["height"] <= bar["y"] + 1 < below["y"] + below["height"] + 30


def test_pictures_of_the_run_before_are_pale_until_those_of_the_new_one_are_drawn(visit: Visit, server: str) -> None:
    page = visit(address(server, SMALL))
    page.evaluate(
        """() => {
          window.pale = new Set();
          const look = () => document.querySelectorAll('.outdated .chart').forEach((each) => window.pale.add(each));
          new MutationObserver(look).observe(document.body, { subtree: true, attributeFilter: ['class'] });
        }"""
    )
    page.locator(".st-key-presets a", has_text="Too narrow").click()
    page.wait_for_function("() => window.pale.size > 0")
    settle(page)
    assert page.locator(".outdated").count() == 0


def test_the_slider_moves_pictures_curves_and_drawing_and_a_weight_is_explained(visit: Visit, server: str) -> None:
    page = visit(address(server, SMALL))
    assert pictures(page, 0) != pictures(page, 1)
    seen = {}
    with no_call(page):
        for moment in (0, 5, 10_000):
            scrub(page, moment)
            shown = pictures(page)
            assert len(shown) == 1, "one picture at a time"
            seen[moment] = (shown[0], drawing(page))
            assert (shown == pictures(page, 1)) == (moment == 0), "all lanes begin with the same picture"
        scrub(page, 7)
    assert len({picture for picture, _ in seen.values()}) == 3
    assert len({tuple(widths) for _, widths in seen.values()}) == 3

    epoch = int(re.findall(r"epoch (\d+)", page.locator(".scrubber output").inner_text())[0])
    page.locator(".diagram line.hit").nth(4).dispatch_event("click")
    settle(page)
    told = page.locator(".formula").last.inner_text()
    # The second lane is shown first; weights come layer by layer, source by source.
    found = update(train(SMALL), 1, WeightIndex(1, 1, 1), epoch)
    old, new = change(found.old, found.new)
    assert found.epoch == epoch
    for shown in (old, number(found.rate), number(found.direction), new):
        assert shown in told
    expect(page.get_by_text(f"the step after epoch {epoch} in lane B")).to_be_visible()


def test_a_weight_is_explained_by_keyboard_alone_and_a_changed_rate_keeps_what_was_chosen(
    visit: Visit, server: str
) -> None:
    page = visit(address(server, SMALL))
    page.locator(".diagram svg").focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    settle(page)
    expect(page.get_by_text("The weight from x to unit 3 of hidden layer 1")).to_be_visible()

    scrub(page, 9)
    epoch = page.locator(".scrubber output").inner_text()
    page.get_by_text("linear axis").click()
    settle(page)
    enter(page, "Learning rate of lane A", "0.2")
    assert query(page)["lr"][0] == "0.2"
    assert page.locator(".scrubber output").inner_text() == epoch
    assert query(page)["hidden"] == ["3", "2"]
    assert len(pictures(page)) == 1


def test_a_diagnosis_is_put_to_the_test_and_confirmed(visit: Visit, server: str) -> None:
    page = visit(f"{server}/network")
    page.locator(".st-key-ask-0 button").first.click()
    expect(page.get_by_text("Confirmed.")).to_be_visible()
    expect(page.get_by_text("At 3 times the rate the loss ends at")).to_be_visible()


@pytest.mark.parametrize("name", NETWORK_PRESETS)
def test_every_preset_opens_with_its_words_and_fits_a_phone_and_a_projector(
    visit: Visit, server: str, name: str
) -> None:
    preset = NETWORK_PRESETS[name]
    page = visit(address(server, preset.experiment), width=390)
    expect(page.get_by_text(preset.look[:40]).first).to_be_visible(timeout=60_000)
    for width in (390, 1440):
        page.set_viewport_size({"width": width, "height": 1000})
        # A view, loss and meter of each lane; accuracy, gradient.
        assert_sound(page, charts=3 * len(preset.experiment.learning_rates) + 2)
    expect(page.locator(".diagram svg")).to_be_attached()


def test_what_happens_is_told_where_it_happens_and_played_at_the_speed_that_is_chosen(
    visit: Visit, server: str
) -> None:
    experiment = Experiment(data="xor", hidden=(), learning_rates=(0.3, 3.0), epochs=500)
    page = visit(address(server, experiment))
    history = train(experiment)
    told = events(history, measures(history))
    assert len(told) == 1, "from some epoch on nothing changes"
    moments, words = measures(history).epochs.tolist(), page.locator(".happens")
    expect(page.locator(".play-bar .line i")).to_have_count(1)
    at = next(k for k, epoch in enumerate(moments) if epoch >= told[0].epoch)
    with no_call(page):
        scrub(page, at - 1)
        expect(words).to_have_text(re.compile(r"^\s*$"))
        scrub(page, at)
        expect(words).to_have_text(told[0].sentence)
        speed = page.get_by_role("button", name="Speed, now")
        expect(speed).to_have_text("1×")
        speed.click()
        expect(speed).to_have_text("2×")
        page.get_by_role("button", name="Play", exact=True).click()
        expect(page.locator(".scrubber output")).to_have_text("epoch 500 of 500", timeout=20_000)
    assert not page.get_by_role("button", name="Pause", exact=True).count()


def test_a_preset_is_the_one_that_is_named_whatever_was_shown_before(visit: Visit, server: str) -> None:
    page = visit(address(server, SMALL))
    for name in ("circles", "narrow", "circles", "edge", "digits", "circles"):
        preset = NETWORK_PRESETS[name]
        page.locator(".st-key-presets a", has_text=preset.title).click()
        expect(page.get_by_text(f"{preset.title}. ", exact=False).first).to_be_visible(timeout=60_000)
        page.wait_for_selector(".st-key-training-bar", state="detached", timeout=180_000)
        settle(page)
        experiment, repairs = Experiment.from_query(query(page))
        assert (experiment, repairs) == (preset.experiment, ())
