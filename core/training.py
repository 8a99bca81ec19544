"""train(experiment) -> History: picks the trainer, runs it, writes down what happened."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from core.experiment import Experiment
from core.history import History
from core.numpy_trainer import NumpyTrainer
from core.problems import minibatches, problem

Array = NDArray[Any]
Progress = Callable[[float], object]

_REPORT_SECONDS = 0.03  # how often progress is told: often enough that a stop is felt at once
_BLOCK = 8192  # rates times epochs recorded before they are moved into place; see _Record
_READABLE = 0.05  # the meter is nan where rounding could move it by more than this


class Trainer(Protocol):
    """What both engines offer; see NumpyTrainer."""

    parameters: Array

    def loss(self, rows: Array | None = None) -> Array: ...

    def backward(self, rows: Array | None = None) -> tuple[Array, Array]: ...

    def step(self) -> None: ...


def train(experiment: Experiment, progress: Progress | None = None) -> History:
    """Train every learning rate of the experiment for all its epochs and return what happened.

    progress: called now and then with the fraction done, from 0 to 1; what it raises stops the run.
    Nothing is clipped and nothing stops early: inf and nan are recorded as they come.
    Raises ModuleNotFoundError, saying how to install it, where engine is "torch" and torch is missing.
    """
    trainer = _trainer(experiment)
    record = _Record(experiment, trainer)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        if experiment.steps_per_epoch == 1:
            _full_batch(trainer, experiment, record, progress)
        else:
            _mini_batch(trainer, experiment, record, progress)
        return record.history()


def _trainer(experiment: Experiment) -> Trainer:
    if experiment.engine == "numpy":
        return NumpyTrainer(experiment, problem(experiment))
    try:
        from core.torch_trainer import TorchTrainer  # here, so that NumPy runs need no torch
    except ModuleNotFoundError as missing:
        raise ModuleNotFoundError(TORCH_MISSING) from missing
    return TorchTrainer(experiment, problem(experiment))


TORCH_MISSING = "PyTorch is not installed. Install it with: pip install torch==2.13.0"


def torch_is_installed() -> bool:
    """Whether engine "torch" can be trained here; looks, but does not import."""
    return importlib.util.find_spec("torch") is not None


def _full_batch(trainer: Trainer, experiment: Experiment, record: _Record, progress: Progress | None) -> None:
    """One step an epoch: the loss after a step is the loss the next epoch begins with."""
    for epoch in range(experiment.epochs):
        loss, gradient = trainer.backward()
        record.begin(epoch, loss, gradient, trainer.parameters)
        trainer.step()
        if progress and epoch % record.report_every == 0:
            progress(epoch / experiment.epochs)
    record.end(trainer.loss(), trainer.parameters)


def _mini_batch(trainer: Trainer, experiment: Experiment, record: _Record, progress: Progress | None) -> None:
    """Many steps an epoch, each on its own rows; the whole training set is looked at between epochs."""
    batches = minibatches(experiment, len(problem(experiment).targets))
    for epoch, batches_of_epoch in enumerate(batches):
        record.begin(epoch, *trainer.backward(), trainer.parameters)
        for rows in batches_of_epoch:
            before, gradient = trainer.backward(rows)
            gradient, start = gradient.copy(), trainer.parameters.copy()
            trainer.step()
            actual = before - trainer.loss(rows)
            predicted = -np.einsum("rp,rp->r", gradient, trainer.parameters - start)
            record.measure_step(epoch, actual, predicted, before)
        if progress and epoch % record.report_every == 0:
            progress(epoch / experiment.epochs)
    record.end(trainer.loss(), trainer.parameters)


class _Record:
    """The arrays of a History while they fill, a block of epochs at a time.

    A block has the epoch first, so that an epoch is one row to write. It is small enough to stay in the
    processor's cache until it is full: then its norms and its meter are worked out, and all of it is laid
    down as a History has it, the learning rate first.
    """

    def __init__(self, experiment: Experiment, trainer: Trainer) -> None:
        epochs, (rates, width) = experiment.epochs, trainer.parameters.shape
        self.experiment = experiment
        self._y_squared = float(np.mean(problem(experiment).targets ** 2))
        self.report_every = max(1, int(_REPORT_SECONDS / experiment.seconds_per_epoch()))
        self.loss = np.empty((rates, epochs + 1))
        self.gradient_norm = np.empty((rates, epochs))
        self.meter = np.empty((rates, epochs))
        self.parameters = np.empty((rates, epochs + 1, width))
        # The block: its first epoch, and a row for each epoch; losses and parameters also where it ends.
        rows = min(epochs, max(16, _BLOCK // rates))
        self._first = 0
        self._losses = np.empty((rows + 1, rates))
        self._places = np.empty((rows + 1, rates, width))
        self._gradients = np.empty((rows, rates, width))
        # Of each epoch's steps: how much the loss fell, how much the gradient promised, and how large it was.
        self._actual, self._predicted, self._scale = (np.zeros((rows, rates)) for _ in range(3))

    def begin(self, epoch: int, loss: Array, gradient: Array, parameters: Array) -> None:
        """Write down where an epoch begins; the epochs must come in order."""
        row = epoch - self._first
        if row == len(self._gradients):
            self._lay_down(row, loss, parameters)
            row = 0
        self._losses[row] = loss
        self._places[row] = parameters
        self._gradients[row] = gradient

    def end(self, loss: Array, parameters: Array) -> None:
        """Write down where the last epoch ended."""
        self._lay_down(self.experiment.epochs - self._first, loss, parameters)
        self.loss[:, -1] = loss
        self.parameters[:, -1] = parameters

    def measure_step(self, epoch: int, actual: Array, predicted: Array, scale: Array) -> None:
        """Add one mini-batch step to its epoch, which has begun."""
        row = epoch - self._first
        self._actual[row] += actual
        self._predicted[row] += predicted
        self._scale[row] += scale

    def _lay_down(self, rows: int, loss: Array, parameters: Array) -> None:
        """Move the block's first `rows` epochs, which ended with this loss at these parameters, into place."""
        self._losses[rows] = loss
        self._places[rows] = parameters
        gradients, epochs = self._gradients[:rows], slice(self._first, self._first + rows)
        if self.experiment.steps_per_epoch == 1:
            before, after = self._losses[:rows], self._losses[1 : rows + 1]
            moved = np.diff(self._places[: rows + 1], axis=0)
            meter = self._meter(before - after, -_dot(gradients, moved), np.maximum(before, after))
        else:
            meter = self._meter(self._actual[:rows], self._predicted[:rows], self._scale[:rows])
        self.loss[:, epochs] = self._losses[:rows].T
        self.gradient_norm[:, epochs] = np.sqrt(_dot(gradients, gradients)).T
        self.meter[:, epochs] = meter.T
        self.parameters[:, epochs] = self._places[:rows].swapaxes(0, 1)
        for sums in (self._actual, self._predicted, self._scale):
            sums[:] = 0
        self._first += rows

    def _meter(self, actual: Array, predicted: Array, scale: Array) -> Array:
        """2 (1 - actual / predicted): on a quadratic, the learning rate times the curvature along the step."""
        meter = 2 * (1 - actual / predicted)
        # An error is rounded in proportion to y, so a loss L in proportion to sqrt(L) y: near a perfect fit
        # that hides the decrease long before L itself is small.
        rounding = 8 * np.finfo(self.experiment.precision).eps * np.sqrt(scale * (scale + self._y_squared))
        rounding /= np.abs(predicted)
        return np.where((rounding < _READABLE) & np.isfinite(meter), meter, np.nan)

    def history(self) -> History:
        """The finished History. Its arrays are read-only, because every session of a server shares them."""
        bad = ~np.isfinite(self.loss)
        arrays = {
            "loss": self.loss,
            "gradient_norm": self.gradient_norm,
            "meter": self.meter,
            "parameters": self.parameters,
            "diverged_at": np.where(bad.any(axis=1), bad.argmax(axis=1), -1),
        }
        for array in arrays.values():
            array.flags.writeable = False
        return History(experiment=self.experiment, **arrays)


def _dot(a: Array, b: Array) -> Array:
    """(epochs, R) inner products of the parameter vectors in two arrays (epochs, R, P)."""
    products: Array = np.einsum("erp,erp->er", a, b)
    return products
