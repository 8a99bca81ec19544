"""The charts of a range test are valid Vega-Lite specs over the tables its page sends, legible and self-contained."""

from __future__ import annotations

import copy
from functools import cache

import numpy as np
import pytest

from core.drawing.axes import whole_decades
from core.drawing.chart_parts import INK, LABEL_SIZE, PAPER, for_a_hall
from core.experiment.experiment import Experiment
from core.instruments.range_test import charts
from core.instruments.range_test.scene import range_scene
from core.instruments.range_test.trial import trial
from pages.lecture.slides import TALLEST
from tests.vega import check

RATES, LOSSES, ROWS = whole_decades(1e-8, 10.0), whole_decades(1e-4, 100.0), 5
BUILDERS = {
    "test": lambda theme: charts.range_curve(theme, RATES, LOSSES, ROWS),
    "sweep": lambda theme: charts.trial_curve(theme, RATES, LOSSES, ROWS, 1000),
}
every_chart = pytest.mark.parametrize("name", BUILDERS)
both_themes = pytest.mark.parametrize("theme", ["light", "dark"])


@cache
def columns():
    """The columns of the tables that the page sends, by the names the charts know them by."""
    scene = range_scene(trial(Experiment(epochs=20), (0,), tuple(np.geomspace(1e-3, 0.1, 5))))
    sent = {"test": scene.test, "sweep": scene.sweep}
    return {chart: {name: set(table.column_names) for name, table in tables.items()} for chart, tables in sent.items()}


def layers(spec, kind, name=None):
    kept = [layer for layer in spec["layer"] if layer["mark"]["type"] == kind]
    return [layer for layer in kept if name is None or layer["data"]["name"] == name]


@every_chart
@both_themes
def test_every_chart_is_over_what_its_page_sends(name, theme):
    check(BUILDERS[name](theme), columns()[name])


@every_chart
def test_a_spec_built_anew_is_the_same(name):
    first = copy.deepcopy(BUILDERS[name]("light"))
    charts.range_curve.cache_clear()
    charts.trial_curve.cache_clear()
    assert BUILDERS[name]("light") == first


@every_chart
def test_a_chart_names_all_tables_that_its_page_sends(name):
    spec = BUILDERS[name]("light")
    assert "datasets" not in spec
    assert {layer["data"]["name"] for layer in spec["layer"]} == set(columns()[name])


@every_chart
def test_both_axes_are_logarithmic_with_a_domain_and_ticks_of_their_own(name):
    for layer in BUILDERS[name]("light")["layer"]:
        for channel, domain in (("x", RATES), ("y", LOSSES)):
            what = layer["encoding"].get(channel, {})
            if "field" in what:
                assert (what["scale"]["type"], what["scale"]["domain"]) == ("log", list(domain.ends))
                assert what["axis"]["values"]


@every_chart
def test_losses_lie_below_the_rows_of_names_which_are_as_high_as_a_letter_on_a_page_and_in_a_hall(name):
    spec = BUILDERS[name]("light")
    scale = next(
        layer["encoding"]["y"]["scale"] for layer in spec["layer"] if "field" in layer["encoding"].get("y", {})
    )
    bottom, top = scale["range"]
    assert top == {"expr": f"row_height * {ROWS}"} and bottom == {"expr": "height"}
    axes = 70  # px of the height that axis and title take
    hall = for_a_hall(spec, "light", TALLEST)
    for drawn, letter, around in ((spec, LABEL_SIZE, axes), (hall, 24, 2 * axes)):
        (row,) = (each["value"] for each in drawn["params"] if each["name"] == "row_height")
        assert letter < row and row * ROWS < 0.6 * (drawn["height"] - around)
    for rule in layers(spec, "rule"):
        assert rule["mark"]["y"] == {"expr": "row_height * datum.row"}
    for words in layers(spec, "text", "marks"):
        assert words["mark"]["y"] == {"expr": "row_height * (datum.row + 0.5)"}


@every_chart
def test_names_stand_on_the_side_that_their_table_says(name):
    for words in layers(BUILDERS[name]("light"), "text", "marks"):
        assert words["mark"]["align"] == {"expr": "datum.left ? 'right' : 'left'"}
        assert words["mark"]["dx"] == {"expr": "datum.left ? -5 : 5"}


@every_chart
@both_themes
def test_ink_is_that_of_the_theme_and_names_have_a_rim_of_its_paper(name, theme):
    halo, words = layers(BUILDERS[name](theme), "text", "marks")
    assert (words["mark"]["color"], halo["mark"]["stroke"]) == (INK[theme], PAPER[theme])


def test_raw_losses_are_dots_and_the_smoothed_ones_a_line():
    spec = BUILDERS["test"]("light")
    assert [layer["data"]["name"] for layer in layers(spec, "line")] == ["smoothed"]
    assert {layer["data"]["name"] for layer in layers(spec, "point")} == {"raw"}


def test_the_blow_up_is_no_mark_like_the_others():
    spec = BUILDERS["test"]("light")
    (usual,), (special,) = layers(spec, "rule", "marks"), layers(spec, "rule", "blow_up")
    assert usual["mark"]["color"] != special["mark"]["color"]
    assert "strokeDash" in usual["mark"] and "strokeDash" not in special["mark"]
    assert len(layers(spec, "text", "blow_up")) == 2  # its words, and their rim


def test_a_suggestion_that_left_the_chart_is_a_triangle_that_points_out_of_it():
    (ends,) = layers(BUILDERS["sweep"]("light"), "point")
    scale = ends["encoding"]["shape"]["scale"]
    shapes = dict(zip(scale["domain"], scale["range"], strict=True))
    assert shapes == {"in": "circle", "up": "triangle-up", "down": "triangle-down"}
    assert BUILDERS["sweep"]("light")["layer"][0]["encoding"]["y"]["title"] == "loss after 1,000 epochs"
