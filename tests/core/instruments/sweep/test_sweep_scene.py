"""What is drawn of a sweep is what was swept."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.experiment.experiment import Experiment
from core.experiment.presets import SWEEP_PRESETS
from core.instruments.sweep.findings import alike, best
from core.instruments.sweep.scene import sweep_scene
from core.instruments.sweep.sweep import beside, grid, seconds, sweep
from core.training.train import train
from core.words import ZONES

NOISY = Experiment(data="noisy-line", batch_size=10, epochs=60, test_share=0.3)
RATES = grid(1e-4, 10, 25)
TABLE = sweep(NOISY, RATES, range(3))
SCENE = sweep_scene(NOISY, TABLE)


def rows(table, epoch):
    frame = table.to_pandas()
    return frame[frame["epoch"] == epoch].set_index("rate")


@pytest.mark.parametrize("k", [0, 5, -1])
def test_the_curve_is_the_median_and_the_band_the_range_of_the_seeds(k):
    shown, losses = rows(SCENE.curve, TABLE.moments[k]), TABLE.losses[:, :, k]
    sound = np.isfinite(losses).all(axis=0) & (losses.max(axis=0) < SCENE.losses.high)
    assert sound.sum() >= 10
    for rate, column in zip(np.array(RATES)[sound], losses[:, sound].T, strict=True):
        row = shown.iloc[np.abs(shown.index - rate).argmin()]
        assert row["typical"] == pytest.approx(np.median(column), rel=1e-6)
        assert (row["low"], row["high"]) == pytest.approx((column.min(), column.max()), rel=1e-6)


def test_a_rate_that_overflowed_is_gone_and_has_no_curve():
    last = TABLE.moments[-1]
    away = ~np.isfinite(TABLE.final_loss).all(axis=0)
    assert away.any()
    gone = rows(SCENE.gone, last).index.to_numpy()
    for rate in np.array(RATES)[away]:
        assert np.isclose(gone, rate, rtol=1e-6).any()
        assert not np.isclose(rows(SCENE.curve, last).index, rate, rtol=1e-6).any()


def test_what_is_gone_tells_by_which_moment_its_loss_had_left_the_chart():
    told = rows(SCENE.gone, TABLE.moments[-1])["left"]
    top = SCENE.losses.high
    for rate, left in told.items():  # the medians of the runs themselves, moment by moment
        at = np.isclose(TABLE.learning_rates, rate, rtol=1e-6).argmax()
        above = ~(np.median(np.nan_to_num(TABLE.losses[:, at], nan=np.inf), axis=0) <= top)
        assert left == np.asarray(TABLE.moments)[above][0] > 0


def test_the_held_out_curve_is_the_median_of_what_was_held_out():
    shown = rows(SCENE.held_out, 60)
    expected = np.median(TABLE.test_losses[:, :5, -1], axis=0)
    np.testing.assert_allclose(shown["loss"].to_numpy()[:5], expected, rtol=1e-6)
    plain = Experiment(epochs=5)
    assert sweep_scene(plain, sweep(plain, (0.01, 0.02))).held_out.num_rows == 0


@pytest.mark.parametrize("k", [0, 5, -1])
def test_the_lowest_so_far_is_the_median_of_each_runs_lowest_of_all_epochs_not_of_those_kept(k):
    runs = np.array([train(replace(NOISY, learning_rates=RATES, seed=seed)).loss for seed in range(3)])
    until = runs[:, :, : TABLE.moments[k] + 1]
    expected = np.median(np.where(np.isfinite(until), until, np.inf).min(axis=2), axis=0)
    shown = rows(SCENE.lowest, TABLE.moments[k])
    np.testing.assert_allclose(shown.index, RATES, rtol=1e-6)  # of runs that overflowed too
    np.testing.assert_allclose(shown["loss"], expected, rtol=1e-6)


def test_the_loss_axis_reaches_down_to_a_lowest_loss_between_the_epochs_kept():
    ringing = Experiment(optimizer="momentum", momentum=0.9, epochs=100)
    made = sweep(ringing, (0.001, 0.01))
    assert made.lowest.min() < made.losses.min()
    assert sweep_scene(ringing, made).losses.low <= made.lowest.min()


def test_the_best_rate_of_each_budget_is_that_of_its_losses():
    shown = SCENE.best.to_pandas()
    assert shown["epoch"].tolist() == [epoch for epoch in TABLE.moments.tolist() if epoch > 0]
    for k, row in zip(range(1, len(TABLE.moments)), shown.itertuples(), strict=True):
        assert row.rate == pytest.approx(RATES[best(TABLE.losses[:, :, k])], rel=1e-6)
        assert (row._4, row.to) == pytest.approx(alike(TABLE, k), rel=1e-6)  # "from" is no name in Python


def test_the_zones_of_a_line_on_the_full_batch_meet_at_one_and_two_over_the_largest_curvature():
    line = Experiment(epochs=5)
    drawn = sweep_scene(line, sweep(line, (0.01, 0.2)))
    zones, limits = drawn.zones.to_pandas(), drawn.limits.to_pandas()
    assert zones["zone"].tolist() == list(ZONES)
    assert [*zones["from"], zones["to"].iloc[-1]] == pytest.approx([0.01, 0.0422620262, 0.0845240525, 0.2], rel=1e-6)
    assert limits["rate"].tolist() == pytest.approx([0.0845240525]) and limits["words"].tolist() == ["limit 0.08452"]


def test_runs_grow_in_the_zone_above_the_limit_and_in_no_other():
    line = Experiment(optimizer="nesterov", momentum=0.5, epochs=300)
    made = sweep(line, grid(1e-3, 1, 60))
    zones = sweep_scene(line, made).zones.to_pandas()
    unstable = made.learning_rates > zones["from"].iloc[-1]
    assert (made.final_loss[0, ~unstable] < 44).all() and not (made.final_loss[0, unstable] < 44).any()


@pytest.mark.parametrize(("low", "high", "zone"), [(1e-4, 1e-3, ZONES[0]), (0.1, 1, ZONES[2])])
def test_a_limit_beyond_the_sweep_is_not_drawn_and_the_whole_sweep_is_one_zone(low, high, zone):
    line = Experiment(epochs=5)
    drawn = sweep_scene(line, sweep(line, (low, high)))
    assert drawn.zones.column("zone").to_pylist() == [zone]
    assert drawn.limits.num_rows == 0


@pytest.mark.parametrize(
    "other",
    [
        NOISY,
        Experiment(data="moons", hidden=(2,), epochs=5),
        Experiment(optimizer="adam", momentum=0.9, epochs=5),
        Experiment(schedule="cosine", epochs=5),
    ],
    ids=lambda one: f"{one.data} {one.optimizer} {one.schedule}",
)
def test_where_theory_does_not_know_the_limit_there_are_no_zones(other):
    drawn = sweep_scene(other, sweep(other, (0.01, 0.02)))
    assert drawn.zones is None and drawn.limits.num_rows == 0


def test_every_rate_of_a_sweep_where_all_overflow_is_drawn_as_gone():
    wild = Experiment(epochs=400)
    scene = sweep_scene(wild, sweep(wild, (10.0, 20.0)))
    assert len(rows(scene.gone, 400)) == 2
    assert rows(scene.best, 400).empty
    assert not scene.findings[0].well


def test_which_rates_left_the_chart_is_said_in_words():
    line = Experiment(epochs=400)  # its limit is 0.08452: higher rates grow, the higher the sooner
    assert sweep_scene(line, sweep(line, (0.01, 0.08))).departures() == ""
    assert (
        sweep_scene(line, sweep(line, (0.01, 1.0)))
        .departures()
        .startswith("The loss at rate 1 left the chart by epoch ")
    )
    said = sweep_scene(line, sweep(line, (0.01, 0.1, 1.0))).departures()
    assert said.startswith("The losses of 2 rates, between 0.1 and 1, left the chart between epoch ")


def test_a_grid_is_even_on_a_log_axis_and_holds_its_ends_exactly():
    rates = grid(1e-12, 1e6, 37)
    assert (rates[0], rates[-1], len(rates)) == (1e-12, 1e6, 37)
    np.testing.assert_allclose(np.diff(np.log(rates)), np.log(1e18) / 36, rtol=1e-9)


@pytest.mark.parametrize(
    ("rate", "expected"),
    [(0.0123456, (0.00123, 0.0123, 0.037)), (1e-12, (1e-12, 1e-12, 3e-12)), (1e6, (1e5, 1e6, 1e6))],
)
def test_beside_a_rate_stand_a_tenth_and_three_times_of_it_where_these_may_be(rate, expected):
    assert beside(rate) == pytest.approx(expected, rel=1e-2)
    Experiment(learning_rates=beside(rate), epochs=1)


@pytest.mark.parametrize("title", SWEEP_PRESETS)
def test_a_preset_sweeps_from_a_lower_to_a_higher_rate_in_seconds(title):
    preset = SWEEP_PRESETS[title]
    low, high = preset.learning_rates
    assert low < high
    assert Experiment.from_query(preset.to_query()) == (preset, ())
    assert seconds(preset, grid(low, high, 40), range(3)) < 20


def test_a_scene_of_40_rates_is_small_to_send():
    table = sweep(NOISY, grid(1e-4, 10, 40), range(3))
    scene = sweep_scene(NOISY, table)
    size = sum(part.nbytes for part in (scene.curve, scene.lowest, scene.held_out, scene.gone, scene.best))
    assert size < 200_000
