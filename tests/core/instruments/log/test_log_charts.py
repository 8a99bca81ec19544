"""Every chart of a log is a valid Vega-Lite spec over the tables its page sends, legible and self-contained."""

from __future__ import annotations

import copy
import json
from functools import cache

import pytest

from core.drawing.axes import Axis, whole_decades
from core.drawing.chart_parts import INK
from core.instruments.log import charts as log_charts
from core.instruments.log.examples import overfitting, several_rates
from core.instruments.log.reading import read_runs
from core.instruments.log.scene import compare, picture
from core.instruments.log.training_log import read_log
from tests.cases import for_each
from tests.vega import check

LANES = 4
STEPS, LOSSES = Axis(low=0.0, high=1000.0, title="step"), whole_decades(0.01, 10.0, title="loss")
LINEAR = Axis(low=0.0, high=3.0, title="loss")
BUILDERS = {
    "losses": lambda theme: log_charts.log_losses(theme, LANES, STEPS, LOSSES),
    "held out": lambda theme: log_charts.log_losses(theme, LANES, STEPS, LINEAR, held_out=True),
    "rates": lambda theme: log_charts.log_rates(theme, LANES, STEPS, LINEAR),
    "finals": lambda theme: log_charts.final_losses(theme, LANES, LOSSES, LOSSES),
}
every_chart = for_each("name", BUILDERS)
both_themes = for_each("theme", ["light"], slow=["light", "dark"])


@cache
def columns(name):
    """The columns of the tables that a page sends with a chart."""
    held, rated = (read_runs(read_log(make()).runs) for make in (overfitting, several_rates))
    finals, drawn = compare(rated), picture(rated, 0.9)
    sent = {
        "losses": drawn.smoothed,
        "held out": picture(held, 0.0).tables,
        "rates": drawn.rates,
        "finals": {"finals": finals.table},
    }
    return {table: set(rows.column_names) for table, rows in sent[name].items()}


def layers(spec, kind):
    return [layer for layer in spec["layer"] if layer["mark"]["type"] == kind]


@every_chart
@both_themes
def test_every_chart_is_over_what_its_page_sends(name, theme):
    check(BUILDERS[name](theme), columns(name))


@every_chart
def test_a_spec_built_anew_is_the_same(name):
    first = copy.deepcopy(BUILDERS[name]("light"))
    for builder in ("log_losses", "log_rates", "final_losses"):
        getattr(log_charts, builder).cache_clear()
    assert BUILDERS[name]("light") == first


@every_chart
def test_every_scale_has_a_domain_of_its_own_so_that_charts_compare(name):
    for layer in BUILDERS[name]("light")["layer"]:
        for channel, what in layer["encoding"].items():
            if "field" in what and channel not in ("tooltip", "text"):
                assert "domain" in what["scale"], channel


@pytest.mark.parametrize("name", ["losses", "rates"])
def test_runs_differ_by_colour_and_by_dash_and_their_letters_stand_on_them(name):
    spec = BUILDERS[name]("light")
    (line,) = layers(spec, "line")
    assert len(set(line["encoding"]["color"]["scale"]["range"])) == LANES
    assert len({str(dash) for dash in line["encoding"]["strokeDash"]["scale"]["range"]}) == LANES
    assert any(text["encoding"]["text"]["field"] == "lane" for text in layers(spec, "text"))


def test_a_curve_is_cut_at_the_edge_and_never_drawn_along_it():
    for name in ("losses", "held out"):
        assert all(line["mark"]["clip"] for line in layers(BUILDERS[name]("light"), "line"))


def test_validation_is_thinner_than_training_and_has_dots():
    spec = BUILDERS["held out"]("light")
    training, held = layers(spec, "line")
    assert held["data"]["name"] == "test"
    assert held["mark"]["strokeWidth"] < training["mark"]["strokeWidth"]
    assert any(dots["data"]["name"] == "test" for dots in layers(spec, "point"))
    assert not any(layer["data"]["name"] == "test" for layer in BUILDERS["losses"]("light")["layer"])


@pytest.mark.parametrize("name", ["losses", "finals"])
def test_ink_is_that_of_the_theme(name):
    for theme in ("light", "dark"):
        assert INK[theme] in json.dumps(BUILDERS[name](theme))
