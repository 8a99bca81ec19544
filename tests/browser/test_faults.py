"""What goes wrong in a lecture: the server dies and comes back, a reader closes the tab while much is being trained."""

from __future__ import annotations

import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, suppress

import psutil
import pytest
from playwright.sync_api import Browser, Page

from benchmarks.browser import free_port
from tests.browser.conftest import start_server

pytestmark = pytest.mark.slow

LONG = "/network?data=circles&hidden=8&hidden=8&epochs=400000"  # about 10 s on a fast machine, a minute on a busy one
AWAY = "[data-testid=stConnectionStatus]"
# How many epochs the bar says are trained, -1 where it says nothing yet.
DONE = """(() => {
  const words = document.querySelector('[data-testid=stProgress]')?.innerText.match(/epoch ([\\d,]+) of/);
  return words ? Number(words[1].replaceAll(',', '')) : -1;
})()"""
# The bar of a dead run stands until that of the new one, which begins again from the left, takes its place.
NOTES_A_NEW_RUN = f"""() => {{
  let last = 0;
  window.again = false;
  new MutationObserver(() => {{
    const now = {DONE};
    if (now < 0) return;
    window.again ||= now < last;
    last = now;
  }}).observe(document.body, {{ subtree: true, childList: true, characterData: true }});
}}"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A tab that may complain: these tests take its server away."""
    with closing(browser.new_context(viewport={"width": 1280, "height": 1000})) as context:
        yield context.new_page()


def train_long(page: Page, url: str) -> None:
    """Open the long run, and wait until it is well under way: a twentieth of it."""
    page.goto(url + LONG)
    page.wait_for_function(f"() => {DONE} >= 20_000", timeout=300_000)


def test_the_page_of_a_killed_server_comes_back_by_itself_with_its_experiment(page: Page) -> None:
    """The longest wait is Streamlit's own: its client asks every 4 s at last, and then the first page is imported anew.

    Measured on two cores: 4.5 s after a server that took 1.3 s to start.
    """
    port = free_port()
    server, url = start_server(port)
    train_long(page, url)
    page.evaluate(NOTES_A_NEW_RUN)
    before = page.url
    assert "epochs=400000" in before, "a run is in the address bar while it trains"
    server.kill()
    server.wait()
    page.locator("[role=dialog]").wait_for()
    said = page.locator("[data-testid=stDialog] h2 ~ div").evaluate(
        "told => [told.innerText.trim(), getComputedStyle(told, '::after').content]"
    )
    assert said[0] == "", "Streamlit tells the visitor to start the server"
    assert "comes back by itself" in said[1]
    server, _ = start_server(port)
    try:
        page.locator(AWAY).wait_for(state="detached", timeout=60_000)
        page.wait_for_function("() => window.again", timeout=60_000)
        assert page.url == before
        assert page.evaluate("window.again"), "never reloaded"
        assert page.locator("[role=dialog]").count() == 0
    finally:
        server.kill()
        server.wait()


def test_a_closed_tab_ends_its_long_run(page: Page) -> None:
    """A run that no page has looked at for five seconds ends; left alone it goes on for another 12 s and more."""
    server, url = start_server()
    busy = psutil.Process(server.pid)
    try:
        wait_for_pytorch(url)
        wait_until_idle(busy, 120, "the server never comes to rest")
        train_long(page, url)
        wait_until_it_has_worked(busy, 0.2, 60)
        workers = busy.children()
        assert workers
        page.close()
        wait_until_idle(busy, 10, "the server goes on for nobody")
        for worker in workers:
            with suppress(psutil.NoSuchProcess):  # it did not stop at once, and was ended
                wait_until_idle(worker, 10, "a worker goes on training for nobody")
    finally:
        server.kill()
        server.wait()


def wait_for_pytorch(url: str) -> None:
    """Wait until a server has loaded PyTorch, work that no reader asked for."""
    since = time.monotonic()
    while b'"pytorch":"loaded"' not in urllib.request.urlopen(f"{url}/healthz").read().replace(b" ", b""):
        assert time.monotonic() - since < 120, "PyTorch is never loaded"
        time.sleep(0.2)


def wait_until_it_has_worked(process: psutil.Process, seconds: float, most: float) -> None:
    """Wait until a process has had so many more seconds of a processor, however few a busy machine leaves it."""
    since, used = time.monotonic(), sum(process.cpu_times()[:2])
    while sum(process.cpu_times()[:2]) - used < seconds:
        assert time.monotonic() - since < most, "the run keeps the server busy"
        time.sleep(0.1)


def wait_until_idle(process: psutil.Process, most: float, complaint: str) -> None:
    """Wait until a process does nothing for half a second; fails with the complaint after so many seconds."""
    since = time.monotonic()
    while share(process, 0.5) > 0.05:
        assert time.monotonic() - since < most, complaint


def share(process: psutil.Process, seconds: float) -> float:
    """How much of one processor it takes during the next so many seconds."""
    return process.cpu_percent(seconds) / 100
