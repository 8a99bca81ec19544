"""Rates that choose themselves, side by side on one loss: how fast they get down, at which rates, at what cost."""

import math
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy import ndarray as Array

from ...data.datasets import dataset
from ...data.surfaces import surface
from ...diagnosis.theory import safest_rate
from ...drawing.axes import Axis, whole_decades
from ...experiment.experiment import Experiment
from ...words import number, two_digits
from ..update_rules.runs import best_rate
from .rules import (
    Objective,
    Rule,
    Run,
    armijo,
    barzilai_borwein,
    descend,
    exact_line_search,
    exact_steps,
    fixed,
    of_line,
    of_surface,
    silver,
)

# What is minimised, by name: a line by its data set, or a surface.
SLOW = "The article's line from a slow start"
LINES = {
    "The article's line": "article",
    SLOW: "article",
    "A noisy line": "noisy-line",
    "Far from zero": "far-from-zero",
}
SURFACES = {"Rosenbrock": "Rosenbrock", "Himmelblau": "Himmelblau", "Double well": "double well"}
LOSSES = (*LINES, *SURFACES)
TITLES = {
    "fixed": "One fixed rate",
    "exact": "Two exact steps",
    "search": "Exact line search",
    "barzilai": "Barzilai–Borwein",
    "armijo": "Armijo",
    "silver": "Silver steps",
}
WHAT = {
    "fixed": "One rate for all steps: of a line 2/(lmin + lmax), the best in the worst case, though from some starts "
    "another is faster; of a surface the one that is first at the bottom.",
    "exact": "1 / each curvature in turn. Each step removes one direction's error for good, so on a quadratic of two "
    "numbers nothing is left after two. It must know both curvatures beforehand.",
    "search": "At each step the rate with the lowest loss straight downhill. Greedy: from a slow start, where the "
    "gradient has equal parts along the steepest and the flattest direction, it zig-zags for hundreds of steps; from "
    "other starts a few can do. It must know how the loss bends.",
    "barzilai": "1 / the curvature along the last step, read off how the gradient changed on it. It costs nothing "
    "beyond the gradient, once Armijo has found the first step, and its loss may rise on the way.",
    "armijo": "Try twice the last rate; halve it until the loss falls as it should. It needs nothing but the loss, and "
    "pays for each try with an evaluation.",
    "silver": "A list of rates fixed beforehand, some far above the limit: 1 + ρ^(ν − 1) over the largest curvature, "
    "ρ = 1 + √2, ν how often 2 divides the step's number. In the worst case over all smooth convex losses no constant "
    "rate is as good; on one loss it stands well after 1, 3, 7, 15, 31 ... steps, and in between the loss may rise.",
}
_REACHED = 1e-6  # of the first loss: what counts as down
_DEPTH = 14  # decades below the start that are drawn


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Choosing:
    """All rules on one loss. runs: by the rules' names.  limit: 2 / lmax, nan where it is not the same everywhere.

    reached: each one's (steps, evaluations) until its loss is a millionth of the first, None where it never is.
    """

    runs: dict[str, Run]
    limit: float
    reached: dict[str, tuple[int, int] | None]


def choosing(loss: str, steps: int) -> Choosing:
    """Every rule that can be used on this loss (one of LOSSES) for so many steps.

    Raises ValueError for another name.
    """
    objective, rate, limit = _asked(loss)
    rules: dict[str, Rule] = {"fixed": fixed(rate)}
    if objective.hessian is not None:
        curvatures = np.linalg.eigvalsh(objective.hessian).tolist()
        rules |= {"exact": exact_steps(curvatures), "search": exact_line_search}
    rules |= {"barzilai": barzilai_borwein, "armijo": armijo}
    if objective.hessian is not None:
        rules |= {"silver": silver(float(np.linalg.eigvalsh(objective.hessian)[-1]))}
    runs = {name: descend(objective, rule, steps) for name, rule in rules.items()}
    reached = {name: _reached(objective, rules[name], found) for name, found in runs.items()}
    return Choosing(runs=runs, limit=limit, reached=reached)


def _asked(loss: str) -> tuple[Objective, float, float]:
    """(what is minimised, a fixed rate that suits it, the stability limit)."""
    if loss in LINES:
        experiment = Experiment(data=LINES[loss])
        objective = of_line(experiment)
        hessian = objective.hessian
        assert hessian is not None
        if loss == SLOW:
            objective = replace(objective, start=_slow_start(objective, hessian))
        return objective, safest_rate(experiment), 2 / float(np.linalg.eigvalsh(hessian)[-1])
    if loss in SURFACES:
        land = surface(SURFACES[loss])
        return of_surface(land), best_rate(land, "sgd", 0.0, 500), math.nan
    raise ValueError(f"loss must be one of {', '.join(LOSSES)}, got {loss!r}")


def _slow_start(line: Objective, hessian: Array) -> Array:
    """Where the gradient of a line's loss has equal parts, 1, along its steepest and its flattest direction."""
    bottom = line.start - np.linalg.solve(hessian, line.gradient(line.start))
    curvatures, directions = np.linalg.eigh(hessian)
    start: Array = bottom + directions @ (1 / curvatures)
    return start


def _reached(objective: Objective, rule: Rule, found: Run) -> tuple[int, int] | None:
    with np.errstate(invalid="ignore"):
        down = np.abs(found.losses) <= _REACHED * found.losses[0]
    if not down.any():
        return None
    steps = int(down.argmax())
    return steps, descend(objective, rule, steps).evaluations


def described(loss: str) -> str:
    """What is minimised, in a sentence."""
    if loss in LINES:
        data = dataset(LINES[loss])
        w, b = _asked(loss)[0].start
        where = f"w = {number(w)}, b = {number(b)}" + (", a slow start" if loss == SLOW else "")
        return f"Mean squared error of y = wx + b on {len(data.y)} points, from {where}: a quadratic of two numbers."
    land = surface(SURFACES[loss])
    return f"{land.shape} Height = ${land.formula}$."


def loss_table(found: Choosing) -> pd.DataFrame:
    """Columns runner, epoch (the step), loss: above the lowest there is; what rounding hides is left out."""
    tables = []
    for name, run in found.runs.items():
        step = np.arange(len(run.losses))
        shown = np.isfinite(run.losses) & (run.losses > 0)
        tables.append(pd.DataFrame({"runner": name, "epoch": step[shown], "loss": run.losses[shown]}))
    return pd.concat(tables, ignore_index=True)


def rate_table(found: Choosing) -> pd.DataFrame:
    """Columns runner, epoch (the step that was taken at it, from 1), rate: down to where nothing is left to gain."""
    tables = []
    for name, run in found.runs.items():
        above = run.losses[:-1] > 1e-26 * run.losses[0]  # below, a rate is made of rounding errors
        shown = np.isfinite(run.rates) & (run.rates > 0) & above
        step = np.arange(1, len(run.rates) + 1)
        tables.append(pd.DataFrame({"runner": name, "epoch": step[shown], "rate": run.rates[shown]}))
    return pd.concat(tables, ignore_index=True)


def loss_axis(found: Choosing) -> Axis:
    """Whole decades from the lowest loss, at most 14 below the start, to the highest."""
    losses = loss_table(found)["loss"]
    first = float(next(iter(found.runs.values())).losses[0])
    low, high = max(float(losses.min()), first * 10.0**-_DEPTH), min(float(losses.max()), 1e3 * first)
    return whole_decades(low, 1.2 * high, title="loss above the lowest")


def rate_axis(found: Choosing) -> Axis:
    """Whole decades around all rates taken, and the limit."""
    rates = [*rate_table(found)["rate"], *([found.limit] if math.isfinite(found.limit) else [])]
    return whole_decades(min(rates), max(rates), title="learning rate")


def standings(found: Choosing) -> list[dict[str, str]]:
    """A row a rule: what it is, its steps and evaluations to a millionth of the first loss, its largest rate."""
    rates = rate_table(found).groupby("runner")["rate"].max()
    rows = []
    for name in found.runs:
        steps, evaluations = found.reached[name] or (None, None)
        row = {
            "rule": TITLES[name],
            "steps to a millionth": "not reached" if steps is None else f"{steps:,}",
            "evaluations": "" if evaluations is None else f"{evaluations:,}",
            "largest rate": number(float(rates.get(name, math.nan))),
        }
        if math.isfinite(found.limit):
            row["times the limit"] = number(float(f"{rates.get(name, math.nan) / found.limit:.3g}"))
        rows.append(row)
    return rows


def conclusion(found: Choosing) -> str:
    """What these runs show, with their numbers."""
    there = {name: reached for name, reached in found.reached.items() if reached}
    said = []
    if "exact" in there:
        second = float(found.runs["exact"].rates[1])
        times = two_digits(second / found.limit)
        said.append(
            f"**Two exact steps are enough**, although the second, {number(second)}, is {times} times the stability "
            "limit: that limit is for a rate that is repeated."
        )
    if "barzilai" in there and "fixed" in there:
        said.append(
            f"Barzilai and Borwein's rates jump about, and need {there['barzilai'][0]:,} steps where the fixed "
            f"rate needs {there['fixed'][0]:,}."
        )
    elif "barzilai" in there:
        said.append(
            f"Barzilai and Borwein's rates need {there['barzilai'][0]:,} steps; the fixed rate needs more than that."
        )
    return " ".join(said) or "None is down to a millionth of the first loss yet: give them more steps."
