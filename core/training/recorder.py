"""The recorder: the arrays of a History while they fill."""

from typing import Any, Protocol

import numpy as np
from numpy import ndarray as Array

from ..experiment.experiment import Experiment
from ..methods.network_hessian import Product
from ..methods.schedules import PLATEAU
from .history import History, pairs_of_epochs, spread_epochs
from .problems import Problem
from .sharpness import Sharpness

REPORT_SECONDS = 0.03  # how often progress is told: often enough that a stop is felt at once
_BLOCK = 16_384  # parameters recorded before they are moved into place; small enough for the processor's cache
_KEPT = 4  # parameters at most of what is kept whole, epoch by epoch
_PAIRS = 48  # of epochs with snapshots: with the ends, at most 100 of them
_SNAPSHOTS = 500_000  # parameters in all snapshots of a run: 12 MB with their gradients and moves
_READABLE = 0.05  # the meter is nan where rounding could move it by more than this


def meter(actual: Array, predicted: Array, scale: Array, y_squared: float, eps: float) -> Array:
    """2 (1 - rho), rho = actual / predicted: on a quadratic, the learning rate times the curvature along the step.

    rho, actual over predicted decrease, is the ratio by which a trust-region method judges a step of its linear model
    (Conn, Gould and Toint 2000, Trust Region Methods, 6.1); 2 (1 - rho) is 2, the limit of stable steps, at rho = 0.
    nan where rounding could decide it.  actual, predicted: how much the loss fell, and how much the gradient promised.
    scale: the loss.  y_squared: the mean square of the targets.  eps: of the numbers' precision.
    """
    found = 2 * (1 - actual / predicted)
    # An error is rounded in proportion to y, so a loss L in proportion to sqrt(L) y: near a perfect fit
    # that hides the decrease long before L itself is small.
    rounding = 8 * eps * np.sqrt(scale * (scale + y_squared)) / np.abs(predicted)
    return np.where((rounding < _READABLE) & np.isfinite(found), found, np.nan)


class Trainer(Protocol):
    """What both engines offer; see NumpyTrainer."""

    parameters: Array

    def loss(self, rows: Array | None = None) -> Array:
        """(R,) what is minimised, over `rows` of the data (None: all)."""

    def test_loss(self) -> Array:
        """(R,) the same over the rows held out; to be asked only where the problem has some."""

    def backward(self, rows: Array | None = None) -> tuple[Array, Array]:
        """(loss (R,), gradient (R, P)) over `rows` of the data; remembers the gradient for `step`."""

    def step(self, multiplier: float | Array = 1.0) -> None:
        """One update from the last gradient, at multiplier (one, or (R,)) x the learning rate."""

    def set_rate(self, lane: int, learning_rate: float) -> None:
        """Give one of the rates another value from the next step on."""

    def preconditioner(self) -> Array | None:
        """(R, P) what an adaptive rule's last step divided each gradient by; None before it, and for other rules."""

    def hessian(self, parameters: Array) -> Product:
        """What multiplies vectors (R, P) with the Hessian at parameters (R, P), in float64; of a network only."""


class Recorder:
    """Watches a trainer and writes down each epoch, a block of epochs at a time.

    A block has the epoch first, so that an epoch is one row to write. It is small enough to stay in the
    processor's cache until it is full: then its norms and its meter are worked out, and all of it is laid
    down as a History has it, the learning rate first.
    """

    def __init__(self, experiment: Experiment, task: Problem, trainer: Trainer) -> None:
        epochs, (rates, width) = experiment.epochs, trainer.parameters.shape
        self.trainer = trainer
        self._y_squared = float(np.mean(task.targets**2))
        self.report_every = max(1, int(REPORT_SECONDS / experiment.seconds_per_epoch()))
        self.loss = np.empty((rates, epochs + 1))
        self.gradient_norm = np.empty((rates, epochs))
        self.meter = np.empty((rates, epochs))
        self.test_loss = np.empty((rates, epochs + 1)) if task.test_inputs is not None else None
        self.parameters = np.empty((rates, epochs + 1, width)) if width <= _KEPT else None
        self.multipliers = np.empty((rates, epochs)) if experiment.schedule == PLATEAU else None
        self._snapshots = _Snapshots(epochs, rates, width) if task.network else None
        self._sharpness = _Sharpness(experiment, trainer) if experiment.sharpness else None
        self.follow(experiment)
        self._watches = any((self.test_loss is not None, self._snapshots, self._sharpness))
        # The block: its first epoch, and a row for each epoch; losses and parameters also where it ends.
        rows = min(epochs, max(8, _BLOCK // (rates * width)))
        self._first = self._epoch = 0
        self._losses = np.empty((rows + 1, rates))
        self._block_parameters = np.empty((rows + 1, rates, width))
        self._gradients = np.empty((rows, rates, width))
        # Of each epoch's mini-batch steps: how much the loss fell, how much the gradient promised, how large it was.
        self._actual, self._predicted, self._scale = np.empty((3, rows, rates))

    def follow(self, experiment: Experiment) -> None:
        """Go on as this one, which differs in what is changed by hand."""
        self.experiment = experiment
        # Where a parameter is set by hand the loss falls or rises by more than the step before: it can't be measured.
        set_by_hand = [each for each in experiment.by_hand() if each.parameter is not None and each.epoch]
        whole = set_by_hand if experiment.steps_per_epoch == 1 else []
        self._unmeasured = ([each.lane for each in whole], [each.epoch - 1 for each in whole])

    def take_over(self, other: "Recorder", epoch: int, loss: Array) -> None:
        """Have what the other, of another number of epochs, has written down before this epoch, which begins so."""
        other._flush(epoch - other._first, loss)
        for name in ("loss", "gradient_norm", "meter", "test_loss", "parameters", "multipliers"):
            if (whole := getattr(self, name)) is not None:
                whole[:, :epoch] = getattr(other, name)[:, :epoch]
        if self._snapshots and other._snapshots:
            self._snapshots.take_over(other._snapshots, epoch)
        if self._sharpness and other._sharpness:
            self._sharpness.take_over(other._sharpness, epoch)
        self._first = self._epoch = epoch

    def begin(self, epoch: int, loss: Array, gradient: Array) -> None:
        """Write down where an epoch begins; the epochs must come in order."""
        row = epoch - self._first
        if row == len(self._gradients):
            self._flush(row, loss)
            row = 0
        self._epoch = epoch
        self._losses[row] = loss
        self._block_parameters[row] = self.trainer.parameters
        self._gradients[row] = gradient
        if self._watches:
            self._evaluate(epoch)

    def first_step(self, epoch: int, gradient: Array, multiplier: float | Array) -> None:
        """Write down the first step of an epoch, which has just been made from this gradient (R, P) at this rate."""
        if self.multipliers is not None:
            self.multipliers[:, epoch] = multiplier
        if self._snapshots:
            self._snapshots.add_step(epoch, gradient, self.trainer.parameters)

    def measure_steps(self, epoch: int, actual: Array, predicted: Array, scale: Array) -> None:
        """Write down what all mini-batch steps of an epoch, which has begun, did together (R,)."""
        row = epoch - self._first
        self._actual[row], self._predicted[row], self._scale[row] = actual, predicted, scale

    def end(self, loss: Array) -> None:
        """Write down where the last epoch ended."""
        self._flush(self.experiment.epochs - self._first, loss)
        self.loss[:, -1] = loss
        if self.parameters is not None:
            self.parameters[:, -1] = self.trainer.parameters
        self._evaluate(self.experiment.epochs)

    def so_far(self, last_step: bool = False) -> History:
        """The run up to the epoch that has just begun, before its first step; of an epoch after 0.

        Of a network its one snapshot is what it is like now. The arrays are copies: training goes on.
        last_step: the step that led here is a snapshot too, where the full batch made it.
        """
        row, done = self._epoch - self._first, self._epoch
        block = (self._losses, self._block_parameters, self._gradients)
        loss, parameters, _ = begun = tuple(part[row].copy() for part in block)
        snapshots = self._step_before(row) if last_step else _snapshots((done, parameters))
        if row:  # lay down what is complete, and let the block begin with the epoch that is not
            self._flush(row, loss)
            for part, values in zip(block, begun, strict=True):
                part[0] = values
        self.loss[:, done] = loss
        columns = {"loss": self.loss[:, : done + 1], "gradient_norm": self.gradient_norm[:, :done]}
        columns["meter"] = self.meter[:, :done]
        if self.test_loss is not None:
            columns["test_loss"] = self.test_loss[:, : done + 1]
        if self.multipliers is not None:
            columns["multipliers"] = self.multipliers[:, :done]
        if self.parameters is not None:
            self.parameters[:, done] = parameters
            columns["parameters"] = self.parameters[:, : done + 1]
        if self._snapshots:
            columns |= snapshots
        if self._sharpness:
            measured = self._sharpness.epochs <= done
            columns |= {"sharpness": self._sharpness.found[:, measured]}
            columns |= {"sharpness_epochs": self._sharpness.epochs[measured]}
        return self._frozen({name: values.copy() for name, values in columns.items()})

    def _step_before(self, row: int) -> dict[str, Array]:
        """The snapshots of the epoch that has just begun, in this row, and of the one before; of one step between them.

        The latter is left out where mini-batches made many steps, or a parameter was set by hand in between.
        """
        now = (self._epoch, self._block_parameters[row])
        by_hand = any(each.epoch == self._epoch and each.parameter is not None for each in self.experiment.by_hand())
        if row == 0 or by_hand or self.experiment.steps_per_epoch > 1:
            return _snapshots(now)
        before = (self._epoch - 1, self._block_parameters[row - 1])
        return _snapshots(before, now, gradient=self._gradients[row - 1])

    def history(self) -> History:
        """The finished History."""
        arrays: dict[str, Any] = {
            "loss": self.loss,
            "gradient_norm": self.gradient_norm,
            "meter": self.meter,
            "test_loss": self.test_loss,
            "parameters": self.parameters,
            "multipliers": self.multipliers,
        }
        if self._snapshots:
            arrays |= self._snapshots.arrays()
        if self._sharpness:
            arrays |= {"sharpness": self._sharpness.found, "sharpness_epochs": self._sharpness.epochs}
        return self._frozen(arrays)

    def _frozen(self, arrays: dict[str, Any]) -> History:
        """A History of these. They are read-only, because every session of a server shares them."""
        bad = ~np.isfinite(arrays["loss"])
        arrays["diverged_at"] = np.where(bad.any(axis=1), bad.argmax(axis=1), -1)
        for array in arrays.values():
            if array is not None:
                array.flags.writeable = False
        return History(experiment=self.experiment, **arrays)

    def _evaluate(self, epoch: int) -> None:
        """What is looked at between epochs: the rows held out, and now and then all parameters and the sharpness."""
        if self.test_loss is not None:
            self.test_loss[:, epoch] = self.trainer.test_loss()
        if self._snapshots:
            self._snapshots.add(epoch, self.trainer.parameters)
        if self._sharpness:
            self._sharpness.add(epoch, self.trainer)

    def _flush(self, rows: int, loss: Array) -> None:
        """Move the block's first `rows` epochs, which ended with this loss, into place."""
        self._losses[rows] = loss
        self._block_parameters[rows] = self.trainer.parameters
        gradients, epochs = self._gradients[:rows], slice(self._first, self._first + rows)
        if self.experiment.steps_per_epoch == 1:
            before, after = self._losses[:rows], self._losses[1 : rows + 1]
            moved = np.diff(self._block_parameters[: rows + 1], axis=0)
            found = self._meter(before - after, -_dot(gradients, moved), np.maximum(before, after))
        else:
            found = self._meter(self._actual[:rows], self._predicted[:rows], self._scale[:rows])
        self.loss[:, epochs] = self._losses[:rows].T
        self.gradient_norm[:, epochs] = np.sqrt(_dot(gradients, gradients)).T
        self.meter[:, epochs] = found.T
        self.meter[self._unmeasured] = np.nan
        if self.parameters is not None:
            self.parameters[:, epochs] = self._block_parameters[:rows].swapaxes(0, 1)
        self._first += rows

    def _meter(self, actual: Array, predicted: Array, scale: Array) -> Array:
        eps = float(np.finfo(self.experiment.precision).eps)
        return meter(actual, predicted, scale, self._y_squared, eps)


class _Snapshots:
    """All parameters of a network at some epochs, and the first step from each."""

    def __init__(self, epochs: int, rates: int, width: int) -> None:
        pairs = min(_PAIRS, max(1, _SNAPSHOTS // (2 * rates * width)))
        self.epochs = pairs_of_epochs(epochs, pairs)
        self._at = {int(epoch): k for k, epoch in enumerate(self.epochs)}
        self._parameters, self._gradients, self._moves = (
            np.full((rates, len(self.epochs), width), np.nan) for _ in range(3)
        )

    def take_over(self, other: "_Snapshots", epoch: int) -> None:
        """Have the other's up to this epoch, and only the epochs after it of our own."""
        ours, theirs = self.epochs >= epoch, other.epochs < epoch
        self.epochs = np.concatenate([other.epochs[theirs], self.epochs[ours]])
        self._at = {int(at): k for k, at in enumerate(self.epochs)}
        for name in ("_parameters", "_gradients", "_moves"):
            parts = [getattr(other, name)[:, theirs], getattr(self, name)[:, ours]]
            setattr(self, name, np.concatenate(parts, axis=1))

    def add(self, epoch: int, parameters: Array) -> None:
        """Keep the parameters (R, P), where this epoch is one of those kept."""
        k = self._at.get(epoch)
        if k is not None:
            self._parameters[:, k] = parameters

    def add_step(self, epoch: int, gradient: Array, parameters: Array) -> None:
        """Keep the gradient (R, P) of a kept epoch's first step, and how far it moved: `parameters` after it."""
        k = self._at.get(epoch)
        if k is not None:
            self._gradients[:, k] = gradient
            self._moves[:, k] = parameters - self._parameters[:, k]

    def arrays(self) -> dict[str, Array]:
        """The fields of a History, by name: epochs (K,), and (R, K, P) each of the rest."""
        return {
            "snapshot_epochs": self.epochs,
            "snapshots": self._parameters,
            "snapshot_gradients": self._gradients,
            "snapshot_moves": self._moves,
        }


class _Sharpness:
    """The sharpness of every rate at some epochs: half of them even on a log axis, half on a straight one."""

    def __init__(self, experiment: Experiment, trainer: Trainer) -> None:
        self.epochs = spread_epochs(experiment.epochs, experiment.sharpness)
        self._at = {int(epoch): k for k, epoch in enumerate(self.epochs)}
        self._method = Sharpness(trainer.hessian, *trainer.parameters.shape)
        self.found = np.full((len(trainer.parameters), len(self.epochs)), np.nan)
        self._adaptive = experiment.adaptive

    def take_over(self, other: "_Sharpness", epoch: int) -> None:
        """Have the other's up to this epoch, and only the epochs after it of our own."""
        ours, theirs = self.epochs >= epoch, other.epochs < epoch
        self.epochs = np.concatenate([other.epochs[theirs], self.epochs[ours]])
        self._at = {int(at): k for k, at in enumerate(self.epochs)}
        self.found = np.concatenate([other.found[:, theirs], self.found[:, ours]], axis=1)
        self._method = other._method  # it goes on from the direction that it has found

    def add(self, epoch: int, trainer: Trainer) -> None:
        """Measure the sharpness (R,), where this epoch is one of those measured."""
        k = self._at.get(epoch)
        if k is None:
            return
        preconditioner = trainer.preconditioner()
        if self._adaptive and preconditioner is None:
            return  # an adaptive rule has none before its first step
        self.found[:, k] = self._method.measure(trainer.parameters, preconditioner)


def _snapshots(*at: tuple[int, Array], gradient: Array | None = None) -> dict[str, Array]:
    """The fields of a History: each an epoch and its parameters (R, P); of two the gradient between them."""
    parameters = np.stack([values for _, values in at], axis=1).astype(float)
    gradients, moves = np.full_like(parameters, np.nan), np.full_like(parameters, np.nan)
    if gradient is not None:
        gradients[:, 0], moves[:, 0] = gradient, parameters[:, 1] - parameters[:, 0]
    epochs = np.array([epoch for epoch, _ in at])
    return {
        "snapshot_epochs": epochs,
        "snapshots": parameters,
        "snapshot_gradients": gradients,
        "snapshot_moves": moves,
    }


def _dot(a: Array, b: Array) -> Array:
    """(epochs, R) inner products of the parameter vectors in two arrays (epochs, R, P)."""
    products: Array = np.einsum("erp,erp->er", a, b)
    return products
