"""Every chart is a valid Vega-Lite spec over named tables, the same each time, and fetches nothing."""

from __future__ import annotations

import copy
import json
import re

import altair as alt
import jsonschema
import pandas as pd
import pytest
import vl_convert

from core.diagnosis.theory import landscape
from core.drawing import charts, frames
from core.drawing.chart_parts import PAPER, ZONE_COLOURS, for_streamlit
from core.drawing.lines import STYLES, style_colour
from core.experiment.experiment import Experiment
from core.instruments.compare.ruler import measure
from core.training.train import train
from core.words import ZONES
from tests.cases import for_each
from tests.contrast import contrast
from tests.vega import nodes

LANES = 4
HISTORY = train(Experiment(learning_rates=(1e-6, 0.01, 0.0845, 1.0), epochs=300))
AXIS = frames.loss_axis(HISTORY)
BOX = frames.contour_box(landscape(HISTORY.experiment))
X, Y = frames.data_axes(HISTORY.experiment)
W = frames.weight_axis(HISTORY)


def tables():
    """The tables of a real run by the names the charts know them by."""
    ruler = measure(HISTORY.experiment)
    return {
        "curve": pd.DataFrame(frames.curves(HISTORY, AXIS)),
        "exit": pd.DataFrame(frames.exits(HISTORY, AXIS)),
        "sweep": ruler.curve(),
        "zones": ruler.zones(),
        "limits": ruler.limit(),
        "below": ruler.below(AXIS),
        "lanes": pd.DataFrame(ruler.lanes(HISTORY, AXIS)),
        "points": pd.DataFrame(frames.points(HISTORY.experiment)),
        "fits": pd.DataFrame(frames.fits(HISTORY)),
        "contours": pd.DataFrame(frames.contours(landscape(HISTORY.experiment), BOX)),
        "paths": pd.DataFrame(frames.paths(HISTORY, BOX)),
        "places": pd.DataFrame(frames.start_and_minimum(landscape(HISTORY.experiment))),
        "weights": pd.DataFrame(frames.weights(HISTORY, W)),
    }


BUILDERS = {
    "loss": lambda theme: charts.loss_curve(theme, (1, 0), "#009E73", AXIS.low, AXIS.high, 300),
    "loss of one epoch": lambda theme: charts.loss_curve(theme, (2, 2), "#D55E00", 1e-12, 1e12, 1),
    "meter": lambda theme: charts.meter_gauge(theme, peak=True),
    "ruler": lambda theme: charts.ruler(theme, LANES, (1e-6, 1.0), (AXIS.low, AXIS.high), 300),
    "ruler, widest": lambda theme: charts.ruler(theme, 8, (1e-12, 1e6), (1e-12, 1e12), 1_000_000),
    "fits": lambda theme: charts.fitted_lines(theme, LANES, (X.low, X.high), (Y.low, Y.high), "x", "y (g)"),
    "contour": lambda theme: charts.contour(theme, LANES, (BOX.w.low, BOX.w.high), (BOX.b.low, BOX.b.high)),
    "weights": lambda theme: charts.weight_curve(theme, LANES, W.low, W.high, 300, W.scale == "symlog"),
    "calm weights": lambda theme: charts.weight_curve(theme, LANES, -1.0, 5.0, 300, False),
}
every_chart = for_each("name", BUILDERS)
both_themes = for_each("theme", ["light"], slow=["light", "dark"])


@every_chart
@both_themes
def test_every_chart_is_valid_by_altairs_own_schema(name, theme):
    assert isinstance(alt.LayerChart.from_dict(BUILDERS[name](theme), validate=True), alt.LayerChart)


def test_the_schema_would_refuse_a_wrong_mark_and_a_wrong_scale():
    for wrong in ({"mark": {"type": "lin"}}, {"encoding": {"x": {"field": "a", "type": "quantitativ"}}}):
        spec = copy.deepcopy(BUILDERS["loss"]("light"))
        spec["layer"][0] |= wrong
        with pytest.raises(jsonschema.ValidationError):
            alt.LayerChart.from_dict(spec, validate=True)


@every_chart
def test_a_second_call_gives_an_equal_spec(name):
    first = copy.deepcopy(BUILDERS[name]("light"))
    assert BUILDERS[name]("light") == first
    for builder in ("loss_curve", "meter_gauge", "ruler", "fitted_lines", "contour", "weight_curve"):
        getattr(charts, builder).cache_clear()
    assert BUILDERS[name]("light") == first  # built anew, with no counter in it


@every_chart
def test_the_theme_changes_the_ink(name):
    if "loss of" not in name and "weights" not in name:
        assert BUILDERS[name]("light") != BUILDERS[name]("dark")


@every_chart
@both_themes
def test_no_chart_fetches_anything(name, theme):
    spec = BUILDERS[name](theme)
    assert not any("url" in node or "href" in node for node in nodes(spec))
    assert "http" not in json.dumps({key: value for key, value in spec.items() if key != "$schema"})


@every_chart
def test_a_spec_is_plain_json_without_nan(name):
    assert json.loads(json.dumps(BUILDERS[name]("light"), allow_nan=False))


@every_chart
def test_a_chart_names_only_tables_and_columns_that_a_run_has(name):
    spec, known = BUILDERS[name]("light"), tables()
    columns = {k: set(table.columns) for k, table in known.items()}
    for layer in spec["layer"]:
        table = layer["data"].get("name")
        if "sequence" in layer["data"]:
            present = {layer["data"]["sequence"]["as"]}
        elif table is None:
            present = set().union(*(row.keys() for row in layer["data"]["values"]))
        else:
            assert table in columns
            present = columns[table]
        transforms = layer.get("transform", [])
        made = {step["as"] for t in transforms for step in [*t.get("joinaggregate", []), *t.get("window", [])]}
        made |= {t["as"] for t in transforms if "calculate" in t}
        made |= {step["as"] for t in transforms for step in t.get("aggregate", [])}
        used = {channel["field"] for channel in layer["encoding"].values() if "field" in channel}
        used |= {
            field
            for t in transforms
            if isinstance(t.get("filter"), str)
            for field in re.findall(r"datum\.(\w+)", t["filter"])
        }
        assert used <= present | made, (table, used)


@every_chart
def test_titles_hold_no_learning_rate_so_that_the_scrubber_keeps_its_place(name):
    titles = [node["title"] for node in nodes(BUILDERS[name]("light")) if isinstance(node.get("title"), str)]
    assert not any("0.01" in title or "1e-06" in title for title in titles)


def test_the_zones_of_the_chart_are_those_of_the_ruler():
    assert tuple(ZONE_COLOURS) == ZONES


OKABE_ITO = ["#0072B2", "#009E73", "#D55E00", "#CC79A7"]  # as published; the others are too light for lines


def test_a_lane_has_a_hue_and_a_dash_of_its_own_by_its_letter_however_many_there_are():
    assert charts.lane_colours(4, "light") == OKABE_ITO
    for theme in ("light", "dark"):
        all_hues = charts.lane_colours(8, theme)
        assert len(set(all_hues)) == 8
        assert [charts.lane_colours(lanes, theme) for lanes in range(9)] == [all_hues[:lanes] for lanes in range(9)]
    assert len(set(map(tuple, charts.lane_dashes(8)))) == 8
    assert charts.lane_dashes(3) == charts.lane_dashes(8)[:3]


@for_each("theme", ["light", "dark"])
def test_hues_and_the_letters_on_them_have_the_contrast_that_wcag_asks(theme):
    hues = charts.lane_colours(8, theme)
    styles = [style_colour(style, theme) for style in STYLES]
    for colour in [*hues, *styles, *(charts.role_colour(role, theme) for role in charts.COLOURS)]:
        assert contrast(colour, PAPER[theme]) >= 3, colour
    for colour in hues:
        assert contrast(colour, charts.on_colour(colour)) >= 4.5, colour
        assert contrast(colour, charts.on_colour(str(colour))) >= 4.5, colour


@for_each("theme", ["light", "dark"])
def test_streamlit_draws_an_axis_and_a_legend_in_letters_with_the_contrast_that_wcag_asks(theme):
    config = for_streamlit(BUILDERS["loss"](theme), theme)["config"]
    for part in ("axis", "legend"):
        assert all(contrast(config[part][letters], PAPER[theme]) >= 4.5 for letters in ("labelColor", "titleColor"))


def test_every_role_has_a_dash_of_its_own():
    assert len(set(charts.DASHES.values())) == len(charts.DASHES) == len(charts.COLOURS)


@pytest.mark.parametrize(
    ("most", "labels"), [(100_000, ["0", "20,000", "80,000"]), (4_000_000, ["0", "10⁶", "4\u00a0×\u00a010⁶"])]
)
def test_an_axis_in_even_steps_says_each_number_and_not_the_next_power_of_ten(most, labels):
    points = alt.Chart(alt.Data(values=[{"epoch": 0}, {"epoch": most}])).mark_point()
    drawn = vl_convert.vegalite_to_svg(points.encode(x=charts.epoch_x(most, straight=True)).to_dict())
    written = re.findall(r"<text[^>]*>([^<]*)</text>", drawn)
    assert set(labels) <= set(written)
    assert len(written) == len(set(written)), "no two ticks are called the same"
