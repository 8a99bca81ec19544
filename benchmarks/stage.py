"""The compare page in a real browser: how soon the stage follows the hand, is there, and what that sends and costs."""

import asyncio
import gzip
import json
import statistics
from collections.abc import Iterator
from contextlib import suppress
from itertools import combinations
from urllib.error import HTTPError
from urllib.request import urlopen

import psutil
from playwright.sync_api import Browser, Page, WebSocket

from benchmarks.browser import DRAWN_CHART, chromium, process, server
from benchmarks.table import Row, at_most, seconds
from benchmarks.visitor import Visitor
from core import Experiment
from core.drawing.deck import family

_READY = ".stage[data-ready]"
_MOVES, _OPENED, _RUNS = 100, 7, 60
_WARM, _SETTLED = 20, 0.05  # runs until all is imported and kept; seconds after a run in which the server tidies up
_PATIENCE = 90_000  # ms: a busy machine is slow, not broken
_SENT = 60  # kB of 1000 bytes
# Moves a slider so many times, and says how many ms each took until a frame was painted that shows it. As a browser
# hands out the hand's own movements, each comes at the beginning of a frame; a task that was posted there runs when the
# frame is painted. The stage says by its measure that all was drawn before.
_MOVE = """async ([selector, measure, stops, moves]) => {
  const slider = document.querySelector(selector), times = [];
  const painted = () => new Promise((done) => requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = done;
    channel.port2.postMessage(0);
  }));
  const count = () => performance.getEntriesByName(measure).length;
  for (let move = 0; move <= moves; move += 1) {
    const before = count();
    let from;
    requestAnimationFrame(() => {
      from = performance.now();
      slider.value = stops[move % stops.length];
      slider.dispatchEvent(new Event('input'));
    });
    do await painted(); while (count() === before);
    if (move) times.push(performance.now() - from);  // the first is thrown away
  }
  return times;
}"""
_SLIDER, _SCRUBBER = '[data-lane="B"] input[type=range]', ".stage .play-bar .moment"


def rows() -> Iterator[Row]:
    """The stage's rows of the table."""
    with chromium() as browser, server("app.py") as lab, server("benchmarks/one_chart.py") as plain:
        yield from _hand(browser, lab)
        yield _opened(browser, lab, plain)
    yield from _processor()


def _hand(browser: Browser, lab: str) -> Iterator[Row]:
    """How soon it follows, and how much it sends."""
    told: list[bytes] = []
    sent: list[str | bytes] = []
    with browser.new_context(viewport={"width": 1440, "height": 1000}, reduced_motion="reduce") as context:
        page = context.new_page()
        page.on("websocket", lambda socket: _listen(socket, told, sent))
        page.goto(lab)
        page.wait_for_selector(_READY, timeout=_PATIENCE)
        _at_rest(page)
        deck = page.evaluate(
            "performance.getEntriesByType('resource').find(({name}) => name.includes('/deck?')).encodedBodySize"
        )
        page_bytes = len(gzip.compress(b"".join(told))) + deck
        page.on("request", lambda request: sent.append(request.url))
        before = len(told), len(sent)
        stops = [*range(15, 40), *range(38, 15, -1)]
        drags = page.evaluate(_MOVE, [_SLIDER, "stage:drag", stops, _MOVES])
        more = sum(map(len, [*told[before[0] :], *sent[before[1] :]]))
        _at_rest(page)
        scrubs = page.evaluate(_MOVE, [_SCRUBBER, "stage:scrub", [*range(50), *range(48, 0, -1)], _MOVES])
    for what, times, goals in (("slider event", drags, (16, 33)), ("scrubber step", scrubs, (8, 33))):
        yield at_most(f"stage, {what} to painted, 3 lanes: median", goals[0], statistics.median(times), "ms")
        yield at_most(f"stage, {what} to painted, 3 lanes: worst of {_MOVES}", goals[1], max(times), "ms")
    yield at_most("compare page, sent for a drag", 0, more, "bytes", f"{_MOVES} movements")
    details = f"its deck is {deck / 1000:.0f} of them"
    yield at_most("compare page, all that a visit sends, compressed", _SENT, page_bytes / 1000, "kB", details)


def _listen(socket: WebSocket, told: list[bytes], sent: list[str | bytes]) -> None:
    socket.on("framereceived", lambda frame: told.append(frame.encode() if isinstance(frame, str) else frame))
    socket.on("framesent", lambda frame: sent.append(frame))


def _at_rest(page: Page) -> None:
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=_PATIENCE)
    page.wait_for_timeout(1500)  # the stage tells the page .6 s after the last movement


def _opened(browser: Browser, lab: str, plain: str) -> Row:
    """Until all is drawn, each time in a browser that has nothing of it yet; both servers are warm."""
    one, ours = [], []
    for _ in range(1 + _OPENED):
        one.append(seconds(lambda: _open(browser, plain, DRAWN_CHART)))
        ours.append(seconds(lambda: _open(browser, lab, _READY)))
    chart, stage = statistics.median(one[1:]), statistics.median(ours[1:])
    name = "compare page opened to all drawn, to a one-chart page's"
    return at_most(name, 1.2, stage / chart, "x", f"{stage:.2f} / {chart:.2f} s")


def _open(browser: Browser, address: str, drawn: str) -> None:
    with browser.new_context(viewport={"width": 1440, "height": 1000}, reduced_motion="reduce") as context:
        page = context.new_page()
        page.goto(address, wait_until="commit")
        page.wait_for_selector(drawn, state="visible", timeout=_PATIENCE)


def _processor() -> Iterator[Row]:
    """Processor time of a server: of a visitor's first run, and of a click that reaches it."""
    with process("app.py") as (lab, ours), process("benchmarks/eighty.py") as (plain, theirs):
        first, click, html = asyncio.run(_costs(lab, ours, plain, theirs))
    for name, goal, took in (("its first run", 0.6, first), ("a click that reaches the server", 0.3, click)):
        details = f"{1000 * took:.1f} / {1000 * html:.1f} ms"
        yield at_most(f"compare page, processor of {name}, to 80 st.html", goal, took / html, "x", details)


async def _costs(lab: str, ours: psutil.Process, plain: str, theirs: psutil.Process) -> list[float]:
    """Seconds of a first run, of a click, and of a first run of 80 st.html, which take turns.

    As in a class somebody else is there all the time: Streamlit forgets its compiled pages when the last one leaves.
    """
    spent, never_seen = [0.0, 0.0, 0.0], combinations(family(Experiment()).learning_rates, 3)
    await _until_loaded(lab)
    somebody = [Visitor(address=address.partition("//")[2]) for address in (lab, plain)]
    for each in somebody:
        await each.connect()
        await each.open()
    for k in range(_WARM + _RUNS):
        there, other = Visitor(address=lab.partition("//")[2]), Visitor(address=plain.partition("//")[2])
        await there.connect()
        await other.connect()
        rates = next(never_seen)
        steps = ((ours, there.open), (ours, lambda there=there, rates=rates: there.rest(rates)), (theirs, other.open))
        for which, (server_process, step) in enumerate(steps):
            before = _used(server_process)
            await step()
            await asyncio.sleep(_SETTLED)
            if k >= _WARM:
                spent[which] += _used(server_process) - before
        await there.leave()
        await other.leave()
    for each in somebody:
        await each.leave()
    return [each / _RUNS for each in spent]


async def _until_loaded(lab: str) -> None:
    """PyTorch, which a server imports in the background, is none of a visitor's cost."""
    state: dict[str, str] = {}
    while state.get("pytorch") not in ("loaded", "missing"):
        await asyncio.sleep(0.5)
        with suppress(HTTPError):  # it has no page yet
            state = json.loads(urlopen(f"{lab}/healthz").read())


def _used(server_process: psutil.Process) -> float:
    return float(sum(server_process.cpu_times()[:2]))
