"""The objective in PyTorch against the one written by hand, and against PyTorch's own modules."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.methods.network import Network
from core.training.torch_objective import layers, objective
from tests.cases import drawn
from tests.networks import NETWORKS, starts, task, torch_loss_and_gradient


def by_torch(network: Network, parameters: torch.Tensor, x: np.ndarray, targets: np.ndarray) -> torch.Tensor:
    return objective(network, layers(network, parameters), torch.tensor(x.T.copy()), torch.tensor(targets.T.copy()))


@drawn(40, 400, network=NETWORKS)
def test_loss_and_gradient_are_those_by_hand_and_those_of_pytorchs_own_modules(network):
    (x, targets), parameters = task(network), starts(network)
    at = torch.tensor(parameters, requires_grad=True)
    loss = by_torch(network, at, x, targets)
    loss.sum().backward()
    by_hand = network.mean_loss(network.forward(parameters, x)[-1], targets) + network.penalty(parameters)
    np.testing.assert_allclose(loss.detach().numpy(), by_hand, rtol=1e-12)
    by_hand = network.gradient(parameters, x, targets) + network.penalty_gradient(parameters)
    np.testing.assert_allclose(at.grad.numpy(), by_hand, rtol=1e-10, atol=1e-13)
    for lane, row in enumerate(parameters):
        by_modules, gradient = torch_loss_and_gradient(network, row, x, targets)
        assert loss[lane].item() == pytest.approx(by_modules, rel=1e-12)
        np.testing.assert_allclose(at.grad[lane].numpy(), gradient, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("outputs", [1, 3])
def test_scores_too_large_for_exp_give_the_same_finite_loss(outputs):
    network = Network(widths=(2, outputs), activation="identity", loss="cross-entropy")
    (x, targets), parameters = task(network), 1e5 * starts(network)  # exp of such a score overflows float64
    by_hand = network.mean_loss(network.forward(parameters, x)[-1], targets)
    assert np.isfinite(by_hand).all()
    np.testing.assert_allclose(by_torch(network, torch.tensor(parameters), x, targets).numpy(), by_hand, rtol=1e-12)


def test_networks_measured_together_do_not_touch_each_other():
    network = Network(widths=(2, 4, 5, 3), loss="cross-entropy", l1=0.01, l2=0.01)
    (x, targets), parameters = task(network), torch.tensor(starts(network))
    alone = [by_torch(network, row[None], x, targets).item() for row in parameters]
    np.testing.assert_allclose(by_torch(network, parameters, x, targets).numpy(), alone, rtol=1e-12)
    parameters[1] = torch.nan
    found = by_torch(network, parameters, x, targets).numpy()
    assert np.isnan(found[1])
    np.testing.assert_allclose(found[[0, 2]], [alone[0], alone[2]], rtol=1e-12)
