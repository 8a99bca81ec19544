"""The compare page in a real browser: what is drawn, not only what is there."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from core import PRESETS, Experiment
from tests.browser.page import (
    Visit,
    assert_sound,
    enter,
    lines,
    no_call,
    query,
    scrub,
    settle,
    told,
)
from tests.browser.stage import click_chart, seen

pytestmark = pytest.mark.slow

ALL_CHARTS = 10  # the ruler, three curves, three gauges, three pictures
LANE_B = "Learning rate of lane B"

# How each chart begins its words for those who can't see it.
CURVES, DATA, CONTOUR, WEIGHT = "Loss against epoch", "5 points", "Rings of equal loss", "The slope w"


def assert_marked(page: Page, *titles: str) -> None:
    """These presets, and no others, are marked as what is shown."""
    bold = "[...document.querySelectorAll('.st-key-presets p')].filter(p => getComputedStyle(p).fontWeight === '700')"
    page.wait_for_function(f"want => `${{{bold}.map(p => p.textContent)}}` === want", arg=",".join(titles))


@pytest.mark.parametrize(
    ("width", "theme"), [(390, "light"), (390, "dark"), (1280, "light"), (1920, "dark"), (1920, "light")]
)
def test_the_first_screen_is_drawn_whole_at_every_size_and_in_both_themes(
    visit: Visit, server: str, width: int, theme: str
) -> None:
    page = visit(server, width=width, theme=theme)
    assert_sound(page, charts=ALL_CHARTS)
    if width < 700:
        expect(page.get_by_role("button", name="One chart")).to_have_attribute("aria-pressed", "true")
        hues = page.locator(".stage .together g.mark-line path").evaluate_all(
            "all => all.map(a => a.getAttribute('stroke'))"
        )
        assert len(set(hues)) == 3, "on a phone one chart for all lanes comes first"
        page.get_by_role("button", name="One chart").click()
        settle(page)
    expect(page.locator(".stage .chart svg.marks:visible")).to_have_count(ALL_CHARTS)
    for lane, title in enumerate(["Too low", "Learns slowly", "Too high"]):
        card = page.locator(".stage .card").nth(lane)
        expect(card.locator(".verdict")).to_contain_text(title)
        assert any("L" in shape for shape in lines(page, CURVES, lane)), f"lane {lane} shows no curve"
        box, field = card.bounding_box(), card.locator(".number").bounding_box()
        assert box and field
        assert field["x"] + field["width"] <= box["x"] + box["width"] + 1
        assert field["width"] > 60
    expect(page.get_by_text("overflowed at epoch 113")).to_be_visible()
    for chart in page.locator(".stage .chart svg.marks:visible").all():
        chart.scroll_into_view_if_needed()  # on a phone cards are swiped
        area = chart.bounding_box()
        assert area
        assert area["width"] > 150
        assert area["x"] >= 0
        assert area["x"] + area["width"] <= width + 1
    ink = page.locator(".stage .ruler svg.marks text", has_text="limit").last.get_attribute("fill")
    assert ink == ("#FAFAFA" if theme == "dark" else "#31333F")


def test_the_scrubber_moves_all_without_a_call_to_the_server_and_a_changed_rate_keeps_it(
    visit: Visit, server: str
) -> None:
    page = visit(server)
    before = {chart: lines(page, chart) for chart in (CURVES, DATA, CONTOUR, WEIGHT)}
    with no_call(page):
        scrub(page, 7)
        after = {chart: lines(page, chart) for chart in before}
        scrub(page, 10_000)
        assert {chart: lines(page, chart) for chart in before} == before
        scrub(page, 7)
    for chart in before:
        assert before[chart] != after[chart], f"{chart} did not move"
    output = page.locator(".scrubber output")
    assert output.inner_text() == "epoch 7 of 1,000"
    enter(page, LANE_B, "0.02")
    assert query(page)["lr"][1] == "0.02"
    assert output.inner_text() == "epoch 7 of 1,000"
    part = lines(page, CURVES, 1)
    scrub(page, 10_000)
    assert sum(map(len, lines(page, CURVES, 1))) > sum(map(len, part))


def test_every_change_is_kept_in_the_link_and_in_what_stands_around_the_lanes(visit: Visit, server: str) -> None:
    page = visit(server, height=2200)
    assert_marked(page, "The article's three")
    for rate in ("0.02", "0.03"):
        enter(page, LANE_B, rate)
        assert query(page)["lr"][1] == rate
        assert_marked(page)
    page.get_by_role("button", name="Share").click()
    expect(page.get_by_role("dialog").locator("code").first).to_contain_text("lr=0.03")
    page.keyboard.press("Escape")
    enter(page, LANE_B, "0.01")
    assert_marked(page, "The article's three")
    enter(page, LANE_B, "")  # an emptied rate changes nothing
    enter(page, "Epochs", "900000000")  # nor does what would take too long
    expect(page.get_by_text(re.compile("Nothing was changed: epochs must be (<=|≤) [0-9,]+ for 3"))).to_be_visible()
    assert page.get_by_label("Epochs", exact=True).input_value() == "1000"
    assert query(page) == {}
    expect(page.locator(".lane-title").nth(1)).to_contain_text("Learns slowly")

    for epochs in ("999", "1000"):  # what was told of the refusal goes
        enter(page, "Epochs", epochs)
    page.set_viewport_size({"width": 1280, "height": 700})
    settle(page)
    axes = seen(page)["stays"]["axes"]["chart contour clickable"]
    assert axes
    click_chart(page, "contour", 0.8, 0.25)  # sets the start of all lanes
    scrolled = seen(page)["stays"]["scroll"]
    page.wait_for_function("() => location.search.includes('start=')")
    settle(page)
    assert seen(page)["stays"]["scroll"] == scrolled > 0, "what was clicked stays in sight"
    w, b = (float(number) for number in query(page)["start"])
    assert 2 < w < 5
    assert 1 < b < 8
    assert page.get_by_label("Start w").input_value() == f"{w:g}"
    assert seen(page)["stays"]["axes"]["chart contour clickable"] == axes
    with told(page):
        page.get_by_role("button", name="Back to 0, 0").click()
    assert query(page) == {}


def test_a_bad_link_says_what_was_repaired_and_plays_to_the_last_epoch_by_itself(visit: Visit, server: str) -> None:
    page = visit(f"{server}/?epochs=5&lr=abc&data=%3Cimg%20src%3Dx%3E&colour=red&batch_size=0")  # more in tests/pages
    expect(page.get_by_text("This link asked for what can't be")).to_be_visible()
    repairs = " ".join(page.get_by_test_id("stText").all_inner_texts())
    for word in ("lr=abc", "data=<img src=x>", "colour=", "batch_size=0"):
        assert word in repairs
    output = page.locator(".scrubber output")
    output.evaluate(
        "shown => { window.seen = []; new MutationObserver(() => window.seen.push(shown.textContent))"
        ".observe(shown, { childList: true, characterData: true, subtree: true }) }"
    )
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("() => window.seen.at(-1) === 'epoch 5 of 5'", timeout=30_000)
    assert page.evaluate("window.seen") == [f"epoch {epoch} of 5" for epoch in range(6)]
    expect(output).to_have_text("epoch 5 of 5")
    expect(page.get_by_role("button", name="Play")).to_be_visible()


def test_a_link_with_five_thousand_rates_shows_eight_and_says_so(visit: Visit, server: str) -> None:
    page = visit(f"{server}/?epochs=50&" + "&".join(f"lr={0.001 * (lane + 1):.3f}" for lane in range(5000)))
    expect(page.locator(".lane-title")).to_have_count(8)
    expect(page.get_by_test_id("stText").first).to_contain_text("a page shows at most 8 of them")


def test_every_preset_is_one_click_and_a_link(visit: Visit, server: str) -> None:
    page = visit(f"{server}/?data=noisy-line&lr=0.001&lr=0.3")
    titles = {
        "article": "The article's three",
        "look-alikes": "Look-alikes",
        "momentum": "Momentum rings",
        "penguins": "Penguins: 0.01 explodes",
        "penguins-standardised": "Penguins, standardized",
    }
    assert set(titles) == set(PRESETS)
    for name, title in titles.items():
        before = page.url
        page.get_by_test_id("stSidebar").get_by_text(title).click()
        page.wait_for_function("before => location.href !== before", arg=before)
        settle(page)
        assert Experiment.from_query(query(page))[0] == PRESETS[name]


def test_a_pasted_link_restores_every_field_in_a_fresh_browser(visit: Visit, server: str) -> None:
    wanted = Experiment(
        data="noisy-line",
        standardize=True,
        learning_rates=(3e-4, 0.02, 0.4, 1.7),
        epochs=77,
        batch_size=8,
        optimizer="momentum",
        momentum=0.5,
        start=(1.5, -2.0),
        seed=11,
        engine="torch",
        precision="float32",
    )
    page = visit(server + "/?" + "&".join(f"{k}={v}" for k, vs in wanted.to_query().items() for v in vs))
    assert page.locator(".lane-title").count() == 4
    assert Experiment.from_query(query(page)) == (wanted, ())
    page.get_by_role("button", name="Share").click()
    page.get_by_text("Name every setting").click()
    whole = page.get_by_role("dialog").locator("code", has_text="v=1").first
    expect(whole).to_be_visible()
    copied = whole.inner_text()
    assert Experiment.from_query(urlsplit(copied).query) == (wanted, ())
    assert parse_qs(urlsplit(copied).query)["v"] == ["1"]


def test_a_long_run_is_in_the_link_and_stops_at_once_whether_it_was_typed_or_linked(visit: Visit, server: str) -> None:
    page = visit(f"{server}/?lr=0.01&lr=0.02&epochs=50")
    epochs = page.get_by_role("spinbutton", name="Epochs")
    epochs.fill("1200000")
    epochs.press("Enter")
    stop = page.get_by_role("button", name="Stop, and train 1,000 epochs instead")
    expect(stop).to_be_visible()
    assert query(page)["epochs"] == ["1200000"]  # the link holds what is being trained
    stop.click()
    expect(page.get_by_text("epoch 1,000 of 1,000")).to_be_visible(timeout=12_000)  # the run itself takes longer
    assert "epochs" not in query(page)
    page.goto(f"{server}/?lr=0.01&lr=0.02&epochs=1400000")
    stop.click()
    expect(page.get_by_text("epoch 1,000 of 1,000")).to_be_visible(timeout=12_000)


def test_charts_keep_to_their_lanes_when_a_fourth_finds_room_beside_three(visit: Visit, server: str) -> None:
    page = visit(f"{server}/?lr=1e-6&lr=0.001&lr=0.01&lr=0.02", width=1340)
    for width, across in ((1600, 4), (1340, 3), (1600, 4)):
        page.set_viewport_size({"width": width, "height": 1000})
        page.wait_for_function(
            """across => {
                const cards = [...document.querySelectorAll('.stage .card')];
                const right = (each) => each.getBoundingClientRect().right;
                const fits = (card) => [...card.querySelectorAll('svg.marks')].every(
                    (chart) => right(chart) <= right(card) && right(chart) > right(card) - 30);
                return new Set(cards.map(right)).size === across && cards.every(fits);
            }""",
            arg=across,
        )


def test_the_way_back_and_the_preset_each_undo_a_change_that_no_click_has_followed(visit: Visit, server: str) -> None:
    page = visit(server)
    for undo in (page.go_back, page.get_by_test_id("stSidebar").get_by_text("The article's three").click):
        epochs = page.get_by_role("spinbutton", name="Epochs")
        epochs.fill("500")
        epochs.press("Enter")
        page.wait_for_function("() => location.search.includes('epochs=500')")
        expect(page.get_by_text("500 epochs by NumPy")).to_be_visible()
        undo()
        expect(page.get_by_text("1,000 epochs by NumPy")).to_be_visible()
        assert query(page) == {}


def test_the_line_of_a_meter_is_one_line_with_its_mark_of_help(visit: Visit, server: str) -> None:
    page = visit(f"{server}/?lr=1e-06&lr=0.07&lr=1", width=1280)
    scrub(page, 2)  # the most words: 1.656 overshoots, converges
    heights = page.locator(".stage .reading").evaluate_all("lines => lines.map(line => line.offsetHeight)")
    assert len(heights) == 3 and max(heights) < 35, heights
    gauges = page.locator(".stage .gauge").evaluate_all("all => all.map(one => one.getBoundingClientRect().top)")
    assert max(gauges) - min(gauges) < 1
