"""The static site: its files, and what a reader does with it in Chromium, from a folder and from a web server."""

from __future__ import annotations

import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from benchmarks.browser import free_port
from core import LINE_PRESETS, NETWORK_PRESETS, PRESETS, Experiment, diagnose, train
from core.diagnosis.measures import measures
from core.drawing.lanes import heading
from core.export.site import MOST_BYTES, main, site
from core.export.site_index import COMPARE, HOME, line_page, network_page
from core.instruments.network.events import events
from core.story.lessons import LESSONS
from core.words import number, typed
from tests.browser.page import NOTES, assert_accessible, scrub, settle
from tests.browser.stage import drag, field, handle, rates, seen, slider

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
WHERE = "courses/lab"  # a web server has it below a path
EXACTLY = "cells => cells.map((cell) => cell.title)"  # a number is rounded, and has every digit under the mouse
Look = Callable[..., Page]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as `make site` writes it."""
    to = tmp_path_factory.mktemp("web") / WHERE
    subprocess.run([sys.executable, "-m", "core.export.site", str(to)], cwd=ROOT, check=True, capture_output=True)
    return to


@pytest.fixture(scope="module")
def web(folder: Path) -> Iterator[str]:
    """The address of the site on a web server that knows only files."""
    root, port = folder.parents[1], free_port()
    command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", str(root)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}/{WHERE}/"
    for _ in range(100):
        try:
            urllib.request.urlopen(address, timeout=1).close()
            break
        except OSError:
            time.sleep(0.1)
    yield address
    server.terminate()
    server.wait(20)


@pytest.fixture(params=["from a folder", "from a web server"])
def look(request: pytest.FixtureRequest, browser: Browser, folder: Path) -> Iterator[Look]:
    """Open a page of the site; it must neither complain nor ask for anything that is no part of the site."""
    base = f"{folder.as_uri()}/" if request.param == "from a folder" else request.getfixturevalue("web")
    contexts, complaints = [], []

    def allowed(url: str) -> bool:
        return url.startswith((base, "data:", "blob:"))

    def open_page(name: str, width: int = 1280, theme: str = "light") -> Page:
        size = {"width": width, "height": 900}
        context = browser.new_context(viewport=size, color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
        contexts.append(context)
        context.add_init_script(NOTES)
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda asked: None if allowed(asked.url) else complaints.append(asked.url))
        page.goto(base + name)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


class Addresses(HTMLParser):
    """Every address in a page: where its links lead, and what it loads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("href", "src", "action", "srcset", "poster", "data"):
                (self.links if (tag, name) == ("a", "href") else self.loads).append(value or "")


def test_it_is_small_and_the_same_each_time(folder: Path) -> None:
    written = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert sum(map(len, written.values())) <= MOST_BYTES == 12_000_000
    assert written == {name: text.encode() for name, text in site()}


def test_every_address_is_relative_and_its_file_is_there(folder: Path) -> None:
    for page in folder.glob("*.html"):
        found = Addresses(page.read_text())
        for address in [*found.links, *(each for each in found.loads if not each.startswith("data:"))]:
            parts = urlsplit(address)
            assert not parts.scheme and not parts.netloc and not address.startswith("/"), (page.name, address)
            assert (folder / (parts.path or page.name)).is_file(), (page.name, address)
        assert page.name == HOME or HOME in found.links, page.name


def test_a_page_may_load_nothing_but_its_own_and_the_script_that_all_share(folder: Path) -> None:
    for page in folder.glob("*.html"):
        text = page.read_text()
        assert "Content-Security-Policy\" content=\"default-src 'none';" in text, page.name
        assert set(Addresses(text).loads) - {"vega.js"} == {
            each for each in Addresses(text).loads if each.startswith("data:image/")
        }


def test_without_a_folder_it_says_how_to_call_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == main(["--help"]) == 2
    assert capsys.readouterr().err.startswith("usage: python -m ")


def test_every_preset_and_lesson_has_its_page(folder: Path) -> None:
    home = Addresses((folder / HOME).read_text()).links
    assert {line_page(name) for name in PRESETS} | {network_page(name) for name in NETWORK_PRESETS} <= set(home)
    assert len([link for link in home if link.startswith("lesson-")]) == 2 * len(LESSONS)


def shown(name: str) -> list[float]:
    """A preset's rates as the fields of its lanes round them."""
    return [float(typed(number(rate))) for rate in PRESETS[name].learning_rates]


def test_from_the_first_page_a_reader_comes_to_a_preset_moves_a_rate_and_comes_back(look: Look) -> None:
    page = look(HOME)
    page.get_by_role("link", name="The article's three").click()
    page.wait_for_selector(".stage[data-ready]")
    settle(page)
    history = train(Experiment())
    assert [card["verdict"] for card in seen(page)["cards"]] == [heading(said) for said in diagnose(history)]
    assert seen(page)["cards"][1]["numbers"]["loss"] == number(float(history.loss[1, -1]))

    before = seen(page)["cards"][1]["curve"]
    slider(page, "B").focus()
    page.keyboard.press("ArrowRight")
    expect(field(page, "B")).to_have_value("0.012")
    settle(page)
    other = train(Experiment(learning_rates=(1e-6, 0.012, 1.0)))
    assert seen(page)["cards"][1]["numbers"]["loss"] == number(float(other.loss[1, -1]))
    assert seen(page)["cards"][1]["curve"] != before

    drag(page, "C", -200)
    settle(page)
    moved = rates(page)[2]
    assert moved < 1.0
    last = float(train(Experiment(learning_rates=(moved,))).loss[0, -1])
    told = float(typed(seen(page)["cards"][2]["numbers"]["loss"]))
    assert told == pytest.approx(last, rel=0.01), "the field has four digits of the rate"
    page.get_by_role("link", name="All experiments").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Learning-Rate Lab")


def test_another_preset_is_one_click_and_the_address_keeps_what_is_shown(look: Look) -> None:
    page = look(line_page("look-alikes"))
    page.wait_for_selector(".stage[data-ready]")
    assert rates(page) == shown("look-alikes")
    expect(page.get_by_text(LINE_PRESETS["look-alikes"].look)).to_be_visible()
    page.get_by_role("link", name="Momentum rings").click()
    expect(field(page, "C")).to_have_value("0.17")
    settle(page)
    assert rates(page) == shown("momentum")
    expect(page.get_by_text(LINE_PRESETS["look-alikes"].look)).to_be_hidden()
    table = page.locator("section:visible tbody tr td:nth-child(4)").evaluate_all(EXACTLY)
    assert [float(cell) for cell in table] == train(PRESETS["momentum"]).loss[:, -1].tolist()

    handle(page, "A").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("location.search.includes('lr=')")
    kept = rates(page)
    assert kept != shown("momentum")
    page.get_by_role("button", name="Dark").click()  # which leaves the rates as they are
    settle(page)
    assert rates(page) == kept
    page.reload()
    page.wait_for_selector(".stage[data-ready]")
    assert rates(page) == kept
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.go_back()
    page.go_back()
    expect(field(page, "B")).to_have_value(typed(number(PRESETS["look-alikes"].learning_rates[1])))


def test_an_address_with_rates_that_were_not_trained_shows_the_nearest(look: Look) -> None:
    page = look(f"{COMPARE}?preset=article&lr=0.0123&lr=1&lr=x&lr=2e9")
    page.wait_for_selector(".stage[data-ready]")
    settle(page)
    assert rates(page)[:2] == [0.012, 1.0] and 1.0 < rates(page)[2] < 100
    last = float(train(Experiment(learning_rates=(0.012,))).loss[0, -1])
    assert seen(page)["cards"][0]["numbers"]["loss"] == number(last)


def test_undo_leads_back_to_the_preset_before(look: Look) -> None:
    page = look(COMPARE)
    page.wait_for_selector(".stage[data-ready]")
    settle(page)
    page.get_by_role("link", name="Penguins, standardized").click()
    expect(field(page, "C")).to_have_value("1.1")
    settle(page)
    page.get_by_role("button", name="Undo").click()
    expect(field(page, "C")).to_have_value("1")
    assert rates(page) == shown("article")


@pytest.mark.parametrize("name", ["circles", "digits"])
def test_a_recorded_network_plays_and_ends_where_it_ended(look: Look, name: str) -> None:
    page = look(network_page(name))
    page.wait_for_selector("[data-drawn]")
    history = train(NETWORK_PRESETS[name].experiment)
    table = page.locator("tbody tr td:nth-child(4)").evaluate_all(EXACTLY)
    assert [float(cell) for cell in table] == pytest.approx(history.loss[:, -1].tolist(), rel=1e-9)
    shown = ".chart svg image:not([width='0'])"
    ended = page.locator(shown).evaluate_all("images => images.map(image => image.getAttribute('href'))")
    told = events(history, measures(history))
    expect(page.locator(".happens")).to_have_text(told[-1].sentence)
    scrub(page, 3)
    moved = page.locator(shown).evaluate_all("images => images.map(image => image.getAttribute('href'))")
    assert len(ended) == len(moved) == 3 and ended != moved
    said = page.locator(".scrubber output").inner_text()
    page.get_by_role("button", name="Play").click()
    expect(page.locator(".scrubber output")).not_to_have_text(said)
    page.get_by_role("button", name="Pause").click()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page_fits_a_phone_and_can_be_used_by_everybody(look: Look, folder: Path, theme: str) -> None:
    for name in (HOME, COMPARE, network_page("edge"), "lesson-one-step.html"):
        page = look(name, width=390, theme=theme)
        if name == COMPARE:
            page.wait_for_selector(".stage[data-ready]")
        if re.match("network", name):
            page.wait_for_selector("[data-drawn]")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, name
        assert_accessible(page)
