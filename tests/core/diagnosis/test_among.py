"""Good is earned: beside other rates, what is said of each fits the losses and the epochs they need."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core import NETWORK_PRESETS, Experiment, diagnose, train
from core.diagnosis.among import GOOD, SLOW
from core.drawing.deck import family
from core.experiment.presets import LINE_PRESETS
from tests.cases import for_each

GREEN = ("good", "slow", "converged", "edge", "noisy")
X, Y = np.arange(1.0, 6.0), 2 * np.arange(1.0, 6.0)


def losses_of(rate, epochs):
    """The article's line by plain gradient descent, written out."""
    w = b = 0.0
    found = []
    for _ in range(epochs + 1):
        error = w * X + b - Y
        found.append(float(np.mean(error**2)))
        w, b = w - rate * 2 * float(np.mean(error * X)), b - rate * 2 * float(np.mean(error))
    return np.array(found)


def first_at(losses, goal):
    there = np.flatnonzero(losses <= goal)
    return int(there[0]) if len(there) else np.inf


RATES = (3e-5, 1e-3, 0.002, 0.003, 0.01, 0.02, 0.025, 0.03, 0.05, 0.08, 0.083)
TRIED = np.round(np.arange(0.002, 0.0845, 0.0005), 4)


def test_on_the_articles_line_a_rate_is_judged_by_how_many_times_longer_it_takes_than_the_fastest():
    tried = [losses_of(rate, 1000) for rate in TRIED]
    for rate, found in zip(RATES, diagnose(train(Experiment(learning_rates=RATES))), strict=True):
        mine = losses_of(rate, 1000)
        goal = mine[-1] + 1e-6 * mine[0]
        times = first_at(mine, goal) / max(1, min(first_at(losses, goal) for losses in tried))
        if times < 0.95 * GOOD:
            assert found.label in ("good", "converged"), (rate, times, found)
        elif 1.05 * GOOD < times < 0.95 * SLOW:
            assert found.label == "slow" and found.role == "good", (rate, times, found)
            told = float(found.reason.split(" times")[0].split()[-1])
            assert told == pytest.approx(times, rel=0.1)
        elif times > 1.05 * SLOW:
            assert found.role == "low", (rate, times, found)


def test_a_rate_whose_loss_is_a_fourth_of_the_first_is_not_green_beside_one_that_is_there_in_an_epoch():
    low, best = diagnose(train(Experiment(learning_rates=(3e-5, 0.08))))
    assert (low.role, best.role) == ("low", "good")
    assert "raise the rate to 3 times as much" in low.advice and "no promise" in low.advice


def test_the_fastest_is_the_really_fastest_from_this_start_and_not_the_best_in_the_worst_case():
    # science: 192 epochs to 1e-6 at .082, 308 at 1/12, which is 2 / (lmin + lmax).
    (found,) = diagnose(train(Experiment(learning_rates=(0.001,))))
    assert "needs 15,944 epochs to reach a loss of 10⁻⁶; a rate of 0.082 needs only 192" in found.evidence


def test_of_the_penguins_the_lane_that_takes_billions_of_epochs_is_not_the_greener_one():
    low, valley, high = diagnose(train(LINE_PRESETS["penguins"].experiment))
    assert (low.role, valley.role, high.role) == ("low", "open", "high")


def test_a_rate_near_its_limit_is_said_to_be():
    near, far = diagnose(train(Experiment(learning_rates=(0.083, 0.07), epochs=300)))
    assert "near the limit, 0.08452" in near.evidence and "near the limit" not in far.evidence


FAMILIES = {
    **{name: family(preset.experiment) for name, preset in LINE_PRESETS.items()},
    **{f"{name}, its lanes": preset.experiment for name, preset in LINE_PRESETS.items()},
    "mini-batches": family(replace(LINE_PRESETS["article"].experiment, data="noisy-line", batch_size=4, epochs=100)),
    "adam": family(Experiment(optimizer="adam", epochs=300)),
    "a short run": family(Experiment(epochs=10)),
    "a circle": Experiment(
        data="circles", hidden=(8,), learning_rates=(1e-4, 0.003, 0.03, 0.1, 0.3, 1.0, 3.0, 30.0), epochs=300
    ),
}


@for_each("name", FAMILIES, slow=[])
def test_the_words_never_contradict_the_losses_or_the_epochs_needed(name):
    history = train(FAMILIES[name])
    in_order(history, diagnose(history))


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORK_PRESETS)
def test_nor_do_those_of_a_network(name):
    preset = NETWORK_PRESETS[name].experiment
    rates = sorted({rate * 3.0**k for rate in preset.learning_rates for k in (-1, 0, 1)})[:8]
    experiment = replace(preset, learning_rates=tuple(rates), epochs=min(preset.epochs, 500), sharpness=0)
    history = train(experiment)
    in_order(history, diagnose(history))


def in_order(history, found):
    """No green lane ends far above one that is not, none takes over 30 times as long as a green one to where it got."""
    ends = np.array([np.median(loss[-max(1, len(loss) // 40) :]) for loss in history.loss])
    floor = min(np.nanmin(history.loss), 0.0)
    first = history.loss[0, 0]
    for i, mine in enumerate(found):
        if mine.label not in GREEN:
            continue
        assert np.isfinite(ends[i]) and ends[i] < 1.05 * first, mine
        for j, other in enumerate(found):
            rates = history.experiment.learning_rates[i], history.experiment.learning_rates[j]
            if other.role != "good" and other.label not in ("diverged", "exploding"):
                assert not (3.1 * (ends[j] - floor) < ends[i] - floor and ends[i] - floor > 1e-3 * first), rates
            if other.role == "good" and mine.label != "noisy":
                goal = ends[i] + 1e-6 * first
                stays = np.maximum.accumulate(history.loss[j][::-1])[::-1]
                faster = first_at(history.loss[i], goal) / max(1, first_at(stays, goal))
                assert faster <= 1.05 * SLOW, (rates, faster)
                assert faster <= 1.05 * GOOD or mine.label == "slow", (rates, faster)


def test_nobody_is_sent_to_a_rate_that_learns_by_heart_and_that_rate_is_told_so():
    history = train(NETWORK_PRESETS["digits"].experiment)
    ends = history.test_loss[:, -1]
    assert ends[2] > 2 * ends[1] and history.loss[2, -1] < history.loss[1, -1], "C is lower on its own points alone"
    _, good, by_heart = diagnose(history)
    assert (good.role, by_heart.role) == ("good", "good")
    assert "towards" not in good.advice
    assert "For new data 0.1 seems better" in by_heart.advice
