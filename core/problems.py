"""Problems: what is minimised. So far the line, y = w x + b, under the mean of squares.

A Problem holds the arrays an Experiment trains on and the parameters it starts from.
Both trainers, the theory and the pictures read the same one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.datasets import dataset
from core.experiment import Experiment

Array = NDArray[Any]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Problem:
    """Minimise mean((y_pred - y)^2) with y_pred = inputs @ parameters.

    inputs (n, P): the features, standardised where asked for, then a column of ones that b multiplies.
    targets (n,).  start (P,): the first parameters, (w, b) for a line.
    names (P,): what the parameters are called.  All arrays float64.
    """

    inputs: Array
    targets: Array
    start: Array
    names: tuple[str, ...]


def problem(experiment: Experiment) -> Problem:
    """The Problem an experiment trains on; the same object for experiments that differ in the training only."""
    return _problem(experiment.data, experiment.seed, experiment.standardize, experiment.start)


@lru_cache(maxsize=64)  # pages ask for it dozens of times a run
def _problem(data: str, seed: int, standardize: bool, start: tuple[float, ...]) -> Problem:
    measured = dataset(data, seed)
    x = standardized(measured.x) if standardize else measured.x
    features = x.shape[1]
    made = Problem(
        inputs=np.column_stack([x, np.ones(len(x))]),
        targets=measured.y,
        start=np.array(start or (0.0,) * (features + 1)),
        names=("w", "b") if features == 1 else (*(f"w{i + 1}" for i in range(features)), "b"),
    )
    for array in (made.inputs, made.start):
        array.flags.writeable = False
    return made


def standardized(x: Array) -> Array:
    """x (n, d) with mean 0 and standard deviation 1 in each column; a constant column becomes 0."""
    spread = x.std(axis=0)
    scaled: Array = (x - x.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    return scaled


def minibatches(experiment: Experiment, points: int) -> Iterator[list[Array]]:
    """For each epoch the rows of each step: every row once an epoch, in an order drawn from the seed.

    The same for every learning rate and for both trainers, so curves differ in the rate alone.
    The last batch of an epoch is smaller where the batch size does not divide the points.
    """
    size = experiment.batch_size or points
    order = np.random.default_rng(experiment.seed)
    for _ in range(experiment.epochs):
        rows = order.permutation(points)
        yield [rows[i : i + size] for i in range(0, points, size)]
