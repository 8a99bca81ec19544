"""Rates that choose themselves: step sizes found anew at every step, from what the loss is like there.

Each rule answers one question, how far along -gradient, for one loss of P numbers. What they cost beside plain gradient
descent is counted: evaluations of the loss and of the gradient.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy import ndarray as Array

from ...data.surfaces import Surface
from ...diagnosis.alternatives import STEP_COST
from ...diagnosis.theory import landscape
from ...experiment.experiment import Experiment
from ...training.problems import problem

_ARMIJO = 1e-4  # of the decrease the gradient promises: what must be got (Nocedal and Wright 2006, section 3.1)
_HALVE, _GROW = 0.5, 2.0  # a refused rate is halved; the next step begins with twice the rate that was taken
_MOST_HALVINGS = 60  # beyond, a rate is below rounding
_FIRST = 1.0  # Armijo's first guess


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Objective:
    """A loss of P numbers, one point at a time: loss (P,) -> float, gradient (P,) -> (P,).

    hessian: its second derivatives (P, P) where they are the same everywhere, else None.  least: its lowest value.
    """

    loss: Callable[[Array], float]
    gradient: Callable[[Array], Array]
    start: Array
    least: float
    hessian: Array | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Run:
    """What a rule did: losses (steps + 1,) above the least, rates (steps,), path (steps + 1, P).

    evaluations: of the loss; a gradient counts as STEP_COST of them, as in lesson 7.
    """

    losses: Array
    rates: Array
    path: Array
    evaluations: int


# A rule is given the objective, the iterates and gradients so far (the last are the current ones) and the rates taken
# so far; it returns the next rate, and how many evaluations it made to find it.
Rule = Callable[[Objective, Sequence[Array], Sequence[Array], Sequence[float]], tuple[float, int]]


def of_line(experiment: Experiment) -> Objective:
    """The training loss of a line as an Objective. Raises ValueError for any other model, as theory does."""
    land, task = landscape(experiment), problem(experiment)

    def loss(parameters: Array) -> float:
        error = task.inputs @ parameters - task.targets.ravel()
        return float(error @ error / len(error))

    def gradient(parameters: Array) -> Array:
        error = task.inputs @ parameters - task.targets.ravel()
        gradient: Array = 2 / len(error) * (error @ task.inputs)
        return gradient

    return Objective(loss=loss, gradient=gradient, start=task.start, least=land.floor, hessian=land.hessian)


def of_surface(surface: Surface) -> Objective:
    """A surface of surfaces.py as an Objective; its Hessian counts as unknown."""
    return Objective(
        loss=lambda at: float(surface.loss(at)), gradient=surface.gradient, start=np.array(surface.start), least=0.0
    )


def fixed(rate: float) -> Rule:
    """The same rate at every step."""
    return lambda objective, iterates, gradients, rates: (rate, 0)


def exact_steps(curvatures: Sequence[float]) -> Rule:
    """1 / each curvature in turn, the largest first: on a quadratic each removes one direction's error for good.

    After as many steps as there are curvatures nothing is left, although all rates but the first lie far above the
    stability limit. Source: Young (1953), J. Math. and Phys. 32:243, who orders them so that rounding stays small.
    """
    rates_in_turn = [1 / curvature for curvature in sorted(curvatures, reverse=True)]
    return lambda objective, iterates, gradients, rates: (rates_in_turn[len(rates) % len(rates_in_turn)], 0)


def silver_steps(count: int) -> Array:
    """(count,) learning rates x curvature: 1 + rho^(nu(i) - 1), rho = 1 + sqrt 2, nu(i) how often 2 divides i.

    Source: Altschuler and Parrilo (2023), arXiv 2309.16530.
    """
    halvings = [(i & -i).bit_length() - 1 for i in range(1, count + 1)]
    return np.array([1 + (1 + math.sqrt(2)) ** (nu - 1) for nu in halvings])


def silver(curvature: float) -> Rule:
    """The silver steps over the largest curvature: no look at the loss, and on the way most of them far from the best.

    No constant rate is as good in the worst case over all convex losses of that curvature.
    """

    def rate(objective: Objective, iterates: Any, gradients: Any, rates: Sequence[float]) -> tuple[float, int]:
        return float(silver_steps(len(rates) + 1)[-1]) / curvature, 0

    return rate


def exact_line_search(objective: Objective, iterates: Any, gradients: Any, rates: Any) -> tuple[float, int]:
    """The rate with the lowest loss along -gradient: on a quadratic g.g / g.Hg.

    Greedy, and no faster than the best fixed rate in the worst case. Source: Cauchy (1847); Akaike (1959).
    Raises ValueError where the Hessian is not constant.
    """
    if objective.hessian is None:
        raise ValueError("hessian must be constant for an exact line search, got a loss whose curvature changes")
    g = gradients[-1]
    curvature = float(g @ objective.hessian @ g)
    return (float(g @ g) / curvature if curvature > 0 else 0.0), 0


def barzilai_borwein(objective: Objective, iterates: Any, gradients: Any, rates: Any) -> tuple[float, int]:
    """1 / the curvature along the last step: s.s / s.y, s the last step and y how the gradient changed on it.

    The loss may rise on the way. The first step is Armijo's. Source: Barzilai and Borwein (1988), IMA J. Num. Anal. 8.
    """
    if len(iterates) < 2:
        return armijo(objective, iterates, gradients, rates)
    step, change = iterates[-1] - iterates[-2], gradients[-1] - gradients[-2]
    curvature = float(step @ change)
    return (float(step @ step) / curvature if curvature > 0 else rates[-1]), 0


def armijo(objective: Objective, iterates: Any, gradients: Any, rates: Any) -> tuple[float, int]:
    """The first rate that gets a small part of what the gradient promises: halve it until it does.

    loss(w - lr g) <= loss(w) - 1e-4 lr g.g. It begins with twice the last rate, so it can grow again.
    Source: Armijo (1966), Pacific J. Math. 16:1.
    """
    here, g = iterates[-1], gradients[-1]
    rate, promised, height = (_GROW * rates[-1] if rates else _FIRST), float(g @ g), objective.loss(here)
    for tried in range(_MOST_HALVINGS):
        if objective.loss(here - rate * g) <= height - _ARMIJO * rate * promised:
            return rate, tried + 2
        rate *= _HALVE
    return 0.0, _MOST_HALVINGS + 1


def descend(objective: Objective, rule: Rule, steps: int) -> Run:
    """Descend by a rule; nothing is clipped and nothing stops early."""
    iterates, rates = [objective.start.astype(float)], list[float]()
    gradients, evaluations = [objective.gradient(iterates[0])], STEP_COST
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(steps):
            rate, asked = rule(objective, iterates, gradients, rates)
            rates.append(rate)
            iterates.append(iterates[-1] - rate * gradients[-1])
            gradients.append(objective.gradient(iterates[-1]))
            evaluations += asked + STEP_COST
        losses = np.array([objective.loss(place) for place in iterates]) - objective.least
    return Run(losses=losses, rates=np.array(rates), path=np.array(iterates), evaluations=evaluations)
