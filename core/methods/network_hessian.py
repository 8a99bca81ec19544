"""The Hessian of what a network minimises, times vectors, by hand and exact; the Hessian itself is never formed.

It is the derivative of the gradient along a vector v: with R{f} = d/de f(parameters + e v) at e = 0, every line of
Network.forward and Network.backward has a line of its own,

    z = a W + b           R{z} = a V + R{a} W + c            (V, c: the layer's share of v)
    a = f(z)              R{a} = f'(z) R{z}
    error = loss'(y)      R{error} = loss''(y) R{y}
    error W' = back       R{back} = R{error} W' + error V'
    error = f' back       R{error} = f' R{back} + f'' R{z} back
    dw = a' error         R{dw} = a' R{error} + R{a}' error

and the last line's R{dw}, R{db} are the product. R networks of one shape are worked out together.
Source: Pearlmutter (1994), "Fast exact multiplication by the Hessian", Neural Computation 6(1):147-160.
"""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy import ndarray as Array

from .network import ACTIVATIONS, LOSSES, Network

Product = Callable[[Array], Array]  # (R, P) -> (R, P): each row times its own matrix


def hessian_product(network: Network, parameters: Array, x: Array, targets: Array) -> Product:
    """The function (R, P) -> (R, P) that multiplies each row with the Hessian of its own network.

    parameters (R, P), x (n, inputs), targets (n, outputs). Of the mean loss plus the penalty, whose l2 adds
    2 l2 to every weight's own entry, and whose l1 has no curvature. What depends on the parameters alone is worked
    out here, once for all products.
    """
    return _Passes(network, parameters, x, targets).product


class _Passes:
    """Forward and backward at some parameters, kept for the products. Lists go from the first layer to the last.

    matrices (R, inputs + 1, outputs): weights, then a row of biases.  inputs (R, n, inputs + 1), of the first layer
    (n, inputs + 1): what each layer is given, and a column of ones.  errors (R, n, outputs): how the loss rises with
    each of its sums.  derivatives, curved (R, n, inputs): f' of its inputs, and f'' times what comes back to them.
    """

    def __init__(self, network: Network, parameters: Array, x: Array, targets: Array) -> None:
        activation, self._loss = ACTIVATIONS[network.activation], LOSSES[network.loss]
        self._network, self._targets = network, targets
        *activations, self._outputs = network.forward(parameters, x)
        self._matrices = self._by_layer(parameters)
        self._inputs = [np.concatenate([each, np.ones((*each.shape[:-1], 1))], axis=-1) for each in activations]
        self._derivatives = [activation.derivative(each) for each in activations]
        self._curved: list[Array | None] = [None] * len(activations)  # None: 0 everywhere
        self._errors = [self._loss.derivative(self._outputs, targets)]
        for k in reversed(range(1, len(activations))):
            back = self._errors[0] @ self._matrices[k][:, :-1].mT
            self._curved[k] = (
                activation.second_derivative(activations[k]) * back if activation.second_derivative else None
            )
            self._errors.insert(0, self._derivatives[k] * back)

    def product(self, vectors: Array) -> Array:
        """(R, P) the Hessians times vectors (R, P)."""
        along: Array = 2 * self._network.l2 * self._network.penalised * vectors
        shares, added = self._by_layer(vectors), self._by_layer(along)
        sums, moved = self._forward(shares)
        error = self._loss.second_derivative(self._outputs, self._targets, sums[-1])
        for k in reversed(range(len(shares))):
            added[k] += self._inputs[k].mT @ error
            if k > 0:
                added[k][:, :-1] += moved[k].mT @ self._errors[k]
                back = error @ self._matrices[k][:, :-1].mT + self._errors[k] @ shares[k][:, :-1].mT
                curved = self._curved[k]
                error = self._derivatives[k] * back
                if curved is not None:
                    error += curved * sums[k - 1]
        return along

    def _forward(self, shares: list[Array]) -> tuple[list[Array], list[Array]]:
        """(R{z} of each layer, R{a} of its inputs); the data do not move."""
        sums, moved = [self._inputs[0] @ shares[0]], [np.zeros(1)]
        for k in range(1, len(shares)):
            moved.append(self._derivatives[k] * sums[-1])
            sums.append(self._inputs[k] @ shares[k] + moved[k] @ self._matrices[k][:, :-1])
        return sums, moved

    def _by_layer(self, rows: Array) -> list[Array]:
        """Rows (R, P) as a matrix (R, inputs + 1, outputs) for each layer: views."""
        found, at = [], 0
        for inputs, outputs in pairwise(self._network.widths):
            end = at + (inputs + 1) * outputs
            found.append(rows[:, at:end].reshape(-1, inputs + 1, outputs))
            at = end
        return found
