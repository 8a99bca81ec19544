"""The ruler: 200 rates in order, what became of them, and the zones of theory."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.data.datasets import LINES
from core.drawing.axes import Axis
from core.drawing.frames import loss_axis
from core.experiment.experiment import Experiment
from core.instruments.compare.ruler import measure
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
    table = ruler.curve(Axis(low=1e-6, high=1e5))
    assert ruler.sweep.epochs == 200
    for k in (0, 90, 150, 199):
        loss = train(replace(ARTICLE, learning_rates=(table["rate"][k],))).loss[0, -1]
        if np.isfinite(loss):
            assert table["loss"][k] == pytest.approx(loss, rel=1e-9)
        else:
            assert np.isnan(table["loss"][k])


def test_what_can_be_clicked_lies_on_the_axis_and_the_curve_is_never_moved_onto_its_edge():
    axis = Axis(low=1e-3, high=1e3)
    table = measure(ARTICLE).curve(axis)
    assert table["target"].between(axis.low, axis.high).all()
    drawn = table["loss"].dropna()
    assert not drawn.isin([axis.low, axis.high]).any()
    on_axis = table["loss"].between(axis.low, axis.high)
    assert 10 < on_axis.sum() < 190
    assert (table["target"] == table["loss"])[on_axis].all()
    assert (table["target"][table["loss"].isna()] == axis.high).all()
    assert np.isfinite(drawn).all()


def test_where_the_curve_sinks_below_the_axis_is_marked_at_its_first_and_last_rate():
    ruler, axis = measure(ARTICLE), Axis(low=1e-5, high=1e5)
    under = ruler.sweep.learning_rates[ruler.sweep.final_loss[0] < 1e-5]
    table = ruler.below(axis)
    assert table["rate"].tolist() == [under[0], under[-1]]
    assert (table["loss"] == axis.low).all()
    assert table["words"].tolist() == ["below 1e-5", ""]
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
