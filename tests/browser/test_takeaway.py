"""What is taken away, opened by who opens it: the report and the handout in Chromium, without a network."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from core import NETWORK_PRESETS, Experiment, diagnose, train
from core.drawing.lanes import heading
from core.export.handout import answer_sheet, on_paper, question_sheet
from core.export.stage_report import report_of
from core.story.lessons import LESSONS
from core.words import number
from tests.browser.page import Visit, scrub, settle
from tests.browser.stage import field, handle, seen, slider

pytestmark = pytest.mark.slow

Open = Callable[..., Page]
REPORT = "A report, for a lecture without a network"
_PATIENCE = 120_000  # ms: the first file of a worker waits for all that makes files to be loaded


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("taken")


def take(page: Page, fold: str, button: str, to: Path) -> Path:
    page.get_by_role("button", name="Export").click()
    page.get_by_text(fold, exact=True).click()
    with page.expect_download(timeout=_PATIENCE) as waiting:
        page.get_by_role("button", name=button).click()
    waiting.value.save_as(to / waiting.value.suggested_filename)
    return to / waiting.value.suggested_filename


def shapes(page: Page) -> list[str]:
    """Every drawn line of every chart."""
    lines: list[str] = page.locator(".chart svg g.mark-line path").evaluate_all(
        "paths => paths.map(path => path.getAttribute('d') || '')"
    )
    return lines


def test_the_report_of_the_first_page_plays_without_a_network_and_its_pictures_come_as_chosen(
    visit: Visit, server: str, offline: Open, folder: Path
) -> None:
    app = visit(server)
    page = offline(take(app, REPORT, "One HTML file", folder))
    page.wait_for_selector(".stage[data-ready]")
    expect(page.locator(".stage .chart svg.marks:visible")).to_have_count(10)
    ended = shapes(page)
    scrub(page, 5)
    assert shapes(page) != ended
    expect(page.locator(".play-bar output")).to_have_text("epoch 5 of 1,000")
    page.get_by_role("button", name="Play").click()
    expect(page.locator(".play-bar output")).not_to_have_text("epoch 5 of 1,000")
    page.get_by_role("button", name="Pause").click()
    scrub(page, 10_000)
    history = train(Experiment())
    assert [card["verdict"] for card in seen(page)["cards"]] == [heading(said) for said in diagnose(history)]
    assert seen(page)["cards"][1]["numbers"]["loss"] == number(float(history.loss[1, -1]))

    table = page.locator("tbody tr").evaluate_all("rows => rows.map(row => [...row.cells].map(cell => cell.title))")
    assert [float(row[3]) for row in table[:2]] == history.loss[:2, -1].tolist()
    assert history.parameters is not None
    assert [[float(cell) for cell in row[4:6]] for row in table[:2]] == history.parameters[:2, -1].tolist()
    link = page.get_by_role("link", name="Download the numbers").get_attribute("href") or ""
    lines = unquote(link.partition(",")[2]).splitlines()
    rows = list(csv.DictReader(lines))
    assert len(rows) == history.loss.size
    good = [float(row["loss"]) for row in rows if row["learning_rate"] == "0.01"]
    assert good == history.loss[1].tolist()

    slider(page, "B").focus()  # its slider lives: the deck is inside
    page.keyboard.press("ArrowRight")
    expect(field(page, "B")).to_have_value("0.012")
    settle(page)
    other = train(Experiment(learning_rates=(1e-6, 0.012, 1.0)))
    assert seen(page)["cards"][1]["numbers"]["loss"] == number(float(other.loss[1, -1]))
    handle(page, "B").focus()
    page.keyboard.press("End")
    expect(page.locator('.stage .card[data-lane="B"] .verdict')).to_contain_text("Too high")

    app.get_by_text("A picture", exact=True).click()
    app.get_by_role("radio", name="SVG").click()  # a picture that is chosen is the one that comes
    settle(app)
    with app.expect_download(timeout=_PATIENCE) as waiting:
        app.get_by_role("button", name="Download SVG").click()
    assert waiting.value.suggested_filename == "compare-losses-light.svg"
    assert b"<title>Loss of every learning rate</title>" in Path(waiting.value.path()).read_bytes()


def test_the_report_of_a_network_moves_its_pictures_and_fits_a_phone_in_the_dark(
    visit: Visit, server: str, offline: Open, folder: Path
) -> None:
    file = take(visit(f"{server}/network"), REPORT, "One HTML file", folder)
    page = offline(file, width=390, theme="dark")
    page.wait_for_selector("[data-drawn]")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(23, 22, 20)"
    shown = ".chart svg image:not([width='0']):visible"
    before = page.locator(shown).evaluate_all("images => images.map(image => image.getAttribute('href'))")
    scrub(page, 3)
    after = page.locator(shown).evaluate_all("images => images.map(image => image.getAttribute('href'))")
    assert len(before) == len(after) == 3 and before != after
    page.get_by_role("button", name="Light").click()
    expect(page.locator("body")).to_have_css("background-color", "rgb(255, 255, 255)")


@pytest.mark.parametrize("data", ["article", "circles"])
def test_a_report_prints_on_paper_whole_and_light_from_a_dark_screen_too(
    offline: Open, folder: Path, data: str
) -> None:
    experiment = Experiment() if data == "article" else NETWORK_PRESETS[data].experiment
    history = train(experiment)
    file = folder / f"{data}.html"
    file.write_text(report_of(history))
    page = offline(file, width=1280, theme="dark")
    page.wait_for_selector(".stage[data-ready], [data-drawn]")
    reader = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    assert len(reader.pages) <= 2
    text = " ".join(" ".join(each.extract_text().split()) for each in reader.pages)
    for diagnosis in diagnose(history):
        assert diagnosis.title in text and diagnosis.reason.split()[0] in text
    assert "v=1" in text, "nor is the end cut"
    lefts = page.locator(".handle").evaluate_all("handles => handles.map((each) => each.style.left.slice(-1))")
    assert set(lefts) <= {"%"}, "on paper the ruler shrinks, where no script moves what stands on it"
    page.set_viewport_size({"width": 718, "height": 1000})  # A4 without its margins
    page.emulate_media(media="print")
    assert page.evaluate("document.documentElement.scrollWidth") <= 718, "no column is cut"
    tops = page.locator(".lanes > *").evaluate_all("cards => cards.map(card => card.getBoundingClientRect().top)")
    assert len(tops) == 3 and len(set(tops)) == 1, "three lanes stand in one row"
    if data == "circles":
        image = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("L")
        ink = image.histogram()
        assert sum(ink[:60]) < 0.05 * sum(ink), "no chart is drawn on dark paper"


@pytest.mark.parametrize("place", range(1, len(LESSONS) + 1))
def test_each_handout_prints_on_one_or_two_sheets(offline: Open, folder: Path, place: int) -> None:
    sheet = on_paper(place)
    for name, html in (("questions", question_sheet(sheet)), ("answers", answer_sheet(sheet))):
        file = folder / f"{sheet.lesson}-{name}.html"
        file.write_text(html)
        reader = PdfReader(io.BytesIO(offline(file).pdf(prefer_css_page_size=True)))
        assert len(reader.pages) <= 2
        size = reader.pages[0].mediabox
        assert (round(float(size.width)), round(float(size.height))) == pytest.approx((595, 842), abs=1)
        text = "".join(page.extract_text() for page in reader.pages)
        assert sheet.title in text and "Question 1" in text
