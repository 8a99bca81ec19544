"""Every chart of a network is a valid Vega-Lite spec over the tables its page sends, legible and self-contained."""

from __future__ import annotations

import copy
import json
from functools import cache

import pytest

from core.diagnosis.verdicts import diagnose
from core.drawing.axes import whole_decades
from core.drawing.chart_parts import INK, PAPER
from core.experiment.experiment import Experiment
from core.instruments.network import charts as network_charts
from core.instruments.network.pictures import POINT_COLOURS, SCALE_COLOURS
from core.instruments.network.scene import network_scene
from core.instruments.network.second_opinion import NAMES, second_opinion
from core.training.train import train
from tests.cases import for_each
from tests.contrast import contrast
from tests.vega import check

LANES = 3
PLANE = ((-1.0, 1.0), (-2.0, 2.0), ("x", "y"))
CLASSES = ("Adelie", "Chinstrap", "Gentoo")
BUILDERS = {
    "classes": lambda theme: network_charts.surface(theme, *PLANE, POINT_COLOURS[:3], CLASSES),
    "regression": lambda theme: network_charts.surface(theme, *PLANE, SCALE_COLOURS, ()),
    "confusion": lambda theme: network_charts.confusion(theme, tuple("0123456789")),
    "curve": lambda theme: network_charts.fitted_curve(theme, (1, 0), "#009E73", (-1.0, 1.0), (-2.0, 2.0)),
    "sharpness": lambda theme: network_charts.sharpness_curve(theme, (1, 0), "#009E73", 300, 2.0, 3.0),
    "accuracy": lambda theme: network_charts.over_epochs(theme, LANES, 300, "accuracy", 0.0, 1.0),
    "gradient": lambda theme: network_charts.over_epochs(theme, LANES, 300, "gradient norm", 1e-3, 10.0, True),
}
every_chart = for_each("name", BUILDERS)
both_themes = for_each("theme", ["light"], slow=["light", "dark"])


@cache
def columns():
    """The columns of the tables that a page sends, by the names the charts know them by."""
    base = {"learning_rates": (0.01, 0.1, 1.0), "epochs": 20, "test_share": 0.25}
    plane = network_scene(train(Experiment(data="moons", hidden=(3,), sharpness=3, **base)))
    line = network_scene(train(Experiment(data="curve", hidden=(3,), **base)))
    sent = {
        "pictures": plane.views[0],
        "fits": line.views[0],
        "points": plane.points,
        "sharpness": plane.sharpness[0],
        "lanes": plane.over["accuracy"],
    }
    return {name: set(table.column_names) for name, table in sent.items()}


def layers(spec, kind):
    return [layer for layer in spec["layer"] if layer["mark"]["type"] == kind]


def filters(layer):
    return " ".join(str(step.get("filter", "")) for step in layer.get("transform", []))


@both_themes
def test_the_runs_that_test_a_diagnosis_stand_beside_the_lane_itself_in_their_own_looks(theme):
    history = train(Experiment(data="moons", hidden=(3,), epochs=20))
    opinion = second_opinion(history, diagnose(history)[0], 0)
    spec = network_charts.trial_curves(theme, NAMES, 20, whole_decades(0.01, 1.0))
    check(spec, {"trials": set(opinion.curves.column_names)})
    (strokes,) = (layer["encoding"] for layer in layers(spec, "line"))
    assert strokes["color"]["scale"]["domain"] == list(NAMES)
    assert len({str(dash) for dash in strokes["strokeDash"]["scale"]["range"]}) == len(NAMES)


@every_chart
@both_themes
def test_every_chart_is_valid_legible_self_contained_and_over_what_the_page_sends(name, theme):
    check(BUILDERS[name](theme), columns())


@every_chart
def test_a_spec_built_anew_is_the_same(name):
    first = copy.deepcopy(BUILDERS[name]("light"))
    for builder in ("surface", "confusion", "fitted_curve", "sharpness_curve", "over_epochs"):
        getattr(network_charts, builder).cache_clear()
    assert BUILDERS[name]("light") == first


@every_chart
def test_every_scale_has_a_domain_of_its_own_so_that_lanes_compare(name):
    for layer in BUILDERS[name]("light")["layer"]:
        for channel, what in layer["encoding"].items():
            if "field" in what and channel not in ("url", "detail", "tooltip", "text"):
                assert "domain" in what["scale"], channel


@every_chart
def test_what_moves_follows_the_epoch_that_is_shown(name):
    spec = BUILDERS[name]("light")
    assert spec["params"] == [{"name": "epoch", "value": 1e15}]
    assert "datum.epoch <= toNumber(epoch)" in json.dumps(spec)


@pytest.mark.parametrize("name", ["classes", "regression", "confusion"])
def test_the_picture_fills_the_chart(name):
    (picture,) = layers(BUILDERS[name]("light"), "image")
    assert picture["mark"]["width"]["expr"].endswith(" ? width : 0")
    assert picture["mark"]["height"] == {"expr": "height"}
    assert picture["mark"]["smooth"] == (name != "confusion")  # cells of a table have sharp edges


@pytest.mark.parametrize("name", ["classes", "regression", "confusion"])
def test_a_picture_is_shown_from_its_epoch_to_the_next_ones_and_never_drawn_anew(name):
    """Drawn anew, it would be loaded anew, and the chart blank meanwhile (seen in Chromium, 73 of 74 steps)."""
    (picture,) = layers(BUILDERS[name]("light"), "image")
    assert not any("filter" in step for step in picture["transform"])  # no picture comes or goes with the epoch
    epochs, test = [0, 1, 5, 6, 30], picture["mark"]["width"]["expr"].removesuffix(" ? width : 0")
    for epoch in (0, 1, 3, 5, 29, 30, 1e15):
        seen = [now for now, after in zip(epochs, [*epochs[1:], None], strict=True) if holds(test, epoch, now, after)]
        assert seen == [max(e for e in epochs if e <= epoch)]


def holds(test, epoch, now, after):
    """The Vega expression for a picture of epoch `now`, the next one's being `after`, evaluated as Python."""
    for vega, python in (("datum.epoch", "now"), ("datum.next", "after"), ("toNumber(epoch)", "epoch")):
        test = test.replace(vega, python)
    test = test.replace("!isValid(after)", "after is None").replace("&&", "and").replace("||", "or")
    return eval(test, {"__builtins__": {}}, {"now": now, "after": after, "epoch": epoch})


def test_the_picture_lies_under_the_points():
    kinds = [layer["mark"]["type"] for layer in BUILDERS["classes"]("light")["layer"]]
    assert kinds == ["image", "point", "point"]


def test_classes_differ_by_shape_and_colour():
    for points in layers(BUILDERS["classes"]("light"), "point"):
        painted = next(points["encoding"][channel] for channel in ("fill", "stroke") if channel in points["encoding"])
        for channel in (painted, points["encoding"]["shape"]):
            assert channel["field"] == "label"
            assert len(set(channel["scale"]["range"])) == len(CLASSES)


def test_training_points_are_full_and_held_out_points_hollow():
    full, hollow = layers(BUILDERS["classes"]("light"), "point")
    assert (filters(full), filters(hollow)) == ("!datum.held", "datum.held")
    assert full["encoding"]["fill"]["scale"]["range"] == list(POINT_COLOURS[:3])
    assert hollow["mark"]["fill"] == PAPER["light"]
    assert hollow["encoding"]["stroke"]["scale"]["range"] == list(POINT_COLOURS[:3])


@for_each("which", range(len(POINT_COLOURS)))
def test_a_hollow_point_stands_out_from_its_own_inside_by_3_to_1(which):
    assert contrast(PAPER["light"], POINT_COLOURS[which]) >= 3  # WCAG 2, 1.4.11, for graphics


def test_the_line_of_stability_stands_where_it_is_told_with_its_words():
    spec = network_charts.sharpness_curve("light", (1, 0), "#009E73", 300, 38.0, 57.0)
    (rule,) = layers(spec, "rule")
    assert rule["data"]["values"] == [{"line": 38.0, "words": "38: unstable above"}]
    rim, words = layers(spec, "text")  # legible where a curve crosses it
    assert (rim["mark"]["stroke"], words["mark"]["color"]) == (PAPER["light"], INK["light"])


def test_sharpness_above_the_top_is_cut_and_marked_not_drawn_at_the_top():
    spec = BUILDERS["sharpness"]("light")
    assert all(line["mark"]["clip"] for line in layers(spec, "line"))
    inside, above = layers(spec, "point")
    assert "datum.product <= 3.0" in filters(inside)
    assert "datum.product > 3.0" in filters(above)
    assert above["mark"]["shape"] == "triangle-up"


def test_a_gradient_that_leaves_its_chart_is_cut_and_marked_where_it_first_does():
    spec = BUILDERS["gradient"]("light")
    assert all(line["mark"]["clip"] for line in layers(spec, "line"))
    now, up, down = layers(spec, "point")
    assert "datum.value <= 10.0" in filters(now)
    for mark, shape, beyond in ((up, "triangle-up", "value > 10.0"), (down, "triangle-down", "value < 0.001")):
        assert mark["mark"]["shape"] == shape
        assert beyond in filters(mark)
        (first,) = mark["transform"][-1]["aggregate"]
        assert (first["op"], first["field"]) == ("min", "epoch")


def test_each_lane_has_its_own_colour_and_dash():
    for line in layers(BUILDERS["accuracy"]("light"), "line"):
        for channel in ("color", "strokeDash"):
            assert len({str(value) for value in line["encoding"][channel]["scale"]["range"]}) == LANES


@pytest.mark.parametrize("name", ["curve", "sharpness"])
def test_ink_is_that_of_the_theme(name):
    for theme in ("light", "dark"):
        assert INK[theme] in json.dumps(BUILDERS[name](theme))
