"""The trainer from scratch: the gradient by hand, in NumPy.

It is the article's loop with one change: parameters are (R, P), a row for each
learning rate, so all rates are trained by the same few lines.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.experiment import Experiment
from core.optimizers import UPDATE_RULES
from core.problems import Problem

Array = NDArray[Any]


class NumpyTrainer:
    """Trains R learning rates at once. `parameters` (R, P) is where they stand now."""

    def __init__(self, experiment: Experiment, problem: Problem) -> None:
        kind, rates = np.dtype(experiment.precision), len(experiment.learning_rates)
        self.x = problem.inputs.astype(kind)
        self.parameters = np.tile(problem.start.astype(kind), (rates, 1))
        # Laid out in full where broadcasting would do: NumPy is several times faster on equal shapes
        # than on hundreds of rows as short as these.
        self.y = np.tile(problem.targets.astype(kind), (rates, 1))  # (R, n)
        self.learning_rate = np.tile(np.array(experiment.learning_rates, kind)[:, None], len(problem.start))
        self._update = UPDATE_RULES[experiment.optimizer]
        self._momentum = experiment.momentum
        self._state: Array | None = None
        self._gradient = np.zeros_like(self.parameters)

    def loss(self, rows: Array | None = None) -> Array:
        """(R,) mean of squares over `rows` of the data (None: all)."""
        return self._forward(rows)[0]

    def backward(self, rows: Array | None = None) -> tuple[Array, Array]:
        """(loss (R,), gradient (R, P)) over `rows` of the data; remembers the gradient for `step`."""
        loss, error, x = self._forward(rows)
        self._gradient = (2 / len(x)) * (error @ x)  # dw = 2 mean(error * x), db = 2 mean(error)
        return loss, self._gradient

    def step(self) -> None:
        """One update from the last gradient: w = w - lr * dw."""
        step, self._state = self._update(self._gradient, self._state, self.learning_rate, self._momentum)
        self.parameters = self.parameters + step

    def _forward(self, rows: Array | None) -> tuple[Array, Array, Array]:
        x, y = (self.x, self.y) if rows is None else (self.x[rows], self.y[:, rows])
        error = self.parameters @ x.T  # (R, n): y_pred = w x + b
        error -= y  # y_pred - y, in place: for many rates a second array so large costs more than the sum
        return np.vecdot(error, error) / len(x), error, x  # the loss: mean(error^2)
