"""Lesson 4's catapult: a loss that first shoots up, and a network that then trains (core/methods/wide_net.py)."""

import numpy as np
import pandas as pd
from numpy import ndarray as Array

from ..drawing.axes import Axis
from ..drawing.stops import Stop, around
from ..methods.wide_net import STEPS, UNITS, Catapult, catapult
from ..words import number
from .question import ChoiceQuestion

AT_START = 2.5  # lr x sharpness the page opens with: well above 2, well below 4
SMALL = 0.5  # and one to compare with, that hardly changes the network
LEAST, MOST = 0.5, 5.0  # what a reader may start with
LOSS_AXIS = Axis(low=1e-9, high=1e5, title="loss", scale="log")

_GONE = 1e12  # a loss beyond this is on its way to overflow
_APART = 0.1  # between two stops of the slider


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
