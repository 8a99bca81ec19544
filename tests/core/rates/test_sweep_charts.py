"""The charts of a sweep, over the tables of a real one."""

from __future__ import annotations

import pytest

from core.experiment import Experiment
from core.rates import sweep_charts
from core.rates.sweep import sweep
from core.rates.sweep_scene import sweep_scene
from tests.vega import check, nodes

RATES, LOSSES = (1e-3, 10.0), (1e-2, 1e3)
BUILDERS = {
    "tested": lambda theme: sweep_charts.loss_by_rate(theme, RATES, LOSSES, None, True),
    "limited": lambda theme: sweep_charts.loss_by_rate(theme, RATES, LOSSES, 0.08, False),
    "budget": lambda theme: sweep_charts.best_by_budget(theme, RATES, 300),
}


@pytest.fixture(scope="module")
def columns():
    experiment = Experiment(data="noisy-line", epochs=5, test_share=0.2)
    scene = sweep_scene(experiment, sweep(experiment, (0.01, 0.1, 1.0), (0, 1)))
    tables = {"curve": scene.curve, "held_out": scene.held_out, "gone": scene.gone, "best": scene.best}
    return {name: set(table.column_names) for name, table in tables.items()}


@pytest.mark.parametrize("name", BUILDERS)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_chart_is_valid_self_contained_and_over_what_the_page_sends(name, theme, columns):
    check(BUILDERS[name](theme), columns)


@pytest.mark.parametrize("name", BUILDERS)
def test_every_chart_follows_the_scrubber(name):
    spec = BUILDERS[name]("light")
    assert any(param["name"] == "epoch" for param in spec["params"])
    assert any("toNumber(epoch)" in str(node.get("filter", "")) for node in nodes(spec))


def test_the_limit_is_drawn_where_it_is_and_only_where_it_is_known_and_in_sight():
    def rules(limit):
        spec = sweep_charts.loss_by_rate("light", RATES, LOSSES, limit, False)
        return [layer for layer in spec["layer"] if layer["mark"]["type"] == "rule"], spec

    (rule,), spec = rules(0.08)
    assert spec["datasets"][rule["data"]["name"]] == [{"rate": 0.08}]
    assert rules(None)[0] == rules(1e-6)[0] == rules(20.0)[0] == []


def test_the_axes_are_shared_by_all_layers():
    spec = sweep_charts.loss_by_rate("light", RATES, LOSSES, 0.08, True)
    for layer in spec["layer"]:
        for channel, domain in (("x", RATES), ("y", LOSSES)):
            scale = layer["encoding"].get(channel, {}).get("scale")
            assert scale is None or scale["domain"] == list(domain)
