"""The objective in PyTorch against the one written by hand, and against PyTorch's own modules."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch

from core.methods.network import ACTIVATIONS, Network
from core.training.torch_objective import layers, objective

BENDS = {
    "tanh": torch.nn.Tanh,
    "relu": torch.nn.ReLU,
    "sigmoid": torch.nn.Sigmoid,
    "identity": torch.nn.Identity,
}
HIDDEN = {0: (), 1: (4,), 2: (4, 5), 3: (4, 3, 5)}
# (loss, outputs) -> the module people write for it.
CRITERIA = {
    ("mse", 1): torch.nn.MSELoss(),
    ("mse", 3): torch.nn.MSELoss(),
    ("cross-entropy", 1): torch.nn.BCEWithLogitsLoss(),
    ("cross-entropy", 3): torch.nn.CrossEntropyLoss(),
}
PENALTIES = [(0.0, 0.0), (0.03, 0.0), (0.0, 0.05), (0.02, 0.07)]

each_activation = pytest.mark.parametrize("activation", ACTIVATIONS)
each_depth = pytest.mark.parametrize("depth", HIDDEN)
each_loss = pytest.mark.parametrize(("loss", "outputs"), CRITERIA)
each_penalty = pytest.mark.parametrize(("l1", "l2"), PENALTIES)


def points(loss: str, outputs: int) -> tuple[np.ndarray, np.ndarray]:
    """x (7, 2) and targets (7, outputs), in probabilities where the loss asks for them."""
    draw = np.random.default_rng(1)
    x = draw.normal(size=(7, 2))
    if loss == "mse":
        return x, draw.normal(size=(7, outputs))
    if outputs == 1:
        return x, draw.integers(2, size=(7, 1)).astype(float)
    return x, np.eye(outputs)[draw.integers(outputs, size=7)]


def case(activation: str, depth: int, loss: str, outputs: int, l1: float = 0.0, l2: float = 0.0) -> Network:
    return Network(widths=(2, *HIDDEN[depth], outputs), activation=activation, loss=loss, l1=l1, l2=l2)


def three_starts(network: Network) -> np.ndarray:
    """(3, P): three networks that differ."""
    return np.stack([network.start(seed) for seed in range(3)])


def by_torch(network: Network, parameters: torch.Tensor, x: np.ndarray, targets: np.ndarray) -> torch.Tensor:
    return objective(network, layers(network, parameters), torch.tensor(x.T.copy()), torch.tensor(targets.T.copy()))


def module(network: Network, parameters: np.ndarray) -> torch.nn.Sequential:
    """What anybody would write; torch.nn.Linear keeps its weights as (outputs, inputs)."""
    model, at = torch.nn.Sequential(), 0
    for layer, (inputs, outputs) in enumerate(pairwise(network.widths)):
        linear = torch.nn.Linear(inputs, outputs, dtype=torch.float64)
        with torch.no_grad():
            linear.weight[:] = torch.tensor(parameters[at : at + inputs * outputs]).reshape(inputs, outputs).T
            at += inputs * outputs
            linear.bias[:] = torch.tensor(parameters[at : at + outputs])
            at += outputs
        model.append(linear)
        if layer < len(network.widths) - 2:
            model.append(BENDS[network.activation]())
    return model


@each_activation
@each_depth
@each_loss
@each_penalty
def test_it_is_the_loss_by_hand_plus_the_penalty(activation, depth, loss, outputs, l1, l2):
    network = case(activation, depth, loss, outputs, l1, l2)
    x, targets = points(loss, outputs)
    parameters = three_starts(network)
    by_hand = network.mean_loss(network.forward(parameters, x)[-1], targets) + network.penalty(parameters)
    found = by_torch(network, torch.tensor(parameters), x, targets)
    np.testing.assert_allclose(found.numpy(), by_hand, rtol=1e-12)


@each_activation
@each_depth
@each_loss
@each_penalty
def test_its_gradient_is_the_one_by_hand(activation, depth, loss, outputs, l1, l2):
    network = case(activation, depth, loss, outputs, l1, l2)
    x, targets = points(loss, outputs)
    at = torch.tensor(three_starts(network), requires_grad=True)
    by_torch(network, at, x, targets).sum().backward()
    parameters = at.detach().numpy()
    by_hand = network.gradient(parameters, x, targets) + network.penalty_gradient(parameters)
    np.testing.assert_allclose(at.grad.numpy(), by_hand, rtol=1e-10, atol=1e-14)


@each_activation
@each_depth
@each_loss
def test_it_is_what_pytorchs_own_modules_say(activation, depth, loss, outputs):
    network = case(activation, depth, loss, outputs)
    x, targets = points(loss, outputs)
    parameters = three_starts(network)
    criterion = CRITERIA[loss, outputs]
    said = [criterion(module(network, row)(torch.tensor(x)), torch.tensor(targets)).item() for row in parameters]
    found = by_torch(network, torch.tensor(parameters), x, targets)
    np.testing.assert_allclose(found.numpy(), said, rtol=1e-12)


@each_loss
def test_penalties_are_of_the_weights_of_pytorchs_modules_and_never_of_their_biases(loss, outputs):
    network = case("tanh", 2, loss, outputs, l1=0.02, l2=0.07)
    x, targets = points(loss, outputs)
    (row,) = parameters = three_starts(network)[:1]
    model = module(network, row)
    weights = [part.weight for part in model if isinstance(part, torch.nn.Linear)]
    said = CRITERIA[loss, outputs](model(torch.tensor(x)), torch.tensor(targets))
    said = said + sum(0.02 * w.abs().sum() + 0.07 * w.square().sum() for w in weights)
    found = by_torch(network, torch.tensor(parameters), x, targets)
    np.testing.assert_allclose(found.numpy(), [said.item()], rtol=1e-12)


@pytest.mark.parametrize("outputs", [1, 3])
def test_scores_too_large_for_exp_give_the_same_finite_loss(outputs):
    network = case("identity", 0, "cross-entropy", outputs)
    x, targets = points("cross-entropy", outputs)
    parameters = 1e5 * three_starts(network)  # exp of such a score overflows float64
    by_hand = network.mean_loss(network.forward(parameters, x)[-1], targets)
    assert np.isfinite(by_hand).all()
    np.testing.assert_allclose(by_torch(network, torch.tensor(parameters), x, targets).numpy(), by_hand, rtol=1e-12)


def test_networks_measured_together_do_not_touch_each_other():
    network = case("tanh", 2, "cross-entropy", 3, l1=0.01, l2=0.01)
    x, targets = points("cross-entropy", 3)
    parameters = torch.tensor(three_starts(network))
    alone = [by_torch(network, row[None], x, targets).item() for row in parameters]
    np.testing.assert_allclose(by_torch(network, parameters, x, targets).numpy(), alone, rtol=1e-14)
    parameters[1] = torch.nan
    found = by_torch(network, parameters, x, targets).numpy()
    assert np.isnan(found[1])
    np.testing.assert_allclose(found[[0, 2]], [alone[0], alone[2]], rtol=1e-14)
