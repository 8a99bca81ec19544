"""A network is seen while it trains, and can be stopped with what there is."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect

from core import train
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
    const picture = all('image').map((image) => image.href.baseVal).join();
    const hidden = all('image').some((image) => image.getAttribute('opacity') === '0');
    const last = window.seen.at(-1);
    if (bar && curve && (!last || last.curve !== curve || last.picture !== picture))
      window.seen.push({ curve, picture, hidden, words: bar.innerText, at: performance.now() });
    requestAnimationFrame(look);
  };
  look();
}"""


def begin(page: Page, epochs: int) -> None:
    """Ask for so many epochs, without waiting until they are trained."""
    field = page.get_by_label("Epochs", exact=True)
    field.fill(str(epochs))
    field.press("Enter")


def epochs_told(page: Page) -> list[int]:
    found = re.findall(r"epoch ([\d,]+) of", " ".join(each["words"] for each in page.evaluate("window.seen")))
    return [int(epoch.replace(",", "")) for epoch in found]


def test_curves_and_pictures_grow_while_it_trains_and_end_as_the_run_does(visit: Visit, server: str) -> None:
    page = visit(address(server, SMALL))
    page.evaluate(WATCH)
    begin(page, LONG.epochs)
    page.wait_for_function("() => window.seen.length > 0", timeout=180_000)
    page.wait_for_selector(".st-key-training-bar", state="detached", timeout=180_000)
    settle(page)
    seen = page.evaluate("window.seen")
    assert len({each["curve"] for each in seen}) >= 3
    assert len({each["picture"] for each in seen}) >= 3
    assert not any(each["hidden"] for each in seen)
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


def test_a_stop_keeps_what_there_is_and_all_of_it_can_be_trained_after_that(visit: Visit, server: str) -> None:
    page = visit(address(server, replace(SMALL, seed=1)))
    page.evaluate(WATCH)
    begin(page, 500_000)
    page.wait_for_function("() => window.seen.length > 1", timeout=60_000)
    page.get_by_role("button", name="Stop", exact=True).click()
    stopped = page.get_by_text("All you see is of the epochs so far.")
    expect(stopped).to_be_visible()
    settle(page)
    told = int(re.findall(r"epoch ([\d,]+) of", stopped.inner_text())[0].replace(",", ""))
    assert 0 < told < 500_000
    curve = page.locator(".st-key-lane-0 g.mark-line path").first.get_attribute("d")
    page.wait_for_timeout(1000)
    assert page.locator(".st-key-lane-0 g.mark-line path").first.get_attribute("d") == curve
    page.get_by_role("button", name="Train all of it").click()
    expect(page.get_by_text(re.compile(r"Training: epoch [\d,]+ of 500,000"))).to_be_visible()
