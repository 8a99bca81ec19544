"""Networks as hypothesis draws them, and each as anybody would write it in PyTorch."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import torch
from hypothesis import strategies as st

from core.methods.network import ACTIVATIONS, LOSSES, Network

LAYERS = {"tanh": torch.nn.Tanh, "relu": torch.nn.ReLU, "sigmoid": torch.nn.Sigmoid, "identity": torch.nn.Identity}

# Up to three hidden layers on two inputs; each penalty or none.
NETWORKS = st.builds(
    lambda hidden, outputs, **fields: Network(widths=(2, *hidden, outputs), **fields),
    hidden=st.lists(st.integers(1, 5), max_size=3),
    outputs=st.sampled_from([1, 3]),
    activation=st.sampled_from(list(ACTIVATIONS)),
    loss=st.sampled_from(list(LOSSES)),
    l1=st.sampled_from([0.0, 0.03]),
    l2=st.sampled_from([0.0, 0.05]),
)


def task(network: Network, points: int = 9) -> tuple[np.ndarray, np.ndarray]:
    """x (points, 2) and targets (points, outputs), probabilities where the loss asks for them."""
    draw, outputs = np.random.default_rng(1), network.widths[-1]
    x = draw.normal(size=(points, 2))
    if network.loss == "mse":
        return x, draw.normal(size=(points, outputs))
    probabilities = draw.uniform(size=(points, outputs))
    return x, probabilities if outputs == 1 else probabilities / probabilities.sum(axis=1, keepdims=True)


def starts(network: Network, rates: int = 3) -> np.ndarray:
    """(rates, P) of networks that differ."""
    return 2 * np.array([network.start(seed) for seed in range(rates)])


def torch_model(network: Network, parameters: np.ndarray) -> torch.nn.Sequential:
    """PyTorch's own layers with these parameters (P,); they keep weights as (outputs, inputs)."""
    model, at = torch.nn.Sequential(), 0
    for layer, (inputs, outputs) in enumerate(pairwise(network.widths)):
        linear = torch.nn.Linear(inputs, outputs, dtype=torch.float64)
        weights, biases = np.split(parameters[at : at + (inputs + 1) * outputs], [inputs * outputs])
        linear.weight.data = torch.tensor(weights.reshape(inputs, outputs).T.copy())
        linear.bias.data = torch.tensor(biases)
        model.append(linear)
        at += (inputs + 1) * outputs
        if layer < len(network.widths) - 2:
            model.append(LAYERS[network.activation]())
    return model


def torch_loss_and_gradient(
    network: Network, parameters: np.ndarray, x: np.ndarray, targets: np.ndarray
) -> tuple[float, np.ndarray]:
    """The loss of PyTorch's own modules plus penalties of weights alone, and its gradient (P,) by autograd."""
    model = torch_model(network, parameters)
    if network.loss == "mse":
        criterion = torch.nn.MSELoss()
    else:
        criterion = torch.nn.BCEWithLogitsLoss() if network.widths[-1] == 1 else torch.nn.CrossEntropyLoss()
    linears = [part for part in model if isinstance(part, torch.nn.Linear)]
    value = criterion(model(torch.tensor(x)), torch.tensor(targets))
    for linear in linears:
        value = value + network.l1 * linear.weight.abs().sum() + network.l2 * linear.weight.square().sum()
    value.backward()
    packed = [part for linear in linears for part in (linear.weight.grad.T.flatten(), linear.bias.grad)]
    return value.item(), torch.cat(packed).numpy()
