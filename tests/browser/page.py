"""What the tests do to a page in the browser, and what they read off it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, TimeoutError

Visit = Callable[..., Page]


def open_help(page: Page, link: str) -> None:
    """Open what stands behind the "?" at the head, until this link is there: on a page just drawn it may close."""
    for _ in range(3):
        page.get_by_role("button", name="?", exact=True).first.click()
        try:
            page.get_by_role("link", name=link, exact=True).wait_for(timeout=5_000)
        except TimeoutError:
            continue
        return
    raise AssertionError(f"the help of {page.url} stays closed")


CHART = ":is([data-testid=stVegaLiteChart], .stage[data-ready] .chart)"  # Streamlit's, and the stage's
CHARTS = f"{CHART} svg.marks"
# Notes in a page whether what it last asked of its server was heard, and since when nothing on it has changed. Heard is
# what a run of the script has begun for: the next message alone may be the end of the run before. Where no run is seen
# to begin, as of what asks for none, it counts after two seconds.
NOTES = """
  window.asked = 0;
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (data) {
    window.unheard = true;
    window.asked += 1;
    window.askedAt = performance.now();
    return send.call(this, data);
  };
  new MutationObserver((changes) => {
    window.still = 0;
    const begins = ({ target, attributeName }) =>
      attributeName === 'data-test-script-state' && target.dataset.testScriptState === 'running';
    if (changes.some(begins)) window.unheard = false;
  }).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
"""
# Asked once a frame: whether the page has been at rest for ten, a sixth of a second where nothing else is going on.
# A stage that says that something is missing is at rest too.
STILL = """() => {
  const app = document.querySelector('[data-testid=stApp]');
  const file = document.querySelector('meta[http-equiv=Content-Security-Policy]');  // a report, or a page of the site
  const busy = (window.unheard && performance.now() - window.askedAt < 2000)
    || (!file && app?.dataset.testScriptState !== 'notRunning')
    || document.querySelector('[data-testid=stStatusWidget], [data-testid=stSkeleton], [data-stale=true]')
    || document.querySelector('.st-key-training-bar [data-testid=stProgress]')
    || [...document.querySelectorAll('.stage:is(.loading, :not([data-ready]), :has(.pending))')].some(
      (stage) => !stage.querySelector('.status:not([hidden])'))
    || [...document.querySelectorAll('[data-testid=stVegaLiteChart]')].some(
      (chart) => chart.checkVisibility() && !chart.querySelector('canvas, svg.marks'));
  window.still = busy ? 0 : window.still + 1;
  return window.still > 10;
}"""
AXE = Path(__file__).parents[1] / "node_modules" / "axe-core" / "axe.min.js"
# What axe-core finds, WCAG's size of targets included, but for what of each rule is known and is not ours. On a dark
# page its colours alone: all else is as on the light one.
FAULTS = """async (known) => (await axe.run({
    elementRef: true, resultTypes: ['violations'],
    ...(matchMedia('(prefers-color-scheme: dark)').matches ? { runOnly: ['color-contrast', 'link-in-text-block'] }
      : { rules: { 'target-size': { enabled: true } } }),
  })).violations.filter(({ impact }) => ['serious', 'critical'].includes(impact))
  .flatMap(({ id, nodes }) => nodes
    .filter(({ element }) => !(known[id] && element.matches(known[id])))
    .map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`))"""
PALE = Path(__file__).with_name("text_contrast.js").read_text()
# What must be so on every page at every size.
WRONG = """() => {
  const main = document.querySelector('[data-testid=stMain]');
  const charts = [...document.querySelectorAll('[data-testid=stVegaLiteChart], .stage .chart[role=img]')].filter(
    (chart) => chart.querySelector('canvas, svg.marks'));  // one on a later slide gets its words when it is drawn
  const wrong = charts.map((chart) => chart.getAttribute('aria-label') || '').filter((words) => words.length <= 20)
    .map((words) => `a chart is told in these words alone: "${words}"`);
  for (const error of document.querySelectorAll('[data-testid=stException], [data-testid=stAlertContentError]'))
    wrong.push(error.innerText);
  if (main.scrollWidth > main.clientWidth + 1) wrong.push('the page scrolls sideways');
  return wrong;
}"""


def settle(page: Page) -> None:
    """Wait until the server, where there is one, has no more to say and the charts in sight are drawn."""
    page.evaluate("window.still = 0")
    page.wait_for_function(STILL, timeout=180_000)


def assert_sound(page: Page, charts: int = 1) -> None:
    """It has come to rest with at least so many charts, all told in words, no error, nothing wider than the screen."""
    settle(page)
    assert page.locator(CHART).count() >= charts, page.url
    wrong = page.evaluate(WRONG)
    assert wrong == [], f"{page.url}: {wrong}"


def assert_accessible(page: Page, known: Mapping[str, str] = MappingProxyType({})) -> None:
    """axe-core finds no serious or critical fault, and no text is too pale.

    known: by the name of a rule the selector of what breaks it and can't be mended here.
    """
    settle(page)
    assert_no_faults(page, page.url, known)


def assert_no_faults(page: Page, words: str, known: Mapping[str, str] = MappingProxyType({})) -> None:
    """The same of a page as it is now, which need not be one of Streamlit's.  words: where it is."""
    page.evaluate(AXE.read_text())
    found = page.evaluate(FAULTS, dict(known)) + page.evaluate(PALE)
    assert not found, "\n".join([words, *found])


def query(page: Page) -> dict[str, list[str]]:
    """The words of the address."""
    return parse_qs(urlsplit(page.url).query)


def lines(page: Page, words: str, which: int = 0) -> list[str]:
    """The drawn lines (SVG path data) of the chart whose alternative text begins so."""
    chart = page.locator(f'{CHART}[aria-label^="{words}"]').nth(which)
    return chart.locator("svg.marks g.mark-line path").evaluate_all(
        "paths => paths.map(path => path.getAttribute('d') || '')"
    )


def scrub(page: Page, moment: int) -> None:
    """Move the slider of the app, or of a report."""
    page.locator(".scrubber input[type=range]").first.evaluate(
        "(slider, to) => { slider.value = to; slider.dispatchEvent(new Event('input')) }", moment
    )
    settle(page)


def enter(page: Page, label: str, number: str) -> None:
    """Type a number into the field of this label, and Enter; done when the server has heard what it changes."""
    field, before, asked = page.get_by_label(label, exact=True), page.url, page.evaluate("window.asked")
    field.fill(number)
    field.press("Enter")
    if page.url != before:  # the stage's address bar is ahead of what it tells the server
        page.wait_for_function("asked => window.asked > asked", arg=asked)
    settle(page)


@contextmanager
def told(page: Page) -> Iterator[None]:
    """What is done in this block is told to the server, and answered when the block ends."""
    before = page.evaluate("window.asked")
    yield
    page.wait_for_function("before => window.asked > before", arg=before)
    settle(page)


@contextmanager
def no_call(page: Page) -> Iterator[None]:
    """What is done in this block asks nothing of the server, nor of anybody else."""
    sent: list[str] = []
    page.on("request", lambda request: None if request.url.startswith("data:") else sent.append(request.url))
    before = page.evaluate("window.asked")
    yield
    assert sent == []
    assert page.evaluate("window.asked") == before
