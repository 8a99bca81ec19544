"""train(experiment) -> History: picks the trainer, runs it, has it recorded."""

import importlib.util
from collections.abc import Callable
from functools import partial

import numpy as np

from ..experiment.experiment import Experiment
from ..methods.schedules import StatefulSchedule
from .history import History
from .numpy_trainer import NumpyTrainer
from .problems import Problem, minibatches, problem
from .recorder import Recorder, Trainer

Progress = Callable[[float], object]
SoFar = Callable[[], History]


def train(
    experiment: Experiment, progress: Progress | None = None, show: Callable[[SoFar], object] | None = None
) -> History:
    """Train every learning rate of the experiment for all its epochs and return what happened.

    progress: called now and then with the fraction done, from 0 to 1; what it raises stops the run.
    show: called as often, from the second epoch on, with what gives the run so far; to ask it changes no number.
    Nothing is clipped and nothing stops early: inf and nan are recorded as they come.
    Raises ModuleNotFoundError, saying how to install it, where engine is "torch" and torch is missing.
    """
    task = problem(experiment)
    trainer = new_trainer(experiment, task)
    record = Recorder(experiment, task, trainer)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        tell = partial(_tell, experiment, record, progress, show)
        if experiment.steps_per_epoch == 1:
            _full_batch(trainer, experiment, record, tell)
        else:
            _mini_batch(trainer, experiment, record, tell)
        return record.history()


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


def _tell(
    experiment: Experiment,
    record: Recorder,
    progress: Progress | None,
    show: Callable[[SoFar], object] | None,
    epoch: int,
) -> None:
    """Now and then, when an epoch has begun: how far the run is, and what it is like so far."""
    if epoch % record.report_every:
        return
    if progress:
        progress(epoch / experiment.epochs)
    if show and epoch:
        show(record.so_far)


def _full_batch(trainer: Trainer, experiment: Experiment, record: Recorder, tell: Callable[[int], None]) -> None:
    """One step an epoch: the loss after a step is the loss the next epoch begins with."""
    schedule = StatefulSchedule(experiment.schedule, experiment.epochs, len(experiment.learning_rates))
    for epoch in range(experiment.epochs):
        loss, gradient = trainer.backward()
        schedule.observe(loss)
        record.begin(epoch, loss, gradient)
        tell(epoch)
        multiplier = schedule.multiplier(epoch)
        trainer.step(multiplier)
        record.first_step(epoch, gradient, multiplier)
    record.end(trainer.loss())


def _mini_batch(trainer: Trainer, experiment: Experiment, record: Recorder, tell: Callable[[int], None]) -> None:
    """Many steps an epoch, each on its own rows; the whole training set is looked at between epochs."""
    steps = experiment.epochs * experiment.steps_per_epoch
    schedule = StatefulSchedule(experiment.schedule, steps, len(experiment.learning_rates))
    for epoch, batches in enumerate(minibatches(experiment, experiment.points)):
        loss, gradient = trainer.backward()
        schedule.observe(loss)
        record.begin(epoch, loss, gradient)
        tell(epoch)
        # Of the epoch's steps: how much the loss fell, how much the gradient promised, and how large it was.
        actual, predicted, scale = np.zeros((3, len(experiment.learning_rates)))
        for k, rows in enumerate(batches):
            before, gradient = trainer.backward(rows)
            start = trainer.parameters.copy()
            multiplier = schedule.multiplier(epoch * experiment.steps_per_epoch + k)
            trainer.step(multiplier)
            if k == 0:
                record.first_step(epoch, gradient, multiplier)
            actual += before - trainer.loss(rows)
            predicted += np.vecdot(gradient, start - trainer.parameters)
            scale += before
        record.measure_steps(epoch, actual, predicted, scale)
    record.end(trainer.loss())
