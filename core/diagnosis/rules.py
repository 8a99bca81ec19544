"""What a training-loss curve says: one label, what it rests on, and what to do next.

The rules stand in `RULES`, in the order they are asked; the first that answers wins. They look at the
height of the loss above the best loss known, on a log scale, so a curve measured in grams reads the same
as in tons. The curve alone can't tell a rate that is too low from one at its limit; the meter (learning
rate times curvature along the step) can. Sources: Cohen et al. 2021 (arXiv 2103.00065) for the edge of
stability, Lewkowycz et al. 2020 (arXiv 2003.02218) for losses that rise once and recover.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import escape
from typing import Any

import numpy as np

from ..words import number
from .columns import is_range_test, running_mean, still_rising, wave_of_epoch
from .curve import FLAT, SHAKY, TAIL, UNCHANGED, Curve, median, read_curve, readable, typical

# What a label is called on a page.
TITLES = {
    "diverged": "Diverged",
    "exploding": "Exploding",
    "risen": "Loss went up",
    "too_high": "Too high",
    "oscillating": "Oscillating",
    "edge": "At the edge",
    "noisy": "At its noise floor",
    "converged": "Converged",
    "plateau": "Plateau",
    "at_limit": "At the limit",
    "too_slow": "Too slow",
    "good": "Good",
    "slow": "Learns slowly",
    "too_short": "Too short to tell",
    "broken": "Loss exactly 0",
    "range_test": "A range test",
}
# What each label says of the learning rate: that is what a lane's colour, dash and icon show.
ROLES = {
    "diverged": "high",
    "exploding": "high",
    "risen": "high",
    "too_high": "high",
    "oscillating": "high",
    "at_limit": "high",
    "edge": "good",
    "noisy": "good",
    "converged": "good",
    "good": "good",
    "slow": "good",
    "too_slow": "low",
    "plateau": "open",
    "too_short": "open",
    "broken": "open",
    "range_test": "open",
}
# What a label makes one ask next: a page has the answer.
QUESTIONS = {
    "edge": "edge",
    "noisy": "schedule",
    "plateau": "stuck",
    "converged": "range test",
    "good": "range test",
    "range_test": "range test",
    "broken": "",
}
LABELS = tuple(TITLES)

MIN_POINTS = 4  # three steps are the fewest that can show a bend or a rise that goes on
NOTHING_LEFT = 1e-12  # of the start: errors a million times smaller; float32 can't follow further down
NEGLIGIBLE = 1e-6  # of the start: here a flat or jittering loss is rounding, not a noise floor
SMALL = 1e-3  # of the start, or of the known floor: near enough once the curve has stopped
EXPLAINED = 0.1  # of the baseline: a model that stops below a tenth of it did its job
AT_BASELINE = 0.02  # within 2 % of the best constant prediction: nothing has been learned
HALF = 0.5  # a run that still has half its loss has not got going
STRAIGHT = (0.7, 2.0)  # last quarter's fall over the average quarter's: 1 is a straight line
MOST = 0.75  # share of steps that must read so; rounding errors do half the time
FAST = 0.1  # a last quarter that loses nine tenths is no flat curve, whatever the meter says
BLOCKS = 8  # blocks whose peaks must all rise: noise does so once in 8! = 40,320 times
LONG_RISE = 1.01  # a rise over a quarter of the run or more counts from 1 %, as flat ends there
CLEARLY = 0.1  # on the log scale: what stays so far above the start is above it
WANDER = 3.0  # times the usual step: what a loss may rise by noise
BURST = 3.0  # times the highest of all before: a last value that no wander explains
AGAIN = 1.5  # times its lowest level: a loss that rests so far above it has risen again
FROM_HIGH = 0.05  # of the highest loss: from there down to exactly 0 is no rounding
TINY = 0.05  # a meter of small steps
IN_ROUNDING = 1e-13  # on the log scale: a fall that rounding alone may make in 64 bits
FAR_ABOVE = 3.0  # a meter from which on 2 over it says more than "3 to 10 times" does
THROWN = 4.0  # times the usual step: more than noise puts between the first loss and the level
LATE_RISE = 10.0  # a shorter one must be tenfold and pass all peaks of the last half


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """What one curve does (reason), the numbers behind it (clauses; evidence joins them), what to do next (advice)."""

    label: str
    reason: str
    clauses: tuple[str, ...]
    advice: str

    @property
    def evidence(self) -> str:
        """The clauses as a sentence."""
        return "; ".join(self.clauses) + "."

    @property
    def title(self) -> str:
        """The label for people: "At the limit"."""
        return TITLES[self.label]

    @property
    def role(self) -> str:
        """What the label says of the rate: low, good, high, or open where it says nothing of it."""
        return ROLES[self.label]

    def _repr_html_(self) -> str:
        """For a notebook: the verdict, what it rests on and what to do next."""
        return f"<b>{escape(self.title)}.</b> {escape(f'{self.reason} {self.evidence} {self.advice}')}"

    @property
    def question(self) -> str:
        """What one asks next: edge, schedule, stuck, range test, or best rate; "" where no rate is the matter."""
        return QUESTIONS.get(self.label, "best rate")

    def adding(self, *words: str) -> Diagnosis:
        """The same with more evidence, each a clause."""
        return replace(self, clauses=(*self.clauses, *words))


def diagnose_curve(
    loss: Any,
    *,
    meter: Any = None,
    floor: float | None = None,
    baseline: float | None = None,
    learning_rate: Any = None,
    epoch: Any = None,
) -> Diagnosis:
    """The diagnosis of one bare curve of training losses.

    loss      (n,) loss after 0, 1, ..., n - 1 epochs; inf and nan allowed, any unit
    meter     (n - 1,) learning rate x curvature along each step, no unit; nan where it is not known
    floor     the best loss this model can reach, baseline the loss of the best constant prediction
    learning_rate   (n,) the rate in force at each loss, or one number: a rate that still rises is told
    epoch     (n,) the epoch each loss was recorded in, where that is more often than once: a wave of one is told

    The answer stays the same when loss, floor and baseline are multiplied by one positive number.
    Raises ValueError for input that is not numbers, not 1-D, or of the wrong length.
    """
    loss = _series("loss", loss)
    meter = None if meter is None else _series("meter", meter)
    if meter is not None and len(meter) != max(len(loss) - 1, 0):
        raise ValueError(
            f"meter must have one value a step, {max(len(loss) - 1, 0)} for {len(loss)} losses, "
            f"got {len(meter)}: leave out the start or pass meter=None"
        )
    rates, epochs = _column("learning_rate", learning_rate, len(loss)), _column("epoch", epoch, len(loss))
    floor, baseline = _level("floor", floor), _level("baseline", baseline)
    with np.errstate(all="ignore"):
        if rates is not None and is_range_test(rates, loss):
            return _range_test(loss, rates)
        size = wave_of_epoch(loss, epochs)
        if not size:
            return _of_rate(_of_curve(loss, meter, floor, baseline), rates)
        level = running_mean(loss, size)
        return _of_rate(_waving(_of_curve(level, None, floor, baseline), loss, size), rates)


def _of_curve(loss: np.ndarray, meter: np.ndarray | None, floor: float | None, baseline: float | None) -> Diagnosis:
    """What the losses and the meter say by themselves."""
    if not np.isfinite(loss).all():
        return _diverged(loss, readable(meter, loss))
    if len(loss) < MIN_POINTS:
        return _too_short(loss)
    curve = read_curve(loss, meter, floor, baseline)
    return next(found for rule in RULES if (found := rule(curve)) is not None)


def _of_rate(found: Diagnosis, rates: np.ndarray | None) -> Diagnosis:
    """A rate that still rises explains what a curve does, and nobody should raise it by hand."""
    if rates is None or not still_rising(rates):
        return found
    found = found.adding(rising_words(rates))
    if found.role == "high":
        return replace(found, advice=f"{found.advice} The rate is still rising: hold it where the loss was lowest.")
    if found.role == "good" or found.label == "broken":
        return found
    return replace(
        found,
        label="too_short",
        reason="The learning rate is still rising, so this curve does not show yet what the full rate does.",
        advice="Wait until the rate has stopped rising, then look again.",
    )


def rising_words(rates: np.ndarray) -> str:
    """The clause that tells of a rate (n,) that still rises."""
    return f"the learning rate is still rising, from {number(rates[0])} to {number(rates[-1])}"


def _range_test(loss: np.ndarray, rates: np.ndarray) -> Diagnosis:
    """A rate that rises by a factor from row to row until the loss blows up."""
    lowest = int(np.nanargmin(np.where(np.isfinite(loss), loss, np.inf)))
    return Diagnosis(
        label="range_test",
        reason="The rate rises by one factor from row to row until the loss blows up: this is a range test, not a run.",
        clauses=(
            f"The rate went from {number(rates[0])} to {number(rates[-1])}",
            f"the loss was lowest, {number(loss[lowest])}, at {number(rates[lowest])}",
        ),
        advice=f"Take a rate well below {number(rates[lowest])}: a tenth of it is the usual rule, "
        "and where the loss falls most steeply another.",
    )


def _waving(found: Diagnosis, loss: np.ndarray, size: int) -> Diagnosis:
    """The verdict on the mean over an epoch, of a loss that repeats one wave in each."""
    first, last = number(loss[0]), number(loss[-1])
    return replace(
        found,
        reason=f"One wave repeats each epoch: that is the order of the data or a running mean, not the rate. "
        f"Without it: {found.reason[0].lower()}{found.reason[1:]}",
        clauses=(f"The loss went from {first} to {last}", f"a wave of {size} records, as long as an epoch"),
    )


def _series(name: str, values: Any) -> np.ndarray:
    """(n,) float64; ValueError when `values` are not numbers in one row."""
    if hasattr(values, "detach"):  # a tensor, with a gradient perhaps
        values = values.detach().tolist()
    elif isinstance(values, (list, tuple)):
        values = [value.tolist() if hasattr(value, "detach") else value for value in values]
    try:
        array = np.asarray(values)
    except ValueError:  # ragged rows
        raise ValueError(f"{name} must be one row of numbers, got rows of unequal length: pass one") from None
    if array.dtype.kind not in "biuf":
        raise ValueError(f"{name} must be numbers, got {str(values)[:40]!r}: convert to float first")
    if array.ndim != 1:
        raise ValueError(f"{name} must be 1-D, got shape {array.shape}: pass one run, as {name}[row]")
    return array.astype(np.float64)


def _column(name: str, values: Any, length: int) -> np.ndarray | None:
    """(length,) float64, one number repeated; None where it is not known. ValueError for another length."""
    if values is None:
        return None
    array = _series(name, [values] * length if np.ndim(values) == 0 else values)
    if len(array) != length:
        raise ValueError(f"{name} must be one number, or one a loss, {length}, got {len(array)}: pass {name}=None")
    return array


def _level(name: str, value: float | None) -> float | None:
    """float or None; ValueError unless finite."""
    if value is None:
        return None
    if not isinstance(value, (int, float, np.number)) or not np.isfinite(value):
        raise ValueError(f"{name} must be a finite number, got {value!r}: pass None where it is not known")
    return float(value)


def _diverged(loss: np.ndarray, meter: np.ndarray | None) -> Diagnosis:
    """A loss that overflowed or became NaN: nothing after it means anything."""
    first = int(np.argmin(np.isfinite(loss)))
    before = np.abs(loss[max(0, first - 10) : first])
    growth = float(np.exp(np.diff(np.log(before)).mean())) if len(before) > 1 else np.nan
    grew = f"grew {number(float(f'{growth:.3g}'))}-fold an epoch and " if 1 < growth < np.inf else ""
    became = "overflowed" if np.isinf(loss[first]) else "became NaN"
    reading = typical(None if meter is None else meter[: max(0, first - 1)])
    return Diagnosis(
        label="diverged",
        reason="The loss grew too large for the computer (it overflowed), or became NaN (not a number).",
        clauses=(f"The loss {grew}{became} at epoch {number(first)}", *_reading(reading)),
        advice=_lower(reading),
    )


def _too_short(loss: np.ndarray) -> Diagnosis:
    """Fewer than MIN_POINTS losses."""
    return Diagnosis(
        label="too_short",
        reason="There are too few points to see what the curve does.",
        clauses=(f"{len(loss)} {'loss' if len(loss) == 1 else 'losses'}", f"at least {MIN_POINTS} are needed"),
        advice="Train longer, then look again.",
    )


def _answer(curve: Curve, label: str, reason: str, advice: str, extra: str = "") -> Diagnosis:
    """A Diagnosis whose evidence tells start, end, lowest and meter."""
    loss = curve.loss
    lowest = int(np.argmin(loss))
    below = min(loss[0], loss[-1]) - loss[lowest] > FLAT * abs(loss[-1])  # worth a word
    low = f", lowest {number(loss[lowest])} at epoch {number(lowest)}" if below else ""
    went = f"The loss went from {number(loss[0])} to {number(loss[-1])} in {number(len(loss) - 1)} epochs"
    clauses = (f"{went}{low}{extra}", *_reading(curve.meter))
    return Diagnosis(label=label, reason=reason, advice=advice, clauses=clauses)


def _reading(meter: float) -> tuple[str, ...]:
    """The meter in words, nothing where it is not known."""
    return () if np.isnan(meter) else (f"typical meter {number(meter)}",)


def _lower(meter: float) -> str:
    """How far to lower a rate that is too high; the meter is in proportion to the rate on a bowl."""
    if meter > FAR_ABOVE:
        return f"Too high: lower the rate, to less than {number(2 / meter)} of this one (2 over the meter)."
    return "Too high: lower the rate, 3 to 10 times to begin with, and look again."


def _broken(curve: Curve) -> Diagnosis | None:
    """Exactly 0 from one loss to the next: a mask, a nan made 0 or an empty batch, where it is no known floor.

    What falls a long way lands at 0 by rounding; and one step may land at a minimum: then its meter is 1.
    """
    loss = curve.loss
    filled = np.flatnonzero(loss)
    first = int(filled[-1]) + 1 if len(filled) else 0  # the first of the zeros at the end
    if loss[-1] or curve.landed or (first and abs(loss[first - 1]) <= FROM_HIGH * np.abs(loss[:first]).max()):
        return None
    since = "from the start" if first == 0 else f"from epoch {number(first)} on, {number(loss[first - 1])} before"
    return _answer(
        curve,
        "broken",
        "The loss suddenly became exactly 0: that is a bug, not learning.",
        "Look for a NaN that was replaced by 0, for masked targets or for an empty batch.",
        f", exactly 0 {since}",
    )


def _nothing_left(curve: Curve) -> Diagnosis | None:
    """At the known floor, or so far down that rounding is all there is, still falling or not."""
    last = max(curve.end, float(curve.log[-3:].max()))  # three points: a dip is no arrival
    if curve.above_floor * np.exp(last - curve.end) <= SMALL:
        return _answer(curve, "converged", "The loss is at the best this model can reach.", DONE)
    if last <= np.log(NOTHING_LEFT):
        return _answer(curve, "converged", "The loss is practically 0: only rounding error is left.", DONE)
    return None


def _exploding(curve: Curve) -> Diagnosis | None:
    """The end of the run climbs: its peaks rise block by block, for a quarter of the run or tenfold.

    A climb counts if it keeps its pace or ends above the start; the upstroke of a wave that rings slows down.
    """
    log, n = curve.log, len(curve.log)
    for size in sorted({n - int(np.argmin(log)), *(n >> k for k in range(n.bit_length()))}, reverse=True):
        if size < min(n, BLOCKS):
            continue
        blocks = min(BLOCKS, size)
        peaks = np.maximum.reduceat(log[-size:], np.arange(blocks) * size // blocks)
        rise, later = peaks[-1] - peaks[0], peaks[-1] - peaks[(blocks - 1) // 2]
        passed = log[n // 2 : n - size].max() if n - size > n // 2 else -np.inf
        long = size >= n / 4 and rise > np.log(LONG_RISE)
        late = rise > np.log(LATE_RISE) and peaks[-1] > passed
        if (np.diff(peaks) > 0).all() and (long or late) and (later >= rise / 2 or log[-1] > log[0]):
            since = f", up from {number(curve.loss[-size])} over the last {number(size - 1)} epochs"
            return _answer(
                curve,
                "exploding",
                "The loss rises, and goes on rising, at the end.",
                _lower(curve.meter),
                since if size < n else "",
            )
    return None


def _stays_above(curve: Curve) -> Diagnosis | None:
    """Above its start for the second half of the run: its steps threw it there, however calm it looks."""
    late, start = curve.log[len(curve.log) // 2 :], curve.log[0]
    rise = median(late) - start
    if rise <= 0:
        return None
    low = float(late.min() if curve.period > 2 else np.quantile(late, 0.1)) - start
    if curve.measured:  # by whoever trained it, on the same rows at the start as later
        above = rise > FLAT and low > 0
    else:
        above = low > CLEARLY / 2 and (rise > _margin(curve) or rise > np.log(2))
    if not above:
        return None
    reason = "The loss stays above where it began: the steps are too large."
    return _answer(curve, "risen", reason, _lower(curve.meter))


def _ends_above(curve: Curve) -> Diagnosis | None:
    """Thrown above its start in the last few epochs: by three of them, or by the last one far above all others."""
    log, n = curve.log, len(curve.log)
    last, before = min(median(log[-3:]), float(log[-1])), log[n // 2 : n - max(3, n // 8)]
    above = last > log[0] + _margin(curve) and last > before.max(initial=log[0])
    if not above and not log[-1] > log[:-1].max() + np.log(BURST):
        return None
    return _answer(curve, "exploding", "The loss shot up above its start at the end.", _lower(curve.meter))


def _margin(curve: Curve) -> float:
    """How far above its start a loss has to be to be above it: clearly, and by more than it wanders."""
    return max(CLEARLY, THROWN * median(np.abs(np.diff(curve.log[len(curve.log) // 2 :]))))


def _rests_above(curve: Curve) -> Diagnosis | None:
    """At rest for a quarter of the run, well above what was the level at its lowest."""
    if len(curve.loss) < 2 * BLOCKS or curve.end <= np.log(SMALL) or curve.end - curve.log.min() < np.log(AGAIN):
        return None
    log = np.log(curve.loss) if curve.loss.min() > 0 else curve.log
    size, width = max(4, len(log) // 4), max(3, len(log) // 40)
    rest, windows = log[-size:], np.lib.stride_tricks.sliding_window_view(log[:-size], width)
    level, low = median(rest), float(np.median(windows, axis=1).min())
    rise, drift = level - low, abs(median(rest[: size // 2]) - median(rest[size // 2 :]))
    if rise < 3 * curve.shake or np.quantile(rest, 0.1) - low < np.log(AGAIN) or drift > rise / 4:
        return None
    times = number(float(f"{np.exp(level - log.min()):.2g}"))
    return _answer(
        curve,
        "risen",
        f"The loss fell, has risen again and stands at {times} times its lowest.",
        f"{_lower(curve.meter)} The weights from its lowest are the better ones.",
    )


def _swinging(curve: Curve) -> Diagnosis | None:
    """Alternating from step to step, with a falling trend (edge) or without; or repeating a longer wave.

    On a quadratic nothing alternates, so a run at its limit that once did is at the edge of stability.
    Momentum rings in waves longer than two steps while its trend falls: that is healthy, and not caught here.
    """
    if curve.falls and (curve.flips or (curve.flipped and curve.limit_share >= MOST)):
        return _answer(
            curve,
            "edge",
            "The loss goes up and down each step, yet its trend falls.",
            "At the edge of stability: fine to go on. For a smoother curve, halve the rate.",
        )
    if (curve.flips or (curve.period and not curve.falls)) and curve.end > np.log(NEGLIGIBLE):
        every = f"about every {number(curve.period or 2)} steps"
        order = " If an epoch is as long as that, it is the order of the data." if curve.period > 2 else ""
        return _answer(
            curve,
            "oscillating",
            "The loss goes up and down around one level and gets no lower.",
            f"Too high for this valley: lower the rate, by half to begin with.{order}",
            f", up again {every}",
        )
    return None


def _noisy(curve: Curve) -> Diagnosis | None:
    """Wandering about a level that is not rounding, without a trend."""
    if curve.shake < SHAKY or curve.falls or curve.end <= np.log(NEGLIGIBLE):
        return None
    if max(curve.end, median(curve.log[len(curve.log) // 2 :])) > curve.log[0] - 2 * curve.shake:
        return _wanders_where_it_began(curve)
    return _answer(
        curve,
        "noisy",
        "The loss wanders about one level and gets no lower.",
        f"{OF_BATCHES} If each step already sees all data, the rate is too high: lower it.",
        f", going up or down by {number(float(np.median(np.abs(np.diff(curve.loss[-TAIL:])))))} an epoch",
    )


def _wanders_where_it_began(curve: Curve) -> Diagnosis:
    """No noise floor: nothing was learned before. Of a loss of all rows it is the steps that make it wander."""
    if curve.measured:
        reason = "The loss wanders about where it began: its steps are too long."
        return _answer(curve, "oscillating", reason, _lower(curve.meter))
    return _answer(
        curve,
        "plateau",
        "The loss wanders about where it began: nothing is learned yet.",
        "Run it at three times the rate and at a third of it: the lower loss tells.",
    )


def _at_limit(curve: Curve) -> Diagnosis | None:
    """Hardly falling while the meter says each step flips to the other side of the valley."""
    if curve.limit_share < MOST or curve.log[3 * (len(curve.log) - 1) // 4] - curve.end > -np.log(FAST):
        return None
    now = "The loss hardly falls any more" if curve.log[0] - curve.end > np.log(2) else "The loss hardly falls"
    return _answer(curve, "at_limit", f"{now}: each step overshoots to the other side.", AT_LIMIT)


def _too_slow(curve: Curve) -> Diagnosis | None:
    """Still near the start and falling in a nearly straight line, on a clock the meter agrees is slow."""
    straight = STRAIGHT[0] <= curve.straightness <= STRAIGHT[1]
    seen = curve.log[0] - curve.end > max(3 * curve.shake, IN_ROUNDING)
    if not (straight and seen and curve.log[0] - curve.end < -np.log(HALF)):
        return None
    if curve.quick_share >= MOST or curve.meter <= 0:
        return None  # its own clock has run out, or the ground bends down: it leaves a saddle, ever faster
    if np.isnan(curve.meter):
        return _answer(
            curve,
            "too_slow",
            "The loss falls in a nearly straight line and has hardly begun.",
            "Probably too slow, but a rate just under its limit looks the same: the meter or a "
            "run at half the rate decides. If that run is slower, raise the rate to 3 times as much, and repeat.",
        )
    return _answer(
        curve,
        "too_slow",
        "The loss falls in a nearly straight line and has hardly begun.",
        RAISE,
    )


def _stopped(curve: Curve) -> Diagnosis | None:
    """Flat, or jittering in its rounding: at the best there is (converged) or above it (plateau)."""
    if not curve.stopped:
        return None
    if np.ptp(curve.loss) <= UNCHANGED * abs(curve.loss[-1]):
        return _answer(
            curve,
            "plateau",
            "The loss does not change: no gradient arrives, or the steps are lost in rounding.",
            "Look for dead units, for frozen parameters, or for a loss that is cut off from them.",
        )
    if curve.end <= np.log(NEGLIGIBLE) or (curve.end <= np.log(SMALL) and not curve.of_baseline > EXPLAINED):
        return _answer(curve, "converged", "The loss fell a long way and has stopped.", DONE)
    if np.isinf(curve.above_floor) and curve.of_baseline <= EXPLAINED:
        return _answer(curve, "converged", "The loss stopped far below the best constant prediction.", DONE)
    if abs(curve.of_baseline - 1) < AT_BASELINE:
        return _answer(
            curve,
            "plateau",
            "The loss has stopped at what the best constant prediction gives.",
            "Nothing is learned from the inputs: try another start or a larger model.",
        )
    return _answer(
        curve,
        "plateau",
        "The loss has stopped, and may not be at the best there is.",
        "Try a larger model, standardized inputs or another start; more epochs alone seldom help.",
    )


def _good(curve: Curve) -> Diagnosis:
    """What none of the other rules caught: it falls, a few rises on the way or not; or has no trend to tell."""
    log, half = curve.log, len(curve.log) // 2
    rises = bool((np.diff(log) > 0).any())
    if curve.end < log[0] and median(log[half:]) >= median(log[:half]) and curve.falls:
        return _answer(curve, "good", "The loss jumped up during training and is falling again.", GO_ON)
    if rises and not (curve.end < log[0] and median(log[half:]) < median(log[:half])):
        return _answer(
            curve,
            "plateau",
            "The loss goes up and down and shows no clear trend.",
            "Train longer, then look again; or run it at three times the rate and at a third of it.",
        )
    return _answer(
        curve,
        "good",
        "The loss falls" + (", on the whole." if rises else " steadily."),
        GO_ON,
    )


def hardly_begun(found: Diagnosis, meter: np.ndarray, gradient_norm: np.ndarray, least: float) -> Diagnosis:
    """Too slow, where a curve that seems to rest, or to fall, has explained little in tiny steps with a gradient left.

    A first stretch is seldom straight, and may be as flat as a plateau; on a true one, for want of units or at a
    saddle, the gradient is gone.  meter, gradient_norm (n,): of each step.  least: how much of the first gradient must
    be left.
    """
    steps = np.abs(meter[3 * len(meter) // 4 :])
    steps = steps[np.isfinite(steps)]
    if found.label not in ("good", "plateau") or not steps.size or np.median(steps) > TINY:
        return found
    if not gradient_norm[-1] >= least * gradient_norm[0]:
        return found
    return replace(
        found,
        label="too_slow",
        reason="The loss falls in tiny steps and has hardly begun, though the gradient has not become small.",
        advice=RAISE,
    )


def sharpness_words(products: np.ndarray, line: float | None) -> list[str]:
    """How learning rate x sharpness (M,) went, beside the line it can't stay above; [] where none is finite."""
    products = products[np.isfinite(products)]
    if not products.size:
        return []
    beside = "" if line is None else f", the line is {number(line)}"
    return [f"rate × sharpness went from {number(products[0])} to {number(products[-1])}{beside}"]


OF_BATCHES = "At its noise floor: let the rate decay towards the end, or use larger batches."
AT_LIMIT = "At the limit: lower the rate, by half to begin with. Raised, the loss would grow."
RAISE = (
    "Too slow: raise the rate to 3 times as much, look again, and repeat. A low meter is no promise: "
    "steep directions may show only at a higher rate."
)
GO_ON = "Still decreasing: keep training."
DONE = "Done: more epochs would not help."
RULES = (
    *(_broken, _nothing_left, _exploding, _stays_above, _ends_above, _rests_above, _swinging, _noisy),
    *(_at_limit, _too_slow, _stopped, _good),
)
