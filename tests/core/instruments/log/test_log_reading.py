"""What a log's runs say is true of curves whose answer is known beforehand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import Experiment, stability_limit, train
from core.instruments.log.examples import EXAMPLES, overfitting, several_rates, too_high
from core.instruments.log.reading import read_run, read_runs, sampling
from core.instruments.log.run import Run
from core.instruments.log.scene import compare, moving_average, picture
from core.instruments.log.training_log import read_log
from tests.cases import for_each


def run(loss, steps=None, rate=None, axis="step", held=None):
    loss = np.asarray(loss, float)
    steps = np.arange(len(loss), dtype=float) if steps is None else np.asarray(steps, float)
    return Run(
        name="run",
        axis=axis,
        steps=steps,
        loss=loss,
        learning_rate=None if rate is None else np.full(len(loss), rate),
        validation_steps=None if held is None else steps,
        validation=None if held is None else np.asarray(held, float),
    )


def readings(text):
    return read_runs(read_log(text).runs)


FALLING = 2.0 * 0.9 ** np.arange(50) + 0.1
FLAT = np.full(50, 2.0) - 1e-3 * np.arange(50)


def test_the_examples_are_what_their_titles_say():
    assert [each.diagnosis.label for each in readings(too_high())] == ["exploding"]
    (overfits,) = readings(overfitting())
    assert overfits.diagnosis.label == "plateau"
    assert "risen to" in overfits.overfits
    assert "larger model would learn still more by heart" in overfits.diagnosis.advice  # and not: try a larger model
    assert [each.diagnosis.role for each in readings(several_rates())] == ["low", "good", "good", "high"]


def test_a_growing_run_gives_its_stability_limit_away():
    experiment = Experiment(learning_rates=(0.0875,), epochs=60)
    (found,) = read_runs([run(train(experiment).loss[0], rate=0.0875)])
    told = float(found.unknown.split("about ")[1].rstrip("."))
    assert told == pytest.approx(stability_limit(experiment), rel=1e-3)


def test_evidence_counts_in_the_logs_own_steps():
    found = read_run(run(FALLING, steps=100 * np.arange(50)))
    assert "at step 0 to 0.1115 at step 4,900" in found.diagnosis.evidence
    broken = read_run(run([2, 3, 30, np.inf], steps=[0, 500, 1000, 1500], axis="epoch"))
    assert "stood at 30 and overflowed at epoch 1,500" in broken.diagnosis.evidence


def test_a_loss_that_becomes_nan_without_having_grown_does_not_blame_the_rate_alone():
    sudden, grown = read_run(run([2, 2.1, 2, np.nan])), read_run(run([2, 20, 200, np.nan]))
    assert sudden.diagnosis.advice.startswith("Look first for a logarithm")
    assert grown.diagnosis.advice.startswith("Probably too high")


def test_a_run_thrown_above_its_start_is_too_high_and_a_noisy_first_loss_is_not_that():
    thrown = read_run(run([0.7, *[14.0] * 60]))
    assert (thrown.diagnosis.role, thrown.title) == ("high", "Loss went up")
    noise = np.random.default_rng(0).normal(0, 0.1, 300)
    assert read_run(run(0.69 + noise - 0.2 * (np.arange(300) == 0))).diagnosis.role != "high"


def test_a_flat_curve_by_itself_asks_for_both_rates_and_beside_its_experiment_for_none():
    alone = read_run(run(FLAT, rate=0.01))
    assert "3 times the rate (0.03)" in alone.unknown
    assert "a third of it (0.003333)" in alone.unknown
    flat, falling = read_runs([run(FLAT, rate=0.01), run(FALLING, rate=0.1)])
    assert (flat.diagnosis.label, flat.diagnosis.advice) == ("too_slow", "Too low: run B, at 0.1, ended at 0.1141.")
    assert falling.diagnosis.role == "good"
    high, _ = read_runs([run(FLAT, rate=1.0), run(FALLING, rate=0.1)])
    assert high.diagnosis.advice.startswith("Too high: run B, at 0.1")


def test_the_best_constant_prediction_tells_a_run_that_learned_nothing():
    assert "best constant prediction" in read_run(run([0.7, *[0.6931] * 60]), baseline=0.6931).diagnosis.reason


@pytest.mark.parametrize(
    ("held", "rises"),
    [
        (np.concatenate([np.linspace(2, 1, 25), np.linspace(1, 1.5, 25)]), True),
        (np.linspace(2, 1, 50), False),
        (np.linspace(1, 2, 50), True),
        (1 + np.random.default_rng(1).normal(0, 0.2, 50), False),
    ],
)
def test_a_validation_loss_that_turned_is_told_and_noise_is_not(held, rises):
    assert bool(read_run(run(FALLING, held=held)).overfits) == rises


@pytest.mark.parametrize(
    ("steps", "axis", "says"),
    [
        (np.arange(9), "step", ""),
        (10 * np.arange(9), "step", "an even number apart"),
        (5 * np.arange(9), "step", "shorter waves are hidden"),
        (np.arange(9), "epoch", "One loss an epoch"),
        (0.15 * np.arange(9), "epoch", "Recorded every 0.15 epochs"),
        ([0, 1, 2, 3, 4, 5, 6, 7, 90], "step", "unevenly spaced"),
        (np.arange(9), "record", ""),
    ],
)
def test_what_the_spacing_of_records_hides_is_said(steps, axis, says):
    words = sampling(run(np.ones(9), steps=steps, axis=axis))
    assert says in words
    assert bool(words) == bool(says)


def test_every_tenth_loss_of_a_period_of_two_is_indeed_smooth():
    zigzag = 1 + 0.5 * (-1.0) ** np.arange(200)
    assert read_run(run(zigzag)).diagnosis.label == "oscillating"
    assert read_run(run(zigzag[::10], steps=10 * np.arange(20))).diagnosis.label == "plateau"


@pytest.mark.parametrize(
    ("finals", "says"),
    [
        ((3, 1, 2), "0.1 ended lowest: 1, run B. It lies inside"),
        ((1, 2, 3), "lowest one tried, so the best may lie beyond: try 0.003333"),
        ((3, 2, 1), "highest one tried, so the best may lie beyond: try 3"),
        ((np.inf,) * 3, "None of these rates ends at a finite loss: try a tenth of the lowest, 0.001"),
    ],
)
def test_the_best_rate_is_named_and_whether_it_sits_at_the_edge(finals, says):
    pairs = zip((0.01, 0.1, 1.0), finals, strict=True)
    found = compare(read_runs([run([4.0, *[final] * 20], rate=rate) for rate, final in pairs]))
    assert found is not None
    assert says in found.words


def test_rates_that_change_or_are_one_are_not_compared():
    assert compare(read_runs([run(FALLING, rate=0.1), run(FALLING, rate=0.1)])) is None
    assert compare(read_runs([run(FALLING), run(FALLING, rate=0.1)])) is None


@given(st.lists(st.floats(0.1, 10), min_size=1, max_size=30), st.sampled_from([0.0, 0.3, 0.9]))
def test_smoothing_is_the_moving_average_that_tensorboard_draws(loss, factor):
    last, seen, by_hand = 0.0, 0, []
    for value in loss:  # the loop of TensorBoard's smoother
        last, seen = last * factor + (1 - factor) * value, seen + 1
        by_hand.append(last / (1 - factor**seen))
    np.testing.assert_allclose(moving_average(np.array(loss), factor), by_hand, rtol=1e-9)


def test_smoothing_ends_where_the_loss_is_no_number():
    assert len(moving_average(np.array([1, 2, np.nan, 1.0]), 0.5)) == 2


def test_no_peak_is_lost_by_thinning():
    loss = np.ones(400_000)
    loss[123_457] = 9.0
    drawn = picture(read_runs([run(loss)]), 0.0).tables["lanes"]
    assert drawn.num_rows < 2000
    assert max(drawn.column("loss").to_pylist()) == 9.0


def test_a_curve_is_cut_where_it_leaves_and_the_place_is_marked():
    drawn = picture(read_runs([run([1, 2, 1e3, 1e9, np.inf]), run([1, 0.5, np.nan, np.nan])]), 0.0)
    first, second = drawn.tables["exits"].to_pylist()
    assert drawn.losses.log
    assert (drawn.losses.low, drawn.losses.high) == (0.1, 1e4)
    assert first["words"] == "A left at step 3"
    assert 2 < first["step"] < 3
    assert second["words"] == "B no number from step 2"
    assert second["step"] == 1
    assert (first["down"], second["down"]) == (False, False)


def test_a_curve_that_sinks_below_the_chart_is_marked_there_whatever_its_axis_is_called():
    (sunk,) = picture(read_runs([run([1, 0.1, 1e-100, 1e-300], axis="below at")]), 0.0).tables["exits"].to_pylist()
    assert sunk["down"]
    assert sunk["words"] == "A below at below at 2"
    (left,) = picture(read_runs([run([1, 2, 1e9, 1e9], axis="x below at y")]), 0.0).tables["exits"].to_pylist()
    assert not left["down"]


def test_a_loss_that_rises_threefold_stays_on_the_chart():
    rising = np.linspace(2.3, 8.0, 20)
    assert picture(read_runs([run(rising)]), 0.0).losses.high > 8


@for_each(
    "loss",
    [[1.0], [0.0] * 9, [-1, -2, -3.0], [np.nan, 1], [1, np.inf], [1e-320] * 5, [1e308, -1e308, 1, 2], [0, 1, 0, 1]],
)
def test_any_run_can_be_drawn(loss):
    read = read_runs([run(loss, rate=0.1, held=np.abs(np.nan_to_num(loss, posinf=1))), run(FALLING, rate=1.0)])
    drawn = picture(read, 0.9)
    found = compare(read)
    assert found is not None
    for axis in (drawn.losses, drawn.rate_axis, found.losses):
        assert -np.inf < axis.low < axis.high < np.inf


def test_examples_are_made_the_same_every_time():
    for make in EXAMPLES.values():
        first = make()
        make.cache_clear()
        assert make() == first
