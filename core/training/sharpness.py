"""Sharpness: the largest eigenvalue of the Hessian of what is minimised, by Lanczos.

The Hessian itself is never formed: whoever trains says how to multiply it with a vector, NumPy's engine by hand,
PyTorch's by autograd. R networks are measured together; their rows don't touch each other, so a product is R products
at once.
Sources: Pearlmutter (1994), Neural Computation 6(1); Lanczos (1950); Cohen et al. (2021), arXiv 2103.00065.
"""

from collections.abc import Callable

import numpy as np
from numpy import ndarray as Array

from ..methods.network_hessian import Product

_FIRST, _LATER = 40, 4  # products of a measurement: at most, and at least after the first
_NEAR = 1e-4  # the residual, of the eigenvalue, that is near enough: the eigenvalue is off by about its square
_ROUNDING = 1e-12  # of the largest entry so far: a new direction shorter than that is made of rounding
_START = 20_240_615  # draws the vector the first measurement starts from


class Sharpness:
    """Measures R networks of P parameters, again and again while they are trained.

    hessian: parameters (r, P) in float64 -> the Product with their Hessians.  Each measurement starts from the
    eigenvectors of the one before, which have moved little.
    """

    def __init__(self, hessian: Callable[[Array], Product], rates: int, size: int) -> None:
        self._hessian = hessian
        start = np.random.default_rng(_START).normal(size=size)
        self._vectors = np.tile(start / np.linalg.norm(start), (rates, 1))
        self._products = _FIRST

    def measure(self, parameters: Array, preconditioner: Array | None = None) -> Array:
        """(R,) the largest eigenvalue of each Hessian at parameters (R, P), in float64 whatever they are in.

        preconditioner (R, P), positive: then of D^-1/2 H D^-1/2, D the diagonal matrix of its entries.
        nan for a network whose parameters, or whose Hessian there, are not finite.
        """
        found = np.full(len(parameters), np.nan)
        (rows,) = np.nonzero(np.isfinite(parameters).all(axis=1))
        if not rows.size:
            return found
        scale = np.ones(1) if preconditioner is None else 1 / np.sqrt(preconditioner[rows].astype(float))
        product = self._hessian(parameters[rows].astype(float))
        found[rows], vectors = lanczos(lambda v: scale * product(scale * v), self._vectors[rows], self._products)
        sound = np.isfinite(vectors).all(axis=1)
        self._vectors[rows[sound]] = vectors[sound]
        self._products = _LATER
        return np.where(np.isfinite(found), found, np.nan)


def lanczos(product: Product, start: Array, enough: int) -> tuple[Array, Array]:
    """(largest eigenvalues (R,), their unit eigenvectors (R, P)) of R symmetric matrices, given by their products.

    After `enough` products the residual decides whether it goes on, up to _FIRST and never beyond P.
    Every new direction is made orthogonal to all before, twice, as rounding would let them creep back. Where no new
    one is left, all that can be reached from the start has been seen: what would follow is rounding, and is left out.
    """
    rates, width = start.shape
    most = min(_FIRST, width)
    basis = np.zeros((rates, most, width))
    diagonal, beside = np.zeros((rates, most)), np.zeros((rates, most))
    vector, ended = start, np.zeros(rates, bool)
    for k in range(most):
        basis[:, k] = vector
        image = product(vector)
        diagonal[:, k] = (image * vector).sum(axis=1)
        # An entry of its own, below all others, stands for no direction.
        diagonal[ended, k] = diagonal[ended, 0] - np.maximum(1, np.abs(diagonal[ended, 0]))
        for _ in range(2):
            image = image - np.einsum(
                "rk,rkp->rp", np.einsum("rkp,rp->rk", basis[:, : k + 1], image), basis[:, : k + 1]
            )
        beside[:, k] = np.sqrt((image * image).sum(axis=1))
        largest = np.maximum(np.abs(diagonal[:, : k + 1]), beside[:, : k + 1]).max(axis=1)
        ended |= beside[:, k] <= _ROUNDING * largest
        beside[ended, k] = 0.0
        if k + 1 >= min(enough, most):
            values, weights = _top(diagonal[:, : k + 1], beside[:, :k])
            residual = beside[:, k] * np.abs(weights[:, -1])
            if k + 1 == most or not (residual > _NEAR * np.abs(values)).any():
                break
        vector = np.where(ended[:, None], 0.0, image / np.where(ended, 1.0, beside[:, k])[:, None])
    vectors = np.einsum("rk,rkp->rp", weights, basis[:, : weights.shape[1]])
    return values, vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def _top(diagonal: Array, beside: Array) -> tuple[Array, Array]:
    """(largest eigenvalues (R,), their eigenvectors (R, k)) of tridiagonal matrices; nan where they are not finite."""
    rates, k = diagonal.shape
    matrices = np.zeros((rates, k, k))
    matrices[:, np.arange(k), np.arange(k)] = diagonal
    matrices[:, np.arange(k - 1), np.arange(1, k)] = matrices[:, np.arange(1, k), np.arange(k - 1)] = beside
    sound = np.asarray(np.isfinite(matrices).all(axis=(1, 2)))
    values, vectors = np.linalg.eigh(np.where(sound[:, None, None], matrices, 0.0))
    return np.where(sound, values[:, -1], np.nan), np.where(sound[:, None], vectors[:, :, -1], np.nan)
