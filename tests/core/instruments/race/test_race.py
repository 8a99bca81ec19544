"""The races of update rules and of schedules against single runs, and what is said of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.drawing.axes import whole_decades
from core.drawing.lines import STYLES, race_styles
from core.drawing.tables import arrow
from core.experiment.experiment import Experiment
from core.instruments.race import charts
from core.instruments.race.race import (
    RUNNERS,
    Race,
    by_epoch,
    by_rate,
    conclusion,
    joined_race,
    loss_axis,
    race_pieces,
    standings,
)
from core.instruments.sweep.sweep import SweepTable, grid, train_piece
from core.methods.optimizers import UPDATE_RULES
from core.training.train import train
from tests.cases import for_each
from tests.vega import check, nodes

MOONS = Experiment(data="moons", hidden=(3,), epochs=30, learning_rates=(0.1,))
RATES = grid(1e-3, 10, 9)


RULES = tuple(RUNNERS["optimizer"])


def run(kind):
    done = [train_piece(piece) for piece in race_pieces(MOONS, kind, RATES, (0, 1))]
    return joined_race(MOONS, kind, RATES, (0, 1), done)


@pytest.fixture(scope="module")
def race():
    return run("optimizer")


@pytest.fixture(scope="module")
def schedules():
    return run("schedule")


def at_height(race, **final):
    """The race with these final losses (R,) for some rules, the same from each seed."""
    sweeps = {
        name: replace(table, final_loss=np.tile(np.asarray(final[name], float), (2, 1))) if name in final else table
        for name, table in race.sweeps.items()
    }
    return replace(race, sweeps=sweeps)


def swept(final, rates):
    """A race of two rules with these final losses (R,) from a first loss of 10."""
    sweeps = {
        name: SweepTable(
            learning_rates=rates,
            seeds=(0,),
            final_loss=np.array([loss], float),
            best_loss=np.array([loss], float),
            diverged_at=np.full((1, len(rates)), -1),
            epochs=1,
            moments=np.array([0, 1]),
            losses=np.stack([np.full(len(rates), 10.0), np.array(loss, float)], axis=1)[None],
            lowest=np.stack([np.full(len(rates), 10.0), np.array(loss, float)], axis=1)[None],
            test_losses=None,
        )
        for name, loss in final.items()
    }
    return Race(kind="optimizer", sweeps=sweeps)


def test_who_suffers_least_is_judged_as_far_around_the_best_rate_of_each():
    rates = np.geomspace(1e-4, 1e2, 61)  # ten a decade
    # Momentum is the calmer one about its own best, which lies a decade and a half from the end of the sweep; over
    # the one range for all, plain descent would be, for its best lies in the middle of it.
    calm = np.minimum(10, 1 + np.log10(rates / 10**0.5) ** 2)
    wild = np.minimum(10, 1 + 1.1 * np.log10(rates / 0.1) ** 2)
    race = swept({"sgd": wild, "momentum": calm}, rates)
    whole = {name: np.mean(table.final_loss - 1) for name, table in race.sweeps.items()}
    assert whole["sgd"] < whole["momentum"]
    around = {best: abs(np.log10(rates / best)) < 1.5 + 1e-9 for best in (0.1, 10**0.5)}
    assert np.mean(calm[around[10**0.5]]) < np.mean(wild[around[0.1]])
    assert f"{UPDATE_RULES['momentum'].title} suffers least" in conclusion(race)
    found = standings(race).set_index("runner")["sensitivity"]
    assert found["momentum"] == pytest.approx(np.mean(calm[around[10**0.5]] - 1))
    assert found["sgd"] == pytest.approx(np.mean(wild[around[0.1]] - 1))


def test_who_suffers_least_is_not_told_where_a_best_rate_lies_at_the_edge_of_the_sweep():
    rates = np.geomspace(1e-4, 1e2, 61)
    edge = np.minimum(10, 1 + np.log10(rates / 80) ** 2)
    said = conclusion(swept({"sgd": edge, "momentum": 1 + np.log10(rates) ** 2}, rates))
    assert "too few around each best to tell" in said


@for_each("rule", RULES)
def test_every_rule_is_the_single_run_with_its_usual_momentum(race, rule):
    alone = replace(
        MOONS, optimizer=rule, momentum=UPDATE_RULES[rule].momentum or 0.0, seed=1, learning_rates=RATES[3:4]
    )
    assert race.sweeps[rule].final_loss[1, 3] == pytest.approx(train(alone).loss[0, -1], rel=1e-9)


@for_each("name", RUNNERS["schedule"])
def test_every_schedule_is_the_single_run(schedules, name):
    alone = replace(MOONS, schedule=name, seed=1, learning_rates=RATES[3:4])
    assert schedules.sweeps[name].final_loss[1, 3] == pytest.approx(train(alone).loss[0, -1], rel=1e-9)


def test_what_a_schedule_gains_is_told_against_the_constant_rate_at_its_own_best(schedules):
    flat = {name: [1.0] * 9 for name in RUNNERS["schedule"]}
    assert "no schedule helps much" in conclusion(at_height(schedules, **flat))
    steep = flat | {"cosine": [1] * 8 + [0.1]}
    assert conclusion(at_height(schedules, **steep)).endswith(
        "The best schedule ends 10 times lower than the constant rate at its own best."
    )
    assert "schedule" not in conclusion(at_height(schedules, **(steep | {"constant": [np.inf] * 9})))


def test_the_standings_hold_each_rules_own_best_rate_least_loss_first(race):
    found = standings(race)
    assert sorted(found["runner"]) == sorted(RULES)
    assert found["loss"].is_monotonic_increasing
    for row in found.to_dict("records"):
        middle = np.median(race.sweeps[row["runner"]].final_loss, axis=0)
        assert row["loss"] == np.nanmin(middle)
        assert row["rate"] == RATES[int(np.nanargmin(middle))]
        assert row["from"] <= row["rate"] <= row["to"]


def test_the_way_of_each_rule_is_that_at_its_best_rate(race):
    ways = by_epoch(race)
    for row in standings(race).to_dict("records"):
        way = ways[ways["runner"] == row["runner"]]
        assert way["epoch"].iloc[-1] == 30
        assert way["loss"].iloc[-1] == pytest.approx(row["loss"], rel=1e-12)


def test_a_rule_that_overflows_everywhere_is_left_out(race):
    gone = at_height(race, adam=[np.inf] * 9)
    assert "adam" not in set(standings(gone)["runner"])
    assert "adam" not in set(by_rate(gone)["runner"]) and "adam" not in set(by_epoch(gone)["runner"])


def test_where_all_overflow_lower_rates_are_asked_for(race):
    gone = at_height(race, **{rule: [np.inf] * 9 for rule in RULES})
    assert "sweep lower ones" in conclusion(gone)
    assert by_epoch(gone).empty and by_rate(gone).empty
    assert loss_axis(gone).low < loss_axis(gone).high


def test_one_winner_is_named_and_rules_as_good_share_the_win(race):
    flat = {rule: [1.0] * 9 for rule in RULES}
    one = conclusion(at_height(race, **(flat | {"adam": [1, 1, 0.1, 1, 1, 1, 1, 1, 1]})))
    assert one.startswith("**Adam** ends lowest, at 0.1")
    two = conclusion(at_height(race, **(flat | {"adam": [0.1] + [1] * 8, "nesterov": [1] * 8 + [0.12]})))
    assert two.startswith(f"**Adam and {UPDATE_RULES['nesterov'].title}** end within a factor of 1.5")
    assert "a factor of 10,000 apart" in two


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_charts_are_valid_self_contained_and_over_what_the_page_sends(race, theme):
    titles, losses = tuple(UPDATE_RULES[name].title for name in RULES), whole_decades(1e-3, 10.0)
    sent = {"rates": by_rate(race), "best": standings(race), "ways": by_epoch(race)}
    columns = {name: set(arrow(table).column_names) for name, table in sent.items()}
    chart = charts.by_rate(theme, RULES, titles, losses, losses)
    check(chart, columns)
    (words,) = {node["labelExpr"] for node in nodes(chart) if "'adam'" in str(node.get("labelExpr"))}
    assert all(f"datum.label == '{name}' ? '{title}'" in words for name, title in zip(RULES, titles, strict=True))
    check(charts.by_epoch(theme, RULES, titles, 30, losses), columns)


def test_every_rule_has_a_colour_and_a_dash_of_its_own():
    for looks in zip(*(STYLES[style] for style in race_styles(range(len(RULES)))), strict=True):
        assert len(set(looks)) == len(RULES)
