"""The network from scratch, held against finite differences, PyTorch's autograd and a plain torch.nn loop."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch

from core.methods.descent import descend
from core.methods.network import ACTIVATIONS, LOSSES, Network
from tests.cases import for_each

TORCH_BENDS = {"tanh": torch.tanh, "relu": torch.relu, "sigmoid": torch.sigmoid, "identity": lambda z: z}
TORCH_LAYERS = {
    "tanh": torch.nn.Tanh,
    "relu": torch.nn.ReLU,
    "sigmoid": torch.nn.Sigmoid,
    "identity": torch.nn.Identity,
}
DEPTHS = {0: (3, 2), 1: (3, 4, 2), 2: (3, 4, 5, 2), 3: (3, 4, 3, 5, 2)}

each_activation = for_each("activation", ACTIVATIONS)
each_depth = for_each("hidden", DEPTHS)
each_loss = for_each("loss", LOSSES)


def task(loss: str, points: int = 6) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(1)
    x = draw.normal(size=(points, 3))
    if loss == "mse":
        return x, draw.normal(size=(points, 2))
    return x, np.eye(2)[draw.integers(2, size=points)]


def torch_forward(network: Network, parameters: torch.Tensor, x: np.ndarray) -> torch.Tensor:
    """Written from the docstring's account of how parameters are packed: weights (inputs, outputs), then biases."""
    said, at = torch.tensor(x), 0
    for layer, (inputs, outputs) in enumerate(pairwise(network.widths)):
        weights = parameters[at : at + inputs * outputs].reshape(inputs, outputs)
        at += inputs * outputs
        said = said @ weights + parameters[at : at + outputs]
        at += outputs
        if layer < len(network.widths) - 2:
            said = TORCH_BENDS[network.activation](said)
    return said


def torch_loss(network: Network, outputs: torch.Tensor, targets: np.ndarray) -> torch.Tensor:
    losses = {"mse": torch.nn.MSELoss(), "cross-entropy": torch.nn.CrossEntropyLoss()}
    return losses[network.loss](outputs, torch.tensor(targets))


@each_activation
@each_depth
@each_loss
def test_the_gradient_is_that_of_finite_differences(activation, hidden, loss):
    network = Network(widths=DEPTHS[hidden], activation=activation, loss=loss)
    x, y = task(loss)
    start, h = network.start(3), 1e-6
    # One batch: every parameter nudged up in one row, down in another.
    nudged = np.concatenate([start + h * np.eye(network.size), start - h * np.eye(network.size)])
    up, down = np.split(network.mean_loss(network.forward(nudged, x)[-1], y), 2)
    np.testing.assert_allclose(network.gradient(start[None], x, y)[0], (up - down) / (2 * h), atol=1e-8)


@each_activation
@each_depth
@each_loss
def test_outputs_loss_and_gradient_are_those_of_autograd(activation, hidden, loss):
    network = Network(widths=DEPTHS[hidden], activation=activation, loss=loss)
    x, y = task(loss)
    start = network.start(4)
    at = torch.tensor(start, requires_grad=True)
    outputs = torch_forward(network, at, x)
    value = torch_loss(network, outputs, y)
    value.backward()
    said = network.forward(start[None], x)
    np.testing.assert_allclose(said[-1][0], outputs.detach().numpy(), rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(network.mean_loss(said[-1], y)[0], value.item(), rtol=1e-12)
    np.testing.assert_allclose(network.backward(start[None], said, y)[0], at.grad.numpy(), rtol=1e-10, atol=1e-14)


@each_activation
@each_depth
def test_200_steps_end_where_a_plain_torch_loop_ends(activation, hidden):
    network = Network(widths=DEPTHS[hidden], activation=activation)
    x, y = task("mse")
    start = network.start(5)
    model = torch.nn.Sequential()
    for layer, given in enumerate(network.layers(start[None].copy())):
        linear = torch.nn.Linear(*given.weights.shape[1:], dtype=torch.float64)
        linear.weight.data = torch.tensor(given.weights[0].T)
        linear.bias.data = torch.tensor(given.biases[0, 0])
        model.append(linear)
        if layer < len(network.widths) - 2:
            model.append(TORCH_LAYERS[activation]())
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    for _ in range(200):
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(model(torch.tensor(x)), torch.tensor(y)).backward()
        optimizer.step()
    theirs = [model[k] for k in range(len(model)) if isinstance(model[k], torch.nn.Linear)]
    path = descend(lambda at: network.gradient(at, x, y), start, [0.05], 200)
    for ours, linear in zip(network.layers(path[0, -1:]), theirs, strict=True):
        np.testing.assert_allclose(ours.weights[0].T, linear.weight.detach().numpy(), rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(ours.biases[0, 0], linear.bias.detach().numpy(), rtol=1e-9, atol=1e-12)


@each_activation
@each_loss
def test_a_batch_of_rates_is_as_many_single_runs(activation, loss):
    network = Network(widths=(3, 4, 2), activation=activation, loss=loss)
    x, y = task(loss)
    rates = [0.001, 0.01, 0.1]
    together = descend(lambda at: network.gradient(at, x, y), network.start(6), rates, 100)
    for row, rate in enumerate(rates):
        alone = descend(lambda at: network.gradient(at, x, y), network.start(6), [rate], 100)
        np.testing.assert_allclose(together[row], alone[0], rtol=1e-12, atol=1e-13)


def test_without_a_hidden_layer_it_is_a_line():
    network = Network(widths=(2, 1))
    outputs = network.forward(np.array([[2.0, -3.0, 0.5]]), np.array([[1.0, 4.0], [10.0, 0.0]]))[-1]
    assert outputs.tolist() == [[[2 - 12 + 0.5], [20 + 0.5]]]


def test_one_neuron_is_the_arithmetic_of_a_pencil():
    # h = tanh(0.5 * 2 - 1) = 0, output = 3 * 0 + 1 = 1, loss = (1 - 4)^2 = 9; error -6, and tanh's slope at 0 is 1.
    network = Network(widths=(1, 1, 1))
    parameters, x, y = np.array([[0.5, -1.0, 3.0, 1.0]]), np.array([[2.0]]), np.array([[4.0]])
    said = network.forward(parameters, x)
    assert [layer.ravel().tolist() for layer in said] == [[2], [0], [1]]
    assert network.mean_loss(said[-1], y).tolist() == [9]
    assert network.gradient(parameters, x, y).tolist() == [[-6 * 3 * 2, -6 * 3, 0, -6]]


def test_layers_are_views_so_update_rules_work_on_the_packed_row():
    network = Network(widths=(2, 3, 1))
    parameters = np.zeros((5, network.size))
    hidden, out = network.layers(parameters)
    assert [part.shape for part in (*hidden, *out)] == [(5, 2, 3), (5, 1, 3), (5, 3, 1), (5, 1, 1)]
    hidden.weights[:] = 1
    hidden.biases[:] = 2
    out.weights[:] = 3
    out.biases[:] = 4
    assert parameters.tolist() == [[1] * 6 + [2] * 3 + [3] * 3 + [4]] * 5


@pytest.mark.parametrize("inputs", [1, 4, 100])
def test_the_start_is_drawn_in_the_range_torch_nn_linear_uses(inputs):
    weights = Network(widths=(inputs, 2000)).start(0)
    theirs = torch.nn.Linear(inputs, 2000)
    for drawn in (weights, theirs.weight.detach().numpy(), theirs.bias.detach().numpy()):
        largest = np.abs(drawn).max() * np.sqrt(inputs)
        assert 0.99 < largest <= 1 + 1e-6
    assert weights.std() * np.sqrt(inputs) == pytest.approx(1 / np.sqrt(3), rel=0.05)


def test_a_seed_gives_one_start_and_another_seed_another():
    network = Network(widths=(2, 3, 1))
    assert (network.start(7) == network.start(7)).all()
    assert (network.start(7) != network.start(8)).all()
    assert network.start(7).shape == (network.size,) == (13,)


def test_huge_sums_saturate_without_overflow():
    x = np.array([[1e6], [-1e6]])
    for activation, ends in (("tanh", [1, -1]), ("sigmoid", [1, 0])):
        network = Network(widths=(1, 1, 1), activation=activation)
        said = network.forward(np.array([[1.0, 0.0, 1.0, 0.0]]), x)
        assert said[-1].ravel().tolist() == ends


def test_cross_entropy_of_huge_scores_is_their_distance():
    scores, targets = np.array([[[1000.0, -1000.0]]]), np.array([[0.0, 1.0]])
    assert LOSSES["cross-entropy"].mean(scores, targets).tolist() == [2000]
    assert LOSSES["cross-entropy"].derivative(scores, targets).tolist() == [[[1, -1]]]


@each_activation
def test_one_output_under_cross_entropy_is_torchs_loss_with_logits(activation):
    network = Network(widths=(3, 4, 1), activation=activation, loss="cross-entropy")
    x, chance = task("mse")[0], np.array([[0.0], [1.0], [1.0], [0.0], [1.0], [0.25]])
    start = network.start(4)
    at = torch.tensor(start, requires_grad=True)
    value = torch.nn.BCEWithLogitsLoss()(torch_forward(network, at, x), torch.tensor(chance))
    value.backward()
    said = network.forward(start[None], x)
    np.testing.assert_allclose(network.mean_loss(said[-1], chance)[0], value.item(), rtol=1e-12)
    np.testing.assert_allclose(network.backward(start[None], said, chance)[0], at.grad.numpy(), rtol=1e-10, atol=1e-14)


def test_one_output_is_two_whose_difference_it_is():
    score, chance = np.array([[[3.0], [-700.0], [0.5]]]), np.array([[1.0], [0.0], [0.0]])
    two, both = np.concatenate([0 * score, score], axis=2), np.hstack([1 - chance, chance])
    loss = LOSSES["cross-entropy"]
    np.testing.assert_allclose(loss.mean(score, chance), loss.mean(two, both), rtol=1e-14)
    np.testing.assert_allclose(
        loss.derivative(score, chance)[0], loss.derivative(two, both)[0, :, 1:], rtol=1e-13, atol=1e-300
    )


@each_activation
@each_loss
def test_float32_stays_float32(activation, loss):
    network = Network(widths=(3, 4, 2), activation=activation, loss=loss)
    x, y = (part.astype(np.float32) for part in task(loss))
    start = network.start(0).astype(np.float32)[None]
    assert network.gradient(start, x, y).dtype == np.float32
    assert network.mean_loss(network.forward(start, x)[-1], y).dtype == np.float32


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"widths": (2,)}, "widths must be two or more"),
        ({"widths": (2, 0, 1)}, "widths must be two or more"),
        (
            {"widths": (2, 1), "activation": "step"},
            "activation must be one of tanh, relu, sigmoid, identity, got 'step'",
        ),
        ({"widths": (2, 1), "loss": "hinge"}, "loss must be one of mse, cross-entropy, got 'hinge'"),
    ],
)
def test_what_no_network_can_be_is_refused_by_name(asked, words):
    with pytest.raises(ValueError, match=words):
        Network(**asked)
