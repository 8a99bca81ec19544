"""A rate judged among others: how many epochs it takes to where it got, and how many the fastest of them takes.

What a curve does by itself is said by `rules`; whether its rate is a good one is earned beside the others that are
known: for a line on the full batch all below its limit, by theory; else those trained beside it, from the same start.
"""

from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

import numpy as np
from numpy import ndarray as Array

from ..experiment.experiment import Experiment
from ..training.history import History
from ..words import count, number
from .rules import RAISE, Diagnosis
from .theory import Landscape, landscape

GOOD, SLOW = 3.0, 30.0  # times the epochs of the fastest: up to there a rate is good, up to there it works
_ARRIVED = 1e-6  # of the first height: what is left there is of no interest
_FAR = 3.0  # times the height of another: far above it
_LEFT = 1e-3  # of the first height: below that nothing is far above anything
_BY_HEART = 1.5  # times the lowest loss on held-out points: what a lane gains beyond is learned by heart
_NEAR = 0.95  # of the limit: a rate above is near it
_SPAN = 30.0  # the rates theory tries reach from the limit down to a thirtieth of it: lower ones are never the fastest
_EPOCHS = np.unique(np.geomspace(1, 2.0**50, 700).round())  # at which theory looks, 5 % apart


@dataclass(frozen=True, slots=True, eq=False)
class Fastest:
    """The lowest loss (T,) at which a known rate stays after so many epochs (T,), and which rate it is (T,)."""

    epochs: Array
    loss: Array
    rates: Array

    def to(self, loss: float) -> tuple[int, float] | None:
        """(epochs, rate) of the first to be at this loss or below; None where none gets there."""
        first = int(np.searchsorted(-self.loss, -loss))
        return (int(self.epochs[first]), float(self.rates[first])) if first < len(self.loss) else None


def fastest_by_theory(experiment: Experiment) -> Fastest:
    """Fastest of all rates with two digits below the limit of a line, by plain gradient descent on the full batch.

    floor + 1/2 sum_i l_i c_i^2 (1 - lr l_i)^(2 t), as `theory.loss_after` has it.
    """
    land = landscape(experiment)
    made = _FASTEST.get(land)
    if made is None:
        made = _FASTEST[land] = _fastest_by_theory(land)
    return made


_FASTEST: WeakKeyDictionary[Landscape, Fastest] = WeakKeyDictionary()


def _fastest_by_theory(land: Landscape) -> Fastest:
    limit = 2 / land.curvatures[-1]
    decade = 10.0 ** np.arange(np.floor(np.log10(limit / _SPAN)), np.floor(np.log10(limit)) + 1)
    rates = (decade[:, None] * np.arange(10, 100) / 10).ravel()
    rates = rates[(rates > limit / _SPAN) & (rates < limit)]
    with np.errstate(divide="ignore", under="ignore"):
        shrink = np.log(np.abs(1 - rates[:, None] * land.curvatures))
        losses = sum(
            rise * np.exp(2 * _EPOCHS * factor[:, None])
            for rise, factor in zip(land.curvatures * land.along**2 / 2, shrink.T, strict=True)
        )
    best = np.argmin(losses, axis=0)
    return Fastest(_EPOCHS, land.floor + losses[best, np.arange(len(best))], rates[best])


def fastest_of_curves(history: History, found: tuple[Diagnosis, ...]) -> Fastest | None:
    """Fastest of the lanes of a run whose rate is not too high; None where there is none."""
    usable = np.array([each.role != "high" for each in found]) & ~_worse_held_out(history)
    if not usable.any():
        return None
    losses = np.nan_to_num(history.loss[usable], nan=np.inf)
    losses = np.maximum.accumulate(losses[:, ::-1], axis=1)[:, ::-1]  # a dip of a swing is no arrival
    best, at = np.argmin(losses, axis=0), np.arange(losses.shape[1])
    epochs = at if history.epochs is None else history.epochs
    return Fastest(epochs, losses[best, at], np.array(history.experiment.learning_rates)[usable][best])


def _worse_held_out(history: History) -> Array:
    """(R,) whether a lane ends far above another on held-out points: nobody should be sent to its rate."""
    if history.test_loss is None:
        return np.zeros(len(history.loss), bool)
    ends = np.nan_to_num(history.test_loss[:, -1], nan=np.inf)
    worse: Array = ends > _BY_HEART * np.min(ends)
    return worse


def judged(
    found: tuple[Diagnosis, ...], history: History, fastest: Fastest | None, floor: float
) -> tuple[Diagnosis, ...]:
    """Each lane's Diagnosis, where the rates known beside it are faster or end lower.  floor: the best loss known."""
    if fastest is None:
        return found
    judged = tuple(_beside(each, history, lane, fastest, floor) for lane, each in enumerate(found))
    return _by_heart(_in_order(judged, history, floor), history)


def _by_heart(found: tuple[Diagnosis, ...], history: History) -> tuple[Diagnosis, ...]:
    """A good lane that ends far above another on held-out points is no rate for new data, and that is said."""
    if history.test_loss is None:
        return found
    ends, rates, told = history.test_loss[:, -1], history.experiment.learning_rates, list(found)
    best = int(np.argmin(np.nan_to_num(ends, nan=np.inf)))
    for lane in np.flatnonzero(_worse_held_out(history)):
        if told[lane].role == "good":
            words = f"on held-out points it ends at {number(ends[lane])}, {number(rates[best])} at {number(ends[best])}"
            advice = f"For new data {number(rates[best])} seems better: this one may have learned its points by heart."
            told[lane] = replace(told[lane], advice=advice).adding(words)
    return tuple(told)


def _beside(found: Diagnosis, history: History, lane: int, fastest: Fastest, floor: float) -> Diagnosis:
    """Good within GOOD times the epochs of the fastest, slow within SLOW, beyond that too low, or above it too high."""
    loss = history.loss[lane]
    if found.role in ("high", "low") or found.label == "too_short" or not np.isfinite(loss).all():
        return found
    last = float(np.median(loss[-max(1, len(loss) // 40) :]))
    goal = last + _ARRIVED * (loss[0] - floor)
    first = int(np.argmax(loss <= goal))
    needs, other = int(first if history.epochs is None else history.epochs[first]), fastest.to(goal)
    rate = history.experiment.learning_rates[lane]
    if other is None or needs <= GOOD * max(1, other[0]):
        return found
    return _slower(found, rate, needs / max(1, other[0]), needs, other)


def _slower(found: Diagnosis, rate: float, times: float, needs: int, other: tuple[int, float]) -> Diagnosis:
    """What is said of a rate that needs so many times the epochs of another; a plateau is slow only far beyond."""
    epochs, best = other
    if found.role != "good" and times <= SLOW:
        return found
    words = f"{number(best)} gets there in {count(epochs)} epoch{'s' * (epochs > 1)}, this rate in {count(needs)}"
    how = f"{number(float(f'{times:.2g}'))} times slower than {number(best)}"
    if times <= SLOW:
        way = "Raise" if best > rate else "Lower"
        advice = f"Fine if you have the time. {way} the rate towards {number(best)} to be faster."
        return replace(found, label="slow", reason=f"{found.reason} It works, {how}.", advice=advice).adding(words)
    if best > rate:
        return replace(found, label="too_slow", reason=f"The loss falls {how}.", advice=RAISE).adding(words)
    advice = f"Too high: lower the rate towards {number(best)}."
    return replace(found, label="too_high", reason=f"The loss falls {how}.", advice=advice).adding(words)


def _in_order(found: tuple[Diagnosis, ...], history: History, floor: float) -> tuple[Diagnosis, ...]:
    """No lane is called better than one that ends far below it."""
    ends = np.array([np.median(loss[-max(1, len(loss) // 40) :]) for loss in history.loss]) - floor
    least = _LEFT * (history.loss[0, 0] - floor)
    rates, ordered = history.experiment.learning_rates, list(found)
    for lane in np.argsort(ends):  # from the lowest: what is taken from one may be taken from those above it
        if ordered[lane].role != "good" or not ends[lane] > least:
            continue
        below = [j for j in range(len(ends)) if _FAR * ends[j] < ends[lane] and ordered[j].role != "good"]
        if below:
            other = min(below, key=lambda j: float(ends[j]))
            ordered[lane] = _outdone(ordered[lane], rates[lane], rates[other], float(history.loss[other, -1]))
    return tuple(ordered)


def _outdone(found: Diagnosis, rate: float, other: float, end: float) -> Diagnosis:
    label, advice = ("too_slow", RAISE) if other > rate else ("too_high", "Too high: lower the rate.")
    reason = f"The loss falls, and ends far above that of {number(other)}, which is at {number(end)}."
    return replace(found, label=label, reason=reason, advice=advice)


def near_limit(found: Diagnosis, rate: float, limit: float) -> Diagnosis:
    """With the limit among the evidence, where a good rate is near it."""
    if found.role != "good" or not _NEAR * limit < rate < limit:
        return found
    return found.adding(f"it is near the limit, {number(limit)}: a little higher, and the loss grows")
