"""The network lab: many rates of one network as one batch, against the loop one writes for one rate."""

import statistics
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import pairwise

import numpy as np
import torch
from torch import nn

from benchmarks.table import Row, at_least, at_most, information, median_seconds, seconds, times_faster
from core import Experiment, train
from core.methods.network import Network
from core.training.numpy_trainer import NumpyTrainer
from core.training.problems import Problem, problem
from core.training.sharpness import Sharpness

_HIDDEN = (16, 16)
_EPOCHS = 200
_REPEATS = 15
_SAMPLE = 16  # so many of 64 plain loops are run, in turns with ours; the others would take as long each
_GOALS = (
    ("numpy", "float64", 3, 5.0),
    ("numpy", "float64", 64, 7.0),
    ("numpy", "float32", 3, 7.0),
    ("numpy", "float32", 64, 9.0),
    ("torch", "float64", 3, 1.9),
    ("torch", "float64", 64, 2.1),
)


def rows() -> Iterator[Row]:
    """Network rows of the table."""
    torch.set_num_threads(1)
    for engine, precision, rates, goal in _GOALS:
        title = {"numpy": "NumPy", "torch": "PyTorch"}[engine]
        loops = "plain loops" if rates < _SAMPLE else f"{_SAMPLE} of 64 loops"
        name = f"{title} {precision}, 2-16-16-1, {rates} rates, to {loops}"
        yield at_least(name, goal, _times_faster(engine, precision, rates))
    for rates in (3, 64):
        yield at_most(f"NumPy step of {rates} rates, to its matrix products and tanh", 1.8, _to_the_floor(rates), "x")
    for precision, most in (("float64", 60), ("float32", 44)):
        name = f"64 rates of 2-4-2-1, batches of 10, {precision}, rate's epoch"
        yield at_most(name, most, _playground(precision), "us", f"fastest of {_REPEATS} runs")
    yield at_most("sharpness of a 2-32-32-1 network, a measurement", 6, _sharpness(), "ms")
    yield from _growth()


def _experiment(rates: int, **fields: object) -> Experiment:
    """The network above on 256 points, full batch, at rates that all train."""
    usual = {"data": "circles", "hidden": _HIDDEN, "epochs": _EPOCHS}
    return Experiment(learning_rates=_rates(rates), **(usual | fields))  # type: ignore[arg-type]


def _rates(count: int) -> tuple[float, ...]:
    return tuple(float(rate) for rate in np.geomspace(0.01, 1, count))


def _times_faster(engine: str, precision: str, count: int) -> float:
    """How often the whole of `train` fits into a plain loop a rate."""
    ours = _experiment(count, engine=engine, precision=precision)
    if count > _SAMPLE:
        sample = [partial(plain_loop, ours, rate) for rate in ours.learning_rates[:: count // _SAMPLE]]
        return count / _SAMPLE * times_faster(sample, partial(train, ours))
    plain = [partial(plain_loop, ours, rate) for rate in ours.learning_rates]
    return statistics.median(times_faster(plain, partial(train, ours)) for _ in range(_REPEATS // count))


def plain_loop(experiment: Experiment, rate: float) -> list[float]:
    """What a PyTorch user writes: the loss at each epoch, at one rate."""
    task, kind = problem(experiment), getattr(torch, experiment.precision)
    x, y = (torch.tensor(part, dtype=kind) for part in (task.inputs[:, :-1], task.targets))
    model = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 1)).to(kind)
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=rate)
    losses = []
    for _ in range(experiment.epochs):
        loss = criterion(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def _to_the_floor(rates: int) -> float:
    """The trainer's step (forward, backward, update) to its matrix products and activations; both take turns."""
    together = min(rates, 16)  # as many as stay in the cache
    task = problem(_experiment(rates))
    floor, trainer = _floor(task, together), NumpyTrainer(_experiment(rates), task)

    def products() -> None:
        for _ in range(rates // together):
            for work in floor:
                work()

    def step() -> None:
        trainer.backward()
        trainer.step()

    ratios = []
    for _ in range(_REPEATS):
        ours, least = ([seconds(work) for _ in range(2000 // rates)] for work in (step, products))
        ratios.append(statistics.median(ours) / statistics.median(least))
    return statistics.median(ratios)


def _floor(task: Problem, rates: int) -> list[Callable[[], object]]:
    """The matrix products and activations of one step, forward and backward, each into an array of its own."""
    draw = np.random.default_rng(0)
    widths, points = (2, *_HIDDEN, 1), len(task.inputs)
    weights = [draw.uniform(-0.3, 0.3, (rates, i + 1, o)) for i, o in pairwise(widths)]
    derivatives = [np.empty_like(matrix) for matrix in weights]
    inputs = [np.ascontiguousarray(task.inputs.T), *(np.ones((rates, width + 1, points)) for width in _HIDDEN)]
    sums = [np.empty((rates, width, points)) for width in widths[1:]]
    errors = [np.full((rates, width, points), 1e-3) for width in widths[1:]]
    work: list[Callable[[], object]] = []
    for k, matrix in enumerate(weights):
        work.append(partial(np.matmul, matrix.mT, inputs[k], out=sums[k]))
        if k < len(weights) - 1:
            work.append(partial(np.tanh, sums[k], out=inputs[k + 1][:, :-1]))
    for k in (2, 1, 0):
        work.append(partial(np.matmul, inputs[k], errors[k].mT, out=derivatives[k]))
        if k > 0:
            product = np.multiply if widths[k + 1] == 1 else np.matmul  # of one output: numbers, which is faster
            work.append(partial(product, weights[k][:, :-1], errors[k], out=errors[k - 1]))
    return work


def _playground(precision: str) -> float:
    """Microseconds for each rate and epoch of TensorFlow Playground's own default, all recorded.

    The fastest of some runs: this is a time and no ratio, so a busy machine would be measured too.
    """
    ours = _experiment(64, hidden=(4, 2), batch_size=10, test_share=6 / 256, epochs=50, precision=precision)
    return 1e6 * min(seconds(partial(train, ours)) for _ in range(_REPEATS)) / (64 * ours.epochs)


def _sharpness() -> float:
    """Milliseconds of a measurement, each 10 steps on from the last, as a run makes them."""
    experiment = _experiment(1, hidden=(32, 32))
    trainer = NumpyTrainer(experiment, problem(experiment))
    method = Sharpness(trainer.hessian, *trainer.parameters.shape)
    times = []
    for _ in range(60):
        for _ in range(10):
            trainer.backward()
            trainer.step()
        times.append(seconds(partial(method.measure, trainer.parameters)))
    return 1e3 * statistics.median(times)


def _growth() -> Iterator[Row]:
    """How long a step of 2-16-16-1 at 3 rates and 256 points takes as one of these grows."""
    rates, width, points = (1, 8, 64, 512), (4, 8, 16, 32, 64), (16, 64, 256, 1024, 4096)
    yield _grown("rates", rates, [_step(rates=size) for size in rates])
    yield _grown("units a layer", width, [_step(width=size) for size in width])
    yield _grown("points", points, [_step(points=size) for size in points])


def _grown(what: str, sizes: Sequence[int], milliseconds: Sequence[float]) -> Row:
    name = f"network step at {', '.join(map(str, sizes))} {what}"
    return information(name, ", ".join(f"{time:.2g}" for time in milliseconds) + " ms")


def _step(rates: int = 3, width: int = 16, points: int = 256) -> float:
    """Milliseconds of the NumPy trainer's step."""
    draw, network = np.random.default_rng(0), Network(widths=(2, width, width, 1), loss="cross-entropy")
    inputs = np.column_stack([draw.normal(size=(points, 2)), np.ones(points)])
    targets = draw.integers(2, size=(points, 1)).astype(float)
    task = Problem(inputs=inputs, targets=targets, start=network.start(0), network=network)
    trainer = NumpyTrainer(_experiment(rates), task)

    def step() -> None:
        trainer.backward()
        trainer.step()

    step()
    return 1e3 * median_seconds(step, repeats=max(9, 3000 // rates))
