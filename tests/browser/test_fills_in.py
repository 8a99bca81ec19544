"""Pages that fill in while they train: charts grow and never blink, Stop keeps what there is."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.page import CHART, Visit, settle

pytestmark = pytest.mark.slow

SMALL = "data=spirals&hidden=8&hidden=8&lr=0.01&lr=10&rates=40&epochs=1"
# Each page with little to train, one of its charts, and what its Stop keeps: "So far: 1 of 7 update rules trained."
PAGES = {
    "update rules": (f"sweep?{SMALL}&seeds=1&map=3", "1500", 0, r"So far: (\d) of 7 update rules trained\."),
    "schedules": (f"schedules?{SMALL}&seeds=1&schedule=linear&batch_size=50", "1000", 0, r"So far: (\d) of 4 curves\."),
    "range test": (f"range-test?{SMALL}&seeds=8", "400", 1, r"So far: (\d) of 8 seeds trained at 40 rates"),
}
# Of the run before, nothing that could be played is seen any more: on a busy machine that takes longer than the button.
GONE = """() => [...document.querySelectorAll('.stage.follows .chart')].every(
  (each) => !each.checkVisibility({ visibilityProperty: true }))"""
# Keeps what a chart's lines were whenever that has changed, and whether it was gone or moved once it was drawn.
WATCH = """(which) => {
  window.seen = [];
  window.blinked = window.moved = 0;
  let top;
  const look = () => {
    const bar = document.querySelector('.st-key-under-way [data-testid=stProgress]');
    const charts = document.querySelectorAll('[data-testid=stVegaLiteChart], .stage.follows .chart');
    const seen = [...charts].filter((each) => each.checkVisibility({ visibilityProperty: true }));
    const chart = seen[which]?.querySelector('svg.marks');
    const drawn = [...(chart?.querySelectorAll('g.mark-line path') ?? [])].map((path) => path.getAttribute('d')).join();
    if (bar && drawn && window.seen.at(-1) !== drawn) window.seen.push(drawn);
    if (window.seen.length && !drawn) window.blinked += 1;
    if (window.seen.length && chart) {
      const now = chart.getBoundingClientRect().top + document.querySelector('[data-testid=stMain]').scrollTop;
      if (Math.abs(now - (top ?? now)) > 1) window.moved += 1;
      top = now;
    }
    requestAnimationFrame(look);
  };
  look();
}"""


@pytest.mark.parametrize("name", PAGES)
def test_it_fills_in_without_a_blink_stops_with_what_there_is_and_goes_on(visit: Visit, server: str, name: str) -> None:
    address, epochs, which, so_far = PAGES[name]
    page = visit(f"{server}/{address}")
    field = page.get_by_label("Epochs", exact=True)
    field.fill(epochs)
    field.press("Enter")
    page.get_by_role("button", name="Stop", exact=True).wait_for(timeout=60_000)
    page.wait_for_function(GONE, timeout=60_000)
    page.evaluate(WATCH, which)
    page.wait_for_function("() => window.seen.length > 1", timeout=60_000)
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_text("Stopped. What was done so far is kept.")).to_be_visible()
    settle(page)
    told = page.get_by_text(re.compile(so_far))
    expect(told).to_be_in_viewport()
    assert int(re.findall(so_far, told.inner_text())[0]) > 0
    assert page.locator(CHART).nth(which).locator("g.mark-line path").count() > 0
    expect(page.get_by_text("Take this experiment to")).to_be_visible()  # a stop is no dead end
    page.get_by_role("button", name="Go on", exact=True).click()
    page.wait_for_selector(".st-key-under-way [data-testid=stProgress]", timeout=60_000)
    assert page.get_by_text("Stopped.").count() == 0, "it is gone once the bar is there"
    page.wait_for_selector(".st-key-under-way [data-testid=stProgress]", state="detached", timeout=400_000)
    settle(page)
    assert page.get_by_text(re.compile("So far|Stopped")).count() == 0
    assert len(set(page.evaluate("window.seen"))) > 1
    assert page.evaluate("window.blinked") == 0 and page.evaluate("window.moved") == 0


def test_the_map_of_two_rates_grows_band_by_band(visit: Visit, server: str) -> None:
    page = visit(f"{server}/map?window=0.02_800_0.02_9")
    page.evaluate("""() => {
      window.bands = [];
      window.least = Infinity;
      const look = () => {
        const there = document.querySelectorAll('[data-testid=stVegaLiteChart] svg.marks image').length;
        if (there && window.bands.at(-1) !== there) window.bands.push(there);
        window.least = Math.min(window.least, document.querySelector('.st-key-map-picture').clientHeight);
        requestAnimationFrame(look);
      };
      look();
    }""")
    page.get_by_role("button", name="Zoom out").click()
    page.wait_for_function("() => window.bands.length > 2 && window.bands.at(-1) === 1", timeout=120_000)
    settle(page)
    bands = page.evaluate("window.bands")
    growing = bands[: bands.index(max(bands))]
    assert len(growing) > 1 and growing == sorted(growing), bands
    assert page.evaluate("window.least") >= 560, "what lies below does not jump"
    assert page.get_by_text("So far").count() == 0
