"""The sharpness of either engine against whole Hessians by autograd, their eigenvalues by NumPy, and closed forms."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch

from core.experiment.experiment import Experiment
from core.methods import network_hessian
from core.methods.network import ACTIVATIONS, Network
from core.training import torch_objective
from core.training.numpy_trainer import NumpyTrainer
from core.training.problems import problem
from core.training.sharpness import Sharpness
from core.training.train import train

MOONS = Experiment(
    data="moons", standardize=True, hidden=(6, 5), loss="mse", learning_rates=(0.1, 0.2), epochs=200, sharpness=8
)


BENDS = {"tanh": torch.tanh, "relu": torch.relu, "sigmoid": torch.sigmoid, "identity": lambda z: z}


def objective(network: Network, parameters: torch.Tensor, x: np.ndarray, targets: np.ndarray) -> torch.Tensor:
    """What one network (P,) minimises, by plain PyTorch: parameters are unpacked as Network's docstring says."""
    said, at, penalty = torch.tensor(x), 0, torch.zeros(())
    for inputs, outputs in pairwise(network.widths):
        said = said if at == 0 else BENDS[network.activation](said)
        weights = parameters[at : at + inputs * outputs].reshape(inputs, outputs)
        at += inputs * outputs
        said = said @ weights + parameters[at : at + outputs]
        at += outputs
        penalty = penalty + network.l1 * weights.abs().sum() + network.l2 * weights.square().sum()
    if network.loss == "mse":
        criterion = torch.nn.MSELoss()
    else:
        criterion = torch.nn.CrossEntropyLoss() if network.widths[-1] > 1 else torch.nn.BCEWithLogitsLoss()
    return criterion(said, torch.tensor(targets)) + penalty


def hessian(network: Network, parameters: np.ndarray, x: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """(P, P) of one network, whole, by autograd."""
    whole = torch.autograd.functional.hessian(lambda at: objective(network, at, x, targets), torch.tensor(parameters))
    return whole.numpy()


def largest(matrix: np.ndarray) -> float:
    return float(np.linalg.eigvalsh(matrix)[-1])


def method(network: Network, x: np.ndarray, targets: np.ndarray, rates: int, by=network_hessian) -> Sharpness:
    """A Sharpness of so many networks; by: the module that multiplies with their Hessians."""
    return Sharpness(lambda at: by.hessian_product(network, at, x, targets), rates, network.size)


def measure(network: Network, parameters: np.ndarray, x: np.ndarray, targets: np.ndarray, *args) -> np.ndarray:
    """(R,) by a Sharpness made for this one measurement; both engines' agree."""
    by_hand, by_torch = (
        method(network, x, targets, len(parameters), by).measure(parameters, *args)
        for by in (network_hessian, torch_objective)
    )
    np.testing.assert_allclose(by_hand, by_torch, rtol=1e-9)
    return by_hand


def points(outputs: int = 1, count: int = 12) -> tuple[np.ndarray, np.ndarray]:
    """x (count, 2), targets (count, outputs) of no pattern."""
    draw = np.random.default_rng(7)
    return draw.normal(size=(count, 2)), draw.normal(size=(count, outputs))


@pytest.mark.parametrize("rule", ["sgd", "adam"])
@pytest.mark.parametrize("loss", ["mse", "cross-entropy"])
def test_both_engines_record_the_same_sharpness(rule, loss):
    runs = replace(MOONS, loss=loss, optimizer=rule, learning_rates=(0.001, 0.002), epochs=50)
    by_hand, by_torch = (train(replace(runs, engine=engine)) for engine in ("numpy", "torch"))
    np.testing.assert_allclose(by_hand.sharpness, by_torch.sharpness, rtol=1e-6)


def along_the_path(experiment: Experiment) -> tuple[np.ndarray, np.ndarray]:
    """(R, M) the sharpness a run records, and the largest eigenvalue of the whole Hessian at the same epochs."""
    history, task = train(experiment), problem(experiment)
    trainer, whole = NumpyTrainer(experiment, task), []
    for epoch in range(experiment.epochs + 1):
        if epoch in history.sharpness_epochs:
            matrices = [hessian(task.network, row, task.inputs[:, :-1], task.targets) for row in trainer.parameters]
            whole.append(np.linalg.eigvalsh(np.array(matrices))[:, -1])
        trainer.backward()
        trainer.step()
    return history.sharpness, np.array(whole).T


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"loss": "cross-entropy", "learning_rates": (0.5, 2.0)},
        {"activation": "sigmoid", "gain": 3.0},
        {"activation": "relu", "hidden": (8,), "learning_rates": (0.05, 0.1)},
        {"data": "penguins-species", "loss": "cross-entropy", "hidden": (6,), "learning_rates": (0.1, 0.5)},
        {"l1": 0.001, "l2": 0.01},
    ],
    ids=str,
)
def test_along_a_training_path_it_is_the_largest_eigenvalue_of_the_hessian(fields):
    found, whole = along_the_path(replace(MOONS, **fields))
    error = np.abs(found / whole - 1)
    assert np.median(error) <= 1e-7
    assert error.max() <= 1e-5


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_first_measurement_is_exact_whatever_the_activation(activation):
    network = Network(widths=(2, 5, 4, 1), activation=activation)
    x, targets = points()
    parameters = np.stack([network.start(seed) for seed in range(3)])
    whole = [largest(hessian(network, row, x, targets)) for row in parameters]
    np.testing.assert_allclose(measure(network, parameters, x, targets), whole, rtol=1e-6)


def test_it_is_the_largest_value_and_not_the_largest_magnitude():
    # Output v tanh(w x + b) + c, far above its target: there the bend of tanh curves the loss down steeply.
    network = Network(widths=(1, 1, 1), activation="tanh")
    x, targets, parameters = np.array([[1.0]]), np.array([[-100.0]]), np.array([[0.7, 0.0, 5.0, 0.0]])
    values = np.linalg.eigvalsh(hessian(network, parameters[0], x, targets))
    assert -values[0] > 10 * values[-1] > 0
    np.testing.assert_allclose(measure(network, parameters, x, targets), values[-1:], rtol=1e-10)


@pytest.mark.parametrize("outputs", [1, 3])
def test_without_hidden_layers_it_is_2_over_n_times_the_top_eigenvalue_of_x_transposed_x(outputs):
    network = Network(widths=(2, outputs))
    x, targets = points(outputs)
    design = np.column_stack([x, np.ones(len(x))])
    exact = 2 / len(x) / outputs * largest(design.T @ design)  # the mean is over n * outputs squares
    parameters = np.stack([network.start(seed) for seed in range(2)])
    np.testing.assert_allclose(measure(network, parameters, x, targets), exact, rtol=1e-12)


@pytest.mark.parametrize("l2", [0.01, 1.0])
def test_l2_adds_exactly_twice_itself_where_only_weights_curve(l2):
    x, targets = points()
    x = x - x.mean(axis=0)  # then the weights' part of the Hessian and the bias's don't mix
    x = 3 * x / x.std()  # and the top direction is one of weights
    plain, penalised = Network(widths=(2, 1)), Network(widths=(2, 1), l2=l2)
    parameters = plain.start(0)[None]
    less, more = (measure(network, parameters, x, targets) for network in (plain, penalised))
    np.testing.assert_allclose(more - less, 2 * l2, rtol=1e-12)


def test_l2_leaves_a_direction_of_biases_as_it_is():
    x, targets = points()
    x = 0.1 * (x - x.mean(axis=0))  # now the top direction is the bias: mean (b - y)^2 curves by 2
    for l2 in (0.0, 0.5):
        network = Network(widths=(2, 1), l2=l2)
        np.testing.assert_allclose(measure(network, network.start(0)[None], x, targets), [2.0], rtol=1e-12)


def test_l1_adds_nothing_away_from_zero():
    x, targets = points()
    plain, penalised = Network(widths=(2, 4, 1)), Network(widths=(2, 4, 1), l1=0.5)
    parameters = plain.start(0)[None]
    assert np.abs(parameters).min() > 1e-3
    less, more = (measure(network, parameters, x, targets) for network in (plain, penalised))
    np.testing.assert_allclose(more, less, rtol=1e-12)


def test_with_a_preconditioner_it_is_that_of_the_hessian_on_the_scales_it_gives():
    network = Network(widths=(2, 5, 4, 1))
    x, targets = points()
    parameters = np.stack([network.start(seed) for seed in range(3)])
    scales = np.exp(np.random.default_rng(2).normal(size=parameters.shape))
    whole = [
        largest(hessian(network, row, x, targets) / np.sqrt(np.outer(scale, scale)))
        for row, scale in zip(parameters, scales, strict=True)
    ]
    np.testing.assert_allclose(measure(network, parameters, x, targets, scales), whole, rtol=1e-6)


def test_what_adam_records_is_its_preconditioned_sharpness_by_plain_pytorch():
    experiment = replace(MOONS, optimizer="adam", momentum=0.9, learning_rates=(0.01,), epochs=40)
    history, task = train(experiment), problem(experiment)
    x, targets = task.inputs[:, :-1], task.targets
    at = torch.tensor(task.start, requires_grad=True)
    optimizer = torch.optim.Adam([at], lr=0.01, betas=(0.9, 0.999))
    found = dict(zip(history.sharpness_epochs.tolist(), history.sharpness[0], strict=True))
    assert np.isnan(found.pop(0))
    for epoch in range(1, 41):
        optimizer.zero_grad()
        objective(task.network, at, x, targets).backward()
        optimizer.step()
        if epoch in found:
            state = optimizer.state[at]
            scale = ((state["exp_avg_sq"] / (1 - 0.999**epoch)).sqrt() + 1e-8).numpy() * (1 - 0.9**epoch)
            whole = hessian(task.network, at.detach().numpy(), x, targets) / np.sqrt(np.outer(scale, scale))
            assert found.pop(epoch) == pytest.approx(largest(whole), rel=1e-4)
    assert not found


def test_parameters_that_are_not_finite_give_nan_and_leave_their_neighbours_exact():
    network = Network(widths=(2, 5, 4, 1))
    x, targets = points()
    parameters = np.stack([network.start(seed) for seed in range(4)])
    alone = measure(network, parameters, x, targets)
    parameters[1, 3], parameters[3] = np.nan, np.inf
    found = measure(network, parameters, x, targets)
    assert np.isnan(found[[1, 3]]).all()
    np.testing.assert_allclose(found[[0, 2]], alone[[0, 2]], rtol=1e-10)


def test_a_hessian_that_overflows_gives_nan_and_leaves_its_neighbours_exact():
    network = Network(widths=(2, 4, 4, 1), activation="identity")
    x, targets = points()
    parameters = np.stack([network.start(seed) for seed in range(3)])
    alone = measure(network, parameters, x, targets)
    parameters[1] *= 1e120
    with np.errstate(over="ignore", invalid="ignore"):
        found = measure(network, parameters, x, targets)
    assert np.isnan(found[1])
    np.testing.assert_allclose(found[[0, 2]], alone[[0, 2]], rtol=1e-10)


def test_a_lane_that_was_lost_does_not_spoil_what_is_measured_afterwards():
    network = Network(widths=(2, 5, 4, 1))
    x, targets = points()
    measured = method(network, x, targets, 2)
    parameters = np.stack([network.start(seed) for seed in range(2)])
    first = measured.measure(parameters)
    measured.measure(np.array([np.full(network.size, np.nan), parameters[1]]))
    np.testing.assert_allclose(measured.measure(parameters), first, rtol=1e-6)


def test_lanes_measured_together_are_lanes_measured_alone():
    history, task = train(MOONS), problem(MOONS)
    x, targets = task.inputs[:, :-1], task.targets
    for parameters in history.snapshots.swapaxes(0, 1)[::10]:
        together = measure(task.network, parameters, x, targets)
        alone = [measure(task.network, row[None], x, targets)[0] for row in parameters]
        np.testing.assert_allclose(together, alone, rtol=1e-6)


def test_single_precision_parameters_are_measured_in_double():
    network = Network(widths=(2, 5, 4, 1))
    x, targets = points()
    parameters = network.start(0)[None].astype(np.float32)
    found = measure(network, parameters, x, targets)
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, largest(hessian(network, parameters[0].astype(float), x, targets)), rtol=1e-6)


def test_a_run_in_single_precision_records_the_sharpness_of_the_run_in_double():
    rounded, exact = (
        train(replace(MOONS, precision=kind, epochs=50, learning_rates=(0.1,))) for kind in ("float32", "float64")
    )
    np.testing.assert_allclose(rounded.sharpness, exact.sharpness, rtol=1e-4)


def test_measuring_changes_nothing_of_the_training():
    watched, plain = train(MOONS), train(replace(MOONS, sharpness=0))
    np.testing.assert_array_equal(watched.loss, plain.loss)


def test_a_loss_without_curvature_has_none():
    network = Network(widths=(1, 1, 1), activation="relu")
    x, targets = np.array([[-1.0], [-2.0]]), np.zeros((2, 1))
    parameters = np.array([[1.0, 0.0, 1.0, 0.0]])  # the unit is dead on both points; only the last bias curves, by 2
    np.testing.assert_allclose(measure(network, parameters, x, targets), [2.0])


@pytest.mark.parametrize("activation", ["tanh", "relu", "identity"])
@pytest.mark.parametrize("hidden", [(3,), (8,), (4, 4)])
def test_where_few_directions_curve_rounding_adds_no_sharpness(activation, hidden):
    # All weights 0 (gain = 0), as of a network whose units are dead: most eigenvalues are 0, so Lanczos has seen all
    # there is after a few products, and what it would go on with is rounding.
    network = Network(widths=(2, *hidden, 1), activation=activation)
    x, targets = points()
    parameters = np.zeros((1, network.size))
    whole = largest(hessian(network, parameters[0], x, targets))
    np.testing.assert_allclose(measure(network, parameters, x, targets), whole, rtol=1e-9)


def test_a_network_that_died_in_training_keeps_the_curvature_of_its_last_bias():
    experiment = replace(MOONS, activation="relu", hidden=(8, 8), learning_rates=(0.6,), gain=3.0, epochs=200)
    history = train(experiment)
    assert history.loss[0, -1] == pytest.approx(1)  # it says 0 everywhere, of as many -1 as +1
    np.testing.assert_allclose(history.sharpness[0, -1], 2.0, rtol=1e-9)
