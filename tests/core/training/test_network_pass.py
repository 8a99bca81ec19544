"""The fast pass, held against PyTorch's nn.Sequential and losses, finite differences and the plain Network."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from core.methods.network import ACTIVATIONS, LOSSES, Network
from core.training import network_pass as network_pass
from core.training.network_pass import NetworkPass
from tests.cases import drawn, for_each
from tests.networks import NETWORKS, starts, task, torch_loss_and_gradient

ROWS = {"all rows": None, "a batch": np.array([7, 0, 4]), "one row": np.array([5])}
each_activation = for_each("activation", ACTIVATIONS)
each_loss = for_each("loss, outputs", product(LOSSES, [1, 3]))


def fast_pass(network: Network, dtype: str = "float64", points: int = 9) -> NetworkPass:
    """Over the network's task, whose inputs get their column of ones."""
    x, targets = task(network, points)
    return NetworkPass(network, np.column_stack([x, np.ones(points)]), targets, dtype)


@drawn(25, 300, network=NETWORKS)
def test_loss_and_gradient_are_those_of_torchs_layers_and_losses(network):
    (x, targets), fast, parameters = task(network), fast_pass(network), starts(network)
    for rows in ROWS.values():
        loss, gradient = fast.backward(parameters, rows)
        seen = slice(None) if rows is None else rows
        for r, start in enumerate(parameters):
            expected, by_autograd = torch_loss_and_gradient(network, start, x[seen], targets[seen])
            assert loss[r] == pytest.approx(expected, rel=1e-12)
            np.testing.assert_allclose(gradient[r], by_autograd, rtol=1e-12, atol=1e-13)
        np.testing.assert_array_equal(fast.loss(parameters, rows), loss)


@drawn(40, 400, network=NETWORKS)
def test_the_gradient_is_that_of_finite_differences_of_the_loss(network):
    fast, start, h = fast_pass(network), starts(network)[0], 1e-6
    nudged = np.concatenate([start + h * np.eye(network.size), start - h * np.eye(network.size)])
    up, down = np.split(fast.loss(nudged), 2)
    np.testing.assert_allclose(fast.backward(start[None])[1][0], (up - down) / (2 * h), atol=2e-8)


@each_activation
@each_loss
def test_the_numbers_are_those_of_the_network_as_it_is_read(activation, loss, outputs):
    network = Network(widths=(2, 16, 16, outputs), activation=activation, loss=loss)
    (x, targets), parameters = task(network, points=256), starts(network)
    ours, gradient = fast_pass(network, points=256).backward(parameters)
    said = network.forward(parameters, x)
    np.testing.assert_allclose(ours, network.mean_loss(said[-1], targets), rtol=1e-12)
    np.testing.assert_allclose(gradient, network.backward(parameters, said, targets), rtol=1e-12, atol=1e-13)


@each_loss
@for_each("rates", [1, 4, 10])
def test_rates_taken_in_blocks_are_rates_taken_one_by_one(loss, outputs, rates, monkeypatch):
    network = Network(widths=(2, 5, 4, outputs), loss=loss, l2=0.1)
    parameters = starts(network, rates)
    alone = [fast_pass(network).backward(row[None]) for row in parameters]
    monkeypatch.setattr(network_pass, "_CACHE", 3 * 8 * 9 * (5 + 4 + outputs + 5))  # three rates and no more
    ours, gradient = fast_pass(network).backward(parameters)
    np.testing.assert_allclose(ours, [loss[0] for loss, _ in alone], rtol=1e-13)
    np.testing.assert_allclose(gradient, [slope[0] for _, slope in alone], rtol=1e-12, atol=1e-13)


@each_activation
@each_loss
def test_single_precision_stays_single_and_rounds_as_single_does(activation, loss, outputs):
    network = Network(widths=(2, 4, 5, outputs), activation=activation, loss=loss, l1=0.01, l2=0.01)
    exact = fast_pass(network).backward(starts(network))
    single = fast_pass(network, "float32").backward(starts(network).astype(np.float32))
    for ours, expected in zip(single, exact, strict=True):
        assert ours.dtype == np.float32
        np.testing.assert_allclose(ours, expected, rtol=2e-5, atol=2e-6)


def test_what_was_given_back_is_never_written_over():
    network = Network(widths=(2, 4, 1))
    fast = fast_pass(network)
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
    fast, parameters = fast_pass(network), starts(network)
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
    fast = fast_pass(network)
    parameters = starts(network)
    expected = fast.backward(parameters)
    broken = parameters.copy()
    broken[1] = np.inf
    with np.errstate(all="ignore"):
        loss, gradient = fast.backward(broken)
    assert not np.isfinite(loss[1])
    for ours, right in ((loss, expected[0]), (gradient, expected[1])):
        np.testing.assert_array_equal(ours[[0, 2]], right[[0, 2]])
