"""Update rules on a surface: their ways, what they remember, and how near each is to its own stability line."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy import ndarray as Array

from ...data.surfaces import Surface
from ...diagnosis.theory import stability_line
from ...drawing.axes import Axis, whole_decades
from ...methods.optimizers import UPDATE_RULES, Memory
from ...words import number, two_digits

TRIED, _RATES = 401, (1e-4, 1e2)  # one rate in 3.5 %
_GONE = 1e6  # heights above the start's: what has left for good is not drawn
_DEPTH = 8  # decades below the start that a chart of heights reaches


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Run:
    """One rule's way over a surface at one rate; row k of every array is after k updates.

    path (steps + 1, 2).  height (steps + 1,).  gradient (steps + 1, 2), at each place.
    velocity, square (steps + 1, 2): what the rule remembers, or None.
    share (steps + 1,): rate x sharpness on the rule's own scales, as a share of its stability limit; nan before a rule
    with scales of its own has any.  arrived: the step after which it stays at the bottom, None for never.
    """

    rule: str
    rate: float
    path: Array
    height: Array
    gradient: Array
    velocity: Array | None
    square: Array | None
    share: Array
    arrived: int | None

    @property
    def kept(self) -> int:
        """How many rows can be drawn: those before the first that has gone for good."""
        fine = np.isfinite(self.height) & (self.height <= _GONE * self.height[0])
        return len(fine) if fine.all() else int(fine.argmin())


def usual_momentum(rule: str, momentum: float) -> float:
    """This momentum for the rules that are named after having one, what is usual for the others."""
    usual = UPDATE_RULES[rule].momentum
    return momentum if usual else usual or 0.0


def run_rule(land: Surface, rule: str, rate: float, momentum: float, steps: int) -> Run:
    """Follow one rule from the surface's start; nothing is clipped and nothing stops early.

    momentum: of rules that have one (Adam's beta1 too); the others do without.
    """
    way, m = UPDATE_RULES[rule], usual_momentum(rule, momentum)
    here, rates = np.array([land.start], float), np.array([[rate]])
    state, places, memories, scales = None, [here], [Memory()], [np.full_like(here, np.nan if way.adaptive else 1.0)]
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(steps):
            here, state = way.move(here, land.gradient(here), state, rates, m)
            places.append(here)
            memories.append(way.memory(state))
            scales.append(way.preconditioner(state, m) if way.preconditioner else np.ones_like(here))
        path = np.concatenate(places)
        height, gradient = land.loss(path), land.gradient(path)
        share = rate * _sharpness(land, path, np.concatenate(scales)) / stability_line(rule, m)
    settled = settles(height[None], land.reached)[0]
    return Run(
        rule=rule,
        rate=rate,
        path=path,
        height=height,
        gradient=gradient,
        velocity=_remembered([memory.velocity for memory in memories]),
        square=_remembered([memory.square for memory in memories]),
        share=share,
        arrived=int(settled) if math.isfinite(settled) else None,
    )


def _remembered(rows: list[Array | None]) -> Array | None:
    """(steps + 1, 2), nothing before the first step; None for a rule that never remembers this."""
    if rows[-1] is None:
        return None
    return np.concatenate([np.zeros((1, 2)) if row is None else row for row in rows])


def _sharpness(land: Surface, path: Array, scale: Array) -> Array:
    """(n,) the largest eigenvalue of D^-1/2 H D^-1/2 at places (n, 2), D = scale (n, 2); nan where one is not finite.

    Of D^-1 H too, which is what a step with these scales multiplies the error by.
    """
    root = np.sqrt(scale)
    scaled = land.hessian(path) / (root[:, :, None] * root[:, None, :])
    fine = np.isfinite(scaled).all((1, 2))
    largest = np.full(len(path), np.nan)
    largest[fine] = np.linalg.eigvalsh(scaled[fine])[:, -1]
    return largest


def settles(height: Array, reached: float) -> Array:
    """(R,) steps after which heights (R, steps + 1) stay at the bottom, `reached` or lower; infinity for never."""
    with np.errstate(invalid="ignore"):
        off = ~(height <= reached)
    steps = height.shape[1] - off[:, ::-1].argmax(1)
    return np.where(off.any(1), np.where(off[:, -1], np.inf, steps), 0.0)


def best_rate(land: Surface, rule: str, momentum: float, steps: int) -> float:
    """The rate with the fewest steps to the bottom within `steps`; where none arrives, the lowest in the end.

    A rate counts as its slower neighbours do, 3.5 % below and above, so that none wins by a lucky landing. Only rates
    that stay on the map count, as long as there are any: Adagrad's first step is as long as its rate, and a leap of
    a hundred maps would measure their size and then land on the bottom. To three digits: what is shown is what runs.
    """
    rates = np.geomspace(*_RATES, TRIED)
    height, on_map = _tried(land, rule, rates, momentum, steps)
    arrived, last = settles(height, land.reached), np.where(np.isfinite(height[:, -1]), height[:, -1], np.inf)
    if on_map.any():
        arrived, last = np.where(on_map, arrived, np.inf), np.where(on_map, last, np.inf)
    slowest, highest = _worst_of_neighbours(arrived), _worst_of_neighbours(last)
    if np.isfinite(slowest).any():
        at = int(np.lexsort((highest, slowest))[0])
    else:
        at = int(highest.argmin() if np.isfinite(highest).any() else last.argmin())
    return float(f"{rates[at]:.3g}")


def _worst_of_neighbours(cost: Array) -> Array:
    """(R,) the largest of each cost and those beside it."""
    edged = np.concatenate([cost[:1], cost, cost[-1:]])
    worst: Array = np.maximum(np.maximum(edged[:-2], edged[1:-1]), edged[2:])
    return worst


def _tried(land: Surface, rule: str, rates: Array, momentum: float, steps: int) -> tuple[Array, Array]:
    """(R, steps + 1) heights at R rates, all at once; (R,) which of them stay on the map."""
    way, m, state = UPDATE_RULES[rule], usual_momentum(rule, momentum), None
    here = np.broadcast_to(np.array(land.start, float), (len(rates), 2))
    height, on_map = np.empty((len(rates), steps + 1)), np.ones(len(rates), bool)
    with np.errstate(over="ignore", invalid="ignore"):
        height[:, 0] = land.loss(here)
        for k in range(steps):
            here, state = way.move(here, land.gradient(here), state, rates[:, None], m)
            height[:, k + 1] = land.loss(here)
            on_map &= land.on_map(here)
    return height, on_map


def path_table(run: Run) -> pd.DataFrame:
    """Columns epoch (the step), w, b, height: the way as far as it can be drawn."""
    kept = run.kept
    w, b = run.path[:kept].T
    return pd.DataFrame({"epoch": np.arange(kept), "w": w, "b": b, "height": run.height[:kept]})


def arrow_table(land: Surface, run: Run) -> pd.DataFrame:
    """Columns kind (downhill, velocity), epoch, w, b, right, up, length: what pulls and what is remembered.

    right, up: the direction, as parts of the map's width and height.  length: the square root of its size, beside the
    largest of either kind on this way, so that small ones can still be seen.
    """
    kept = run.kept
    pulls = {"downhill": -run.gradient[:kept]}
    if run.velocity is not None:
        pulls["velocity"] = -run.velocity[:kept]
    size = {kind: np.linalg.norm(pull, axis=1) for kind, pull in pulls.items()}
    largest = max(float(sizes.max()) for sizes in size.values()) or 1.0
    spans = np.array([land.w_range[1] - land.w_range[0], land.b_range[1] - land.b_range[0]])
    tables = []
    for kind, pull in pulls.items():
        right, up = (pull / spans).T
        w, b = run.path[:kept].T
        columns = {"kind": kind, "epoch": np.arange(kept), "w": w, "b": b, "right": right, "up": up}
        tables.append(pd.DataFrame({**columns, "length": np.sqrt(size[kind] / largest)}))
    return pd.concat(tables, ignore_index=True)


def square_table(run: Run) -> pd.DataFrame:
    """Columns axis (w, b), epoch, side: the remembered squares, each drawn as one.

    side: of the square, as the square root of the remembered size of the slope, beside the largest on this way.
    """
    if run.square is None:
        return pd.DataFrame({"axis": [], "epoch": [], "side": []})
    slope = np.sqrt(run.square[: run.kept])  # the usual size of the slope along w and along b
    side = np.sqrt(slope / (float(slope.max()) or 1.0))
    steps = np.arange(run.kept)
    return pd.concat(
        [pd.DataFrame({"axis": axis, "epoch": steps, "side": side[:, k]}) for k, axis in enumerate("wb")],
        ignore_index=True,
    )


def height_axis(runs: Mapping[str, Run]) -> Axis:
    """Whole decades: from the lowest height of any rule, at most eight below the start's, to above the start's."""
    first = next(iter(runs.values())).height[0]
    drawn = np.concatenate([run.height[: run.kept] for run in runs.values()])
    low = max(float(drawn[drawn > 0].min()), first * 10.0**-_DEPTH)
    return whole_decades(low, 3 * first, title="height")


def race_table(runs: Mapping[str, Run]) -> pd.DataFrame:
    """Columns runner, epoch (the step), loss, share: all rules side by side, as far as they can be drawn."""
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "runner": name,
                    "epoch": np.arange(run.kept),
                    "loss": run.height[: run.kept],
                    "share": _above_zero(run.share[: run.kept]),
                }
            )
            for name, run in runs.items()
        ],
        ignore_index=True,
    )


def _above_zero(share: Array) -> Array:
    """Where the ground bends downwards no rate is unstable, and there is nothing to draw on a log axis."""
    with np.errstate(invalid="ignore"):
        return np.where(share > 0, share, np.nan)


def outcome(run: Run, steps: int) -> str:
    """How the way of one rule ends, in a sentence."""
    if not np.isfinite(run.height[-1]):
        return f"Overflows at step {int((~np.isfinite(run.height)).argmax()):,}."
    if run.arrived is not None:
        return f"At the bottom after {run.arrived:,} steps."
    if run.height[-1] > run.height[0]:
        return f"Higher than it began after {steps:,} steps: {number(run.height[-1])}."
    return f"At height {number(run.height[-1])} after {steps:,} steps."


def caveat(land: Surface, runs: Mapping[str, Run]) -> str:
    """What this surface hides about these rules, in a sentence or two; empty where nothing is known."""
    if not any(UPDATE_RULES[name].adaptive for name in runs):
        return ""
    if land.name == "ravine":
        return (
            "This ravine runs along an axis, so one scale for each parameter makes all directions alike. Turn it, "
            "and see how much of the lead is left."
        )
    if land.name == "turned ravine":
        return (
            "To plain and momentum rules this is the ravine as it was. To a rule with a scale for each parameter w and "
            "b now look alike: its squares are nearly equal, and it has to find the floor as the others do."
        )
    return ""


def conclusion(runs: Mapping[str, Run], fair: bool) -> str:
    """Who arrives first, and how far the rates lie apart. fair: whether each rule has its own best rate."""
    there = {name: run.arrived for name, run in runs.items() if run.arrived is not None}
    if there:
        first = min(there.values())
        names = [UPDATE_RULES[name].title for name, arrived in there.items() if arrived == first]
        are = "is" if len(names) == 1 else "are"
        won = f"**{' and '.join(names)}** {are} first at the bottom, after {first:,} steps."
        late = [UPDATE_RULES[name].title for name in runs if name not in there]
        won += f" Not there: {', '.join(late)}." if late else ""
    else:
        finite = [run for run in runs.values() if np.isfinite(run.height[-1])]
        if not finite:
            return "None arrives: all overflow."
        lowest = min(finite, key=lambda run: float(run.height[-1]))
        won = f"None arrives; **{UPDATE_RULES[lowest.rule].title}** ends lowest, at {number(lowest.height[-1])}."
    if len(runs) < 2:
        return won
    if not fair:
        return f"{won} At rates that were not found for each rule, this says more about the rates than about the rules."
    rates = [run.rate for run in runs.values()]
    return (
        f"{won} Their best rates lie a factor of {two_digits(max(rates) / min(rates))} apart, so at one rate for all "
        "the race would only show which rule that rate suits."
    )
