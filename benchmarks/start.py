"""From the command to the first chart in the browser, beside a page that has one chart and nothing else."""

import statistics
from collections.abc import Iterator

from playwright.sync_api import Browser

from benchmarks.browser import DRAWN_CHART, chromium, server
from benchmarks.table import Row, at_most, seconds

_STARTS = 5
_GOAL = 1.25
_PATIENCE = 90_000  # ms: a busy machine is slow, not broken


def rows() -> Iterator[Row]:
    """The start row of the table."""
    with chromium() as browser:
        _first_chart(browser, "benchmarks/one_chart.py")  # the files are read from disk once, for neither
        _first_chart(browser, "app.py")
        plain, ours = [], []
        for _ in range(_STARTS):
            plain.append(seconds(lambda: _first_chart(browser, "benchmarks/one_chart.py")))
            ours.append(seconds(lambda: _first_chart(browser, "app.py")))
    one, lab = statistics.median(plain), statistics.median(ours)
    yield at_most("start to first chart, to a one-chart page's", _GOAL, lab / one, "x", f"{lab:.2f} / {one:.2f} s")


def _first_chart(browser: Browser, script: str) -> None:
    with server(script) as address, browser.new_context() as context:
        page = context.new_page()
        page.goto(address, wait_until="commit")
        page.wait_for_selector(DRAWN_CHART, state="visible", timeout=_PATIENCE)
