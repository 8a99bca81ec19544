"""The fast way through a network: R of one shape at once, forward and backward, on arrays made once.

The numbers are those of Network.forward and Network.gradient; where they stand is chosen for speed:

- A layer's share of a parameter row is one matrix (inputs + 1, outputs) whose last row are the biases. With a
  row of ones below the inputs of the layer, biases and their gradient are part of the matrix products.
- Activations of a layer are (width, R, points). Points last, so that products and activations run along memory; width
  first, so that all rows but the ones are one piece of it, and so that the first layers, whose inputs are the same
  at every rate, are one product together.
- Every result goes into an array that exists already, an error into the place of the activation it belongs to;
  and every view of these arrays is made once, because for small networks that costs as much as the numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy import ndarray as Array

from ..methods.network import Network

# Bytes of arrays in use at once: more rates than fit are taken in blocks. 512 rates of 2-16-16-1 in one piece take
# 1.8 times as long, since each product then waits for main memory.
_CACHE = 4_000_000


class NetworkPass:
    """Loss and gradient of R networks of one shape, all on the same points.

    inputs (n, d + 1) with a last column of ones, targets (n, k).  precision: what is computed in.
    Parameters are (R, P), packed as core/methods/network.py says.  rows: which points to look at; None for all.
    """

    def __init__(self, network: Network, inputs: Array, targets: Array, precision: str) -> None:
        self._network, self._inputs = network, inputs.shape[1]
        self._points = np.hstack([inputs, targets]).T.astype(precision, order="C")  # (d + 1 + k, n)
        self._penalised = network.l1 > 0 or network.l2 > 0
        self._loss = _LOSSES[network.loss, network.widths[-1] > 1]
        self._blocks: dict[tuple[int, int], list[tuple[slice, _Block]]] = {}

    def loss(self, parameters: Array, rows: Array | None = None) -> Array:
        """(R,) what is minimised: the mean loss over `rows`, plus the penalty."""
        inputs, targets = self._select(rows)
        loss = np.empty(len(parameters), self._points.dtype)
        for part, block in self._parts(len(parameters), inputs.shape[1]):
            loss[part] = self._loss.mean(block.forward(parameters[part], inputs), targets)
        if self._penalised:
            loss += self._network.penalty(parameters)
        return loss

    def backward(self, parameters: Array, rows: Array | None = None) -> tuple[Array, Array]:
        """(loss (R,), gradient (R, P)) of what is minimised."""
        inputs, targets = self._select(rows)
        loss, gradient = np.empty(len(parameters), self._points.dtype), np.empty_like(parameters)
        for part, block in self._parts(len(parameters), inputs.shape[1]):
            outputs = block.forward(parameters[part], inputs)
            loss[part] = self._loss.mean(outputs, targets)
            self._loss.differentiate(outputs, targets)
            gradient[part] = block.backward(inputs)
        if self._penalised:
            loss += self._network.penalty(parameters)
            gradient += self._network.penalty_gradient(parameters)
        return loss, gradient

    def _select(self, rows: Array | None) -> tuple[Array, Array]:
        """inputs (d + 1, m) and targets (k, 1, m) of these points."""
        points = self._points if rows is None else self._points.take(rows, axis=1)
        return points[: self._inputs], points[self._inputs :, None]

    def _parts(self, rates: int, points: int) -> list[tuple[slice, _Block]]:
        """Which rates to take together, and where; made when first asked for."""
        if (rates, points) not in self._blocks:
            widths, dtype = self._network.widths, self._points.dtype
            together = max(1, _CACHE // ((sum(widths[1:]) + max(widths)) * points * dtype.itemsize))
            parts = [slice(first, min(first + together, rates)) for first in range(0, rates, together)]
            sizes = {part.stop - part.start for part in parts}
            blocks = {size: _Block(self._network, size, points, dtype) for size in sizes}
            self._blocks[rates, points] = [(part, blocks[part.stop - part.start]) for part in parts]
        return self._blocks[rates, points]


class _Block:
    """The layers of some rates' networks at some points."""

    def __init__(self, network: Network, rates: int, points: int, dtype: np.dtype) -> None:
        self._activate, self._back_through = _ACTIVATIONS[network.activation]
        self._parameters = np.empty((rates, network.size), dtype)
        self._gradient = np.empty((rates, network.size), dtype)
        self._layers: list[_Layer] = []
        back, at = np.empty((max(network.widths), rates, points), dtype), 0
        for inputs, outputs in pairwise(network.widths):
            share, shape = slice(at, at + (inputs + 1) * outputs), (rates, inputs + 1, outputs)
            matrix, gradient = self._parameters[:, share].reshape(shape), self._gradient[:, share].reshape(shape)
            self._layers.append(_Layer(matrix, gradient, back[:inputs], first=at == 0))
            at = share.stop

    def forward(self, parameters: Array, inputs: Array) -> Array:
        """(k, R, m) outputs, from parameters (R, P) and inputs (d + 1, m)."""
        np.copyto(self._parameters, parameters)
        *hidden, last = self._layers
        for layer in hidden:
            layer.affine(inputs)
            self._activate(layer.activations)
            inputs = layer.with_ones
        last.affine(inputs)
        return last.activations

    def backward(self, inputs: Array) -> Array:
        """(R, P) the chain rule, last layer first, from the derivative of the loss, which replaced the outputs."""
        for k in range(len(self._layers) - 1, 0, -1):
            layer, below = self._layers[k], self._layers[k - 1]
            self._back_through(below.activations, layer.pass_back(below.with_ones))
        self._layers[0].end(inputs)
        return self._gradient


class _Layer:
    """One layer at some rates and points.

    activations (outputs, R, m): on the way back its error, the derivative of the loss by each of its sums.
    with_ones (R, outputs + 1, m): the same with a row of ones, the inputs of the next layer.
    matrix, gradient (R, inputs + 1, outputs): its shares of all parameters and of their gradient.
    back (inputs, R, m): where to write what goes back to the layer below.
    first: its inputs are the same (inputs + 1, m) at every rate, not (R, inputs + 1, m).
    """

    def __init__(self, matrix: Array, gradient: Array, back: Array, first: bool) -> None:
        (rates, inputs, outputs), points = matrix.shape, back.shape[2]
        with_ones = np.ones((outputs + 1, rates, points), matrix.dtype)
        self.activations, self.with_ones = with_ones[:-1], _by_rate(with_ones)
        # Forward: a copy of the matrix that lies as the activations do, times the inputs. The first layer takes
        # all rates as rows of one product, the others a product a rate.
        self._matrix, self._transposed = matrix.transpose(2, 0, 1), np.empty((outputs, rates, inputs), matrix.dtype)
        view = _flat if first else _by_rate
        self._factor, self._sums = view(self._transposed), view(self.activations)
        # Backward: the activations are then the error.
        self._weights, self._error = matrix[:, :-1], _by_rate(self.activations)
        self._gradient, self._error_transposed = gradient, self._error.mT
        self._first_gradient = gradient.transpose(2, 0, 1)
        self._weights_by_input = _by_rate(self._weights)
        self._back, self._back_by_rate = back, _by_rate(back)

    def affine(self, inputs: Array) -> None:
        """activations = weights times inputs, plus biases; the activation function is yet to come."""
        np.copyto(self._transposed, self._matrix)
        np.matmul(self._factor, inputs, out=self._sums)

    def pass_back(self, inputs: Array) -> Array:
        """Write the gradient, inputs times error; returns the error passed back to the layer below."""
        np.matmul(inputs, self._error_transposed, out=self._gradient)
        if len(self.activations) == 1:  # one output: a plain product of numbers, which is faster
            np.multiply(self._weights_by_input, self.activations, out=self._back)
        else:
            np.matmul(self._weights, self._error, out=self._back_by_rate)
        return self._back

    def end(self, inputs: Array) -> None:
        """Write the gradient of the first layer, all rates' by one product, where the copy of its matrix stood."""
        np.matmul(self._sums, inputs.T.copy(), out=self._factor)  # copied: BLAS is slow where both lie turned
        np.copyto(self._first_gradient, self._transposed)


def _by_rate(a: Array) -> Array:
    """(width, R, n) seen as (R, width, n), or the other way round."""
    return a.swapaxes(0, 1)


def _flat(a: Array) -> Array:
    """(width, R, n) seen as (width * R, n)."""
    return a.reshape(-1, a.shape[2])


class _Activation(NamedTuple):
    """forward: z becomes the activation a.  backward: a becomes error * da/dz.  Both in place."""

    forward: Callable[[Array], object]
    backward: Callable[[Array, Array], object]


def _tanh_back(a: Array, error: Array) -> None:
    a *= a
    np.subtract(1, a, out=a)
    a *= error


def _sigmoid(z: Array) -> None:
    z *= 0.5
    np.tanh(z, out=z)
    z += 1
    z *= 0.5


def _sigmoid_back(a: Array, error: Array) -> None:
    error *= a
    np.subtract(1, a, out=a)
    a *= error


_ACTIVATIONS = {
    "tanh": _Activation(lambda z: np.tanh(z, out=z), _tanh_back),
    "relu": _Activation(lambda z: np.maximum(z, 0, out=z), lambda a, error: np.multiply(error, a > 0, out=a)),
    "sigmoid": _Activation(_sigmoid, _sigmoid_back),
    "identity": _Activation(lambda z: z, lambda a, error: np.copyto(a, error)),
}


class _Loss(NamedTuple):
    """outputs (k, R, n), targets (k, 1, n) -> mean loss (R,); and outputs become its derivative, in place."""

    mean: Callable[[Array, Array], Array]
    differentiate: Callable[[Array, Array], object]


def _mean(losses: Array) -> Array:
    """(R,) from (R, n); a product, because NumPy's sum is slow along short rows."""
    n = losses.shape[1]
    mean: Array = losses @ np.full(n, 1 / n, losses.dtype)
    return mean


def _squares(outputs: Array, targets: Array) -> Array:
    error = outputs - targets
    mean: Array = np.vecdot(error, error).sum(axis=0) / targets.size
    return mean


def _squares_derivative(outputs: Array, targets: Array) -> None:
    outputs -= targets
    outputs *= 2 / targets.size


def _two_classes(outputs: Array, targets: Array) -> Array:
    """log(1 + e^z) - t z, as max(z, 0) + log(1 + e^-|z|) - t z, which does not overflow."""
    z = outputs[0]
    losses = np.abs(z)
    np.negative(losses, out=losses)
    np.exp(losses, out=losses)
    np.log1p(losses, out=losses)
    losses += np.maximum(z, 0)
    losses -= targets[0] * z
    return _mean(losses)


def _two_classes_derivative(outputs: Array, targets: Array) -> None:
    _sigmoid(outputs)
    outputs -= targets
    outputs /= targets.size


def _more_classes(outputs: Array, targets: Array) -> Array:
    """log(sum e^z) - sum t z, with the largest z taken off first, so that no exp overflows."""
    z = outputs - outputs.max(axis=0)
    return _mean(np.log(np.exp(z).sum(axis=0)) - (targets * z).sum(axis=0))


def _more_classes_derivative(outputs: Array, targets: Array) -> None:
    outputs -= outputs.max(axis=0)
    np.exp(outputs, out=outputs)
    outputs /= outputs.sum(axis=0)
    outputs -= targets
    outputs /= targets.shape[2]


_LOSSES = {
    ("mse", False): _Loss(_squares, _squares_derivative),
    ("mse", True): _Loss(_squares, _squares_derivative),
    ("cross-entropy", False): _Loss(_two_classes, _two_classes_derivative),
    ("cross-entropy", True): _Loss(_more_classes, _more_classes_derivative),
}
