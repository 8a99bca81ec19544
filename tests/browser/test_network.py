"""The network lab in a real browser: what is drawn, and what a click on it does."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from core import NETWORK_PRESETS, Experiment, train
from core.instruments.network.explain import WeightIndex, update
from core.words import LANE_LETTERS, change, number
from tests.browser.conftest import settle
from tests.browser.test_compare import query, scrub

pytestmark = pytest.mark.slow

Visit = Callable[..., Page]
SMALL = Experiment(data="circles", hidden=(3, 2), learning_rates=(0.1, 1.0), epochs=60)


def address(server: str, experiment: Experiment) -> str:
    return f"{server}/network?{urlencode(experiment.to_query(), doseq=True)}"


def pictures(page: Page, lane: int = 0) -> list[str]:
    """The data URLs of the lane's pictures that can be seen."""
    images = page.locator(f'[aria-label^="Lane {LANE_LETTERS[lane]}: what the network says"] svg.marks image')
    return images.evaluate_all(
        "all => all.filter(one => (one.getAttribute('opacity') ?? '1') !== '0').map(one => one.href.baseVal)"
    )


def drawing(page: Page) -> list[str]:
    """The widths of all weights that are drawn."""
    return page.locator(".diagram line.w").evaluate_all("all => all.map(one => one.getAttribute('stroke-width'))")


def test_one_slider_moves_surface_curves_and_drawing_without_a_call_to_the_server(visit: Visit, server: str) -> None:
    page = visit(address(server, SMALL))
    sent: list[str] = []
    page.on("request", lambda request: None if request.url.startswith("data:") else sent.append(request.url))
    page.on("websocket", lambda socket: sent.append(socket.url))
    seen = {}
    for moment in (0, 5, 10_000):
        scrub(page, moment)
        shown = pictures(page)
        assert len(shown) == 1, "one picture at a time"
        seen[moment] = (shown[0], drawing(page))
    assert len({picture for picture, _ in seen.values()}) == 3
    assert len({tuple(widths) for _, widths in seen.values()}) == 3
    assert sent == []


def test_all_lanes_begin_with_the_same_picture_and_end_with_their_own(visit: Visit, server: str) -> None:
    page = visit(address(server, SMALL))
    assert pictures(page, 0) != pictures(page, 1)
    scrub(page, 0)
    assert pictures(page, 0) == pictures(page, 1)


def test_a_click_on_a_weight_shows_its_update_in_the_numbers_of_the_run(visit: Visit, server: str) -> None:
    page = visit(address(server, SMALL))
    scrub(page, 7)
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


def test_a_weight_is_chosen_and_explained_by_keyboard_alone(visit: Visit, server: str) -> None:
    page = visit(address(server, SMALL))
    page.locator(".diagram svg").focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    settle(page)
    expect(page.get_by_text("The weight from x to unit 3 of hidden layer 1")).to_be_visible()


def test_a_diagnosis_is_put_to_the_test_and_confirmed(visit: Visit, server: str) -> None:
    page = visit(f"{server}/network")
    page.locator(".st-key-ask-0 button").first.click()
    expect(page.get_by_text("Confirmed.")).to_be_visible(timeout=20_000)
    expect(page.get_by_text("At 3 times the rate the loss ends at")).to_be_visible()


def test_a_changed_rate_keeps_scrubber_epoch_axis_and_what_else_was_chosen(visit: Visit, server: str) -> None:
    page = visit(address(server, SMALL))
    scrub(page, 9)
    epoch = page.locator(".scrubber output").inner_text()
    page.get_by_text("even axis").click()
    settle(page)
    rate = page.get_by_label("Learning rate of lane A", exact=True)
    rate.fill("0.2")
    rate.press("Enter")
    page.wait_for_function("() => location.search.includes('lr=0.2')")
    settle(page)
    assert page.locator(".scrubber output").inner_text() == epoch
    assert query(page)["hidden"] == ["3", "2"]
    assert len(pictures(page)) == 1


SCREENS = [(390, "light"), (1440, "dark")]  # a preset each, in turn


@pytest.mark.parametrize(
    ("name", "width", "theme"), [(name, *SCREENS[k % 2]) for k, name in enumerate(NETWORK_PRESETS)]
)
def test_every_preset_opens_with_its_words_and_fits_the_screen(
    visit: Visit, server: str, name: str, width: int, theme: str
) -> None:
    preset = NETWORK_PRESETS[name]
    page = visit(address(server, preset.experiment), width=width, theme=theme)
    expect(page.get_by_text(preset.look[:40]).first).to_be_visible(timeout=60_000)
    settle(page)
    wide = page.locator("[data-testid=stMain]").evaluate("main => main.scrollWidth - main.clientWidth")
    assert wide <= 1, "the page scrolls sideways"
    charts = page.locator("[data-testid=stVegaLiteChart]")
    words = charts.evaluate_all("all => all.map(one => one.getAttribute('aria-label') || '')")
    assert len(words) >= 3 * len(preset.experiment.learning_rates) + 2  # view, loss, meter; accuracy, gradient
    assert all(len(text) > 10 for text in words)
    expect(page.locator(".diagram svg")).to_be_attached()
