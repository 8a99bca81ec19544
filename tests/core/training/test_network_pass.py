"""The fast pass, held against PyTorch's nn.Sequential and losses, finite differences and the plain Network."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch

from core.methods.network import ACTIVATIONS, Network
from core.training import network_pass as network_pass
from core.training.network_pass import NetworkPass

LAYERS = {"tanh": torch.nn.Tanh, "relu": torch.nn.ReLU, "sigmoid": torch.nn.Sigmoid, "identity": torch.nn.Identity}
HIDDEN = {0: (), 1: (4,), 2: (4, 5), 3: (4, 3, 5)}
# Loss by how many outputs there are: what a network may be asked for.
LOSSES = {
    ("mse", 1): torch.nn.MSELoss(),
    ("mse", 3): torch.nn.MSELoss(),
    ("cross-entropy", 1): torch.nn.BCEWithLogitsLoss(),
    ("cross-entropy", 3): torch.nn.CrossEntropyLoss(),
}
PENALTIES = {"free": {}, "l1": {"l1": 0.03}, "l2": {"l2": 0.02}, "both": {"l1": 0.01, "l2": 0.05}}
RATES = 3
ROWS = {"all rows": None, "a batch": np.array([7, 0, 4]), "one row": np.array([5])}

each_activation = pytest.mark.parametrize("activation", ACTIVATIONS)
each_depth = pytest.mark.parametrize("depth", HIDDEN)
each_loss = pytest.mark.parametrize(("loss", "outputs"), LOSSES)
each_penalty = pytest.mark.parametrize("penalty", PENALTIES.values(), ids=PENALTIES)


def task(loss: str, outputs: int, points: int = 9) -> tuple[np.ndarray, np.ndarray]:
    """Inputs with a column of ones, and targets."""
    draw = np.random.default_rng(1)
    inputs = np.column_stack([draw.normal(size=(points, 2)), np.ones(points)])
    if loss == "mse":
        return inputs, draw.normal(size=(points, outputs))
    chances = draw.uniform(0, 1, size=(points, outputs))
    return inputs, chances if outputs == 1 else chances / chances.sum(axis=1, keepdims=True)


def starts(network: Network, rates: int = RATES) -> np.ndarray:
    return 2 * np.array([network.start(seed) for seed in range(rates)])


def torch_model(network: Network, start: np.ndarray) -> torch.nn.Sequential:
    """The same network of torch's own layers, its weights set from a packed row."""
    model, at = torch.nn.Sequential(), 0
    for layer, (inputs, outputs) in enumerate(pairwise(network.widths)):
        linear = torch.nn.Linear(inputs, outputs, dtype=torch.float64)
        weights, biases = np.split(start[at : at + (inputs + 1) * outputs], [inputs * outputs])
        linear.weight.data = torch.tensor(weights.reshape(inputs, outputs).T.copy())
        linear.bias.data = torch.tensor(biases)
        model.append(linear)
        at += (inputs + 1) * outputs
        if layer < len(network.widths) - 2:
            model.append(LAYERS[network.activation]())
    return model


def loss_and_gradient_of_torch(network, start, inputs, targets):
    """The objective and its gradient by autograd, packed as ours."""
    model = torch_model(network, start)
    value = LOSSES[network.loss, network.widths[-1]](model(torch.tensor(inputs[:, :-1])), torch.tensor(targets))
    linears = [part for part in model if isinstance(part, torch.nn.Linear)]
    for linear in linears:
        value = value + network.l1 * linear.weight.abs().sum() + network.l2 * (linear.weight**2).sum()
    value.backward()
    packed = [part for linear in linears for part in (linear.weight.grad.T.flatten(), linear.bias.grad)]
    return value.item(), torch.cat(packed).numpy()


@each_activation
@each_depth
@each_loss
@each_penalty
def test_loss_and_gradient_are_those_of_torchs_layers_and_losses(activation, depth, loss, outputs, penalty):
    network = Network(widths=(2, *HIDDEN[depth], outputs), activation=activation, loss=loss, **penalty)
    inputs, targets = task(loss, outputs)
    fast, parameters = NetworkPass(network, inputs, targets, "float64"), starts(network)
    for rows in ROWS.values():
        ours, gradient = fast.backward(parameters, rows)
        seen = slice(None) if rows is None else rows
        for r, start in enumerate(parameters):
            expected, slope = loss_and_gradient_of_torch(network, start, inputs[seen], targets[seen])
            assert ours[r] == pytest.approx(expected, rel=1e-12)
            np.testing.assert_allclose(gradient[r], slope, rtol=1e-12, atol=1e-14)
        np.testing.assert_array_equal(fast.loss(parameters, rows), ours)


@each_activation
@each_depth
@each_loss
@each_penalty
def test_the_gradient_is_that_of_finite_differences_of_the_loss(activation, depth, loss, outputs, penalty):
    network = Network(widths=(2, *HIDDEN[depth], outputs), activation=activation, loss=loss, **penalty)
    fast, start, h = NetworkPass(network, *task(loss, outputs), "float64"), starts(network)[0], 1e-6
    nudged = np.concatenate([start + h * np.eye(network.size), start - h * np.eye(network.size)])
    up, down = np.split(fast.loss(nudged), 2)
    np.testing.assert_allclose(fast.backward(start[None])[1][0], (up - down) / (2 * h), atol=2e-8)


@each_activation
@each_loss
def test_the_numbers_are_those_of_the_network_as_it_is_read(activation, loss, outputs):
    network = Network(widths=(2, 16, 16, outputs), activation=activation, loss=loss)
    inputs, targets = task(loss, outputs, points=256)
    parameters = starts(network)
    ours, gradient = NetworkPass(network, inputs, targets, "float64").backward(parameters)
    said = network.forward(parameters, inputs[:, :-1])
    np.testing.assert_allclose(ours, network.mean_loss(said[-1], targets), rtol=1e-12)
    np.testing.assert_allclose(gradient, network.backward(parameters, said, targets), rtol=1e-12, atol=1e-15)


@each_loss
@pytest.mark.parametrize("rates", [1, 4, 10])
def test_rates_taken_in_blocks_are_rates_taken_one_by_one(loss, outputs, rates, monkeypatch):
    network = Network(widths=(2, 5, 4, outputs), loss=loss, l2=0.1)
    inputs, targets = task(loss, outputs)
    parameters = starts(network, rates)
    alone = [NetworkPass(network, inputs, targets, "float64").backward(row[None]) for row in parameters]
    monkeypatch.setattr(network_pass, "_CACHE", 3 * 8 * len(inputs) * (5 + 4 + outputs + 5))  # three rates and no more
    ours, gradient = NetworkPass(network, inputs, targets, "float64").backward(parameters)
    np.testing.assert_allclose(ours, [loss[0] for loss, _ in alone], rtol=1e-13)
    np.testing.assert_allclose(gradient, [slope[0] for _, slope in alone], rtol=1e-12, atol=1e-15)


@each_activation
@each_loss
def test_single_precision_stays_single_and_rounds_as_single_does(activation, loss, outputs):
    network = Network(widths=(2, 4, 5, outputs), activation=activation, loss=loss, l1=0.01, l2=0.01)
    inputs, targets = task(loss, outputs)
    exact = NetworkPass(network, inputs, targets, "float64").backward(starts(network))
    single = NetworkPass(network, inputs, targets, "float32").backward(starts(network).astype(np.float32))
    for ours, expected in zip(single, exact, strict=True):
        assert ours.dtype == np.float32
        np.testing.assert_allclose(ours, expected, rtol=2e-5, atol=2e-6)


def test_what_was_given_back_is_never_written_over():
    network = Network(widths=(2, 4, 1))
    fast = NetworkPass(network, *task("mse", 1), "float64")
    first, second = starts(network), starts(network) + 1
    before = first.copy()
    loss, gradient = fast.backward(first)
    copies = loss.copy(), gradient.copy()
    fast.backward(second)
    fast.loss(second)
    np.testing.assert_array_equal(first, before)
    np.testing.assert_array_equal(loss, copies[0])
    np.testing.assert_array_equal(gradient, copies[1])


def test_the_ones_that_carry_the_biases_survive_every_pass():
    network = Network(widths=(2, 4, 3, 1), activation="relu")
    fast, parameters = NetworkPass(network, *task("mse", 1), "float64"), starts(network)
    first = fast.backward(parameters)
    for _ in range(3):
        again = fast.backward(parameters)
    np.testing.assert_array_equal(first[0], again[0])
    np.testing.assert_array_equal(first[1], again[1])


@pytest.mark.parametrize("outputs", [1, 3])
def test_cross_entropy_of_huge_scores_is_their_distance_and_overflows_nothing(outputs):
    # One linear layer on x = 1000: the scores are +-1000 and the second class is the true one.
    network = Network(widths=(1, outputs), loss="cross-entropy")
    targets = np.array([[1.0]]) if outputs == 1 else np.array([[0.0, 1.0, 0.0]])
    scores = np.array([[-1.0, 0.0]]) if outputs == 1 else np.array([[1.0, 0.0, -1.0, 0.0, 0.0, 0.0]])
    loss, gradient = NetworkPass(network, np.array([[1000.0, 1.0]]), targets, "float64").backward(scores)
    assert loss.tolist() == [1000]
    assert gradient.tolist() == ([[-1000, -1]] if outputs == 1 else [[1000, -1000, 0, 1, -1, 0]])


@each_activation
def test_a_rate_that_overflowed_does_not_touch_its_neighbours(activation):
    network = Network(widths=(2, 4, 4, 1), activation=activation, loss="cross-entropy")
    fast = NetworkPass(network, *task("cross-entropy", 1), "float64")
    parameters = starts(network)
    expected = fast.backward(parameters)
    broken = parameters.copy()
    broken[1] = np.inf
    with np.errstate(all="ignore"):
        loss, gradient = fast.backward(broken)
    assert not np.isfinite(loss[1])
    for ours, right in ((loss, expected[0]), (gradient, expected[1])):
        np.testing.assert_array_equal(ours[[0, 2]], right[[0, 2]])
