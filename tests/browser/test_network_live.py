"""A network is seen while it trains, can be paused with what there is, and be changed by hand on the way."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from core import Experiment, train
from core.training.train import Training
from tests.browser.page import Visit, settle
from tests.browser.test_network import SMALL, address

pytestmark = pytest.mark.slow

LONG = replace(SMALL, epochs=30_000)
# Keeps what lane A looks like whenever that has changed while its run is trained.
WATCH = """() => {
  window.seen = [];
  window.spoken = [];
  const hear = () => {  // as it changes: the next frame of a busy machine may be a second later
    const words = document.querySelector('.spoken')?.textContent;
    if (words && window.spoken.at(-1)?.words !== words) window.spoken.push({ words, at: performance.now() });
  };
  new MutationObserver(hear).observe(document.body, { childList: true, subtree: true, characterData: true });
  const look = () => {
    const bar = document.querySelector('.st-key-training-bar [data-testid=stProgress]');
    const lane = document.querySelector('.st-key-lane-0'), all = (what) => [...(lane?.querySelectorAll(what) ?? [])];
    const curve = all('g.mark-line path').map((path) => path.getAttribute('d')).join();
    const seen = all('image').filter((image) => image.getAttribute('width') !== '0');
    const picture = seen.map((image) => image.href.baseVal).join();
    const blank = all('svg.marks').length > 1 && !picture;
    const last = window.seen.at(-1);
    if (bar && curve && (!last || last.curve !== curve || last.picture !== picture))
      window.seen.push({ curve, picture, blank, words: bar.innerText, at: performance.now() });
    requestAnimationFrame(look);
  };
  look();
}"""

# Clicks a preset; in how many frames a lane of before was hidden, and seen, while the words were the preset's already.
CLICK = """async (title) => {
  [...document.querySelectorAll('.st-key-presets a')].find((link) => link.innerText.includes(title)).click();
  const before = document.querySelector('[data-trained]').dataset.trained;
  let told = 0, hidden = 0, seen = 0, now;
  do {
    await new Promise(requestAnimationFrame);
    const words = document.querySelector('[data-testid=stAlert]')?.innerText ?? '';
    now = [...document.querySelectorAll('[data-trained]')];
    if (!words.includes(title)) continue;
    told++;
    for (const lane of now.filter((each) => each.dataset.trained === before))
      getComputedStyle(lane).visibility === 'hidden' ? hidden++ : seen++;
  } while (!told || !now.length || now.some((each) => each.dataset.trained === before));
  return { hidden, seen };
}"""


def begin(page: Page, epochs: int) -> None:
    """Ask for so many epochs, without waiting until they are trained."""
    field = page.get_by_label("Epochs", exact=True)
    field.fill(str(epochs))
    field.press("Enter")


def epochs_told(page: Page) -> list[int]:
    found = re.findall(r"epoch ([\d,]+) of", " ".join(each["words"] for each in page.evaluate("window.seen")))
    return [int(epoch.replace(",", "")) for epoch in found]


def test_no_lane_of_the_run_before_is_seen_under_the_words_of_a_preset(visit: Visit, server: str) -> None:
    page = visit(f"{server}/network")
    counts = [page.evaluate(CLICK, preset) for preset in ("Handwritten digits", "A catapult", "Adam at its edge")]
    assert [each["seen"] for each in counts] == [0, 0, 0]
    assert sum(each["hidden"] for each in counts) > 0, "or it was all drawn in one frame, and nothing was tested"


def test_curves_and_pictures_grow_while_it_trains_and_end_as_the_run_does(visit: Visit, server: str) -> None:
    page = visit(address(server, SMALL))
    page.evaluate(WATCH)
    begin(page, LONG.epochs)
    page.wait_for_function("() => window.seen.length > 0", timeout=600_000)
    page.wait_for_selector(".st-key-training-bar", state="detached", timeout=600_000)
    settle(page)
    seen = page.evaluate("window.seen")
    assert len({each["curve"] for each in seen}) >= 3
    assert len({each["picture"] for each in seen}) >= 3
    assert not any(each["blank"] for each in seen)
    told = epochs_told(page)
    assert told == sorted(told) and 0 < told[-1] <= LONG.epochs
    spoken = page.evaluate("window.spoken")
    sentence = re.compile(r"Trained to epoch [\d,]+\. So far: lane A .+, lane B .+\.")
    assert spoken and all(sentence.fullmatch(each["words"]) for each in spoken)
    heard = [later["at"] - each["at"] for each, later in pairwise(spoken)]
    assert min(heard, default=5000) > 4000, "never more than can be heard; five seconds by the page"
    final = float(train(LONG).loss[0, -1])
    assert page.locator(".st-key-lane-0 .numbers [title]").first.get_attribute("title") == repr(final)
    expect(page.get_by_role("button", name="Test this diagnosis").first).to_be_visible()
    page.get_by_role("button", name="Train on for 30,000 epochs").click()
    told = page.get_by_text(re.compile(r"Training: epoch [\d,]+ of 60,000"))
    expect(told).to_be_visible()
    assert int(re.findall(r"epoch ([\d,]+)", told.inner_text())[0].replace(",", "")) >= LONG.epochs
    page.wait_for_selector(".st-key-training-bar", state="detached", timeout=600_000)
    settle(page)
    longer = float(train(replace(LONG, epochs=2 * LONG.epochs)).loss[0, -1])
    assert page.locator(".st-key-lane-0 .numbers [title]").first.get_attribute("title") == repr(longer)


def paused_at(page: Page) -> int:
    """Pause, and the epoch where it stands."""
    page.get_by_role("button", name="Pause", exact=True).click()
    return stands_at(page)


def stands_at(page: Page) -> int:
    words = page.get_by_text(re.compile(r"Paused at epoch"))
    expect(words).to_be_visible()
    settle(page)
    return int(re.findall(r"epoch ([\d,]+) of", words.inner_text())[0].replace(",", ""))


def loss_now(page: Page, lane: int) -> float:
    return float(page.locator(f".st-key-lane-{lane} .numbers [title]").first.get_attribute("title"))


def asked(page: Page) -> Experiment:
    """What the address bar says."""
    experiment, repairs = Experiment.from_query(urlsplit(page.url).query)
    assert not repairs
    return experiment


def test_paused_it_stands_where_it_is_takes_a_step_a_click_and_goes_on_from_there(visit: Visit, server: str) -> None:
    page = visit(address(server, replace(SMALL, seed=1)))
    page.evaluate(WATCH)
    begin(page, 500_000)
    page.wait_for_function("() => window.seen.length > 1", timeout=180_000)
    at = paused_at(page)
    assert 0 < at < 500_000
    run = Training(asked(page))
    run.go_on(at)
    assert loss_now(page, 1) == run.so_far().loss[1, -1]
    for _ in range(2):
        page.get_by_role("button", name="One more epoch").click()
        at += 1
        expect(page.get_by_text(f"Paused at epoch {at:,} of 500,000")).to_be_visible()
        run.go_on(at)
        shows = page.locator(".st-key-lane-1 .numbers [title]").first  # drawn after the words, on a busy machine later
        expect(shows).to_have_attribute("title", repr(float(run.so_far().loss[1, -1])))
    settle(page)
    page.locator(".diagram line.hit").nth(4).dispatch_event("click")
    expect(page.get_by_text(f"the step after epoch {at - 1:,} in lane B")).to_be_visible()
    page.get_by_role("button", name="Go on", exact=True).click()
    told = page.get_by_text(re.compile(r"Training: epoch [\d,]+ of 500,000"))
    expect(told).to_be_visible()
    assert int(re.findall(r"epoch ([\d,]+)", told.inner_text())[0].replace(",", "")) >= at


def test_a_rate_and_a_weight_are_changed_while_it_trains_and_the_link_and_the_core_say_the_same(
    visit: Visit, server: str
) -> None:
    page = visit(address(server, replace(SMALL, seed=2)))
    page.evaluate(WATCH)
    begin(page, 500_000)
    page.wait_for_function("() => window.seen.length > 1", timeout=180_000)
    page.get_by_role("button", name="Change a rate", exact=True).click()
    page.get_by_label("New learning rate").fill("0.7")
    page.get_by_role("button", name="Go on at this rate").click()
    expect(page.get_by_text(re.compile(r"By hand, lane A from epoch [\d,]+: learning rate 0.7")).first).to_be_visible()
    expect(page.locator("[data-testid=stPopoverBody]")).to_have_count(0)  # it would cover what comes of the change
    expect(page.get_by_text(re.compile(r"Training: epoch [\d,]+ of 500,000"))).to_be_visible()
    page.wait_for_function("() => window.seen.length > 3", timeout=180_000)
    first = paused_at(page)
    (rate,) = asked(page).by_hand()
    # Where a starved worker does not pause in time, the run begins anew, and is the same run.
    assert (rate.lane, rate.parameter, rate.value) == (0, None, 0.7) and rate.epoch > 0 and first > 0
    page.get_by_role("button", name="One more epoch").click()
    at = first + 1
    expect(page.get_by_text(f"Paused at epoch {at:,} of 500,000")).to_be_visible()
    settle(page)
    page.locator(".diagram line.hit").nth(4).dispatch_event("click")
    page.get_by_label("Set it by hand to").fill("2.5")
    page.get_by_label("Set it by hand to").press("Enter")
    page.get_by_role("button", name=f"Set it after epoch {at:,} and train on").click()
    expect(page.get_by_text(re.compile(r"lane B from epoch [\d,]+: the weight from .+ 2.5")).first).to_be_visible()
    second = paused_at(page)
    assert second > 0  # a starved worker may have begun anew, as above
    run = Training(asked(page))
    run.go_on(second)
    for lane in (0, 1):
        assert loss_now(page, lane) == run.so_far().loss[lane, -1]


def test_from_an_epoch_of_a_finished_run_a_lane_goes_on_at_another_rate_beside_it(visit: Visit, server: str) -> None:
    page = visit(address(server, replace(SMALL, seed=3)))
    page.get_by_role("button", name="Change a rate on the way").click()
    page.get_by_label("New learning rate").fill("3")
    page.get_by_label("New learning rate").press("Enter")
    settle(page)
    page.get_by_role("button", name="Train it").click()
    expect(page.locator(".st-key-lane-2")).to_be_visible()
    settle(page)
    experiment = asked(page)
    assert experiment.learning_rates == (0.1, 1.0, 0.1)
    assert experiment.changes == ("C_30_lr_3.0",)
    assert loss_now(page, 2) == train(experiment).loss[2, -1]
    page.get_by_role("button", name="Take the last back").click()
    expect(page.get_by_text(re.compile("By hand"))).to_have_count(0)
    settle(page)
    assert asked(page).changes == ()
