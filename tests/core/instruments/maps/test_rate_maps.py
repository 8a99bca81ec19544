"""Rate maps against single runs, and what they say on maps written by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.drawing.tables import arrow
from core.experiment.experiment import Experiment
from core.instruments.maps import charts as rate_maps_chart
from core.instruments.maps.maps import RateMap, best_rates, cells, choices, conclusion, joined_map, map_pieces
from core.instruments.sweep.sweep import grid, train_piece
from core.training.problems import problem
from core.training.train import train
from tests.vega import check

NOISY = Experiment(data="noisy-line", epochs=10)
MOONS = Experiment(data="moons", hidden=(3, 3), epochs=4)
RATES = grid(1e-3, 1, 7)


def made(experiment, knob, seeds=(0, 1)):
    done = [train_piece(piece) for piece in map_pieces(experiment, knob, RATES, seeds)]
    return joined_map(experiment, knob, RATES, seeds, done)


def by_hand(knob, values, best):
    """A map whose loss is least at these rates, by one seed."""
    rates = np.geomspace(1e-4, 10, 51)
    losses = np.stack([1 + np.log(rates / rate) ** 2 for rate in best])[:, None]
    return RateMap(knob=knob, values=values, learning_rates=rates, losses=losses, first=np.full_like(losses, 5.0))


def test_batch_sizes_are_the_powers_of_two_and_every_point():
    assert choices(NOISY, "batch_size") == (1, 2, 4, 8, 16, 32, 40)
    assert choices(Experiment(data="circles", hidden=(2,)), "batch_size") == (1, 2, 4, 8, 16, 32, 64, 128, 256)
    assert choices(MOONS, "width") == (1, 2, 4, 8, 16, 32, 64)


@pytest.mark.parametrize(
    ("experiment", "knob", "place", "fields"),
    [
        (NOISY, "batch_size", 3, {"batch_size": 8}),
        (NOISY, "batch_size", -1, {"batch_size": None}),
        (MOONS, "width", 2, {"hidden": (4, 4)}),
    ],
)
def test_a_cell_is_the_single_run_at_its_rate_and_value(experiment, knob, place, fields):
    found = made(experiment, knob)
    alone = train(replace(experiment, learning_rates=(RATES[4],), seed=1, **fields)).loss[0]
    assert found.losses[place, 1, 4] == pytest.approx(alone[-1], rel=1e-9)
    assert found.first[place, 1, 4] == pytest.approx(alone[0], rel=1e-9)


def test_of_the_first_pieces_it_is_the_first_rows_of_the_whole_map():
    whole = made(NOISY, "batch_size")
    done = [train_piece(piece) for piece in map_pieces(NOISY, "batch_size", RATES, (0, 1))]
    for trained, rows in ((2, 1), (3, 1), (4, 2), (13, 6), (14, 7)):
        found = joined_map(NOISY, "batch_size", RATES, (0, 1), done[:trained])
        assert found.values == whole.values[:rows]
        np.testing.assert_array_equal(found.losses, whole.losses[:rows])
        assert len(best_rates(found)) <= rows
        assert set(cells(found)[0]["value"]) == set(found.values)
    with pytest.raises(ValueError):
        joined_map(NOISY, "batch_size", RATES, (0, 1), done[:1])


def test_a_line_has_no_width():
    with pytest.raises(ValueError, match="must have a hidden layer whose width"):
        map_pieces(NOISY, "width", RATES, (0,))


def test_the_best_rate_of_each_row_is_found():
    found = best_rates(by_hand("batch_size", (1, 2, 4), (0.001, 0.01, 0.1)))
    np.testing.assert_allclose(found["rate"], (0.001, 0.01, 0.1), rtol=1e-9)
    assert ((found["from"] <= found["rate"]) & (found["rate"] <= found["to"])).all()


def test_a_row_where_all_overflow_has_no_best_rate_and_is_drawn_at_the_end_of_the_colours():
    found = by_hand("width", (1, 2), (0.01, 0.1))
    found.losses[1] = np.inf
    assert best_rates(found)["value"].tolist() == [1]
    table, (low, high) = cells(found)
    gone = table[table["value"] == 2]
    assert (gone["loss"] == high).all() and (gone["words"] == "overflow").all()
    assert high == 50  # ten times the first loss
    assert low == pytest.approx(1)


def test_linear_scaling_is_said_to_hold_where_what_was_found_can_not_be_told_from_what_is_foretold():
    rates = np.geomspace(1e-4, 10, 51)
    flat = np.stack([1 + np.log(rates / rate) ** 2 / 1000 for rate in (0.001, 0.001, 0.001)])[:, None]
    unclear = RateMap(
        knob="batch_size", values=(1, 2, 4), learning_rates=rates, losses=flat, first=np.full_like(flat, 5.0)
    )
    assert "holds all the way" in conclusion(unclear)


@pytest.mark.parametrize(("limit", "named"), [(0.0025, True), (0.1, False), (np.nan, False)])
def test_the_limit_of_the_full_batch_is_named_only_where_the_best_rate_is_near_it(limit, named):
    made = replace(by_hand("batch_size", (1, 2, 4, 8), (0.001, 0.002, 0.002, 0.002)), limit=limit)
    assert ("limit of the full batch" in conclusion(made)) == named


def test_the_limit_of_a_map_is_that_of_all_points_in_one_batch():
    x = problem(NOISY).inputs
    assert made(NOISY, "batch_size").limit == pytest.approx(2 / np.linalg.eigvalsh(2 / len(x) * x.T @ x)[-1])
    assert np.isnan(made(MOONS, "batch_size").limit)


@pytest.mark.parametrize(
    ("best", "words"),
    [
        ((0.001, 0.002, 0.004, 0.008), "holds all the way"),
        ((0.001, 0.002, 0.004, 0.005), "holds all the way"),  # 0.6 of what is foretold
        ((0.001, 0.002, 0.002, 0.002), "holds up to batch size 2 "),
        ((0.001, 0.0001, 0.0001, 0.0001), "does not hold here"),
    ],
)
def test_linear_scaling_is_said_to_hold_as_far_as_it_does(best, words):
    assert words in conclusion(by_hand("batch_size", (1, 2, 4, 8), best))


@pytest.mark.parametrize(("best", "way"), [((1.0, 0.1), "falls"), ((0.1, 1.0), "rises"), ((0.1, 0.1), "stays")])
def test_how_the_best_rate_moves_with_the_width_is_told_with_its_numbers(best, way):
    said = conclusion(by_hand("width", (1, 64), best))
    assert f"from narrow to wide it {way}" in said.lower()
    assert "at width 1 to" in said and "at 64" in said


def test_a_best_rate_that_moves_less_than_can_be_told_is_no_trend():
    assert "no clear trend" in conclusion(by_hand("width", (1, 64), (0.1, 0.12)))


def test_under_the_mean_of_squares_the_best_rate_falls_as_the_network_grows_wider():
    # Known of networks whose weights are drawn as here (Yang et al. 2022, arXiv 2203.03466, figure 1): curvature grows
    # with the width.
    wide = Experiment(data="moons", standardize=True, loss="mse", hidden=(8,), epochs=60)
    rates = grid(1e-2, 3, 16)
    done = [train_piece(piece) for piece in map_pieces(wide, "width", rates, (0, 1))]
    found = best_rates(joined_map(wide, "width", rates, (0, 1), done))["rate"].to_numpy()
    assert found[-1] < 0.5 * found[0]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_chart_is_valid_self_contained_and_over_what_the_page_sends(theme):
    found = made(NOISY, "batch_size")
    table, losses = cells(found)
    spec = rate_maps_chart.rate_map(theme, "batch size", found.values, RATES, losses)
    sent = {"cells": arrow(table), "best": arrow(best_rates(found))}
    check(spec, {name: set(part.column_names) for name, part in sent.items()})
