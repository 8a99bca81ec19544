"""Measures of a network at its snapshots: accuracy, and which hidden units are dead."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy import ndarray as Array

from ..methods.network import ACTIVATIONS, Network
from ..training.history import History
from ..training.problems import Problem, problem

DEAD = 1e-4  # a unit whose derivative is below this on every training row passes no gradient worth the name on
_AT_ONCE = 2_000_000  # numbers of one layer computed together: 16 MB


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measures:
    """What a network is like at the snapshot epochs (K,) of a History.

    accuracy, test_accuracy (R, K): share of rows given their true class, nan where the outputs are not finite;
    None for regression, and where no rows are held out.
    dead (R, K, H): which hidden units, layer after layer, pass no gradient on at any training row.
    sound (R, K): whether all parameters are finite; where they are not, nothing above means anything.
    """

    epochs: Array
    accuracy: Array | None
    test_accuracy: Array | None
    dead: Array
    sound: Array


def measures(history: History) -> Measures:
    """The Measures of a network's History. Raises ValueError for a line, which has no snapshots."""
    task = problem(history.experiment)
    if history.snapshots is None or history.snapshot_epochs is None or task.network is None:
        raise ValueError(f"history must be that of a network, got hidden={history.experiment.hidden} on a line")
    rates, moments, width = history.snapshots.shape
    rows = history.snapshots.reshape(-1, width)
    shape = (rates, moments)
    tested = task.test_inputs is not None and task.test_labels is not None
    with np.errstate(over="ignore", invalid="ignore"):
        return Measures(
            epochs=history.snapshot_epochs,
            accuracy=None
            if task.labels is None
            else _accuracy(task.network, rows, task.inputs, task.labels).reshape(shape),
            test_accuracy=_accuracy(task.network, rows, task.test_inputs, task.test_labels).reshape(shape)
            if tested
            else None,
            dead=_dead(task, rows).reshape(*shape, -1),
            sound=np.asarray(np.isfinite(history.snapshots).all(axis=2)),
        )


def decide(network: Network, outputs: Array) -> Array:
    """(..., n) the class that outputs (..., n, k) stand for: the largest, or of one output its side."""
    if outputs.shape[-1] > 1:
        return np.asarray(outputs.argmax(axis=-1))
    return np.asarray(
        (outputs[..., 0] > 0).astype(int)
    )  # half a chance under cross-entropy, between -1 and 1 under mse


def blocks(network: Network, rows: Array, points: int) -> Iterator[Array]:
    """The rows of parameters (M, P) in pieces small enough to be computed at once on so many points."""
    size = max(1, _AT_ONCE // (max(network.widths[1:]) * points))
    for first in range(0, len(rows), size):
        yield rows[first : first + size]


def _accuracy(network: Network, rows: Array, inputs: Any, labels: Any) -> Array:
    found = []
    for some in blocks(network, rows, len(inputs)):
        outputs = network.forward(some, inputs[:, :-1])[-1]
        right = (decide(network, outputs) == labels).mean(axis=1)
        found.append(np.where(np.isfinite(outputs).all(axis=(1, 2)), right, np.nan))
    return np.concatenate(found)


def _dead(task: Problem, rows: Array) -> Array:
    network = task.network
    assert network is not None
    derivative = ACTIVATIONS[network.activation].derivative
    found = []
    for some in blocks(network, rows, len(task.inputs)):
        hidden = network.forward(some, task.inputs[:, :-1])[1:-1]
        asleep = [(np.abs(derivative(layer)) < DEAD).all(axis=1) for layer in hidden]
        found.append(np.concatenate(asleep, axis=1) if asleep else np.zeros((len(some), 0), bool))
    return np.concatenate(found)
