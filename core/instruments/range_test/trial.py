"""The learning-rate range test, put on trial: what its rules suggest is really trained, beside a sweep.

One run's rate rises exponentially from step to step, and a rule reads a rate off its loss curve
(core/instruments/range_test/rules.py). Whether that is a good rate only training can say, and here it does.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy import ndarray as Array

from ...diagnosis.theory import predictable, stability_limit
from ...experiment import cost
from ...experiment.experiment import RATE_LIMITS, Experiment
from ...training.problems import minibatches, problem
from ...training.recorder import Trainer
from ...training.train import Progress, new_trainer, part_of, train
from .rules import RULES, RangeTest, recorded

__all__ = [
    "RULES",
    "RangeTest",
    "Trial",
    "TriedSeed",
    "how_clear",
    "joined_trial",
    "known_limit",
    "range_seconds",
    "range_test",
    "trial",
    "trial_seconds",
    "tried_seed",
]


LOW, HIGH, STEPS = 1e-7, 10.0, 100  # fastai's
LOWEST = 10 * RATE_LIMITS[0]  # fastai's `minimum` takes a tenth, which must still be a legal rate
_MOST_STEPS = 1000
_NEAR, _UNTRAINED = 1.01, 0.9  # times the winner's loss: a draw; of the first loss: above it little was learned
_REPORTS = 20


def range_test(
    experiment: Experiment,
    low: float = LOW,
    high: float = HIGH,
    steps: int = STEPS,
    seed: int | None = None,
    progress: Progress | None = None,
) -> RangeTest:
    """Train the experiment once while its rate rises from low to high: step k at low (high / low)^(k / (steps - 1)).

    One batch a step, in the order of `minibatches`, as many epochs as it takes; the experiment's own rates, epochs and
    schedule don't count. The loss recorded is that of the step's own batch, before the step. Nothing is clipped; the
    record ends where every tool of core/instruments/range_test/rules.py has stopped.
    The rates are torch-lr-finder's. fastai's and Lightning's differ by less than a step: k / steps, (k + 1) / steps.

    seed: draws data, weights and batches; None takes the experiment's.
    progress: called now and then with the fraction done; what it raises stops the test.
    Raises ValueError for low, high or steps out of range.
    """
    check(low, high, steps)
    rates = low * (high / low) ** (np.arange(steps) / (steps - 1))
    rates[-1] = high  # to the last bit
    rising = _rising(experiment, steps, experiment.seed if seed is None else seed)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        losses = _losses(rising, new_trainer(rising, problem(rising)), rates, progress)
    return recorded(rates, losses, steps)


def check(low: float, high: float, steps: int = STEPS) -> None:
    """Raise ValueError, naming what is wrong, where no range test can go so."""
    if not LOWEST <= low < high <= RATE_LIMITS[1]:
        raise ValueError(
            f"low and high must be from {LOWEST:g} to {RATE_LIMITS[1]:g}, low below high, got {low:g} and {high:g}"
        )
    if not 2 <= steps <= _MOST_STEPS:
        raise ValueError(f"steps must be from 2 to {_MOST_STEPS:,}, got {steps:,}")


def _rising(experiment: Experiment, steps: int, seed: int) -> Experiment:
    """The experiment at a rate of 1, which the trainer multiplies, for enough epochs of whatever else it is."""
    once = replace(experiment, learning_rates=(1.0,), epochs=1, schedule="constant", sharpness=0, seed=seed)
    return replace(once, epochs=math.ceil(steps / once.steps_per_epoch))


def _losses(rising: Experiment, trainer: Trainer, rates: Array, progress: Progress | None) -> Array:
    """(n,) the loss of each step's batch before the step."""
    losses = np.empty(len(rates))
    full = rising.steps_per_epoch == 1
    batches = (None if full else rows for epoch in minibatches(rising, rising.points) for rows in epoch)
    for k, (rate, rows) in enumerate(zip(rates.tolist(), batches, strict=False)):
        losses[k] = trainer.backward(rows)[0][0]
        trainer.step(rate)
        if progress and k % max(1, len(rates) // _REPORTS) == 0:
            progress(k / len(rates))
    return losses


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TriedSeed:
    """What came of one seed: its part of Trial.final_loss (R,), .tests, .table and .seeds."""

    test: RangeTest
    final_loss: Array
    table: pd.DataFrame
    row: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trial:
    """What came of every rule's suggestion, beside a sweep, from several seeds.

    rates (R,), final_loss (S, R): the sweep, ascending.  tests: the range test of each seed.
    table: rule, seed, suggestion, ratio (to the sweep's best rate of that seed), final_loss, regret (final_loss - the
    sweep's lowest: below 0 where the suggestion does better than every rate swept, inf where it overflowed), diverged.
    A rule that found nothing has nan in all numbers.
    seeds: seed, best_rate, best_loss (of the sweep; nan where all overflow), on_edge (the best is the lowest or highest
    rate swept, so a better one may lie beyond), blow_up (rate, nan if never), limit (the true stability limit, nan
    where unknown), overstates (blow_up / limit).
    """

    experiment: Experiment
    rates: Array
    final_loss: Array
    tests: tuple[RangeTest, ...]
    table: pd.DataFrame
    seeds: pd.DataFrame

    def standing(self) -> pd.DataFrame:
        """A row a rule: rule, suggestion, ratio, final_loss, regret, found, diverged.

        Numbers are medians over the seeds in which the rule found something, found how many those are; final_loss and
        regret are inf where half or more of them overflowed.  diverged: how many did.
        """
        rows = []
        for rule, group in self.table.groupby("rule", sort=False):
            has = group[group["suggestion"].notna()]
            medians = {name: _median(has[name].to_numpy()) for name in ("suggestion", "ratio", "final_loss", "regret")}
            rows.append({"rule": rule, **medians, "found": len(has), "diverged": int(has["diverged"].sum())})
        return pd.DataFrame(rows)

    def winner(self) -> str | None:
        """The rule with the lowest median regret, of those that always found something; by RULES where equal.

        None where the loss hardly fell at the rate of any: then who is first says nothing.
        """
        standing = self.standing()
        first = float(np.median([test.losses[0] for test in self.tests]))
        whole = standing[(standing["found"] == len(self.tests)) & np.isfinite(standing["regret"])]
        idle = whole.empty or whole["final_loss"].min() > _UNTRAINED * first
        return None if idle else str(whole.loc[whole["regret"].idxmin(), "rule"])


def how_clear(trial: Trial) -> str:
    """What keeps the winner of a trial from being one, in a sentence or two; empty where nothing does."""
    winner = trial.winner()
    if winner is None:
        return ""
    ends: dict[str, float] = dict(trial.standing()[["rule", "final_loss"]].itertuples(index=False, name=None))
    best = ends[winner]
    near = [RULES[rule].title for rule, end in ends.items() if end <= _NEAR * best and rule != winner]
    return f"{', '.join(near)} {'ends' if len(near) == 1 else 'end'} within 1 % of it: a draw." if near else ""


def _median(values: Array) -> float:
    """The median; inf where it lies between a number and inf, nan of nothing."""
    return float(np.median(values)) if len(values) else math.nan


def trial(
    experiment: Experiment,
    seeds: Sequence[int],
    rates: Sequence[float] | Array,
    low: float = LOW,
    high: float = HIGH,
    steps: int = STEPS,
    progress: Progress | None = None,
) -> Trial:
    """Range-test the experiment from each seed, then train it at every rule's suggestion and at each of `rates`.

    Of one seed all are trained as one batch, for the experiment's epochs and by its schedule: they share data, weights
    and batches, so final losses differ by the rate alone.
    progress: called now and then with the fraction done; what it raises stops the trial.
    Raises ValueError where rates and epochs cost more than an Experiment may, before anything is trained.
    """
    done = []
    for k, seed in enumerate(seeds):
        report = part_of(progress, k, len(seeds))
        done.append(tried_seed(replace(experiment, seed=seed), rates, low, high, steps, report))
    return joined_trial(experiment, rates, done)


def tried_seed(
    experiment: Experiment,
    rates: Sequence[float] | Array,
    low: float = LOW,
    high: float = HIGH,
    steps: int = STEPS,
    progress: Progress | None = None,
) -> TriedSeed:
    """What a trial consists of: that of the experiment's own seed. Raises ValueError as `trial` does."""
    swept = np.sort(np.asarray(rates, float))
    _batch(experiment, swept, (high,) * len(RULES))  # refuses what costs too much
    test = range_test(experiment, low, high, steps)
    found = {name: rule.suggest(test) for name, rule in RULES.items()}
    suggested = tuple(rate for rate in found.values() if rate is not None)
    final = train(_batch(experiment, swept, suggested), progress).loss[:, -1]
    row = _seed_row(experiment, swept, final[: len(swept)], test)
    table = _table(experiment.seed, found, final[len(swept) :], row)
    return TriedSeed(test=test, final_loss=final[: len(swept)], table=table, row=row)


def joined_trial(experiment: Experiment, rates: Sequence[float] | Array, done: Sequence[TriedSeed]) -> Trial:
    """The Trial of seeds that are tried, one at least."""
    return Trial(
        experiment=experiment,
        rates=np.sort(np.asarray(rates, float)),
        final_loss=np.stack([seed.final_loss for seed in done]),
        tests=tuple(seed.test for seed in done),
        table=pd.concat([seed.table for seed in done], ignore_index=True),
        seeds=pd.DataFrame([seed.row for seed in done]),
    )


def _batch(experiment: Experiment, swept: Array, suggested: tuple[float, ...]) -> Experiment:
    return replace(experiment, learning_rates=(*swept.tolist(), *suggested), sharpness=0)


def _seed_row(experiment: Experiment, swept: Array, final: Array, test: RangeTest) -> dict[str, Any]:
    """The row of Trial.seeds: the best of the sweep, and the blow-up beside the limit."""
    best = int(np.where(np.isfinite(final), final, np.inf).argmin())
    known = bool(np.isfinite(final[best]))
    limit, blow_up = known_limit(experiment) or math.nan, test.blow_up or math.nan
    return {
        "seed": experiment.seed,
        "best_rate": float(swept[best]) if known else math.nan,
        "best_loss": float(final[best]) if known else math.nan,
        "on_edge": known and best in (0, len(swept) - 1),
        "blow_up": blow_up,
        "limit": limit,
        "overstates": blow_up / limit,
    }


def _table(seed: int, found: dict[str, float | None], finals: Array, best: dict[str, Any]) -> pd.DataFrame:
    """Trial.table of one seed. finals (K,): final losses of the suggestions there are, in their order."""
    trained, rows = iter(finals.tolist()), []
    for rule, rate in found.items():
        final = math.nan if rate is None else next(trained)
        diverged = rate is not None and not math.isfinite(final)
        rows.append(
            {
                "rule": rule,
                "seed": seed,
                "suggestion": math.nan if rate is None else rate,
                "ratio": math.nan if rate is None else rate / best["best_rate"],
                "final_loss": math.inf if diverged else final,
                "regret": math.inf if diverged else final - best["best_loss"],
                "diverged": diverged,
            }
        )
    return pd.DataFrame(rows)


def known_limit(experiment: Experiment) -> float | None:
    """The true largest stable rate where theory knows it: of a quadratic trained on the full batch; else None."""
    full = experiment.steps_per_epoch == 1
    return stability_limit(experiment) if full and predictable(experiment) else None


def range_seconds(experiment: Experiment, steps: int = STEPS) -> float:
    """Estimated seconds of one range test on one core."""
    batch = experiment.batch_size or experiment.points
    widths = experiment.widths if experiment.network() else None
    return steps * cost.seconds_per_step(experiment.engine, 1, batch, widths)


def trial_seconds(
    experiment: Experiment, seeds: Sequence[int], rates: Sequence[float] | Array, steps: int = STEPS
) -> float:
    """Estimated seconds of a trial on one core, told before it runs. Raises ValueError as `trial` does."""
    batch = _batch(experiment, np.asarray(rates, float), (1.0,) * len(RULES))
    return len(seeds) * (range_seconds(experiment, steps) + batch.seconds())
