"""The charts of a sweep, over the tables of a real one."""

from __future__ import annotations

import pytest

from core.drawing import charts
from core.drawing.axes import whole_decades
from core.drawing.chart_parts import PAPER, rate_axis
from core.experiment.experiment import Experiment
from core.instruments.sweep import charts as sweep_charts
from core.instruments.sweep.scene import sweep_scene
from core.instruments.sweep.sweep import sweep
from tests.contrast import contrast
from tests.vega import check, nodes

RATES, LOSSES = whole_decades(1e-3, 10.0), whole_decades(1e-2, 1e3)
BUILDERS = {
    "tested": lambda theme: sweep_charts.loss_by_rate(theme, RATES, LOSSES, False, True),
    "zoned": lambda theme: sweep_charts.loss_by_rate(theme, RATES, LOSSES, True, False),
    "budget": lambda theme: sweep_charts.best_by_budget(theme, RATES, 300),
}


@pytest.fixture(scope="module")
def columns():
    experiment = Experiment(data="noisy-line", epochs=5, test_share=0.2)
    scene = sweep_scene(experiment, sweep(experiment, (0.01, 0.1, 1.0), (0, 1)))
    names = ("curve", "lowest", "held_out", "gone", "best", "zones", "limits")
    return {name: set(getattr(scene, name).column_names) for name in names}


@pytest.mark.parametrize("name", BUILDERS)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_chart_is_valid_self_contained_and_over_what_the_page_sends(name, theme, columns):
    check(BUILDERS[name](theme), columns)


@pytest.mark.parametrize("name", BUILDERS)
def test_every_chart_follows_the_scrubber(name):
    spec = BUILDERS[name]("light")
    assert any(param["name"] == "epoch" for param in spec["params"])
    assert any("toNumber(epoch)" in str(node.get("filter", "")) for node in nodes(spec))


def layers(**options):
    """Name of a table -> the types of marks that draw it, from the ground up."""
    spec = sweep_charts.loss_by_rate("light", RATES, LOSSES, **options)
    return [(layer["data"]["name"], layer["mark"]["type"]) for layer in spec["layer"]]


@pytest.mark.parametrize("ends", [(0.08, 0.09), (2e-8, 9e-8), (0.05, 0.3), (1.0, 1.001), (1e-12, 1e6), (0.1, 10.0)])
def test_a_rate_axis_has_two_to_eight_numbers_however_narrow_the_sweep(ends):
    low, high = ends
    values = rate_axis(low, high)["axis"].values
    assert 2 <= len(values) <= 9
    assert all(low * (1 - 1e-9) <= value <= high * (1 + 1e-9) for value in values)


def test_zones_lie_under_all_else_with_their_limit_and_only_where_theory_knows_them():
    known = layers(zoned=True, tested=False)
    assert known[0] == ("zones", "rect")
    assert ("limits", "rule") in known and ("limits", "text") in known
    assert not {"zones", "limits"} & {name for name, _ in layers(zoned=False, tested=True)}


def test_the_zones_look_as_they_do_under_the_ruler():
    ours = sweep_charts.loss_by_rate("light", RATES, LOSSES, True, False)["layer"][0]
    assert ours == charts.ruler("light", 1, RATES.ends, LOSSES.ends, 100)["layer"][0]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_lowest_loss_so_far_is_a_thinner_line_below_that_of_the_loss_and_stands_out_from_the_page(theme):
    spec = sweep_charts.loss_by_rate(theme, RATES, LOSSES, False, True)
    lines = [layer for layer in spec["layer"] if layer["mark"]["type"] == "line"]
    lowest, loss, held_out = lines
    assert [line["data"]["name"] for line in lines] == ["lowest", "curve", "held_out"]
    assert lowest["mark"]["strokeWidth"] < loss["mark"]["strokeWidth"]
    assert "strokeDash" in held_out["mark"] and "strokeDash" not in lowest["mark"]
    assert contrast(lowest["mark"]["color"], PAPER[theme]) > 3


def test_the_axes_are_shared_by_all_layers():
    spec = sweep_charts.loss_by_rate("light", RATES, LOSSES, True, True)
    for layer in spec["layer"]:
        for channel, domain in (("x", RATES), ("y", LOSSES)):
            scale = layer["encoding"].get(channel, {}).get("scale")
            assert scale is None or scale["domain"] == list(domain.ends)
