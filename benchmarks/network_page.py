"""The network page in a real browser: what it weighs, how long a step of its scrubber takes to be seen, and how soon
after a click, and at what cost, a network is seen while it trains.
"""

import pickle
import statistics
from collections.abc import Iterator
from functools import partial
from urllib.parse import urlencode

from playwright.sync_api import Page, WebSocket

from benchmarks.browser import DRAWN_CHART, chromium, server
from benchmarks.table import Row, at_most, seconds
from core import NETWORK_PRESETS, Experiment
from core.experiment.cost import AT_ONCE_SECONDS
from core.instruments.network.scene import trained_network_scene
from server.worker_process import Seen, shower

_PAYLOAD, _PAINT = 0.6, 60  # MB of 10^6 bytes, ms
_FIRST, _SEEN = 0.3, 1.15  # seconds until something moves, and times what training takes that nobody sees
_TRAININGS = 3
_STEPS = 40
_VIEWS = '.stage .chart[aria-label*="what the network says"]'
_PATIENCE = 90_000  # ms: a busy machine is slow, not broken
# Moves the scrubber by one moment at the beginning of a frame, where a browser tells of a moved pointer, and waits
# until each lane shows another picture and the screen was painted. One step is thrown away.
_SCRUB = """async ([steps, selector]) => {
  const slider = document.querySelector('.scrubber .moment');
  const views = [...document.querySelectorAll(selector)];
  const pictures = () => views.map((view) => [...view.querySelectorAll('svg.marks image')]
    .findIndex((image) => image.getAttribute('width') !== '0'));
  const frame = () => new Promise(requestAnimationFrame);
  const painted = () => new Promise((done) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = done;
    port2.postMessage(0);
  });
  const times = [];
  for (let moment = 0; moment <= steps; moment++) {
    await frame();
    const before = pictures(), start = performance.now();
    slider.value = moment;
    slider.dispatchEvent(new Event('input'));
    await painted();
    while (pictures().some((picture, lane) => picture === before[lane])) {
      if (performance.now() - start > 5000) throw new Error(`nothing moved at moment ${moment}`);
      await frame();
      await painted();
    }
    if (moment > 0) times.push(performance.now() - start);
  }
  return times;
}"""

# Clicks a preset, and says how many ms later there is a curve that was not there before.
_CLICK = """async (title) => {
  const curves = () => [...document.querySelectorAll('.stage .chart g.mark-line path')]
    .map((path) => path.getAttribute('d'));
  const before = new Set(curves()), start = performance.now();
  [...document.querySelectorAll('.st-key-presets a')].find((link) => link.innerText.includes(title)).click();
  while (curves().every((curve) => !curve || before.has(curve))) await new Promise(requestAnimationFrame);
  return performance.now() - start;
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
        page.locator(DRAWN_CHART).first.wait_for(timeout=_PATIENCE)
        before = sum(received)
        _wait_until_drawn(page)
        pictures = page.locator(f"{_VIEWS} svg.marks image").count()
        times = page.evaluate(_SCRUB, [_STEPS, _VIEWS])
    details = f"{pictures} pictures"
    all_told = f"with all looks at the run {sum(received) / 1e6:.2f} MB"
    yield at_most("network page, sent until its first chart is drawn", _PAYLOAD, before / 1e6, "MB", all_told)
    yield at_most("network page, a scrubber step until painted", _PAINT, statistics.median(times), "ms", details)
    yield _first_moved()
    yield _seen()


def _first_moved() -> Row:
    """From a click on each preset that takes longer than a moment, never trained before; the slowest of them."""
    times: dict[str, float] = {}
    slow = [preset for preset in NETWORK_PRESETS.values() if preset.experiment.seconds() > AT_ONCE_SECONDS]
    with server("app.py") as address, chromium() as browser:
        page = browser.new_page(viewport={"width": 1440, "height": 1000}, reduced_motion="reduce")
        page.goto(f"{address}/network")
        _wait_until_drawn(page)
        for preset in slow:
            times[preset.title] = page.evaluate(_CLICK, preset.title) / 1000
            _wait_until_trained(page)
    slowest = max(times, key=lambda title: times[title])
    details = f"{slowest}; median {statistics.median(times.values()):.2f} s"
    return at_most("network page, click to first moved curve, slowest preset", _FIRST, times[slowest], "s", details)


def _seen() -> Row:
    """What it costs a worker to show a run while it trains it, each as often as a worker does."""
    experiment = NETWORK_PRESETS["edge"].experiment
    alone, seen = [], []
    for _ in range(_TRAININGS):
        alone.append(seconds(partial(trained_network_scene, experiment)))
        seen.append(seconds(partial(_train_in_sight, experiment)))
    ratio = statistics.median(seen) / statistics.median(alone)
    return at_most("training that is seen, to training unseen", _SEEN, ratio, "x", f"{statistics.median(seen):.2f} s")


def _train_in_sight(experiment: Experiment) -> None:
    def send(seen: Seen) -> None:
        pickle.dumps(seen)  # as a pipe to the server does

    trained_network_scene(experiment, show=shower(send))


def _weigh(socket: WebSocket, received: list[int]) -> None:
    socket.on("framereceived", lambda frame: received.append(len(frame)))


def _wait_until_drawn(page: Page) -> None:
    _wait_until_trained(page)
    page.wait_for_selector(f"{_VIEWS} svg.marks image", state="attached")


def _wait_until_trained(page: Page) -> None:
    page.locator(DRAWN_CHART).first.wait_for(timeout=_PATIENCE)
    page.wait_for_timeout(500)
    page.wait_for_selector(".st-key-training-bar", state="detached", timeout=_PATIENCE)
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=_PATIENCE)
    page.wait_for_load_state("networkidle")
