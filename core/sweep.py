"""Many learning rates of one experiment, and the limit that can be measured among them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.cost import CACHED_SECONDS
from core.experiment import Experiment
from core.history import History
from core.training import train

Array = NDArray[Any]

_NARROWING = 32  # rates a round of the measurement
_SECONDS_A_ROUND = 0.05
_SETTLING = 30  # epochs, over 1 - momentum: until the ringing of a stable run has died down
_LONGEST_MEASUREMENT = 500  # epochs: enough to tell a factor of 1.0002 an epoch from 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SweepTable:
    """What came of each learning rate (R,) from each seed (S,).

    final_loss, best_loss (S, R): training loss after the last epoch, and the lowest finite one.
    diverged_at (S, R): first epoch whose loss is not finite, -1 if none.  epochs: how long each was trained.
    """

    learning_rates: Array
    seeds: tuple[int, ...]
    final_loss: Array
    best_loss: Array
    diverged_at: Array
    epochs: int

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


def sweep(experiment: Experiment, learning_rates: Sequence[float], seeds: Sequence[int] = (0,)) -> SweepTable:
    """Train the experiment at each of the learning rates, all of one seed as one batch, once a seed.

    Raises ValueError where rates and epochs together cost more than an Experiment may.
    """
    runs = [train(replace(experiment, learning_rates=tuple(learning_rates), seed=seed)) for seed in seeds]
    return SweepTable(
        learning_rates=np.asarray(learning_rates, float),
        seeds=tuple(seeds),
        final_loss=np.stack([run.loss[:, -1] for run in runs]),
        best_loss=np.stack([np.where(np.isfinite(run.loss), run.loss, np.inf).min(axis=1) for run in runs]),
        diverged_at=np.stack([run.diverged_at for run in runs]),
        epochs=experiment.epochs,
    )


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
    settling = int(_SETTLING / (1 - experiment.momentum))
    trial = replace(experiment, epochs=min(max(experiment.epochs, 100, settling), max(_LONGEST_MEASUREMENT, settling)))
    trial = affordable(trial, _NARROWING, seconds=_SECONDS_A_ROUND)
    if trial.epochs < settling / 2:
        return None
    while high / low - 1 > 10.0**-digits:
        rates = np.geomspace(low, high, _NARROWING)
        grows = _grows(train(replace(trial, learning_rates=tuple(rates))))
        if grows.all() or not grows.any() or not grows[-1]:
            return None
        first = int(np.flatnonzero(~grows)[-1]) + 1
        low, high = rates[first - 1], rates[first]
    return math.sqrt(low * high)


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
