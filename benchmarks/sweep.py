"""Sweeps of many rates and seeds, against the plain loop over each rate and each seed."""

from collections.abc import Iterator
from functools import partial

import numpy as np
import torch
from numpy import ndarray as Array

from benchmarks.article import numpy_loop
from benchmarks.network import plain_loop
from benchmarks.table import Row, at_least, times_faster
from core import Experiment, sweep
from core.instruments.trainability.trainability import SIDE, STEPS, Window, trainability
from core.instruments.trainability.trainability import problem as trained_on
from core.training.problems import problem

_SLICES = 8  # parts of the plain work, or a sample of its equal ones, that take turns with the whole of ours


def rows() -> Iterator[Row]:
    """Sweep rows of the table."""
    torch.set_num_threads(1)
    line = Experiment(data="noisy-line", epochs=500)
    yield at_least("sweep of 200 rates x 5 seeds, noisy line, to plain loops", 100, _line(line))
    network = Experiment(data="circles", hidden=(16, 16), epochs=200)
    yield at_least("sweep of 64 rates x 3 seeds, 2-16-16-1, to plain loops", 8, _network(network))
    name = f"map of {SIDE} x {SIDE} x {STEPS} steps, to {_SLICES} of its cells by PyTorch"
    yield at_least(name, 200, _map())


def _line(experiment: Experiment) -> float:
    rates, seeds = np.geomspace(1e-5, 0.05, 200), range(5)
    task = problem(experiment)
    x, y = task.inputs[:, 0], task.targets
    plain = [partial(numpy_loop, x, y, float(rate), experiment.epochs) for rate in rates[:: len(rates) // _SLICES]]
    ours = partial(sweep, experiment, rates, seeds)
    return len(rates) * len(seeds) / len(plain) * times_faster(plain, ours)


def _network(experiment: Experiment) -> float:
    """All of the plain loops, in slices that take about as long as the whole sweep they take turns with.

    Shorter slices would slip through the noise of a busy machine that every sweep meets.
    """
    rates, seeds = np.geomspace(0.01, 1, 64), range(3)

    def loops(some: Array) -> None:
        for rate in some:
            plain_loop(experiment, float(rate))

    plain = [partial(loops, np.tile(rates[k::_SLICES], len(seeds))) for k in range(_SLICES)]
    return times_faster(plain, partial(sweep, experiment, rates, seeds))


def _map() -> float:
    """The whole map against a loop over its cells, measured on a sample that takes turns with it."""
    first, second = Window().rates()
    sample = [partial(_cell, float(first[k]), float(second[k])) for k in range(0, SIDE, SIDE // _SLICES)]
    return SIDE * SIDE / len(sample) * times_faster(sample, partial(trainability, Window()))


def _cell(rate_w: float, rate_v: float) -> list[float]:
    """One network of the map, as a PyTorch user trains it."""
    x, y, w, v = (torch.tensor(array, dtype=torch.float32) for array in trained_on())
    optimizer = torch.optim.SGD(
        [{"params": [w.requires_grad_()], "lr": rate_w}, {"params": [v.requires_grad_()], "lr": rate_v}]
    )
    losses = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(torch.tanh(x @ w) @ v, y)
        losses.append(loss.item())
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    return losses
