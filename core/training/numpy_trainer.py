"""The trainer from scratch: the gradient by hand, in NumPy.

It is the article's loop with one change: parameters are (R, P), a row for each
learning rate, so all rates are trained by the same few lines.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import ndarray as Array

from ..experiment.experiment import Experiment
from ..methods.network_hessian import Product, hessian_product
from ..methods.optimizers import UPDATE_RULES
from .network_pass import NetworkPass
from .problems import Problem


class NumpyTrainer:
    """Trains R learning rates at once. `parameters` (R, P) is where they stand now."""

    def __init__(self, experiment: Experiment, problem: Problem) -> None:
        dtype, rates = np.dtype(experiment.precision), len(experiment.learning_rates)
        self.parameters = np.tile(problem.start.astype(dtype), (rates, 1))
        # Laid out in full where broadcasting would do: NumPy is several times faster on equal shapes
        # than on hundreds of rows as short as these.
        self.learning_rate = np.tile(np.array(experiment.learning_rates, dtype)[:, None], len(problem.start))
        self._rule = UPDATE_RULES[experiment.optimizer]
        self._momentum = experiment.momentum
        self._state: Any = None
        self._gradient = np.zeros_like(self.parameters)
        self._experiment, self._problem = experiment, problem
        self._train = _points(problem, problem.inputs, problem.targets, rates, experiment.precision)
        if problem.test_inputs is not None and problem.test_targets is not None:
            self._test = _points(problem, problem.test_inputs, problem.test_targets, rates, experiment.precision)

    def __getstate__(self) -> dict[str, Any]:
        """What a copy is made from: what it computes in is made anew."""
        now = {"parameters": self.parameters, "learning_rate": self.learning_rate, "_state": self._state}
        return {"made": (self._experiment, self._problem), "now": now}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(*state["made"])  # type: ignore[misc]
        self.__dict__.update(state["now"])

    def loss(self, rows: Array | None = None) -> Array:
        """(R,) what is minimised, over `rows` of the data (None: all)."""
        return self._train.loss(self.parameters, rows)

    def test_loss(self) -> Array:
        """(R,) the same over the rows held out; to be asked only where the problem has some."""
        return self._test.loss(self.parameters)

    def backward(self, rows: Array | None = None) -> tuple[Array, Array]:
        """(loss (R,), gradient (R, P)) over `rows` of the data; remembers the gradient for `step`."""
        loss, self._gradient = self._train.backward(self.parameters, rows)
        return loss, self._gradient

    def step(self, multiplier: float | Array = 1.0) -> None:
        """One update from the last gradient, at multiplier (one, or (R,)) x the learning rate: w = w - lr * dw."""
        rate = self.learning_rate
        if isinstance(multiplier, np.ndarray):
            rate = multiplier.astype(rate.dtype)[:, None] * rate
        elif multiplier != 1:
            rate = multiplier * rate
        self.parameters, self._state = self._rule.move(
            self.parameters, self._gradient, self._state, rate, self._momentum
        )

    def set_rate(self, lane: int, learning_rate: float) -> None:
        """Give one of the rates another value from the next step on."""
        self.learning_rate[lane] = learning_rate

    def preconditioner(self) -> Array | None:
        """(R, P) what an adaptive rule's last step divided each gradient by; None before it, and for other rules."""
        if self._rule.preconditioner is None or self._state is None:
            return None
        return self._rule.preconditioner(self._state, self._momentum)

    def hessian(self, parameters: Array) -> Product:
        """What multiplies vectors (R, P) with the Hessian at parameters (R, P), in float64; of a network only."""
        task = self._problem
        assert task.network is not None
        return hessian_product(task.network, parameters, task.inputs[:, :-1], task.targets)


def _points(problem: Problem, inputs: Array, targets: Array, rates: int, precision: str) -> _Line | NetworkPass:
    """What computes loss and gradient of the problem on these points."""
    if problem.network is None:
        return _Line(inputs, targets, rates, precision)
    return NetworkPass(problem.network, inputs, targets, precision)


class _Line:
    """The mean of squares of R lines, and its gradient; the same methods as NetworkPass.

    inputs (n, P) with a last column of ones, targets (n,).
    """

    def __init__(self, inputs: Array, targets: Array, rates: int, precision: str) -> None:
        self.x = inputs.astype(precision)
        self.y = np.tile(targets.astype(precision), (rates, 1))  # (R, n), in full: see NumpyTrainer

    def loss(self, parameters: Array, rows: Array | None = None) -> Array:
        """(R,) mean of squares over `rows`."""
        return self._forward(parameters, rows)[0]

    def backward(self, parameters: Array, rows: Array | None = None) -> tuple[Array, Array]:
        """(loss (R,), gradient (R, P)) over `rows`."""
        loss, error, x = self._forward(parameters, rows)
        return loss, (2 / len(x)) * (error @ x)  # dw = 2 mean(error * x), db = 2 mean(error)

    def _forward(self, parameters: Array, rows: Array | None) -> tuple[Array, Array, Array]:
        x, y = (self.x, self.y) if rows is None else (self.x[rows], self.y[:, rows])
        error = parameters @ x.T  # (R, n): y_pred = w x + b
        error -= y  # y_pred - y, in place: for many rates a second array so large costs more than the sum
        return np.vecdot(error, error) / len(x), error, x  # the loss: mean(error^2)
