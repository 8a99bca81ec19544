"""History as a table, and which points of a curve are kept for drawing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.experiment.experiment import Experiment
from core.training.history import epoch_buckets, spread_epochs, thin
from core.training.train import train


def test_the_table_has_one_row_a_lane_and_epoch():
    history = train(Experiment(epochs=50))
    table = history.frame(points=None)
    names = ["lane", "learning_rate", "epoch", "loss", "gradient_norm", "meter", "w", "b"]
    assert list(table.columns) == names
    assert len(table) == 3 * 51
    assert not table.duplicated(["lane", "epoch"]).any()
    for lane, rows in table.groupby("lane"):
        assert rows["epoch"].tolist() == list(range(51))
        assert (rows["learning_rate"] == history.experiment.learning_rates[lane]).all()
        np.testing.assert_array_equal(rows["loss"], history.loss[lane])
        np.testing.assert_array_equal(rows[["w", "b"]], history.parameters[lane])
        np.testing.assert_array_equal(rows["gradient_norm"].iloc[:-1], history.gradient_norm[lane])
        np.testing.assert_array_equal(rows["meter"].iloc[:-1], history.meter[lane])


def test_the_last_row_of_a_lane_has_no_step_after_it():
    last = train(Experiment(epochs=5)).frame().groupby("lane").nth(-1)
    assert last["gradient_norm"].isna().all() and last["meter"].isna().all()
    assert last["loss"].notna().all()


def test_the_thinned_table_holds_rows_of_the_whole_one_and_its_ends():
    history = train(Experiment(epochs=3000, learning_rates=(0.01, 1.0), momentum=0.9))
    whole, thinned = history.frame(points=None), history.frame(points=90)
    assert len(thinned) < 0.1 * len(whole)
    both = thinned.merge(whole, on=list(whole.columns), how="left", indicator=True)
    assert (both["_merge"] == "both").all()
    for _, rows in thinned.groupby("lane"):
        assert rows["epoch"].iloc[0] == 0 and rows["epoch"].iloc[-1] == 3000
        assert rows["epoch"].is_monotonic_increasing


def test_inf_and_nan_stay_in_the_table_as_they_came():
    table = train(Experiment(learning_rates=(1.0,), epochs=300)).frame(points=None)
    assert np.isinf(table["loss"].iloc[113]) and np.isnan(table["loss"].iloc[228])


CURVES = arrays(float, st.integers(2, 400), elements=st.floats(-1e6, 1e6) | st.sampled_from([np.inf, np.nan, 0.0]))


@given(CURVES, st.integers(3, 60))
def test_thinning_keeps_ends_peaks_dips_and_the_first_that_is_not_finite(curve, points):
    kept = thin(curve, points)
    assert (np.diff(kept) > 0).all()
    assert kept[0] == 0 and kept[-1] == len(curve) - 1
    assert len(kept) <= points + 3
    finite = np.isfinite(curve)
    if finite.any():
        assert curve[kept][np.isfinite(curve[kept])].max() == curve[finite].max()
        assert curve[kept][np.isfinite(curve[kept])].min() == curve[finite].min()
    if not finite.all():
        assert int(np.flatnonzero(~finite)[0]) in kept


def test_one_peak_among_a_million_points_is_kept():
    curve = np.ones(1_000_001)
    curve[777_777], curve[345_678] = 5.0, -5.0
    kept = thin(curve, 200)
    assert {0, 777_777, 345_678, 1_000_000} <= set(kept.tolist())
    assert len(kept) <= 203


@pytest.mark.parametrize("length", [1000, 100_000])
def test_a_period_of_two_still_goes_up_and_down_when_thinned(length):
    curve = 10 + np.where(np.arange(length) % 2, 1.0, -1.0)
    drawn = curve[thin(curve, 150)]
    assert (np.abs(np.diff(drawn)) == 2).mean() > 0.6
    assert set(drawn[-10:]) == {9.0, 11.0}


def test_a_curve_that_is_short_enough_is_kept_whole():
    assert thin(np.arange(10.0), 10).tolist() == list(range(10))


def test_a_curve_that_is_never_finite_is_thinned_all_the_same():
    kept = thin(np.full(1000, np.nan), 30)
    assert kept[0] == 0 and kept[-1] == 999


@given(st.integers(1, 10**7), st.integers(1, 200))
def test_buckets_cover_every_epoch_once_and_grow(epochs, count):
    edges = epoch_buckets(epochs, count)
    assert edges[0] == 0 and edges[-1] == epochs + 1
    assert (np.diff(edges) > 0).all()
    assert len(edges) <= count + 1


@pytest.fixture
def small_is_light(monkeypatch):
    monkeypatch.setattr("core.training.history._WHOLE", 100)
    monkeypatch.setattr("core.training.history._COLUMNS", 60)


LONG = [
    Experiment(epochs=3000, learning_rates=(0.01, 1.0), momentum=0.9),
    Experiment(data="xor", hidden=(3,), epochs=900, learning_rates=(0.1, 3.0), test_share=0.25, sharpness=7),
    Experiment(data="xor", hidden=(3,), epochs=900, learning_rates=(0.1, 3.0), schedule="plateau"),
]


@pytest.mark.parametrize("experiment", LONG, ids=["line", "network", "plateau"])
def test_a_light_run_has_fewer_epochs_and_the_very_numbers_of_the_whole_one(small_is_light, experiment):
    whole = train(experiment)
    light = whole.light()
    assert light.epochs is not None and light.loss.size < whole.loss.size / 2
    assert light.light() is light
    np.testing.assert_array_equal(light.loss, whole.loss[:, light.epochs])
    np.testing.assert_array_equal(light.meter, whole.meter[:, light.epochs[:-1]])
    for lane, loss in enumerate(whole.loss):
        np.testing.assert_array_equal(light.loss[lane, [0, -1]], loss[[0, -1]])
        assert np.nanmin(light.loss[lane]) == np.nanmin(loss)
    merged = light.frame(points=30).merge(whole.frame(points=None), how="left", indicator=True)
    assert (merged["_merge"] == "both").all(), "each of its rows is one of the whole run"
    looked_at = spread_epochs(experiment.epochs, 7) if whole.sharpness is None else whole.sharpness_epochs
    if whole.snapshot_epochs is not None:
        looked_at = whole.snapshot_epochs
    np.testing.assert_array_equal(light.rates(looked_at), whole.rates(looked_at))
    with pytest.raises(ValueError, match="most of its epochs are not kept"):
        light.frame(points=None)


def test_a_short_run_stays_as_it_is():
    history = train(Experiment(epochs=50))
    assert history.light() is history
