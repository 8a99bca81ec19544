"""The Hessian's products by hand against whole Hessians by autograd, and against differences of gradients by hand."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from core.methods.network import ACTIVATIONS, Network
from core.methods.network_hessian import hessian_product
from tests.cases import drawn
from tests.networks import NETWORKS, starts, task


def objective(network: Network, at: torch.Tensor, x: np.ndarray, targets: np.ndarray) -> torch.Tensor:
    """What one network (P,) minimises, by torch.nn.functional."""
    said, first, penalty = torch.tensor(x), 0, torch.zeros((), dtype=torch.float64)
    bend = {"identity": lambda z: z}.get(network.activation) or getattr(torch, network.activation)
    for inputs, outputs in pairwise(network.widths):
        middle, end = first + inputs * outputs, first + (inputs + 1) * outputs
        weights = at[first:middle].view(inputs, outputs)
        said = (bend(said) if first else said) @ weights + at[middle:end]
        penalty = penalty + network.l1 * weights.abs().sum() + network.l2 * weights.square().sum()
        first = end
    functional, wanted = torch.nn.functional, torch.tensor(targets)
    if network.loss == "mse":
        return functional.mse_loss(said, wanted) + penalty
    if wanted.shape[1] == 1:
        return functional.binary_cross_entropy_with_logits(said, wanted) + penalty
    return functional.cross_entropy(said, wanted) + penalty


@drawn(15, 200, network=NETWORKS)
def test_times_every_unit_vector_it_is_the_whole_hessian(network):
    (x, targets), parameters = task(network), starts(network)
    product = hessian_product(network, parameters, x, targets)
    columns = [product(np.tile(unit, (3, 1))) for unit in np.eye(network.size)]
    for found, at in zip(np.stack(columns, axis=2), parameters, strict=True):
        whole = torch.autograd.functional.hessian(lambda row: objective(network, row, x, targets), torch.tensor(at))
        np.testing.assert_allclose(found, whole.numpy(), rtol=1e-9, atol=1e-12 * whole.abs().max().item())


@drawn(40, 400, network=NETWORKS.filter(lambda network: network.activation != "relu"))
def test_it_is_how_the_gradient_by_hand_changes_along_the_vector(network):
    (x, targets), parameters = task(network), starts(network)
    vectors, nudge = np.random.default_rng(5).normal(size=parameters.shape), 1e-5

    def gradient(at: np.ndarray) -> np.ndarray:
        return network.gradient(at, x, targets) + network.penalty_gradient(at)

    change = (gradient(parameters + nudge * vectors) - gradient(parameters - nudge * vectors)) / (2 * nudge)
    found = hessian_product(network, parameters, x, targets)(vectors)
    np.testing.assert_allclose(found, change, rtol=1e-6, atol=1e-7 * np.abs(change).max())


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_it_is_linear_and_symmetric_and_may_be_asked_again(activation):
    network = Network(widths=(2, 6, 5, 1), activation=activation)
    (x, targets), parameters = task(network), starts(network)
    product = hessian_product(network, parameters, x, targets)
    one, other = np.random.default_rng(2).normal(size=(2, *parameters.shape))
    first = product(one)
    np.testing.assert_allclose(product(3 * one - other), 3 * first - product(other), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(np.vecdot(other, first), np.vecdot(one, product(other)), rtol=1e-9, atol=1e-12)
    np.testing.assert_array_equal(product(one), first)


def test_networks_multiplied_together_do_not_touch_each_other():
    network = Network(widths=(2, 4, 3, 1))
    (x, targets), parameters = task(network), starts(network)
    vectors = np.random.default_rng(3).normal(size=parameters.shape)
    alone = hessian_product(network, parameters[:1], x, targets)(vectors[:1])
    parameters[1] = np.nan
    found = hessian_product(network, parameters, x, targets)(vectors)
    assert np.isnan(found[1]).all()
    np.testing.assert_allclose(found[:1], alone, rtol=1e-12, atol=1e-13)
