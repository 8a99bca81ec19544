"""Slides for a hall, in a real browser: one at a time, large, stepped through without the server."""

from __future__ import annotations

import io

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.browser.page import CHART, Visit, enter, no_call, query, settle, told
from tests.browser.stage import drag, drags, rates, seen, watch

pytestmark = pytest.mark.slow

COMPARE = (
    "Learning-Rate Lab",
    "The ruler",
    "The curves",
    "The meter",
    "What happened",
    "The data and each line",
    "The loss over (w, b)",
    "w against the epoch",
    "What ran",
)
# All text that is seen, and how large it is drawn; but for formulas, whose exponents are smaller than their text.
TEXT = """() => {
  const seen = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, holder = node.parentElement, range = document.createRange();
    range.selectNodeContents(node);
    const box = range.getBoundingClientRect();
    const drawn = holder.getScreenCTM?.(), scale = drawn ? Math.hypot(drawn.a, drawn.b) : 1;
    if (node.textContent.trim() && box.width && box.height && !holder.closest('style, script, .katex'))
      seen.push([node.textContent.trim(), scale * parseFloat(getComputedStyle(holder).fontSize)]);
  }
  return seen;
}"""


# The words of charts that stick out of their picture.
CLIPPED = """() => [...document.querySelectorAll('svg.marks text')].filter((text) => {
  const box = text.getBoundingClientRect(), chart = text.closest('svg').getBoundingClientRect();
  return box.width && text.textContent.trim() && (box.left < chart.left - 2 || box.right > chart.right + 2
    || box.top < chart.top - 2 || box.bottom > chart.bottom + 2);
}).map((text) => text.textContent)"""


BOXES = "charts => charts.map(chart => { const { height } = chart.getBoundingClientRect(); return { height }; })"


def title(page: Page) -> str:
    return page.locator(".slides .title").inner_text()


def drawn(page: Page, words: str) -> Locator:
    """The charts whose words for those who can't see them begin so."""
    return page.locator(f'{CHART}[aria-label^="{words}"] svg.marks')


def present(visit: Visit, server: str, link: str = "?present=1", **options: object) -> Page:
    """The link at the size of a projector's screen."""
    page = visit(f"{server}/{link}", **({"width": 1440, "height": 900, "charts": 0} | options))
    page.wait_for_selector(".slides .next:not([disabled])")
    settle(page)
    return page


def step(page: Page, key: str = "ArrowRight") -> None:
    page.keyboard.press(key)
    settle(page)


def count(page: Page) -> int:
    return int(page.locator(".slides output").inner_text().split("/")[1])


def scanned(page: Page) -> list[str]:
    """What a scanner reads off the screen."""
    picture = Image.open(io.BytesIO(page.screenshot())).convert("L")
    return [found.text for found in zxingcpp.read_barcodes(picture)]


def assert_large(page: Page) -> None:
    """The slide can be read from the last row, and all of it is on the screen."""
    zoom = page.locator("[data-testid=stMainBlockContainer]").evaluate("main => Number(main.style.zoom || 1)")
    assert zoom >= 0.72, title(page)  # of a slide that would not fit its screen
    small = [(words, size) for words, size in page.evaluate(TEXT) if size < 23.9 * min(1, zoom)]
    assert small == [], title(page)
    main = page.locator("[data-testid=stMain]")
    assert main.evaluate("main => main.scrollWidth <= main.clientWidth"), title(page)
    assert page.evaluate(CLIPPED) == [], title(page)
    charts = page.locator(".stage:not(.dragged) .chart:visible").count()
    bars = page.locator(".play-bar .play")  # a lesson's charts are not played
    assert not charts or not bars.count() or bars.is_visible(), f"{title(page)} can't be played"


def test_the_slides_of_the_first_page_are_stepped_through_by_keys_without_the_server(visit: Visit, server: str) -> None:
    page = present(visit, server, "?present=1&epochs=50")
    assert scanned(page) == [f"{server}/?epochs=50"], "the first slide shows everybody the way to the same page"
    with no_call(page):
        seen = [title(page)]
        assert_large(page)
        for key in ("ArrowRight", "PageDown") * 4:
            step(page, key)
            seen.append(title(page))
            assert_large(page)
        assert tuple(seen) == COMPARE
        step(page, "ArrowRight")
        assert title(page) == COMPARE[-1]  # and no further
        step(page, "PageUp")
        step(page, "ArrowLeft")
        step(page, "ArrowLeft")
        assert title(page) == COMPARE[5]
        chart = drawn(page, "5 points").bounding_box()
        assert chart
        assert chart["width"] > 1300, "a chart fills the slide it comes into sight on"
        step(page, "End")
        assert title(page) == COMPARE[-1]
        step(page, "Home")
        assert title(page) == COMPARE[0]
        step(page)
        expect(page.locator(".stage .ruler")).to_be_visible()
        step(page)
    boxes = [drawn(page, "Loss against epoch").nth(lane).bounding_box() for lane in range(3)]
    assert all(boxes)
    assert len({round(box["y"]) for box in boxes if box}) == 1, "lanes stay side by side"
    expect(page.locator(".st-key-part-what-happened-0")).to_be_hidden()
    expect(page.locator(".stage .ruler")).to_be_hidden()
    expect(page.locator("[data-testid=stSidebar]")).to_be_hidden()


def test_fields_keep_their_keys_a_slider_moved_by_mouse_gives_them_back_and_esc_leaves(
    visit: Visit, server: str
) -> None:
    page = present(visit, server)
    step(page)
    step(page)
    rate = page.get_by_label("Learning rate of lane B", exact=True)
    rate.fill("0.02")
    step(page, "ArrowLeft")
    step(page, "End")
    assert title(page) == "The curves"
    enter(page, "Learning rate of lane B", "0.02")
    assert query(page)["lr"][1] == "0.02"
    assert query(page)["present"] == ["1"]
    assert title(page) == "The curves", "a changed rate keeps the slide"
    expect(page.locator(".slides output")).to_have_text("3 / 9")
    step(page)  # once the number is given, the keys are the slides' again
    assert title(page) == "The meter"

    step(page, "ArrowLeft")
    page.locator(".scrubber .moment").click(position={"x": 300, "y": 10})
    settle(page)
    moved = page.locator(".scrubber output").inner_text()
    assert moved != "epoch 1,000 of 1,000"
    step(page, "PageDown")
    assert title(page) == "The meter"
    page.locator(".slides .back").click()
    settle(page)
    assert page.locator(".scrubber output").inner_text() == moved
    page.locator(".scrubber .moment").focus()
    step(page)
    assert title(page) == "The curves"  # with the focus in the slider, arrows are the slider's
    assert page.locator(".scrubber output").inner_text() != moved

    page.locator(".scrubber .moment").blur()
    page.keyboard.press("Escape")
    page.wait_for_function("() => !location.search.includes('present')")
    settle(page)
    expect(page.locator(".slides")).to_have_count(0)
    expect(page.locator(".stage .ruler")).to_be_visible()
    expect(page.locator(".stage .card")).to_have_count(3)


@pytest.mark.parametrize(
    ("link", "theme"),
    [("network?present=1", "dark"), ("sweep?present=1", "light"), ("too-high-too-low?present=1&gate=0", "dark")],
)
def test_every_slide_is_read_from_the_last_row(visit: Visit, server: str, link: str, theme: str) -> None:
    page = present(visit, server, link, theme=theme)
    for _ in range(count(page)):
        assert_large(page)
        step(page)


def test_slides_can_be_used_on_a_phone(visit: Visit, server: str) -> None:
    page = present(visit, server, width=390, height=844)
    for _ in range(len(COMPARE) - 1):
        page.locator(".slides .next").click()
        settle(page)
        assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
    expect(page.locator(".slides output")).to_have_text(f"{len(COMPARE)} / {len(COMPARE)}")


def test_share_is_opened_and_its_code_filled_to_the_screen_by_keyboard(visit: Visit, server: str) -> None:
    page = visit(f"{server}/?epochs=50", width=1440, height=900, theme="dark")
    page.locator(".st-key-share button").focus()
    page.keyboard.press("Enter")
    code = page.get_by_role("button", name="Show the QR code full screen")
    expect(code).to_be_visible()
    settle(page)
    assert scanned(page) == [f"{server}/?epochs=50"]
    code.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.fullscreenElement && document.fullscreenElement.clientHeight > 700")
    box = code.bounding_box()
    assert box
    assert box["height"] > 700
    assert scanned(page) == [f"{server}/?epochs=50"]


def test_a_locked_control_is_not_seen_and_a_click_does_not_do_its_work(visit: Visit, server: str) -> None:
    page = visit(f"{server}/?lock=lr,data", height=2200)
    expect(page.get_by_label("Learning rate of lane B", exact=True)).to_be_disabled()
    expect(page.get_by_label("Learning rate of lane B, slider")).to_be_hidden()
    expect(page.locator(".st-key-data")).to_be_hidden()
    expect(page.get_by_role("spinbutton", name="Epochs")).to_be_visible()
    expect(page.get_by_role("button", name="Add a lane")).to_be_hidden()
    drag(page, "B", -100)
    settle(page)
    assert query(page) == {"lock": ["lr,data"]}


def test_a_handle_is_dragged_on_a_slide_and_the_next_slides_follow(visit: Visit, server: str) -> None:
    page = present(visit, server)
    step(page)
    before = seen(page)
    watch(page)
    with told(page):
        drag(page, "B", -200)
    assert title(page) == "The ruler"
    assert len(drags(page)) > 3
    after = seen(page)
    assert after["cards"][1]["rate"] != before["cards"][1]["rate"]
    assert after["stays"] == before["stays"]
    letter, line = (page.locator(f'.stage [data-handle="B"] {part}').bounding_box() for part in "bi")
    assert letter and line
    assert letter["x"] + letter["width"] / 2 == pytest.approx(line["x"] + line["width"] / 2, abs=1)
    step(page)
    assert seen(page)["cards"][1]["curve"] != before["cards"][1]["curve"]
    assert float(query(page)["lr"][1]) == rates(page)[1] < 0.01


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1920, 1080)])
def test_curves_take_three_fifths_of_a_screen_and_nothing_is_below_it(
    visit: Visit, server: str, width: int, height: int
) -> None:
    page = present(visit, server, width=width, height=height)
    measured = 0
    for name in COMPARE:
        assert title(page) == name
        assert page.locator("[data-testid=stMain]").evaluate("main => main.scrollHeight <= main.clientHeight"), name
        if name in ("The curves", "The data and each line", "The loss over (w, b)", "w against the epoch"):
            for box in page.locator(".stage .chart:visible").evaluate_all(BOXES):
                assert box["height"] >= 0.6 * height
                measured += 1
        step(page)
    assert measured == 6


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1920, 1080)])
def test_a_networks_curves_take_half_of_a_screen_and_end_above_the_bar(
    visit: Visit, server: str, width: int, height: int
) -> None:
    page = visit(f"{server}/network?data=xor&hidden=3&epochs=40&lr=0.1&lr=1&lr=3", width=width, height=height)
    page.get_by_role("button", name="Present").click()
    expect(page.locator(".slides")).to_be_visible()
    settle(page)
    for name in ("What the network says", "The curves"):
        step(page)
        assert title(page) == name
        heights = page.locator(".st-key-lane-0 svg.marks:visible").evaluate_all(BOXES)
        assert heights and min(box["height"] for box in heights) >= 0.5 * height
        assert page.locator("[data-testid=stMain]").evaluate("main => main.scrollHeight <= main.clientHeight"), name


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1920, 1080)])
def test_a_sweeps_curve_takes_three_fifths_of_a_screen_with_its_words_beside(
    visit: Visit, server: str, width: int, height: int
) -> None:
    page = present(visit, server, "sweep?data=article&rates=20&seeds=2&epochs=50&present=1", width=width, height=height)
    step(page)
    assert title(page) == "Loss against the rate"
    (chart,) = page.locator(".stage.follows .chart:visible").evaluate_all(BOXES)
    assert chart["height"] >= 0.6 * height
    words = page.get_by_text("Line: the loss at the epoch shown").bounding_box()
    assert words and words["x"] > 0.6 * width
    assert page.locator("[data-testid=stMain]").evaluate("main => main.scrollHeight <= main.clientHeight")


def test_verdicts_are_hidden_until_the_lecturer_asks_for_them(visit: Visit, server: str) -> None:
    page = present(visit, server)
    step(page)
    step(page)
    verdict = page.locator(".stage .verdict").first
    expect(verdict).to_be_hidden()
    hint = "told => getComputedStyle(told, '::before').content"
    assert page.locator(".stage .told").first.evaluate(hint) == '"V: show the verdict"'
    with no_call(page):
        page.keyboard.press("v")
        expect(verdict).to_be_visible()
        assert page.locator(".stage .told").first.evaluate(hint) == "none"
        step(page, "ArrowLeft")
        step(page)
        expect(verdict).to_be_visible()
        page.keyboard.press("v")
        expect(verdict).to_be_hidden()


def test_a_pointer_follows_the_mouse_and_a_pen_draws_until_it_is_cleared_or_the_slide_changes(
    visit: Visit, server: str
) -> None:
    page = present(visit, server)
    pointer, drawn = page.locator(".slides-pointer"), page.locator(".slides-ink polyline")
    with no_call(page):
        page.keyboard.press("p")
        page.mouse.move(400, 300)
        box = pointer.bounding_box()
        assert box
        assert (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2) == pytest.approx((400, 300), abs=1)
        assert box["width"] > 50
        page.keyboard.press("p")
        expect(pointer).to_be_hidden()
        page.keyboard.press("d")
        for _ in range(2):
            page.mouse.move(400, 300)
            page.mouse.down()
            page.mouse.move(600, 420, steps=8)
            page.mouse.up()
        expect(drawn).to_have_count(2)
        shape = drawn.first.bounding_box()
        assert shape
        assert (shape["width"], shape["height"]) == pytest.approx((200, 120), abs=6)
        page.keyboard.press("c")
        expect(drawn).to_have_count(0)
        page.mouse.down()
        page.mouse.move(500, 300, steps=4)
        page.mouse.up()
        expect(drawn).to_have_count(1)
    step(page)
    expect(drawn).to_have_count(0)
    page.keyboard.press("d")
    page.mouse.move(60, 800)
    page.mouse.down()
    page.mouse.move(100, 800, steps=4)
    page.mouse.up()
    expect(drawn).to_have_count(0)


def test_the_keys_of_the_slides_are_listed_and_esc_closes_the_list_alone(visit: Visit, server: str) -> None:
    page = present(visit, server)
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys")
    expect(keys).to_be_visible()
    expect(keys).to_contain_text("show or hide the verdicts")
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    expect(page.locator(".slides")).to_be_visible()
    page.get_by_role("button", name="Keys").click()
    expect(keys).to_be_visible()
    keys.click()
    expect(keys).to_be_hidden()


def test_the_marks_of_help_have_their_size_again_once_slides_are_left(visit: Visit, server: str) -> None:
    page = visit(f"{server}/network?data=xor&hidden=3&epochs=40&lr=0.1&lr=1")
    mark = page.locator(".st-key-lane-0 [data-testid=stTooltipHoverTarget] svg").first
    before = mark.bounding_box()
    page.get_by_role("button", name="Present").click()
    expect(page.locator(".slides")).to_be_visible()
    settle(page)
    page.keyboard.press("Escape")
    expect(page.locator(".slides")).to_have_count(0)
    settle(page)
    after = mark.bounding_box()
    assert before and after and (before["width"], before["height"]) == (after["width"], after["height"])


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1920, 1080)])
@pytest.mark.parametrize("link", ["too-high-too-low?gate=0", "backpropagation?gate=0", "schedules?", "range-test?"])
def test_no_slide_is_higher_than_its_screen_or_empty(
    visit: Visit, server: str, link: str, width: int, height: int
) -> None:
    page = present(visit, server, f"{link}&present=1", width=width, height=height)
    main = page.locator("[data-testid=stMain]")
    for place in range(count(page)):
        page.wait_for_timeout(700)  # until then a slide may still take its size
        assert main.evaluate("main => main.scrollHeight <= main.clientHeight"), (place, title(page))
        assert len(page.locator("[data-testid=stMainBlockContainer]").inner_text()) > 100, (place, title(page))
        step(page)


def test_lanes_stand_on_one_line_whatever_their_words(visit: Visit, server: str) -> None:
    page = present(visit, server, width=1280, height=720)
    for name, parts in (
        ("The curves", (".rate",)),
        ("The meter", (".rate", ".gauge")),
        ("What happened", (".rate", ".told")),
    ):
        while title(page) != name:
            step(page)
        for part in parts:
            tops = page.locator(f".stage .card {part}").evaluate_all(
                "all => all.map(e => e.getBoundingClientRect().top)"
            )
            assert max(tops) - min(tops) < 2, (name, part, tops)
