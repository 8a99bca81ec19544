"""A schedule against the constant rate: against single runs and least squares, and its words on comparisons by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core import SCHEDULE_PRESETS
from core.experiment.experiment import Experiment
from core.instruments.schedules import charts
from core.instruments.schedules.comparison import (
    Comparison,
    clean,
    comparison_pieces,
    conclusion,
    explained,
    floors,
    joined_comparison,
    loss_axis,
    noisy,
    outcome,
)
from core.instruments.sweep.sweep import grid, train_piece
from core.methods.schedules import TITLES
from core.training.train import train
from tests.cases import for_each
from tests.vega import check

NOISY = Experiment(data="noisy-line", batch_size=4, epochs=60, schedule="linear")
MOONS = Experiment(data="moons", hidden=(4,), batch_size=20, epochs=8, schedule="cosine")
RATES = grid(1e-3, 0.3, 24)


def fought(experiment, rates=RATES, seeds=(0, 1, 2)):
    return joined_comparison(
        experiment, rates, seeds, [train_piece(one) for one in comparison_pieces(experiment, rates, seeds)]
    )


def by_hand(still, fell, helped=3, peak=0.0):
    """A comparison that ends at these heights, from a start of 10."""
    runs = [("constant", 0, 10.0, 0.1), ("constant", 9, still, 0.1), ("linear", 0, 10.0, 0.2), ("linear", 5, peak, 0.1)]
    curves = pd.DataFrame([*runs, ("linear", 9, fell, 0.0)], columns=["runner", "epoch", "loss", "rate"])
    return Comparison(
        schedule="linear", rates=(0.1, 0.2), ends=(still, fell), helped=helped, seeds=3, height="loss", curves=curves
    )


def test_noise_and_its_lack_differ_in_the_batch_alone():
    full = replace(NOISY, batch_size=None)
    assert noisy(NOISY) == NOISY
    assert noisy(full) == replace(full, batch_size=4)
    assert clean(NOISY) == full


def test_floors_are_those_of_least_squares_and_0_where_unknown():
    for seed, floor in zip((0, 5), floors(NOISY, (0, 5)), strict=True):
        data = replace(NOISY, seed=seed).dataset()
        residuals = np.polyfit(data.x[:, 0], data.y, 1, full=True)[1]
        assert floor == pytest.approx(residuals[0] / 40, rel=1e-9)
    assert floors(MOONS, (0, 1)).tolist() == [0, 0]


@pytest.mark.parametrize("experiment", [NOISY, clean(NOISY), MOONS], ids=["noisy", "clean", "network"])
def test_ends_and_best_rates_are_those_of_single_runs(experiment):
    found = fought(experiment)
    floor = floors(experiment, (0, 1, 2))
    for place, schedule in enumerate(("constant", experiment.schedule)):
        ends = np.array(
            [
                train(replace(experiment, schedule=schedule, learning_rates=RATES, seed=seed)).loss[:, -1] - floor[seed]
                for seed in range(3)
            ]
        )
        middle = np.median(np.where(np.isfinite(ends), ends, np.inf), axis=0)
        assert found.rates[place] == RATES[int(middle.argmin())]
        assert found.ends[place] == pytest.approx(middle.min(), rel=1e-6)


def test_what_is_drawn_is_the_first_seeds_run_with_the_rates_it_had():
    found = fought(NOISY)
    fell = found.curves[found.curves.runner == "linear"]
    alone = train(replace(NOISY, learning_rates=(found.rates[1],)))
    assert fell.loss.to_numpy() == pytest.approx(alone.loss[0, fell.epoch] - floors(NOISY, (0,)), rel=1e-9)
    before_the_last = fell[fell.epoch < 60]  # the first step of each epoch, of 10 steps
    assert before_the_last.rate.to_numpy() == pytest.approx(found.rates[1] * (1 - before_the_last.epoch / 60))
    still = found.curves[found.curves.runner == "constant"]
    assert set(still.rate) == {found.rates[0]}


def test_decay_helps_the_noisy_line_tenfold_and_the_clean_one_not():
    assert fought(NOISY).gain > 10
    assert fought(clean(NOISY)).gain < 1.5


def test_nothing_is_lower_than_rounding_shows():
    easy = fought(replace(clean(NOISY), standardize=True), grid(0.1, 0.9, 24))
    assert min(easy.ends) >= np.finfo(float).eps * floors(NOISY, (0,))[0] / 4
    assert easy.curves.loss.min() > 0


def test_where_all_rates_overflow_there_is_no_duel():
    assert fought(replace(clean(NOISY), epochs=2000), grid(1e3, 1e5, 20)) is None


@pytest.mark.parametrize(
    ("comparison", "words"),
    [
        (
            by_hand(1.0, 0.1),
            "**Linear: 10 times lower**, at 0.1, the constant rate at 1. The schedule ends lower in 3 of 3",
        ),
        (
            by_hand(0.1, 1.0, 0),
            "**Linear: 10 times higher**, at 1, the constant rate at 0.1. The schedule ends lower in 0 of 3",
        ),
        (by_hand(1.0, 0.9), "**Linear: less than 1.5 times apart.** It ends at 0.9, the constant rate at 1."),
        (by_hand(8.9e-308, 5.2e-25), "**Linear: both reach the minimum**, to less than 10⁻¹² times the first loss."),
        (by_hand(1e-3, 8.9e-308), "**Linear: 10⁸ times lower**"),
        (by_hand(1.0, 0.9, peak=500.0), "the scheduled loss climbs to 500: its rate begins too high"),
    ],
)
def test_the_end_is_told_with_its_numbers(comparison, words):
    assert words in outcome(comparison)


def test_the_moral_knows_all_four_ways_it_can_be():
    helps, idle = by_hand(1.0, 0.1), by_hand(1.0, 1.0)
    said = [conclusion(*pair) for pair in ((helps, idle), (helps, helps), (idle, helps), (idle, idle))]
    assert [words.split("**")[1] for words in said] == [
        "Here the schedule pays where the steps are noisy, and only there.",
        "Here it pays with and without noise.",
        "Here it pays only without noise",
        "Here it does not pay",
    ]


@for_each("name", TITLES)
def test_every_schedule_explains_itself_with_its_formula_and_its_code(name):
    words, code = explained(name)
    assert "lr" in words and "=" in words
    assert "Source" not in words
    compile(code.strip(), name, "exec")


def test_axes_hold_the_ends_and_a_start_that_climbs_within_reason():
    axis = loss_axis([by_hand(1.0, 0.02, peak=1e20)])
    assert (axis.low, axis.high) == (0.01, 1e4)


def test_charts_are_over_what_the_page_sends():
    comparison = by_hand(1.0, 0.1)
    columns = {"runs": set(comparison.curves)}
    names, titles = ("constant", "linear"), ("Constant rate", "Linear")
    check(charts.losses("light", names, titles, 60, loss_axis([comparison])), columns)
    check(charts.rates("light", names, titles, 60, 0.2), columns)


@pytest.mark.parametrize("title", SCHEDULE_PRESETS)
def test_presets_begin_with_a_schedule_and_two_ends(title):
    experiment = SCHEDULE_PRESETS[title]
    assert experiment.schedule != "constant"
    assert len(experiment.learning_rates) == 2
