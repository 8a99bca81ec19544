"""The recorder: what a network's History holds is what a plain PyTorch loop for one rate sees at these epochs."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import pairwise, product

import numpy as np
import pytest
import torch

from core.experiment.experiment import Experiment
from core.methods.network import Network
from core.training.history import History
from core.training.problems import minibatches, problem
from core.training.train import train
from tests.cases import for_each

BASE = Experiment(data="circles", hidden=(5, 3), learning_rates=(0.02, 0.6), epochs=150, test_share=0.25)
WAYS = {
    "plain": {"epochs": 150},  # more epochs than snapshots
    "torch engine": {"engine": "torch"},
    "momentum": {"optimizer": "momentum", "momentum": 0.8},
    "adam": {"optimizer": "adam", "momentum": 0.9, "learning_rates": (0.001, 0.02)},
    "mini-batches": {"batch_size": 50, "epochs": 30},
    "mini-batches of adam": {"batch_size": 64, "epochs": 30, "optimizer": "adam", "learning_rates": (0.001, 0.02)},
    "warm-up": {"schedule": "warm-up"},
    "penalty": {"l1": 0.002, "l2": 0.01, "activation": "sigmoid"},
    "three classes": {"data": "penguins-species", "standardize": True, "activation": "relu"},
    "regression": {"data": "bumps", "learning_rates": (0.01, 0.1)},
    "no hidden layer": {"data": "xor", "hidden": ()},
}
BENDS = {"tanh": torch.tanh, "relu": torch.relu, "sigmoid": torch.sigmoid}


class PlainLoop:
    """One rate trained by torch.optim on a flat tensor: all of what it was like at each epoch.

    places (epochs + 1, P), loss and test_loss (epochs + 1,), norms, meter (epochs,), and of the first step of each
    epoch gradients and moves (epochs, P).
    """

    def __init__(self, experiment: Experiment, rate: float) -> None:
        self.experiment, task = experiment, problem(experiment)
        self.theta = torch.tensor(task.start, requires_grad=True)
        self.x, self.y = torch.tensor(task.inputs[:, :-1]), torch.tensor(task.targets)
        held = torch.tensor(task.test_inputs[:, :-1]), torch.tensor(task.test_targets)
        self.places, self.loss, self.test_loss, self.norms = [], [], [], []
        self.meter, self.gradients, self.moves = [], [], []
        if experiment.optimizer == "adam":
            optimizer = torch.optim.Adam([self.theta], lr=rate, betas=(experiment.momentum, 0.999))
        else:
            optimizer = torch.optim.SGD([self.theta], lr=rate, momentum=experiment.momentum)
        climb = max(1, experiment.epochs * experiment.steps_per_epoch // 10)
        step = 0
        for batches in minibatches(experiment, len(self.x)):
            self.look(*held)
            self.norms.append(self.differentiate(self.x, self.y).norm().item())
            actual = predicted = 0.0
            for k, rows in enumerate(batches):
                if experiment.schedule == "warm-up":
                    optimizer.param_groups[0]["lr"] = rate * min(1.0, (step + 1) / climb)
                here = self.x[rows], self.y[rows]
                gradient, before = self.differentiate(*here), self.theta.detach().clone()
                fell = self.objective(*here).item()
                optimizer.step()
                step += 1
                move = self.theta.detach() - before
                actual += fell - self.objective(*here).item()
                predicted -= float(gradient @ move)
                if k == 0:
                    self.gradients.append(gradient.numpy())
                    self.moves.append(move.numpy())
            self.meter.append(2 * (1 - actual / predicted))
        self.look(*held)

    def look(self, x: torch.Tensor, y: torch.Tensor) -> None:
        self.places.append(self.theta.detach().numpy().copy())
        self.loss.append(self.objective(self.x, self.y).item())
        self.test_loss.append(self.objective(x, y).item())

    def differentiate(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        self.theta.grad = None
        self.objective(x, y).backward()
        return self.theta.grad.clone()

    def objective(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        """The loss by torch.nn.functional, and the penalty of weights."""
        experiment, said, at, penalty = self.experiment, x, 0, 0.0
        for layer, (i, o) in enumerate(pairwise(experiment.widths), start=1):
            weights = self.theta[at : at + i * o].reshape(i, o)
            said = said @ weights + self.theta[at + i * o : at + (i + 1) * o]
            if layer < len(experiment.widths) - 1:
                said = BENDS[experiment.activation](said)
            penalty = penalty + experiment.l1 * weights.abs().sum() + experiment.l2 * (weights**2).sum()
            at += (i + 1) * o
        losses = torch.nn.functional
        if experiment.resolved_loss() == "mse":
            return losses.mse_loss(said, y) + penalty
        loss = losses.cross_entropy if said.shape[1] > 1 else losses.binary_cross_entropy_with_logits
        return loss(said, y) + penalty


@cache
def both(way: str) -> tuple[History, list[PlainLoop]]:
    experiment = replace(BASE, **{"epochs": 50} | WAYS[way])
    return train(experiment), [PlainLoop(experiment, rate) for rate in experiment.learning_rates]


each_way = for_each("way", WAYS)


@each_way
def test_snapshots_are_the_parameters_of_a_plain_loop_at_their_epochs(way):
    history, loops = both(way)
    for lane, loop in enumerate(loops):
        expected = np.array(loop.places)[history.snapshot_epochs]
        np.testing.assert_allclose(history.snapshots[lane], expected, rtol=1e-7, atol=1e-9)


@each_way
def test_snapshot_gradients_and_moves_are_those_of_the_epochs_first_step_and_nan_at_the_end(way):
    history, loops = both(way)
    followed = history.snapshot_epochs[:-1]
    for lane, loop in enumerate(loops):
        gradients, moves = np.array(loop.gradients)[followed], np.array(loop.moves)[followed]
        np.testing.assert_allclose(history.snapshot_gradients[lane, :-1], gradients, rtol=1e-6, atol=1e-9)
        np.testing.assert_allclose(history.snapshot_moves[lane, :-1], moves, rtol=1e-6, atol=1e-9)
    assert np.isnan(history.snapshot_gradients[:, -1]).all()
    assert np.isnan(history.snapshot_moves[:, -1]).all()


@each_way
def test_loss_and_test_loss_are_those_of_a_plain_loop_at_every_epoch(way):
    history, loops = both(way)
    np.testing.assert_allclose(history.loss, [loop.loss for loop in loops], rtol=1e-8)
    np.testing.assert_allclose(history.test_loss, [loop.test_loss for loop in loops], rtol=1e-8)


@each_way
def test_the_gradient_norm_is_that_of_all_training_rows_where_the_epoch_begins(way):
    history, loops = both(way)
    np.testing.assert_allclose(history.gradient_norm, [loop.norms for loop in loops], rtol=1e-7)


@each_way
def test_the_meter_is_twice_the_share_of_the_promised_decrease_that_did_not_come(way):
    history, loops = both(way)
    expected = np.array([loop.meter for loop in loops])
    readable = np.isfinite(history.meter)
    assert readable.mean() > 0.9  # only rounding may hide it
    # What rounding leaves readable it may move by at most 0.05; far less where steps are not tiny.
    np.testing.assert_allclose(history.meter[readable], expected[readable], rtol=1e-4, atol=1e-3)


def test_the_meter_is_what_snapshots_one_epoch_apart_tell():
    experiment = replace(BASE, learning_rates=(0.05, 0.6, 3.0), epochs=400)
    history, task = train(experiment), problem(experiment)
    network = Network(widths=(2, 5, 3, 1), loss="cross-entropy")
    x = task.inputs[:, :-1]
    epochs = history.snapshot_epochs
    for k in np.flatnonzero(np.diff(epochs) == 1):
        here, there = history.snapshots[:, k], history.snapshots[:, k + 1]
        gradient = network.gradient(here, x, task.targets)
        before, after = (network.mean_loss(network.forward(at, x)[-1], task.targets) for at in (here, there))
        expected = 2 * (1 - (before - after) / -np.vecdot(gradient, there - here))
        seen = history.meter[:, epochs[k]]
        np.testing.assert_allclose(seen, expected, rtol=1e-5, atol=1e-4)
        np.testing.assert_allclose(
            history.gradient_norm[:, epochs[k]], np.linalg.norm(gradient, axis=1), rtol=1e-9, atol=1e-13
        )


@pytest.mark.parametrize("fields", [{}, {"batch_size": 60}, {"precision": "float32"}], ids=str)
def test_plain_descent_moves_by_minus_rate_times_gradient(fields):
    history = train(replace(BASE, **fields))
    rates = np.array(BASE.learning_rates)[:, None, None]
    # A move is told as new minus old parameter, of size 1: of a float32 run it is known to 1e-7 at best.
    known = 3e-7 if "precision" in fields else 1e-14
    moves, gradients = history.snapshot_moves[:, :-1], history.snapshot_gradients[:, :-1]
    np.testing.assert_allclose(moves, -rates * gradients, rtol=1e-9 if known < 1e-9 else 1e-5, atol=known)


def test_with_mini_batches_the_gradient_is_of_the_first_batch_and_of_no_other_rows():
    experiment = replace(BASE, batch_size=48, epochs=12)
    history, task = train(experiment), problem(experiment)
    network = Network(widths=(2, 5, 3, 1), loss="cross-entropy")
    for epoch, (first, second, *_) in enumerate(minibatches(experiment, len(task.inputs))):
        at = history.snapshots[:, epoch]  # so few epochs that each has a snapshot
        first, second = (network.gradient(at, task.inputs[rows, :-1], task.targets[rows]) for rows in (first, second))
        np.testing.assert_allclose(history.snapshot_gradients[:, epoch], first, rtol=1e-9, atol=1e-14)
        assert np.abs(first - second).max() > 1e-3


@pytest.mark.parametrize("fields", [{}, {"batch_size": 64, "epochs": 40}, {"engine": "torch", "epochs": 60}], ids=str)
def test_a_lane_that_overflows_disturbs_no_other(fields):
    common = replace(BASE, activation="relu", loss="mse", sharpness=4, **fields)
    rates = (0.02, 1e5, 0.1)
    history = train(replace(common, learning_rates=rates))
    assert history.diverged_at[1] > 0 and not np.isfinite(history.snapshots[1, -1]).all()
    assert (history.diverged_at[[0, 2]] == -1).all()
    for lane in (0, 2):
        alone = train(replace(common, learning_rates=(rates[lane],)))
        for name in ("snapshots", "snapshot_gradients", "snapshot_moves", "loss", "test_loss", "gradient_norm"):
            beside, expected = getattr(history, name)[lane], getattr(alone, name)[0]
            np.testing.assert_allclose(beside, expected, rtol=1e-7, atol=1e-11, err_msg=name)
        np.testing.assert_allclose(history.sharpness[lane], alone.sharpness[0], rtol=1e-6)


@for_each("epochs", [1, 2, 3, 4, 5, 10, 47, 48, 49, 97, 100, 333, 1000, 8000])
def test_snapshots_come_in_pairs_at_most_100_of_them_with_both_ends(epochs):
    network = Experiment(data="curve", hidden=(1,), learning_rates=(0.1,), epochs=epochs)
    at = train(network).snapshot_epochs
    assert len(at) <= 100
    assert (np.diff(at) > 0).all()
    assert {0, 1, epochs - 1, epochs} <= set(at.tolist())
    assert all(epoch + 1 in at or epoch - 1 in at for epoch in at.tolist())
    if epochs <= 20:
        assert at.tolist() == list(range(epochs + 1))


def test_snapshots_are_about_even_on_a_log_axis():
    at = train(Experiment(data="curve", hidden=(1,), learning_rates=(0.1,), epochs=8000)).snapshot_epochs
    assert len(at) >= 60
    decades = [((at >= 10**k) & (at < 10 ** (k + 1))).sum() for k in (1, 2, 3)]
    assert min(decades) >= 0.6 * max(decades)


@pytest.mark.parametrize("data", ["circles", "digits"])
def test_the_snapshots_of_the_largest_network_stay_below_60_megabytes_and_keep_both_ends(data):
    rates = tuple(np.geomspace(1e-4, 1e-2, 8))
    history = train(Experiment(data=data, hidden=(64,) * 6, learning_rates=rates, epochs=12))
    kept = (history.snapshots, history.snapshot_gradients, history.snapshot_moves)
    assert sum(array.nbytes for array in kept) < 60e6
    assert {0, 1, 11, 12} <= set(history.snapshot_epochs.tolist())
    assert len(history.snapshot_epochs) < 13  # a small network keeps all 13


@for_each(
    "hidden, lanes",
    [((16, 16), 8), ((64, 64), 1), ((64,) * 4, 3)],
    slow=product([(16, 16), (32, 32), (64, 64), (64,) * 4], [1, 3, 8]),
)
def test_snapshots_of_any_size_stay_below_60_megabytes(hidden, lanes):
    rates = tuple(np.geomspace(1e-4, 1e-2, lanes))
    history = train(Experiment(data="moons", hidden=hidden, learning_rates=rates, epochs=100))
    assert 3 * history.snapshots.nbytes < 60e6
    assert len(history.snapshot_epochs) >= 4


@for_each("asked", [2, 3, 10, 30, 60])
@for_each("epochs", [1, 5, 60, 2000])
def test_the_sharpness_is_measured_about_as_often_as_asked_from_the_first_epoch_to_the_last(asked, epochs):
    network = Experiment(data="curve", hidden=(1,), learning_rates=(0.1,), epochs=epochs, sharpness=asked)
    history = train(network)
    at = history.sharpness_epochs
    assert history.sharpness.shape == (1, len(at))
    assert (np.diff(at) > 0).all()
    assert at[0] == 0 and at[-1] == epochs
    assert len(at) <= min(asked + 1, 61)
    assert len(at) >= min(0.7 * asked, 0.7 * epochs)


def test_the_sharpness_is_that_of_the_hessian_autograd_forms_at_the_snapshot():
    history = train(replace(BASE, sharpness=6, epochs=30))
    loop = PlainLoop(replace(BASE, epochs=1), 0.1)

    def objective(theta: torch.Tensor) -> torch.Tensor:
        loop.theta = theta
        return loop.objective(loop.x, loop.y)

    for k, epoch in enumerate(history.sharpness_epochs.tolist()):
        (at,) = np.flatnonzero(history.snapshot_epochs == epoch)
        for lane in range(2):
            hessian = torch.autograd.functional.hessian(objective, torch.tensor(history.snapshots[lane, at]))
            assert history.sharpness[lane, k] == pytest.approx(np.linalg.eigvalsh(hessian.numpy())[-1], rel=1e-6)


def test_of_a_warm_up_the_first_moves_are_one_and_two_hundredths_of_the_rates():
    history = train(replace(BASE, epochs=1000, schedule="warm-up"))
    rates = np.array(BASE.learning_rates)[:, None]
    for k, share in ((0, 0.01), (1, 0.02), (-2, 1.0)):
        moves, gradients = history.snapshot_moves[:, k], history.snapshot_gradients[:, k]
        np.testing.assert_allclose(moves, -share * rates * gradients, rtol=1e-9, atol=1e-13)


def test_without_rows_held_out_there_is_no_test_loss_and_without_being_asked_no_sharpness():
    history = train(replace(BASE, test_share=0.0, epochs=3))
    assert history.test_loss is None
    assert history.sharpness is None and history.sharpness_epochs is None


def test_a_line_has_its_parameters_at_every_epoch_and_no_snapshots():
    history = train(Experiment(epochs=30))
    assert history.parameters.shape == (3, 31, 2)
    assert history.snapshots is None and history.snapshot_epochs is None


def test_what_was_recorded_can_not_be_written_to():
    history = train(replace(BASE, epochs=3, sharpness=2))
    for name in History.__dataclass_fields__:
        array = getattr(history, name)
        if isinstance(array, np.ndarray):
            assert not array.flags.writeable, name
