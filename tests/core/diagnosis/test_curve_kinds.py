"""Kinds of curves people post, made by formulas: what is right of each is known from how it was made."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core import Experiment, diagnose, train
from core.diagnosis.rules import diagnose_curve
from tests.cases import for_each
from tests.core.diagnosis.test_diagnosis_curve import CURVES, PX, XOR_CLASS, X, Y, label, run

UNITS = [1.0, 1e-9, 1e12]


def noise(n, size, seed=0):
    return size * np.random.default_rng(seed).normal(size=n)


def falls_rises_rests(first, low, rest, n=200, turn=0.3):
    """A loss that falls to its lowest in a share of the run, and rises to rest higher."""
    t = np.linspace(0, 1, n)
    return np.where(t < turn, first * (low / first) ** (t / turn), rest - (rest - low) * np.exp(-(t - turn) / 0.05))


def says(found, *words):
    return all(word in found.reason + found.evidence + found.advice for word in words)


# Thrown up, broken off.


@for_each("unit", UNITS)
@for_each("burst", [[1e6], [40.0], [30.0, 1e4], [1e3, 1e3], [11.0, 70.0, 900.0]])
def test_a_run_that_explodes_in_its_last_few_points_is_too_high(burst, unit):
    loss = unit * np.array([5, 4, 3.5, 3.2, 3, 2.9, 2.8, 2.75, 2.7, 2.68, *burst])
    assert diagnose_curve(loss).label == "exploding"


@for_each("seed", range(5))
@for_each("growing, top", [(10, 1e22), (4, 50.0), (25, 1e5)])
def test_a_calm_noisy_run_that_grows_without_end_is_too_high(growing, top, seed):
    loss = np.r_[2 + noise(60, 0.1, seed), np.geomspace(3, top, growing)]
    assert diagnose_curve(loss).label == "exploding"


@for_each("unit", UNITS)
@for_each(
    "loss",
    [
        [10.9, 9, 7.5, 6.2, 5.2, 4.5, 4, 3.8, 5, 6.5, 7.5, 7.9, 7.7, 7.8, 7.6, 7.9, 7.7, 7.8, 7.6, 7.8],
        falls_rises_rests(0.3, 0.042, 0.087),
        falls_rises_rests(10.9, 3.8, 7.8) + noise(200, 0.05),
        falls_rises_rests(2.3, 0.5, 1.5, n=40, turn=0.5),
    ],
)
def test_a_run_that_rests_well_above_its_lowest_says_so_and_never_that_it_falls(loss, unit):
    found = diagnose_curve(unit * np.asarray(loss))
    assert (found.label, found.role) == ("risen", "high")
    assert "times its lowest" in found.reason and "falls" not in found.reason


def test_how_far_above_its_lowest_it_stands_is_told():
    loss = falls_rises_rests(0.3, 0.042, 0.088)
    assert f"stands at {loss[-1] / loss.min():.2g} times its lowest" in diagnose_curve(loss).reason


@for_each("unit", UNITS)
@for_each("loss", [[0.7, 20, 12, 8, 6, 5.5, 5.2, *[5] * 20], [0.7, *[14.0] * 60], [0.7, 3, 2.5, *[2.0] * 9]])
def test_a_run_thrown_above_its_start_is_too_high_and_wants_no_larger_model(loss, unit):
    found = diagnose_curve(unit * np.array(loss))
    assert found.role == "high" and "lower the rate" in found.advice
    assert not says(found, "model")


@for_each("seed", range(20))
def test_a_first_loss_that_noise_made_low_is_no_run_thrown_up(seed):
    loss = 0.69 + noise(300, 0.1, seed)
    loss[0] = 0.49
    assert diagnose_curve(loss).role != "high"


@for_each("rate", np.geomspace(1e-3, 0.15, 12))
@for_each("epochs", [30, 45, 60, 80, 120, 200])
@for_each("momentum", [0.8, 0.9, 0.95, 0.98])
def test_momentum_that_rings_has_not_risen(momentum, epochs, rate):
    theta, speed, losses = np.zeros(2), np.zeros(2), []
    for _ in range(epochs + 1):
        error = theta[0] * X + theta[1] - Y
        losses.append(float(np.mean(error**2)))
        speed = momentum * speed + np.array([2 * np.mean(error * X), 2 * np.mean(error)])
        theta = theta - rate * speed
    lowest = min(losses)
    assert diagnose_curve(losses).label != "risen" or losses[-1] > 1.5 * lowest


# Exactly 0.


@for_each("unit", UNITS)
@for_each("loss", [[2.1, 1.9, 1.7, 0, 0, 0], [11.72, *[0] * 30], [2.1, 1.9, 1.7, 1.6, 0], [0] * 40])
def test_a_loss_of_exactly_0_from_one_value_to_the_next_is_broken(loss, unit):
    found = diagnose_curve(unit * np.array(loss, float))
    assert (found.label, found.role) == ("broken", "open")
    assert found.title != "Converged"


def test_a_loss_that_falls_a_long_way_before_it_is_0_is_not_broken():
    fell = 2.0 * 0.3 ** np.arange(40)
    assert diagnose_curve(np.append(fell, [0.0] * 20)).label == "converged"
    assert diagnose_curve(np.append(fell.round(4)[:9], [0.0] * 20)).label == "converged"  # four decimals were kept


def test_a_step_that_lands_in_the_minimum_of_a_bowl_is_not_broken():
    # Loss 2 w^2 from w = 1, rate 1/4: w - 1/4 * 4 w = 0 at once, and rate x curvature is 1.
    assert diagnose_curve([2.0, 0, 0, 0], meter=[1.0, np.nan, np.nan, np.nan][:3]).label == "converged"
    assert diagnose_curve([2.0, 0, 0, 0], meter=[0.3, np.nan, np.nan]).label == "broken"


# What is known of the loss.


@for_each("rows", [40, 100, 400])
@for_each("step", [1e-5, 1e-4, 3e-4])
def test_a_straight_fall_is_too_slow_whatever_baseline_is_known(step, rows):
    loss = 2.3026 - step * np.arange(rows) * 100 / rows
    for baseline in (None, np.log(10), 2.0, 5.0):
        assert diagnose_curve(loss, baseline=baseline).label == "too_slow"


BASELINES = {"parabola": np.var(PX**2), "rate": np.var(Y), "momentum": np.var(Y), "adam": np.var(Y), "net": 1.0}


@for_each("name", [name for name in CURVES if "baseline" not in CURVES[name][1] and name.split()[0] in BASELINES])
def test_a_known_baseline_never_turns_a_right_verdict_wrong(name):
    right = CURVES[name][2].split()
    right += ["converged"] if "plateau" in right else []  # far below the baseline it did its job
    assert label(*run(name), **CURVES[name][1], baseline=BASELINES[name.split()[0]]) in right


def test_what_leaves_a_saddle_is_no_rate_too_low():
    # w^2 falls away below 0: the loss falls ever faster, and its meter is negative.
    time = np.arange(60)
    loss = np.log(2) - 1e-6 * 1.1**time
    assert diagnose_curve(loss, meter=np.full(59, -0.05), baseline=np.log(2)).role != "low"
    assert XOR_CLASS.mean() == 0.5  # whose baseline ln 2 is


@for_each("value", [0.51, 3.0, 1e-7])
def test_a_meter_is_not_readable_where_the_loss_does_not_change(value):
    found = diagnose_curve(np.full(60, value), meter=np.full(59, 2.0))
    assert (found.label, found.role) == ("plateau", "open")
    assert "gradient" in found.reason and "meter" not in found.evidence
    wiggle = value * (1 + 4e-16 * np.resize([0, 1], 60))
    assert diagnose_curve(wiggle, meter=np.full(59, 2.0)).role == "open"


# The rate's own column, and the epoch's.

ROWS = np.arange(100)


@for_each("rates", [1e-4 * (ROWS + 1), np.linspace(1e-7, 5e-4, 100), 1e-6 * 1.02**ROWS])
@for_each("loss", [2.3 - 1e-4 * ROWS, np.full(100, 2.3), 2.3 + noise(100, 0.02)])
def test_while_the_rate_still_rises_nothing_says_to_raise_it(rates, loss):
    found = diagnose_curve(loss, learning_rate=rates)
    assert found.role == "open" and "raise" not in found.advice
    assert "still rising" in found.evidence and "still rising" in found.reason


def test_a_rate_that_has_risen_and_then_stands_or_falls_is_not_said_to_rise():
    loss = 2.3 - 1e-4 * ROWS
    for rates in (np.minimum(1e-4 * (ROWS + 1), 1e-3), 1e-3 * (1 - np.abs(ROWS - 30) / 100), 0.01):
        found = diagnose_curve(loss, learning_rate=rates)
        assert found.label == "too_slow" and "rising" not in found.evidence


def range_test(low, high, rows, times, floor=0.81, first=2.3):
    """Losses of a range test: flat, a fall about 1e-3 of the way, and a blow-up to `times` the lowest."""
    rates = np.geomspace(low, high, rows)
    s = np.linspace(0, 1, rows)
    loss = first - (first - floor) / (1 + np.exp(-(s - 0.6) * 25))
    return rates, loss + np.maximum(0, s - 0.85) ** 2 / 0.15**2 * (times * floor - loss[-1])


@for_each("ends", [4.0, 5.0, 15.0, np.inf, np.nan])
@for_each("low, high, rows", [(1e-7, 10, 100), (1e-6, 1, 60), (1e-8, 1.5, 400)])
def test_a_range_test_is_called_one_and_gets_no_verdict_of_a_run(low, high, rows, ends):
    rates, loss = range_test(low, high, rows, ends if np.isfinite(ends) else 5.0)
    loss[-1] = loss[-1] if np.isfinite(ends) else ends
    found = diagnose_curve(loss, learning_rate=rates)
    assert (found.label, found.role) == ("range_test", "open")
    lowest = rates[np.nanargmin(loss)]
    assert f"{lowest:.4g}" in found.advice


def test_a_schedule_is_no_range_test():
    rates, loss = range_test(1e-7, 10, 100, 5.0)
    assert diagnose_curve(loss, learning_rate=np.linspace(1e-7, 10, 100)).label != "range_test"
    assert diagnose_curve(np.minimum.accumulate(loss), learning_rate=rates).label != "range_test"
    assert diagnose_curve(loss, learning_rate=rates[::-1]).label != "range_test"


@for_each("size", [5, 10, 37])
@for_each("jitter", [0.0, 0.01])
def test_a_wave_of_one_epoch_is_the_order_of_the_data_and_not_the_rate(size, jitter):
    k = np.arange(12 * size)
    loss = 1.2 + 0.3 * (k % size) / size + noise(len(k), jitter)
    for epoch in (k // size, k / size):
        found = diagnose_curve(loss, epoch=epoch)
        assert found.role != "high" and "order of the data" in found.reason
        assert f"a wave of {size} records" in found.evidence
    assert "order of the data" not in diagnose_curve(loss, epoch=k // (3 * size // 2)).reason
    assert "wave" not in diagnose_curve(1.2 * 0.99**k + noise(len(k), 0.01), epoch=k // size).reason


def test_a_falling_loss_with_a_wave_of_one_epoch_falls():
    k = np.arange(200)
    found = diagnose_curve(2.0 * 0.99**k * (1 + 0.05 * (k % 20) / 20), epoch=k // 20)
    assert found.label == "good" and "order of the data" in found.reason


@pytest.mark.parametrize("name", ["learning_rate", "epoch"])
def test_a_column_of_another_length_is_named_with_its_remedy(name):
    with pytest.raises(ValueError, match=f"^{name} must be one number, or one a loss, 4, got 2: pass {name}=None"):
        diagnose_curve([4.0, 3, 2, 1], **{name: [1.0, 2.0]})


def test_tensors_that_require_a_gradient_are_read():
    losses = torch.tensor([4.0, 3.0, 2.0, 1.5], requires_grad=True)
    plain = diagnose_curve([4.0, 3.0, 2.0, 1.5])
    assert diagnose_curve(losses) == diagnose_curve(list(losses)) == diagnose_curve(losses.bfloat16()) == plain


# What a default says is true.


@for_each("seed", range(300))
def test_what_is_said_to_fall_ends_below_its_start_and_lower_than_halfway(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(4, 120))
    loss = np.exp(np.cumsum(rng.normal(-0.02, rng.uniform(0, 0.5), n)) * rng.choice([0.1, 1.0]))
    found = diagnose_curve(loss)
    if "falls" in found.reason and "again" not in found.reason:
        assert np.median(loss[n // 2 :]) < np.median(loss[: n // 2]), found
    if found.role == "good":
        assert np.median(loss[-max(1, n // 40) :]) < 1.05 * loss[0], found
    if "steadily" in found.reason:
        assert (np.diff(loss) <= 0).all()


# Runs that came out wrong.


@pytest.mark.parametrize(
    ("fields", "role", "words"),
    [
        ({"optimizer": "adagrad", "learning_rates": (0.001,)}, "low", "gradient has not become small"),
        ({"optimizer": "adam", "learning_rates": (1e-5,)}, "low", ""),
        ({"optimizer": "rmsprop", "learning_rates": (1e-6,)}, "low", ""),
        (
            {"data": "circles", "hidden": (8,), "l2": 0.03, "learning_rates": (0.3,), "epochs": 800},
            "open",
            "Lower l2 first",
        ),
        ({"data": "circles", "hidden": (8,), "l1": 0.02, "learning_rates": (0.1,), "epochs": 800}, "open", "Lower l1"),
        (
            {"data": "plane", "hidden": (8,), "optimizer": "adam", "learning_rates": (1.18,), "epochs": 140},
            "high",
            "above its start",
        ),
        (
            {"data": "bumps", "hidden": (8,), "schedule": "warm-up", "learning_rates": (0.694,), "epochs": 60},
            "high",
            "above its start",
        ),
    ],
)
def test_a_run_of_the_lab_that_was_read_wrongly_is_read_right(fields, role, words):
    (found,) = diagnose(train(Experiment(**fields)))
    assert found.role == role
    assert says(found, words)
