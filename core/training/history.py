"""History: what a training run was, number by number. Everything on screen is derived from one."""

import json
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import pandas as pd
from numpy import ndarray as Array

from ..data.datasets import is_upload
from ..experiment.experiment import Experiment
from ..methods.schedules import SCHEDULES
from ..words import many

_WHOLE = 200_000  # epochs times rates that are always kept; a million numbers are 8 MB
_COLUMNS = 8_000  # about as many epochs are kept of a longer run


# What draws a run comes later in the flow: the package puts it here.
VIEWS: dict[str, Callable[["History"], Any]] = {}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class History:
    """A run of R learning rates; column k of an (R, epochs + 1) array is after k epochs.

    One that is still trained (Recorder.so_far) has the columns of the epochs that are done.

    loss (R, epochs + 1): mean loss over the training set, inf and nan as they came; where weights are penalised
        (l1, l2) the penalty is part of it, here and in test_loss.
    gradient_norm (R, epochs): length of that loss's gradient where the epoch begins.
    meter (R, epochs): learning rate x curvature along the step, 2 (1 - actual / predicted decrease);
        nan where rounding would decide it. With mini-batches both decreases are those of the batch
        losses, summed over the epoch.
    test_loss (R, epochs + 1): mean loss over the rows held out; None where there are none.
    parameters (R, epochs + 1, P) for P <= 4, else None.
    snapshots (R, K, P): the parameters of a network at snapshot_epochs (K,); None for a line.
        snapshot_gradients, snapshot_moves (R, K, P): of the first step after each of these epochs, the gradient it
        was made from and what the parameters moved by; nan after the last epoch, where no step follows.
    sharpness (R, M): largest eigenvalue of the Hessian of the training loss at sharpness_epochs (M,), or None;
        of an adaptive rule the preconditioned one (nan before its first step). nan where parameters are not finite.
    multipliers (R, epochs): of each epoch's first step, where the schedule goes by the loss (plateau); else None.
    diverged_at (R,): first epoch whose loss is not finite, -1 if none.
    epochs (E,): the epochs kept, of a run made `light`; column k is then after epochs[k] of them. None: all are kept.
    All float64, whatever precision the run had.
    """

    experiment: Experiment
    loss: Array
    gradient_norm: Array
    meter: Array
    diverged_at: Array
    test_loss: Array | None = None
    parameters: Array | None = None
    snapshots: Array | None = None
    snapshot_epochs: Array | None = None
    snapshot_gradients: Array | None = None
    snapshot_moves: Array | None = None
    sharpness: Array | None = None
    sharpness_epochs: Array | None = None
    multipliers: Array | None = None
    epochs: Array | None = None

    @property
    def done(self) -> int:
        """How many epochs have been trained: all of the experiment's, unless the run is still under way."""
        return int(self.epochs[-1]) if self.epochs is not None else self.loss.shape[1] - 1

    @property
    def finished(self) -> bool:
        """Whether all epochs have been trained."""
        return self.done == self.experiment.epochs

    def light(self, columns: int | None = None) -> "History":
        """This run; where it is very long with some thousands of its epochs only, peaks and ends among them.

        columns: about how many epochs are kept, of a run of any length that has more; None: the thousands.
        """
        most, columns = _WHOLE if columns is None else columns * len(self.loss), columns or _COLUMNS
        if self.epochs is not None or self.loss.size <= most:
            return self
        of_lanes = [thin(loss, columns // len(self.loss)) for loss in self.loss]
        looked_at = [at for at in (self.snapshot_epochs, self.sharpness_epochs) if at is not None]
        kept = np.unique(np.concatenate([*of_lanes, *looked_at, [0, self.done - 1]]))
        # What belongs to a step has none after the last epoch.
        fewer: dict[str, Any] = {
            name: whole[:, kept if whole.shape[1] > self.done else kept[:-1]]
            for name, whole in self._by_epoch().items()
        }
        for array in fewer.values():
            array.flags.writeable = False
        return replace(self, epochs=kept, **fewer)

    def _by_epoch(self) -> dict[str, Array]:
        """What has a column an epoch, by its name."""
        names = ("loss", "test_loss", "parameters", "gradient_norm", "meter", "multipliers")
        return {name: values for name in names if (values := getattr(self, name)) is not None}

    def columns(self, epochs: Array) -> Array:
        """(K,) where these epochs (K,) stand among the columns; the last one kept before each, of a light run."""
        return epochs if self.epochs is None else np.searchsorted(self.epochs, epochs, side="right") - 1

    def frame(self, points: int | None = 200) -> pd.DataFrame:
        """A tidy table: lane, learning_rate, epoch, loss, gradient_norm, meter; test_loss and w, b where known.

        points: about how many epochs of each lane to keep (None: all); peaks, dips and the last
        epoch always stay. gradient_norm and meter belong to the step that follows the epoch, so the
        last row of a lane has none (nan).
        Raises ValueError where all are asked for, of a light run.
        """
        if points is None and self.epochs is not None:
            raise ValueError("points must be a number for a light run, got None: most of its epochs are not kept")
        lanes = [self._lane_frame(lane, points) for lane in range(len(self.loss))]
        return pd.concat(lanes, ignore_index=True)

    def __repr__(self) -> str:
        """One line: how many rates and epochs, and each last loss."""
        rates, ends = len(self.loss), ", ".join(f"{loss:.4g}" for loss in self.loss[:, -1])
        rated = many(rates, "learning rate")
        return f"<History of {rated}, {many(self.done, 'epoch')}, last loss {ends}>"

    def _repr_html_(self) -> str | None:
        """For a notebook: a line's run as the stage, with sliders; None for a network's, of which it has none."""
        shown: str | None = VIEWS["html"](self)
        return shown

    def save(self, path: str | Path) -> None:
        """Write the run to a file, for `load`: every number as it is, in NumPy's .npz form.

        Raises ValueError for a run on an upload, whose data no file of the lab holds.
        """
        if is_upload(self.experiment.data):
            raise ValueError("data must not be an upload, which no file holds: keep frame() instead")
        arrays = {name: values for name in self._arrays() if (values := getattr(self, name)) is not None}
        with Path(path).open("wb") as file:  # the path as it is: np.savez adds an ending to one that has none
            np.savez_compressed(file, experiment=json.dumps(self.experiment.to_query()), **arrays)

    @classmethod
    def load(cls, path: str | Path) -> "History":
        """The run that `save` wrote. Raises ValueError where the file is none of these."""
        try:
            with np.load(path) as file:
                kept = dict(file)
            experiment, repairs = Experiment.from_query(json.loads(str(kept.pop("experiment"))))
        except (KeyError, TypeError, ValueError, EOFError, BadZipFile) as error:
            raise ValueError(f"{path} is no saved history: write one with history.save(path)") from error
        if repairs:
            raise ValueError(f"{path} is of another version of the lab: {repairs[0]}")
        for values in kept.values():
            values.flags.writeable = False
        return cls(experiment=experiment, **kept)

    @classmethod
    def _arrays(cls) -> list[str]:
        """The names of all fields but the experiment."""
        return [field.name for field in fields(cls) if field.name != "experiment"]

    def plot(self) -> Any:
        """The loss of every rate in one picture, cut and marked where a curve leaves it.

        Drawn by matplotlib, where it is installed: its Axes. Else an Altair chart.
        """
        return VIEWS["plot"](self)

    def rates(self, epochs: Array) -> Array:
        """(R, K) the learning rate of the first step after each of these epochs (K,); after the last, of the last step.

        By the schedule, or as it was recorded where the loss decided, and as it was changed by hand.
        """
        experiment = self.experiment
        at = np.minimum(epochs, self.done - 1)
        base = np.tile(np.array(experiment.learning_rates)[:, None], len(epochs))
        for change in experiment.by_hand():
            if change.parameter is None:
                base[change.lane, at >= change.epoch] = change.value
        if self.multipliers is not None:
            return np.asarray(base * self.multipliers[:, self.columns(at)])
        each, schedule = experiment.steps_per_epoch, SCHEDULES[experiment.schedule]
        steps = experiment.epochs * each
        return np.asarray(base * [schedule(min(int(epoch) * each, steps - 1), steps) for epoch in epochs])

    def lane_since(self, lane: int, epoch: int) -> "History":
        """One lane from this epoch on, as a run of its own at the rate it then had; its epochs are counted from there.

        The experiment of it does not say where it started. Raises ValueError of a light run.
        """
        if self.epochs is not None:
            raise ValueError("history must hold all its epochs, got a light run")
        rate, left = float(self.rates(np.array([epoch]))[lane, 0]), self.experiment.epochs - epoch
        some: dict[str, Any] = {name: values[[lane], epoch:] for name, values in self._by_epoch().items()}
        for name, at in (("snapshot", self.snapshot_epochs), ("sharpness", self.sharpness_epochs)):
            if at is not None:
                some[f"{name}_epochs"] = at[at >= epoch] - epoch
                names = ("snapshots", "snapshot_gradients", "snapshot_moves") if name == "snapshot" else (name,)
                some |= {each: getattr(self, each)[[lane]][:, at >= epoch] for each in names}
        some["diverged_at"] = np.array([int(np.argmin(np.isfinite(some["loss"][0])))])
        some["diverged_at"][np.isfinite(some["loss"]).all(axis=1)] = -1
        return replace(
            self, experiment=replace(self.experiment, learning_rates=(rate,), changes=(), epochs=left), **some
        )

    def rate_times_sharpness(self) -> Array:
        """(R, K) learning rate x sharpness at each of `sharpness_epochs`; what is unstable above theory.edge().

        Raises ValueError where the sharpness was not measured.
        """
        if self.sharpness is None or self.sharpness_epochs is None:
            raise ValueError("sharpness must be measured, got an experiment with sharpness=0")
        return np.asarray(self.rates(self.sharpness_epochs) * self.sharpness)

    def _lane_frame(self, lane: int, points: int | None) -> pd.DataFrame:
        columns = np.arange(self.loss.shape[1])
        if points is not None:
            columns = thin(self.loss[lane], points)
        table = {
            "lane": lane,
            "learning_rate": self.experiment.learning_rates[lane],
            "epoch": columns if self.epochs is None else self.epochs[columns],
            "loss": self.loss[lane, columns],
            "gradient_norm": np.append(self.gradient_norm[lane], np.nan)[columns],
            "meter": np.append(self.meter[lane], np.nan)[columns],
        }
        if self.test_loss is not None:
            table["test_loss"] = self.test_loss[lane, columns]
        if self.parameters is not None:
            names = ("w", "b") if self.parameters.shape[2] == 2 else tuple("wvub")[: self.parameters.shape[2]]
            table |= {name: self.parameters[lane, columns, i] for i, name in enumerate(names)}
        return pd.DataFrame(table)


def pairs_of_epochs(epochs: int, pairs: int) -> Array:
    """Epochs from 0 to `epochs`, about even on a log axis, each with the one after it, so that flips show."""
    edges = epoch_buckets(epochs, pairs)
    both = np.unique(np.concatenate([edges, edges + 1, [0, epochs - 1, epochs]]))
    return np.asarray(both[(both >= 0) & (both <= epochs)])


def spread_epochs(epochs: int, count: int) -> Array:
    """About `count` of the epochs from 0 to `epochs`, half of them even on a log axis, half on a straight one."""
    half = max(1, count // 2)
    straight = np.linspace(0, epochs, count - half + 1).round().astype(int) if count else np.empty(0, int)
    even = epoch_buckets(epochs, half)
    return np.asarray(np.unique(np.concatenate([straight, even[even <= epochs]]))[: count + 1])


def epoch_buckets(epochs: int, count: int) -> Array:
    """Edges of at most `count` runs of epochs 0..epochs: singles at first, then ever longer (even on a log axis)."""
    return np.asarray(np.unique(np.round(np.geomspace(1, epochs + 2, count + 1)).astype(int)) - 1)


def thin(values: Array, points: int) -> Array:
    """Which columns of a curve (epochs + 1,) to draw: about `points`, for a log axis and for a straight one.

    Of each run of epochs the first, the lowest and the highest stay, so no peak is lost and a
    period of two still shows as one; the last epoch and the first value that is not finite stay too.
    """
    if len(values) <= points:
        return np.arange(len(values))
    runs = max(1, points // 3)
    even = epoch_buckets(len(values) - 1, max(1, 2 * runs // 3))
    edges = np.union1d(even, np.linspace(0, len(values), runs // 3 + 1).astype(int)[1:])
    keep = {0, len(values) - 1}
    finite = np.isfinite(values)
    if not finite.all():
        keep.add(int(finite.argmin()))
    safe = np.where(finite, values, np.inf)
    highest = _lowest(np.where(finite, -values, np.inf), edges)
    return np.unique(np.concatenate([edges[:-1], _lowest(safe, edges), highest, sorted(keep)]))


def _lowest(values: Array, edges: Array) -> Array:
    """Where the lowest value of each run between two edges stands, the first where there are several."""
    lengths = np.diff(edges)
    lowest = values[: edges[-1]] == np.repeat(np.minimum.reduceat(values, edges[:-1]), lengths)
    run = np.repeat(np.arange(len(lengths)), lengths)
    _, first = np.unique(run[lowest], return_index=True)
    return np.flatnonzero(lowest)[first]
