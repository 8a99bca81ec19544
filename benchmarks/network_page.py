"""The network page in a real browser: what it weighs, and how long a step of its scrubber takes to be seen."""

import statistics
from collections.abc import Iterator
from urllib.parse import urlencode

from playwright.sync_api import Page, WebSocket

from benchmarks.browser import DRAWN_CHART, chromium, server
from benchmarks.table import Row, at_most
from core import NETWORK_PRESETS

_PAYLOAD, _PAINT = 0.9, 60  # MB of 10^6 bytes, ms
_STEPS = 40
_VIEWS = '[data-testid=stVegaLiteChart][aria-label*="what the network says"]'
_PATIENCE = 90_000  # ms: a busy machine is slow, not broken
# Moves the scrubber by one moment and waits until each lane shows another picture and the screen was painted once
# more. One step is thrown away.
_SCRUB = """async ([steps, selector]) => {
  const slider = document.querySelector('.scrubber .moment');
  const views = [...document.querySelectorAll(selector)];
  const pictures = () => views.map((view) => [...view.querySelectorAll('svg.marks image')]
    .findIndex((image) => image.getAttribute('opacity') !== '0'));
  const frame = () => new Promise(requestAnimationFrame);
  const times = [];
  for (let moment = 0; moment <= steps; moment++) {
    const before = pictures(), start = performance.now();
    slider.value = moment;
    slider.dispatchEvent(new Event('input'));
    while (pictures().some((picture, lane) => picture === before[lane])) {
      if (performance.now() - start > 5000) throw new Error(`nothing moved at moment ${moment}`);
      await frame();
    }
    await frame();
    if (moment > 0) times.push(performance.now() - start);
  }
  return times;
}"""


def rows() -> Iterator[Row]:
    """The network page's rows: three lanes, about a hundred pictures each, with sharpness."""
    experiment = NETWORK_PRESETS["edge"].experiment
    received: list[int] = []
    with (
        server("app.py") as address,
        chromium() as browser,
        browser.new_context(viewport={"width": 1440, "height": 1000}) as context,
    ):
        page = context.new_page()
        page.on("websocket", lambda socket: _weigh(socket, received))
        page.goto(f"{address}/network?{urlencode(experiment.to_query(), doseq=True)}")
        _wait_until_drawn(page)
        pictures = page.locator(f"{_VIEWS} svg.marks image").count()
        times = page.evaluate(_SCRUB, [_STEPS, _VIEWS])
    details = f"{pictures} pictures"
    yield at_most("network page, all it is sent", _PAYLOAD, sum(received) / 1e6, "MB", details)
    yield at_most("network page, a scrubber step until painted", _PAINT, statistics.median(times), "ms", details)


def _weigh(socket: WebSocket, received: list[int]) -> None:
    socket.on("framereceived", lambda frame: received.append(len(frame)))


def _wait_until_drawn(page: Page) -> None:
    page.locator(DRAWN_CHART).first.wait_for(timeout=_PATIENCE)
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=_PATIENCE)
    page.wait_for_load_state("networkidle")
    page.wait_for_selector(f"{_VIEWS} svg.marks image", state="attached")
