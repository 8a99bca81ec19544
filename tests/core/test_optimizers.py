"""Update rules against torch.optim, fed the same gradients."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.optimizers import UPDATE_RULES

RATES = np.array([[1e-3], [0.1], [2.5]])


def steps_of_torch(gradients, rate, momentum):
    """(K, P) parameters after each of the gradients, from zero, by torch.optim.SGD."""
    parameter = torch.zeros(gradients.shape[1], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([parameter], lr=rate, momentum=momentum)
    places = []
    for gradient in gradients:
        parameter.grad = torch.tensor(gradient)
        optimizer.step()
        places.append(parameter.detach().numpy().copy())
    return np.array(places)


@pytest.mark.parametrize("name", UPDATE_RULES)
@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9, 0.999])
def test_every_rule_steps_as_torch_optim_does(name, momentum):
    gradients = np.random.default_rng(1).normal(size=(30, len(RATES), 2))
    parameters, state, places = np.zeros((len(RATES), 2)), None, []
    for gradient in gradients:
        step, state = UPDATE_RULES[name](gradient, state, RATES, momentum)
        parameters = parameters + step
        places.append(parameters)
    for r, rate in enumerate(RATES[:, 0]):
        expected = steps_of_torch(gradients[:, r], float(rate), momentum)
        np.testing.assert_allclose(np.array(places)[:, r], expected, rtol=1e-12, atol=1e-14)


def test_the_first_velocity_is_the_gradient_itself():
    gradient = np.array([[3.0, -4.0]])
    step, state = UPDATE_RULES["momentum"](gradient, None, np.array([[0.1]]), 0.9)
    np.testing.assert_allclose(step, [[-0.3, 0.4]])
    np.testing.assert_allclose(state, gradient)


def test_the_second_velocity_keeps_a_share_of_the_first():
    rate, gradient = np.array([[0.1]]), np.array([[1.0]])
    _, state = UPDATE_RULES["momentum"](gradient, None, rate, 0.9)
    step, _ = UPDATE_RULES["momentum"](gradient, state, rate, 0.9)
    np.testing.assert_allclose(step, [[-0.19]])


def test_a_rule_changes_no_array_it_is_given():
    gradient, state = np.array([[1.0, 2.0]]), np.array([[5.0, 6.0]])
    UPDATE_RULES["momentum"](gradient, state, np.array([[0.1]]), 0.9)
    assert gradient.tolist() == [[1, 2]] and state.tolist() == [[5, 6]]
