"""Finding the lowest point without gradients: guessing, evolving, breeding and solving, beside gradient descent.

All run on a quadratic in d numbers, loss(p) = 1/2 (p - p*)' H (p - p*), and are counted in evaluations, one
evaluation being one computation of the loss. A gradient step counts as three, its loss and its gradient: a
backward pass costs about two forward passes, and never more than about four (Griewank & Walther 2008,
Evaluating Derivatives, 3.3). Every method starts at the same place and returns the lowest loss seen so far,
(runs, evaluations + 1): column k is after k evaluations, column 0 the start's loss.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy import ndarray as Array

from ..experiment.experiment import Experiment
from ..methods.descent import descend
from .theory import landscape

STEP_COST = 3  # evaluations a gradient step counts as: one forward pass, and a backward pass of about two
PARENTS, CHILDREN = 5, 20
REACH = 5  # of random search, times the distance to the best: the article's start 0 and best 2 make [-10, 10]
_COOLING = 0.95  # of the mutation's size a generation: faster stalls in ten dimensions, slower wastes the first ones
_FIRST_STEP = 0.14  # of the reach: the length of evolving's first step, a size of 1 on the article's line
_FIRST_MUTATION = 0.1  # of the reach: the size of breeding's first shifts
_BLOCK = 2_000_000  # random numbers drawn at once, 16 MB


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Task:
    """A quadratic to go down on. Arrays are shared and never changed.

    curvatures (d,): the eigenvalues of H, smallest first.  best (d,): p*.  start (d,): where all begin.
    axes (d, d): the eigenvectors of H as columns; None where they are the axes of p.
    """

    curvatures: Array
    best: Array
    start: Array
    axes: Array | None = None

    @property
    def hessian(self) -> Array:
        """(d, d) the second derivatives, H."""
        if self.axes is None:
            return np.diag(self.curvatures)
        turned: Array = (self.axes * self.curvatures) @ self.axes.T
        return turned

    @property
    def reach(self) -> float:
        """Random search draws each number from start - reach to start + reach."""
        return REACH * float(np.abs(self.best - self.start).max())

    @property
    def rate(self) -> float:
        """2 / (lmin + lmax), the learning rate that is best in the worst case. Source: Polyak (1987), 1.4."""
        return float(2 / (self.curvatures[0] + self.curvatures[-1]))

    def loss(self, points: Array) -> Array:
        """(...) the loss at points (..., d): one evaluation each."""
        away = points - self.best
        if self.axes is not None:
            away = away @ self.axes
        rise: Array = np.square(away, out=away) @ self.curvatures / 2
        return rise

    def gradient(self, points: Array) -> Array:
        """(..., d) the gradient at points (..., d): H (p - p*)."""
        away = points - self.best
        if self.axes is None:
            return np.asarray(away * self.curvatures)
        return np.asarray((away @ self.axes * self.curvatures) @ self.axes.T)


@lru_cache(maxsize=32)
def task(dimensions: int) -> Task:
    """The article's line (w and b, x = 1..5) in two dimensions, and what is like it in more.

    In more the curvatures are spread evenly on a log scale between the line's two, so that the condition number
    stays 70; each number starts equally far from its best, so that the loss begins where the line's does, at 44.
    """
    line = landscape(Experiment())
    if dimensions == 2:
        values, vectors = np.linalg.eigh(line.hessian)
        return Task(curvatures=values, best=line.minimum, start=np.zeros(2), axes=vectors)
    curvatures = np.geomspace(line.curvatures[0], line.curvatures[-1], dimensions)
    first = float(line.curvatures @ line.along**2) / 2
    distance = math.sqrt(2 * first / curvatures.sum())
    return Task(curvatures=curvatures, best=np.full(dimensions, distance), start=np.zeros(dimensions))


def line_through(w: float, b: float) -> Task:
    """The article's line with another answer: its x, its loss, its start, but y = w x + b."""
    values, vectors = np.linalg.eigh(landscape(Experiment()).hessian)
    return Task(curvatures=values, best=np.array([w, b]), start=np.zeros(2), axes=vectors)


def gradient_descent(task: Task, evaluations: int) -> Array:
    """(1, evaluations + 1) plain gradient descent at the rate that is best in the worst case."""
    steps = evaluations // STEP_COST
    loss = task.loss(descend(task.gradient, task.start, task.rate, steps)[0])
    return loss[None, np.arange(evaluations + 1) // STEP_COST]


def random_search(task: Task, evaluations: int, runs: int, seed: int = 0) -> Array:
    """(runs, evaluations + 1) points drawn evenly from the box around the start; the best is kept.

    Source: Brooks (1958), A discussion of random methods for seeking maxima, Operations Research 6(2).
    """
    rng, dimensions = np.random.default_rng(seed), len(task.start)
    seen = np.empty((runs, evaluations + 1))
    seen[:, 0] = task.loss(task.start)
    block = max(1, _BLOCK // (runs * dimensions))
    for first in range(1, evaluations + 1, block):
        last = min(first + block, evaluations + 1)
        drawn = rng.uniform(-task.reach, task.reach, (runs, last - first, dimensions))
        seen[:, first:last] = task.loss(task.start + drawn)
    return np.asarray(np.minimum.accumulate(seen, axis=1))


def draws_expected(task: Task, loss: float) -> float:
    """log10 of the draws random search needs on average until its loss is at most this.

    A draw gets there with the share of the box that the ellipsoid 1/2 (p - p*)' H (p - p*) <= loss fills, where
    it lies inside: its volume is that of the unit ball, pi^(d/2) / gamma(d/2 + 1), times (2 loss)^(d/2) / sqrt(det H).
    """
    half = len(task.start) / 2
    ball = half * math.log(math.pi) - math.lgamma(half + 1)
    volume = ball + half * math.log(2 * loss) - float(np.log(task.curvatures).sum()) / 2
    return (2 * half * math.log(2 * task.reach) - volume) / math.log(10)


def evolution(task: Task, evaluations: int, runs: int, seed: int = 0, target: float = 0.0) -> Array:
    """(runs, n + 1) the (1+1) evolution strategy with the one-fifth rule; n = evaluations, or fewer once all are done.

    A random step is kept if it lands lower. A step that is kept makes the next ones longer, one that is not makes
    them a fourth root shorter: both balance where one step in five is kept, which is about the fastest.
    Done: every run has reached `target`. Source: Rechenberg (1973), Evolutionsstrategie.
    """
    rng, dimensions = np.random.default_rng(seed), len(task.start)
    longer = math.exp(1 / math.sqrt(dimensions))  # slower change lags behind the shrinking distance
    shorter = longer**-0.25
    here = np.tile(task.start, (runs, 1))
    loss = task.loss(here)
    size = np.full(runs, _FIRST_STEP * task.reach / math.sqrt(dimensions))
    seen = np.empty((runs, evaluations + 1))
    seen[:, 0] = loss
    for k in range(1, evaluations + 1):
        child = rng.standard_normal((runs, dimensions))
        child *= size[:, None]
        child += here
        landed = task.loss(child)
        better = landed < loss
        if better.any():
            here[better], loss[better] = child[better], landed[better]
        size *= np.where(better, longer, shorter)
        seen[:, k] = loss
        if target and loss.max() <= target:
            return seen[:, : k + 1]
    return seen


def genetic(task: Task, evaluations: int, runs: int, seed: int = 0) -> Array:
    """(runs, evaluations + 1) a plain genetic algorithm: the best five are the parents of the next twenty.

    A child takes each number from one of two parents (uniform crossover), then each is shifted at random (mutation),
    by less in every generation. Parents live on among their children until these are better (elitism).
    Source: Holland (1975); Mühlenbein & Schlierkamp-Voosen (1993), Evolutionary Computation 1(1).
    """
    rng, dimensions = np.random.default_rng(seed), len(task.start)
    run = np.arange(runs)[:, None]
    people = np.tile(task.start, (runs, PARENTS, 1))
    losses = task.loss(people)
    seen = np.empty((runs, evaluations + 1))
    seen[:, 0] = losses[:, 0]
    size = _FIRST_MUTATION * task.reach
    for first in range(1, evaluations + 1, CHILDREN):
        mother, father = people[run, rng.integers(PARENTS, size=(2, runs, CHILDREN))]
        children = np.where(rng.random((runs, CHILDREN, dimensions)) < 0.5, mother, father)
        children += size * rng.standard_normal(children.shape)
        landed = task.loss(children)
        seen[:, first : first + CHILDREN] = landed[:, : evaluations + 1 - first]
        everyone, losses = np.concatenate([people, children], 1), np.concatenate([losses, landed], 1)
        best = np.argsort(losses, 1)[:, :PARENTS]
        people, losses = everyone[run, best], losses[run, best]
        size *= _COOLING
    return np.asarray(np.minimum.accumulate(seen, axis=1))


def closed_form(task: Task) -> Array:
    """(d,) the best point at once: at it the gradient is 0, which is d equations in d numbers, H p = -gradient(0).

    About 2/3 d^3 operations, and only for a quadratic.
    """
    return np.linalg.solve(task.hessian, -task.gradient(np.zeros_like(task.start)))


def reached(best: Array, target: float) -> Array:
    """(runs,) after how many evaluations each run (runs, evaluations + 1) is first at or below target; inf if never."""
    there = best <= target
    return np.where(there.any(axis=1), there.argmax(axis=1), np.inf)
