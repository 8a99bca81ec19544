"""Gradient descent on a loss that is no bowl: the double valley (w^2 - 1)^2 / 4, with its doubling route to chaos.

One step is the map w -> w - lr (w^3 - w). The curvature at both minima, w = -1 and w = 1, is 2, so they are stable
below lr = 2 / 2 = 1. From there small swings grow, but wide ones reach the hill between the minima, where the valley is
flatter, and shrink: w jumps between two places whose mean curvature is 2 / lr. Then come 4, 8, 16, ... values, until at
about 1.3023 the doubling ends; beyond, most rates are chaos. It is the cubic map x -> (1 + lr) x - x^3 in other units,
whose two values give way to four at 1 + lr = sqrt(5).
Source: Strogatz, Nonlinear Dynamics and Chaos, chapter 10; May (1976), Nature 261:459.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy import ndarray as Array
from numpy.typing import ArrayLike

from ..drawing.stops import Stop, around
from ..methods.descent import descend
from ..words import number
from .question import ChoiceQuestion

FORMULA = "(w²\u00a0−\u00a01)²\u00a0/\u00a04"  # its loss, in one piece wherever a line of text ends
START = 0.5  # in the right valley, off its minimum
LIMIT = 1.0  # 2 over the curvature at the minima
RATES = (0.9, 1.59)  # from before the first doubling to just before the band reaches over into the other valley
MILESTONES = (0.99, 1.01, 1.2, 1.25, 1.3, 1.45)  # rates whose values are counted on the page
SIDES = (-1.6, 1.6)  # of w, in the picture of the valley
ALL_RATES = (
    "The values of w after many steps against the learning rate: one below 1, two from 1, four from 1.24, then 8, 16 "
    "and so on until about 1.3023; beyond that a cloud with stripes."
)
MOST_VALUES = 64  # a cycle of more values than this is called endless; the picture could not show it either

_RATES = 400
_SETTLING, _KEPT = 3000, 100  # steps before the picture's dots, and dots a rate at most
_GRAIN = 0.004  # of w; two dots nearer than this fall on the same pixel
_LONG = 20_000  # steps before one rate's values are counted: near a doubling it takes so many
_SAME = 1e-6  # values nearer than this are one
_DRIFT = 1e-3  # a step, of the log: an exponent so near 0 is not told from it by 10,000 steps
_NEAR_LIMIT = 5e-4  # nearer to the limit, 20,000 steps do not tell what becomes of w
_FAR = 10.0  # a w beyond this is on its way out: the valley would be a dot beside it
_SHOWN = 40  # steps of one rate's orbit in its picture
LATE = (_LONG - _SHOWN + 1, _LONG)  # the first of them and the last, where it stays in the valley
_DRAGGED = 47  # stops of a dragged rate in the picture of all rates


def loss(w: ArrayLike) -> Array:
    """(...) (w^2 - 1)^2 / 4: 0 at w = -1 and 1, a hill of height 1/4 between them."""
    with np.errstate(over="ignore", invalid="ignore"):
        return np.asarray((np.asarray(w, float) ** 2 - 1) ** 2 / 4)


def gradient(w: ArrayLike) -> Array:
    """(...) w^3 - w, the derivative of the loss."""
    w = np.asarray(w, float)
    with np.errstate(over="ignore", invalid="ignore"):
        return np.asarray(w**3 - w)


def shape() -> tuple[pd.DataFrame, pd.DataFrame]:
    """The valley and where w starts in it: curves (name, x, y) and marks (name, x, y, words)."""
    w = np.linspace(*SIDES, 121)
    start = {"name": "loss", "x": [START], "y": [float(loss(START))], "words": [""]}
    return pd.DataFrame({"name": "loss", "x": w, "y": loss(w)}), pd.DataFrame(start)


def path(rate: float, steps: int, start: float = START) -> Array:
    """(steps + 1,) w after 0, 1, ..., steps steps."""
    return descend(gradient, [start], rate, steps)[0, :, 0]


def settled(rates: ArrayLike, settling: int = _SETTLING, kept: int = _KEPT) -> Array:
    """(R, kept) the last values of w at each of the rates, all trained as one batch from the same start."""
    return descend(gradient, [START], rates, settling + kept)[:, -kept:, 0]


def bifurcation() -> pd.DataFrame:
    """Columns rate, w: where w still goes after many steps, for 400 rates; a dot a pixel and no more."""
    rates = np.linspace(*RATES, _RATES)
    cells = np.round(settled(rates) / _GRAIN).astype(int)  # (R, kept)
    dots = [(rate, w * _GRAIN) for rate, row in zip(rates, cells, strict=True) for w in np.unique(row)]
    return pd.DataFrame(np.array(dots, dtype=np.float32), columns=["rate", "w"])


def period(values: Array) -> int | None:
    """After how many steps the values (K,) come round again; None if not within MOST_VALUES."""
    for steps in range(1, MOST_VALUES + 1):
        if np.abs(values[steps:] - values[:-steps]).max() < _SAME:
            return steps
    return None


def milestones() -> str:
    """How many values are left at a few rates on the way, counted after 20,000 steps."""
    late = settled(MILESTONES, settling=_LONG - 4 * MOST_VALUES, kept=4 * MOST_VALUES)
    counts = [period(row) for row in late]
    told = [f"{values or 'no end'} at {rate:g}" for rate, values in zip(MILESTONES, counts, strict=True)]
    return f"How many values w goes on visiting: {', '.join(told)}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Orbit:
    """What one rate does in this valley.

    words: a sentence.  values: how many places w visits for ever, None where that is endless or not reached.
    steps: columns name, x, y: the last steps of w, or the first where it explodes.
    places: columns rate, w: where w is in these steps; none where the rate lies outside the picture of all rates.
    """

    words: str
    values: int | None
    steps: pd.DataFrame
    places: pd.DataFrame


def orbit(rate: float) -> Orbit:
    """Train at one rate for 20,000 steps and look at what w does in the end. Any rate is taken."""
    return _orbit(rate, path(rate, _LONG))


def orbits(own: float) -> tuple[list[Stop], list[Stop]] | None:
    """(where w goes in the picture of all rates, its last steps) at rates along that picture and at one's own.

    None where one's own lies outside it. Tables: dots and chosen (rate, w); curves (name, x, y). What w does stands in
    the first's words.
    """
    if not RATES[0] <= own <= RATES[1]:
        return None
    rates, dots = around(np.linspace(*RATES, _DRAGGED).tolist(), own), bifurcation()
    ways = descend(gradient, [START], rates, _LONG)[:, :, 0]
    places, steps = [], []
    for rate, way in zip(rates, ways, strict=True):
        found = _orbit(rate, way)
        everywhere = {"dots": dots, "chosen": found.places}
        places.append(Stop(rate, everywhere, f"{ALL_RATES} At {number(rate)}: {found.words}", f"**{found.words}**"))
        steps.append(Stop(rate, {"curves": found.steps}, f"w at rate {number(rate)}. {found.words}"))
    return places, steps


def _orbit(rate: float, way: Array) -> Orbit:
    finite = np.isfinite(way)
    if not finite.all():
        gone = int(finite.argmin())
        words, values, steps = f"w explodes: it overflows at step {gone:,}.", None, _table(way[:gone], 0)
    else:
        words, values = _ending(rate, way[-4 * MOST_VALUES :], _spreads(rate, way[-_LONG // 2 :]))
        steps = _table(way[-_SHOWN:], _LONG - _SHOWN + 1)
    places = pd.DataFrame({"rate": rate, "w": steps["y"].round(3).unique()})
    return Orbit(words=words, values=values, steps=steps, places=places[places["rate"].between(*RATES)])


def _creeps(late: Array) -> bool:
    """Whether w still goes one way only, on a slope: it has not arrived anywhere."""
    moves = np.diff(late)
    return bool(((moves >= 0).all() or (moves <= 0).all()) and abs(float(gradient(late[-1]))) > _SAME)


def _spreads(rate: float, late: Array) -> bool:
    """Whether two neighbouring w drift apart: the Lyapunov exponent, mean of log |1 - lr (3 w^2 - 1)|, is above 0."""
    with np.errstate(divide="ignore"):
        return bool(np.log(np.abs(1 - rate * (3 * late**2 - 1))).mean() > _DRIFT)


def _ending(rate: float, late: Array, spreads: bool) -> tuple[str, int | None]:
    """What w does in the end, in a sentence, and how many values it visits where that is known."""
    values, place = period(late), float(late[-1])
    if rate == 0:
        return "A rate of 0 takes no step at all.", None
    if _creeps(late):
        return f"w went from {START:g} to {number(place)} in {_LONG:,} steps and is still on its way.", None
    if abs(rate - LIMIT) < _NEAR_LIMIT:
        return (
            f"At the limit, {LIMIT:g}, w flips about {number(round(place, 2))}, by less and less, ever more slowly.",
            None,
        )
    if values is None and not spreads:
        return f"w visits more than {MOST_VALUES} values in turn, between {_between(late)}: no chaos yet.", None
    if values is None:
        return f"w repeats no value within {MOST_VALUES} steps: chaos, between {_between(late)}.", None
    if values == 1 and loss(place) < _SAME:
        return f"w settles at {number(place)}, a minimum: the loss is 0.", values
    if values == 1:
        top = number(float(loss(place)))
        return f"A negative rate climbs: w settles at {number(round(place, 6))}, on the hill, loss {top}.", values
    seen = ", ".join(number(w) for w in np.sort(late[-values:])) if values <= 4 else f"between {_between(late)}"
    return f"w visits {values} values in turn, for ever: {seen}.", values


def _between(late: Array) -> str:
    return f"{number(float(late.min()))} and {number(float(late.max()))}"


def _table(w: Array, first: int) -> pd.DataFrame:
    """The steps that can be drawn: until w is far off."""
    away = np.flatnonzero(np.abs(w) > _FAR)
    w = w[: min(_SHOWN, int(away[0]) if away.size else len(w))]
    return pd.DataFrame({"name": "w", "x": np.arange(first, first + len(w)), "y": w})


def reach(steps: pd.DataFrame) -> tuple[float, float]:
    """(low, high) of an axis of w that holds the valley from 0 to 1.3 and these steps."""
    low, high = float(steps["y"].min()), float(steps["y"].max())
    return min(0.0, 1.1 * low), max(1.3, 1.1 * high)


def question() -> ChoiceQuestion:
    """What does the loss do in this valley at a rate above its limit?"""
    rate = 1.2
    late = path(rate, _LONG)[-2:]
    low, high = sorted(loss(late).tolist())
    return ChoiceQuestion(
        key="double-valley",
        ask=(
            f"At both bottoms the curvature is 2, so the limit is 2\u00a0/\u00a02\u00a0=\u00a0{number(LIMIT)}. **At "
            f"rate {rate:g}, from w\u00a0=\u00a0{START:g}, what does the loss do after many steps?**"
        ),
        choices={
            "It settles at the bottom": "Not above the limit: near the bottom each step lands further away, as on the "
            "bowl.",
            "It bounces between values for ever": "Exactly: small swings grow, wide ones reach the flatter hill and "
            "shrink.",
            "It explodes": "On a bowl it would. Here a wide swing reaches the hill, where the valley is flatter, and "
            f"shrinks: after {_LONG:,} steps w is still between {_between(late)}.",
        },
        right=1,
        outcome=f"After {_LONG:,} steps the loss goes {number(low)}, {number(high)}, {number(low)}, {number(high)}: "
        f"w jumps between {_between(late)}.",
    )
