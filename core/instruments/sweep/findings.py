"""What a sweep says: the best rate, and the checks a careful reader makes before believing it.

The checks are those of the Deep Learning Tuning Playbook (Godbole, Dahl, Gilmer, Shallue, Nado, 2023), sections "Has
the best point been sampled near the boundary", "have we sampled enough points", "trial variance".
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy import ndarray as Array

from ...words import many, number
from .sweep import SweepTable

_EDGE = 1  # rates from the end of the sweep: nearer, and better ones may lie beyond
_FAR = 2.0  # times the best rate: its neighbours should be nearer, or a better one may lie between
_ALIKE = 1.1  # times the best loss: rates this near are as good, where one seed can't say more
_CLIFF = 2.0  # times the best rate, as far as one looks for a cliff above it
_UNTRAINED = 0.9  # of the first loss: what ends above it has hardly learned
_TWICE = 2.0  # times the best typical loss: no luck of a seed makes up for more
_FALLS_OFF = 10.0  # times the best loss: that is a cliff
EXACT = 1e-12  # of the first loss: below it a run has found the minimum, and what differs is rounding
_EXPLODES = 100.0  # times the first loss: how high it ends is then of no interest
_EARLY = 0.1  # of the epochs: the shorter budget the best rate is compared at
_MOVED = 1.5  # times: a best rate that moves further with the budget is told


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One check: what was looked at, whether all is well, and what was found, with its numbers."""

    check: str
    well: bool
    words: str


def typical(losses: Array) -> Array:
    """(R, ...) median over the seeds (S, R, ...); infinite where half of the seeds overflowed."""
    finite = np.where(np.isnan(losses), np.inf, losses)
    middle: Array = np.median(finite, axis=0)
    return np.where(np.isnan(middle), np.inf, middle)  # between two infinities


def best(losses: Array) -> int:
    """The place of the rate whose typical loss is least, of losses (S, R); -1 where all overflow."""
    heights = typical(losses)
    return int(heights.argmin()) if np.isfinite(heights).any() else -1


def sensitivity(table: SweepTable) -> float:
    """Learning-rate sensitivity: the mean over rates and seeds of min(final loss, first loss) - best final loss.

    How much is lost, on average, by taking some rate of the sweep in place of the best; in units of the loss. Two
    update rules may be compared by it where both were swept over ranges equally wide around their own best.
    Source: Wortsman et al. (2023), arXiv 2309.14322, section 2.
    """
    final = np.where(np.isfinite(table.final_loss), table.final_loss, np.inf)
    reached = np.minimum(final, table.losses[:, :, 0])
    return float((reached - reached.min(axis=1, keepdims=True)).mean())


def alike(table: SweepTable, moment: int = -1) -> tuple[float, float]:
    """`alike_at` of a sweep at one of its moments."""
    return alike_at(table.learning_rates, table.losses[:, :, moment])


def alike_at(learning_rates: Array, losses: Array) -> tuple[float, float]:
    """The lowest and the highest rate (R,), in one stretch with the best, that can't be told from it by losses (S, R).

    With several seeds: those that end at least as low as the best rate in one seed or more. Seeds are compared one
    by one, because their data may have floors of different height; a rate whose typical loss is more than twice the
    best one's is told from it all the same, however lucky a seed. With one seed: those within a tenth of the best.
    """
    at = best(losses)
    with np.errstate(invalid="ignore"):
        rivals = losses <= (losses[:, [at]] if len(losses) > 1 else _ALIKE * losses[:, [at]])
    heights = typical(losses)
    good = np.asarray(rivals.any(axis=0)) & (heights <= _TWICE * heights[at])
    first, last = at, at
    while first > 0 and good[first - 1]:
        first -= 1
    while last + 1 < len(good) and good[last + 1]:
        last += 1
    return float(learning_rates[first]), float(learning_rates[last])


def findings(table: SweepTable) -> tuple[Finding, ...]:
    """Every check, in the order one makes them. Rates must ascend."""
    at = best(table.final_loss)
    if at < 0:
        return (Finding(check="edge", well=False, words="Every rate overflows: sweep lower ones."),)
    checks = (_edge, _gaps, _noise, _cliff, _budget)
    return (*_learned(table, at), *(check(table, at) for check in checks))


def _learned(table: SweepTable, at: int) -> tuple[Finding, ...]:
    """A warning where even the best rate ends about where it began; nothing where it does not."""
    end, first = (float(typical(losses)[at]) for losses in (table.final_loss, table.losses[:, :, 0]))
    if not end > _UNTRAINED * first:
        return ()
    words = f"Even the best rate ends at {number(end)}, from {number(first)}: it trained little, and so the other "
    return (Finding(check="learned", well=False, words=f"{words}checks say little. Try more epochs or another model."),)


def _edge(table: SweepTable, at: int) -> Finding:
    rates, rate = table.learning_rates, float(table.learning_rates[at])
    low, high = at < _EDGE, at >= len(rates) - _EDGE
    if low or high:
        side = "smallest" if low else "largest"
        beyond = "below" if low else "above"
        words = f"The best rate, {number(rate)}, is the {side} of the sweep: a better one may lie {beyond} it."
        return Finding(check="edge", well=False, words=words)
    ends = f"{number(rates[0])} and {number(rates[-1])}"
    return Finding(check="edge", well=True, words=f"The best rate, {number(rate)}, lies well inside, between {ends}.")


def _gaps(table: SweepTable, at: int) -> Finding:
    rates = table.learning_rates
    around = [float(rates[k]) for k in (at - 1, at + 1) if 0 <= k < len(rates)]
    widest = max((max(other, rates[at]) / min(other, rates[at]) for other in around), default=math.inf)
    if widest > _FAR:
        words = f"The next rates tried are a factor of {number(float(f'{widest:.2g}'))} away: sweep more finely there."
        return Finding(check="points", well=False, words=words)
    near = int((np.abs(np.log(rates / rates[at])) <= math.log(_FAR)).sum())
    return Finding(check="points", well=True, words=f"{near} rates lie within a factor of {_FAR:g} of it.")


def _noise(table: SweepTable, at: int) -> Finding:
    low, high = alike(table)
    if len(table.seeds) == 1:
        words = "With one seed it may be luck: sweep with three or more."
        return Finding(check="seeds", well=False, words=words)
    if np.array_equal(table.final_loss, np.broadcast_to(table.final_loss[0], table.final_loss.shape), equal_nan=True):
        return Finding(check="seeds", well=True, words="Every seed gives the same: nothing is drawn by chance here.")
    if low == high:
        words = f"No neighbour is better in any of the {len(table.seeds)} seeds."
        return Finding(check="seeds", well=True, words=words)
    words = (
        f"From {number(low)} to {number(high)} some of the {len(table.seeds)} seeds prefer another rate: they can't "
    )
    return Finding(check="seeds", well=True, words=words + "be told apart.")


def _cliff(table: SweepTable, at: int) -> Finding:
    rates, heights = table.learning_rates, typical(table.final_loss)
    above = (rates > rates[at]) & (rates <= _CLIFF * rates[at])
    first_loss = typical(table.losses[:, :, 0])
    fallen = np.flatnonzero(above & (heights > np.maximum(_FALLS_OFF * heights[at], EXACT * first_loss)))
    if not fallen.size and rates[-1] < _CLIFF * rates[at]:
        words = f"Not known: the sweep ends at {number(rates[-1])}, and the run may explode just above."
        return Finding(check="cliff", well=False, words=words)
    if not fallen.size:
        return Finding(check="cliff", well=True, words=f"Up to {_CLIFF:g} times this rate there is no cliff.")
    first = int(fallen[0])
    explodes = not heights[first] < _EXPLODES * first_loss[first]
    there = "the run explodes" if explodes else f"the loss ends at {number(heights[first])}"
    times = float(f"{rates[first] / rates[at]:.2g}")
    where = f"{number(times)} times this rate" if times > 1 else number(rates[first])  # "1 times" would say nothing
    words = f"Just above is a cliff: at {where} {there}. A somewhat lower one is safer."
    return Finding(check="cliff", well=False, words=words)


def _budget(table: SweepTable, at: int) -> Finding:
    k = int(np.searchsorted(table.moments, _EARLY * table.epochs))
    early = best(table.losses[:, :, k])
    then, now = float(table.learning_rates[early]), float(table.learning_rates[at])
    epochs = int(table.moments[k])
    if max(then, now) / min(then, now) < _MOVED:
        words = f"After {epochs:,} of {many(table.epochs, 'epoch')} about the same rate was best."
        return Finding(check="budget", well=True, words=words)
    words = f"After {many(epochs, 'epoch')} {number(then)} was best, after {table.epochs:,} it is {number(now)}: "
    words += "the best rate depends on how long you train."
    return Finding(check="budget", well=False, words=words)
