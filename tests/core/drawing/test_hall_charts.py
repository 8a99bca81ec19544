"""A chart for a hall: every letter of 24 px and more, sizes grown along, and the chart itself as it was."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from core.drawing.chart_parts import INK, for_a_hall, looks
from core.drawing.charts import loss_curve, meter_gauge, ruler
from core.story.network_chart import network

CHARTS = {
    "curve": loss_curve("light", (2, 2), "#D55E00", 1e-5, 1e5, 1000),
    "meter": meter_gauge("light", peak=True),
    "ruler": ruler("light", 2, (1e-6, 1.0), (1e-10, 1e3), 100),
}


def sizes(part: Any, name: str) -> Iterator[Any]:
    if isinstance(part, dict):
        for key, value in part.items():
            if key == name and not isinstance(value, dict):
                yield value
            yield from sizes(value, name)
    if isinstance(part, list):
        for each in part:
            yield from sizes(each, name)


@pytest.mark.parametrize("spec", CHARTS.values(), ids=CHARTS)
def test_every_letter_has_24_px_or_more_and_the_chart_given_stays_as_it_was(spec):
    before = copy.deepcopy(spec)
    grown = for_a_hall(spec, "light", 500)
    assert spec == before
    for name in ("fontSize", "labelFontSize", "titleFontSize"):
        assert all(size >= 24 for size in sizes(grown, name))
    assert list(sizes(grown["config"], "labelFontSize")) == [24, 24]


def test_lines_points_and_places_grow_and_what_is_data_does_not():
    spec, grown = CHARTS["ruler"], for_a_hall(CHARTS["ruler"], "light", 500)
    assert max(sizes(grown, "strokeWidth")) == 1.6 * max(sizes(spec, "strokeWidth"))
    assert max(sizes(grown, "size")) == 3 * max(sizes(spec, "size"))
    assert list(sizes(grown["layer"], "domain")) == list(sizes(spec["layer"], "domain"))
    words = next(
        layer for layer in grown["layer"] if layer["encoding"].get("text") == {"field": "words", "type": "nominal"}
    )
    assert words["encoding"]["y"] == {"value": 220}  # 110 px down, in a chart twice as high
    assert words["mark"]["dy"] == {"expr": "2.0 * (datum.row * 18)"}


@pytest.mark.parametrize(("tallest", "height"), [(1000, 540), (500, 500)])
def test_a_chart_is_twice_as_high_but_no_higher_than_its_slide_allows(tallest, height):
    assert for_a_hall(CHARTS["ruler"], "light", tallest)["height"] == height


def test_the_axis_is_written_in_full_ink():
    assert for_a_hall(CHARTS["curve"], "dark", 500)["config"]["axis"]["labelColor"] == INK["dark"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_grid_stays_back_and_axis_titles_are_plain_as_on_the_page(theme):
    axis, own = for_a_hall(CHARTS["curve"], theme, 500)["config"]["axis"], looks(theme)["axis"]
    kept = ("gridColor", "titleFontWeight", "domain", "ticks")
    assert {name: axis[name] for name in kept} == {name: own[name] for name in kept}


def test_what_is_a_part_of_the_height_grows_with_it_and_little_by_itself():
    marks = [layer["mark"] for layer in for_a_hall(network("light"), "light", 700)["layer"]]
    sizes_of = {each["size"]["expr"] for each in marks if "size" in each}
    assert sizes_of == {"1.3 * (2000 * pow(height / 470, 2))"}
    assert {each["fontSize"]["expr"] for each in marks if "fontSize" in each} == {"1.3 * (14 * height / 470)"}


def test_labels_that_would_overlap_are_left_out():
    assert list(sizes(CHARTS["curve"], "labelOverlap")) != []
    assert set(sizes(for_a_hall(CHARTS["curve"], "light", 500), "labelOverlap")) == {True}
