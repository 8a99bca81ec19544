"""Problems: what is minimised. A line, y = w x + b, under the mean of squares; or a network under its loss.

A Problem holds the arrays an Experiment trains on and the parameters it starts from.
Both trainers, the theory and the pictures read the same one.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy import ndarray as Array

from ..data.datasets import Dataset, dataset, is_upload
from ..data.features import FEATURES
from ..experiment.experiment import Experiment, held_out
from ..methods.network import Network


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """How points as measured become inputs: features of them, then shifted and stretched where asked for.

    features: names in FEATURES; () takes the columns as they are.  shift, stretch (d,): what standardizing
    subtracts and divides by, 0 and 1 without it.
    """

    features: tuple[str, ...]
    shift: Array
    stretch: Array

    def at(self, points: Array) -> Array:
        """(m, d) the inputs at points (m, columns)."""
        scaled: Array = (_columns(points, self.features) - self.shift) / self.stretch
        return scaled


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, weakref_slot=True)
class Problem:
    """Minimise the loss over the training rows.

    inputs (n, d + 1): the features, standardized where asked for, then a column of ones that biases multiply.
    targets: of a line (n,), its loss is mean((inputs @ parameters - targets)^2); of a network (n, k).
    start (P,): the first parameters, (w, b) for a line.  names: what a line's parameters are called.
    network: what computes outputs and loss from parameters; None for a line, which needs none.
    test_inputs (m, d + 1), test_targets: rows held out from training, None where there are none.
    points (n, columns), test_points: the same rows as measured.  labels, test_labels: their classes, whole
    numbers (n,) and (m,), None for what has none.  scaling: how points became inputs.  All other arrays float64.
    """

    inputs: Array
    targets: Array
    start: Array
    names: tuple[str, ...] = ()
    network: Network | None = None
    test_inputs: Array | None = None
    test_targets: Array | None = None
    points: Array | None = None
    test_points: Array | None = None
    labels: Array | None = None
    test_labels: Array | None = None
    scaling: Inputs | None = None


Task = tuple[Any, ...]
# What tells one Problem from another; experiments that differ in the rest share it.
_TASK = (
    *("data", "seed", "noise", "standardize", "features", "test_share"),
    *("hidden", "activation", "gain", "loss", "l1", "l2", "start"),
)


def problem(experiment: Experiment) -> Problem:
    """The Problem an experiment trains on; the same object for experiments that differ in the training only."""
    asked = tuple(getattr(experiment, name) for name in _TASK)
    return _of_upload(experiment.dataset(), asked) if is_upload(experiment.data) else _problem(asked)


# Problems of an upload, a few megabytes each, go when it goes.
_OF_UPLOADS: WeakKeyDictionary[Dataset, dict[Task, Problem]] = WeakKeyDictionary()
_MOST_OF_AN_UPLOAD = 4


def _of_upload(data: Dataset, asked: Task) -> Problem:
    kept = _OF_UPLOADS.setdefault(data, {})
    made = kept.get(asked) or _made(asked)
    if asked not in kept:
        while len(kept) >= _MOST_OF_AN_UPLOAD:
            kept.pop(next(iter(kept)), None)  # the oldest
        kept[asked] = made
    return made


@lru_cache(maxsize=64)  # pages ask for it dozens of times a run
def _problem(asked: Task) -> Problem:
    return _made(asked)


def _made(asked: Task) -> Problem:
    experiment = Experiment(learning_rates=(1.0,), epochs=1, **dict(zip(_TASK, asked, strict=True)))
    data = dataset(experiment.data, experiment.seed, experiment.noise)
    train, test = split(len(data.y), experiment.test_share, experiment.seed)
    scaling = _scaling(data.x[train], experiment)
    targets = _targets(data, experiment.resolved_loss())
    network = experiment.network()
    made = Problem(
        inputs=_with_ones(scaling.at(data.x[train])),
        targets=targets[train],
        start=experiment.gain * network.start(experiment.seed) if network else np.array(experiment.start or (0.0, 0.0)),
        names=() if network else ("w", "b"),
        network=network,
        test_inputs=_with_ones(scaling.at(data.x[test])) if len(test) else None,
        test_targets=targets[test] if len(test) else None,
        points=data.x[train],
        test_points=data.x[test] if len(test) else None,
        labels=data.y[train].astype(int) if data.task == "classes" else None,
        test_labels=data.y[test].astype(int) if data.task == "classes" and len(test) else None,
        scaling=scaling,
    )
    if network is None:  # a line's targets are flat: its trainers have no use for a second axis
        flat = made.test_targets[:, 0] if made.test_targets is not None else None
        made = replace(made, targets=made.targets[:, 0], test_targets=flat)
    for name in Problem.__dataclass_fields__:
        if isinstance(array := getattr(made, name), np.ndarray):
            array.flags.writeable = False  # shared by every session of a server
    return made


def split(points: int, test_share: float, seed: int) -> tuple[Array, Array]:
    """(training rows, test rows), each in their old order; which are held out is drawn from the seed.

    At least one row of each kind where test_share > 0, and all for training where it is 0.
    """
    order = np.random.default_rng([seed, 1]).permutation(points)  # a stream of its own
    held = held_out(points, test_share)
    return np.sort(order[held:]), np.sort(order[:held])


def _scaling(x: Array, experiment: Experiment) -> Inputs:
    """Mean and standard deviation are those of the training rows; a constant column is only shifted, to 0."""
    columns = _columns(x, experiment.features)
    shift, stretch = np.zeros(columns.shape[1]), np.ones(columns.shape[1])
    if experiment.standardize:
        spread = columns.std(axis=0)
        shift, stretch = columns.mean(axis=0), np.where(spread > 0, spread, 1.0)
    return Inputs(features=experiment.features, shift=shift, stretch=stretch)


def _columns(x: Array, features: tuple[str, ...]) -> Array:
    return np.column_stack([FEATURES[name].of(x) for name in features]) if features else x


def _targets(data: Dataset, loss: str) -> Array:
    """(n, k): y as it is; of classes 0 and 1 under cross-entropy, -1 and +1 under mse, one column for two classes."""
    if data.task != "classes":
        return data.y[:, None]
    chosen: Array = (data.y[:, None] == np.arange(len(data.classes))).astype(float)
    chosen = chosen[:, 1:] if len(data.classes) == 2 else chosen
    return chosen if loss == "cross-entropy" else 2 * chosen - 1


def _with_ones(x: Array) -> Array:
    joined: Array = np.hstack([x, np.ones((len(x), 1))])
    return joined


def minibatches(experiment: Experiment, points: int) -> Iterator[list[Array]]:
    """For each epoch the rows of each step: every row once an epoch, in an order drawn from the seed.

    The same for every learning rate and for both trainers, so curves differ in the rate alone.
    The last batch of an epoch is smaller where the batch size does not divide the points.
    """
    order = order_of_rows(experiment)
    for _ in range(experiment.epochs):
        yield rows_of_steps(experiment, points, order)


def order_of_rows(experiment: Experiment) -> np.random.Generator:
    """What draws the order of the rows, epoch after epoch."""
    return np.random.default_rng(experiment.seed)


def rows_of_steps(experiment: Experiment, points: int, order: np.random.Generator) -> list[Array]:
    """The rows of each step of the next epoch, drawn from `order`."""
    rows, size = order.permutation(points), experiment.batch_size or points
    return [rows[i : i + size] for i in range(0, points, size)]
