"""Many learning rates of one experiment, and the limit that can be measured among them."""

import math
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy import ndarray as Array

from ...experiment.cost import CACHED_SECONDS
from ...experiment.experiment import RATE_LIMITS, Experiment
from ...experiment.fields import Field
from ...training.history import History, pairs_of_epochs
from ...training.train import Progress, part_of, teller, train

# Of a sweep as a link asks for it: how many rates between the lowest and the highest, and from how many seeds.
RATES = Field(name="rates", kind=int, default=40, low=20, high=500)
SEEDS = Field(name="seeds", kind=int, default=3, low=1, high=20)

_TOGETHER = 256  # learning rates in one piece of a sweep: as one batch they share most of the cost
_MOMENTS = 24  # pairs of epochs at which a sweep's losses are kept
_NARROWING = 32  # rates a round of the measurement
_SECONDS_A_ROUND = 0.05
_ROUNDS = 5  # each narrows 31-fold
_SETTLING = 30  # epochs, over 1 - momentum: until the ringing of a stable run has died down
_LONGEST_MEASUREMENT = 500  # epochs: enough to tell a factor of 1.0002 an epoch from 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SweepTable:
    """What came of each learning rate (R,) from each seed (S,).

    final_loss, best_loss (S, R): training loss after the last epoch, and the lowest finite one.
    diverged_at (S, R): first epoch whose loss is not finite, -1 if none.  epochs: how long each was trained.
    moments (K,): epochs 0 to `epochs`, about even on a log axis.  losses (S, R, K): the training loss at each.
    lowest (S, R, K): the lowest finite one of all epochs up to each, inf while there is none.
    test_losses (S, R, K): that on rows held out, None where there are none.
    """

    learning_rates: Array
    seeds: tuple[int, ...]
    final_loss: Array
    best_loss: Array
    diverged_at: Array
    epochs: int
    moments: Array
    losses: Array
    lowest: Array
    test_losses: Array | None

    def frame(self) -> pd.DataFrame:
        """A tidy table: seed, learning_rate, final_loss, best_loss, diverged_at."""
        rates = len(self.learning_rates)
        return pd.DataFrame(
            {
                "seed": np.repeat(self.seeds, rates),
                "learning_rate": np.tile(self.learning_rates, len(self.seeds)),
                "final_loss": self.final_loss.ravel(),
                "best_loss": self.best_loss.ravel(),
                "diverged_at": self.diverged_at.ravel(),
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Piece:
    """Some of a sweep's runs: those of a few learning rates (r,) from one seed. Its arrays are SweepTable's of them."""

    final_loss: Array
    best_loss: Array
    diverged_at: Array
    losses: Array
    lowest: Array
    test_losses: Array | None


def sweep(
    experiment: Experiment,
    learning_rates: Sequence[float] | Array,
    seeds: Sequence[int] | Array = (0,),
    executor: Executor | None = None,
    progress: Progress | bool | None = None,
) -> SweepTable:
    """Train the experiment at each of the learning rates from each of the seeds.

    It is cut into the same pieces whoever trains them, so the result is the same to the last digit with an executor
    (concurrent.futures, or a cluster's that offers the same: Dask's Client.get_executor()) and without.
    progress: told now and then the fraction done; what it raises stops the sweep. True tells it on stderr.
    Raises ValueError where the rates of one piece and the epochs cost more than an Experiment may.
    """
    asked, tell = pieces(experiment, learning_rates, seeds), teller(progress)
    done = []
    trained = executor.map(train_piece, asked) if executor else None
    for k, one in enumerate(asked):
        done.append(next(trained) if trained else train_piece(one, part_of(tell, k, len(asked))))
        if tell:
            tell((k + 1) / len(asked))
    return joined(experiment, learning_rates, seeds, done)


def of_run(history: History) -> SweepTable:
    """The SweepTable of a run that is there: its learning rates, from its seed."""
    experiment = history.experiment
    return joined(experiment, experiment.learning_rates, (experiment.seed,), [_piece(history)])


def grid(low: float, high: float, count: int) -> tuple[float, ...]:
    """So many learning rates from low to high, even on a log axis, the ends exactly as given."""
    rates = np.geomspace(low, high, count)
    rates[[0, -1]] = low, high  # geomspace may miss the ends by a rounding, and they may be the legal limits
    return tuple(rates.tolist())


def beside(rate: float) -> tuple[float, float, float]:
    """A tenth of a rate, the rate, and three times it, to three digits and within what a rate may be."""
    low, high = RATE_LIMITS
    lower, here, higher = (float(f"{min(max(times * rate, low), high):.3g}") for times in (0.1, 1, 3))
    return lower, here, higher


def seconds(experiment: Experiment, learning_rates: Sequence[float] | Array, seeds: Sequence[int] | Array) -> float:
    """Estimated seconds of a sweep on one core. Raises ValueError as `sweep` does."""
    return sum(piece.seconds() for piece in pieces(experiment, learning_rates, seeds))


def pieces(
    experiment: Experiment, learning_rates: Sequence[float] | Array, seeds: Sequence[int] | Array
) -> list[Experiment]:
    """The experiments a sweep consists of, seed by seed: at most _TOGETHER learning rates of one seed in each."""
    rates = tuple(float(rate) for rate in learning_rates)
    return [
        replace(experiment, learning_rates=rates[first : first + _TOGETHER], seed=seed, sharpness=0)
        for seed in seeds
        for first in range(0, len(rates), _TOGETHER)
    ]


def train_piece(experiment: Experiment, progress: Progress | None = None) -> Piece:
    """Train one of a sweep's pieces."""
    return _piece(train(experiment, progress))


def _piece(history: History) -> Piece:
    at = _moments(history.experiment.epochs)
    # The lowest from one moment to the next, then of all so far; fmin passes over nan.
    between = np.fmin.reduceat(history.loss, np.concatenate([[0], at[:-1] + 1]), axis=1)
    lowest = np.fmin.accumulate(between, axis=1)
    lowest[np.isnan(lowest)] = np.inf
    return Piece(
        final_loss=history.loss[:, -1].copy(),
        best_loss=lowest[:, -1].copy(),
        diverged_at=history.diverged_at,
        losses=history.loss[:, at],
        lowest=lowest,
        test_losses=None if history.test_loss is None else history.test_loss[:, at],
    )


def joined(
    experiment: Experiment, learning_rates: Sequence[float] | Array, seeds: Sequence[int] | Array, done: Sequence[Piece]
) -> SweepTable:
    """The SweepTable of all trained pieces, in the order of `pieces`."""
    shape = (len(seeds), len(learning_rates))

    def whole(name: str) -> Array:
        parts = np.concatenate([getattr(piece, name) for piece in done])
        return parts.reshape(*shape, *parts.shape[1:])

    return SweepTable(
        learning_rates=np.asarray(learning_rates, float),
        seeds=tuple(seeds),
        final_loss=whole("final_loss"),
        best_loss=whole("best_loss"),
        diverged_at=whole("diverged_at"),
        epochs=experiment.epochs,
        moments=_moments(experiment.epochs),
        losses=whole("losses"),
        lowest=whole("lowest"),
        test_losses=None if done[0].test_losses is None else whole("test_losses"),
    )


def joined_so_far(
    experiment: Experiment, learning_rates: Sequence[float] | Array, seeds: Sequence[int] | Array, done: Sequence[Piece]
) -> SweepTable:
    """The SweepTable of the first pieces alone, one at least: of whole seeds, or of the first seed's first rates."""
    of_a_seed = math.ceil(len(learning_rates) / _TOGETHER)
    whole = len(done) // of_a_seed
    if whole:
        return joined(experiment, learning_rates, seeds[:whole], done[: whole * of_a_seed])
    return joined(experiment, learning_rates[: len(done) * _TOGETHER], seeds[:1], done)


def _moments(epochs: int) -> Array:
    return pairs_of_epochs(epochs, _MOMENTS)


def affordable(experiment: Experiment, rates: int, seconds: float = CACHED_SECONDS / 2) -> Experiment:
    """The experiment cut to as many epochs as `rates` learning rates can be trained for in `seconds`.

    By NumPy: it is the cheaper engine for many rates, and both engines draw the same curves.
    """
    many = replace(experiment, learning_rates=experiment.learning_rates[:1] * rates, engine="numpy", epochs=1)
    epochs = max(1, min(experiment.epochs, int(seconds / many.seconds_per_epoch())))
    return replace(experiment, engine="numpy", epochs=epochs)


def measured_limit(experiment: Experiment, low: float, high: float, digits: int = 5) -> float | None:
    """The largest learning rate that does not grow, found by training between `low` and `high`.

    Each round trains 32 rates as one batch and keeps the two neighbours between which runs begin to
    grow, until those agree to `digits` digits. None where all of the rates grow or none does.
    """
    trial = _trial(experiment)
    if trial is None:
        return None
    while high / low - 1 > 10.0**-digits:
        rates = np.geomspace(low, high, _NARROWING)
        ends = growing_between(train(replace(trial, learning_rates=tuple(rates))))
        if ends is None:
            return None
        low, high = ends
    return math.sqrt(low * high)


def growing_between(history: History) -> tuple[float, float] | None:
    """The neighbours among a run's rising learning rates between which runs begin to grow; None where all or none do.

    Of a run shorter than `measured_limit` would train it says little.
    """
    grows, rates = _grows(history), history.experiment.learning_rates
    if grows.all() or not grows[-1]:
        return None
    first = int(np.flatnonzero(~grows)[-1]) + 1
    return rates[first - 1], rates[first]


def seconds_of_measurement(experiment: Experiment) -> float:
    """Estimated seconds of `measured_limit` between rates a million times apart, on one core."""
    trial = _trial(experiment)
    together = () if trial is None else (replace(trial, learning_rates=experiment.learning_rates[:1] * _NARROWING),)
    return _ROUNDS * sum(each.seconds() for each in together)


def _trial(experiment: Experiment) -> Experiment | None:
    """What each round of the measurement trains; None where it can't be trained for long enough."""
    settling = int(_SETTLING / (1 - experiment.momentum))
    trial = replace(
        experiment,
        epochs=min(max(experiment.epochs, 100, settling), max(_LONGEST_MEASUREMENT, settling)),
        sharpness=0,
    )
    trial = affordable(trial, _NARROWING, seconds=_SECONDS_A_ROUND)
    return None if trial.epochs < settling / 2 else trial


def _grows(history: History) -> Array:
    """(R,) which runs grow in the end.

    Read off the gradient, not the loss: the steepest direction is the one that becomes unstable and
    counts most in it. On the full batch the second half must end higher than it began; under
    mini-batch noise that would be chance, so there the end must lie above the very start.
    """
    slope = history.gradient_norm
    reference = slope[:, slope.shape[1] // 2] if history.experiment.steps_per_epoch == 1 else slope[:, 0]
    with np.errstate(invalid="ignore"):
        alive = slope[:, -1] > 1e-6 * slope[:, 0]  # below that it is rounding that wanders
        grows: Array = (alive & (slope[:, -1] > reference)) | (history.diverged_at >= 0) | ~np.isfinite(slope[:, -1])
    return grows
