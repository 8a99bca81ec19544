"""What can be measured on one loss curve: height, trend, shake, waves and the meter's reading.

Measured once, on a log scale above the best loss known, so that a curve in grams reads the same as
in tons. core/diagnosis/rules.py decides what it means.
"""

from dataclasses import dataclass

import numpy as np

FLAT = 0.01  # a last quarter that loses less than 1 % has stopped for the eye
SHAKY = 0.005  # from half a per cent up, step-to-step wander is seen on a chart
JITTER = 1e-5  # below this, relative, a wiggle may be float32 rounding (unit 6e-8, summed)
OWN_TIME = 1.0  # meter x epochs: below 1 the run is shorter than one e-folding of its slow fall
LIMIT = 1.9  # the meter's stability limit is 2; from 1.9 the step overshoots by nine tenths
FLIPS = 8  # up, down, up ... 8 times without a break: noise spends about 7 % of its steps so
FLIPPING = 0.5  # share of the tail inside such unbroken runs
JAGGED = 0.4  # share of steps that turn
PERIODIC = 0.8  # autocorrelation at which a longer wave counts as repeating
UNCHANGED = 8 * float(np.finfo(float).eps)  # of the loss: what its own rounding may change
AT_MINIMUM = 0.01  # how near to 1 the meter of a step to the minimum is
TAIL = 48  # the tail is a quarter of the run, or this many points where that is fewer
WINDOW = 4096  # texture needs no more points than this


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A finite curve with everything the rules ask about; heights are above the best loss known."""

    loss: np.ndarray  # (n,) as given
    log: np.ndarray  # (n,) natural log of height over the height at the start
    end: float  # log at the end, typical of the last fortieth of the run
    above_floor: float  # end height over the size of the known floor; inf where none is known
    of_baseline: float  # end height over the baseline's height; nan where none is known
    measured: bool  # it comes with a meter: no loss of it is that of one batch
    meter: float  # median of the last quarter, nan where unknown
    limit_share: float  # share of the last quarter's steps whose meter is LIMIT or more
    quick_share: float  # the same for OWN_TIME over the number of losses
    straightness: float  # last quarter's fall over the average quarter's
    shake: float  # step-to-step wander of the tail, relative; 0 for a smooth wave
    falls: bool  # the tail has a downward trend larger than its wander
    stopped: bool  # the last quarter loses less than FLAT, or shows no trend through its wander
    flips: bool  # the tail alternates from step to step
    flipped: bool  # somewhere in the run it alternated for a while
    landed: bool  # a loss of exactly 0 may be true: the floor is known, or the last step before it had a meter of 1
    period: int  # steps after which the tail repeats itself, 0 where it does not


def read_curve(loss: np.ndarray, meter: np.ndarray | None, floor: float | None, baseline: float | None) -> Curve:
    """Measure a finite curve of at least MIN_POINTS losses once, for all rules."""
    meter = readable(meter, loss)
    n, unit = len(loss), -int(np.frexp(np.abs(loss).max())[1])
    scaled = np.ldexp(loss, unit)  # a power of two scales without rounding
    if floor is not None:
        zero = np.ldexp(floor, unit)
    elif scaled.min() >= 0:
        zero = 0.0
    else:  # a loss that goes below 0 (log-likelihood) has no natural zero: half its size below its lowest
        zero = scaled.min() - np.abs(scaled).max() / 2
    height = np.maximum(scaled - zero, 0.0)
    base = np.nan if baseline is None else float(np.ldexp(baseline, unit) - zero)
    reference = np.fmax(height[0], base) or height.max() or 1.0  # a start at the floor measures nothing
    log = np.log(np.maximum(height / reference, 1e-30))  # an exact 0 would be minus infinity
    window, third = max(1, n // 40), 3 * (n - 1) // 4
    tail = log[-min(n, max(n // 4, TAIL)) :]
    end, before = median(log[-window:]), median(log[third : third + window])
    at_end, at_third = reference * np.exp(end), reference * np.exp(before)
    texture = tail[-WINDOW:]
    flips = bool(_flip_runs(texture).sum() >= FLIPPING * len(texture))
    period = _period(texture)
    wave = 2 if flips else max(1, period)  # averaged over whole waves, only the trend is left
    shake = _shake(texture)
    summed = np.concatenate(([0.0], np.cumsum(tail)))
    falls = _falls((summed[wave:] - summed[:-wave]) / wave)
    return Curve(
        loss=loss,
        log=log,
        end=float(end),
        shake=shake,
        falls=falls,
        above_floor=float("inf") if not floor else float(at_end / abs(np.ldexp(floor, unit))),
        of_baseline=float(at_end / base) if base > 0 else float("nan"),
        measured=meter is not None,
        meter=typical(meter),
        limit_share=_share(meter, LIMIT),
        quick_share=_share(meter, OWN_TIME / n),
        straightness=float(4 * (at_third - at_end) / (height[0] - at_end)) if height[0] > at_end else 0.0,
        stopped=bool(abs(before - end) < FLAT) if shake < SHAKY else not falls,
        flips=flips,
        flipped=bool(_flip_runs(log).size),
        landed=floor is not None or _landed(loss, meter),
        period=period,
    )


def readable(meter: np.ndarray | None, loss: np.ndarray) -> np.ndarray | None:
    """The meter (n - 1,), nan where the loss (n,) stays the same: nothing was decreased, and nothing measured."""
    if meter is None or len(meter) == 0:
        return meter
    with np.errstate(invalid="ignore"):
        return np.where(np.abs(np.diff(loss)) <= UNCHANGED * np.abs(loss[1:]), np.nan, meter)


def median(values: np.ndarray) -> float:
    """np.median of a row (n,), in a fifth of its time where the row is short: a deck asks for hundreds."""
    n = len(values)
    if not n:
        return float("nan")
    ordered = np.partition(values, [(n - 1) // 2, n // 2, n - 1])  # nan sorts last
    return float("nan") if np.isnan(ordered[-1]) else float((ordered[(n - 1) // 2] + ordered[n // 2]) / 2)


def typical(meter: np.ndarray | None) -> float:
    """Median meter of the last quarter, nan when fewer than half of its steps have one."""
    last = np.empty(0) if meter is None else meter[3 * len(meter) // 4 :]
    known = last[np.isfinite(last)]
    return median(known) if len(known) > len(last) / 2 else float("nan")


def _landed(loss: np.ndarray, meter: np.ndarray | None) -> bool:
    """Whether the last step from above 0 to 0 had a meter of 1: on a bowl it goes to the minimum."""
    last = np.flatnonzero(loss[:-1])
    return meter is not None and len(last) > 0 and bool(abs(meter[last[-1]] - 1) < AT_MINIMUM)


def _share(meter: np.ndarray | None, least: float) -> float:
    """Share of the last quarter's steps whose meter is `least` or more; with rounding errors about half."""
    return 0.0 if meter is None else float(np.mean(meter[3 * len(meter) // 4 :] >= least))


def _shake(log: np.ndarray) -> float:
    """Typical wander from step to step, relative, from second differences: a smooth bend leaves them near 0.

    0 for what turns less often than noise, which turns at two steps in three, or half if it remembers.
    """
    steps = np.diff(log)
    jagged = np.mean(steps[1:] * steps[:-1] < 0) >= JAGGED
    return float(1.4826 * median(np.abs(np.diff(steps))) / np.sqrt(6)) if jagged else 0.0


def _detrended(log: np.ndarray) -> np.ndarray:
    """`log` minus its least-squares straight line."""
    time = np.arange(len(log)) - (len(log) - 1) / 2
    rest: np.ndarray = log - log.mean() - time * (time @ log) / (time @ time)
    return rest


def _falls(log: np.ndarray) -> bool:
    """Whether the second half lies below the first by more than wander alone explains (three sigma).

    Wander that remembers itself counts fewer points: m (1 - r) / (1 + r), r its lag-one autocorrelation.
    A fall of two spreads is seen however few the points; one of half a spread is not, however many.
    """
    m = len(log)
    rest = _detrended(log)
    memory = max(0.0, float(rest[1:] @ rest[:-1] / max(rest @ rest, 1e-300)))
    spread = 1.4826 * median(np.abs(rest - median(rest)))
    points = max(1.0, m * (1 - memory) / (1 + memory))
    fall = median(log[: m // 2]) - median(log[m // 2 :])
    return fall > FLAT / 2 and fall > spread * np.clip(7.5 / np.sqrt(points), 0.5, 2.0)


def _flip_runs(log: np.ndarray) -> np.ndarray:
    """Lengths of the unbroken runs of FLIPS or more turns up, down, up, down; none where it is rounding."""
    steps = np.diff(log)
    turns = np.concatenate(([0], steps[1:] * steps[:-1] < 0, [0])).astype(np.int8)
    edges = np.flatnonzero(np.diff(turns))
    runs = edges[1::2] - edges[::2]
    return runs[runs >= FLIPS] if median(np.abs(steps)) > JITTER else runs[:0]


def _period(log: np.ndarray) -> int:
    """Steps after which the tail repeats itself, 0 where it does not: first high echo after a dip."""
    rest = _detrended(log)
    if np.ptp(rest) <= SHAKY:
        return 0
    m = len(rest)
    echo = np.fft.irfft(np.abs(np.fft.rfft(rest, 2 * m)) ** 2)[: m // 3]  # three waves at least
    echo *= m / (m - np.arange(len(echo))) / echo[0]  # fewer pairs overlap at long lags
    dips = np.flatnonzero(echo < 0)
    if not len(dips):
        return 0
    best = int(dips[0] + np.argmax(echo[dips[0] :]))
    return best if echo[best] >= PERIODIC else 0
