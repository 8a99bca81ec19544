"""Verdicts: what is said of a lane fits the numbers that stand beside it."""

from __future__ import annotations

import pytest

from core import Experiment, diagnose, train

LIMIT = 2 / (12 + 136**0.5)  # x = 1..5: largest eigenvalue of [[22, 6], [6, 2]]


def verdict(rate: float, **fields):
    return diagnose(train(Experiment(learning_rates=(rate,), **fields)))[0]


def test_the_articles_three_rates():
    low, good, high = diagnose(train(Experiment()))
    assert (low.label, good.label, high.label) == ("too_slow", "slow", "diverged")
    assert (low.role, good.role, high.role) == ("low", "good", "high")
    assert "needs 15.9 million epochs to reach a loss of 10⁻⁶; a rate of 0.082 needs only 192" in low.evidence
    assert "needs 1,592 epochs" in good.evidence
    assert "514-fold" in high.evidence and "the limit for this data is 0.08452" in high.evidence
    assert high.advice == "Too high: lower the rate below 0.08452."


def test_two_curves_that_look_alike_get_opposite_advice():
    high, low = diagnose(train(Experiment(learning_rates=(0.0845, 2.4311e-5), epochs=100)))
    assert high.label == "at_limit" and high.advice.startswith("At the limit: lower the rate")
    assert low.label == "too_slow" and low.advice.startswith("Too slow: raise the rate")


@pytest.mark.parametrize("rate", [1e-6, 0.01, LIMIT])
def test_a_start_at_the_minimum_is_told_as_such(rate):
    found = verdict(rate, start=(2.0, 0.0))
    assert "started at the minimum" in found.reason
    assert "move the start" in found.advice


@pytest.mark.parametrize("schedule", ["cosine", "linear", "step", "exponential", "one-cycle", "restarts"])
def test_a_curve_that_its_schedule_stopped_is_neither_arrived_nor_too_weak_a_model(schedule):
    found = verdict(1e-6, schedule=schedule)  # a ten-thousandth of what it would take
    assert (found.label, found.role) == ("plateau", "open")
    assert "schedule has brought the rate down" in found.reason
    assert "Raise the rate" in found.advice
    network = verdict(0.3, data="circles", hidden=(8, 8), test_share=0.25, schedule="step")
    assert "schedule has brought the rate down" in network.reason


@pytest.mark.parametrize("fields", [{"schedule": "cosine"}, {"schedule": "plateau"}, {"schedule": "one-cycle"}])
def test_a_curve_that_arrived_under_a_schedule_is_converged(fields):
    assert verdict(0.08, **fields).label == "converged"


def test_a_plateau_of_a_model_that_is_too_weak_is_called_so_under_a_schedule_as_well():
    # One layer on exclusive-or: at its minimum there is no gradient left, whatever the rate has become.
    found = verdict(3.0, data="xor", epochs=500, schedule="cosine")
    assert found.label == "plateau"
    assert "schedule" not in found.reason


def test_a_run_thrown_far_up_and_let_down_by_its_schedule_is_too_high():
    found = verdict(1.0, schedule="plateau")
    assert found.role == "high"
    assert "stays above where it began" in found.reason


@pytest.mark.parametrize("fields", [{"schedule": "warm-up"}, {"optimizer": "adam"}, {"optimizer": "rmsprop"}])
def test_where_no_limit_is_known_beforehand_none_is_told(fields):
    found = verdict(1e3, **fields)
    assert "the limit for this data" not in found.evidence and "The limit is" not in found.advice


@pytest.mark.parametrize(("part", "role"), [(0.01, "good"), (0.5, "good"), (1.3, "high")])
def test_nesterovs_limit_is_its_own(part, role):
    limit = LIMIT * 1.9 / 2.8  # 2 (1 + m) / (1 + 2 m) over lmax, of m = 0.9
    found = verdict(part * limit, optimizer="nesterov", momentum=0.9)
    assert found.role == role
    if role == "high":
        assert "the limit for this data is 0.05736" in found.evidence


def test_exactly_at_the_limit_it_bounces_for_ever():
    found = verdict(1.0, standardize=True)
    assert found.label == "at_limit"
    assert "bounces for ever" in found.reason


def test_a_rate_just_under_the_limit_is_not_said_to_hardly_fall_when_it_fell_far():
    found = verdict(0.0845, epochs=1000)
    assert found.label == "at_limit"
    assert "falls more slowly than it could" in found.reason


def test_a_float32_run_that_has_arrived_is_converged_whatever_its_meter_says():
    found = verdict(0.084, precision="float32", epochs=20_000)
    assert found.role == "good" and "at the best this model can reach" in found.reason


@pytest.mark.parametrize(("data", "rate"), [("far-from-zero", 5e-5), ("penguins", 1e-5)])
def test_a_narrow_valley_is_named_and_standardizing_advised_not_a_larger_model(data, rate):
    found = verdict(rate, data=data)
    assert found.label == "plateau" and found.role == "open"
    assert "narrow valley" in found.reason
    assert "Standardize x" in found.advice and "larger model" not in found.advice


def test_mini_batches_that_throw_the_loss_above_its_start_are_no_good_rate():
    found = verdict(0.9, data="penguins", standardize=True, batch_size=8)
    assert found.role == "high"
    assert "where it began" in found.reason or found.label in ("exploding", "diverged")


def test_mini_batch_noise_at_a_floor_is_called_so_and_nothing_else_is_advised():
    found = verdict(0.02, data="noisy-line", batch_size=4, epochs=200)
    assert found.label == "noisy"
    assert found.advice.endswith("larger batches.")


def test_with_mini_batches_the_full_batch_limit_is_never_given_as_advice():
    found = verdict(0.2, data="noisy-line", batch_size=1, epochs=100)
    assert found.role == "high"
    assert "below 0.1087" not in found.advice
    assert "on the full batch the limit would be 0.1087" in found.evidence


@pytest.mark.parametrize("epochs", [1, 2])
def test_a_few_epochs_are_too_few_to_tell(epochs):
    assert verdict(0.01, epochs=epochs).title == "Too short to tell"
