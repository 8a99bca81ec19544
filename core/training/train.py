"""train(experiment) -> History: picks the trainer, runs it, has it recorded. A Training can stop and go on."""

import importlib.util
import pickle
import sys
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy import ndarray as Array

from ..experiment.experiment import Experiment
from ..methods.schedules import PLATEAU, StatefulSchedule
from .history import History
from .numpy_trainer import NumpyTrainer
from .problems import Problem, order_of_rows, problem, rows_of_steps
from .recorder import Recorder, Trainer

Progress = Callable[[float], object]
SoFar = Callable[[], History]


def train(
    experiment: Experiment, progress: Progress | bool | None = None, show: Callable[[SoFar], object] | None = None
) -> History:
    """Train every learning rate of the experiment for all its epochs and return what happened.

    progress: called now and then with the fraction done, from 0 to 1; what it raises stops the run. True tells it on
        stderr.
    show: called as often, and at epochs 1, 2, 4 ... before that, with what gives the run so far; to ask it changes no
        number.
    Nothing is clipped and nothing stops early: inf and nan are recorded as they come.
    Raises ModuleNotFoundError, saying how to install it, where engine is "torch" and torch is missing.
    """
    training, tell = Training(experiment), teller(progress)
    training.go_on(progress=tell and (lambda done: tell(done) and None), show=show)
    if progress is True:
        say(1.0)
    return training.history()


def teller(progress: Progress | bool | None) -> Progress | None:
    """What is called with the fraction done: `say` for True."""
    return say if progress is True else progress or None


def say(fraction: float) -> None:
    """Tell the fraction done on stderr, always in one line, which ends once all is done."""
    end = "\n" if fraction >= 1 else ""
    sys.stderr.write(f"\rTraining: {fraction:.0%}{end}")
    sys.stderr.flush()


class Training:
    """A run that stands where an epoch begins. It can go on from there, be kept as bytes, and be changed by hand.

    experiment: what is trained.  epoch: how many epochs are done.
    Raises ModuleNotFoundError as `train` does.
    """

    def __init__(self, experiment: Experiment) -> None:
        self.experiment, self.epoch = experiment, 0
        task = problem(experiment)
        self._trainer = new_trainer(experiment, task)
        self._record = Recorder(experiment, task, self._trainer)
        steps = experiment.epochs * experiment.steps_per_epoch
        self._schedule = StatefulSchedule(experiment.schedule, steps, len(experiment.learning_rates))
        self._order = order_of_rows(experiment)

    def go_on(
        self,
        until: int | None = None,
        progress: Progress | None = None,
        show: Callable[[SoFar], object] | None = None,
    ) -> None:
        """Train until so many epochs are done; None: all of them.

        progress, show: as of `train`; where progress says True, it stops there.
        """
        epochs, by_batch = self.experiment.epochs, self.experiment.steps_per_epoch > 1
        until = epochs if until is None else min(until, epochs)
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            while self.epoch < until:
                told = self.epoch % self._record.report_every == 0 or self._is_early()
                if told and progress and progress(self.epoch / epochs):
                    return
                gradient = self._begin_epoch()
                if told and show and self.epoch:
                    show(self._record.so_far)
                if by_batch:
                    self._steps()
                else:
                    self._step(gradient)
                self.epoch += 1

    def _is_early(self) -> bool:
        """Whether this is epoch 1, 2, 4, 8 ... before the first report: who waits sees something at once."""
        return 0 < self.epoch < self._record.report_every and self.epoch.bit_count() == 1

    def history(self) -> History:
        """The finished run."""
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            self._record.end(self._trainer.loss())
        return self._record.history()

    def so_far(self) -> History:
        """The run up to here, its last step with it; of one that has begun and not ended."""
        copy = Training.of(self.to_bytes())
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            copy._begin_epoch()
            return copy._record.so_far(last_step=True)

    def to_bytes(self) -> bytes:
        """All that decides how it goes on."""
        return pickle.dumps(self)

    @staticmethod
    def of(kept: bytes, experiment: Experiment | None = None) -> "Training":
        """The run that was kept; to go on as this experiment, the same up to there.

        It may differ in what is changed by hand from there on, and where no schedule goes by it in how many epochs it
        has: its snapshots and its sharpness up to there are then at the epochs of the run that was kept.
        Raises ValueError where it differs in more. The bytes are Python's pickles: from this program, never from
        somebody else.
        """
        training: Training = pickle.loads(kept)
        if experiment is not None:
            epoch, before = training.epoch, training.experiment
            if _until(experiment, epoch) != _until(before, epoch):
                raise ValueError(f"experiment must be the one kept up to epoch {epoch:,}, got another")
            training.experiment = experiment
            training._record.follow(experiment)
            if experiment.epochs != before.epochs:
                training._resize()
        return training

    def _resize(self) -> None:
        """Make room for another number of epochs."""
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            whole = Recorder(self.experiment, problem(self.experiment), self._trainer)
            whole.take_over(self._record, self.epoch, self._trainer.loss())
            self._record = whole

    def _begin_epoch(self) -> Array:
        """Change what is changed by hand, and write down where the epoch begins; (R, P) the gradient there."""
        trainer = self._trainer
        for change in self.experiment.by_hand() if self.experiment.changes else ():
            if change.epoch == self.epoch and change.parameter is None:
                trainer.set_rate(change.lane, change.value)
            elif change.epoch == self.epoch:
                trainer.parameters[change.lane, change.parameter] = change.value
        loss, gradient = trainer.backward()
        self._schedule.observe(loss)
        self._record.begin(self.epoch, loss, gradient)
        return gradient

    def _step(self, gradient: Array) -> None:
        """One step an epoch: the loss after a step is the loss the next epoch begins with."""
        multiplier = self._schedule.multiplier(self.epoch)
        self._trainer.step(multiplier)
        self._record.first_step(self.epoch, gradient, multiplier)

    def _steps(self) -> None:
        """Many steps an epoch, each on its own rows; the whole training set is looked at between epochs."""
        trainer, each = self._trainer, self.experiment.steps_per_epoch
        # Of the epoch's steps: how much the loss fell, how much the gradient promised, and how large it was.
        actual, predicted, scale = np.zeros((3, len(self.experiment.learning_rates)))
        for k, rows in enumerate(rows_of_steps(self.experiment, self.experiment.points, self._order)):
            before, gradient = trainer.backward(rows)
            start = trainer.parameters.copy()
            multiplier = self._schedule.multiplier(self.epoch * each + k)
            trainer.step(multiplier)
            if k == 0:
                self._record.first_step(self.epoch, gradient, multiplier)
            actual += before - trainer.loss(rows)
            predicted += np.vecdot(gradient, start - trainer.parameters)
            scale += before
        self._record.measure_steps(self.epoch, actual, predicted, scale)


def _until(experiment: Experiment, epoch: int) -> Experiment:
    """The experiment with what is changed by hand before an epoch, and nothing after it; it ends there, if it may."""
    before = tuple(str(change) for change in experiment.by_hand() if change.epoch < epoch)
    by_length = experiment.schedule not in ("constant", PLATEAU) or experiment.epochs < epoch
    return replace(experiment, changes=before, epochs=experiment.epochs if by_length else max(epoch, 1))


def part_of(progress: Progress | None, done: int, of: int) -> Progress | None:
    """What to give the run after `done` of `of` equal ones, so that `progress` is told the fraction of them all."""
    return None if progress is None else lambda fraction: progress((done + fraction) / of)


def new_trainer(experiment: Experiment, task: Problem) -> Trainer:
    """The trainer the experiment asks for, at the start of the problem. Raises ModuleNotFoundError as `train` does."""
    if experiment.engine == "numpy":
        return NumpyTrainer(experiment, task)
    if not torch_is_installed():
        raise ModuleNotFoundError(TORCH_MISSING)
    from .torch_trainer import TorchTrainer  # here, so that NumPy runs need no torch

    return TorchTrainer(experiment, task)


TORCH_MISSING = "PyTorch is not installed. Install it with: pip install torch==2.13.0"


def torch_is_installed() -> bool:
    """Whether engine "torch" can be trained here; looks, but does not import."""
    return importlib.util.find_spec("torch") is not None
