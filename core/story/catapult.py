"""The catapult: a wide two-layer net whose loss first shoots up, and which then trains.

f = v . u / sqrt(n) on one point (x = 1, y = 0), loss = f^2 / 2. The sharpness of that loss, its curvature along the
gradient, is (|u|^2 + |v|^2) / n near f = 0. Above lr x sharpness = 2 the loss grows, as on any bowl; but a large f
shortens u and v, so the sharpness falls: up to lr x sharpness of about 4 at the start it falls below 2 / lr, and the
run settles in a flatter place. Beyond 4 the sharpness grows too, and the run diverges.
Source: Lewkowycz et al. (2020), "The large learning rate phase of deep learning", arXiv 2003.02218, section 3.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy import ndarray as Array

from ..drawing.axes import Axis
from ..drawing.stops import Stop, around
from ..methods.descent import descend
from ..words import number
from .question import ChoiceQuestion

UNITS = 512  # hidden units, as in the source
STEPS = 60  # until all of them have settled or are gone
AT_START = 2.5  # lr x sharpness the page opens with: well above 2, well below 4
SMALL = 0.5  # and one to compare with, that hardly changes the network
LEAST, MOST = 0.5, 5.0  # what a reader may start with
LOSS_AXIS = Axis(low=1e-9, high=1e5, title="loss", scale="log")

_GONE = 1e12  # a loss beyond this is on its way to overflow
_ARRIVED = 1e-6
_APART = 0.1  # between two stops of the slider


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Catapult:
    """What R runs did. rate_times_sharpness (R, K + 1): after 0, ..., K steps.  loss (R, K + 1): f^2 / 2."""

    rate_times_sharpness: Array
    loss: Array

    def peak(self, run: int) -> tuple[float, int]:
        """(the largest finite loss of a run, its step)."""
        finite = np.where(np.isfinite(self.loss[run]), self.loss[run], -np.inf)
        return float(finite.max()), int(finite.argmax())

    def recovers(self, run: int) -> bool:
        """Whether a run ends with a loss of next to nothing."""
        return bool(self.loss[run, -1] < _ARRIVED)


def start(seed: int = 0) -> Array:
    """(2 n,) u, then v: standard normal numbers."""
    return np.random.default_rng(seed).normal(size=2 * UNITS)


def output(parameters: Array) -> Array:
    """(...) f = v . u / sqrt(n) of parameters (..., 2 n)."""
    u, v = np.split(parameters, 2, axis=-1)
    with np.errstate(over="ignore", invalid="ignore"):
        return np.asarray((u * v).sum(axis=-1) / math.sqrt(UNITS))


def gradient(parameters: Array) -> Array:
    """(..., 2 n) derivative of f^2 / 2: f v / sqrt(n) for u, f u / sqrt(n) for v."""
    u, v = np.split(parameters, 2, axis=-1)
    with np.errstate(over="ignore", invalid="ignore"):
        return np.asarray(output(parameters)[..., None] * np.concatenate([v, u], axis=-1) / math.sqrt(UNITS))


def sharpness(parameters: Array) -> Array:
    """(...) (|u|^2 + |v|^2) / n, the curvature along the gradient where f is small."""
    with np.errstate(over="ignore", invalid="ignore"):
        return np.asarray((parameters**2).sum(axis=-1) / UNITS)


def catapult(rates_times_sharpness: Sequence[float], seed: int = 0, steps: int = STEPS) -> Catapult:
    """Plain gradient descent from one start, at the rates that give these lr x sharpness at the start."""
    begin = start(seed)
    rates = np.asarray(rates_times_sharpness, float) / float(sharpness(begin))
    way = descend(gradient, begin, rates, steps)  # (R, steps + 1, 2 n)
    with np.errstate(over="ignore", invalid="ignore"):
        return Catapult(rate_times_sharpness=rates[:, None] * sharpness(way), loss=output(way) ** 2 / 2)


def flights(own: float) -> tuple[list[Stop], list[Stop]]:
    """(losses, lr x sharpness) against the step: of runs that begin at each tenth of their range, and at one's own.

    Tables: curves (name, epoch, y). What a run does stands in the first's words.
    """
    starts = around(np.arange(LEAST, MOST + _APART / 2, _APART).tolist(), own)
    run = catapult((*starts, SMALL))
    small, limit = _drawn(f"a small rate, {SMALL:g}", run.loss[-1]), _drawn("the limit, 2", np.full(STEPS + 1, 2.0))
    losses, products = [], []
    for which, start in enumerate(starts):
        words = _flight_words(run, which)
        said = words.replace("*", "")
        loss, product = (_drawn("this run", each[which]) for each in (run.loss, run.rate_times_sharpness))
        losses.append(Stop(start, {"curves": pd.concat([loss, small])}, f"Loss against step. {said}", words))
        products.append(
            Stop(start, {"curves": pd.concat([product, limit])}, f"Learning rate × sharpness against step. {said}")
        )
    return losses, products


def _flight_words(run: Catapult, which: int) -> str:
    loss, products = run.loss[which], run.rate_times_sharpness[which]
    (peak, at), end = run.peak(which), number(float(products[-1]))
    if not loss[-1] < _GONE:
        gone = int(np.argmax(~(loss < _GONE)))
        return f"The loss passes {number(_GONE)} at step {gone} and does not come back: the run diverges."
    if at == 0:
        return f"The loss falls from the first step on, and lr × sharpness hardly moves: it ends at {end}."
    ending = "falls to next to nothing" if run.recovers(which) else "falls again"
    return (
        f"The loss rises from {number(float(loss[0]))} to **{number(peak)}** at step {at}, then {ending}. Meanwhile "
        f"lr × sharpness has fallen from {number(float(products[0]))} to **{end}**, below the limit."
    )


def _drawn(name: str, values: Array) -> pd.DataFrame:
    """The points up to the first that is far off any picture; a loss of exactly 0 has no place on a log axis."""
    off = ~(values < _GONE)
    values = values[: int(off.argmax()) if off.any() else len(values)]
    table = pd.DataFrame({"name": name, "epoch": np.arange(len(values)), "y": values})
    return table[table["y"] > 0]


def question() -> ChoiceQuestion:
    """What becomes of a run that starts above its limit?"""
    run = catapult((AT_START,))
    first, (peak, at), end = float(run.loss[0, 0]), run.peak(0), float(run.rate_times_sharpness[0, -1])
    return ChoiceQuestion(
        key="catapult",
        ask=(
            f"Now a small network: two layers of {UNITS} numbers each (lesson 6 takes a network apart) and one data "
            "point. **Sharpness** is the curvature where the network stands. We start with "
            f"learning rate\u00a0×\u00a0sharpness\u00a0=\u00a0**{AT_START:g}**, above the limit 2. "
            "**What does the loss do?**"
        ),
        choices={
            "It rises until it overflows": f"It rises only until step {at}. A bowl keeps its curvature, a network "
            "does "
            f"not: lr × sharpness went down to {number(end)}.",
            "It rises, then falls to almost nothing": "Exactly: it leaves the sharp valley and settles in a flatter "
            "one.",
            "It bounces for ever": "In the double valley both minima are equally sharp. This network has flatter "
            f"ones: the sharpness falls until lr × sharpness is {number(end)}, and below 2 the run settles.",
        },
        right=1,
        outcome=f"The loss rises from {number(first)} to **{number(peak)}** at step {at}, then falls: "
        f"after {STEPS} steps it is {number(float(run.loss[0, -1]))}.",
    )


def belief() -> str:
    """The belief that a rising loss is a failed run, met by the catapult."""
    run = catapult((AT_START, SMALL))
    peak, at = run.peak(0)
    products = run.rate_times_sharpness
    kept, small = (100 * products[:, -1] / products[:, 0]).tolist()  # % of the sharpness at the start
    times = number(round(peak / float(run.loss[0, 0])))
    return (
        f"**Many believe** that a loss that rises means a failed run. At {AT_START:g} it rose **{times}-fold** in {at} "
        f"steps, then trained, and landed in a flatter place: {number(round(kept))} % of the sharpness it began with, "
        f"where a run at {SMALL:g} keeps {number(round(small, 1))} %. Give an early rise a few more epochs. If the "
        "loss goes on rising, lower the rate: not every network recovers."
    )
