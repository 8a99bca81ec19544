"""Update rules against torch.optim, fed the same gradients."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch

from core.data.surfaces import ravine, rosenbrock
from core.methods.optimizers import UPDATE_RULES, adam, adam_preconditioner, gradient_descent
from tests.cases import for_each

RATES = np.array([[1e-3], [0.1], [2.5]])
ONE = np.array([[0.1]])  # a rate


def steps_of_torch(gradients, rule, **settings):
    """(K, P) parameters after each of the gradients, from one, by an optimizer of torch.optim."""
    parameter = torch.ones(gradients.shape[1], dtype=torch.float64, requires_grad=True)
    optimizer = rule([parameter], **settings)
    places = []
    for gradient in gradients:
        parameter.grad = torch.tensor(gradient)
        optimizer.step()
        places.append(parameter.detach().numpy().copy())
    return np.array(places)


def steps_of_ours(gradients, rule, momentum):
    """(K, R, P) parameters after each of the gradients, from one, at RATES."""
    parameters, state, places = np.ones((len(RATES), gradients.shape[2])), None, []
    for gradient in gradients:
        parameters, state = UPDATE_RULES[rule].move(parameters, gradient, state, RATES, momentum)
        places.append(parameters)
    return np.array(places)


# Each rule of ours, and the same of torch.optim at this rate and momentum.
THEIRS = {
    "sgd": lambda rate, momentum: (torch.optim.SGD, {"lr": rate, "momentum": momentum}),
    "momentum": lambda rate, momentum: (torch.optim.SGD, {"lr": rate, "momentum": momentum}),
    "nesterov": lambda rate, momentum: (torch.optim.SGD, {"lr": rate, "momentum": momentum, "nesterov": momentum > 0}),
    "adagrad": lambda rate, momentum: (torch.optim.Adagrad, {"lr": rate}),
    "rmsprop": lambda rate, momentum: (torch.optim.RMSprop, {"lr": rate, "momentum": momentum}),
    "adam": lambda rate, momentum: (torch.optim.Adam, {"lr": rate, "betas": (momentum, 0.999)}),
    "adamw": lambda rate, momentum: (torch.optim.AdamW, {"lr": rate, "betas": (momentum, 0.999)}),
}


@for_each("name", UPDATE_RULES)
@for_each("momentum", [0.0, 0.5, 0.9, 0.999])
@for_each("scale", [1e-6, 1.0, 1e6])
def test_every_rule_steps_as_torch_optim_does(name, momentum, scale):
    gradients = scale * np.random.default_rng(1).normal(size=(60, len(RATES), 3))
    gradients[:, :, 2] = 0  # a parameter the loss does not depend on
    places = steps_of_ours(gradients, name, momentum)
    for r, rate in enumerate(RATES[:, 0]):
        rule, settings = THEIRS[name](float(rate), momentum)
        expected = steps_of_torch(gradients[:, r], rule, **settings)
        np.testing.assert_allclose(places[:, r], expected, rtol=1e-12, atol=1e-14 * max(scale, 1.0))


# A rate of each rule at which it moves well on these surfaces, and stays there.
ON_SURFACES = {
    "sgd": (0.0, 5e-4),
    "momentum": (0.9, 5e-4),
    "nesterov": (0.9, 3e-4),
    "adagrad": (0.0, 0.3),
    "rmsprop": (0.5, 0.002),
    "adam": (0.9, 0.02),
    "adamw": (0.9, 0.02),
}


@for_each("name", UPDATE_RULES)
@for_each("land", [ravine(), rosenbrock()])
def test_every_rule_walks_a_surface_as_torch_optim_does(land, name):
    momentum, rate = ON_SURFACES[name]
    theirs = torch.tensor(land.start, dtype=torch.float64, requires_grad=True)
    rule, settings = THEIRS[name](rate, momentum)
    optimizer, here, state = rule([theirs], **settings), np.array([land.start]), None
    heights = [land.loss(land.start)]
    for _ in range(60):
        theirs.grad = torch.tensor(land.gradient(theirs.detach().numpy()))
        optimizer.step()
        here, state = UPDATE_RULES[name].move(here, land.gradient(here), state, np.full((1, 1), rate), momentum)
        np.testing.assert_allclose(here[0], theirs.detach().numpy(), rtol=1e-12)
        heights.append(land.loss(here[0]))
    assert heights[-1] < 0.9 * heights[0]  # it went somewhere


@for_each("momentum", [0.0, 0.9])
@for_each("name", [name for name, rule in UPDATE_RULES.items() if not name.startswith("adam")])
def test_a_rule_that_divides_tells_by_what_and_no_other_does(name, momentum):
    # What torch remembers: the sum of squares, or their running mean.
    gradients = np.random.default_rng(4).normal(size=(12, 1, 3))
    parameter, state = torch.zeros(3, dtype=torch.float64, requires_grad=True), None
    rule, settings = THEIRS[name](0.1, momentum)
    theirs = rule([parameter], **settings)
    for gradient in gradients:
        parameter.grad = torch.tensor(gradient[0])
        theirs.step()
        _, state = UPDATE_RULES[name].update(gradient, state, ONE, momentum)
    if name not in ("adagrad", "rmsprop"):
        assert UPDATE_RULES[name].preconditioner is None and not UPDATE_RULES[name].adaptive
        return
    square, epsilon = {"adagrad": ("sum", 1e-10), "rmsprop": ("square_avg", 1e-8)}[name]
    expected = np.sqrt(theirs.state[parameter][square].numpy()) + epsilon
    np.testing.assert_allclose(UPDATE_RULES[name].preconditioner(state, momentum), [expected], rtol=1e-13)
    assert UPDATE_RULES[name].adaptive


@pytest.mark.parametrize("name", ["adagrad", "rmsprop"])
def test_without_momentum_a_rule_that_divides_steps_by_the_gradient_over_its_preconditioner(name):
    gradients, state, rule = np.random.default_rng(5).normal(size=(9, 1, 4)), None, UPDATE_RULES[name]
    for gradient in gradients:
        step, state = rule.update(gradient, state, ONE, 0.0)
        np.testing.assert_allclose(step, -0.1 * gradient / rule.preconditioner(state, 0.0), rtol=1e-12)


STEEP = np.array([[3.0, -4000.0, 0.0]])


@pytest.mark.parametrize(("name", "times"), [("adagrad", 1), ("rmsprop", 10), ("adam", 1)])
def test_the_first_step_of_a_rule_that_divides_is_the_rate_times_the_sign_of_the_gradient(name, times):
    # RMSprop's mean of squares starts at 0 and takes up 1 % of the first, so that it divides by a tenth of the size.
    moved, _ = UPDATE_RULES[name].move(np.zeros((1, 3)), STEEP, None, ONE, 0.0)
    np.testing.assert_allclose(moved, times * np.array([[-0.1, 0.1, 0.0]]), rtol=1e-7)


def test_adamw_first_shrinks_the_parameters_by_a_hundredth_of_the_rate_and_then_steps_as_adam():
    here = np.array([[2.0, -5.0, 7.0]])
    moved, _ = UPDATE_RULES["adamw"].move(here, STEEP, None, ONE, 0.9)
    np.testing.assert_allclose(moved, [[2 * 0.999 - 0.1, -5 * 0.999 + 0.1, 7 * 0.999]], rtol=1e-8)


def test_nesterovs_first_two_steps_are_those_calculated_by_hand():
    # dw = 1 twice, m = 0.9: v = 1, step 1 + 0.9; then v = 1.9, step 1 + 0.9 * 1.9.
    here, gradient, state = np.zeros((1, 1)), np.ones((1, 1)), None
    places = []
    for _ in range(2):
        here, state = UPDATE_RULES["nesterov"].move(here, gradient, state, ONE, 0.9)
        places.append(here.item())
    np.testing.assert_allclose(places, [-0.19, -0.19 - 0.271], rtol=1e-14)


def test_adagrads_steps_under_an_even_gradient_shrink_as_one_over_the_root_of_their_number():
    gradients = np.full((25, len(RATES), 1), 3.0)
    steps = np.diff(steps_of_ours(gradients, "adagrad", 0.0), axis=0, prepend=1.0)
    np.testing.assert_allclose(steps[:, 1, 0], -0.1 / np.sqrt(np.arange(1, 26)), rtol=1e-9)


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


def test_adams_step_forgets_how_large_the_gradients_are():
    gradients = np.random.default_rng(3).normal(size=(20, len(RATES), 2))
    small, large = (steps_of_ours(scale * gradients, "adam", 0.9) for scale in (1.0, 1000.0))
    np.testing.assert_allclose(small, large, rtol=1e-5)


@for_each("name", UPDATE_RULES)
def test_every_rule_keeps_single_precision_single(name):
    here, state, rate = np.ones((1, 2), np.float32), None, np.full((1, 1), 0.1, np.float32)
    for _ in range(2):
        here, state = UPDATE_RULES[name].move(here, here, state, rate, 0.9)
    assert here.dtype == np.float32
    if UPDATE_RULES[name].adaptive:
        assert UPDATE_RULES[name].preconditioner(state, 0.9).dtype == np.float32


def test_the_first_velocity_is_the_gradient_itself():
    gradient = np.array([[3.0, -4.0]])
    step, state = gradient_descent(gradient, None, np.array([[0.1]]), 0.9)
    np.testing.assert_allclose(step, [[-0.3, 0.4]])
    np.testing.assert_allclose(state, gradient)


def test_the_second_velocity_keeps_a_share_of_the_first():
    rate, gradient = np.array([[0.1]]), np.array([[1.0]])
    _, state = gradient_descent(gradient, None, rate, 0.9)
    step, _ = gradient_descent(gradient, state, rate, 0.9)
    np.testing.assert_allclose(step, [[-0.19]])


@for_each("name", UPDATE_RULES)
def test_a_rule_changes_no_array_it_is_given(name):
    gradient, here = np.array([[1.0, 2.0]]), np.array([[3.0, 4.0]])
    _, state = UPDATE_RULES[name].move(here, gradient, None, ONE, 0.9)
    kept = copy.deepcopy(state)
    UPDATE_RULES[name].move(here, gradient, state, ONE, 0.9)
    assert gradient.tolist() == [[1, 2]] and here.tolist() == [[3, 4]]
    np.testing.assert_equal(state, kept)
