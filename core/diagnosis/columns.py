"""What a log's own columns tell beside its losses: a rate that still rises, a range test, a wave of one epoch."""

import numpy as np
from numpy import ndarray as Array

RISEN = 1.02  # times: what a rate must gain over the last tenth of a run to be called still rising
RANGE = 100.0  # from its first to its last rate at least; a warm-up seldom rises by one factor so far
EVEN = 0.25  # of a row's factor, in logarithms: how much the factors of a range test may differ
BLOWN_UP = 2.0  # times its lowest: where a range test has stopped; its rules stop at 4 or 5 times
LEAST_WAVE = 3  # records an epoch that can show a wave
SAME_WAVE = 0.5  # of the wander about the trend that one wave, repeated each epoch, must explain
SEEN = 0.005  # half a per cent of the loss: a smaller wave is not seen on a chart


def still_rising(rates: Array | None) -> bool:
    """Whether the rate (n,) in force is at its highest at the end, and was lower a tenth of the run before."""
    if rates is None or len(rates) < 4:
        return False
    before = rates[-1 - max(1, len(rates) // 10)]
    return bool(rates[-1] >= rates.max() and before > 0 and rates[-1] > max(before, rates[0]) * RISEN ** (before > 0))


def is_range_test(rates: Array | None, loss: Array) -> bool:
    """Whether the rate (n,) rises by one factor a row, far, and the loss ends well above its lowest or overflows."""
    if rates is None or len(rates) < 10 or not (rates > 0).all() or not np.isfinite(rates).all():
        return False
    steps = np.diff(np.log(rates))
    if rates[-1] < RANGE * rates[0] or not steps.min() > 0 or np.ptp(steps) > 2 * EVEN * np.median(steps):
        return False
    finite = loss[np.isfinite(loss)]
    return bool(len(finite) < len(loss) or finite[-1] - finite.min() > (BLOWN_UP - 1) * abs(finite.min()))


def wave_of_epoch(loss: Array, epoch: Array | None) -> int:
    """How many records make an epoch, where the loss repeats one wave in each; 0 where it does not.

    What is left of the loss without its running mean over an epoch is laid epoch on epoch: the share of its variance
    that their mean explains.
    """
    if epoch is None or not np.isfinite(epoch).all() or not np.isfinite(loss).all():
        return 0
    edges = np.flatnonzero(np.diff(np.floor(epoch))) + 1
    lengths = np.diff(edges)
    if len(lengths) < 2 or np.ptp(lengths) > 0 or lengths[0] < LEAST_WAVE:
        return 0
    size = int(lengths[0])
    away = (loss[size // 2 :][: len(loss) - size + 1] - running_mean(loss, size))[(edges[0] - size // 2) % size :]
    whole = away[: len(away) // size * size].reshape(-1, size)
    wave = whole.mean(axis=0)
    if len(whole) < 2 or np.ptp(wave) <= SEEN * np.abs(loss).mean():
        return 0
    return size if np.var(wave) >= SAME_WAVE * np.var(whole) else 0


def running_mean(values: Array, size: int) -> Array:
    """(n - size + 1,) the mean of each `size` values in a row."""
    mean: Array = np.convolve(values, np.full(size, 1 / size), mode="valid")
    return mean
