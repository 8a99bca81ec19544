"""The Hessian's products by hand against whole Hessians by autograd, and against differences of gradients by hand."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from core.methods.network import ACTIVATIONS, Network
from core.methods.network_hessian import hessian_product

HIDDEN = [(), (5,), (4, 3), (3, 4, 2)]
LOSSES = [("mse", 1), ("mse", 3), ("cross-entropy", 1), ("cross-entropy", 3)]

each_activation = pytest.mark.parametrize("activation", ACTIVATIONS)
each_loss = pytest.mark.parametrize(("loss", "outputs"), LOSSES)


def points(loss: str, outputs: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """x (9, 2) and targets (9, outputs), in probabilities where the loss asks for them."""
    draw = np.random.default_rng(seed)
    x = draw.normal(size=(9, 2))
    if loss == "mse":
        return x, draw.normal(size=(9, outputs))
    if outputs == 1:
        return x, draw.uniform(size=(9, 1))
    return x, draw.dirichlet(np.ones(outputs), size=9)


def starts(network: Network, seed: int) -> np.ndarray:
    """(3, P): three networks that differ, far enough from 0 for their layers to bend."""
    return 2 * np.stack([network.start(3 * seed + k) for k in range(3)])


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


@each_activation
@each_loss
@pytest.mark.parametrize("penalty", [{}, {"l1": 0.02, "l2": 0.07}], ids=["plain", "penalised"])
def test_times_every_unit_vector_it_is_the_whole_hessian(activation, loss, outputs, penalty):
    for seed, hidden in enumerate(HIDDEN):
        network = Network(widths=(2, *hidden, outputs), activation=activation, loss=loss, **penalty)
        (x, targets), parameters = points(loss, outputs, seed), starts(network, seed)
        product = hessian_product(network, parameters, x, targets)
        columns = [product(np.tile(unit, (3, 1))) for unit in np.eye(network.size)]
        for found, at in zip(np.stack(columns, axis=2), parameters, strict=True):
            whole = torch.autograd.functional.hessian(
                lambda row, of=network, x=x, targets=targets: objective(of, row, x, targets), torch.tensor(at)
            ).numpy()
            np.testing.assert_allclose(found, whole, rtol=1e-9, atol=1e-12 * np.abs(whole).max())


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "identity"])
@each_loss
def test_it_is_how_the_gradient_by_hand_changes_along_the_vector(activation, loss, outputs):
    network = Network(widths=(2, 5, 4, outputs), activation=activation, loss=loss, l2=0.03)
    (x, targets), parameters = points(loss, outputs, 5), starts(network, 5)
    vectors, nudge = np.random.default_rng(5).normal(size=parameters.shape), 1e-5

    def gradient(at: np.ndarray) -> np.ndarray:
        return network.gradient(at, x, targets) + network.penalty_gradient(at)

    change = (gradient(parameters + nudge * vectors) - gradient(parameters - nudge * vectors)) / (2 * nudge)
    found = hessian_product(network, parameters, x, targets)(vectors)
    np.testing.assert_allclose(found, change, rtol=1e-6, atol=1e-7 * np.abs(change).max())


@each_activation
def test_it_is_linear_and_symmetric_and_may_be_asked_again(activation):
    network = Network(widths=(2, 6, 5, 1), activation=activation)
    (x, targets), parameters = points("mse", 1, 2), starts(network, 2)
    product = hessian_product(network, parameters, x, targets)
    one, other = np.random.default_rng(2).normal(size=(2, *parameters.shape))
    first = product(one)
    np.testing.assert_allclose(product(3 * one - other), 3 * first - product(other), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(np.vecdot(other, first), np.vecdot(one, product(other)), rtol=1e-9, atol=1e-12)
    np.testing.assert_array_equal(product(one), first)


def test_networks_multiplied_together_do_not_touch_each_other():
    network = Network(widths=(2, 4, 3, 1))
    (x, targets), parameters = points("mse", 1, 3), starts(network, 3)
    vectors = np.random.default_rng(3).normal(size=parameters.shape)
    alone = hessian_product(network, parameters[:1], x, targets)(vectors[:1])
    parameters[1] = np.nan
    found = hessian_product(network, parameters, x, targets)(vectors)
    assert np.isnan(found[1]).all()
    np.testing.assert_allclose(found[:1], alone, rtol=1e-12, atol=1e-13)
