"""The network of lesson 6 trained as one would in PyTorch: nn.Sequential, autograd, torch.optim."""

from itertools import pairwise

import numpy as np
import torch
from numpy import ndarray as Array

from ..methods.network import Network
from .exclusive_or import AGREEMENT_STEPS, NETWORK, SAME, XOR_X, XOR_Y, Agreement, weights_on_the_way

_ACTIVATIONS = {
    "tanh": torch.nn.Tanh,
    "relu": torch.nn.ReLU,
    "sigmoid": torch.nn.Sigmoid,
    "identity": torch.nn.Identity,
}


def path_by_torch(network: Network, start: Array, x: Array, y: Array, learning_rate: float, steps: int) -> Array:
    """(steps + 1, P) the parameters after 0, 1, ..., steps steps with all of x (n, inputs) and y (n, outputs).

    The loss is the mean of squares. Parameters come and go packed as Network packs them.
    """
    model = _model(network, start)
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate)
    inputs, targets = torch.tensor(x), torch.tensor(y)
    path = [start]
    for _ in range(steps):
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(model(inputs), targets)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        path.append(_packed(model))
    return np.array(path)


def agreement(seed: int, learning_rate: float) -> Agreement | None:
    """How far NumPy and PyTorch agree on exclusive-or; None where the rate is negative, which torch.optim refuses."""
    if learning_rate < 0:
        return None
    by_hand = weights_on_the_way(seed, learning_rate, AGREEMENT_STEPS)
    by_torch = path_by_torch(NETWORK, NETWORK.start(seed), XOR_X, XOR_Y, learning_rate, AGREEMENT_STEPS)
    with np.errstate(invalid="ignore", over="ignore"):
        differences = np.abs(by_hand - by_torch).max(axis=1) / np.abs(by_hand).max(axis=1)
    apart = np.flatnonzero(~(differences <= SAME))  # what overflows has parted too
    return Agreement(
        difference=float(differences[-1]), steps=AGREEMENT_STEPS, parted=int(apart[0]) if len(apart) else None
    )


def _model(network: Network, start: Array) -> torch.nn.Sequential:
    parts: list[torch.nn.Module] = []
    for (inputs, outputs), given in zip(pairwise(network.widths), network.layers(start[None]), strict=True):
        layer = torch.nn.Linear(inputs, outputs, dtype=torch.float64)
        with torch.no_grad():
            layer.weight.copy_(torch.tensor(given.weights[0].T))
            layer.bias.copy_(torch.tensor(given.biases[0, 0]))
        parts += [layer, _ACTIVATIONS[network.activation]()]
    return torch.nn.Sequential(*parts[:-1])  # outputs are left as they are


def _packed(model: torch.nn.Sequential) -> Array:
    """(P,) as Network packs them; torch.nn.Linear keeps its weights transposed."""
    layers = [layer for layer in model if isinstance(layer, torch.nn.Linear)]
    return np.concatenate([part.detach().numpy().ravel() for at in layers for part in (at.weight.T, at.bias)])
