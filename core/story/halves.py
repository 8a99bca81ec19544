"""The two halves of a training step, of which lesson 5 swaps one at a time: find the gradient, then use it.

The line y = w x + b on the article's four points, y = 2x, from w = b = 0; the loss is the mean of squares.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy import ndarray as Array

from ..data.datasets import dataset
from ..methods.descent import descend
from ..methods.optimizers import UpdateRule, adam, gradient_descent

Pair = tuple[Any, Any]  # two numbers, Python's or NumPy's
Gradient = Callable[[float, float], Pair]

DATA = "article-torch"
X, Y = dataset(DATA).x[:, 0], dataset(DATA).y
START = (0.0, 0.0)  # w, b
BEST = (2.0, 0.0)  # y = 2x lies on all four points
RATE, STEPS = 0.01, 100  # the article's

RULES: dict[str, tuple[UpdateRule, float]] = {
    "gradient descent": (gradient_descent, 0.0),
    "momentum": (gradient_descent, 0.9),
    "Adam": (adam, 0.9),
}

CALLS = ("zero_grad", "backward", "step")
NOTHING = "nothing"


# Shown on the page as they run: their names and formulas say all, so they carry no docstrings.
def loss(w: float, b: float) -> float:
    return float(np.mean((w * X + b - Y) ** 2))


def by_hand(w: float, b: float) -> Pair:
    error = w * X + b - Y
    dw = 2 * np.mean(error * X)
    db = 2 * np.mean(error)
    return dw, db


def by_finite_differences(w: float, b: float, nudge: float) -> Pair:
    dw = (loss(w + nudge, b) - loss(w - nudge, b)) / (2 * nudge)
    db = (loss(w, b + nudge) - loss(w, b - nudge)) / (2 * nudge)
    return dw, db


def path(gradient: Gradient, rule: str = "gradient descent", rate: float = RATE, steps: int = STEPS) -> Array:
    """(steps + 1, 2) w and b after 0, 1, ..., steps updates."""
    update, momentum = RULES[rule]
    places: Array = descend(lambda here: np.array([gradient(*here[0])]), START, rate, steps, update, momentum)[0]
    return places


def losses(places: Array) -> Array:
    """(K,) the loss at each of the places (K, 2); inf and nan as they come."""
    with np.errstate(over="ignore", invalid="ignore"):
        return np.asarray(np.mean((places[:, :1] * X + places[:, 1:] - Y) ** 2, axis=1))


def apart(one: Array, other: Array) -> float:
    """The largest difference between two paths, in w or in b."""
    return float(np.abs(one - other).max())


@dataclass(frozen=True, slots=True, kw_only=True)
class Tensors:
    """What PyTorch holds: the two parameters and the .grad of each, None where there is none."""

    w: float
    b: float
    w_grad: float | None
    b_grad: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of the loop: which of CALLS, in which epoch (from 1), at which loss, the tensors before and after."""

    name: str
    epoch: int
    loss: float
    before: Tensors
    after: Tensors


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """PyTorch's training loop as it ran without the call `left_out` (or NOTHING). losses: after 0, 1, ... epochs."""

    left_out: str
    calls: tuple[Call, ...]
    losses: tuple[float, ...]
