"""The PyTorch trainer against the loop everybody writes: torch.nn.Linear and torch.optim."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import pairwise, product

import numpy as np
import pytest
import torch

from core.experiment.experiment import Experiment
from core.methods.optimizers import UPDATE_RULES
from core.training.numpy_trainer import NumpyTrainer
from core.training.problems import minibatches, problem
from core.training.torch_trainer import TorchTrainer
from core.training.train import train
from tests.cases import for_each


@cache
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


@for_each("engine", ["torch", "numpy"])
@for_each("precision", ["float64", "float32"])
@for_each("fields", CASES)
def test_both_engines_draw_the_curves_of_a_plain_pytorch_loop(fields, precision, engine):
    experiment = Experiment(engine=engine, precision=precision, epochs=60, **fields)
    history = train(experiment)
    close = 1e-9 if precision == "float64" else 2e-3
    for lane, rate in enumerate(experiment.learning_rates):
        losses, places = article_loop(replace(experiment, engine="torch"), rate)
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


# Networks.

BENDS = {
    "tanh": torch.nn.Tanh,
    "relu": torch.nn.ReLU,
    "sigmoid": torch.nn.Sigmoid,
    "identity": torch.nn.Identity,
}
SPECIES = {"data": "penguins-species", "standardize": True}
NETWORKS = [
    {"hidden": ()},
    {"hidden": (4,), "activation": "relu"},
    {"hidden": (5, 3), "loss": "mse"},
    {"hidden": (3, 4, 3), "activation": "sigmoid", "gain": 2.0},
    {"hidden": (4,), "batch_size": 64, "seed": 3},
    {"hidden": (4,), "l1": 0.002, "l2": 0.01},
    {"hidden": (4,), "test_share": 0.3, "batch_size": 50},
    {"hidden": (6,), **SPECIES},
    {"hidden": (4, 4), "loss": "mse", "batch_size": 100, **SPECIES},
    {"hidden": (8,), "activation": "identity", "data": "bumps"},
]
UPDATES = {
    "sgd": {"learning_rates": (0.01, 0.3)},
    "momentum": {"optimizer": "momentum", "momentum": 0.9, "learning_rates": (0.01, 0.05)},
    "nesterov": {"optimizer": "nesterov", "momentum": 0.9, "learning_rates": (0.01, 0.05)},
    "adagrad": {"optimizer": "adagrad", "learning_rates": (0.003, 0.03)},
    "rmsprop": {"optimizer": "rmsprop", "momentum": 0.5, "learning_rates": (0.0003, 0.003)},
    "adam": {"optimizer": "adam", "momentum": 0.9, "learning_rates": (0.001, 0.03)},
    "adamw": {"optimizer": "adamw", "momentum": 0.9, "learning_rates": (0.001, 0.03)},
}
# Two networks to each rule, and every network with some rule.
PAIRS = [(NETWORKS[(3 * k + more) % 10], update) for k, update in enumerate(UPDATES) for more in (0, 5)]
each_update = for_each("update", UPDATES)


def network_experiment(fields, **more):
    return Experiment(**{"data": "moons", "engine": "torch", "epochs": 60, **fields, **more})


OPTIMIZERS = {
    "sgd": lambda parameters, rate, momentum: torch.optim.SGD(parameters, lr=rate, momentum=momentum),
    "momentum": lambda parameters, rate, momentum: torch.optim.SGD(parameters, lr=rate, momentum=momentum),
    "nesterov": lambda parameters, rate, momentum: torch.optim.SGD(
        parameters, lr=rate, momentum=momentum, nesterov=True
    ),
    "adagrad": lambda parameters, rate, momentum: torch.optim.Adagrad(parameters, lr=rate),
    "rmsprop": lambda parameters, rate, momentum: torch.optim.RMSprop(parameters, lr=rate, momentum=momentum),
    "adam": lambda parameters, rate, momentum: torch.optim.Adam(parameters, lr=rate, betas=(momentum, 0.999)),
    "adamw": lambda parameters, rate, momentum: torch.optim.AdamW(parameters, lr=rate, betas=(momentum, 0.999)),
}


class PlainLoop:
    """One rate alone: torch.nn.Sequential, a criterion of torch.nn and an optimizer of torch.optim."""

    def __init__(self, experiment, rate):
        self.experiment, task = experiment, problem(experiment)
        self.x, self.y = (torch.tensor(array) for array in (task.inputs[:, :-1], task.targets))
        self.test = None
        if task.test_inputs is not None:
            self.test = torch.tensor(task.test_inputs[:, :-1]), torch.tensor(task.test_targets)
        self.model, at = torch.nn.Sequential(), 0
        widths = task.network.widths
        for layer, (inputs, outputs) in enumerate(pairwise(widths)):
            linear = torch.nn.Linear(inputs, outputs, dtype=torch.float64)
            with torch.no_grad():
                linear.weight[:] = torch.tensor(task.start[at : at + inputs * outputs]).reshape(inputs, outputs).T
                at += inputs * outputs
                linear.bias[:] = torch.tensor(task.start[at : at + outputs])
                at += outputs
            self.model.append(linear)
            if layer < len(widths) - 2:
                self.model.append(BENDS[experiment.activation]())
        self.linears = [part for part in self.model if isinstance(part, torch.nn.Linear)]
        if task.network.loss == "mse":
            self.criterion = torch.nn.MSELoss()
        else:
            self.criterion = torch.nn.BCEWithLogitsLoss() if widths[-1] == 1 else torch.nn.CrossEntropyLoss()
        self.optimizer = OPTIMIZERS[experiment.optimizer](self.model.parameters(), rate, experiment.momentum)

    def objective(self, x, y):
        penalty = sum(
            self.experiment.l1 * part.weight.abs().sum() + self.experiment.l2 * part.weight.square().sum()
            for part in self.linears
        )
        return self.criterion(self.model(x), y) + penalty

    def step(self, rows):
        self.optimizer.zero_grad()
        self.objective(self.x[rows], self.y[rows]).backward()
        self.optimizer.step()

    def gather(self, of):
        """(P,) of(parameter), packed as a network of the lab is: weights (inputs, outputs), then biases."""
        parts = [part for linear in self.linears for part in (of(linear.weight).T.flatten(), of(linear.bias))]
        return torch.cat(parts).detach().numpy()

    def look(self, data):
        with torch.no_grad():
            return self.objective(*data).item()


@for_each("fields, update", PAIRS, slow=product(NETWORKS, UPDATES))
def test_a_network_goes_where_a_plain_pytorch_loop_goes(fields, update):
    experiment = network_experiment(fields, epochs=30, **UPDATES[update])
    machine = TorchTrainer(experiment, problem(experiment))
    plain = [PlainLoop(experiment, rate) for rate in experiment.learning_rates]
    history = train(experiment)
    for epoch, batches in enumerate(minibatches(experiment, experiment.points)):
        losses = [loop.look((loop.x, loop.y)) for loop in plain]
        np.testing.assert_allclose(history.loss[:, epoch], losses, rtol=1e-10)
        if plain[0].test:
            np.testing.assert_allclose(
                history.test_loss[:, epoch], [loop.look(loop.test) for loop in plain], rtol=1e-10
            )
        for rows in batches:
            machine.backward(rows)
            machine.step()
            for loop in plain:
                loop.step(rows)
    ends = [loop.gather(lambda value: value) for loop in plain]
    # A rule that divides by the gradient's own size also divides by the rounding of one that is nearly 0.
    np.testing.assert_allclose(machine.parameters, ends, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(history.snapshots[:, -1], ends, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("beta1", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("engine", [TorchTrainer, NumpyTrainer])
def test_the_preconditioner_is_made_of_the_state_of_a_plain_adam(engine, beta1):
    experiment = network_experiment(
        {"hidden": (4,)}, optimizer="adam", momentum=beta1, learning_rates=(0.01, 0.1), epochs=20
    )
    machine = engine(experiment, problem(experiment))
    plain = [PlainLoop(experiment, rate) for rate in experiment.learning_rates]
    assert machine.preconditioner() is None
    for k in range(1, 21):
        machine.backward()
        machine.step()
        for loop in plain:
            loop.step(slice(None))
        by_torch = [loop.gather(lambda value, of=loop.optimizer: of.state[value]["exp_avg_sq"]) for loop in plain]
        expected = (np.sqrt(np.array(by_torch) / (1 - 0.999**k)) + 1e-8) * (1 - beta1**k)
        np.testing.assert_allclose(machine.preconditioner(), expected, rtol=1e-9)


@pytest.mark.parametrize(("update", "square", "epsilon"), [("adagrad", "sum", 1e-10), ("rmsprop", "square_avg", 1e-8)])
@pytest.mark.parametrize("engine", [TorchTrainer, NumpyTrainer])
def test_what_adagrad_and_rmsprop_divide_by_is_made_of_their_plain_state(engine, update, square, epsilon):
    experiment = network_experiment({"hidden": (4,)}, **UPDATES[update])
    machine = engine(experiment, problem(experiment))
    plain = [PlainLoop(experiment, rate) for rate in experiment.learning_rates]
    assert machine.preconditioner() is None
    for _ in range(20):
        machine.backward()
        machine.step()
        for loop in plain:
            loop.step(slice(None))
    by_torch = [loop.gather(lambda value, of=loop.optimizer: of.state[value][square]) for loop in plain]
    np.testing.assert_allclose(machine.preconditioner(), np.sqrt(by_torch) + epsilon, rtol=1e-9)


@for_each("engine", ["numpy", "torch"])
@each_update
def test_a_line_goes_where_torch_optim_takes_it(update, engine):
    experiment = Experiment(engine=engine, epochs=60, **UPDATES[update] | {"learning_rates": (0.001, 0.01)})
    history, task = train(experiment), problem(experiment)
    x, y = torch.tensor(task.inputs), torch.tensor(task.targets)
    for lane, rate in enumerate(experiment.learning_rates):
        line = torch.zeros(2, dtype=torch.float64, requires_grad=True)
        optimizer, losses = OPTIMIZERS[update]([line], rate, experiment.momentum), []
        for _ in range(61):
            loss = ((x @ line - y) ** 2).mean()
            losses.append(loss.item())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        np.testing.assert_allclose(history.loss[lane], losses, rtol=1e-9)


@pytest.mark.parametrize("update", ["sgd", "momentum", "nesterov"])
def test_other_rules_have_no_preconditioner(update):
    machine = trainer(data="moons", hidden=(3,), **UPDATES[update])
    machine.backward()
    machine.step()
    assert machine.preconditioner() is None


@each_update
def test_the_multiplier_is_that_of_pytorchs_lambdalr(update):
    experiment = network_experiment({"hidden": (4,)}, schedule="warm-up", **UPDATES[update])
    plain = [PlainLoop(experiment, rate) for rate in experiment.learning_rates]

    def warm(step):
        return min(1.0, (step + 1) / 6)  # a tenth of 60 steps

    machine = TorchTrainer(experiment, problem(experiment))
    for loop in plain:
        schedule = torch.optim.lr_scheduler.LambdaLR(loop.optimizer, warm)
        for _ in range(60):
            loop.step(slice(None))
            schedule.step()
    for step in range(60):
        machine.backward()
        machine.step(warm(step))
    ends = [loop.gather(lambda value: value) for loop in plain]
    np.testing.assert_allclose(machine.parameters, ends, rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(train(experiment).snapshots[:, -1], ends, rtol=1e-10, atol=1e-10)


def test_the_losses_of_some_rows_and_of_those_held_out_are_pytorchs():
    experiment = network_experiment({"hidden": (4,), "test_share": 0.25, "l2": 0.01}, learning_rates=(0.1, 0.5))
    machine, loop = TorchTrainer(experiment, problem(experiment)), PlainLoop(experiment, 0.1)
    rows = np.array([5, 3, 80])
    some = loop.look((loop.x[rows], loop.y[rows]))
    np.testing.assert_allclose(machine.loss(rows), [some] * 2, rtol=1e-12)
    np.testing.assert_allclose(machine.backward(rows)[0], [some] * 2, rtol=1e-12)
    np.testing.assert_allclose(machine.test_loss(), [loop.look(loop.test)] * 2, rtol=1e-12)
    assert len(loop.test[1]) == 50


@for_each("activation", BENDS)
@for_each(("data", "loss"), [("moons", "mse"), ("moons", "cross-entropy"), ("penguins-species", "auto")])
@for_each("hidden", [(), (5,), (5, 4), (5, 4, 3)])
def test_both_engines_draw_the_same_curves_of_a_network(activation, data, loss, hidden):
    fields = {"data": data, "loss": loss, "hidden": hidden, "activation": activation, "standardize": True}
    ours, torchs = (
        train(Experiment(engine=engine, epochs=40, learning_rates=(0.001, 0.1), test_share=0.2, **fields))
        for engine in ("numpy", "torch")
    )
    for name in ("loss", "test_loss", "gradient_norm", "snapshots", "snapshot_gradients"):
        np.testing.assert_allclose(getattr(ours, name), getattr(torchs, name), rtol=1e-9, atol=1e-12, err_msg=name)


@pytest.mark.parametrize("activation", ["relu", "identity", "tanh"])
@pytest.mark.parametrize("hidden", [(5,), (5, 4)], ids=str)
def test_both_engines_overflow_at_the_same_epoch(activation, hidden):
    ours, torchs = (
        train(
            Experiment(
                **{"data": "moons", "loss": "mse", "hidden": hidden, "activation": activation, "gain": 3.0},
                **{"epochs": 400, "learning_rates": (2.0, 20.0), "engine": engine},
            )
        )
        for engine in ("numpy", "torch")
    )
    np.testing.assert_array_equal(ours.diverged_at, torchs.diverged_at)
    assert (ours.diverged_at > 0).all()


@each_update
def test_a_lane_that_overflows_leaves_its_neighbours_exact(update):
    fields = {"hidden": (4,), "activation": "identity", "loss": "mse"} | UPDATES[update]
    alone = train(network_experiment(fields, learning_rates=(0.01,)))
    both = train(network_experiment(fields, learning_rates=(1e6, 0.01)))
    np.testing.assert_allclose(both.loss[1], alone.loss[0], rtol=1e-12)


def test_a_networks_precision_is_the_one_asked_for():
    for precision in ("float32", "float64"):
        machine = trainer(precision=precision, data="moons", hidden=(3,), optimizer="adam", momentum=0.9)
        loss, gradient = machine.backward()
        machine.step()
        found = {array.dtype for array in (loss, gradient, machine.parameters, machine.preconditioner())}
        assert found == {np.dtype(precision)}


def test_an_update_rule_without_a_counterpart_in_torch_is_refused_and_not_trained_as_another(monkeypatch):
    monkeypatch.setitem(UPDATE_RULES, "lion", UPDATE_RULES["sgd"])
    experiment = Experiment()
    object.__setattr__(experiment, "optimizer", "lion")
    with pytest.raises(ValueError, match=r"^optimizer must be .*, got 'lion': take engine='numpy'$"):
        TorchTrainer(experiment, problem(experiment))
