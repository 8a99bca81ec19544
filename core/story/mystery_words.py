"""What is said of the quiz's curves: what each kind is called, by which sign it is known, and why another is not it.

Every sentence is a row of a table, filled with the numbers of the run it is said of.
"""

from dataclasses import dataclass
from typing import NamedTuple

from ..words import number, readable, two_digits


class Kind(NamedTuple):
    """What is said of one kind of run: its title; the sign that shows it; the truth of a run; why another is not it.

    All but the title are filled by `Facts.words`.
    """

    title: str
    sign: str
    truth: str
    unlike: str


_KINDS = {
    "crawl": Kind(
        "Far too low a rate: it has hardly begun",
        "Flat, and the meter reads {begins}: tiny steps.",
        "The rate is {of_limit}; the loss {went} in {epochs} epochs. Half the limit is {to_half} times as much: "
        "raise it.",
        "It has come a long way: the loss {went}. The rate is {of_limit}, not a thousandth of it.",
    ),
    "at_limit": Kind(
        "Just below the limit: each step lands nearly as high on the other side",
        "Flat, and the meter reads {begins}: each step is nearly twice the way to the bottom.",
        "The rate is {of_limit}; the loss {went} in {epochs} epochs. **Flat doesn't mean raise the rate**: raised by a "
        "thousandth, it would explode. Halved, its first steps would be quick.",
        "The rate is {of_limit}. Just below it, a run hardly moves; here the loss {went}.",
    ),
    "good": Kind(
        "A good rate: small, steady steps",
        "It falls all the way, and the meter begins at {begins}, below 1: no step jumps across.",
        "The rate is {of_limit}, below half of it. The loss {went} in {epochs} epochs.",
        "It is steady, but its steps are far too small: the loss {went} in {epochs} epochs, at {of_limit}.",
    ),
    "overshoot": Kind(
        "Each step jumps past the minimum, yet lands lower",
        "It falls all the way, and the meter begins at {begins}, between 1 and 2.",
        "The rate is {of_limit}: in the steepest direction w changes sides each step and comes nearer. The loss rose "
        "in {rises} epochs: with plain steps on a bowl **the zig-zag is in w, never in the loss**.",
        "Jumping past the minimum does not show in the loss: on a bowl with all points in each step it falls every "
        "epoch below the limit. Here it rose in {rises}; the cause is {cause}.",
    ),
    "above": Kind(
        "Above the limit by less than a third: it grows by a steady factor",
        "It rises from the start, by a factor of {growth} an epoch; the meter is above 2.",
        "The rate is {of_limit}. Nothing overflowed in these {epochs} epochs, but **no overflow doesn't mean stable**: "
        "the loss {went}, and goes on by a factor of {growth} an epoch.",
        "**Too high doesn't mean zig-zag**: above the limit a loss rises and goes on rising. This one {ways}; the rate "
        "is {of_limit}.",
    ),
    "far": Kind(
        "Far above the limit: three times as high or more",
        "Each epoch multiplies the loss by about {growth}: read the axis.",
        "The rate is {of_limit}: the loss {went}. No zig-zag on the way: it only rises.",
        "Too high, yes, but read the axis: about {growth} times an epoch. The rate is {of_limit}; a quarter less, "
        "and it would converge.",
    ),
    "ringing": Kind(
        "Momentum: it swings past the minimum and back",
        "Even waves on the way down: a velocity carries it past the bottom and back.",
        "Momentum {momentum}. The loss rose in {rises} of {epochs} epochs and still {went}: **a rising loss need not "
        "be a failed run**. The rate is {of_limit}.",
        "Momentum swings in even waves. This loss {ways}{unevenly}: it {went}.",
    ),
    "noise": Kind(
        "Mini-batches: it jitters at its noise floor",
        "A quick fall, then an uneven jitter about one level.",
        "Batches of {batch}: each pulls to a minimum of its own. The best line has a loss of {floor}; this run ends at "
        "{last}. A rate that falls at the end would bring it down: this is where a schedule helps.",
        "{no_jitter}",
    ),
    "plateau": Kind(
        "Done: this is the best a straight line can do",
        "Flat where it must be: the best line has a loss of {floor}, and the run ends there.",
        "The loss {went}; no line does better than {floor}. Another rate or more epochs won't help; another "
        "model might.",
        "The best line has a loss of {floor}; this run, at {last}, isn't there yet.",
    ),
    "valley": Kind(
        "Stuck in a narrow valley: the best is well below",
        "The meter fell from {begins} to {ends}: the steep direction is done, the flat one has hardly begun.",
        "The loss {went}; the best line has {floor}. **A plateau doesn't mean converged**: the bowl is {narrow} times "
        "steeper across than along. Standardized x would make it round.",
        "In a narrow valley the steep direction is done and only the flat one is left. Here even the steep one has "
        "hardly begun: the rate is {of_limit}, and the loss {went}.",
    ),
}
TITLES = {name: kind.title for name, kind in _KINDS.items()}

_OVER = (
    "It is above the limit, not below: below it the loss can't rise. Here it {went}, at {of_limit}; the meter ends "
    "at "
    "{ends}, above 2."
)
_FLAT = "It is flat, but not for that reason: the rate is {of_limit}; the meter ends at {ends}, not near 2."
# (truth, option): why the one is not the other, where more can be said than of any other run.
_PAIRS = {
    ("at_limit", "crawl"): "That's the trap: it looks the same. But the meter reads {begins}, not near 0: the rate is "
    "{of_limit}. **Flat doesn't mean raise the rate**: here it would explode.",
    ("crawl", "at_limit"): "It would look the same. But the meter reads {begins}, not near 2: the rate is {of_limit}, "
    "and raising it is just right.",
    ("good", "overshoot"): "It could be: the curve looks the same. But the meter begins at {begins}, below 1.",
    ("overshoot", "good"): "It is not a bad rate, but its steps aren't small: the meter begins at {begins}, above 1, "
    "so they jump across. The curve alone can't tell.",
    ("above", "at_limit"): _OVER,
    ("far", "at_limit"): _OVER,
    ("above", "good"): "It has not overflowed yet, but no overflow doesn't mean stable: the loss {went}, at "
    "{of_limit}.",
    ("far", "above"): "By far more: the rate is {of_limit}, and each epoch multiplies the loss by {growth}.",
    ("plateau", "valley"): "It looks the same. But the meter stays at {begins}: this bowl is round (its curvatures "
    "differ by a factor of {narrow}), no slow direction is left. The best line has {floor}.",
    ("valley", "plateau"): "**A plateau doesn't mean converged**: the best line has a loss of {floor}, this run "
    "{last}. The meter fell from {begins} to {ends}: it still moves, slowly.",
    ("valley", "at_limit"): _FLAT,
    ("plateau", "at_limit"): _FLAT,
    ("valley", "crawl"): "The rate is {of_limit}, and the first epochs were quick. Now only one direction moves "
    "slowly, "
    "{narrow} times flatter than the steepest; no stable rate suits both.",
    ("noise", "plateau"): "The best line has a loss of {floor} and this run ends at {last}: the model is not the "
    "problem, but the noise of {batch} points a step.",
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

    def words(self) -> dict[str, str]:
        """What the sentences above are filled with."""
        return {
            "of_limit": self.of_limit,
            "to_half": two_digits(0.5 / self.share),
            "growth": number(self.growth),
            "went": self.went,
            "ways": self.ways,
            "epochs": f"{self.epochs:,}",
            "last": number(self.last),
            "floor": number(self.floor),
            "rises": str(self.rises),
            "begins": reading(self.meters[0]),
            "ends": reading(self.meters[1]),
            "batch": str(self.batch),
            "momentum": f"{self.momentum:g}",
            "narrow": two_digits(self.narrow),
            "cause": f"momentum {self.momentum:g}" if self.momentum else f"batches of {self.batch}",
            "unevenly": "" if self.plain else f", unevenly, for each step sees {self.batch} points only",
            "no_jitter": f"Noise has no rhythm. These waves are even: momentum {self.momentum:g}, all {self.batch} "
            "points in a step."
            if self.momentum
            else f"There is no jitter: all {self.batch} points are in each step, and the loss {self.ways}.",
        }


def told_apart(value: float, *others: float) -> str:
    """`value` as core.words.number says it, with as many more digits as tell it from each of the others."""
    if number(value) not in map(number, others):
        return number(value)
    for digits in range(4, _MOST_DIGITS):
        text = f"{value:.{digits}g}"
        if text not in [f"{other:.{digits}g}" for other in others]:
            return readable(text)
    return number(value)


def reading(meter: float) -> str:
    """A reading of the meter in words, never rounded to one of the values it is to decide about, 1 and 2."""
    return told_apart(meter, 1, 2)


def sign(kind: str, facts: Facts) -> str:
    """The sign that shows a run of this kind to be one."""
    return _KINDS[kind].sign.format_map(facts.words())


def truth(kind: str, facts: Facts) -> str:
    """What is true of a run of this kind."""
    return _KINDS[kind].truth.format_map(facts.words())


def unlike(truth: str, option: str, facts: Facts) -> str:
    """Why a run of kind `truth` is not of kind `option`, in its own numbers."""
    return _PAIRS.get((truth, option), _KINDS[option].unlike).format_map(facts.words())
