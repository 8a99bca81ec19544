"""The fog race: who of a class comes down a hidden landscape in the fewest steps, with a rate chosen for each.

A walk is kept as its legs, [rate, steps at it], one after the other. Whoever reached the bottom comes first, the fewest
steps before more; then whoever stands lowest. `made` is what `prepared` gives; `given` are the walks of a class, by
seat.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from core.story.fog import Fixed, Walk, best_fixed, downhill
from core.words import many, number

from .tally import FEWEST

if TYPE_CHECKING:
    from .plan import Step

MOST_STEPS = 60
AT_ONCE = (1, 5)  # steps that one press can take
RATES = (0.001, 3.0)  # the lowest and the highest rate offered
_ABOVE, _BELOW = 1.0, 3.5  # decades of height that a phone draws above and below the start
Legs = list[list[float]]
Given = Mapping[int, Legs]


def prepared(step: Step) -> Fixed:
    """Gradient descent at the best fixed rate of the step's landscape, which every walk is held against."""
    return best_fixed(step.key, step.version)


def walked(step: Step, legs: Legs) -> Walk:
    """The walk that went so."""
    return _walked(step.key, step.version, tuple((rate, int(steps)) for rate, steps in legs))


@lru_cache(maxsize=4_000)
def _walked(name: str, condition: float, legs: tuple[tuple[float, int], ...]) -> Walk:
    """Each leg goes on where the walk before it ended, which is kept too."""
    if not legs:
        return Walk(name=name, condition=condition)
    return _walked(name, condition, legs[:-1]).on(*legs[-1])


def reads(value: Any, rates: Sequence[float]) -> Legs:
    """What a seat sent: its legs so far, at rates that are offered. Raises ValueError."""
    fits = isinstance(value, list) and all(isinstance(leg, list) and len(leg) == 2 for leg in value)
    if not fits or not all(type(steps) is int and steps in AT_ONCE for _, steps in value):
        raise ValueError("The answer is a list of legs: a rate, and the steps taken at it.")
    if not all(type(rate) in (int, float) and rate in rates for rate, _ in value):
        raise ValueError("The answer has a rate that is not offered.")
    if sum(steps for _, steps in value) > MOST_STEPS:
        raise ValueError(f"The answer has more than {MOST_STEPS} steps.")
    return [[float(rate), steps] for rate, steps in value]


def sent(value: Legs) -> Legs:
    """An answer as its seat sent it."""
    return value


def done(given: Given) -> int:
    """How many are on their way."""
    return len(given)


def seen(made: Fixed, step: Step, value: Legs | None) -> dict[str, Any]:
    """What a seat may see while the race is on: the height, the way down, and its heights so far.

    points: from 0 to 1 on both axes, the height on a log one.
    """
    walk = walked(step, value or [])
    heights = np.where(np.isfinite(walk.heights), walk.heights, np.inf)
    top = math.log10(float(heights[0])) + _ABOVE
    with np.errstate(divide="ignore"):
        drawn = 1 + (np.log10(heights) - top) / (_ABOVE + _BELOW)
    told = {
        "height": number(walk.height),
        "down": downhill(walk),
        "says": _says(walk),
        "steps": walk.steps,
        "ended": walk.overflowed or walk.steps == MOST_STEPS,
        "points": [[k / MOST_STEPS, round(float(height), 3)] for k, height in enumerate(np.clip(drawn, 0, 1))],
        "left": bool(drawn[-1] > 1),
        "low": number(10 ** (top - _ABOVE - _BELOW)),
        "high": number(10**top),
    }
    return {"walk": told}


def _says(walk: Walk) -> str:
    if walk.overflowed:
        return "It overflowed: a number too large for the computer. Start again."
    if walk.arrived is not None:
        return f"You reached the bottom, height {number(walk.land.reached)} or lower, in {many(walk.arrived, 'step')}."
    if walk.steps == MOST_STEPS:
        return f"These were the {MOST_STEPS} steps that there are. Start again, or leave it at this height."
    return f"The bottom counts as reached at height {number(walk.land.reached)} or lower."


def judged(made: Fixed, step: Step, value: Legs) -> dict[str, Any]:
    """What a seat is told of its walk once the fog is lifted."""
    walk = walked(step, value)
    steps, there = many(walk.steps, "step"), f"height {number(walk.height)}"
    how = f"not at the bottom after {steps}, {there}" if walk.arrived is None else f"{many(walk.arrived, 'step')}"
    return {"words": f"You: {how}. Gradient descent at the best fixed rate, {number(made.rate)}: {made.steps:,}."}


def standing(made: Fixed, step: Step, given: Given) -> list[int]:
    """The seats, the best first."""
    return sorted(given, key=lambda seat: (_order(walked(step, given[seat])), seat))


def place(made: Fixed, step: Step, given: Given, seat: int) -> int:
    """Which it is in the standing, from 1; those with equal walks share a place."""
    mine = _order(walked(step, given[seat]))
    return 1 + sum(_order(walked(step, legs)) < mine for legs in given.values())


def _order(walk: Walk) -> tuple[int, float]:
    return (1, walk.height) if walk.arrived is None else (0, walk.arrived)


def result(made: Fixed, step: Step, given: Given) -> dict[str, Any]:
    """What everybody is told once the fog is lifted."""
    found: dict[str, Any] = {"kind": "walk", "land": [step.key, step.version], "answers": len(given)}
    found |= {"few": len(given) < FEWEST, "arrived": None, "best": None}
    found["fixed"] = {"rate": made.rate, "steps": made.steps}
    if found["few"]:
        return found
    walks = [walked(step, legs) for legs in given.values()]
    best = min(walks, key=_order)
    arrived = sum(walk.arrived is not None for walk in walks)
    return found | {"arrived": arrived, "best": _told(best)}


def _told(best: Walk) -> dict[str, Any]:
    """The best walk.  changed: whether it took more than one rate on its way to the bottom."""
    changed = len(set(best.rates[: best.arrived])) > 1
    return {"steps": best.arrived, "height": number(best.height), "changed": changed}


def again(result: dict[str, Any]) -> tuple[list[Walk], Fixed]:
    """The walks of a result that holds their `legs`, best first, and gradient descent's at the best fixed rate."""
    name, condition = result["land"]
    kept = (tuple((rate, int(steps)) for rate, steps in legs) for legs in result["legs"])
    return sorted((_walked(name, condition, legs) for legs in kept), key=_order), best_fixed(name, condition)


def rows(made: Fixed, step: Step, given: Given) -> list[dict[str, Any]]:
    """A row for each walk, the best first: its steps, and the height at which it ended."""
    walks = [walked(step, given[seat]) for seat in standing(made, step, given)]
    return [
        {"answer": walk.steps, "count": 1, "loss": _finite(walk.height), "right": walk.arrived is not None}
        for walk in walks
    ]


def _finite(height: float) -> float | str:
    return height if math.isfinite(height) else "overflowed"
