"""The catapult: a wide two-layer net whose loss first shoots up, and which then trains.

f = v . u / sqrt(n) on one point (x = 1, y = 0), loss = f^2 / 2. The sharpness of that loss, its curvature along the
gradient, is (|u|^2 + |v|^2) / n near f = 0. Above lr x sharpness = 2 the loss grows, as on any bowl; but a large f
shortens u and v, so the sharpness falls: up to lr x sharpness of about 4 at the start it falls below 2 / lr, and the
run settles in a flatter place. Beyond 4 the sharpness grows too, and the run diverges.
Source: Lewkowycz et al. (2020), "The large learning rate phase of deep learning", arXiv 2003.02218, section 3.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy import ndarray as Array

from .descent import descend

UNITS = 512  # hidden units, as in the source
STEPS = 60  # until all of them have settled or are gone
_ARRIVED = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Catapult:
    """What R runs did. rate_times_sharpness (R, K + 1): after 0, ..., K steps.  loss (R, K + 1): f^2 / 2."""

    rate_times_sharpness: Array
    loss: Array

    def peak(self, run: int) -> tuple[float, int]:
        """(the largest finite loss of a run, its step)."""
        finite = np.where(np.isfinite(self.loss[run]), self.loss[run], -np.inf)
        return float(finite.max()), int(finite.argmax())

    def recovers(self, run: int) -> bool:
        """Whether a run ends with a loss of next to nothing."""
        return bool(self.loss[run, -1] < _ARRIVED)


def start(seed: int = 0) -> Array:
    """(2 n,) u, then v: standard normal numbers."""
    return np.random.default_rng(seed).normal(size=2 * UNITS)


def output(parameters: Array) -> Array:
    """(...) f = v . u / sqrt(n) of parameters (..., 2 n)."""
    u, v = np.split(parameters, 2, axis=-1)
    with np.errstate(over="ignore", invalid="ignore"):
        return np.asarray((u * v).sum(axis=-1) / math.sqrt(UNITS))


def gradient(parameters: Array) -> Array:
    """(..., 2 n) derivative of f^2 / 2: f v / sqrt(n) for u, f u / sqrt(n) for v."""
    u, v = np.split(parameters, 2, axis=-1)
    with np.errstate(over="ignore", invalid="ignore"):
        return np.asarray(output(parameters)[..., None] * np.concatenate([v, u], axis=-1) / math.sqrt(UNITS))


def sharpness(parameters: Array) -> Array:
    """(...) (|u|^2 + |v|^2) / n, the curvature along the gradient where f is small."""
    with np.errstate(over="ignore", invalid="ignore"):
        return np.asarray((parameters**2).sum(axis=-1) / UNITS)


def catapult(rates_times_sharpness: Sequence[float], seed: int = 0, steps: int = STEPS) -> Catapult:
    """Plain gradient descent from one start, at the rates that give these lr x sharpness at the start."""
    begin = start(seed)
    rates = np.asarray(rates_times_sharpness, float) / float(sharpness(begin))
    way = descend(gradient, begin, rates, steps)  # (R, steps + 1, 2 n)
    with np.errstate(over="ignore", invalid="ignore"):
        return Catapult(rate_times_sharpness=rates[:, None] * sharpness(way), loss=output(way) ** 2 / 2)
