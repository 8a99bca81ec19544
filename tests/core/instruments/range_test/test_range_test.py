"""The range test against the loop it stands for, and the trial against single runs of core.train."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from core.diagnosis.theory import stability_limit
from core.experiment.experiment import Experiment
from core.instruments.range_test.rules import RULES
from core.instruments.range_test.trial import how_clear, known_limit, range_seconds, range_test, trial, trial_seconds
from core.instruments.sweep.sweep import sweep
from core.training.problems import minibatches, problem
from core.training.train import train

NETWORK = Experiment(data="circles", hidden=(8,), batch_size=32, epochs=20)
EXPERIMENTS = {
    "line": Experiment(epochs=60),
    "mini-batches": Experiment(data="noisy-line", batch_size=8, epochs=60),
    "network": NETWORK,
}
every_experiment = pytest.mark.parametrize("name", EXPERIMENTS)
SWEPT = tuple(np.geomspace(1e-4, 1, 9))


@pytest.mark.parametrize(("low", "high", "steps"), [(1e-7, 10.0, 100), (1e-5, 1.0, 7), (1e-11, 1e6, 1000)])
def test_the_rate_rises_by_the_same_factor_every_step_from_low_to_high(low, high, steps):
    rates = range_test(Experiment(start=(2.0, 0.0)), low, high, steps).rates  # at the minimum nothing blows up
    assert (rates[0], rates[-1], len(rates)) == (low, high, steps)
    np.testing.assert_allclose(rates[1:] / rates[:-1], (high / low) ** (1 / (steps - 1)), rtol=1e-12)


def test_the_losses_of_the_articles_line_are_those_of_a_loop_by_hand():
    test, x = range_test(Experiment()), np.arange(1.0, 6.0)
    w = b = 0.0
    for rate, loss in zip(test.rates, test.losses, strict=True):
        error = w * x + b - 2 * x
        assert loss == pytest.approx(np.mean(error**2), rel=1e-9)
        w, b = w - rate * 2 * np.mean(error * x), b - rate * 2 * np.mean(error)
    assert test.losses[0] == 44
    assert test.losses[-1] > 1e5  # nothing is clipped


@pytest.mark.parametrize("rule", [{}, {"optimizer": "momentum", "momentum": 0.9}, {"optimizer": "adam"}], ids=str)
def test_with_mini_batches_every_step_is_torch_on_the_next_batch_of_the_usual_order(rule):
    experiment = Experiment(data="noisy-line", batch_size=8, seed=3, epochs=30, **rule)
    test, task = range_test(experiment), problem(experiment)
    batches = [rows for epoch in minibatches(experiment, experiment.points) for rows in epoch]
    line = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    if rule.get("optimizer") == "adam":
        optimizer = torch.optim.Adam([line], betas=(experiment.momentum, 0.999))
    else:
        optimizer = torch.optim.SGD([line], lr=1.0, momentum=experiment.momentum)
    x, y = torch.tensor(task.inputs), torch.tensor(task.targets)
    for rate, loss, rows in zip(test.rates, test.losses, batches, strict=False):
        optimizer.param_groups[0]["lr"] = rate
        optimizer.zero_grad()
        own = ((x[rows] @ line - y[rows]) ** 2).mean()
        assert loss == pytest.approx(own.item(), rel=1e-7)
        own.backward()
        optimizer.step()


@every_experiment
def test_both_engines_record_the_same_range_test(name):
    by_numpy, by_torch = (range_test(replace(EXPERIMENTS[name], engine=engine)) for engine in ("numpy", "torch"))
    early = by_numpy.rates < 0.01
    np.testing.assert_allclose(by_numpy.losses[early], by_torch.losses[: len(by_numpy.losses)][early], rtol=1e-9)


def test_the_experiments_own_rates_epochs_and_schedule_do_not_count():
    plain, other = range_test(NETWORK), replace(NETWORK, learning_rates=(3.0, 4.0), epochs=1, schedule="warm-up")
    np.testing.assert_array_equal(plain.losses, range_test(other).losses)


@every_experiment
def test_the_same_seed_gives_the_same_and_another_gives_another(name):
    first, again = (range_test(EXPERIMENTS[name], seed=5) for _ in range(2))
    np.testing.assert_array_equal(first.losses, again.losses)
    np.testing.assert_array_equal(first.losses, range_test(replace(EXPERIMENTS[name], seed=5)).losses)
    if name != "line":
        assert not np.array_equal(first.losses[:50], range_test(EXPERIMENTS[name], seed=6).losses[:50])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"low": 1.0, "high": 0.1}, r"low below high, got 1 and 0\.1"),
        ({"low": 1e-12}, r"must be from 1e-11 to 1e\+06"),
        ({"high": 1e7}, r"must be from 1e-11 to 1e\+06"),
        ({"low": math.nan}, r"got nan"),
        ({"steps": 1}, r"steps must be from 2 to 1,000, got 1"),
        ({"steps": 1001}, r"steps must be from 2 to 1,000, got 1,001"),
    ],
)
def test_what_is_out_of_range_is_refused_in_words(arguments, words):
    with pytest.raises(ValueError, match=words):
        range_test(Experiment(), **arguments)


class Stopped(Exception):
    pass


def test_progress_is_told_and_what_it_raises_stops_test_and_trial():
    told = []
    range_test(NETWORK, progress=told.append)
    assert told == sorted(told) and len(told) >= 10 and 0 <= told[0] <= told[-1] <= 1

    def stop(done):
        raise Stopped

    with pytest.raises(Stopped):
        range_test(NETWORK, progress=stop)
    with pytest.raises(Stopped):
        trial(NETWORK, (0,), SWEPT, progress=stop)
    told.clear()
    trial(replace(NETWORK, epochs=300), (0, 1), SWEPT, progress=told.append)
    assert told == sorted(told) and 0 <= told[0] < 0.5 < told[-1] <= 1


@every_experiment
def test_every_suggestion_is_what_the_rule_says_and_really_trained(name):
    experiment, made = EXPERIMENTS[name], trial(EXPERIMENTS[name], (0, 4), SWEPT)
    assert len(made.table) == 2 * len(RULES)
    for row in made.table.to_dict("records"):
        seeded = replace(experiment, seed=row["seed"])
        assert row["suggestion"] == RULES[row["rule"]].suggest(range_test(seeded))
        alone = train(replace(seeded, learning_rates=(row["suggestion"],))).loss[0, -1]
        assert row["final_loss"] == pytest.approx(alone, rel=1e-12)


@every_experiment
def test_ratio_and_regret_are_to_the_best_of_a_sweep_of_the_same_seed(name):
    made, table = trial(EXPERIMENTS[name], (0, 4), SWEPT), sweep(EXPERIMENTS[name], SWEPT, (0, 4))
    np.testing.assert_allclose(made.final_loss, table.final_loss, rtol=1e-12)
    for k, seed in enumerate((0, 4)):
        own = made.table[made.table["seed"] == seed]
        best = int(np.nanargmin(table.final_loss[k]))
        row = made.seeds.iloc[k]
        assert (row["seed"], row["best_rate"]) == (seed, SWEPT[best])
        np.testing.assert_allclose(own["ratio"], own["suggestion"] / SWEPT[best], rtol=1e-12)
        np.testing.assert_allclose(own["regret"], own["final_loss"] - table.final_loss[k, best], atol=1e-12)
        assert row["on_edge"] == (best in (0, len(SWEPT) - 1))


def test_a_suggestion_that_is_the_best_of_the_sweep_has_regret_0_and_one_below_all_has_less_than_0():
    minimum = RULES["minimum"].suggest(range_test(Experiment()))
    short = Experiment(epochs=60)
    rows = trial(short, (0,), (1e-5, minimum, 1.0)).table.set_index("rule")
    assert rows.loc["minimum", "regret"] == 0 and rows.loc["minimum", "ratio"] == 1
    assert trial(short, (0,), (1e-6, 1.0)).table.set_index("rule").loc["minimum", "regret"] < 0


def test_a_suggestion_that_overflows_is_told_as_it_is():
    wild = Experiment(epochs=20_000)
    made = trial(wild, (0,), (1e-3, 0.01, 0.05), low=0.086, high=0.09)  # every rate of this test is unstable
    found = made.table[made.table["suggestion"] > stability_limit(wild)]
    assert len(found) and found["diverged"].all()
    assert np.isinf(found["regret"]).all() and np.isinf(found["final_loss"]).all()
    assert made.winner() not in set(found["rule"])


def test_a_rule_that_finds_nothing_has_no_numbers_and_does_not_win():
    made = trial(Experiment(epochs=30), (0, 1), SWEPT, steps=12)
    row = made.table[made.table["rule"] == "torch_lr_finder"]
    assert row[["suggestion", "ratio", "final_loss", "regret"]].isna().all(axis=None) and not row["diverged"].any()
    standing = made.standing().set_index("rule")
    assert standing.loc["torch_lr_finder", "found"] == 0 and math.isnan(standing.loc["torch_lr_finder", "regret"])
    assert made.winner() not in (None, "torch_lr_finder")


def test_where_every_swept_rate_overflows_there_is_no_best():
    made = trial(Experiment(epochs=3000), (0,), (1.0, 2.0))
    assert math.isnan(made.seeds["best_rate"][0]) and made.table["regret"].isna().sum() > 0
    assert made.winner() is None


def test_the_standing_holds_the_medians_of_the_seeds_in_the_order_of_the_rules():
    made = trial(NETWORK, (0, 1, 2), SWEPT)
    standing = made.standing()
    assert standing["rule"].tolist() == list(RULES)
    for row in standing.to_dict("records"):
        own = made.table[made.table["rule"] == row["rule"]]
        assert row["regret"] == np.median(own["regret"]) and row["suggestion"] == np.median(own["suggestion"])
        assert (row["found"], row["diverged"]) == (3, 0)
    assert made.winner() == standing.loc[standing["regret"].idxmin(), "rule"]


LINES = {
    "article": {},
    "article-torch": {},
    "noisy-line": {},
    "penguins": {"standardize": True},
}


@pytest.mark.parametrize("data", LINES)
def test_at_fastais_settings_a_range_test_of_a_line_blows_up_at_8_to_10_times_the_stable_rate(data):
    experiment = Experiment(data=data, **LINES[data])
    assert 8 < range_test(experiment).blow_up / stability_limit(experiment) < 10.5


@pytest.mark.parametrize("data", LINES)
def test_the_slower_the_rate_rises_the_nearer_to_the_limit_it_blows_up_but_always_above(data):
    experiment = Experiment(data=data, **LINES[data])
    limit = stability_limit(experiment)
    coarse, fine, finest = (range_test(experiment, steps=steps).blow_up / limit for steps in (100, 400, 1000))
    assert coarse > fine > finest > 2


def test_a_trial_tells_by_how_much_the_blow_up_overstates_the_limit():
    (row,) = trial(Experiment(epochs=30), (0,), SWEPT).seeds.to_dict("records")
    assert row["limit"] == stability_limit(Experiment())
    assert row["overstates"] == row["blow_up"] / row["limit"]
    assert row["blow_up"] == range_test(Experiment()).blow_up


@pytest.mark.parametrize(
    "fields",
    [{"batch_size": 2}, {"optimizer": "adam"}, {"schedule": "warm-up"}, {"data": "moons", "hidden": (3,)}],
    ids=str,
)
def test_where_the_limit_is_not_known_none_is_claimed(fields):
    experiment = Experiment(epochs=10, **fields)
    assert known_limit(experiment) is None
    assert trial(experiment, (0,), SWEPT).seeds["limit"].isna().all()


def test_a_trial_that_costs_too_much_is_refused_in_words_before_anything_is_trained():
    def never(done):
        raise AssertionError("it was trained")

    expensive = Experiment(epochs=100_000)
    for ask in (trial_seconds, lambda *wanted: trial(*wanted, progress=never)):
        with pytest.raises(ValueError, match=r"epochs must be <= .* take fewer epochs"):
            ask(expensive, (0,), np.geomspace(1e-6, 1, 400))


@every_experiment
def test_the_estimate_grows_with_seeds_rates_and_steps(name):
    experiment = EXPERIMENTS[name]
    base = trial_seconds(experiment, (0,), SWEPT)
    assert trial_seconds(experiment, (0, 1, 2), SWEPT) == pytest.approx(3 * base)
    assert trial_seconds(experiment, (0,), SWEPT * 20) > base
    assert range_seconds(experiment, 200) == pytest.approx(2 * range_seconds(experiment, 100))
    rates = len(SWEPT) + len(RULES)
    alone = replace(experiment, learning_rates=(0.1,) * rates).seconds()
    assert base == pytest.approx(alone + range_seconds(experiment))


def test_a_winner_by_a_hair_or_where_nothing_learned_is_told_to_be_none():
    idle = trial(replace(NETWORK, epochs=1), (0,), (1e-9, 2e-9), low=1e-9, high=1e-7)
    ends = idle.standing()["final_loss"].to_numpy()
    assert (ends > 0.9 * idle.tests[0].losses[0]).all()  # indeed nothing learned
    assert idle.winner() is None and how_clear(idle) == ""
    close = trial(NETWORK, (0,), SWEPT)
    near = close.standing().set_index("rule")["final_loss"]
    draw = (near <= 1.01 * near[close.winner()]).sum() > 1
    assert ("a draw" in how_clear(close)) == draw
    assert how_clear(trial(Experiment(epochs=3000), (0,), (1.0, 2.0))) == ""  # no winner
