"""The parity receipt: the same experiment by both trainers, and how far they differ."""

import math
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from ..experiment.experiment import Experiment
from .train import train

_EPOCHS = 10  # enough for rounding to show, little enough to be done at every change of a whole class
_STABLE = 2.0  # of the meter: beyond, steps land higher
_BELOW = 1e-12  # of the first loss: under that, rounding alone decides the digits


@dataclass(frozen=True, slots=True, kw_only=True)
class Parity:
    """difference: largest relative difference of a loss in the first `epochs` epochs; inf where one trainer overflows
    and the other does not.  rates: how many were compared. Of a network those that stay stable (meter at most 2, loss
    never above its start), where there are any: on the others every rounding error grows, whoever makes it.
    """

    difference: float
    rates: int
    epochs: int
    precision: str


@lru_cache(maxsize=1000)
def parity_seconds(experiment: Experiment) -> float:
    """Estimated seconds of `parity` on one core."""
    return sum(replace(_short(experiment), engine=engine).seconds() for engine in ("numpy", "torch"))


def _short(experiment: Experiment) -> Experiment:
    return replace(experiment, epochs=min(experiment.epochs, _EPOCHS), sharpness=0)


def parity(experiment: Experiment) -> Parity:
    """Train the first epochs of an experiment by NumPy and by PyTorch and compare every finite loss.

    Raises ModuleNotFoundError where torch is missing.
    """
    short = _short(experiment)
    first = train(replace(short, engine="numpy"))
    by_hand, by_torch = first.loss, train(replace(short, engine="torch")).loss
    calm = (by_hand <= by_hand[:, :1]).all(axis=1) & (np.nanmax(first.meter, axis=1, initial=0.0) <= _STABLE)
    if not experiment.quadratic and calm.any():
        by_hand, by_torch = by_hand[calm], by_torch[calm]
    both = np.isfinite(by_hand)
    worst = math.inf
    if (both == np.isfinite(by_torch)).all():
        scale = np.maximum(by_hand, _BELOW * by_hand[:, :1])
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            difference = np.abs(by_hand - by_torch) / scale
        worst = float(difference[both & (scale > 0)].max(initial=0.0))
    return Parity(difference=worst, rates=len(by_hand), epochs=short.epochs, precision=experiment.precision)
