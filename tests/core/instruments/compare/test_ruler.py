"""The ruler: 200 rates in order, what became of them, and the zones of theory."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.data.datasets import LINES
from core.drawing.axes import Axis
from core.drawing.deck import family
from core.drawing.frames import loss_axis
from core.experiment.experiment import Experiment
from core.instruments.compare.ruler import measure, ruler_of_run
from core.training.train import train
from core.words import ZONES
from tests.cases import for_each

ARTICLE = Experiment(epochs=200)


@pytest.mark.parametrize("name", LINES)
def test_the_measured_limit_of_every_data_set_is_the_predicted_one(name):
    ruler = measure(Experiment(data=name))
    assert ruler.measured == pytest.approx(ruler.predicted, rel=1e-4)


@for_each("name", LINES)
@for_each(("optimizer", "momentum"), [("momentum", 0.9), ("nesterov", 0.5), ("nesterov", 0.9)])
def test_with_momentum_it_is_the_predicted_one_as_well(name, optimizer, momentum):
    ruler = measure(Experiment(data=name, optimizer=optimizer, momentum=momentum))
    assert ruler.measured == pytest.approx(ruler.predicted, rel=1e-4)


@for_each("name", LINES)
@for_each(
    ("optimizer", "momentum", "words"),
    [
        ("sgd", 0.0, {}),
        ("momentum", 0.9, {}),
        ("nesterov", 0.9, {}),
        ("sgd", 0.0, {"epochs": 1}),
        ("sgd", 0.0, {"epochs": 3000}),
        ("sgd", 0.0, {"standardize": True}),
    ],
)
def test_between_the_rates_of_a_run_it_is_found_as_well(name, optimizer, momentum, words):
    history = train(family(Experiment(data=name, optimizer=optimizer, momentum=momentum, **words)))
    ruler = ruler_of_run(history)
    assert ruler.measured == pytest.approx(ruler.predicted, rel=1e-4)


def test_the_rates_of_a_run_are_its_ruler_and_their_losses_those_of_its_last_epoch():
    history = train(family(ARTICLE))
    ruler = ruler_of_run(history)
    assert ruler.sweep.learning_rates.tolist() == list(history.experiment.learning_rates)
    np.testing.assert_array_equal(ruler.sweep.final_loss[0], history.loss[:, -1])
    assert (ruler.sweep.epochs, ruler.engine) == (200, "numpy")


@for_each("words", [{"optimizer": "adam"}, {"schedule": "cosine"}])
def test_where_theory_knows_no_limit_none_is_told(words):
    experiment = Experiment(**words, epochs=50, learning_rates=(0.01, 0.1))
    rulers = (measure(experiment), ruler_of_run(train(experiment)))
    for ruler in rulers:
        assert ruler.measured is None
        assert np.isnan([ruler.overshoot, ruler.predicted]).all()
        assert "No limit is known beforehand" in ruler.words(experiment)
    assert rulers[0].rates.low < 1e-8 < 100 < rulers[0].rates.high


def test_its_words_tell_what_was_trained_and_what_the_limits_hold_for():
    # lmax = 12 + sqrt(136), by hand
    assert measure(ARTICLE).words(ARTICLE) == (
        "200 rates trained as one batch. Limit: predicted 2/λ = 0.08452, measured 0.08452."
    )
    batches = replace(ARTICLE, data="noisy-line", batch_size=10, epochs=30)
    assert "with mini-batches the measured limit counts" in measure(batches).words(batches)
    long = Experiment(epochs=500_000)
    ruler = measure(long)
    assert f"It stops at {ruler.sweep.epochs:,} epochs" in ruler.words(long)
    by_torch = replace(ARTICLE, engine="torch", learning_rates=(0.01, 1.0))
    assert "The ruler is trained by NumPy." in measure(by_torch).words(by_torch)
    own = ruler_of_run(train(by_torch)).words(by_torch)
    assert own.startswith("2 rates")
    assert own.endswith("The limit is measured with NumPy.")


def test_a_ruler_has_200_rising_rates_even_on_a_log_axis():
    rates = measure(ARTICLE).sweep.learning_rates
    assert len(rates) == 200
    np.testing.assert_allclose(np.diff(np.log(rates)), np.diff(np.log(rates)).mean(), rtol=1e-6)


@pytest.mark.parametrize("rates", [(1e-6, 0.01, 1.0), (0.05, 0.06), (1e-12, 1e6), (1e6, 1e6), (1e-12, 1e-12)])
def test_a_ruler_spans_every_lane_and_the_limit_and_stays_legal(rates):
    ruler = measure(replace(ARTICLE, learning_rates=rates))
    assert ruler.rates.low == ruler.sweep.learning_rates.min()
    assert ruler.rates.high == ruler.sweep.learning_rates.max()
    for rate in (*rates, ruler.predicted):
        assert 1e-12 <= ruler.rates.low <= rate <= ruler.rates.high <= 1e6


def test_the_curve_is_what_single_runs_give():
    ruler = measure(ARTICLE)
    table = ruler.curve()
    assert ruler.sweep.epochs == 200
    for k in (0, 90, 150, 199):
        loss = train(replace(ARTICLE, learning_rates=(table["rate"][k],))).loss[0, -1]
        if np.isfinite(loss):
            assert table["loss"][k] == pytest.approx(loss, rel=1e-9)
        else:
            assert np.isnan(table["loss"][k])


def test_the_curve_has_every_loss_as_it_is_and_a_gap_where_there_is_none():
    ruler = measure(ARTICLE)
    table, loss = ruler.curve(), ruler.sweep.final_loss[0]
    assert table["rate"].tolist() == ruler.sweep.learning_rates.tolist()
    gone = ~np.isfinite(loss)
    assert 10 < gone.sum() < 190
    assert table["loss"].isna().tolist() == gone.tolist()
    assert table["loss"][~gone].tolist() == loss[~gone].tolist()


def test_where_the_curve_sinks_below_the_axis_is_marked_at_its_first_and_last_rate():
    ruler, axis = measure(ARTICLE), Axis(low=1e-5, high=1e5)
    under = ruler.sweep.learning_rates[ruler.sweep.final_loss[0] < 1e-5]
    table = ruler.below(axis)
    assert table["rate"].tolist() == [under[0], under[-1]]
    assert (table["loss"] == axis.low).all()
    assert table["words"].tolist() == ["below 10⁻⁵", ""]
    assert ruler.below(Axis(low=1e-30, high=1e5)).empty


def test_the_loss_axis_of_the_ruler_is_as_high_as_the_lanes_and_reaches_at_least_as_deep():
    lanes = loss_axis(train(ARTICLE))
    ruler = measure(ARTICLE)
    axis = ruler.losses(lanes)
    assert axis.high == lanes.high
    assert axis.low <= lanes.low
    assert np.log10(axis.low) == pytest.approx(round(np.log10(axis.low)), abs=1e-9)


def test_the_zones_meet_at_the_overshoot_limit_and_the_stability_limit():
    ruler = measure(ARTICLE)
    zones = ruler.zones()
    assert zones["zone"].tolist() == list(ZONES)
    assert zones["from"].tolist()[1:] == zones["to"].tolist()[:-1]
    edges = [ruler.rates.low, 1 / (12 + np.sqrt(136)), 2 / (12 + np.sqrt(136)), ruler.rates.high]
    np.testing.assert_allclose([*zones["from"], zones["to"].iloc[-1]], edges, rtol=1e-12)


def test_the_predicted_limit_is_marked_in_words():
    ruler = measure(ARTICLE)
    assert ruler.limit()["rate"].tolist() == [ruler.predicted]
    assert ruler.limit()["words"].tolist() == ["limit 0.08452"]


def test_every_lane_has_a_handle_at_its_rate_and_on_the_axis():
    history = train(ARTICLE)
    axis = loss_axis(history)
    table = pd.DataFrame(measure(ARTICLE).lanes(history, axis))
    assert table["lane"].tolist() == ["A", "B", "C"]
    assert table["rate"].tolist() == [1e-6, 0.01, 1.0]
    assert table["loss"].between(axis.low, axis.high).all()
    assert table["loss"][1] == pytest.approx(history.loss[1, -1])
    assert table["loss"][2] == axis.high
    assert table["words"][0] == "43.59"


def test_a_long_experiment_gets_a_shorter_sweep_that_says_so():
    ruler = measure(Experiment(epochs=500_000))
    assert ruler.sweep.epochs < 500_000
