"""The logistic loss and Adam on one weight, against PyTorch's."""

import numpy as np
import pytest
import torch

from core.instruments.papers import limits

POINTS = torch.tensor([[1.0, 0.2], [0.6, -0.3]], dtype=torch.float64)
LABELS = torch.tensor([1.0, 0.0], dtype=torch.float64)
FOLDED = np.array([[1.0, 0.2], [-0.6, 0.3]])


@pytest.mark.parametrize("weights", [(0.0, 0.0), (0.7, -2.0), (40.0, 3.0), (-300.0, 5.0)])
def test_the_logistic_loss_and_its_gradient_are_pytorchs(weights):
    at = torch.tensor(weights, dtype=torch.float64, requires_grad=True)
    loss = torch.nn.functional.binary_cross_entropy_with_logits(POINTS @ at, LABELS)
    loss.backward()
    ours = np.array(weights)
    assert limits.logistic_loss(ours, FOLDED) == pytest.approx(loss.item(), rel=1e-12)
    assert limits.logistic_gradient(ours, FOLDED) == pytest.approx(at.grad.numpy(), rel=1e-12)


def test_the_one_weights_limit_is_2_over_the_curvature_at_ln_3():
    points = torch.tensor([1.0, 1.0, 1.0, -1.0], dtype=torch.float64)

    def loss(w):
        return torch.nn.functional.softplus(-w * points).mean()

    at = torch.tensor(np.log(3), dtype=torch.float64)
    assert torch.autograd.functional.jacobian(loss, at).item() == pytest.approx(0, abs=1e-15)
    assert 2 / torch.autograd.functional.hessian(loss, at).item() == pytest.approx(limits.ONE_WEIGHT_LIMIT)


def test_adam_on_one_weight_goes_the_way_of_torch_optim_adam():
    w = torch.tensor([1.0], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.Adam([w], lr=0.01, betas=(0.9, 0.99), eps=1e-8)
    way = [1.0]
    for _ in range(400):
        optimizer.zero_grad()
        (w**2 / 2).sum().backward()
        optimizer.step()
        way.append(abs(w.item()))
    ours, product = limits.adam_on_one_weight(0.01, 0.9, 0.99, 400)
    assert ours == pytest.approx(way, rel=1e-9)
    state = optimizer.state[w]
    size = np.sqrt(state["exp_avg_sq"].item() / (1 - 0.99**400)) + 1e-8
    assert product[-1] == pytest.approx(0.01 / (size * (1 - 0.9**400)), rel=1e-9)
