"""What is said of the quiz's curves: what each kind is called, by which sign it is known, and why another is not it.

Every sentence is made from the numbers of the run it is said of.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..words import number, two_digits

TITLES = {
    "crawl": "Far too low a rate: it has hardly begun",
    "at_limit": "Just below the limit: each step lands nearly as high on the other side",
    "good": "A good rate: small, steady steps",
    "overshoot": "Each step jumps past the minimum, yet lands lower",
    "above": "Above the limit by less than a third: it grows by a steady factor",
    "far": "Far above the limit: three times as high or more",
    "ringing": "Momentum: it swings past the minimum and back",
    "noise": "Mini-batches: it jitters at its noise floor",
    "plateau": "Done: this is the best a straight line can do",
    "valley": "Stuck in a narrow valley: the best is well below",
}


_MOST_DIGITS = 9  # beyond them a reading is rounding


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The numbers of one run.

    rate, limit: learning rate and stability limit.  first, last: its first and last finite loss.  floor: that of the
    best line.  rises: epochs whose loss rose.  overflow: the epoch it overflowed at, -1 if it did not.
    meters: first and last readable reading.  plain: full batch without momentum, where the meter is rate x curvature.
    batch: points in a step.  narrow: largest over smallest curvature.
    """

    rate: float
    limit: float
    epochs: int
    first: float
    last: float
    floor: float
    rises: int
    overflow: int
    meters: tuple[float, float]
    plain: bool
    batch: int
    momentum: float
    narrow: float

    @property
    def share(self) -> float:
        """The rate in limits."""
        return self.rate / self.limit

    @property
    def growth(self) -> float:
        """What the loss is multiplied by each epoch in the steepest direction: (1 - rate x lmax)^2."""
        return (1 - 2 * self.share) ** 2

    @property
    def of_limit(self) -> str:
        """The rate against its limit, in words."""
        if self.share > 1:
            return f"{number(self.share)} times the limit"
        return f"{self.share:.6g} of the limit" if self.share > 0.99 else f"{number(self.share)} of the limit"

    @property
    def went(self) -> str:
        """From where to where the loss went."""
        if self.overflow >= 0:
            return f"went from {number(self.first)} to overflow at epoch {self.overflow}"
        return f"went from {number(self.first)} to {number(self.last)}"

    @property
    def ways(self) -> str:
        """How often the loss went up, in words."""
        if not self.rises:
            return "falls every epoch"
        if self.overflow >= 0 or self.rises == self.epochs:
            return "rises every epoch" + (" until it overflows" if self.overflow >= 0 else "")
        return f"rises in {self.rises} of {self.epochs:,} epochs and falls in the others"


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """The truth of a run (truth), and the sign that shows it (sign)."""

    sign: str
    truth: str


def told_apart(value: float, *others: float) -> str:
    """`value` as core.words.number says it, with as many more digits as tell it from each of the others."""
    if number(value) not in map(number, others):
        return number(value)
    for digits in range(4, _MOST_DIGITS):
        text = f"{value:.{digits}g}"
        if text not in [f"{other:.{digits}g}" for other in others]:
            return text.replace("e-0", "e-")
    return number(value)


def reading(meter: float) -> str:
    """A reading of the meter in words, never rounded to one of the values it is to decide about, 1 and 2."""
    return told_apart(meter, 1, 2)


def unlike(truth: str, option: str, facts: Facts) -> str:
    """Why a run of kind `truth` is not of kind `option`, in its own numbers."""
    return (_PAIRS.get((truth, option)) or _UNLIKE[option])(facts)


def _crawl(run: Facts) -> Explained:
    return Explained(
        sign=f"Flat, and the meter reads {reading(run.meters[0])}: tiny steps.",
        truth=(
            f"The rate is {run.of_limit}; the loss {run.went} in {run.epochs:,} epochs. Half the limit is "
            f"{two_digits(0.5 / run.share)} times as much: raise it."
        ),
    )


def _at_limit(run: Facts) -> Explained:
    return Explained(
        sign=f"Flat, and the meter reads {reading(run.meters[0])}: each step is nearly twice the way to the bottom.",
        truth=(
            f"The rate is {run.of_limit}; the loss {run.went} in {run.epochs:,} epochs. **Flat doesn't mean raise the "
            "rate**: raised by a thousandth, it would explode. Halved, its first steps would be quick."
        ),
    )


def _good(run: Facts) -> Explained:
    return Explained(
        sign=f"It falls all the way, and the meter begins at {reading(run.meters[0])}, below 1: no step jumps across.",
        truth=f"The rate is {run.of_limit}, below half of it. The loss {run.went} in {run.epochs:,} epochs.",
    )


def _overshoot(run: Facts) -> Explained:
    return Explained(
        sign=f"It falls all the way, and the meter begins at {reading(run.meters[0])}, between 1 and 2.",
        truth=(
            f"The rate is {run.of_limit}: in the steepest direction w changes sides each step and comes nearer. The "
            f"loss rose in {run.rises} epochs: with plain steps on a bowl **the zig-zag is in w, never in the loss**."
        ),
    )


def _above(run: Facts) -> Explained:
    return Explained(
        sign=f"It rises from the start, {number(run.growth)} times an epoch; the meter is above 2.",
        truth=(
            f"The rate is {run.of_limit}. Nothing overflowed in these {run.epochs:,} epochs, but **no overflow doesn't "
            f"mean stable**: the loss {run.went}, and goes on by a factor of {number(run.growth)} an epoch."
        ),
    )


def _far(run: Facts) -> Explained:
    return Explained(
        sign=f"Each epoch multiplies the loss by about {number(run.growth)}: the axis tells.",
        truth=f"The rate is {run.of_limit}: the loss {run.went}. No zig-zag on the way: it only rises.",
    )


def _ringing(run: Facts) -> Explained:
    return Explained(
        sign="Even waves on the way down: a velocity carries it past the bottom and back.",
        truth=(
            f"Momentum {run.momentum:g}. The loss rose in {run.rises} of {run.epochs:,} epochs and still {run.went}: "
            f"**a rising loss need not be a failed run**. The rate is {run.of_limit}."
        ),
    )


def _noise(run: Facts) -> Explained:
    return Explained(
        sign="A quick fall, then an uneven jitter about one level.",
        truth=(
            f"Batches of {run.batch}: each pulls to a minimum of its own. The best line has a loss of "
            f"{number(run.floor)}; this run ends at {number(run.last)}. A rate that falls at the end would bring it "
            "down: this is where a schedule helps."
        ),
    )


def _plateau(run: Facts) -> Explained:
    return Explained(
        sign=f"Flat where it must be: the best line has a loss of {number(run.floor)}, and the run ends there.",
        truth=(
            f"The loss {run.went}; no line does better than {number(run.floor)}. Another rate or more epochs won't "
            "help; another model might."
        ),
    )


def _valley(run: Facts) -> Explained:
    return Explained(
        sign=(
            f"The meter fell from {reading(run.meters[0])} to {reading(run.meters[1])}: the steep way is done, the "
            "flat way hardly begun."
        ),
        truth=(
            f"The loss {run.went}; the best line has {number(run.floor)}. **A plateau doesn't mean converged**: the "
            f"bowl is {two_digits(run.narrow)} times steeper across than along. Standardised x would make it round."
        ),
    )


def _not_crawl(run: Facts) -> str:
    return f"It has come a long way: the loss {run.went}. The rate is {run.of_limit}, not a thousandth of it."


def _not_at_limit(run: Facts) -> str:
    return f"The rate is {run.of_limit}. Just below it, a run hardly moves; here the loss {run.went}."


def _not_good(run: Facts) -> str:
    return f"Steady it is, but these are hardly steps: the loss {run.went} in {run.epochs:,} epochs, at {run.of_limit}."


def _not_overshoot(run: Facts) -> str:
    cause = f"batches of {run.batch}" if not run.momentum else f"momentum {run.momentum:g}"
    return (
        f"Jumping past the minimum does not show in the loss: on a bowl with all points in each step it falls every "
        f"epoch below the limit. Here it rose in {run.rises}; the cause is {cause}."
    )


def _not_above(run: Facts) -> str:
    return (
        f"**Too high doesn't mean zig-zag**: above the limit a loss rises and goes on rising. This one {run.ways}; "
        f"the rate is {run.of_limit}."
    )


def _not_far(run: Facts) -> str:
    return (
        f"Too high, yes, but read the axis: about {number(run.growth)} times an epoch. The rate is {run.of_limit}; "
        "a fourth less, and it converges."
    )


def _not_ringing(run: Facts) -> str:
    uneven = "" if run.plain else f", unevenly, for each step sees {run.batch} points only"
    return f"Momentum swings in even waves. This loss {run.ways}{uneven}: it {run.went}."


def _not_noise(run: Facts) -> str:
    if run.momentum:
        return (
            f"Noise has no rhythm. These waves are even: momentum {run.momentum:g}, all {run.batch} points in a step."
        )
    return f"There is no jitter: all {run.batch} points are in each step, and the loss {run.ways}."


def _not_plateau(run: Facts) -> str:
    return f"The best line has a loss of {number(run.floor)}; this run, at {number(run.last)}, isn't there yet."


def _not_valley(run: Facts) -> str:
    return (
        "In a narrow valley the steep way down is done and only the flat way is left. Here even the steep way has "
        f"hardly begun: the rate is {run.of_limit}, and the loss {run.went}."
    )


_UNLIKE: dict[str, Callable[[Facts], str]] = {
    "crawl": _not_crawl,
    "at_limit": _not_at_limit,
    "good": _not_good,
    "overshoot": _not_overshoot,
    "above": _not_above,
    "far": _not_far,
    "ringing": _not_ringing,
    "noise": _not_noise,
    "plateau": _not_plateau,
    "valley": _not_valley,
}


def _twin_of_limit(run: Facts) -> str:
    return (
        f"That's the trap: it looks the same. But the meter reads {reading(run.meters[0])}, not near 0: the rate is "
        f"{run.of_limit}. **Flat doesn't mean raise the rate**: here that would blow it up."
    )


def _twin_of_crawl(run: Facts) -> str:
    return (
        f"It would look the same. But the meter reads {reading(run.meters[0])}, not near 2: the rate is "
        f"{run.of_limit}, and raising it is just right."
    )


def _good_not_overshoot(run: Facts) -> str:
    return f"It could be: the curve looks the same. But the meter begins at {reading(run.meters[0])}, below 1."


def _overshoot_not_good(run: Facts) -> str:
    return (
        f"It is not a bad rate, but its steps aren't small: the meter begins at {reading(run.meters[0])}, above 1, so "
        "they jump across. The curve alone can't tell."
    )


def _above_far_not_at_limit(run: Facts) -> str:
    return (
        f"Over it, not under it: below the limit the loss can't rise. Here it {run.went}, at {run.of_limit}; the meter "
        f"ends at {reading(run.meters[1])}, above 2."
    )


def _above_not_good(run: Facts) -> str:
    return f"It has not overflowed yet, but no overflow doesn't mean stable: the loss {run.went}, at {run.of_limit}."


def _far_not_above(run: Facts) -> str:
    return f"By far more: the rate is {run.of_limit}, and each epoch multiplies the loss by {number(run.growth)}."


def _plateau_not_valley(run: Facts) -> str:
    return (
        f"It looks the same. But the meter stays at {reading(run.meters[0])}: this bowl is round (its curvatures "
        f"differ by a factor of {two_digits(run.narrow)}), no slow way is left to go. The best line "
        f"has {number(run.floor)}."
    )


def _valley_not_plateau(run: Facts) -> str:
    return (
        f"**A plateau doesn't mean converged**: the best line has a loss of {number(run.floor)}, this run "
        f"{number(run.last)}. The meter fell from {reading(run.meters[0])} to {reading(run.meters[1])}: it creeps."
    )


def _valley_not_limit(run: Facts) -> str:
    return (
        f"Flat, but not for that: the rate is {run.of_limit}; the meter ends at {reading(run.meters[1])}, not near 2."
    )


def _valley_not_crawl(run: Facts) -> str:
    return (
        f"The rate is {run.of_limit}, and the first epochs were quick. What creeps now is one direction, "
        f"{two_digits(run.narrow)} times flatter than the steepest; no stable rate suits both."
    )


def _noise_not_plateau(run: Facts) -> str:
    return (
        f"The best line has a loss of {number(run.floor)} and this run ends at {number(run.last)}: not the model is in "
        f"the way, but the noise of {run.batch} points a step."
    )


_PAIRS: dict[tuple[str, str], Callable[[Facts], str]] = {
    ("at_limit", "crawl"): _twin_of_limit,
    ("crawl", "at_limit"): _twin_of_crawl,
    ("good", "overshoot"): _good_not_overshoot,
    ("overshoot", "good"): _overshoot_not_good,
    ("above", "at_limit"): _above_far_not_at_limit,
    ("far", "at_limit"): _above_far_not_at_limit,
    ("above", "good"): _above_not_good,
    ("far", "above"): _far_not_above,
    ("plateau", "valley"): _plateau_not_valley,
    ("valley", "plateau"): _valley_not_plateau,
    ("valley", "at_limit"): _valley_not_limit,
    ("plateau", "at_limit"): _valley_not_limit,
    ("valley", "crawl"): _valley_not_crawl,
    ("noise", "plateau"): _noise_not_plateau,
}

EXPLAINED: dict[str, Callable[[Facts], Explained]] = {
    "crawl": _crawl,
    "at_limit": _at_limit,
    "good": _good,
    "overshoot": _overshoot,
    "above": _above,
    "far": _far,
    "ringing": _ringing,
    "noise": _noise,
    "plateau": _plateau,
    "valley": _valley,
}
