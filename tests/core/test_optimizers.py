"""Update rules against torch.optim, fed the same gradients."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.optimizers import UPDATE_RULES, adam, adam_preconditioner

RATES = np.array([[1e-3], [0.1], [2.5]])


def steps_of_torch(gradients, rule, **settings):
    """(K, P) parameters after each of the gradients, from zero, by an optimiser of torch.optim."""
    parameter = torch.zeros(gradients.shape[1], dtype=torch.float64, requires_grad=True)
    optimizer = rule([parameter], **settings)
    places = []
    for gradient in gradients:
        parameter.grad = torch.tensor(gradient)
        optimizer.step()
        places.append(parameter.detach().numpy().copy())
    return np.array(places)


def steps_of_ours(gradients, rule, momentum):
    """(K, R, P) parameters after each of the gradients, from zero, at RATES."""
    parameters, state, places = np.zeros((len(RATES), gradients.shape[2])), None, []
    for gradient in gradients:
        step, state = rule(gradient, state, RATES, momentum)
        parameters = parameters + step
        places.append(parameters)
    return np.array(places)


# Each rule of ours, and the same of torch.optim at this rate and momentum.
THEIRS = {
    "sgd": lambda rate, momentum: (torch.optim.SGD, {"lr": rate, "momentum": momentum}),
    "momentum": lambda rate, momentum: (torch.optim.SGD, {"lr": rate, "momentum": momentum}),
    "adam": lambda rate, momentum: (torch.optim.Adam, {"lr": rate, "betas": (momentum, 0.999)}),
}


@pytest.mark.parametrize("name", UPDATE_RULES)
@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9, 0.999])
@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_every_rule_steps_as_torch_optim_does(name, momentum, scale):
    gradients = scale * np.random.default_rng(1).normal(size=(60, len(RATES), 3))
    gradients[:, :, 2] = 0  # a parameter the loss does not depend on
    places = steps_of_ours(gradients, UPDATE_RULES[name], momentum)
    for r, rate in enumerate(RATES[:, 0]):
        rule, settings = THEIRS[name](float(rate), momentum)
        expected = steps_of_torch(gradients[:, r], rule, **settings)
        np.testing.assert_allclose(places[:, r], expected, rtol=1e-12, atol=1e-14 * scale)


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
def test_adams_preconditioner_is_made_of_what_torch_remembers(momentum):
    gradients = np.random.default_rng(4).normal(size=(12, 1, 3))
    parameter = torch.zeros(3, dtype=torch.float64, requires_grad=True)
    theirs, state = torch.optim.Adam([parameter], lr=0.1, betas=(momentum, 0.999)), None
    for k, gradient in enumerate(gradients, start=1):
        parameter.grad = torch.tensor(gradient[0])
        theirs.step()
        _, state = adam(gradient, state, np.full((1, 1), 0.1), momentum)
        square = theirs.state[parameter]["exp_avg_sq"].numpy()
        expected = (np.sqrt(square / (1 - 0.999**k)) + 1e-8) * (1 - momentum**k)
        np.testing.assert_allclose(adam_preconditioner(state, momentum), [expected], rtol=1e-13)


def test_adam_is_momentum_divided_by_its_preconditioner():
    gradients, state, velocity = np.random.default_rng(5).normal(size=(9, 1, 4)), None, 0.0
    for gradient in gradients:
        step, state = adam(gradient, state, np.full((1, 1), 0.1), 0.9)
        velocity = 0.9 * velocity + 0.1 * gradient
        np.testing.assert_allclose(step, -0.1 * velocity / adam_preconditioner(state, 0.9), rtol=1e-12)


def test_adams_first_step_is_the_rate_times_the_sign_of_the_gradient():
    step, _ = adam(np.array([[3.0, -4000.0, 0.0]]), None, np.array([[0.1]]), 0.9)
    np.testing.assert_allclose(step, [[-0.1, 0.1, 0.0]], rtol=1e-8)


def test_adams_step_forgets_how_large_the_gradients_are():
    gradients = np.random.default_rng(3).normal(size=(20, len(RATES), 2))
    small, large = (steps_of_ours(scale * gradients, adam, 0.9) for scale in (1.0, 1000.0))
    np.testing.assert_allclose(small, large, rtol=1e-5)


def test_adam_keeps_single_precision_single():
    step, state = adam(np.ones((1, 2), np.float32), None, np.full((1, 1), 0.1, np.float32), 0.9)
    step, _ = adam(step, state, np.full((1, 1), 0.1, np.float32), 0.9)
    assert step.dtype == np.float32


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
    moments = (np.array([[5.0, 6.0]]), np.array([[7.0, 8.0]]), 3)
    adam(gradient, moments, np.array([[0.1]]), 0.9)
    assert gradient.tolist() == [[1, 2]] and [moments[0].tolist(), moments[1].tolist()] == [[[5, 6]], [[7, 8]]]
