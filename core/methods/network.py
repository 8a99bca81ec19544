"""A network of any depth from scratch: forward, loss and backward by hand, in NumPy.

Parameters are (R, P), a row for each learning rate (or each start), so R networks of one shape are computed
by the same few lines, and the update rules of optimizers.py move them as they move the line.  A row holds
layer after layer: the weights (inputs, outputs) row by row, then the biases.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy import ndarray as Array


class Activation(NamedTuple):
    """a = function(z), and its derivatives da/dz and d2a/dz2, here functions of a alone, which these four allow.

    second_derivative: None where it is 0 everywhere.
    """

    function: Callable[[Array], Array]
    derivative: Callable[[Array], Array]
    second_derivative: Callable[[Array], Array] | None = None


class Loss(NamedTuple):
    """outputs (R, n, k), targets (n, k) -> mean loss (R,); and its derivative by each output (R, n, k).

    second_derivative: (outputs, targets, moves (R, n, k)) -> (R, n, k), how that derivative changes along the moves.
    """

    mean: Callable[[Array, Array], Array]
    derivative: Callable[[Array, Array], Array]
    second_derivative: Callable[[Array, Array, Array], Array]


class Layer(NamedTuple):
    """weights (R, inputs, outputs) and biases (R, 1, outputs): views into the parameters, nothing is copied."""

    weights: Array
    biases: Array


def _sigmoid(z: Array) -> Array:
    """1 / (1 + exp(-z)), written so that no exp overflows."""
    half: Array = 0.5 * (1 + np.tanh(0.5 * z))
    return half


def _log_softmax(outputs: Array) -> Array:
    """(R, n, k) log softmax; the largest output is taken off first, so that no exp overflows."""
    outputs = outputs - outputs.max(axis=-1, keepdims=True)
    log_softmax: Array = outputs - np.log(np.exp(outputs).sum(axis=-1, keepdims=True))
    return log_softmax


ACTIVATIONS = {
    "tanh": Activation(np.tanh, lambda a: 1 - a * a, lambda a: -2 * a * (1 - a * a)),
    "relu": Activation(lambda z: np.maximum(z, 0), lambda a: (a > 0).astype(a.dtype)),
    "sigmoid": Activation(_sigmoid, lambda a: a * (1 - a), lambda a: a * (1 - a) * (1 - 2 * a)),
    "identity": Activation(lambda z: z, np.ones_like),
}


def _cross_entropy(outputs: Array, targets: Array) -> Array:
    if outputs.shape[-1] == 1:  # -t log p - (1 - t) log(1 - p) with p = sigmoid(z), written so that nothing overflows
        losses = np.maximum(outputs, 0) - targets * outputs + np.log1p(np.exp(-np.abs(outputs)))
    else:
        losses = -(targets * _log_softmax(outputs)).sum(axis=2, keepdims=True)
    mean: Array = losses.mean(axis=(1, 2))
    return mean


def _probabilities(outputs: Array) -> Array:
    return _sigmoid(outputs) if outputs.shape[-1] == 1 else np.exp(_log_softmax(outputs))


def _cross_entropy_derivative(outputs: Array, targets: Array) -> Array:
    derivative: Array = (_probabilities(outputs) - targets) / len(targets)
    return derivative


def _cross_entropy_second_derivative(outputs: Array, targets: Array, moves: Array) -> Array:
    """p_i (dz_i - sum_j p_j dz_j) / n; with one output, whose score is one of 0 and z, p (1 - p) dz / n."""
    probabilities = _probabilities(outputs)
    mean = (probabilities * moves).sum(axis=-1, keepdims=True)
    changes: Array = probabilities * (moves - mean) / len(targets)
    return changes


# As torch.nn.MSELoss, which takes the mean over n * k squares, and as torch.nn.CrossEntropyLoss with probabilities
# as targets, which takes it over n rows; with one output as torch.nn.BCEWithLogitsLoss.
LOSSES = {
    "mse": Loss(
        lambda outputs, targets: ((outputs - targets) ** 2).mean(axis=(1, 2)),
        lambda outputs, targets: 2 * (outputs - targets) / targets.size,
        lambda outputs, targets, moves: 2 * moves / targets.size,
    ),
    "cross-entropy": Loss(_cross_entropy, _cross_entropy_derivative, _cross_entropy_second_derivative),
}


@lru_cache(maxsize=64)  # asked for at every step
def _weights(widths: tuple[int, ...]) -> Array:
    """(P,) bool: where a row of parameters holds weights, and not biases."""
    layers = [np.repeat([True, False], [inputs * outputs, outputs]) for inputs, outputs in pairwise(widths)]
    weights = np.concatenate(layers)
    weights.flags.writeable = False
    return weights


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """A network's shape: it holds no parameters, every method is given them.

    widths: how many numbers each layer has, from the inputs to the outputs; (2, 3, 1) has one hidden layer of 3,
    (2, 1) none.  activation: of the hidden layers; outputs are left as they are.
    loss: "mse", mean((output - target)^2) without a half, or "cross-entropy" for classes: outputs are then scores
    (logits) and a target is a row of probabilities with sum 1; one output is the score of the second of two classes,
    its target the probability of that class.
    l1, l2: what is minimised is the loss plus l1 * sum |w| + l2 * sum w^2 over all weights; biases are left free.
    """

    widths: tuple[int, ...]
    activation: str = "tanh"
    loss: str = "mse"
    l1: float = 0.0
    l2: float = 0.0

    def __post_init__(self) -> None:
        if len(self.widths) < 2 or min(self.widths) < 1:
            raise ValueError(f"widths must be two or more whole numbers >= 1, got {self.widths}")
        if self.activation not in ACTIVATIONS:
            raise ValueError(f"activation must be one of {', '.join(ACTIVATIONS)}, got {self.activation!r}")
        if self.loss not in LOSSES:
            raise ValueError(f"loss must be one of {', '.join(LOSSES)}, got {self.loss!r}")

    @property
    def size(self) -> int:
        """P, the number of weights and biases."""
        return sum((inputs + 1) * outputs for inputs, outputs in pairwise(self.widths))

    @property
    def penalised(self) -> Array:
        """(P,) bool: True for weights, which l1 and l2 pull towards 0, False for biases."""
        return _weights(self.widths)

    def penalty(self, parameters: Array) -> Array:
        """(R,) l1 * sum |w| + l2 * sum w^2 of parameters (R, P)."""
        weights = parameters[:, self.penalised]
        penalty: Array = self.l1 * np.abs(weights).sum(axis=1) + self.l2 * (weights * weights).sum(axis=1)
        return penalty

    def penalty_gradient(self, parameters: Array) -> Array:
        """(R, P) the gradient of the penalty; at w = 0, where |w| has a corner, 0."""
        gradient: Array = self.penalised * (self.l1 * np.sign(parameters) + 2 * self.l2 * parameters)
        return gradient.astype(parameters.dtype)

    def start(self, seed: int) -> Array:
        """(P,) first parameters, drawn layer by layer from the seed.

        Weights and biases are uniform in +-1 / sqrt(inputs of the layer), as torch.nn.Linear draws its own by
        default; the idea, sums that neither die out nor saturate, is LeCun et al. (1998), Efficient BackProp, 4.6.
        """
        draw = np.random.default_rng(seed)
        layers = (
            draw.uniform(-(inputs**-0.5), inputs**-0.5, (inputs + 1) * outputs)
            for inputs, outputs in pairwise(self.widths)
        )
        return np.concatenate(list(layers))

    def layers(self, parameters: Array) -> list[Layer]:
        """The parameters (R, P), or a gradient (R, P), as layers: what is written into them is written into it."""
        found, at = [], 0
        for inputs, outputs in pairwise(self.widths):
            biases, end = at + inputs * outputs, at + (inputs + 1) * outputs
            found.append(
                Layer(
                    weights=parameters[:, at:biases].reshape(-1, inputs, outputs),
                    biases=parameters[:, None, biases:end],
                )
            )
            at = end
        return found

    def forward(self, parameters: Array, x: Array) -> list[Array]:
        """The activations of every layer for x (n, inputs): [x, hidden (R, n, width), ..., outputs (R, n, outputs)]."""
        activation = ACTIVATIONS[self.activation].function
        *hidden, last = self.layers(parameters)
        activations = [x]
        for layer in hidden:
            activations.append(activation(activations[-1] @ layer.weights + layer.biases))
        activations.append(activations[-1] @ last.weights + last.biases)
        return activations

    def mean_loss(self, outputs: Array, targets: Array) -> Array:
        """(R,) the loss, from the last of what `forward` returned and targets (n, outputs)."""
        return LOSSES[self.loss].mean(outputs, targets)

    def backward(self, parameters: Array, activations: list[Array], targets: Array) -> Array:
        """(R, P) the gradient of the loss, from what `forward` returned; the chain rule, last layer first."""
        derivative = ACTIVATIONS[self.activation].derivative
        gradient = np.empty_like(parameters)
        layers, shares = self.layers(parameters), self.layers(gradient)
        error = LOSSES[self.loss].derivative(activations[-1], targets)  # (R, n, outputs)
        for k in reversed(range(len(layers))):
            shares[k].weights[:] = activations[k].mT @ error  # what came in times the error that comes back
            shares[k].biases[:] = error.sum(axis=1, keepdims=True)  # a bias is a weight whose input is 1
            if k > 0:
                error = error @ layers[k].weights.mT * derivative(activations[k])
        return gradient

    def gradient(self, parameters: Array, x: Array, targets: Array) -> Array:
        """(R, P) forward, then backward."""
        return self.backward(parameters, self.forward(parameters, x), targets)
