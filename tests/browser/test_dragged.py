"""A lesson's picture follows its slider while it is dragged, and the page hears where the hand rests."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.page import Visit, no_call, query, settle

pytestmark = pytest.mark.slow

PICTURE = ".stage.dragged .chart"
SHAPES = "marks => marks.map(m => (m.getAttribute('d') ?? '') + m.textContent + m.getAttribute('transform'))"
OTHER = f"([marks, before]) => ({SHAPES})([...document.querySelectorAll(marks)]).join('|') !== before"


def drawn(page: Page) -> str:
    """All that is drawn in the picture."""
    marks = page.locator(f"{PICTURE} svg.marks :is(path, text)")
    return "|".join(marks.evaluate_all(SHAPES))


def test_the_first_step_follows_the_rate_under_the_hand(visit: Visit, server: str) -> None:
    page = visit(f"{server}/one-step?gate=0")
    slider = page.get_by_role("slider", name="learning rate")
    expect(slider).to_have_attribute("aria-valuetext", "0.1")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box
    pictures = [drawn(page)]
    with no_call(page):
        page.mouse.move(box["x"] + 0.37 * box["width"], box["y"] + box["height"] / 2)
        page.mouse.down()
        for part in (0.5, 0.7, 0.99):
            page.mouse.move(box["x"] + part * box["width"], box["y"] + box["height"] / 2)
            page.wait_for_function(OTHER, arg=[f"{PICTURE} svg.marks :is(path, text)", pictures[-1]])
            pictures.append(drawn(page))
        expect(page.get_by_text("Above the limit, 0.25: each step lands")).to_be_visible()
        field = page.get_by_label("learning rate", exact=True).and_(page.locator("input[type=number]"))
        assert 0.25 < float(field.input_value()) <= 0.275, "the field beside follows while the slider is held"
    assert len(set(pictures)) == 4
    page.mouse.up()
    page.wait_for_function("() => location.search.includes('rate=0.2')")
    settle(page)
    rate = float(query(page)["rate"][0])
    assert 0.25 < rate <= 0.275
    expect(field).to_have_value(f"{rate:g}")
    assert drawn(page) == pictures[-1], "what the page draws at this rate is what was dragged to"


def test_a_dragged_rate_is_moved_by_keys_and_can_be_locked(visit: Visit, server: str) -> None:
    page = visit(f"{server}/one-step?gate=0")
    page.get_by_role("slider", name="learning rate").press("ArrowRight")
    page.wait_for_function("() => location.search.includes('rate=0.1062')")
    settle(page)
    page = visit(f"{server}/one-step?gate=0&lock=rate")
    expect(page.get_by_role("slider", name="learning rate")).to_be_hidden()


@pytest.mark.parametrize("page", ["too-high-too-low", "what-made-it-deep", "without-gradients"])
def test_each_chart_is_cut_where_it_ends_itself(visit: Visit, server: str, page: str) -> None:
    lesson = visit(f"{server}/{page}?gate=0")
    lesson.locator(PICTURE).last.scroll_into_view_if_needed()
    settle(lesson)
    expect(lesson.locator(f"{PICTURE} [clip-path]").last).to_be_attached()
    cut = lesson.locator("svg.marks [clip-path]")
    clips = cut.evaluate_all("all => all.map(e => e.getAttribute('clip-path').slice(5, -1))")
    ids = lesson.locator("clipPath").evaluate_all("all => all.map(e => e.id)")
    assert len(set(clips)) > 5
    # Streamlit's own Vega names its clips alike in each chart; only those of the stage can be told apart.
    ours = [clip for clip in clips if clip.startswith("stage-")]
    assert ours
    assert all(ids.count(clip) == 1 for clip in ours)


@pytest.mark.parametrize(
    ("page", "label", "word"),
    [
        ("too-high-too-low", "learning rate × sharpness at the start", "catapult"),
        ("backpropagation", "Steps drawn", "backprop-steps"),
        ("without-gradients", "Numbers to find", "numbers"),
        ("what-made-it-deep", "Learning rate at the start", "schedule-rate"),
    ],
)
def test_all_pictures_of_a_slider_follow_it(visit: Visit, server: str, page: str, label: str, word: str) -> None:
    lesson = visit(f"{server}/{page}?gate=0")
    slider = lesson.get_by_role("slider", name=label)
    charts = lesson.locator(".stage.dragged", has=slider).locator(".chart")
    slider.scroll_into_view_if_needed()
    before = [chart.locator("svg.marks").inner_html() for chart in charts.all()]
    slider.press("ArrowLeft")
    for chart, picture in zip(charts.all(), before, strict=True):
        lesson.wait_for_function(
            "([chart, before]) => chart.querySelector('svg.marks').innerHTML !== before",
            arg=[chart.element_handle(), picture],
        )
    lesson.wait_for_function("word => location.search.includes(`${word}=`)", arg=word)
    settle(lesson)
    value = query(lesson)[word][0]
    field = lesson.get_by_role("combobox" if word == "numbers" else "spinbutton", name=label)
    expect(field).to_have_value(value)
