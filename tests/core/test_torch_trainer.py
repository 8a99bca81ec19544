"""The PyTorch trainer against the loop everybody writes: torch.nn.Linear and torch.optim.SGD."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.experiment import Experiment
from core.problems import problem
from core.torch_trainer import TorchTrainer
from core.training import train


def article_loop(experiment, rate):
    """(epochs + 1,) loss on all data and (epochs + 1, 2) w and b, by a plain PyTorch loop."""
    kind = getattr(torch, experiment.precision)
    task = problem(experiment)
    x = torch.tensor(task.inputs[:, :1], dtype=kind)
    y = torch.tensor(task.targets[:, None], dtype=kind)
    model = torch.nn.Linear(1, 1, dtype=kind)
    with torch.no_grad():
        model.weight.fill_(float(task.start[0]))
        model.bias.fill_(float(task.start[1]))
    criterion = torch.nn.MSELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=rate, momentum=experiment.momentum)
    order = np.random.default_rng(experiment.seed)
    size = experiment.batch_size or len(x)

    def look():
        with torch.no_grad():
            return criterion(model(x), y).item(), [model.weight.item(), model.bias.item()]

    seen = [look()]
    for _ in range(experiment.epochs):
        rows = order.permutation(len(x))
        for first in range(0, len(x), size):
            batch = rows[first : first + size]
            if size == len(x):
                batch = np.arange(len(x))
            optimizer.zero_grad()
            criterion(model(x[batch]), y[batch]).backward()
            optimizer.step()
        seen.append(look())
    losses, places = zip(*seen, strict=True)
    return np.array(losses), np.array(places)


CASES = [
    {"data": "article", "learning_rates": (1e-6, 0.01, 0.08)},
    {"data": "article", "learning_rates": (0.001, 0.05), "momentum": 0.9},
    {"data": "article", "learning_rates": (0.001, 0.01), "batch_size": 2, "seed": 3},
    {"data": "noisy-line", "learning_rates": (0.001, 0.02), "batch_size": 7, "momentum": 0.5, "seed": 1},
    {"data": "far-from-zero", "learning_rates": (1e-6, 8e-5)},
    {"data": "penguins", "learning_rates": (1e-8, 2e-5)},
    {"data": "penguins", "learning_rates": (0.01, 0.3), "standardize": True, "batch_size": 100},
    {"data": "article-torch", "learning_rates": (0.01, 0.1), "start": (5.0, -7.0)},
]


@pytest.mark.parametrize("engine", ["torch", "numpy"])
@pytest.mark.parametrize("precision", ["float64", "float32"])
@pytest.mark.parametrize("fields", CASES, ids=str)
def test_both_engines_draw_the_curves_of_a_plain_pytorch_loop(fields, precision, engine):
    experiment = Experiment(engine=engine, precision=precision, epochs=60, **fields)
    history = train(experiment)
    close = 1e-9 if precision == "float64" else 2e-3
    for lane, rate in enumerate(experiment.learning_rates):
        losses, places = article_loop(experiment, rate)
        rounding = 1e-12 if precision == "float64" else 1e-6
        np.testing.assert_allclose(history.loss[lane], losses, rtol=close, atol=rounding * losses[0])
        size = np.abs(places).max(axis=0)
        np.testing.assert_allclose(history.parameters[lane] / size, places / size, rtol=close, atol=close / 10)


@pytest.mark.parametrize("engine", ["torch", "numpy"])
def test_single_precision_gives_the_table_of_the_articles_pytorch_example(engine):
    experiment = Experiment(data="article-torch", engine=engine, precision="float32", learning_rates=(0.01, 0.12))
    table = train(experiment).loss[:, [1, 10, 100, 1000]]
    np.testing.assert_allclose(table[0], [20.835, 0.8330377, 0.03408463, 1.543949e-4], rtol=2e-5)
    np.testing.assert_allclose(table[1], [30.24, 32.503, 67.498, 101603], rtol=2e-5)


def test_a_plain_loop_gives_that_table_as_well():
    experiment = Experiment(data="article-torch", precision="float32")
    for rate, row in (
        (0.01, [20.835, 0.8330377, 0.03408463, 1.543949e-4]),
        (0.12, [30.24, 32.503, 67.498, 101603]),
    ):
        np.testing.assert_allclose(article_loop(experiment, rate)[0][[1, 10, 100, 1000]], row, rtol=2e-5)


def test_a_rate_of_twelve_hundredths_is_unstable_yet_grows_only_two_and_a_quarter_fold_in_100_epochs():
    losses = train(Experiment(data="article-torch", learning_rates=(0.12,), epochs=100)).loss[0]
    assert losses[100] / losses[0] == pytest.approx(2.25, abs=0.01)
    assert (np.diff(losses) > 0).all()


def trainer(**fields):
    experiment = Experiment(engine="torch", **fields)
    return TorchTrainer(experiment, problem(experiment))


def test_its_gradient_is_that_of_autograd_for_one_rate_alone():
    machine = trainer(learning_rates=(0.1, 0.2), data="noisy-line", start=(0.5, 2.0))
    gradient = machine.backward()[1]
    task = problem(Experiment(data="noisy-line", start=(0.5, 2.0)))
    theta = torch.tensor(task.start, requires_grad=True)
    loss = torch.nn.functional.mse_loss(torch.tensor(task.inputs) @ theta, torch.tensor(task.targets))
    loss.backward()
    np.testing.assert_allclose(gradient, [theta.grad.numpy()] * 2, rtol=1e-12)


def test_gradients_do_not_add_up_over_steps():
    machine = trainer(learning_rates=(1e-12,))
    first = machine.backward()[1].copy()
    np.testing.assert_allclose(machine.backward()[1], first, rtol=1e-12)


def test_each_rate_has_a_parameter_group_of_its_own():
    machine = trainer(learning_rates=(0.1, 0.001))
    gradient = machine.backward()[1].copy()
    machine.step()
    np.testing.assert_allclose(machine.parameters, -np.array([[0.1], [0.001]]) * gradient, rtol=1e-14)


@pytest.mark.parametrize("precision", ["float64", "float32"])
def test_the_precision_asked_for_is_the_one_used(precision):
    machine = trainer(precision=precision)
    assert machine.parameters.dtype == np.dtype(precision)
    assert machine.backward()[0].dtype == np.dtype(precision)
