"""What a network minimises, written in PyTorch: the forward pass, the loss and the penalty of R networks at once.

Gradients and products with the Hessian are autograd's. Held against network.py and network_hessian.py, where they are
written by hand.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import torch
from numpy import ndarray as Array
from torch.nn import functional

from ..methods.network import Network
from ..methods.network_hessian import Product

_ACTIVATIONS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "tanh": torch.tanh,
    "relu": torch.relu,
    "sigmoid": torch.sigmoid,
    "identity": lambda z: z,
}


class Layer(NamedTuple):
    """weights (R, inputs, outputs), biases (R, 1, outputs)."""

    weights: torch.Tensor
    biases: torch.Tensor


def layers(network: Network, parameters: torch.Tensor) -> list[Layer]:
    """Parameters (R, P), packed as Network packs them, as layers: views."""
    found, at = [], 0
    for inputs, outputs in pairwise(network.widths):
        middle, end = at + inputs * outputs, at + (inputs + 1) * outputs
        weights = parameters[:, at:middle].view(-1, inputs, outputs)
        found.append(Layer(weights, parameters[:, middle:end].view(-1, 1, outputs)))
        at = end
    return found


def objective(network: Network, of: list[Layer], inputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """(R,) what is minimised: the mean loss over the rows plus the penalty.

    inputs (d, n) and targets (k, n): points last, because products and activations then run along memory.
    """
    rates = len(of[0].weights)
    activations = inputs.expand(rates, *inputs.shape)
    for k, (weights, biases) in enumerate(of):
        activations = torch.baddbmm(biases.mT, weights.mT, activations)
        if k < len(of) - 1:
            activations = _ACTIVATIONS[network.activation](activations)
    loss = _mean_loss(network, activations, targets.expand(rates, *targets.shape))
    for size, power in ((network.l1, 1), (network.l2, 2)):
        if size:
            loss = loss + size * sum(weights.abs().pow(power).sum(dim=(1, 2)) for weights, _ in of)
    return loss


def _mean_loss(network: Network, outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """outputs and targets (R, k, n) -> (R,)."""
    if network.loss == "mse":
        return functional.mse_loss(outputs, targets, reduction="none").mean(dim=(1, 2))
    if network.widths[-1] == 1:
        return functional.binary_cross_entropy_with_logits(outputs, targets, reduction="none").mean(dim=(1, 2))
    return functional.cross_entropy(outputs, targets, reduction="none").mean(dim=1)


def hessian_product(network: Network, parameters: Array, x: Array, targets: Array) -> Product:
    """The function (R, P) -> (R, P) that multiplies each row with the Hessian of its own network.

    parameters (R, P), x (n, inputs), targets (n, outputs). The gradient is differentiated once more, and one graph of
    it serves all products.
    """
    at = torch.tensor(parameters, requires_grad=True)
    loss = objective(network, layers(network, at), torch.tensor(x.T.copy()), torch.tensor(targets.T.copy())).sum()
    (gradient,) = torch.autograd.grad(loss, at, create_graph=True)

    def product(vectors: Array) -> Array:
        if not gradient.requires_grad:  # a loss without any curvature
            return np.zeros_like(vectors)
        (along,) = torch.autograd.grad(gradient, at, torch.tensor(vectors), retain_graph=True)
        return along.numpy()

    return product
